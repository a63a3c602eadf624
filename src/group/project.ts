// Grouping's rows: the latest reading of each item, near-duplicates, individuals and their members.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { nearKinds, nearTables, projectNear, type NearTables } from './near-project.ts';
import { projectDecisions } from './project-decisions.ts';
import { markKinds, markTables, projectMarks } from './project-marks.ts';
import {
  agreementRecord,
  gatheringRecord,
  individualRecord,
  isProvisional,
  readingRecord,
  rulesRecord,
  type Agreed,
  type Reason,
} from './records.ts';

const tables = `
  create table rules (position bigint primary key, id text not null unique, body jsonb not null);
  create table reading (item text primary key, position bigint not null, rules text not null, category text not null,
    key text, receipts int not null, identifiers jsonb not null, problems jsonb not null);
  create index on reading (category);
  create index on reading (key);
  create table individual (handle text primary key, position bigint not null, key jsonb not null, key_text text not null,
    rule text not null, members int not null, counted int not null);
  create index on individual (key_text);
  create index on individual (length(handle), handle);
  create table member (item text primary key, individual text not null, position bigint not null, reasons jsonb not null,
    provisional boolean not null);
  create index on member (individual);
  create table agreement (head text primary key, position bigint not null, items text[] not null, numbers jsonb not null, rule text not null);
  create index on agreement using gin (items);
  create table gathering (position bigint primary key, through bigint not null);
  create table settlement (item text not null, role text not null, position bigint not null, value text, reading int,
    primary key (item, role));
  create table number_answer (item text not null, reading int not null, role text not null, position bigint not null, value text,
    primary key (item, reading));
  create table category_decision (item text primary key, position bigint not null, category text not null, why text not null);
  create table merge (source text not null, target text not null, position bigint not null, state text not null, why text not null,
    primary key (source, target));
  create table apart (handle text primary key, position bigint not null, source text not null, key jsonb not null);
  create table placement (item text primary key, position bigint not null, individual text, why text not null);
`;

