// The index: a PostgreSQL schema for each case, in the home's embedded cluster or in the database of DATABASE_URL
// (ARCHITECTURE.md). Disposable, so everything here serves one end: the same log gives the same rows, byte for byte.

import type { Kysely } from 'kysely';
import pg from 'pg';
import { Fault } from '../case/fault.ts';
import type { Home } from './home.ts';
import { Kysely as KyselyBuilder, PostgresDialect } from './kysely.ts';
import { oldestMajor } from './postgres-binaries.ts';
import { openCluster, quietly } from './postgres.ts';

/** An open index. Errors of its queries are pg's own. */
export interface IndexDatabase {
  /** Sessions whose search_path is `schema`, then that of the extensions; UTC; no value becomes a Date. */
  pool: pg.Pool;
  /** The same pool as a query builder; not to be destroyed by itself. */
  kysely<DB>(): Kysely<DB>;
  schema: string;
  /** Makes the schema, empty, where it is missing. */
  createSchema(): Promise<void>;
  /** Drops the schema with everything in it. Extensions are elsewhere, and stay. */
  dropSchema(): Promise<void>;
  /** Ends the sessions and lets go of the cluster. */
  close(): Promise<void>;
}

export interface IndexOptions {
  home: Home | string;
  env: NodeJS.ProcessEnv;
  /** 32 lower-case hex digits. Without it the schema is `home`, for accounts and sessions. */
  caseId?: string;
  /** A schema other than the case's own: for a rebuild beside one that must stay. */
  schema?: string;
}

/** The schema that holds extensions which the database did not have: apart, so that no case takes them along. */
const extensionSchema = 'extensions';

/** The schema of a case. Throws Fault `usage` where this is no case id. */
export function caseSchema(caseId: string): string {
  if (/^[0-9a-f]{32}$/.test(caseId)) return `case_${caseId}`;
  throw new Fault('usage', { what: 'This is not the id of a case.', expected: '32 hexadecimal digits' });
}

/**
 * Opens the index of a case, or of the home: in the database of `DATABASE_URL`, where no cluster is started or stopped,
 * else in the home's cluster. Makes extensions and schema where they are missing. Throws Fault `database-unavailable`.
 */
export async function openIndex(options: IndexOptions): Promise<IndexDatabase> {
  const schema = options.schema ?? (options.caseId === undefined ? 'home' : caseSchema(options.caseId));
  const url = options.env['DATABASE_URL'];
  const cluster = url ? undefined : await openCluster(options);
  const connection = cluster === undefined ? { connectionString: url } : { ...cluster.connection, ...quietly };
  try {
    const extensions = await prepareDatabase(connection, schema, url ? 'DATABASE_URL' : 'the embedded PostgreSQL');
    const pool = openPool(connection, [schema, ...extensions]);
    let kysely: Kysely<unknown> | undefined;
    let closing: Promise<void> | undefined;
    return {
      pool,
      kysely: <DB>() =>
        (kysely ??= new KyselyBuilder<unknown>({ dialect: new PostgresDialect({ pool }) })) as Kysely<DB>,
      schema,
      createSchema: () => createSchema(pool, schema),
      dropSchema: async () => {
        await pool.query(`drop schema if exists ${quoteName(schema)} cascade`);
      },
      close: () => (closing ??= pool.end().then(() => cluster?.close())),
    };
  } catch (error) {
    await cluster?.close();
    throw error;
  }
}

function openPool(connection: pg.PoolConfig, searchPath: readonly string[]): pg.Pool {
  const session = [
    `set search_path = ${searchPath.map(quoteName).join(', ')}`,
    `set timezone = 'UTC'`,
    `set datestyle = 'ISO'`,
    `set intervalstyle = 'iso_8601'`,
    `set bytea_output = 'hex'`,
  ].join('; ');
  const pool = new pg.Pool({
    ...connection,
    application_name: 'dalil',
    types: plainTypes,
    max: 8,
    // Awaited before the session is handed out; the type declarations say void.
    onConnect: (client) => client.query(session) as unknown as void,
  });
  pool.on('error', () => undefined); // an idle session was lost: the next query opens another, or says why not
  return pool;
}

