// Cameras from rows on a real PostgreSQL: counters that start again, gaps, clocks that go back, and what 55,000 cost.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { intakeProjection } from '../intake/project.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import { readCameras } from './cameras.ts';
import { describeProjection } from './project.ts';

let index: RowsIndex;

beforeAll(async () => {
  index = await openRowsIndex([intakeProjection, describeProjection]);
});
beforeEach(() => index.empty());
afterAll(() => index.close());

interface Shot {
  name: string;
  taken?: string;
  zone?: string;
  gps?: string;
  make?: string;
  model?: string | null;
  serial?: string | null;
  counter?: number;
  shutter?: number;
  file?: number;
  second?: boolean;
  signature?: string;
  software?: string;
}

const d3100 = { make: 'NIKON CORPORATION', model: 'NIKON D3100' };

/** Seals and describes pictures; what is said of a `second` reading was found by exiftool. */
async function hold(shots: readonly Shot[]): Promise<void> {
  const rows = shots.map((shot, position) => ({
    item: `E-${String(position + 1).padStart(5, '0')}`,
    position,
    shot,
  }));
  await index.put(
    'item',
    rows.map(({ item, position, shot }) => ({ handle: item, id: item, position, path: shot.name, sha256: item })),
  );
  await index.put(
    'receipt',
    rows.map(({ item, position, shot }) => ({ handle: item, item, path: shot.name, position, state: 'sealed' })),
  );
  await index.put(
    'description',
    rows.map(({ item, position }) => ({ item, position, format: 'image/jpeg' })),
  );
  await index.put(
    'metadata',
    rows.map(({ item, position, shot }) => ({
      item,
      position,
      second: shot.second ?? false,
      original: shot.taken,
      original_zone: shot.zone,
      gps_time: shot.gps,
      make: shot.model === null ? null : (shot.make ?? d3100.make),
      model: shot.model === undefined ? d3100.model : shot.model,
      serial: shot.serial,
      image_number: shot.counter,
      shutter_count: shot.shutter,
      file_number: shot.file,
      software: shot.software,
    })),
  );
  await index.put(
    'encoding',
    rows.map(({ item, position, shot }) => ({ item, position, signature: shot.signature })),
  );
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
  expect(body).toMatchObject({ numbering: 'image number', backwards: 1, from: 12000, to: 20001, missing: 7998 });
});

test('the count that most pictures carry speaks; the number of a file runs on, whatever folder it is in', async () => {
  const file = (n: number, file: number): Shot => ({ name: `${n}.jpg`, taken: at(n), serial: '1', file, second: true });
  await hold([
    file(1, 1009998),
    file(2, 1009999),
    file(3, 1010001),
    { name: 'shutter.jpg', taken: at(4), serial: '1', shutter: 77, second: true },
    { name: 'a/DSC_0001.JPG', taken: at(1), serial: '2', shutter: 4_000_000_001, file: 1000001, second: true },
    { name: 'a/DSC_0003.JPG', taken: at(2), serial: '2', shutter: 4_000_000_003, file: 1000003, second: true },
  ]);
  const { bodies } = await readCameras(index.pool);
  expect(bodies).toMatchObject([
    { serial: '1', numbering: 'file number', from: 9998, to: 10000, missing: 0, exposures: 3 },
    { serial: '2', numbering: 'shutter count', from: 4_000_000_001, to: 4_000_000_003, missing: 1 },
  ]);
});

test('one body is one, however its maker and model are spelled', async () => {
  await hold([
    { name: '1.jpg', taken: at(1), serial: 'ab1', counter: 1 },
    { name: '2.jpg', taken: at(2), serial: 'AB1', counter: 2, make: 'Nikon Corporation' },
  ]);
  const { bodies, days } = await readCameras(index.pool);
  expect(bodies).toMatchObject([{ body: 'NIKON CORPORATION|NIKON D3100|AB1', pictures: 2, missing: 0 }]);
  expect(days).toMatchObject([{ exposures: 2, body: { model: d3100.model } }]);
});

test('a clock is held against the satellites: in UTC where a zone is stated, and apart from that where none is', async () => {
  const gps = '2013-05-06T05:00:00';
  const both = (name: string, seconds: number, zone?: string, serial = '1'): Shot => ({
    name,
    taken: new Date(Date.UTC(2013, 4, 6, 8) + 1000 * seconds).toISOString().slice(0, 23),
    gps,
    serial,
    second: true,
    ...(zone === undefined ? {} : { zone }),
  });
  await hold([
    ...[2, 3, 5, 60].map((seconds, i) => both(`${i}.jpg`, seconds, '+03:00')),
    both('bare.jpg', 7),
    both('other.jpg', -3600.5, '+03:00', '2'),
    { name: 'clock alone.jpg', taken: at(1), serial: '1' },
    { ...both('satellites alone.jpg', 0), taken: '2013-05-06' },
    { ...both('nowhere.jpg', 0), model: null },
    { name: 'neither.jpg', taken: at(1), serial: '3' },
  ]);
  const { satelliteClocks } = await readCameras(index.pool);
  const hours = 3 * 3600;
  expect(satelliteClocks).toEqual([
    {
      ...d3100,
      serial: '1',
      zoned: false,
      pictures: 1,
      of: 6,
      seconds: hours + 7,
      middle: [hours + 7, hours + 7],
      range: [hours + 7, hours + 7],
    },
    { ...d3100, serial: '1', zoned: true, pictures: 4, of: 6, seconds: 3, middle: [2, 5], range: [2, 60] },
    {
      ...d3100,
      serial: '2',
      zoned: true,
      pictures: 1,
      of: 1,
      seconds: -3600.5,
      middle: [-3600.5, -3600.5],
      range: [-3600.5, -3600.5],
    },
  ]);
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
