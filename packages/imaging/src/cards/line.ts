// One line of writing: cut out of the picture and laid straight, its ink told from its ground, and the ink divided into
// atoms: pieces of which every sign is one or a few, from left to right. Too many cuts are no harm, too few are.
import type { TextBox } from './boxes.ts';

/** Luma, one byte a pixel. */
export interface Grey {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Ink from 0 to 1, and for each pixel which atom it is of (-1: none). */
export interface Line {
  ink: Float32Array;
  atomOf: Int16Array;
  width: number;
  height: number;
  atoms: Atom[];
  /** The usual height of an atom, in pixels of the line. */
  tall: number;
  /** The middle of most atoms. */
  middle: number;
}

export interface Atom {
  left: number;
  right: number;
  top: number;
  bottom: number;
  /** Of which connected piece it was cut. */
  of: number;
}

/** Pixels across a straightened line. */
export const lineHeight = 48;
const widest = 640;
/** Ground left around what the detector marked, in heights of the box. */
const around = { along: 0.2, across: 0.12 };

/** The corners of a box with its ground: top left, then clockwise as it is read. */
export function cornersOf(box: TextBox): [number, number][] {
  const [c, s] = [Math.cos(box.angle), Math.sin(box.angle)];
  const u = box.length / 2 + around.along * box.height;
  const v = box.height * (0.5 + around.across);
  return (
    [
      [-u, -v],
      [u, -v],
      [u, v],
      [-u, v],
    ] as const
  ).map(([du, dv]) => [box.x + du * c - dv * s, box.y + du * s + dv * c]);
}

/** The box as a straight picture, `lineHeight` high; beyond the picture its edge goes on. Smaller ones are averaged. */
export function straightened(picture: Grey, box: TextBox): Grey {
  const [topLeft, topRight, , bottomLeft] = cornersOf(box) as [
    [number, number],
    [number, number],
    unknown,
    [number, number],
  ];
  const [ax, ay] = [topRight[0] - topLeft[0], topRight[1] - topLeft[1]];
  const [bx, by] = [bottomLeft[0] - topLeft[0], bottomLeft[1] - topLeft[1]];
  const height = lineHeight;
  const width = Math.max(8, Math.min(widest, Math.round((Math.hypot(ax, ay) / Math.hypot(bx, by)) * height)));
  const data = new Uint8Array(width * height);
  const finer = Math.max(1, Math.min(6, Math.round(Math.hypot(bx, by) / height)));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let k = 0; k < finer; k++) {
        for (let l = 0; l < finer; l++) {
          const [u, v] = [(x + (l + 0.5) / finer) / width, (y + (k + 0.5) / finer) / height];
          sum += sample(picture, topLeft[0] + u * ax + v * bx - 0.5, topLeft[1] + u * ay + v * by - 0.5);
        }
      }
      data[y * width + x] = Math.round(sum / (finer * finer));
    }
  }
  return { data, width, height };
}

function sample({ data, width, height }: Grey, x: number, y: number): number {
  const cx = Math.max(0, Math.min(width - 1.001, x));
  const cy = Math.max(0, Math.min(height - 1.001, y));
  const [x0, y0] = [Math.floor(cx), Math.floor(cy)];
  const [fx, fy] = [cx - x0, cy - y0];
  const x1 = Math.min(width - 1, x0 + 1);
  const y1 = Math.min(height - 1, y0 + 1);
  const top = data[y0 * width + x0]! * (1 - fx) + data[y0 * width + x1]! * fx;
  const bottom = data[y1 * width + x0]! * (1 - fx) + data[y1 * width + x1]! * fx;
  return top * (1 - fy) + bottom * fy;
}

