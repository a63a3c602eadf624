// The vault's rows: pseudonyms, and openings with their purpose. Not where a ciphertext lies, and never an identity.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { keptRecord, openingRecord, sourceRecord } from './records.ts';

const tables = `
  create table protected_source (pseudonym text primary key, position bigint not null);
  create table vault_opening (position bigint primary key, at text not null, actor text not null, purpose text not null,
    pseudonym text, guardians jsonb not null);
`;

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'protected_source',
    { pseudonym: 'text', position: 'bigint' },
    records.flatMap(({ kind, position, fields }) => {
      if (kind !== 'protect.source' && kind !== 'protect.kept') return [];
      const { pseudonym } = (kind === 'protect.source' ? sourceRecord : keptRecord).parse(fields);
      return [{ pseudonym, position }];
    }),
    '(pseudonym) do nothing',
  );
  await insertRows(
    client,
    'vault_opening',
    { position: 'bigint', at: 'text', actor: 'text', purpose: 'text', pseudonym: 'text', guardians: 'jsonb' },
    records
      .filter(({ kind }) => kind === 'protect.opening')
      .map(({ position, at, actor, fields }) => ({ position, at, actor: actor.name, ...openingRecord.parse(fields) })),
  );
}

/** The vault's tables, as queries see them. */
export interface ProtectTables {
  protected_source: { pseudonym: string; position: number };
  vault_opening: {
    position: number;
    at: string;
    actor: string;
    purpose: string;
    pseudonym: string | null;
    guardians: string[];
  };
}

export const protectProjection: Projection = {
  name: 'protect',
  tables,
  kinds: ['protect.source', 'protect.kept', 'protect.opening'],
  project,
};
