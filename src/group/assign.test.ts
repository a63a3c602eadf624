// Individuals at the size of a real cache, without drawing it: the plan of a demo, its names read by its rules, its cards by
// a simulated reader. And the small cases in which neighbourhood must not speak.
import { expect, test } from 'vitest';
import type { FileFacts } from '../demo/plan.ts';
import { assign, type Assignable } from './assign.ts';
import { compare } from './partition-measures.ts';
import { answered, known, partitionOf, plannedPictures, type Planned, type Read } from './planned.fixture.ts';
import { keyText } from './project.ts';
import { simulatedCard } from './reader.fixture.ts';

/** The pictures of a planned cache, read by the simulated reader. */
function pictures(individuals: number, seed: string): Planned {
  const read = ({ path, individual, card }: FileFacts): Read[] =>
    card === null
      ? []
      : (simulatedCard(seed, { path, individual: individual!, card })['readings'] as unknown as Read[]);
  return plannedPictures({ individuals, seed, megapixels: 0.01 }, read);
}

test.each(['held out 11', 'held out 12', 'held out 13'])(
  '2,000 individuals before anybody has looked: at most one pair of 1,000 is wrong, 97 of 100 are found (%s)',
  (seed) => {
    const { all, truth } = pictures(2000, seed);
    const start = performance.now();
    const measured = compare(partitionOf(assign(all, known)), truth);
    console.log(
      seed,
      `${all.length} pictures in ${Math.round(performance.now() - start)} ms`,
      JSON.stringify(measured),
    );
    expect(measured.pairwise.precision).toBeGreaterThanOrEqual(0.999);
    expect(measured.pairwise.recall).toBeGreaterThanOrEqual(0.97);
    expect(measured.bCubed.precision).toBeGreaterThanOrEqual(0.999);
  },
);

test('after answers to at most 5 % of the individuals, 995 of 1,000 true pairs are found', () => {
  const { answers, queue, before, after } = answered(pictures(2000, 'held out 14'), 100);
  console.log(`${answers} answers of a queue of ${queue}`, JSON.stringify(before), JSON.stringify(after));
  expect(after.pairwise.precision).toBeGreaterThanOrEqual(0.999);
  expect(after.pairwise.recall).toBeGreaterThanOrEqual(0.995);
});

const picture = (n: number, more: Partial<Assignable> = {}): Assignable => ({
  item: `E-${n}`,
  id: `id-${n}`,
  position: n,
  cluster: `E-${n}`,
  body: 'camera',
  serial: true,
  taken: 1000 + 30 * n,
  counter: n,
  target: null,
  number: null,
  by: null,
  readings: [],
  settled: [],
  excluded: false,
  ...more,
});
const named = (n: number, number: string): Assignable =>
  picture(n, { target: keyText({ 'branch-number': '215', 'detainee-number': number }), number, by: 'path' });
const reads = (number: string, probability: number) =>
  [
    ['branch-number', '215'],
    ['detainee-number', number],
  ].map(([role, value], n) => ({ n, role: role!, values: [{ value: value!, probability }] }));
const members = (all: Assignable[]) =>
  [...assign(all, known).members.values()].map((list) => list.map(({ item, reasons }) => [item, reasons[0]!.reason]));

test('a picture between two of one number joins them; between two numbers it joins neither and is asked about', () => {
  expect(members([named(1, '7'), picture(2), named(3, '7')])).toEqual([
    [
      ['E-1', 'path'],
      ['E-2', 'sequence'],
      ['E-3', 'path'],
    ],
  ]);
  expect(members([named(1, '7'), picture(2), named(3, '8')])).toEqual([[['E-1', 'path']], [['E-3', 'path']]]);
});

test('after the last picture that shows a number, another may show the next subject: it is proposed, not joined', () => {
  const { members: joined, proposals } = assign([named(1, '7'), named(2, '7'), picture(3)], known);
  expect([...joined.values()][0]!.map(({ item }) => item)).toEqual(['E-1', 'E-2']);
  expect(proposals).toMatchObject([{ items: ['E-3'], why: 'beside' }]);
});

test('a number that three pictures agree on is used before anybody is asked; of one or two it is asked about', () => {
  const three = [0.999, 0.9, 0.95].map((sure, n) => picture(n + 1, { readings: reads('7', sure) }));
  const sure = assign(three, known);
  expect([...sure.members.values()].flat().map(({ reasons }) => reasons[0]!.reason)).toEqual(['card', 'card', 'card']);
  expect(assign(three.slice(1), known).members.size).toBe(0);
  expect(sure.questions.every(({ state }) => state === 'provisional')).toBe(true);
  // However sure its reader is, one picture alone is asked about.
  const unsure = assign([picture(1, { readings: reads('7', 0.999) })], known);
  expect(unsure.members.size).toBe(0);
  expect(unsure.questions.map(({ state, role }) => [state, role])).toEqual([
    ['open', 'branch-number'],
    ['open', 'detainee-number'],
  ]);
});

test('what a person settles on one crop speaks for the pictures that agree, and outweighs every machine', () => {
  const settled = ['branch-number', 'detainee-number'].map((role, i) => ({ role, value: ['215', '9'][i]! }));
  const all = [
    picture(1, { readings: reads('7', 0.999), settled }),
    picture(2, { readings: reads('9', 0.4) }),
    picture(3, { readings: reads('7', 0.8) }),
  ];
  const [found] = [...assign(all, known).members];
  const [target, list] = found!;
  expect(target).toBe(keyText({ 'branch-number': '215', 'detainee-number': '9' }));
  expect(list.map((one) => one.item)).toEqual(['E-1', 'E-2', 'E-3']);
});

test('the same number two weeks later is proposed, not put together', () => {
  const later = [900, 901, 902].map((n) => picture(n, { taken: 14 * 86_400 + n, readings: reads('7', 0.999) }));
  const { members: found, proposals } = assign([named(1, '7'), named(2, '7'), ...later], known);
  expect([...found.values()].flat().map(({ item }) => item)).toEqual(['E-1', 'E-2']);
  expect(proposals).toMatchObject([{ items: ['E-900', 'E-901', 'E-902'], why: 'far-apart' }]);
});

test('what a person has put nowhere stays nowhere', () => {
  const out = assign([named(1, '7'), { ...picture(2), excluded: true }, named(3, '7')], known);
  expect([...out.members.values()].flat().map(({ item }) => item)).toEqual(['E-1', 'E-3']);
});
