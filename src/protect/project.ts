// Rows of the vault (pseudonyms, openings with their purpose; not where a ciphertext lies, and never an identity) and of
// the people of a case.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import {
  exposureRecord,
  keptRecord,
  loginRecord,
  memberRecord,
  openingRecord,
  searchRecord,
  sourceRecord,
  taskRecord,
} from './records.ts';
import type { ExposureRecord, SearchRecord } from './records.ts';
import type { Role } from './roles.ts';
import type { Proof } from './sessions.ts';

const tables = `
  create table protected_source (pseudonym text primary key, position bigint not null);
  create table vault_opening (position bigint primary key, at text not null, actor text not null, purpose text not null,
    pseudonym text, guardians jsonb not null);
  create table case_member (member text primary key, name text not null, roles jsonb not null, state text not null,
    since bigint not null, position bigint not null);
  create table login (position bigint primary key, at text not null, member text not null, how text not null);
  create table exposure (position bigint primary key, at text not null, actor text not null, item_id text not null,
    purpose text not null, colour boolean not null, side int not null, seconds int not null, confirmed boolean not null);
  create index on exposure (item_id);
  create table search_made (position bigint primary key, at text not null, actor text not null, words text not null,
    narrowed jsonb not null, found jsonb not null);
  create table task (handle text primary key, asked bigint not null, position bigint not null, words text not null,
    subject text, assignee text, state text not null);
  create index on task (state, asked);
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
  await projectPeople(client, records);
  await projectSearches(client, records);
  await projectTasks(client, records);
  await insertRows(
    client,
    'exposure',
    {
      position: 'bigint',
      at: 'text',
      actor: 'text',
      item_id: 'text',
      purpose: 'text',
      colour: 'boolean',
      side: 'int',
      seconds: 'int',
      confirmed: 'boolean',
    },
    records
      .filter(({ kind }) => kind === 'protect.exposure')
      .map(({ position, at, actor, refs, fields }) => {
        const said = exposureRecord.parse(fields);
        return { position, at, actor: actor.name, item_id: [refs['item'] ?? ''].flat()[0], ...said };
      }),
  );
}

async function projectSearches(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  await insertRows(
    client,
    'search_made',
    { position: 'bigint', at: 'text', actor: 'text', words: 'text', narrowed: 'jsonb', found: 'jsonb' },
    records
      .filter(({ kind }) => kind === 'protect.search')
      .map(({ position, at, actor, fields }) => ({ position, at, actor: actor.name, ...searchRecord.parse(fields) })),
  );
}

/** A later record of a task replaces it; when it was asked stays. */
async function projectTasks(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const tasks = records.filter(({ kind }) => kind === 'protect.task');
  const first = new Map(tasks.toReversed().map(({ handle, position }) => [handle, position]));
  const last = new Map(tasks.map((record) => [record.handle, record]));
  await insertRows(
    client,
    'task',
    {
      handle: 'text',
      asked: 'bigint',
      position: 'bigint',
      words: 'text',
      subject: 'text',
      assignee: 'text',
      state: 'text',
    },
    [...last].map(([handle, { position, fields }]) => ({
      handle,
      asked: first.get(handle),
      position,
      ...taskRecord.parse(fields),
    })),
    '(handle) do update set position = excluded.position, words = excluded.words, subject = excluded.subject, assignee = excluded.assignee, state = excluded.state',
  );
}

async function projectPeople(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const members = records.filter(({ kind }) => kind === 'protect.member');
  // Within one statement a row is inserted once: of several records of a member the first says since when, the last what.
  const first = new Map(members.toReversed().map((record) => [record.fields['member'], record.position]));
  const last = new Map(members.map((record) => [record.fields['member'], record]));
  await insertRows(
    client,
    'case_member',
    { member: 'text', name: 'text', roles: 'jsonb', state: 'text', since: 'bigint', position: 'bigint' },
    [...last].map(([member, { position, fields }]) => ({
      ...memberRecord.parse(fields),
      since: first.get(member),
      position,
    })),
    '(member) do update set name = excluded.name, roles = excluded.roles, state = excluded.state, position = excluded.position',
  );
  await insertRows(
    client,
    'login',
    { position: 'bigint', at: 'text', member: 'text', how: 'text' },
    records
      .filter(({ kind }) => kind === 'protect.login')
      .map(({ position, at, fields }) => ({ position, at, ...loginRecord.parse(fields) })),
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
  /** Whoever is or was of the case; `since`: the position of the first record of them. */
  case_member: {
    member: string;
    name: string;
    roles: Role[];
    state: 'here' | 'gone';
    since: number;
    position: number;
  };
  login: { position: number; at: string; member: string; how: Proof };
  /** Who was shown which item, by the id of its record, and how. */
  exposure: { position: number; at: string; actor: string; item_id: string } & ExposureRecord;
  /** Who searched for what. */
  search_made: { position: number; at: string; actor: string } & SearchRecord;
}

export const protectProjection: Projection = {
  name: 'protect',
  tables,
  kinds: [
    'protect.source',
    'protect.kept',
    'protect.opening',
    'protect.member',
    'protect.login',
    'protect.exposure',
    'protect.search',
    'protect.task',
  ],
  project,
};
