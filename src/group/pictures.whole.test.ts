// What grouping knows of a picture's camera, from rows on a real PostgreSQL: the second reading where it says more, the
// first where the second says nothing, and one kind of counter for all pictures of a body.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cardProjection } from '../describe/card-project.ts';
import { describeProjection } from '../describe/project.ts';
import { intakeProjection } from '../intake/project.ts';
import type { OpenCase } from '../log/case.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import type { Assignable } from './assign.ts';
import { readPictures } from './pictures.ts';
import { groupProjection } from './project.ts';
import { runsOf } from './sequence.ts';

let rows: RowsIndex;
beforeAll(async () => {
  rows = await openRowsIndex([intakeProjection, describeProjection, cardProjection, groupProjection]);
});
beforeEach(() => rows.empty());
afterAll(() => rows.close());

type Row = Record<string, unknown>;

/** Seals pictures: what the first pass gave of each, and what exiftool gave, where it was asked. */
async function hold(shots: readonly { first?: Row; second?: Row }[]): Promise<void> {
  const each = shots.map((shot, position) => ({ item: `E-${position + 1}`, position, ...shot }));
  await rows.put(
    'item',
    each.map(({ item, position }) => ({ handle: item, id: item, position, sha256: item })),
  );
  await rows.put(
    'description',
    each.map(({ item, position, first }) => ({ item, position, format: 'image/jpeg', ...first })),
  );
  await rows.put(
    'metadata',
    each.flatMap(({ item, position, second }) =>
      second === undefined ? [] : [{ item, position, second: true, ...second }],
    ),
  );
  await rows.put(
    'reading',
    each.map(({ item, position }) => ({ item, position, category: 'detainee', identifiers: [], problems: [] })),
  );
}

const read = async (): Promise<Assignable[]> =>
  (await readPictures({ index: rows.index } as OpenCase, ['detainee-number'])).pictures;

const nikon = { make: 'NIKON', model: 'D90' };

test('a serial number, a time and a counter that only exiftool reads are known to grouping', async () => {
  await hold([
    {
      first: nikon,
      second: { ...nikon, serial: '2001', original: '2013-05-06T08:00:10', shutter_count: 77 },
    },
  ]);
  expect(await read()).toMatchObject([
    { body: 'NIKON|D90|2001', serial: true, taken: Date.UTC(2013, 4, 6, 8, 0, 10) / 1000, counter: 77 },
  ]);
});

test('what the first pass read stands where exiftool was not asked, or said nothing', async () => {
  const first = { ...nikon, serial: '2001', taken: '2013-05-06T08:00:10.50+02:00', counter: 12 };
  await hold([{ first }, { first, second: { ...nikon } }, { first: { ...first, taken: '2013-05-06' } }]);
  const known = { body: 'NIKON|D90|2001', serial: true, taken: Date.UTC(2013, 4, 6, 8, 0, 10) / 1000, counter: 12 };
  expect(await read()).toMatchObject([known, known, { ...known, taken: null }]);
});

test('pictures of one body are counted by one kind of number; a camera that no file names counts nothing', async () => {
  const at = (second: number): Row => ({ ...nikon, serial: '7', original: `2013-05-06T08:00:${10 + second}` });
  await hold([
    { second: { ...at(1), shutter_count: 40_001, file_number: 1_009_999 } },
    { second: { ...at(2), file_number: 1_010_000 } },
    { second: { ...at(3), shutter_count: 40_003, file_number: 1_010_003 } },
    { second: { ...at(4), file_number: 1_010_004 } },
    { second: { original: '2013-05-06T08:00:20', shutter_count: 3 } },
  ]);
  const pictures = await read();
  // Three of four have a file number (0000 is none), two a shutter count.
  expect(pictures.map(({ counter }) => counter)).toEqual([9999, null, 3, 4, null]);
});

test('two bodies of one model, told apart by serial numbers in the maker note alone, make no common run', async () => {
  const shot = (serial: string, second: number, counter: number) => ({
    first: { ...nikon, taken: `2013-05-06T08:00:${second}` },
    second: { ...nikon, serial, original: `2013-05-06T08:00:${second}`, image_number: counter },
  });
  await hold([shot('1', 10, 5), shot('2', 12, 6), shot('1', 14, 6), shot('2', 16, 7)]);
  expect(runsOf(await read()).map((run) => run.map(({ item }) => item))).toEqual([
    ['E-1', 'E-3'],
    ['E-2', 'E-4'],
  ]);
});