/** A key as one text: the same key has the same text. */
export function keyText(key: Record<string, string>): string {
  return JSON.stringify(Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

const many = (ref: string | string[] | undefined): string[] => (ref === undefined ? [] : [ref].flat());

/** The last record for each key wins: a batch may hold several. */
function latest<T>(records: T[], key: (record: T) => string | undefined): T[] {
  return [...new Map(records.map((record) => [key(record), record])).values()];
}

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  const { rows } = await client.query<{ id: string; handle: string }>(
    'select id, handle from item where id = any($1)',
    [
      [
        ...new Set(
          records.flatMap(({ refs }) => [
            ...many(refs['item']),
            ...many(refs['of']),
            ...many(refs['items']),
            ...many(refs['head']),
          ]),
        ),
      ],
    ],
  );
  const itemOf = new Map(rows.map(({ id, handle }) => [id, handle]));
  const item = (ref: string | string[] | undefined) => itemOf.get(many(ref)[0] ?? '');

  await insertRows(
    client,
    'rules',
    { position: 'bigint', id: 'text', body: 'jsonb' },
    records
      .filter(({ kind }) => kind === 'group.rules')
      .map(({ position, id, fields }) => ({ position, id, body: rulesRecord.parse(fields).rules })),
  );

  const readings = latest(
    records.filter(({ kind }) => kind === 'group.reading'),
    ({ refs }) => item(refs['item']),
  );
  await client.query('delete from reading where item = any($1)', [readings.map(({ refs }) => item(refs['item']))]);
  await insertRows(
    client,
    'reading',
    {
      item: 'text',
      position: 'bigint',
      rules: 'text',
      category: 'text',
      key: 'text',
      receipts: 'int',
      identifiers: 'jsonb',
      problems: 'jsonb',
    },
    readings.map(({ position, refs, fields }) => {
      const { category, key, receipts, identifiers, problems } = readingRecord.parse(fields);
      const rules = many(refs['rules'])[0] ?? '';
      return {
        item: item(refs['item']),
        position,
        rules,
        category,
        key: key === null ? null : keyText(key),
        receipts,
        identifiers,
        problems,
      };
    }),
  );

  await projectNear(client, records, itemOf);

  const individuals = latest(
    records.filter(({ kind }) => kind === 'group.individual'),
    ({ handle }) => handle ?? '',
  );
  const handles = individuals.map(({ handle }) => handle);
  await client.query('delete from individual where handle = any($1)', [handles]);
  await client.query('delete from member where individual = any($1)', [handles]);
  const reasonsOf = new Map(
    individuals.map(({ handle, refs, fields }) => {
      const { reasons } = individualRecord.parse(fields);
      return [handle, many(refs['items']).map((_, i) => reasons[i] ?? byPath)];
    }),
  );
  await insertRows(
    client,
    'individual',
    {
      handle: 'text',
      position: 'bigint',
      key: 'jsonb',
      key_text: 'text',
      rule: 'text',
      members: 'int',
      counted: 'int',
    },
    individuals.map(({ handle, position, refs, fields }) => {
      const { key, rule } = individualRecord.parse(fields);
      const counted = reasonsOf.get(handle)!.filter((reasons) => !isProvisional(reasons)).length;
      return { handle, position, key, key_text: keyText(key), rule, members: many(refs['items']).length, counted };
    }),
  );
  await insertRows(
    client,
    'member',
    { item: 'text', individual: 'text', position: 'bigint', reasons: 'jsonb', provisional: 'boolean' },
    individuals.flatMap(({ handle, position, refs }) =>
      many(refs['items']).map((id, i) => {
        const reasons = reasonsOf.get(handle)![i]!;
        return { item: itemOf.get(id), individual: handle, position, reasons, provisional: isProvisional(reasons) };
      }),
    ),
  );

  const agreements = latest(
    records.filter(({ kind }) => kind === 'group.agreement'),
    ({ refs }) => item(refs['head']),
  );
  await client.query('delete from agreement where head = any($1)', [agreements.map(({ refs }) => item(refs['head']))]);
  await insertRows(
    client,
    'agreement',
    { head: 'text', position: 'bigint', items: 'text[]', numbers: 'jsonb', rule: 'text' },
    agreements
      .filter(({ refs }) => refs['items'] !== undefined)
      .map(({ position, refs, fields }) => ({
        head: item(refs['head']),
        position,
        items: many(refs['items']).map((id) => itemOf.get(id)),
        ...agreementRecord.parse(fields),
      })),
  );
  await insertRows(
    client,
    'gathering',
    { position: 'bigint', through: 'bigint' },
    records
      .filter(({ kind }) => kind === 'group.gathering')
      .map(({ position, fields }) => ({ position, ...gatheringRecord.parse(fields) })),
  );
  await projectDecisions(client, records, itemOf);
  await projectMarks(client, records, itemOf);
}

const byPath: Reason[] = [{ reason: 'path', probability: null, of: null }];

/** Grouping's tables, as queries see them. */
export interface GroupTables extends NearTables {
  rules: { position: number; id: string; body: unknown };
  reading: {
    item: string;
    position: number;
    rules: string;
    category: string;
    key: string | null;
    receipts: number;
    identifiers: { value: string; role: string; carrier: string; pattern: string }[];
    problems: { code: string; message: string }[];
  };
  individual: {
    handle: string;
    position: number;
    key: Record<string, string>;
    key_text: string;
    rule: string;
    members: number;
    /** Members that rest on a name or on a person; 0: the whole individual is provisional. */
    counted: number;
  };
  member: { item: string; individual: string; position: number; reasons: Reason[]; provisional: boolean };
  agreement: { head: string; position: number; items: string[]; numbers: Agreed[]; rule: string };
  /** Each time that individuals were gathered: the last record that was known. */
  gathering: { position: number; through: number };
  settlement: { item: string; role: string; position: number; value: string | null; reading: number | null };
  /** Which readings were answered: two of one picture may have been said to be one number, of which one settlement stands. */
  number_answer: { item: string; reading: number; role: string; position: number; value: string | null };
  category_decision: { item: string; position: number; category: string; why: string };
  /** state: merged, or parted by a person for ever. */
  merge: { source: string; target: string; position: number; state: string; why: string };
  /** Individuals that a person has split off: their key does not gather. */
  apart: { handle: string; position: number; source: string; key: Record<string, string> };
  placement: { item: string; position: number; individual: string | null; why: string };
}

export const groupProjection: Projection = {
  name: 'group',
  tables: tables + nearTables + markTables,
  kinds: [
    'group.rules',
    'group.reading',
    ...nearKinds,
    'group.individual',
    'group.agreement',
    'group.gathering',
    'group.settlement',
    'group.category',
    'group.merge',
    'group.split',
    'group.move',
    ...markKinds,
  ],
  project,
};
