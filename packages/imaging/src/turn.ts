// The eight ways to turn and mirror a picture, done to its pixels: so that what a turned hash proposes can be looked at.

import type { LumaPlane, Turn } from './pdq.ts';

/** The plane turned as the hash of that name in `pdqTurned`: of a picture as shown, 'rotate-90' is a quarter to the left. */
export function turnPlane({ data, width, height }: LumaPlane, turn: Turn): LumaPlane {
  const swapped = turn === 'rotate-90' || turn === 'rotate-270' || turn === 'flip-plus-1' || turn === 'flip-minus-1';
  const [across, down] = swapped ? [height, width] : [width, height];
  const out = new Float32Array(width * height);
  const [right, bottom] = [width - 1, height - 1];
  const from: Record<Turn, (x: number, y: number) => number> = {
    original: (x, y) => y * width + x,
    'rotate-90': (x, y) => x * width + right - y,
    'rotate-180': (x, y) => (bottom - y) * width + right - x,
    'rotate-270': (x, y) => (bottom - x) * width + y,
    'flip-x': (x, y) => (bottom - y) * width + x,
    'flip-y': (x, y) => y * width + right - x,
    'flip-plus-1': (x, y) => x * width + y,
    'flip-minus-1': (x, y) => (bottom - x) * width + right - y,
  };
  const at = from[turn];
  for (let y = 0; y < down; y++) for (let x = 0; x < across; x++) out[y * across + x] = data[at(x, y)]!;
  return { data: out, width: across, height: down };
}

/** The turn that undoes another. */
export function undone(turn: Turn): Turn {
  return turn === 'rotate-90' ? 'rotate-270' : turn === 'rotate-270' ? 'rotate-90' : turn;
}
