// Cameras from rows on a real PostgreSQL: counters that start again, gaps, clocks that go back, and what 55,000 cost.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { intakeProjection } from '../intake/project.ts';
import { insertRows, openIndex, type IndexDatabase } from '../store/index-database.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { readCameras } from './cameras.ts';
import { describeProjection } from './project.ts';

let place: TestHome;
let index: IndexDatabase;

beforeAll(async () => {
  place = await openTestHome();
  index = await openIndex({ ...place, caseId: '0123456789abcdef0123456789abcdef' });
});
beforeEach(async () => {
  await index.dropSchema();
  await index.createSchema();
  await index.pool.query(intakeProjection.tables);
  await index.pool.query(describeProjection.tables);
});
afterAll(async () => {
  await index.close();
  await place.close();
});

interface Shot {
  name: string;
  taken?: string;
  model?: string | null;
  serial?: string | null;
  counter?: number;
  signature?: string;
  software?: string;
}

const d3100 = { make: 'NIKON CORPORATION', model: 'NIKON D3100' };

/** Seals and describes pictures: as rows, as the projections would make them. */
async function hold(shots: readonly Shot[]): Promise<void> {
  const rows = shots.map((shot, position) => ({
    handle: `E-${String(position + 1).padStart(5, '0')}`,
    position,
    shot,
  }));
  const client = await index.pool.connect();
  try {
    const put = async (table: string, columns: Record<string, string>, values: Record<string, unknown>[]) => {
      const { rows: needed } = await client.query<{ name: string; type: string }>(
        `select column_name as name, data_type as type from information_schema.columns
         where table_schema = current_schema() and table_name = $1 and is_nullable = 'NO'`,
        [table],
      );
      const zero = (type: string): unknown =>
        /int/.test(type) ? 0 : type === 'boolean' ? false : type === 'jsonb' ? {} : '';
      const all = { ...Object.fromEntries(needed.map(({ name, type }) => [name, type])), ...columns };
      const base = Object.fromEntries(needed.map(({ name, type }) => [name, zero(type)]));
      await insertRows(
        client,
        table,
        all,
        values.map((value) => ({ ...base, ...value })),
      );
    };
    await put(
      'item',
      { handle: 'text', id: 'text', position: 'bigint', path: 'text', sha256: 'text' },
      rows.map(({ handle, position, shot }) => ({ handle, id: handle, position, path: shot.name, sha256: handle })),
    );
    await put(
      'receipt',
      { handle: 'text', item: 'text', path: 'text', position: 'bigint', state: 'text' },
      rows.map(({ handle, position, shot }) => ({ handle, item: handle, path: shot.name, position, state: 'sealed' })),
    );
    await put(
      'description',
      {
        item: 'text',
        format: 'text',
        taken: 'text',
        make: 'text',
        model: 'text',
        serial: 'text',
        counter: 'bigint',
        software: 'text',
      },
      rows.map(({ handle, position, shot }) => ({
        item: handle,
        position,
        format: 'image/jpeg',
        taken: shot.taken,
        make: shot.model === null ? null : d3100.make,
        model: shot.model === undefined ? d3100.model : shot.model,
        serial: shot.serial,
        counter: shot.counter,
        software: shot.software,
      })),
    );
    await put(
      'encoding',
      { item: 'text', signature: 'text' },
      rows.map(({ handle, position, shot }) => ({ item: handle, position, signature: shot.signature })),
    );
  } finally {
    client.release();
  }
}

const at = (minute: number): string => new Date(Date.UTC(2013, 4, 6, 8, minute)).toISOString().slice(0, 19);