/** Sees to version, extensions, Arabic and schema; gives the schemas in which the extensions lie. */
async function prepareDatabase(connection: pg.ClientConfig, schema: string, where: string): Promise<string[]> {
  const client = new pg.Client({ connectionTimeoutMillis: 30_000, ...connection, application_name: 'dalil' });
  client.on('error', () => undefined); // the query under way fails as well
  try {
    await client.connect();
  } catch (cause) {
    throw new Fault('database-unavailable', {
      what: `No connection to the database (${where}).`,
      expected: `a PostgreSQL ${oldestMajor} or later`,
      got: reason(cause),
      next: 'check that it runs, and its address, name and password; or unset DATABASE_URL for one of our own',
      cause,
    });
  }
  try {
    const { version, encoding } = await one<{ version: number; encoding: string }>(
      client,
      `select current_setting('server_version_num')::int as version, current_setting('server_encoding') as encoding`,
    );
    if (Math.floor(version / 10_000) < oldestMajor || encoding !== 'UTF8') {
      throw new Fault('database-unavailable', {
        what: `This database cannot hold the index (${where}).`,
        expected: `PostgreSQL ${oldestMajor} or later, encoding UTF8`,
        got: `version ${Math.floor(version / 10_000)}.${version % 10_000}, encoding ${encoding}`,
        next: 'set DATABASE_URL to another database, or unset it for one of our own',
      });
    }
    let found = await findExtensions(client);
    if (found.length < extensions.length) {
      await createExtensions(client);
      found = await findExtensions(client);
    }
    const trigram = quoteName(found.find(({ name }) => name === 'pg_trgm')!.schema);
    const { likeness } = await one<{ likeness: number }>(
      client,
      `select ${trigram}.similarity('محمد', 'محمود')::float8 as likeness`,
    );
    if (!(likeness > 0)) {
      throw new Fault('database-unavailable', {
        what: `This database does not know Arabic letters, and would find no Arabic name (${where}).`,
        expected: 'a likeness above 0 of two names that share letters (pg_trgm)',
        got: `${likeness}: the locale of the database is C`,
        next: `make it with a UTF-8 locale: create database … template template0 encoding 'UTF8' locale 'C.UTF-8'`,
      });
    }
    await createSchema(client, schema);
    return [...new Set(found.map((extension) => extension.schema))].filter((name) => name !== schema);
  } finally {
    await client.end().catch(() => undefined);
  }
}

const extensions = ['pg_trgm', 'unaccent'];

async function findExtensions(client: pg.ClientBase): Promise<{ name: string; schema: string }[]> {
  const { rows } = await client.query<{ name: string; schema: string }>(
    `select extname as name, nspname as schema from pg_extension join pg_namespace n on n.oid = extnamespace
      where extname = any($1) order by 1`,
    [extensions],
  );
  return rows;
}

async function createExtensions(client: pg.ClientBase): Promise<void> {
  try {
    await client.query('begin');
    // Two sessions that create the same extension at once: one fails, `if not exists` or not.
    await client.query(`select pg_advisory_xact_lock(hashtext('dalil extensions'))`);
    await client.query(`create schema if not exists ${extensionSchema}`);
    for (const name of extensions)
      await client.query(`create extension if not exists ${name} schema ${extensionSchema}`);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback').catch(() => undefined);
    throw new Fault('database-unavailable', {
      what: 'The database lacks an extension that the index needs, and it cannot be created.',
      expected: extensions.join(' and '),
      got: reason(cause),
      next: `ask its owner for: ${extensions.map((name) => `create extension ${name};`).join(' ')}`,
      cause,
    });
  }
}

async function createSchema(client: pg.Pool | pg.ClientBase, schema: string): Promise<void> {
  const { there } = await one<{ there: boolean }>(
    client,
    `select exists (select from pg_namespace where nspname = $1) as there`,
    [schema],
  );
  if (there) return;
  try {
    await client.query(`create schema if not exists ${quoteName(schema)}`);
  } catch (error) {
    // unique_violation: another process made it between the look and the act, which `if not exists` does not prevent.
    if ((error as { code?: string }).code !== '23505') throw error;
  }
}

async function one<T extends pg.QueryResultRow>(
  client: pg.Pool | pg.ClientBase,
  sql: string,
  values: unknown[] = [],
): Promise<T> {
  return (await client.query<T>(sql, values)).rows[0]!;
}

// Node gathers the failures of several addresses under an error without a message.
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ');
  return error instanceof Error ? error.message : String(error);
}

/** A name as SQL writes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * How values come back: bigint as a number (as a BigInt beyond 2^53), dates and times as PostgreSQL writes them in UTC,
 * numeric as text; the rest as pg has it.
 */
export const plainTypes: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    const parsers = format === 'binary' ? undefined : plainParsers.get(oid);
    return parsers ?? pg.types.getTypeParser(oid, format);
  }) as typeof pg.types.getTypeParser,
};

