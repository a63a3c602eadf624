import { expect, test } from 'vitest';
import type { TextBox } from './boxes.ts';
import { layoutsOf } from './layout.ts';
import type { Grey } from './line.ts';

const [width, height] = [320, 240];
type Bar = readonly [left: number, top: number, wide: number, high: number];

/** A light picture with dark bars, turned about its middle by an angle. */
function pictureOf(bars: readonly Bar[], angle = 0): Grey {
  const data = new Uint8Array(width * height).fill(220);
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [dx, dy] = [x + 0.5 - width / 2, y + 0.5 - height / 2];
      const [u, v] = [dx * c + dy * s + width / 2, dy * c - dx * s + height / 2];
      const inked = bars.some(([left, top, wide, high]) => u >= left && u < left + wide && v >= top && v < top + high);
      if (inked) data[y * width + x] = 30;
    }
  }
  return { data, width, height };
}

const box = (part: Partial<TextBox>): TextBox => ({
  x: 160,
  y: 120,
  length: 90,
  height: 40,
  angle: 0,
  score: 1,
  ...part,
});
const signs = (top: number, high: number): Bar[] => [120, 140, 160, 180].map((left) => [left, top, 8, high] as const);
const ends = ({ x, length }: TextBox): [number, number] => [x - length / 2, x + length / 2];

test('a dot beyond the end of a box, on the middle of its line, belongs to the line; specks and what stands lower do not', () => {
  const dot: Bar = [200, 117, 7, 7];
  const marked = box({ x: 152, length: 80 });
  const [line] = layoutsOf(pictureOf([...signs(106, 28), dot]), [marked])[0]!;
  expect(ends(line!)[1]).toBeGreaterThan(207);
  for (const other of [[200, 119, 2, 2] as const, [200, 131, 7, 7] as const, [228, 117, 7, 7] as const]) {
    const [without] = layoutsOf(pictureOf([...signs(106, 28), other]), [marked])[0]!;
    expect(ends(without!)[1]).toBeLessThan(200);
    expect(ends(without!)[1]).toBeGreaterThan(188);
  }
});

test('a sign that a box cuts through is whole in its line', () => {
  const [line] = layoutsOf(pictureOf(signs(106, 28)), [box({ x: 150, length: 68 })])[0]!;
  const [left, right] = ends(line!);
  expect(left).toBeLessThan(120);
  expect(right).toBeGreaterThan(188);
});

test('lines that one box takes for a block, askew, are found one by one, in their own direction', () => {
  for (const angle of [0, 0.35, -0.3]) {
    const picture = pictureOf([...signs(80, 28), ...signs(122, 24)], angle);
    const block = box({ y: 113, length: 105, height: 95 });
    const found = layoutsOf(picture, [block]).some(
      (lines) =>
        lines.length === 2 &&
        lines.every((line) => Math.abs(Math.sin(line.angle - angle)) < 0.06 && line.length > 80 && line.height < 48),
    );
    expect(found, `turned by ${angle}`).toBe(true);
  }
});

test('a frame around the lines is none of them', () => {
  const frame: Bar[] = [
    [100, 90, 120, 2],
    [100, 90, 2, 60],
    [218, 90, 2, 60],
    [100, 148, 120, 2],
  ];
  const [lines] = layoutsOf(pictureOf([...signs(106, 28), ...frame]), [box({ length: 90 })]);
  expect(lines!.length).toBe(1);
  const [left, right] = ends(lines![0]!);
  expect(left).toBeGreaterThan(102);
  expect(right).toBeLessThan(218);
});

test('where nothing is marked, or nothing is written, there are no lines', () => {
  expect(layoutsOf(pictureOf([]), [box({})])).toEqual([]);
  expect(layoutsOf(pictureOf(signs(106, 28)), [box({ y: 30, height: 20 })])).toEqual([]);
});
