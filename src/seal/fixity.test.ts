// How a batch of checked items is written down: as stretches of their numbers.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stretches } from './fixity.ts';

test('numbers are told as stretches, in any order given, and give the numbers again', () => {
  expect(stretches([7, 1, 3, 2])).toEqual([
    [1, 3],
    [7, 7],
  ]);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 50 })), (numbers) => {
      const told = stretches(numbers);
      const again = told.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
      expect(again).toEqual(numbers.toSorted((a, b) => a - b));
      expect(told.every(([first], i) => i === 0 || told[i - 1]![1] + 1 < first)).toBe(true);
    }),
  );
});
