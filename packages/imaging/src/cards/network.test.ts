import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { columnStep, judge, newPass, packWeights, signs, unpackWeights } from './network.ts';
import { lineHeight } from './line.ts';

const bytes = readFileSync(new URL('./digits.bin', import.meta.url));

test('the weights of this network are read and written again as the same bytes; others are refused', () => {
  expect(Buffer.from(packWeights(unpackWeights(bytes))).equals(bytes)).toBe(true);
  expect(bytes.length).toBeLessThan(2_000_000);
  expect(() => unpackWeights(bytes.subarray(1))).toThrow(RangeError);
});

test('what it says of a column is a distribution, and there is a column for every four pixels', () => {
  const [pass, width] = [newPass(), 101];
  const ink = Float32Array.from({ length: lineHeight * width }, (_, k) => (k % 7 === 0 ? 0.9 : 0.1));
  const { count, logs, hand } = judge(unpackWeights(bytes), pass, ink, width);
  expect(count).toBe(Math.ceil(width / columnStep));
  for (let t = 0; t < count; t++) {
    const row = logs.subarray(t * signs.length, (t + 1) * signs.length);
    expect(row.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 4);
  }
  expect(hand).toBeGreaterThanOrEqual(0);
  expect(hand).toBeLessThanOrEqual(1);
});
