// Sealing's rows: the authorities a case trusts, and the tokens it has.
import type pg from 'pg';
import type { FileCitation } from '@dalil/verify';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { authorityRecord, timestampRecord } from './records.ts';

const tables = `
  create table authority (position bigint primary key, id text not null, name text not null, url text not null, policy text,
    revocations jsonb not null, withdrawn boolean not null, files jsonb not null);
  create table token (position bigint primary key, at text not null, authority text not null, size bigint not null, root text not null,
    gen_time text not null, valid_until text not null, subject text not null, files jsonb not null);
  create index on token (authority, size);
`;

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'authority',
    {
      position: 'bigint',
      id: 'text',
      name: 'text',
      url: 'text',
      policy: 'text',
      revocations: 'jsonb',
      withdrawn: 'boolean',
      files: 'jsonb',
    },
    records
      .filter(({ kind }) => kind === 'seal.authority')
      .map(({ position, id, files, fields }) => ({ position, id, files, ...authorityRecord.parse(fields) })),
  );
  await insertRows(
    client,
    'token',
    {
      position: 'bigint',
      at: 'text',
      authority: 'text',
      size: 'bigint',
      root: 'text',
      gen_time: 'text',
      valid_until: 'text',
      subject: 'text',
      files: 'jsonb',
    },
    records
      .filter(({ kind }) => kind === 'seal.timestamp')
      .map(({ position, at, files, fields }) => {
        const { authority, checkpoint, token } = timestampRecord.parse(fields);
        const { genTime: gen_time, validUntil: valid_until, subject } = token;
        return { position, at, authority, ...checkpoint, gen_time, valid_until, subject, files };
      }),
  );
}

/** Sealing's tables, as queries see them. */
export interface SealTables {
  authority: {
    position: number;
    id: string;
    name: string;
    url: string;
    policy: string | null;
    revocations: string[];
    withdrawn: boolean;
    files: Record<string, FileCitation>;
  };
  token: {
    position: number;
    at: string;
    authority: string;
    size: number;
    root: string;
    gen_time: string;
    valid_until: string;
    subject: string;
    files: Record<string, FileCitation>;
  };
}

export const sealProjection: Projection = {
  name: 'seal',
  tables,
  kinds: ['seal.authority', 'seal.timestamp'],
  project,
};
