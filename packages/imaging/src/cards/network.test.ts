import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { judge, layers, newPass, packWeights, signs, unpackWeights } from './network.ts';

const bytes = readFileSync(new URL('./digits.bin', import.meta.url));

test('the weights of this network are read and written again as the same bytes; others are refused', () => {
  expect(Buffer.from(packWeights(unpackWeights(bytes))).equals(bytes)).toBe(true);
  expect(bytes.length).toBeLessThan(2_000_000);
  expect(() => unpackWeights(bytes.subarray(1))).toThrow(RangeError);
  expect(layers.length).toBe(8);
});

test('what it says of a sign is a distribution', () => {
  const pass = newPass();
  pass.input.fill(0.3);
  const { logs, hand } = judge(unpackWeights(bytes), pass);
  expect(logs.length).toBe(signs.length);
  expect(logs.reduce((sum, log) => sum + Math.exp(log), 0)).toBeCloseTo(1, 4);
  expect(hand).toBeGreaterThanOrEqual(0);
  expect(hand).toBeLessThanOrEqual(1);
});
