import { expect, test } from 'vitest';
import { carrierOf } from './carrier.ts';

type Colour = readonly [number, number, number];
const dark: Colour = [90, 96, 104];
const white: Colour = [240, 238, 232];
const yellow: Colour = [226, 208, 158];
const skin: Colour = [176, 150, 132];

/** A line of writing, 80 x 20 in the middle of 300 x 200, and the ground beneath it where `inside` holds. */
function judged(ground: Colour, inside: (x: number, y: number) => boolean): string {
  const [width, height] = [300, 200];
  const data = new Uint8Array(width * height * 3);
  for (let k = 0; k < width * height; k++) {
    const [x, y] = [(k % width) - 150, Math.floor(k / width) - 100];
    const ink = Math.abs(x) < 38 && Math.abs(y) < 7 && (x + 400) % 7 < 2;
    data.set(ink ? [20, 20, 30] : inside(x, y) ? ground : dark, k * 3);
  }
  const quad = [
    [110, 90],
    [190, 90],
    [190, 110],
    [110, 110],
  ] as const;
  return carrierOf({ data, width, height }, [quad]);
}

test('a card and a tape end soon beyond the writing, and tape is yellow', () => {
  expect(judged(white, (x, y) => Math.abs(x) < 52 && Math.abs(y) < 34)).toBe('card');
  expect(judged(yellow, (x, y) => Math.abs(x) < 52 && Math.abs(y) < 14)).toBe('tape');
});

test('skin goes on, all around or along a limb', () => {
  expect(judged(skin, () => true)).toBe('skin');
  expect(judged(white, (_x, y) => Math.abs(y) < 30)).toBe('skin');
});
