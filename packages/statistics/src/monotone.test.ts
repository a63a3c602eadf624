import fc from 'fast-check';
import { expect, test } from 'vitest';
import { monotoneViolators } from './monotone.ts';

const rises = (values: readonly number[]) => values.every((value, i) => i === 0 || value >= values[i - 1]!);

test('what is left rises, and no smaller set would do', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 11 }), (values) => {
      const aside = new Set(monotoneViolators(values));
      expect(rises(values.filter((_, i) => !aside.has(i)))).toBe(true);
      let most = 0;
      for (let ways = 0; ways < 2 ** values.length; ways++) {
        const kept = values.filter((_, i) => (ways >> i) & 1);
        if (kept.length > most && rises(kept)) most = kept.length;
      }
      expect(aside.size).toBe(values.length - most);
    }),
    { numRuns: 60 },
  );
});

test('one wrong date is set aside, and none of its neighbours', () => {
  expect(monotoneViolators([1, 3, 4, 900, 5, 6, 9, 2, 10])).toEqual([3, 7]);
});

test('7,000 numbers in falling order end in no time', () => {
  expect(monotoneViolators(Array.from({ length: 7000 }, (_, i) => -i))).toHaveLength(6999);
});
