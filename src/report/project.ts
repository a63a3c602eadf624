// Reporting's rows: the dossiers built and the bundles exported.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { bundleRecord, dossierRecord } from './records.ts';

const tables = `
  create table dossier (position bigint primary key, name text not null, edition int not null, size bigint not null, root text not null, pages int not null,
    files jsonb not null);
  create table bundle (position bigint primary key, format text not null, size bigint not null, records bigint not null);
`;

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'dossier',
    { position: 'bigint', name: 'text', edition: 'int', size: 'bigint', root: 'text', pages: 'int', files: 'jsonb' },
    records
      .filter(({ kind }) => kind === 'report.dossier')
      .map(({ position, fields, files }) => {
        const { dossier, edition, checkpoint, pages } = dossierRecord.parse(fields);
        return { position, name: dossier, edition, size: checkpoint.size, root: checkpoint.root, pages, files };
      }),
  );
  await insertRows(
    client,
    'bundle',
    { position: 'bigint', format: 'text', size: 'bigint', records: 'bigint' },
    records
      .filter(({ kind }) => kind === 'report.bundle')
      .map(({ position, fields }) => {
        const { format, checkpoint, records: disclosed } = bundleRecord.parse(fields);
        return { position, format, size: checkpoint.size, records: disclosed };
      }),
  );
}

/** Reporting's tables, as queries see them. */
export interface ReportTables {
  dossier: {
    position: number;
    name: string;
    edition: number;
    size: number;
    root: string;
    pages: number;
    files: unknown;
  };
  bundle: { position: number; format: string; size: number; records: number };
}

export const reportProjection: Projection = {
  name: 'report',
  tables,
  kinds: ['report.dossier', 'report.bundle'],
  project,
};
