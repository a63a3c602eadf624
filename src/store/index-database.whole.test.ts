// The index on a real PostgreSQL: schemas apart, rows in bulk, a dump that says whether two states are the same.

import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpSchema, type IndexDatabase, insertRows, openIndex } from './index-database.ts';
import { openCluster } from './postgres.ts';
import { runScript } from './process.fixture.ts';
import { temporaryFolder } from './test-cluster.ts';
import { openTestHome, type TestHome } from './test-database.ts';

const caseId = '0123456789abcdef0123456789abcdef';
const otherId = 'f'.repeat(32);
let place: TestHome;
let index: IndexDatabase;

beforeAll(async () => {
  place = await openTestHome();
  index = await openIndex({ ...place, caseId });
});
afterAll(async () => {
  await index?.close();
  await place?.close();
});

async function dump(database: IndexDatabase): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of dumpSchema(database.pool, database.schema)) lines.push(line);
  return lines;
}

test('each case has a schema of its own, and dropping it takes nothing else along', async () => {
  const other = await openIndex({ ...place, caseId: otherId });
  const home = await openIndex(place);
  expect([index.schema, other.schema, home.schema]).toEqual([`case_${caseId}`, `case_${otherId}`, 'home']);
  for (const database of [index, other, home]) {
    await database.pool.query(`create table who as select current_schema()::text as name`);
  }
  await other.dropSchema();
  expect((await index.pool.query('select name from who')).rows).toEqual([{ name: index.schema }]);
  expect((await home.pool.query('select name from who')).rows).toEqual([{ name: 'home' }]);
  const { rows } = await index.pool.query(`select similarity('محمد', 'محمود') > 0 as near, unaccent('é') as plain`);
  expect(rows).toEqual([{ near: true, plain: 'e' }]);
  await other.createSchema();
  expect(await dump(other)).toEqual([]);
  await index.pool.query('drop table who');
  await Promise.all([other.close(), home.close()]);
});

test('opened by several processes and callers at once, one database is prepared once', async () => {
  const fresh = await openTestHome();
  try {
    const admin = await openIndex(fresh);
    await admin.pool.query('drop extension pg_trgm; drop extension unaccent; drop schema extensions, home cascade');
    await admin.close();
    const script = runScript(
      `const { openIndex } = await import(store + 'index-database.ts');
       const index = await openIndex({ home: process.env.DALIL_HOME, env: process.env, caseId: '${caseId}' });
       console.log(index.schema);
       await index.close();`,
      { env: fresh.env },
    );
    const all = await Promise.all(Array.from({ length: 6 }, () => openIndex({ ...fresh, caseId })));
    expect(await script.line()).toBe(`case_${caseId}`);
    expect(await script.ended).toBe(0);
    await Promise.all(all.map((database) => database.close()));
  } finally {
    await fresh.close();
  }
});

test('values come back as they were written, in UTC, whatever the session or the process would prefer', async () => {
  const { rows } = await index.pool.query(
    `select 12::bigint as n, array[1, 2]::bigint[] as several, '2013-05-06T12:00:00+03'::timestamptz as at,
      '2013-05-06'::date as day, interval '90 minutes' as long, '{"b": 1, "a": [null]}'::jsonb as body, 1.50 as exact`,
  );
  expect(rows).toEqual([
    {
      n: 12,
      several: [1, 2],
      at: '2013-05-06 09:00:00+00',
      day: '2013-05-06',
      long: 'PT1H30M',
      body: { a: [null], b: 1 },
      exact: '1.50',
    },
  ]);
  interface Tables {
    who: { n: number };
  }
  await index.pool.query('create table who (n bigint)');
  await index.kysely<Tables>().insertInto('who').values({ n: 7 }).execute();
  expect(await index.kysely<Tables>().selectFrom('who').selectAll().execute()).toEqual([{ n: 7 }]);
  await index.pool.query('drop table who');
});

