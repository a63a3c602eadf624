// What speaks against the grouping, from rows on a real PostgreSQL: numbers, branches, and what people said of pairs.
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cardProjection } from '../describe/card-project.ts';
import { describeProjection } from '../describe/project.ts';
import { intakeProjection } from '../intake/project.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import { readConflicts, type Conflict } from './conflicts.ts';
import { groupProjection, keyText } from './project.ts';

let rows: RowsIndex;
beforeAll(async () => {
  rows = await openRowsIndex([intakeProjection, describeProjection, cardProjection, groupProjection]);
});
beforeEach(() => rows.empty());
afterAll(() => rows.close());

interface Held {
  item: string;
  /** Branches that its paths name. */
  branches?: string[];
  individual?: string;
}

/** Pictures of individuals whose key is a number alone. */
async function hold(pictures: readonly Held[], keys: Record<string, string>): Promise<void> {
  await rows.put(
    'description',
    pictures.map(({ item }, position) => ({ item, position, format: 'image/jpeg' })),
  );
  await rows.put(
    'reading',
    pictures.map(({ item, branches = [] }, position) => ({
      item,
      position,
      identifiers: branches.map((value) => ({ value, role: 'branch-number', carrier: 'folder', pattern: 'p' })),
      problems: [],
    })),
  );
  await rows.put(
    'individual',
    Object.entries(keys).map(([handle, number], position) => {
      const key = { 'detainee-number': number };
      return { handle, position, key, key_text: keyText(key), members: 1, counted: 1 };
    }),
  );
  await rows.put(
    'member',
    pictures.flatMap(({ item, individual }) => (individual === undefined ? [] : [{ item, individual, reasons: [] }])),
  );
}

const told = async (): Promise<string[]> =>
  (await readConflicts({ index: rows.index })).map(
    ({ kind, subject, what, items }: Conflict) => `${kind} ${subject}: ${what} (${items.join(' ')})`,
  );

test('one number below two branches is no individual: its pictures in folders of both are listed, 0215 is 215', async () => {
  await hold(
    [
      { item: 'E-1', branches: ['215'], individual: 'I-1' },
      { item: 'E-2', branches: ['0215'], individual: 'I-1' },
      { item: 'E-3', branches: ['227'], individual: 'I-1' },
      { item: 'E-4', branches: ['215'], individual: 'I-2' },
      { item: 'E-5', individual: 'I-2' },
    ],
    { 'I-1': '7', 'I-2': '8' },
  );
  expect(await told()).toEqual([
    'one-number-two-bodies I-1: its pictures lie in folders of 2 branches: 215, 227 (E-1 E-3)',
  ]);
});

test('a card whose branch is not that of the folder is listed, whoever read it; a doubtful machine is not', async () => {
  await hold(
    [
      { item: 'E-1', branches: ['215'] },
      { item: 'E-2', branches: ['215'] },
      { item: 'E-3', branches: ['227'] },
      { item: 'E-4', branches: ['215'] },
      { item: 'E-5', branches: ['215', '227'] },
      { item: 'E-6' },
    ],
    {},
  );
  const agreed = (item: string, value: string, probability: number) => ({
    head: item,
    items: item === 'E-1' ? ['E-1', 'E-2'] : [item],
    numbers: [{ role: 'branch-number', value, probability, witnesses: 2, item, n: 0 }],
  });
  await rows.put('agreement', [
    agreed('E-1', '227', 0.9999),
    agreed('E-3', '0227', 0.9999),
    agreed('E-4', '227', 0.5),
    agreed('E-5', '227', 0.9999),
    agreed('E-6', '227', 0.9999),
  ]);
  const machine =
    'one-body-two-branches E-1: its folder is of branch 215, cards read by the machine say 227, of 2 pictures (E-1 E-2)';
  expect(await told()).toEqual([machine]);
  // A person has read one of the two otherwise: that stands for both.
  await rows.put('settlement', [{ item: 'E-2', role: 'branch-number', value: '215' }]);
  expect(await told()).toEqual([]);
  await rows.put('settlement', [{ item: 'E-4', role: 'branch-number', value: '251' }]);
  expect(await told()).toEqual(['one-body-two-branches E-4: its folder is of branch 215, a person reads 251 (E-4)']);
});

test('what people said of pairs is held against the numbers: a link across two, a cut within one', async () => {
  await hold(
    ['1', '2', '3', '4'].map((n, i) => ({ item: `E-${n}`, individual: i < 3 ? 'I-1' : 'I-2' })),
    { 'I-1': '7', 'I-2': '8' },
  );
  await rows.put('link', [
    { a: 'E-1', b: 'E-2', link: 'cannot' },
    { a: 'E-1', b: 'E-3', link: 'must' },
    { a: 'E-1', b: 'E-4', link: 'must' },
    { a: 'E-2', b: 'E-4', link: 'cannot' },
  ]);
  // The search for copies has followed the link: it is told once.
  await rows.put('near', [{ item: 'E-4', of: 'E-1', basis: 'person', changes: [] }]);
  expect(await told()).toEqual([
    'one-number-two-bodies I-1: a person has cut two of its pictures from each other (E-1 E-2)',
    'one-body-two-numbers I-1: a person has linked two pictures, of I-1 and I-2 (E-1 E-4)',
  ]);
});
