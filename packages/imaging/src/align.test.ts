import { expect, test } from 'vitest';
import { alignInside, resizePlane } from './align.ts';
import { syntheticPixels } from './fixtures.ts';
import type { LumaPlane } from './pdq.ts';

const scene = (seed: number, width = 320, height = 240): LumaPlane => ({
  data: syntheticPixels(width, height, 1, seed),
  width,
  height,
});
function cut({ data, width }: LumaPlane, x: number, y: number, w: number, h: number): LumaPlane {
  const out = new Float32Array(w * h);
  for (let row = 0; row < h; row++) for (let i = 0; i < w; i++) out[row * w + i] = data[(y + row) * width + x + i]!;
  return { data: out, width: w, height: h };
}
function bordered(plane: LumaPlane, margin: number, grey: number): LumaPlane {
  const [width, height] = [plane.width + 2 * margin, plane.height + 2 * margin];
  const data = new Float32Array(width * height).fill(grey);
  for (let y = 0; y < plane.height; y++) {
    for (let x = 0; x < plane.width; x++) data[(y + margin) * width + x + margin] = plane.data[y * plane.width + x]!;
  }
  return { data, width, height };
}

test('a crop is found where it was cut out, at its scale, whatever became of its brightness', () => {
  const whole = scene(3);
  for (const [x, y, w, h] of [
    [60, 40, 200, 150],
    [0, 90, 160, 150],
    [150, 10, 120, 100],
  ] as const) {
    const part = resizePlane(cut(whole, x, y, w, h), Math.round(w * 0.8), Math.round(h * 0.8));
    part.data.forEach((value, i) => (part.data[i] = value * 0.6 + 30));
    const found = alignInside(part, whole)!;
    expect(found.score).toBeGreaterThan(0.97);
    expect(Math.abs(found.region.x - x)).toBeLessThan(4);
    expect(Math.abs(found.region.y - y)).toBeLessThan(4);
    expect(found.scale / 1.25).toBeCloseTo(1, 1);
    expect(found.gain).toBeCloseTo(0.6, 1);
    expect(found.plainBeside).toBe(false);
  }
});

test('a picture is found inside a copy with a border, and the border is plain', () => {
  const found = alignInside(scene(4), bordered(scene(4), 30, 0))!;
  expect(found.score).toBeGreaterThan(0.97);
  expect(found.plainBeside).toBe(true);
  expect(Math.abs(found.region.x - 30)).toBeLessThan(4);
});

test('a picture lies in itself as a whole', () => {
  const found = alignInside(scene(5), scene(5))!;
  expect([found.score, found.covers]).toEqual([expect.closeTo(1, 5), 1]);
  expect(found.weakest).toBeGreaterThan(0.99);
});

test('another picture is not found', () => {
  for (let seed = 20; seed < 30; seed++) {
    const found = alignInside(cut(scene(seed), 60, 40, 200, 150), scene(seed + 100));
    expect(found?.score ?? 0).toBeLessThan(0.85);
  }
});

test('plain and tiny pictures lie nowhere', () => {
  const grey = { data: new Uint8Array(64 * 64).fill(90), width: 64, height: 64 };
  expect(alignInside(grey, scene(1))).toBeNull();
  expect(alignInside(scene(1), grey)).toBeNull();
  expect(alignInside({ data: new Uint8Array(7 * 9), width: 7, height: 9 }, scene(1))).toBeNull();
});