test('rows of every type arrive in bulk, and any text is held', async () => {
  await index.pool.query(
    'create table thing (n bigint primary key, body jsonb, list int[], bytes bytea, "od""d" text, at timestamptz)',
  );
  const columns = { n: 'bigint', body: 'jsonb', list: 'int[]', bytes: 'bytea', 'od"d': 'text', at: 'timestamptz' };
  const rows = Array.from({ length: 4_500 }, (_, n) => ({
    n,
    body: { path: 'صورة', n: [n, null] },
    list: [n, -n],
    bytes: new Uint8Array([n & 255, 0]),
    'od"d': n % 2 === 0 ? 'a\0b\ud800' : null,
    at: '2013-05-06T12:00:00Z',
  }));
  expect(await insertRows(index.pool, 'thing', columns, rows)).toBe(4_500);
  expect(await insertRows(index.pool, 'thing', columns, [])).toBe(0);
  expect(await insertRows(index.pool, 'thing', columns, rows.slice(0, 3), '(n) do nothing')).toBe(0);
  const { rows: found } = await index.pool.query('select * from thing where n in (0, 4499) order by n');
  expect(found).toEqual([
    {
      n: 0,
      body: { path: 'صورة', n: [0, null] },
      list: [0, 0],
      bytes: Buffer.from([0, 0]),
      'od"d': 'a\ufffdb\ufffd',
      at: '2013-05-06 12:00:00+00',
    },
    {
      n: 4499,
      body: { path: 'صورة', n: [4499, null] },
      list: [4499, -4499],
      bytes: Buffer.from([4499 & 255, 0]),
      'od"d': null,
      at: '2013-05-06 12:00:00+00',
    },
  ]);
  await index.pool.query('drop table thing');

  await index.pool.query('create table said (t text, j jsonb)');
  const texts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 50 });
  await fc.assert(
    fc.asyncProperty(texts, async (said) => {
      await index.pool.query('truncate said');
      const given = said.map((t) => ({ t, j: { [t]: t } }));
      await insertRows(index.pool, 'said', { t: 'text', j: 'jsonb' }, given);
      const held = said.map((t) => Buffer.from(t).toString().replaceAll('\0', '\ufffd'));
      const { rows: kept } = await index.pool.query('select t, j from said');
      expect(kept).toEqual(held.map((t) => ({ t, j: { [t]: t } })));
    }),
    { numRuns: 60 },
  );
  await index.pool.query('drop table said');
});

test('two dumps are equal exactly when the states are, in whatever order and session these were made', async () => {
  const other = await openIndex({ ...place, caseId: otherId });
  const rows = Array.from({ length: 2_345 }, (_, n) => ({ n, at: '2013-05-06T12:00:00+03', body: { n, half: n / 2 } }));
  const columns = { n: 'bigint', at: 'timestamptz', body: 'jsonb' };
  await index.pool.query('create table b (n bigint, at timestamptz, body jsonb); create table a (x text, y float8[])');
  await other.pool.query('create table a (y float8[], x text); create table b (body jsonb, at timestamptz, n bigint)');
  await insertRows(index.pool, 'b', columns, rows);
  await insertRows(other.pool, 'b', columns, rows.toReversed());
  await index.pool.query(`insert into a values ('أ', '{0.1}'), ('B', null), ('a', '{}'), ('a', '{}')`);
  await other.pool.query(`insert into a (x, y) values ('a', '{}'), ('B', null), ('أ', '{0.1}'), ('a', '{}')`);
  const before = await dump(index);
  expect(before.length).toBe(2 + 4 + 2_345);
  expect(before.slice(0, 3)).toEqual([
    '{"table":"a","columns":{"x":"text","y":"double precision[]"}}',
    '{"x":"B","y":null}',
    '{"x":"a","y":[]}',
  ]);
  expect(before[6]).toBe('{"at":"2013-05-06T09:00:00+00:00","body":{"n": 0, "half": 0},"n":0}');
  expect(await dump(other)).toEqual(before);
  // A repeated row, a changed one, a changed type and an empty table all show.
  for (const change of [
    `insert into a values (null, null)`,
    `update b set body = body || '{"half": 0.25}' where n = 2000`,
    `alter table a alter x type varchar(9)`,
    `create table c (x int)`,
  ]) {
    const last = await dump(other);
    await other.pool.query(change);
    expect(await dump(other)).not.toEqual(last);
  }
  await other.dropSchema();
  await other.close();
});