const textArray = pg.types.getTypeParser(1009 as never, 'text') as (text: string) => (string | null)[];
const asIs = (text: string): string => text;
const plainParsers = new Map<number, (text: string) => unknown>([
  [20, parseBigint],
  [1016, (text) => textArray(text).map((value) => (value === null ? null : parseBigint(value)))],
  ...[1082, 1083, 1114, 1184, 1186, 1266].map((oid) => [oid, asIs] as const), // date, times, timestamps, interval
  ...[1182, 1183, 1115, 1185, 1187, 1270].map((oid) => [oid, textArray] as const), // arrays of these
]);

function parseBigint(text: string): number | bigint {
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

/** How many rows go in one statement: 1,000 to 2,000 were fastest, 5,000 a sixth slower. */
const batch = 2_000;

/**
 * Inserts rows into a table of the search_path and gives their number. `columns` names the columns and their types;
 * a member that a row lacks is NULL, defaults are not used, and JSON null in a jsonb column is NULL as well. Arrays are
 * given as arrays, jsonb as any JSON value, bytea as Uint8Array. PostgreSQL's text has neither U+0000 nor lone surrogates,
 * and evidence has both: each becomes U+FFFD. `onConflict` is what follows `on conflict`. 80,000-120,000 rows/s for ten
 * columns; `unnest` was a fifth faster, at twice the work on our side, and flattens arrays.
 */
export async function insertRows(
  client: pg.Pool | pg.ClientBase,
  table: string,
  columns: Readonly<Record<string, string>>,
  rows: readonly Readonly<Record<string, unknown>>[],
  onConflict?: string,
): Promise<number> {
  const names = Object.keys(columns).map(quoteName).join(', ');
  const typed = Object.entries(columns).map(([name, type]) => `${quoteName(name)} ${type}`);
  const sql =
    `insert into ${quoteName(table)} (${names}) select ${names}` +
    ` from json_to_recordset($1::json) as r(${typed.join(', ')})` +
    (onConflict === undefined ? '' : ` on conflict ${onConflict}`);
  const binary = Object.keys(columns).filter((name) => columns[name] === 'bytea');
  let inserted = 0;
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    const plain = binary.length === 0 ? some : some.map((row) => withHexadecimal(row, binary));
    inserted += (await client.query(sql, [formatForPostgres(plain)])).rowCount ?? 0;
  }
  return inserted;
}

function withHexadecimal(row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  const written: Record<string, unknown> = { ...row };
  for (const name of names) {
    const bytes = row[name];
    if (bytes instanceof Uint8Array) written[name] = `\\x${Buffer.from(bytes).toString('hex')}`;
  }
  return written;
}

/** JSON as PostgreSQL takes it: without the two kinds of character that its text cannot hold. Pure. */
export function formatForPostgres(value: unknown): string {
  const json = JSON.stringify(value);
  // JSON.stringify escapes exactly these (and no whole pair); an even number of backslashes before is text of its own.
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return json;
  return json.replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\ufffd');
}

/**
 * Everything in a schema as lines of JSON, in an order that depends on nothing but the content: tables by name, each
 * first with its columns and their types by name, then its rows ordered by all columns. One snapshot, read by a cursor.
 */
export async function* dumpSchema(pool: pg.Pool, schema: string): AsyncGenerator<string> {
  const client = await pool.connect();
  try {
    await client.query(`begin isolation level repeatable read read only; set local timezone = 'UTC';
      set local extra_float_digits = 1; set local bytea_output = 'hex'; set local intervalstyle = 'iso_8601'`);
    const { rows: tables } = await client.query<{ name: string; columns: string[]; types: string[] }>(
      `select relname as name, array_agg(attname::text order by attname::text collate "C") as columns,
          array_agg(format_type(atttypid, atttypmod) order by attname::text collate "C") as types
        from pg_class c join pg_attribute a on a.attrelid = c.oid and attnum > 0 and not attisdropped
        where relnamespace = (select oid from pg_namespace where nspname = $1)
          and relkind in ('r', 'p') and not relispartition
        group by relname order by relname::text collate "C"`,
      [schema],
    );
    for (const { name, columns, types } of tables) {
      yield JSON.stringify({
        table: name,
        columns: Object.fromEntries(columns.map((column, i) => [column, types[i]])),
      });
      await client.query(
        `declare dump no scroll cursor for
          select row_to_json(r)::text as line from (select ${columns.map(quoteName).join(', ')}
            from ${quoteName(schema)}.${quoteName(name)}) r order by row_to_json(r)::text collate "C"`,
      );
      for (;;) {
        const { rows } = await client.query<{ line: string }>('fetch 1000 from dump');
        for (const { line } of rows) yield line;
        if (rows.length < 1000) break;
      }
      await client.query('close dump');
    }
  } finally {
    // Also where the reader stopped half-way.
    await client.query('rollback').catch(() => undefined);
    client.release();
  }
}
