import { expect, test } from 'vitest';
import { textBoxes } from './boxes.ts';

function mapOf(width: number, height: number, inside: (x: number, y: number) => boolean): Float32Array {
  return Float32Array.from({ length: width * height }, (_, k) =>
    inside(k % width, Math.floor(k / width)) ? 0.9 : 0.01,
  );
}

test('a turned region is found with its angle, grown beyond what is marked', () => {
  const angle = 0.4;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const map = mapOf(200, 160, (x, y) => {
    const [u, v] = [(x - 100) * c + (y - 80) * s, (y - 80) * c - (x - 100) * s];
    return Math.abs(u) <= 40 && Math.abs(v) <= 8;
  });
  const [box, ...rest] = textBoxes(map, 200, 160);
  expect(rest).toEqual([]);
  expect(box!.x).toBeCloseTo(100.5, 0);
  expect(box!.y).toBeCloseTo(80.5, 0);
  expect(Math.abs(Math.tan(box!.angle) - Math.tan(angle))).toBeLessThan(0.05);
  expect(box!.length).toBeGreaterThan(88);
  expect(box!.height).toBeGreaterThan(24);
});

test('weak regions and specks are left out, and coordinates scale', () => {
  const weak = mapOf(50, 50, (x, y) => x > 10 && x < 40 && y > 20 && y < 30).map((value) => value * 0.5);
  expect(textBoxes(weak, 50, 50)).toEqual([]);
  expect(
    textBoxes(
      mapOf(50, 50, (x, y) => x === 3 && y === 3),
      50,
      50,
    ),
  ).toEqual([]);
  const map = mapOf(50, 50, (x, y) => x > 10 && x < 40 && y > 20 && y < 30);
  const [once, twice] = [textBoxes(map, 50, 50)[0]!, textBoxes(map, 50, 50, 2)[0]!];
  expect(twice.x).toBeCloseTo(2 * once.x);
  expect(twice.length).toBeCloseTo(2 * once.length);
});
