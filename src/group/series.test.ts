import { expect, test } from 'vitest';
import type { SeriesNumber } from '../case/authenticity.ts';
import { seriesOf, testSeries } from './series.ts';

const name = { role: 'detainee-number', branch: '215', suffix: null };
const day = (n: number): string => new Date(Date.UTC(2012, 0, 1 + n)).toISOString().slice(0, 10);
const seen = (number: number, days: number | null, more: Partial<SeriesNumber> = {}): SeriesNumber => ({
  number,
  day: days === null ? null : day(days),
  datedBy: days === null ? null : 'folder',
  pictures: 4,
  individuals: [`I-${number}`],
  item: `E-${number}`,
  ...more,
});
const settings = seriesOf('detainee-number');
/** Always the same numbers with no order in them, each below `most`. */
const scattered = (many: number, most: number): number[] => {
  const all = Array.from({ length: most }, (_, i) => i);
  let state = 12345;
  for (let i = most - 1; i > 0; i--) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    const j = state % (i + 1);
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.slice(0, many).toSorted((a, b) => a - b);
};

test('numbers that rise with the date: missing ones are counted within the range, and speak of no death', () => {
  const [segment, ...others] = testSeries(name, settings, [seen(10, 0), seen(11, 1), seen(15, 40), seen(16, null)]);
  expect(others).toEqual([]);
  expect(segment).toMatchObject({
    numbers: 4,
    from: 10,
    to: 16,
    missing: 3,
    gaps: 1,
    longest: { from: 12, to: 14, length: 3 },
    dated: 3,
    violators: [],
    window: [day(0), day(40)],
    settings: { issuedAtDeath: false, perBranch: true },
    rate: { issued: 5, days: 40 },
    length: { none: expect.stringContaining('fewer than 10') },
  });
});

test('one date that does not fit is set aside, with the days between which it would lie', () => {
  const [segment] = testSeries(name, settings, [seen(1, 0), seen(2, 3), seen(3, 300), seen(4, 5), seen(5, 6)]);
  expect(segment!.violators).toMatchObject([{ number: 3, day: day(300), between: [day(3), day(5)] }]);
  expect(segment!.window).toEqual([day(0), day(6)]);
});

test('a series that begins again is two parts, and is given no length', () => {
  const numbers = [
    ...Array.from({ length: 20 }, (_, i) => seen(500 + 3 * i, i)),
    ...Array.from({ length: 20 }, (_, i) => seen(1 + 2 * i, 30 + i)),
    seen(900, null),
  ];
  const parts = testSeries(name, settings, numbers);
  expect(parts.map(({ segment, from, to, numbers: many }) => [segment, from, to, many])).toEqual([
    [1, 500, 557, 20],
    [2, 1, 39, 20],
  ]);
  expect(parts.every(({ length }) => 'none' in length)).toBe(true);
});

test('a lost block is told from loss here and there, and no length is estimated from it', () => {
  const block = Array.from({ length: 120 }, (_, i) => i).filter((i) => i < 40 || i >= 90);
  const [lost] = testSeries(
    name,
    settings,
    block.map((number) => seen(number, number)),
  );
  expect(lost).toMatchObject({ blocks: true, missing: 50, length: { none: expect.stringContaining('in blocks') } });
  const [spread] = testSeries(
    name,
    settings,
    scattered(70, 120).map((number) => seen(number, number)),
  );
  expect(spread!.blocks).toBe(false);
  expect(spread!.length).toMatchObject({ estimate: expect.any(Number), interval: null });
});

test('where the case knows the first number, the length has its interval', () => {
  const known = seriesOf('hospital-number', [{ role: 'hospital-number', start: 1, issuedAtDeath: true }]);
  expect(known).toEqual({ perBranch: false, issuedAtDeath: true, start: 1 });
  const numbers = scattered(80, 160).map((number) => seen(number + 1, number));
  const [segment] = testSeries({ ...name, role: 'hospital-number' }, known, numbers);
  const { length, to } = segment!;
  if ('none' in length) throw new Error('expected an estimate');
  expect(length.estimate).toBeCloseTo(to + to / 80 - 1, 9);
  expect(length.interval![0]).toBe(to);
  expect(length.interval![1]).toBeGreaterThan(length.estimate);
});

test('months list the numbers of their days, and what is missing between them', () => {
  const [segment] = testSeries(name, settings, [seen(1, 0), seen(4, 20), seen(9, 40), seen(10, 50)]);
  expect(segment!.months).toEqual([
    { month: '2012-01', numbers: 2, from: 1, to: 4, missing: 2 },
    { month: '2012-02', numbers: 2, from: 9, to: 10, missing: 0 },
  ]);
});
