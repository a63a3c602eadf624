// One line of writing: cut out of the picture and laid straight, its signs brought to one height, and its ink told from
// its ground.
import type { TextBox } from './boxes.ts';

/** Luma, one byte a pixel. */
export interface Grey {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A line as the network looks at it. */
export interface Line {
  /** From 0 to 1, `lineHeight` rows of `width`. */
  ink: Float32Array;
  width: number;
  /** What was cut out: the box, its height and middle fitted to the signs. */
  box: TextBox;
  /** The usual height of its signs, in pixels of the picture. */
  tall: number;
}

/** Pixels across a line as the network looks at it, and along it at most. */
export const lineHeight = 32;
export const widest = 384;
/** Pixels across a box in which its ink is looked for. */
const firstHeight = 48;
/** Height of the signs in a line, of its whole height. */
const filled = 0.64;
/** Ground left around what the detector marked, in heights of the box: it overlooks a zero, a dot, at an end. */
export const ground = { along: 0.25, across: 0.12 };

/** A box with ground around it. */
const withGround = (box: TextBox): TextBox => ({
  ...box,
  length: box.length + 2 * ground.along * box.height,
  height: box.height * (1 + 2 * ground.across),
});

/** The corners of a box: top left, then clockwise as it is read. */
export function cornersOf({ x, y, length, height, angle }: TextBox): [number, number][] {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [u, v] = [length / 2, height / 2];
  return (
    [
      [-u, -v],
      [u, -v],
      [u, v],
      [-u, v],
    ] as const
  ).map(([du, dv]) => [x + du * c - dv * s, y + du * s + dv * c]);
}

/** The box as a straight picture of so many rows; beyond the picture its edge goes on. Smaller ones are averaged. */
export function straightened(picture: Grey, box: TextBox, rows: number, stretch = 1): Grey {
  const { length, height: across, angle } = box;
  const width = Math.max(8, Math.min(widest, Math.round((length / across) * rows * stretch)));
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const data = new Uint8Array(width * rows);
  const finer = Math.max(1, Math.min(6, Math.round(across / rows)));
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < finer; k++) {
        for (let l = 0; l < finer; l++) {
          const u = ((x + (l + 0.5) / finer) / width - 0.5) * length;
          const v = ((y + (k + 0.5) / finer) / rows - 0.5) * across;
          sum += sample(picture, box.x + u * c - v * s - 0.5, box.y + u * s + v * c - 0.5);
        }
      }
      data[y * width + x] = Math.round(sum / (finer * finer));
    }
  }
  return { data, width, height: rows };
}

function sample({ data, width, height }: Grey, x: number, y: number): number {
  const cx = x < 0 ? 0 : x > width - 1.001 ? width - 1.001 : x;
  const cy = y < 0 ? 0 : y > height - 1.001 ? height - 1.001 : y;
  const x0 = Math.floor(cx);
  const y0 = Math.floor(cy);
  const fx = cx - x0;
  const at = y0 * width + x0;
  const top = data[at]! * (1 - fx) + data[at + 1]! * fx;
  const bottom = data[at + width]! * (1 - fx) + data[at + width + 1]! * fx;
  return top + (bottom - top) * (cy - y0);
}

/**
 * A box cut out for the network, its signs `size` times as high as usual, `stretch` times as broad; null where there is no contrast, or nothing
 * that could be signs.
 */
export function lineOf(picture: Grey, box: TextBox, size = 1, stretch = 1): Line | null {
  const whole = withGround(box);
  const first = straightened(picture, whole, firstHeight);
  const parts = writingIn(first);
  if (parts.length === 0) return null;
  const highest = Math.max(...parts.map(heightOf));
  const signs = parts.filter((part) => heightOf(part) >= highest * 0.4);
  const tall = quantile(signs.map(heightOf), 0.6);
  const middle = quantile(
    signs.map(({ top, bottom }) => (top + bottom + 1) / 2),
    0.5,
  );
  const scale = whole.height / firstHeight;
  const off = (middle - firstHeight / 2) * scale;
  const fitted: TextBox = {
    ...whole,
    x: whole.x - off * Math.sin(box.angle),
    y: whole.y + off * Math.cos(box.angle),
    height: (Math.max(firstHeight * 0.25, tall) * scale) / (filled * size),
  };
  const fine = straightened(picture, fitted, lineHeight, stretch);
  const ink = inkOf(fine);
  return ink === null ? null : { ink, width: fine.width, box: fitted, tall: tall * scale };
}

/** Ink from 0 to 1; null where there is no contrast. */
function inkOf({ data }: Grey): Float32Array | null {
  const levels = inkLevels(data);
  if (levels === null) return null;
  const { dark, light } = levels;
  const ink = new Float32Array(data.length);
  for (let k = 0; k < ink.length; k++) ink[k] = Math.max(0, Math.min(1, (light - data[k]!) / (light - dark)));
  return ink;
}

