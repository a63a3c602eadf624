// From records to rows: the index is what the projections make of the log, in order, and nothing else. `projected`
// says up to which checkpoint, in the same transaction as the rows, so a crash leaves no half.
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { insertRows } from '../store/index-database.ts';
import type { LoggedRecord } from './logged.ts';

/** What one stage makes of its records. */
export interface Projection {
  name: string;
  /** The DDL of its tables, run once in the case's empty schema. */
  tables: string;
  kinds: readonly string[];
  /**
   * Rows for these records, given in log order. Must give the same rows however the log is cut into batches: a rebuild
   * cuts it differently.
   */
  project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void>;
}

const logTables = `
  create table projected (one boolean primary key default true check (one), size bigint not null, root text not null,
    version text not null, counters jsonb not null);
  create table record (position bigint primary key, id text not null unique, kind text not null, at text not null,
    actor text not null, tool text not null, handle text, about text[]);
  create index on record (kind, position);
  create index on record (actor, kind, position);
`;

/** Changes when any table or this version changes; an index of another version is rebuilt. */
export function projectionVersion(projections: readonly Projection[]): string {
  const hash = createHash('sha256').update('3').update(logTables);
  for (const projection of projections) hash.update(projection.name).update(projection.tables);
  return hash.digest('hex').slice(0, 16);
}

export interface Projected {
  size: number;
  /** base64 */
  root: string;
  version: string;
  /** The highest number given in each series of handles: { E: 412 }. */
  counters: Record<string, number>;
}

/** What the schema holds, or null when it holds no index. */
export async function readProjected(client: pg.ClientBase, lock = false): Promise<Projected | null> {
  const there = await client.query<{ there: boolean }>(
    `select to_regclass(quote_ident(current_schema()) || '.projected') is not null as there`,
  );
  if (there.rows[0]?.there !== true) return null;
  const { rows } = await client.query<{
    size: string | number;
    root: string;
    version: string;
    counters: Record<string, number>;
  }>(`select size, root, version, counters from projected${lock ? ' for update' : ''}`);
  const row = rows[0];
  return row === undefined ? null : { ...row, size: Number(row.size) };
}

/** Makes the tables in the case's empty schema. */
export async function makeTables(client: pg.ClientBase, projections: readonly Projection[]): Promise<void> {
  await client.query(logTables);
  for (const projection of projections) await client.query(projection.tables);
  await client.query(`insert into projected (size, root, version, counters) values (0, '', $1, '{}')`, [
    projectionVersion(projections),
  ]);
}

/** Projects records that follow on `before`, and moves `projected` on. The caller holds the transaction. */
export async function projectRecords(
  client: pg.ClientBase,
  projections: readonly Projection[],
  before: Projected,
  records: LoggedRecord[],
  root: string,
): Promise<Projected> {
  const about = await handlesAbout(client, records);
  await insertRows(
    client,
    'record',
    {
      position: 'bigint',
      id: 'text',
      kind: 'text',
      at: 'text',
      actor: 'text',
      tool: 'text',
      handle: 'text',
      about: 'text[]',
    },
    records.map(({ position, id, kind, at, actor, handle }, i) => ({
      position,
      id,
      kind,
      at,
      actor: actor.name,
      tool: actor.tool,
      handle,
      about: about[i],
    })),
  );
  for (const projection of projections) {
    const own = records.filter((record) => projection.kinds.includes(record.kind));
    if (own.length > 0) await projection.project(client, own);
  }
  const counters = { ...before.counters };
  for (const { handle } of records) {
    const [prefix, number] = handle?.split('-') ?? [];
    if (prefix !== undefined && number !== undefined)
      counters[prefix] = Math.max(counters[prefix] ?? 0, Number(number));
  }
  const after = { ...before, size: before.size + records.length, root, counters };
  await client.query('update projected set size = $1, root = $2, counters = $3', [after.size, root, counters]);
  return after;
}

/** How many citations of a record are looked at for what it is about, and how many handles are kept. */
const looked = 16;
const kept = 5;

/** For each record without a handle of its own, the handles of what it cites; null for others, and where there are none. */
async function handlesAbout(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
): Promise<readonly (readonly string[] | null)[]> {
  const cited = records.map(({ handle, refs }) =>
    handle !== null
      ? []
      : Object.keys(refs)
          .toSorted()
          .flatMap((role) => refs[role]!)
          .slice(0, looked),
  );
  const handles = new Map(records.map(({ id, handle }) => [id, handle]));
  const before = [...new Set(cited.flat())].filter((id) => !handles.has(id));
  if (before.length > 0) {
    const { rows } = await client.query<{ id: string; handle: string | null }>(
      'select id, handle from record where id = any($1)',
      [before],
    );
    for (const { id, handle } of rows) handles.set(id, handle);
  }
  return cited.map((ids) => {
    const found = [...new Set(ids.flatMap((id) => handles.get(id) ?? []))].slice(0, kept);
    return found.length === 0 ? null : found;
  });
}