/** Where a straightened box holds two lines, one above the other: the row between them, from 0 to 1; else null. */
export function rowBetween(grey: Grey): number | null {
  const inked = inkOf(grey);
  if (inked === null) return null;
  const { width, height } = grey;
  const rows = new Float32Array(height);
  for (const part of connected(inked, width, height)) {
    const [wide, tall] = [part.right - part.left + 1, part.bottom - part.top + 1];
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

/** The two boxes into which a box falls at a row of its straightened picture. */
export function splitAt(box: TextBox, row: number): TextBox[] {
  const whole = box.height * (1 + 2 * around.across);
  const [c, s] = [Math.cos(box.angle), Math.sin(box.angle)];
  return (
    [
      [0, row],
      [row, 1],
    ] as const
  ).map(([from, to]) => {
    const v = ((from + to) / 2 - 0.5) * whole;
    return {
      ...box,
      x: box.x - v * s,
      y: box.y + v * c,
      height: ((to - from) * whole) / (1 + 2 * around.across),
    };
  });
}

/** Ink from 0 to 1; null where there is no contrast. */
function inkOf({ data }: Grey): Float32Array | null {
  const sorted = data.toSorted();
  const cut = otsu(sorted);
  const dark = median(sorted, 0, cut.below);
  const light = median(sorted, cut.below, sorted.length);
  if (light - dark < 18) return null;
  return Float32Array.from(data, (value) => Math.max(0, Math.min(1, (light - value) / (light - dark))));
}

/** Dark ink on a lighter ground, divided; null where there is no contrast. */
export function dividedLine(grey: Grey): Line | null {
  const { width, height } = grey;
  const ink = inkOf(grey);
  if (ink === null) return null;
  const parts = connected(ink, width, height).filter((part) => isWriting(part, width, height));
  if (parts.length === 0) return null;
  const atomOf = new Int16Array(width * height).fill(-1);
  const joined = joinedParts(parts);
  const tall = quantile(
    joined.map(({ top, bottom }) => bottom - top + 1),
    0.7,
  );
  const atoms = joined
    .flatMap((part, of) => dividedPart({ ...part, of }, ink, width, tall))
    .toSorted((a, b) => a.left + a.right - b.left - b.right);
  atoms.forEach(({ pixels }, n) => {
    for (const at of pixels) atomOf[at] = n;
  });
  const middle = quantile(
    joined.map(({ top, bottom }) => (top + bottom) / 2),
    0.5,
  );
  return { ink, atomOf, width, height, atoms, tall, middle };
}

/** Where the sorted values fall into two classes of least variance: how many are in the lower one. */
function otsu(sorted: Uint8Array): { below: number } {
  const total = sorted.reduce((sum, value) => sum + value, 0);
  let [best, below, sum] = [-1, 1, 0];
  for (let k = 1; k < sorted.length; k++) {
    sum += sorted[k - 1]!;
    if (sorted[k] === sorted[k - 1]) continue;
    const between = (sum / k - (total - sum) / (sorted.length - k)) ** 2 * k * (sorted.length - k);
    if (between > best) [best, below] = [between, k];
  }
  return { below };
}

const median = (sorted: Uint8Array, from: number, to: number): number => sorted[Math.floor((from + to) / 2)]!;

function quantile(values: number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * at + 0.5)]!;
}

interface Part extends Atom {
  pixels: number[];
}

