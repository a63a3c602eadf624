import { expect, test } from 'vitest';
import type { TextBox } from './boxes.ts';
import { halvesOf, lineHeight, lineOf, type Grey } from './line.ts';

/** A light picture with dark bars: [left, top, width, height]. */
function pictureOf(bars: readonly (readonly [number, number, number, number])[]): Grey {
  const [width, height] = [240, 160];
  const data = new Uint8Array(width * height).fill(220);
  for (const [left, top, wide, high] of bars) {
    for (let y = top; y < top + high; y++) data.fill(30, y * width + left, y * width + left + wide);
  }
  return { data, width, height };
}

const box = (part: Partial<TextBox>): TextBox => ({
  x: 120,
  y: 80,
  length: 120,
  height: 50,
  angle: 0,
  score: 1,
  ...part,
});
const signs = [80, 100, 120, 140].map((left) => [left, 70, 6, 20] as const);

test('signs of whatever height come to the same height, in the middle of the line', () => {
  for (const [high, off] of [
    [14, 0],
    [20, 6],
    [26, -5],
  ] as const) {
    const bars = [80, 100, 120, 140].map((left) => [left, 80 + off - high / 2, 6, high] as const);
    const line = lineOf(pictureOf(bars), box({ height: 50 }))!;
    const inked = Array.from({ length: lineHeight }, (_, y) =>
      line.ink.subarray(y * line.width, (y + 1) * line.width).some((ink) => ink > 0.5),
    );
    const [first, last] = [inked.indexOf(true), inked.lastIndexOf(true)];
    expect(last - first + 1).toBeGreaterThanOrEqual(lineHeight * 0.55);
    expect(last - first + 1).toBeLessThanOrEqual(lineHeight * 0.75);
    expect(Math.abs((first + last + 1) / 2 - lineHeight / 2)).toBeLessThan(2.5);
    expect(Math.abs(line.tall - high)).toBeLessThan(2.5);
  }
});

test('a turned box is laid straight', () => {
  const straight = lineOf(pictureOf(signs), box({}))!;
  const { data, width, height } = pictureOf(signs);
  // The picture turned a quarter clockwise.
  const turned: Grey = { data: new Uint8Array(data.length), width: height, height: width };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) turned.data[x * height + (height - 1 - y)] = data[y * width + x]!;
  const line = lineOf(turned, box({ x: height - 80, y: 120, angle: Math.PI / 2 }))!;
  expect(line.width).toBe(straight.width);
  const off = line.ink.reduce((sum, ink, k) => sum + Math.abs(ink - straight.ink[k]!), 0) / line.ink.length;
  expect(off).toBeLessThan(0.05);
});

test('where there is no contrast, or nothing that could be a sign, there is no line', () => {
  expect(lineOf(pictureOf([]), box({}))).toBeNull();
  expect(lineOf(pictureOf([[0, 100, 240, 60]]), box({}))).toBeNull();
});

test('a box over two lines falls into two, one over the other; a box over one does not', () => {
  const two = [40, 95].flatMap((top) => [80, 100, 120, 140].map((left) => [left, top, 6, 24] as const));
  const halves = halvesOf(pictureOf(two), box({ length: 100, height: 90 }));
  expect(halves.length).toBe(2);
  expect(Math.abs(halves[0]!.y - 52)).toBeLessThan(14);
  expect(Math.abs(halves[1]!.y - 107)).toBeLessThan(14);
  expect(halvesOf(pictureOf(signs), box({ height: 40 }))).toEqual([]);
});
