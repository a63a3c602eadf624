import fc from 'fast-check';
import { expect, test } from 'vitest';
import { longestMissingRun, longestMissingRunChance, missingRuns } from './gap.ts';
import { maxGap } from './statistics.fixture.ts';

test.each(maxGap)('$k of $n leave a run of $L or more with the computed chance', ({ n, k, L, p }) => {
  expect(longestMissingRunChance(n, k, L)).toBeCloseTo(p, 10);
});

/** By trying every one of the 2^n ways. */
function counted(n: number, k: number, length: number): number {
  let [hit, all] = [0, 0];
  for (let ways = 0; ways < 2 ** n; ways++) {
    let [seen, run, longest] = [0, 0, 0];
    for (let i = 0; i < n; i++) {
      if ((ways >> i) & 1) {
        seen++;
        run = 0;
      } else longest = Math.max(longest, ++run);
    }
    if (seen !== k) continue;
    all++;
    if (longest >= length) hit++;
  }
  return hit / all;
}

test('the formula agrees with counting every way, for every k and L of 11 numbers, and for 10 of 20', () => {
  for (let k = 0; k <= 11; k++)
    for (let length = 1; length <= 12; length++)
      expect(longestMissingRunChance(11, k, length)).toBeCloseTo(counted(11, k, length), 12);
  expect(longestMissingRunChance(20, 10, 3)).toBeCloseTo(counted(20, 10, 3), 12);
});

test('a longer run is never likelier', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(300), fc.nat(40), (n, seen, length) => {
      const k = Math.min(n, seen);
      const chance = longestMissingRunChance(n, k, length);
      expect(chance).toBeGreaterThanOrEqual(longestMissingRunChance(n, k, length + 1));
      expect(chance).toBeLessThanOrEqual(1);
    }),
  );
});

test('missing runs lie between numbers seen, and repeats are none', () => {
  expect(missingRuns([4, 5, 5, 9, 10, 12])).toEqual([
    { from: 6, to: 8, length: 3 },
    { from: 11, to: 11, length: 1 },
  ]);
  expect(longestMissingRun([1, 4, 7])).toEqual({ from: 2, to: 3, length: 2 });
  expect(longestMissingRun([1, 2, 3])).toBeNull();
});

test('numbers that contradict each other are refused', () => {
  expect(() => longestMissingRunChance(5, 6, 1)).toThrow(RangeError);
  expect(() => longestMissingRunChance(5, 2, 0.5)).toThrow(RangeError);
});