/** The usual levels of ink and of ground among these, of some number; null where there is no contrast. */
export function inkLevels(values: ArrayLike<number>): { dark: number; light: number } | null {
  const counts = new Uint32Array(256);
  for (let k = 0; k < values.length; k++) counts[values[k]!]!++;
  const below = otsu(counts, values.length);
  // The value that would stand there if they were sorted.
  const at = (place: number): number => {
    let level = 0;
    for (let n = counts[0]!; n <= place; n += counts[level]!) level++;
    return level;
  };
  const [dark, light] = [at(below >> 1), at((below + values.length) >> 1)];
  return light - dark < 18 ? null : { dark, light };
}

/** Where values, counted by level, fall into two classes of least variance: how many are in the lower one. */
function otsu(counts: Uint32Array, all: number): number {
  const total = counts.reduce((sum, count, level) => sum + count * level, 0);
  let [best, below, sum, n] = [-1, 1, 0, 0];
  for (let level = 0; level < counts.length; level++) {
    if (counts[level] === 0) continue;
    n += counts[level]!;
    sum += counts[level]! * level;
    if (n === all) break;
    const between = (sum / n - (total - sum) / (all - n)) ** 2 * n * (all - n);
    if (between > best) [best, below] = [between, n];
  }
  return below;
}

function quantile(values: number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * at + 0.5)]!;
}

/** Ink that hangs together: its extent (inclusive), and how many of its pixels lie in each row. */
interface Part {
  left: number;
  right: number;
  top: number;
  bottom: number;
  pixels: number[];
}

const heightOf = ({ top, bottom }: Part): number => bottom - top + 1;

function writingIn(grey: Grey): Part[] {
  const { width, height } = grey;
  const ink = inkOf(grey);
  return ink === null ? [] : connected(ink, width, height).filter((part) => isWriting(part, width, height));
}

function connected(ink: Float32Array, width: number, height: number): Part[] {
  const seen = new Uint8Array(ink.length);
  const parts: Part[] = [];
  for (let start = 0; start < ink.length; start++) {
    if (seen[start] === 1 || ink[start]! < 0.5) continue;
    const part: Part = { left: width, right: 0, top: height, bottom: 0, pixels: [start] };
    seen[start] = 1;
    for (let k = 0; k < part.pixels.length; k++) {
      const at = part.pixels[k]!;
      const [x, y] = [at % width, Math.floor(at / width)];
      part.left = Math.min(part.left, x);
      part.right = Math.max(part.right, x);
      part.top = Math.min(part.top, y);
      part.bottom = Math.max(part.bottom, y);
      for (let dy = -1; dy <= 1; dy++) {
        for (let dx = -1; dx <= 1; dx++) {
          const [nx, ny] = [x + dx, y + dy];
          if (nx < 0 || ny < 0 || nx >= width || ny >= height) continue;
          const next = ny * width + nx;
          if (seen[next] === 0 && ink[next]! >= 0.5) {
            seen[next] = 1;
            part.pixels.push(next);
          }
        }
      }
    }
    parts.push(part);
  }
  return parts;
}

/** Not a speck, not the frame of a card, not the feet of the line above. */
function isWriting({ left, right, top, bottom, pixels }: Part, width: number, height: number): boolean {
  if (pixels.length < 14 || bottom - top > height * 0.9) return false;
  const middle = (top + bottom) / 2 / height;
  if ((top === 0 || bottom === height - 1) && (middle < 0.22 || middle > 0.78)) return false;
  if (middle < 0.1 || middle > 0.9) return false;
  return right - left <= width * 0.85 || width <= height * 1.5;
}

/** Where a box holds two lines, one above the other: the two boxes, upper one first; else none. */
export function halvesOf(picture: Grey, box: TextBox): TextBox[] {
  const whole = withGround(box);
  const row = rowBetween(straightened(picture, whole, firstHeight));
  if (row === null) return [];
  return [[0, row] as const, [row, 1] as const].map(([from, to]) => {
    const v = ((from + to) / 2 - 0.5) * whole.height;
    return {
      ...box,
      x: box.x - v * Math.sin(box.angle),
      y: box.y + v * Math.cos(box.angle),
      height: ((to - from) * whole.height) / (1 + 2 * ground.across),
    };
  });
}

/** The row with least ink between two lines, from 0 to 1; null where there is one line only. */
function rowBetween(grey: Grey): number | null {
  const ink = inkOf(grey);
  if (ink === null) return null;
  const { width, height } = grey;
  const rows = new Float32Array(height);
  for (const part of connected(ink, width, height)) {
    const [wide, tall] = [part.right - part.left + 1, heightOf(part)];
    // A frame, or the gap between two strips of tape, is no writing.
    if (part.pixels.length < 10 || (wide > width * 0.5 && tall < height * 0.3) || tall > height * 0.75) continue;
    for (const at of part.pixels) rows[Math.floor(at / width)]! += 1;
  }
  const sum = (from: number, to: number): number => rows.subarray(from, to).reduce((a, b) => a + b, 0);
  const total = sum(0, height);
  let best: number | null = null;
  for (let y = Math.round(height * 0.28); y <= height * 0.72; y++) {
    const above = sum(0, y);
    if (Math.min(above, total - above) < total * 0.2) continue;
    const here = sum(y - 1, y + 2) / 3;
    if (here < (total / height) * 0.5 && (best === null || here < sum(best - 1, best + 2) / 3)) best = y;
  }
  return best === null ? null : (best + 0.5) / height;
}
