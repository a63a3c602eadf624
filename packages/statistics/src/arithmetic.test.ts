import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectedMatches } from './chance.ts';
import { chooseExact, logChoose } from './choose.ts';
import { sampleSize, wilson } from './proportion.ts';
import { poissonInterval } from './rate.ts';
import { findResets } from './reset.ts';
import { proportions, sampleSizes } from './statistics.fixture.ts';

test('250 candidates in a range of 9,000 give 2.8 % a document: two of two by chance 0.08 %, two or three of a hundred are what chance gives', () => {
  const document = { candidates: 250, range: 9000 };
  const two = expectedMatches([document, document]);
  expect((two.expected / 2).toFixed(3)).toBe('0.028');
  expect((100 * two.atLeast[2]!).toFixed(2)).toBe('0.08');
  const hundred = expectedMatches(Array.from({ length: 100 }, () => document));
  expect(hundred.expected).toBeCloseTo(2.78, 2);
  expect(hundred.atLeast[2]).toBeGreaterThan(0.75);
});

test('chances of matches agree with trying every outcome', () => {
  const p = fc.record({ candidates: fc.nat(9), range: fc.integer({ min: 9, max: 20 }) });
  fc.assert(
    fc.property(fc.array(p, { maxLength: 7 }), (documents) => {
      const exactly = Array.from({ length: documents.length + 1 }, () => 0);
      for (let ways = 0; ways < 2 ** documents.length; ways++) {
        let [chance, n] = [1, 0];
        documents.forEach(({ candidates, range }, i) => {
          const hit = ((ways >> i) & 1) === 1;
          chance *= hit ? candidates / range : 1 - candidates / range;
          if (hit) n++;
        });
        exactly[n]! += chance;
      }
      const { atLeast } = expectedMatches(documents);
      expect(atLeast).toHaveLength(documents.length + 1);
      atLeast.forEach((share, n) =>
        expect(share).toBeCloseTo(
          exactly.slice(n).reduce((a, b) => a + b),
          10,
        ),
      );
    }),
  );
  expect(() => expectedMatches([{ candidates: 5, range: 4 }])).toThrow(RangeError);
});

test.each(proportions)('$x of $n have their Wilson interval', ({ x, n, wilson: [low, high] }) => {
  expect(wilson(x, n)[0]).toBeCloseTo(low!, 6);
  expect(wilson(x, n)[1]).toBeCloseTo(high!, 6);
});

test('62 % of 150 are 54.0 to 69.4 %; of nothing, anything', () => {
  expect(wilson(93, 150).map((share) => (100 * share).toFixed(1))).toEqual(['54.0', '69.4']);
  expect(wilson(0, 0)).toEqual([0, 1]);
});

test('of 6,786 individuals 364 and 922 are drawn for 5 and 3 points', () => {
  expect(Math.round(sampleSize(6786, 0.05))).toBe(364);
  expect(Math.round(sampleSize(6786, 0.03))).toBe(922);
  for (const { e, N, n } of sampleSizes) expect(sampleSize(N, e)).toBeCloseTo(n, 6);
});

// Garwood's table, as printed in Biometrika Tables for Statisticians I, table 40.
test.each([
  [0, 0, 3.689],
  [1, 0.0253, 5.572],
  [10, 4.795, 18.39],
  [100, 81.36, 121.63],
])("a count of %i has Garwood's interval", (count, low, high) => {
  const interval = poissonInterval(count);
  expect(interval[0]).toBeCloseTo(low, 2);
  expect(interval[1]).toBeCloseTo(high, 2);
});

test('the logarithm of a binomial coefficient is that of the exact one', () => {
  for (const [n, k] of [
    [10, 3],
    [300, 150],
    [2000, 7],
    [900, 899],
    [5, 6],
  ] as const) {
    const exact = chooseExact(n, k);
    const digits = String(exact);
    const log =
      exact === 0n ? -Infinity : Math.log(Number(digits.slice(0, 15))) + Math.max(0, digits.length - 15) * Math.LN10;
    expect(logChoose(n, k) === log || Math.abs(logChoose(n, k) - log) < 1e-9).toBe(true);
  }
});

test('a series that begins again is cut there, and one stray number cuts nothing', () => {
  const rise = (from: number, many: number) => Array.from({ length: many }, (_, i) => from + 3 * i);
  expect(findResets([...rise(100, 40), ...rise(1, 30)])).toEqual([40]);
  expect(findResets([...rise(100, 20), ...rise(1, 20), ...rise(5, 20)])).toEqual([20, 40]);
  expect(findResets([...rise(100, 20), 1, ...rise(160, 20)])).toEqual([]);
  expect(findResets(rise(1, 200))).toEqual([]);
  expect(findResets([])).toEqual([]);
});
