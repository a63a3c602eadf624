import fc from 'fast-check';
import { expect, test } from 'vitest';
import { unwrapCounters } from './counter.ts';
import { missingRuns } from './gap.ts';

test('DSC_9997, DSC_9999, DSC_0001 run on, with one gap', () => {
  const unwrapped = unwrapCounters([9997, 9999, 1]);
  expect(unwrapped).toEqual([9997, 9999, 10000]);
  expect(missingRuns(unwrapped)).toEqual([{ from: 9998, to: 9998, length: 1 }]);
});

test('a picture from before the start again, whose clock comes late, goes back before it', () => {
  expect(unwrapCounters([9998, 1, 9999, 2])).toEqual([9998, 10000, 9999, 10001]);
});

test('any rising count comes back from its four digits, whole folders of it too', () => {
  const steps = fc.array(fc.integer({ min: 1, max: 4998 }), { maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9999 }), steps, (start, ups) => {
      const count = [start];
      for (const up of ups) count.push(count.at(-1)! + up);
      expect(unwrapCounters(count.map((n) => ((n - 1) % 9999) + 1))).toEqual(count);
    }),
  );
});
