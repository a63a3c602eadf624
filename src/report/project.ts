// Reporting's rows: the dossiers built, the pictures redacted and the bundles exported.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { bundleRecord, dossierRecord, redactionRecord } from './records.ts';

const tables = `
  create table dossier (position bigint primary key, name text not null, edition int not null, size bigint not null, root text not null, pages int not null,
    files jsonb not null);
  create table bundle (position bigint primary key, format text not null, size bigint not null, records bigint not null);
  create table redaction (position bigint primary key, handle text not null, item text not null, width int not null,
    height int not null, sha256 text not null, bytes bigint not null);
  create index on redaction (item);
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
  await insertRows(
    client,
    'redaction',
    { position: 'bigint', handle: 'text', item: 'text', width: 'int', height: 'int', sha256: 'text', bytes: 'bigint' },
    records
      .filter(({ kind }) => kind === 'report.redaction')
      .map(({ position, handle, refs, files, fields }) => {
        const { width, height } = redactionRecord.parse(fields).picture;
        const { sha256, size: bytes } = files['derivative']!;
        return { position, handle, item: refs['item'], width, height, sha256, bytes };
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
  redaction: {
    position: number;
    handle: string;
    /** Id of the item's record. */
    item: string;
    width: number;
    height: number;
    sha256: string;
    bytes: number;
  };
}

export const reportProjection: Projection = {
  name: 'report',
  tables,
  kinds: ['report.dossier', 'report.bundle', 'report.redaction'],
  project,
};