test('a dump that is not read to its end gives its session back', async () => {
  for (let round = 0; round < 12; round++) {
    // oxlint-disable-next-line no-unreachable-loop -- that is the test
    for await (const line of dumpSchema(index.pool, index.schema)) {
      expect(line).toMatch(/^\{"table"/);
      break;
    }
  }
  expect((await index.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('with DATABASE_URL no cluster is made, and the server goes on when all have left', async () => {
  const { rows } = await index.pool.query('select pg_postmaster_start_time() as started');
  const again = await openIndex({ ...place, caseId });
  expect((await again.pool.query('select pg_postmaster_start_time() as started')).rows).toEqual(rows);
  await again.close();
  expect(existsSync(join(place.home, 'postgres'))).toBe(false);
  expect((await index.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a DATABASE_URL that leads nowhere, or to a wrong password, is named without its password', async () => {
  for (const url of [
    'postgresql://amal:s3cret@127.0.0.1:9/x',
    place.env['DATABASE_URL']!.replace(/:[^:@]*@/, ':s3cret@'),
  ]) {
    const attempt = openIndex({ home: place.home, env: { DATABASE_URL: url } });
    await expect(attempt).rejects.toMatchObject({
      code: 'database-unavailable',
      message: expect.stringMatching(/^(?![^]*s3cret)No connection[^]*DATABASE_URL[^]*next: /),
    });
  }
});

test('a database in which Arabic has no letters is refused, with the way to a better one', async () => {
  const url = place.env['DATABASE_URL']!;
  await index.pool.query(`create database deaf template template0 encoding 'UTF8' locale_provider libc locale 'C'`);
  await index.pool.query(`create database narrow template template0 encoding 'LATIN1' locale_provider libc locale 'C'`);
  const open = (name: string): Promise<IndexDatabase> =>
    openIndex({ home: place.home, env: { DATABASE_URL: url.replace(/@\/[^?]*/, `@/${name}`) } });
  await expect(open('deaf')).rejects.toThrow(/Arabic[^]*expected: a likeness above 0[^]*got: 0[^]*C\.UTF-8/);
  await expect(open('narrow')).rejects.toThrow(/encoding UTF8[^]*LATIN1/);
  await index.pool.query('drop database deaf with (force)');
  await index.pool.query('drop database narrow with (force)');
});

test("a user who may not create extensions is told what to ask the database's owner for", async () => {
  const fresh = await openTestHome();
  try {
    const admin = await openIndex(fresh);
    await admin.pool.query(`drop schema extensions cascade; create role guest_${process.pid} login password 'guest'`);
    const url = fresh.env['DATABASE_URL']!.replace(/\/\/[^@]*@/, `//guest_${process.pid}:guest@`);
    await expect(openIndex({ home: fresh.home, env: { DATABASE_URL: url } })).rejects.toThrow(
      /create extension pg_trgm; create extension unaccent;/,
    );
    await admin.pool.query(`drop role guest_${process.pid}`);
    await admin.close();
  } finally {
    await fresh.close();
  }
});

test('sessions that the server ends are opened again, and end no process of ours', async () => {
  await index.pool.query('select 1');
  const admin = new pg.Client({ connectionString: place.env['DATABASE_URL']! });
  await admin.connect();
  await admin.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()',
  );
  await admin.end();
  await expect.poll(() => index.pool.totalCount).toBe(0);
  expect((await index.pool.query('select current_schema() as name')).rows).toEqual([{ name: index.schema }]);
});

const system = ['15', '16', '17', '18']
  .map((major) => `/usr/lib/postgresql/${major}/bin`)
  .find((bin) => existsSync(bin));
test.skipIf(system === undefined)('the same on a PostgreSQL of the system (skipped where there is none)', async () => {
  const folder = await mkdtemp(join(await temporaryFolder(), 'dalil-test-'));
  await chmod(folder, 0o755);
  const env = { ...process.env, DATABASE_URL: '', DALIL_PG_BIN: system! };
  const cluster = await openCluster({ home: join(folder, 'server'), env });
  try {
    const there = { home: join(folder, 'home'), env: { DATABASE_URL: cluster.url('postgres') } };
    const database = await openIndex({ ...there, caseId });
    await database.pool.query('create table a (n bigint, body jsonb, names text[])');
    await insertRows(database.pool, 'a', { n: 'bigint', body: 'jsonb', names: 'text[]' }, [
      { n: 1, body: [1], names: ['محمد'] },
    ]);
    expect(await dump(database)).toEqual([
      '{"table":"a","columns":{"body":"jsonb","n":"bigint","names":"text[]"}}',
      '{"body":[1],"n":1,"names":["محمد"]}',
    ]);
    await database.close();
  } finally {
    await cluster.close();
    await rm(folder, { recursive: true, force: true });
  }
});
