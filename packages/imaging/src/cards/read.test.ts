import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { heldFaces } from '../../train/families.ts';
import { drawnLines, readLine } from '../../train/measure.ts';
import type { Grey } from './line.ts';
import { unpackWeights } from './network.ts';
import { readNumbers } from './read.ts';

const weights = unpackWeights(readFileSync(new URL('./digits.bin', import.meta.url)));

test('of numbers in fonts it has never seen most are read, and of what it is sure of next to none is wrong', async () => {
  const lines = await drawnLines(31, 30, heldFaces, false);
  let [right, sure, wrong] = [0, 0, 0];
  for (const { grey, box, value } of lines) {
    const readings = readLine(grey, box, weights);
    if (readings.some((one) => one.value === value)) right++;
    for (const one of readings) {
      if (one.probability < 0.95) continue;
      sure++;
      if (one.value !== value) wrong++;
    }
  }
  expect(right).toBeGreaterThanOrEqual(18);
  expect(sure).toBeGreaterThanOrEqual(6);
  expect(wrong).toBeLessThanOrEqual(1);
}, 60_000);

test('a picture that lies on its head is read all the same, its corners in the order of reading', async () => {
  const lines = await drawnLines(32, 16, heldFaces, false);
  let same = 0;
  for (const { grey, box, value } of lines) {
    const [upright] = readLine(grey, box, weights);
    if (upright?.value !== value || upright.probability < 0.9 || !/[23457]/.test(value)) continue;
    const { width, height } = grey;
    const turned: Grey = { width, height, data: grey.data.toReversed() };
    const [found] = readLine(turned, { ...box, x: width - box.x, y: height - box.y }, weights);
    if (found?.value !== value) continue;
    same++;
    found.quad.forEach(([x, y], k) => {
      const away = upright.quad.map(([u, v]) => Math.hypot(width - x - u, height - y - v));
      expect(away.indexOf(Math.min(...away))).toBe(k);
    });
  }
  expect(same).toBeGreaterThanOrEqual(3);
}, 60_000);

test('ground without writing gives no number', () => {
  const data = Uint8Array.from({ length: 200 * 100 }, (_, k) => 180 + (k % 3));
  const box = { x: 100, y: 50, length: 120, height: 40, angle: 0, score: 0.9 };
  expect(readNumbers({ data, width: 200, height: 100 }, [box], weights)).toEqual([]);
});
