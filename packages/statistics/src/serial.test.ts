import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseExact } from './choose.ts';
import { knownStart, serialPosterior, unknownStart } from './serial.ts';
import { tankRange, tanks } from './statistics.fixture.ts';

test.each(tanks)('a series from 1 of which $k were seen up to $m has the published estimates', (vector) => {
  const { m, k, umvue, mean, sd, median, bayes95, upper95, two } = vector;
  const known = knownStart(m, k);
  const bayes = serialPosterior(m, k);
  expect(known.estimate).toBeCloseTo(umvue, 4);
  expect(bayes.mean).toBeCloseTo(mean, 4);
  if (sd !== undefined) expect(bayes.sd).toBeCloseTo(sd, 3);
  if (median !== undefined) expect(bayes.median).toBe(median);
  if (bayes95 !== undefined) expect(bayes.upper).toBe(bayes95);
  if (upper95 !== undefined) expect(known.upper).toBe(upper95);
  if (two !== undefined) expect(known.interval).toEqual(two);
});

test('a range of numbers gives the length of its series where the start is not known', () => {
  const { min, max, k, N } = tankRange;
  expect(unknownStart(min, max, k)).toBeCloseTo(N, 9);
});

/** All ways to choose k of 1..n. */
function* subsets(n: number, k: number, from = 1): Generator<number[]> {
  if (k === 0) yield [];
  else for (let i = from; i <= n - k + 1; i++) for (const rest of subsets(n, k - 1, i + 1)) yield [i, ...rest];
}

test('over all ways to see 4 of 12, the estimates are on average 12', () => {
  const all = [...subsets(12, 4)];
  const mean = (estimate: (seen: number[]) => number) =>
    all.reduce((sum, seen) => sum + estimate(seen), 0) / all.length;
  expect(all).toHaveLength(Number(chooseExact(12, 4)));
  expect(mean((seen) => knownStart(seen.at(-1)!, 4).estimate)).toBeCloseTo(12, 9);
  expect(mean((seen) => unknownStart(seen[0]!, seen.at(-1)!, 4))).toBeCloseTo(12, 9);
});

test('the two-sided interval holds the truth in at least 95 % of all ways to see k of n', () => {
  for (const [n, k] of [
    [14, 3],
    [20, 5],
    [16, 8],
  ] as const) {
    let [held, all] = [0, 0];
    for (const seen of subsets(n, k)) {
      const [low, high] = knownStart(seen.at(-1)!, k).interval;
      all++;
      if (low <= n && n <= high) held++;
    }
    expect(held / all).toBeGreaterThanOrEqual(0.95);
  }
});

test('no estimate lies below what was seen, and no interval is upside down', () => {
  fc.assert(
    fc.property(fc.integer({ min: 3, max: 400 }), fc.integer({ min: 0, max: 5000 }), (k, more) => {
      const m = k + more;
      const { estimate, interval, upper } = knownStart(m, k);
      const bayes = serialPosterior(m, k);
      expect(estimate).toBeGreaterThanOrEqual(m);
      expect(interval[0]).toBeGreaterThanOrEqual(m);
      expect(interval[1]).toBeGreaterThanOrEqual(interval[0]);
      expect(upper).toBeLessThanOrEqual(interval[1]);
      expect(bayes.median).toBeLessThanOrEqual(bayes.upper);
    }),
    { numRuns: 200 },
  );
});

test('numbers that contradict each other are refused', () => {
  expect(() => knownStart(3, 4)).toThrow(RangeError);
  expect(() => knownStart(3.5, 2)).toThrow(RangeError);
  expect(() => serialPosterior(10, 2)).toThrow(RangeError);
  expect(() => unknownStart(5, 5, 1)).toThrow(RangeError);
});