test('DSC_9997, DSC_9999, DSC_0001 of one body run on, with one gap', async () => {
  await hold([
    { name: 'a/DSC_0001.JPG', taken: at(3), serial: '1' },
    { name: 'a/DSC_9997.JPG', taken: at(1), serial: '1' },
    { name: 'a/DSC_9999.JPG', taken: at(2), serial: '1' },
    { name: 'a/scan 0003.jpg', taken: at(4), serial: '1' },
    { name: 'a/DSC_0000.JPG', taken: at(5), serial: '1' },
  ]);
  const { bodies, days } = await readCameras(index.pool);
  expect(bodies).toMatchObject([
    {
      ...d3100,
      serial: '1',
      pictures: 5,
      exposures: 3,
      numbering: 'file name',
      from: 9997,
      to: 10000,
      missing: 1,
      gaps: 1,
      backwards: 0,
      twice: 0,
    },
  ]);
  expect(bodies[0]!.longest).toEqual([
    {
      missing: 1,
      before: { item: 'E-00002', number: 9997, taken: at(1) },
      after: { item: 'E-00003', number: 9999, taken: at(2) },
    },
  ]);
  expect(days).toMatchObject([{ day: '2013-05-06', exposures: 3, from: 9997, to: 10000, missing: 1 }]);
});

test('two bodies may have one number; one body has it twice only if its times differ, and copies are no second time', async () => {
  await hold([
    { name: 'a/DSC_0007.JPG', taken: at(1), serial: '1' },
    { name: 'b/DSC_0007.JPG', taken: at(1), serial: '2' },
    { name: 'small/DSC_0007.JPG', taken: at(1), serial: '2' },
    { name: 'a/DSC_0008.JPG', taken: at(2), serial: '1' },
    { name: 'c/DSC_0008.JPG', taken: at(9), serial: '1' },
  ]);
  const { bodies } = await readCameras(index.pool);
  expect(bodies).toMatchObject([
    { serial: '1', exposures: 3, copies: 0, numbers: 2, twice: 1 },
    { serial: '2', exposures: 1, copies: 1, numbers: 1, twice: 0 },
  ]);
});

test('a clock that was set back shows as numbers that fall; the metadata count does not start again', async () => {
  await hold([
    { name: 'x1.jpg', taken: at(10), serial: '1', counter: 12000 },
    { name: 'x2.jpg', taken: at(11), serial: '1', counter: 12001 },
    { name: 'x3.jpg', taken: at(5), serial: '1', counter: 12002 },
    { name: 'x4.jpg', taken: at(6), serial: '1', counter: 20001 },
  ]);
  const [body] = (await readCameras(index.pool)).bodies;
  expect(body).toMatchObject({ numbering: 'metadata', backwards: 1, from: 12000, to: 20001, missing: 7998 });
});

test('looks are counted by model, and pictures without a camera are in no body', async () => {
  const look = (signature: string, software: string, name: string): Shot => ({
    name,
    taken: at(1),
    serial: '1',
    signature,
    software,
  });
  await hold([
    look('t1', 'Ver.1.01', '1.jpg'),
    look('t1', 'Ver.1.01', '2.jpg'),
    look('t2', 'An editor', '3.jpg'),
    { name: '4.jpg', model: null, signature: 't9' },
  ]);
  const { looks, pictures, named, serial } = await readCameras(index.pool);
  expect({ pictures, named, serial }).toEqual({ pictures: 4, named: 3, serial: 3 });
  expect(looks.map(({ signature, of, pictures: many }) => [signature, of, many])).toEqual([
    ['t1', 3, 2],
    ['t2', 3, 1],
  ]);
});

test('55,000 pictures of six bodies are counted in seconds', async () => {
  const shots = Array.from({ length: 55_000 }, (_, i): Shot => ({
    name: `a/DSC_${String((i % 9999) + 1).padStart(4, '0')}.JPG`,
    taken: new Date(Date.UTC(2011, 4, 4) + i * 1_200_000).toISOString().slice(0, 19),
    serial: String(i % 6),
    signature: i % 50 === 0 ? 'edited' : 'usual',
  }));
  await hold(shots);
  const began = performance.now();
  const { bodies } = await readCameras(index.pool);
  const seconds = (performance.now() - began) / 1000;
  console.log(`55,000 pictures: ${seconds.toFixed(1)} s`);
  expect(bodies).toHaveLength(6);
  expect(bodies.reduce((sum, { exposures }) => sum + exposures, 0)).toBe(55_000);
  expect(seconds).toBeLessThan(30);
});
