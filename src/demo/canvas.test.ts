// The canvas: coverage is exact, shapes join and cut as they wind, and nothing is painted beside the picture.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { after, Canvas, invert, moved, project, scaled, turned, type Projection } from './canvas.ts';
import { hole, rectangle } from './shapes.ts';

const black = { colour: [0, 0, 0] as const };
const grain = new Int8Array(65_536);

function white(width: number, height: number): Canvas {
  const canvas = new Canvas(width, height, grain, 0);
  canvas.clear([255, 255, 255]);
  return canvas;
}

const red = (canvas: Canvas, x: number, y: number): number => canvas.pixels[(y * canvas.width + x) * 3]!;
const darkness = (canvas: Canvas): number =>
  canvas.pixels.reduce((sum, level, k) => (k % 3 === 0 ? sum + (255 - level) / 255 : sum), 0);

test('a pixel covered in part is darkened by that part', () => {
  const canvas = white(4, 4);
  canvas.paint(rectangle(1, 1, 1.5, 1), black);
  expect(red(canvas, 1, 1)).toBe(0);
  expect(red(canvas, 2, 1)).toBeGreaterThan(124);
  expect(red(canvas, 2, 1)).toBeLessThan(131);
  expect(red(canvas, 3, 1)).toBe(255);
  expect(red(canvas, 1, 2)).toBe(255);
});

test('shapes that wind alike join, and a hole cuts', () => {
  const joined = white(20, 20);
  joined.paint([...rectangle(2, 2, 10, 10), ...rectangle(6, 6, 10, 10)], black);
  expect(darkness(joined)).toBeCloseTo(164, 0);
  const cut = white(20, 20);
  cut.paint([...rectangle(2, 2, 10, 10), ...hole(4, 4, 6, 6)], black);
  expect(darkness(cut)).toBeCloseTo(64, 0);
});

test('a triangle of any place and size darkens its area, as far as it lies in the picture', () => {
  const coordinate = fc.double({ min: 1, max: 39, noNaN: true });
  fc.assert(
    fc.property(fc.array(coordinate, { minLength: 6, maxLength: 6 }), (t) => {
      const canvas = white(40, 40);
      canvas.paint([t], black);
      const [ax, ay, bx, by, cx, cy] = t as [number, number, number, number, number, number];
      const area = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay)) / 2;
      expect(Math.abs(darkness(canvas) - area)).toBeLessThan(1.2);
    }),
  );
});

test('no polygon, however far outside, leaves anything behind for the next one', () => {
  const far = fc.double({ min: -1e4, max: 1e4, noNaN: true });
  fc.assert(
    fc.property(fc.array(far, { minLength: 6, maxLength: 16 }), (points) => {
      const even = points.slice(0, points.length - (points.length % 2));
      const canvas = white(24, 16);
      canvas.paint([even], black);
      canvas.clear([255, 255, 255]);
      canvas.paint(rectangle(3, 3, 2, 2), black);
      expect(darkness(canvas)).toBe(4);
    }),
  );
});

test('a projection and its inverse lead back', () => {
  const lean: Projection = [1, 0, 0, 0, 1, 0, 0.0004, -0.0003, 1];
  const view = after(moved(320, 240), lean, turned(0.4), scaled(3), moved(-10, 5));
  const [x, y] = project(invert(view), ...project(view, 12, -7));
  expect(x).toBeCloseTo(12, 6);
  expect(y).toBeCloseTo(-7, 6);
});

test('blur keeps an even picture as it is, and spreads a line evenly', () => {
  const even = white(9, 9);
  even.clear([90, 120, 200]);
  even.blur(2, 2);
  expect([...even.pixels.subarray(0, 3)]).toEqual([90, 120, 200]);
  const lined = white(9, 9);
  lined.paint(rectangle(4, 0, 1, 9), black);
  lined.blur(1, 0);
  expect([3, 4, 5].map((x) => red(lined, x, 4))).toEqual([170, 170, 170]);
  expect(red(lined, 2, 4)).toBe(255);
});
