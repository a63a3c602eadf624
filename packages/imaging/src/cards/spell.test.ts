import fc from 'fast-check';
import { expect, test } from 'vitest';
import { none, signs, type Columns } from './network.ts';
import { spellings, together, type Script } from './spell.ts';

const n = signs.length;
const at = (sign: string): number => signs.indexOf(sign as (typeof signs)[number]);

/** Columns that show these signs ('' for none), each with this probability, the rest shared by all others. */
function columnsOf(shown: readonly string[], sure = 0.9): Columns {
  const logs = new Float32Array(shown.length * n).fill(Math.log((1 - sure) / (n - 1)));
  shown.forEach((sign, t) => (logs[t * n + at(sign)] = Math.log(sure)));
  return { count: shown.length, logs, hand: 0.5 };
}

test('signs are told apart by none between them, and one that goes on over columns is one', () => {
  expect(spellings(columnsOf(['2', '2', '', '2', '7', '']), 'latin')[0]).toMatchObject({ value: '227', signs: 3 });
  expect(spellings(columnsOf(['2', '2', '2', '7']), 'latin')[0]!.value).toBe('27');
});

test('a suffix is read from its side: after a Latin number, before an Arabic-Indic one', () => {
  expect(spellings(columnsOf(['4', '5', '/', 'أ']), 'latin')[0]).toMatchObject({ value: '45/أ', signs: 4 });
  expect(spellings(columnsOf(['ب', '/', '٤', '٥']), 'arabic-indic')[0]).toMatchObject({ value: '45/ب', signs: 4 });
});

test('only numbers are spelt: no slash at an end, no letter without one, no sign of the other script', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...signs), { minLength: 2, maxLength: 9 }),
      fc.constantFrom<Script>('latin', 'arabic-indic'),
      (shown, script) => {
        for (const { value, probability } of spellings(columnsOf(shown), script)) {
          expect(value).toMatch(/^[0-9]+(?:\/[أبجد])?$/u);
          expect(probability).toBeGreaterThan(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});

test('the probability of a number is the sum over all columns that read as it', () => {
  const four = fc.array(fc.float({ min: Math.fround(0.05), max: 1, noNaN: true }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(four, (weights) => {
      // Four columns over '1', '2' and none: all 81 ways are few enough to sum.
      const logs = new Float32Array(4 * n).fill(-60);
      const labels = [at('1'), at('2'), none];
      for (let t = 0; t < 4; t++) {
        const row = weights.slice(3 * t, 3 * t + 3);
        const sum = row.reduce((a, b) => a + b, 0);
        labels.forEach((label, k) => (logs[t * n + label] = Math.log(row[k]! / sum)));
      }
      const sums = new Map<string, number>();
      for (let way = 0; way < 81; way++) {
        const path = [0, 1, 2, 3].map((t) => labels[Math.floor(way / 3 ** t) % 3]!);
        const p = path.reduce((product, label, t) => product * Math.exp(logs[t * n + label]!), 1);
        const value = path
          .filter((label, t) => label !== none && label !== path[t - 1])
          .map((label) => signs[label])
          .join('');
        sums.set(value, (sums.get(value) ?? 0) + p);
      }
      const found = spellings({ count: 4, logs, hand: 0 }, 'latin');
      for (const { value, probability } of found) expect(probability).toBeCloseTo(sums.get(value)!, 4);
      const longest = [...sums].filter(([value]) => value.length >= 2).toSorted((a, b) => b[1] - a[1])[0]!;
      expect(found[0]!.probability).toBeCloseTo(longest[1], 4);
    }),
  );
});

test('several looks together: each number has the mean of what they give it', () => {
  const [a, b] = [
    { value: '12', signs: 2, probability: 0.8 },
    { value: '17', signs: 2, probability: 0.5 },
  ];
  expect(together([[a], [b, { ...a, probability: 0.2 }]])).toEqual([
    { value: '12', signs: 2, probability: 0.5 },
    { value: '17', signs: 2, probability: 0.25 },
  ]);
});