function connected(ink: Float32Array, width: number, height: number): Part[] {
  const seen = new Uint8Array(ink.length);
  const parts: Part[] = [];
  for (let start = 0; start < ink.length; start++) {
    if (seen[start] === 1 || ink[start]! < 0.5) continue;
    const part: Part = { left: width, right: 0, top: height, bottom: 0, of: 0, pixels: [start] };
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
  if (pixels.length < 14) return false;
  const middle = (top + bottom) / 2 / height;
  if ((top === 0 || bottom === height - 1) && (middle < 0.22 || middle > 0.78)) return false;
  if (middle < 0.1 || middle > 0.9) return false;
  if (right - left > width * 0.85 && width > height * 1.5) return false;
  return !((left === 0 || right === width - 1) && right - left < 10 && bottom - top > height * 0.9);
}

/** Pieces one above the other are of one sign: a dot, a hamza. */
function joinedParts(parts: Part[]): Part[] {
  const out: Part[] = [];
  for (const part of parts.toSorted((a, b) => b.pixels.length - a.pixels.length)) {
    const over = out.find((one) => {
      const shared = Math.min(one.right, part.right) - Math.max(one.left, part.left) + 1;
      return shared > 0.6 * (part.right - part.left + 1) && part.pixels.length < one.pixels.length * 0.6;
    });
    if (over === undefined) out.push({ ...part });
    else {
      over.pixels = [...over.pixels, ...part.pixels];
      over.left = Math.min(over.left, part.left);
      over.right = Math.max(over.right, part.right);
      over.top = Math.min(over.top, part.top);
      over.bottom = Math.max(over.bottom, part.bottom);
    }
  }
  return out;
}

/** Signs that touch: a wide piece is cut where its columns have least ink. */
function dividedPart(part: Part, ink: Float32Array, width: number, tall: number): Part[] {
  const wide = part.right - part.left + 1;
  if (wide < tall * 0.85 || wide < 12) return [part];
  const columns = new Float32Array(wide);
  for (const at of part.pixels) columns[(at % width) - part.left]! += ink[at]!;
  const gap = Math.max(4, Math.round(tall * 0.2));
  const cuts: number[] = [];
  for (let x = gap; x < wide - gap; x++) {
    const here = columns[x]!;
    let least = true;
    for (let k = Math.max(0, x - gap); k <= Math.min(wide - 1, x + gap); k++) {
      if (columns[k]! < here || (columns[k] === here && k < x)) least = false;
    }
    if (least && here < tall * 0.45) cuts.push(x);
  }
  if (cuts.length === 0) return [part];
  const pieces: Part[] = [];
  for (let k = 0; k <= cuts.length; k++) {
    const [from, to] = [part.left + (cuts[k - 1] ?? 0), part.left + (cuts[k] ?? wide)];
    const pixels = part.pixels.filter((at) => at % width >= from && at % width < to);
    if (pixels.length === 0) continue;
    const xs = pixels.map((at) => at % width);
    const ys = pixels.map((at) => Math.floor(at / width));
    pieces.push({
      left: Math.min(...xs),
      right: Math.max(...xs),
      top: Math.min(...ys),
      bottom: Math.max(...ys),
      of: part.of,
      pixels,
    });
  }
  return pieces;
}

/** Whether atoms may be of one sign: cut from one piece, or one above the other. Else a zero, a dot, would be lost. */
export function mayBeOne(atoms: readonly Atom[]): boolean {
  return atoms.slice(1).every((atom, k) => {
    const last = atoms[k]!;
    const shared = Math.min(last.right, atom.right) - Math.max(last.left, atom.left) + 1;
    return last.of === atom.of || shared > 0.3 * Math.min(last.right - last.left + 1, atom.right - atom.left + 1);
  });
}

/** The side of the square that a sign is looked at in. */
export const glyphSide = 24;
/** Numbers beside the square: height and place on the line, and breadth. */
export const glyphFacts = 3;

/** Atoms `from` to `to` (exclusive) as what the network looks at: a square of ink, then its facts. */
export function glyphOf(line: Line, from: number, to: number): Float32Array {
  const atoms = line.atoms.slice(from, to);
  const left = Math.min(...atoms.map((atom) => atom.left));
  const right = Math.max(...atoms.map((atom) => atom.right)) + 1;
  const top = Math.min(...atoms.map((atom) => atom.top));
  const bottom = Math.max(...atoms.map((atom) => atom.bottom)) + 1;
  const side = Math.max(right - left, bottom - top, 6);
  const step = side / (glyphSide - 2);
  const [x0, y0] = [(left + right) / 2 - (step * glyphSide) / 2, (top + bottom) / 2 - (step * glyphSide) / 2];
  const out = new Float32Array(glyphSide * glyphSide + glyphFacts);
  const at = (x: number, y: number): number => {
    if (x < left - 1 || y < top - 1 || x > right || y > bottom) return 0;
    if (x < 0 || y < 0 || x >= line.width || y >= line.height) return 0;
    const n = y * line.width + x;
    const atom = line.atomOf[n]!;
    return atom < 0 || (atom >= from && atom < to) ? line.ink[n]! : 0;
  };
  const finer = 2;
  for (let y = 0; y < glyphSide; y++) {
    for (let x = 0; x < glyphSide; x++) {
      let sum = 0;
      for (let k = 0; k < finer * finer; k++) {
        const sx = x0 + (x + ((k % finer) + 0.5) / finer) * step - 0.5;
        const sy = y0 + (y + (Math.floor(k / finer) + 0.5) / finer) * step - 0.5;
        const [ix, iy] = [Math.floor(sx), Math.floor(sy)];
        const [fx, fy] = [sx - ix, sy - iy];
        sum += (at(ix, iy) * (1 - fx) + at(ix + 1, iy) * fx) * (1 - fy);
        sum += (at(ix, iy + 1) * (1 - fx) + at(ix + 1, iy + 1) * fx) * fy;
      }
      out[y * glyphSide + x] = sum / (finer * finer);
    }
  }
  const facts = glyphSide * glyphSide;
  out[facts] = (bottom - top) / line.tall;
  out[facts + 1] = ((top + bottom) / 2 - line.middle) / line.tall;
  out[facts + 2] = (right - left) / (bottom - top);
  for (let k = 0; k < glyphFacts; k++) out[facts + k] = Math.max(-2, Math.min(2, out[facts + k]!));
  return out;
}
