// Series from rows on a real PostgreSQL: branches, letters, rules of the case, conflicts, and what 28,707 pictures cost.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeProjection } from '../describe/project.ts';
import { intakeProjection } from '../intake/project.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import { groupProjection } from './project.ts';
import { countCandidates, readSequences, seenRange } from './read-series.ts';

let index: RowsIndex;

beforeAll(async () => {
  index = await openRowsIndex([intakeProjection, describeProjection, groupProjection]);
});
beforeEach(() => index.empty());
afterAll(() => index.close());

interface Shown {
  individual?: string;
  folder?: string;
  numbers: Record<string, string>;
}

/** Pictures with what was read of them. */
async function hold(shown: readonly Shown[], series?: object[]): Promise<void> {
  const rows = shown.map((each, position) => ({
    item: `E-${String(position + 1).padStart(5, '0')}`,
    position,
    ...each,
  }));
  await index.put(
    'item',
    rows.map(({ item, position }) => ({ handle: item, id: item, sha256: item, position })),
  );
  await index.put(
    'reading',
    rows.map(({ item, position, numbers, folder }) => ({
      item,
      position,
      identifiers: [...Object.entries(numbers), ...(folder === undefined ? [] : [['folder-date', folder]])].map(
        ([role, value]) => ({ role, value, carrier: 'folder', pattern: 'p' }),
      ),
      problems: [],
    })),
  );
  await index.put(
    'member',
    rows.flatMap(({ item, individual, position }) =>
      individual === undefined ? [] : [{ item, individual, position }],
    ),
  );
  if (series !== undefined) await index.put('rules', [{ id: 'r', body: { patterns: [], series } }]);
}

test('a series for each branch; what is no digits is counted, and 0012 is 12', async () => {
  await hold([
    { folder: '2013-05-01', numbers: { 'branch-number': '215', 'detainee-number': '0012' } },
    { folder: '2013-05-02', numbers: { 'branch-number': '215', 'detainee-number': '15' } },
    { folder: '2013-05-01', numbers: { 'branch-number': '227', 'detainee-number': '12' } },
    { numbers: { 'branch-number': '227', 'detainee-number': 'no 7 or 8' } },
  ]);
  const { segments, unreadable } = await readSequences(index.pool);
  expect(segments).toMatchObject([
    {
      role: 'detainee-number',
      branch: '215',
      numbers: 2,
      from: 12,
      to: 15,
      missing: 2,
      window: ['2013-05-01', '2013-05-02'],
    },
    { role: 'detainee-number', branch: '227', numbers: 1, from: 12, to: 12, missing: 0, longest: null },
  ]);
  expect(unreadable).toBe(1);
});

test('examination numbers run across branches, each letter by itself; two bodies with one of them are a conflict', async () => {
  const numbers = (branch: string, detainee: string, hospital: string) => ({
    'branch-number': branch,
    'detainee-number': detainee,
    'hospital-number': hospital,
  });
  await hold(
    [
      { individual: 'I-1', numbers: numbers('215', '5', '100/أ') },
      { individual: 'I-2', numbers: numbers('227', '5', '100/أ') },
      { individual: 'I-3', numbers: numbers('227', '9', '3 ب') },
      { individual: 'I-3', numbers: numbers('227', '9', '3 ب') },
    ],
    [{ role: 'hospital-number', issuedAtDeath: true, start: 1 }],
  );
  const { segments, shared } = await readSequences(index.pool);
  const hospital = segments.filter(({ role }) => role === 'hospital-number');
  expect(hospital).toMatchObject([
    {
      branch: null,
      suffix: 'أ',
      numbers: 1,
      individuals: 2,
      settings: { issuedAtDeath: true, perBranch: false, start: 1 },
    },
    { branch: null, suffix: 'ب', numbers: 1, individuals: 1, pictures: 2 },
  ]);
  expect(segments.find(({ role }) => role === 'detainee-number')!.settings.issuedAtDeath).toBe(false);
  expect(shared).toEqual([
    {
      role: 'detainee-number',
      number: '5',
      conflict: false,
      individuals: [
        { handle: 'I-1', branch: '215' },
        { handle: 'I-2', branch: '227' },
      ],
    },
    expect.objectContaining({ role: 'hospital-number', number: '100أ', conflict: true }),
  ]);
});

test('candidates are the distinct numbers within so many days of a document, of its branch where it has one', async () => {
  const dated = (folder: string, branch: string, number: string) => ({
    folder,
    numbers: { 'branch-number': branch, 'detainee-number': number },
  });
  await hold([
    dated('2013-05-01', '215', '12'),
    dated('2013-05-01', '215', '12'),
    dated('2013-05-20', '227', '40'),
    dated('2013-07-01', '215', '90'),
  ]);
  const count = async (within: number, branch: string | null) => [
    ...(await countCandidates(index.pool, { role: 'detainee-number', day: '2013-05-10', within, branch })).numbers,
  ];
  expect(await count(10, null)).toEqual([12, 40]);
  expect(await count(9, null)).toEqual([12]);
  expect(await count(10, '227')).toEqual([40]);
  expect(await seenRange(index.pool, 'detainee-number')).toEqual({ from: 12, to: 90 });
  expect(await seenRange(index.pool, 'hospital-number')).toBeNull();
});

test('28,707 pictures of 6,786 individuals are tested in seconds', async () => {
  const shown = Array.from({ length: 28_707 }, (_, i): Shown => {
    const n = i % 6786;
    return {
      individual: `I-${n}`,
      folder: new Date(Date.UTC(2011, 4, 4) + Math.floor(n / 8) * 86_400_000).toISOString().slice(0, 10),
      numbers: { 'branch-number': String(215 + (n % 7)), 'detainee-number': String(200 + 2 * n + (n % 3)) },
    };
  });
  await hold(shown);
  const began = performance.now();
  const { segments } = await readSequences(index.pool);
  const seconds = (performance.now() - began) / 1000;
  console.log(`28,707 pictures: ${seconds.toFixed(1)} s`);
  expect(segments).toHaveLength(7);
  expect(segments.reduce((sum, { numbers }) => sum + numbers, 0)).toBe(6786);
  expect(seconds).toBeLessThan(30);
});
