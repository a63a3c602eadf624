// Lines of writing found anew by their ink, near where a detector marked some: a detector overlooks a zero, a dot, at an
// end, cuts signs through, takes two lines for one, and measures a block of lines askew.
import type { TextBox } from './boxes.ts';
import { ground, inkLevels, type Grey } from './line.ts';

/** Ink that hangs together: its pixels, as x and y of the picture, and its extent along and across the writing. */
interface Blot {
  xs: number[];
  ys: number[];
  /** Its middle lies in a box of the detector. */
  marked: boolean;
  frame: boolean;
  /** The side of the largest square that fits into it, in what was looked at. */
  thick: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Pixels across the lowest box below which nothing is looked at more coarsely. */
const coarsest = 30;
const mostDirections = 4;
/** The largest are looked at: a card has some thirty, a wall of specks has thousands, and time goes with their square. */
const mostBlots = 400;
/** How far beyond a box its ink is looked for, in heights of the box. */
const reach = 2;
/** How much clearer rows must be at the end of a range of directions than in its middle: few signs, slanted, mislead. */
const trusted = 0.12;
/** Somewhere in a blot there is so much ink: ground that is dark all over has less. */
const clearInk = 0.7;
/** In heights of a sign: how far apart signs of one line stand at most, and how far off its middle a dot may be. */
const farthest = 0.95;
const offMiddle = 0.27;
/** Ground around a line, in heights of its signs. */
const around = { along: 0.4, across: 0.25 };

/**
 * The lines near these boxes, as they may lie: each in one direction, the likeliest first. None where ink and ground
 * cannot be told apart.
 */
export function layoutsOf(picture: Grey, boxes: readonly TextBox[]): TextBox[][] {
  const blots = blotsNear(picture, boxes);
  const marked = blots.filter((blot) => blot.marked);
  if (marked.length < 2) return [];
  return directionsOf(marked, boxes).map((angle) => {
    for (const blot of blots) lay(blot, angle);
    const { lines, frames } = gathered(blots);
    return lines.map((line) => boxOf(line, frames, angle, boxes));
  });
}

/** How far a point lies beyond a box, in pixels; 0 or less within. */
const beyond = ({ x, y, length, height, angle }: TextBox): ((px: number, py: number) => number) => {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  return (px, py) =>
    Math.max(Math.abs((px - x) * c + (py - y) * s) - length / 2, Math.abs((py - y) * c - (px - x) * s) - height / 2);
};

/** Ink in and around the boxes. What reaches the rim, or is a frame, is left out. */
function blotsNear({ data, width, height }: Grey, boxes: readonly TextBox[]): Blot[] {
  const high = boxes.map((box) => Math.min(box.height, box.length * 0.6));
  const far = (box: TextBox, k: number): number => reach * high[k]! + Math.hypot(box.length, box.height) / 2;
  const x0 = Math.max(0, Math.floor(Math.min(...boxes.map((box, k) => box.x - far(box, k)))));
  const y0 = Math.max(0, Math.floor(Math.min(...boxes.map((box, k) => box.y - far(box, k)))));
  const x1 = Math.min(width, Math.ceil(Math.max(...boxes.map((box, k) => box.x + far(box, k)))));
  const y1 = Math.min(height, Math.ceil(Math.max(...boxes.map((box, k) => box.y + far(box, k)))));
  const step = Math.max(1, Math.floor(Math.min(...high) / coarsest));
  const [w, h] = [Math.floor(Math.max(0, x1 - x0) / step), Math.floor(Math.max(0, y1 - y0) / step)];
  const luma = new Uint8Array(w * h);
  // Of each pixel the nearest box, whose ink and ground tell its own.
  const nearest = new Uint8Array(w * h);
  const inside: number[][] = boxes.map(() => []);
  const off = boxes.map(beyond);
  const middle = (n: number): number => (n + 0.5) * step;
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let sum = 0;
      for (let k = 0; k < step; k++)
        for (let l = 0; l < step; l++) sum += data[(y0 + y * step + k) * width + x0 + x * step + l]!;
      const level = Math.round(sum / (step * step));
      luma[y * w + x] = level;
      let [near, least] = [0, Infinity];
      for (let k = 0; k < off.length; k++) {
        const away = off[k]!(x0 + middle(x), y0 + middle(y));
        if (away <= 0) inside[k]!.push(level);
        if (away < least) [near, least] = [k, away];
      }
      nearest[y * w + x] = near;
    }
  }
  const below = inside.map((some) => (some.length < 20 ? null : inkLevels(some)));
  const inkAt = (at: number): number => {
    const levels = below[nearest[at]!];
    return levels === null || levels === undefined ? 0 : (levels.light - luma[at]!) / (levels.light - levels.dark);
  };
  const isInk = (at: number): boolean => inkAt(at) >= 0.5;
  // The side of the largest square of ink that ends in each pixel.
  const square = new Uint16Array(w * h);
  for (let at = w + 1; at < square.length; at++) {
    if (at % w > 0 && isInk(at)) square[at] = 1 + Math.min(square[at - 1]!, square[at - w]!, square[at - w - 1]!);
  }
  const seen = new Uint8Array(w * h);
  const out: Blot[] = [];
  const longest = Math.max(...boxes.map(({ length }) => length)) / step;
  for (let start = 0; start < seen.length; start++) {
    if (seen[start] === 1 || !isInk(start)) continue;
    seen[start] = 1;
    const pixels = [start];
    let rim = false;
    let [l, r, t, b] = [w, 0, h, 0];
    for (let k = 0; k < pixels.length; k++) {
      const at = pixels[k]!;
      const [x, y] = [at % w, Math.floor(at / w)];
      [l, r, t, b] = [Math.min(l, x), Math.max(r, x), Math.min(t, y), Math.max(b, y)];
      if (x === 0 || y === 0 || x === w - 1 || y === h - 1) rim = true;
      for (let ny = Math.max(0, y - 1); ny <= Math.min(h - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(w - 1, x + 1); nx++) {
          const next = ny * w + nx;
          if (seen[next] === 0 && isInk(next)) {
            seen[next] = 1;
            pixels.push(next);
          }
        }
      }
    }
    const side = Math.max(r - l, b - t) + 1;
    // A frame, or a part of one, is hollow.
    const frame = side > 0.6 * longest && pixels.length < 0.16 * (r - l + 1) * (b - t + 1);
    if (!frame && (rim || pixels.length < 6 || side > 1.3 * longest)) continue;
    if (pixels.every((at) => inkAt(at) < clearInk)) continue;
    const xs = pixels.map((at) => x0 + middle(at % w));
    const ys = pixels.map((at) => y0 + middle(Math.floor(at / w)));
    const [mx, my] = [x0 + ((l + r + 1) / 2) * step, y0 + ((t + b + 1) / 2) * step];
    const marked = !frame && off.some((away) => away(mx, my) <= 0);
    const thick = pixels.reduce((most, at) => Math.max(most, square[at]!), 1);
    out.push({ xs, ys, marked, frame, thick, left: 0, right: 0, top: 0, bottom: 0 });
  }
  return out.toSorted((a, b) => b.xs.length - a.xs.length).slice(0, mostBlots);
}

/** Boxes longer than this many heights lie along their writing; of others each direction is to be tried. */
const surelyLong = 1.9;

/**
 * Directions in which ink falls most into rows: near that of the box which is longest for its height, across it where it
 * is none too long, and then any.
 */
function directionsOf(blots: readonly Blot[], boxes: readonly TextBox[]): number[] {
  const longest = Math.max(...boxes.map(({ length }) => length));
  const long = boxes
    .filter(({ length }) => length > 0.5 * longest)
    .toSorted((a, b) => b.length / b.height - a.length / a.height)[0]!;
  const sizes = blots.map(({ xs, ys }) => Math.max(spread(xs), spread(ys))).toSorted((a, b) => a - b);
  const rows = rowsOf(blots, Math.max(1, sizes[sizes.length >> 1]! / 7));
  const best = (middle: number, width: number, step: number): [number, number] => {
    let [found, most] = [middle, -1];
    for (let angle = middle - width; angle <= middle + width + 1e-9; angle += step) {
      const clear = rows(angle) * (1 - trusted * ((angle - middle) / width) ** 2);
      if (clear > most) [found, most] = [angle, clear];
    }
    return [found, most];
  };
  const fine = (angle: number): number => best(best(angle, 0.12, 0.04)[0], 0.03, 0.01)[0];
  if (long.length > surelyLong * long.height) return [fine(long.angle)];
  const first = [long.angle, long.angle + Math.PI / 2].map(fine);
  const some: number[] = [];
  for (let quarter = -4; quarter < 4; quarter++) {
    const [angle] = best(long.angle + ((quarter + 0.5) * Math.PI) / 8, Math.PI / 16, Math.PI / 64);
    some.push(best(angle, 0.04, 0.02)[0]);
  }
  const apart: number[] = [];
  for (const angle of [first, some].flatMap((list) => list.toSorted((a, b) => rows(b) - rows(a)))) {
    if (apart.every((other) => Math.abs(Math.sin(angle - other)) > 0.15)) apart.push(angle);
  }
  return apart.slice(0, mostDirections);
}

const spread = (values: number[]): number =>
  values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b)) + 1;

/** For a direction, how far ink is heaped up in its rows: the sum of squares of what lies in each. */
function rowsOf(blots: readonly Blot[], bin: number): (angle: number) => number {
  const pixels = blots.reduce((sum, { xs }) => sum + xs.length, 0);
  const each = Math.max(1, Math.floor(pixels / 3000));
  const xs = blots.flatMap((blot) => blot.xs.filter((_, k) => k % each === 0));
  const ys = blots.flatMap((blot) => blot.ys.filter((_, k) => k % each === 0));
  const [mx, my] = [xs[0]!, ys[0]!];
  const far = Math.ceil(Math.max(...xs.map((x, k) => Math.hypot(x - mx, ys[k]! - my))) / bin) + 2;
  const rows = new Float64Array(2 * far + 2);
  return (angle) => {
    rows.fill(0);
    const [c, s] = [Math.cos(angle) / bin, Math.sin(angle) / bin];
    for (let k = 0; k < xs.length; k++) {
      const v = (ys[k]! - my) * c - (xs[k]! - mx) * s + far;
      const row = Math.floor(v);
      rows[row]! += 1 - (v - row);
      rows[row + 1]! += v - row;
    }
    return rows.reduce((sum, value) => sum + value * value, 0);
  };
}

function lay(blot: Blot, angle: number): void {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  let [l, r, t, b] = [Infinity, -Infinity, Infinity, -Infinity];
  for (let k = 0; k < blot.xs.length; k++) {
    const [u, v] = [blot.xs[k]! * c + blot.ys[k]! * s, blot.ys[k]! * c - blot.xs[k]! * s];
    [l, r, t, b] = [Math.min(l, u), Math.max(r, u), Math.min(t, v), Math.max(b, v)];
  }
  Object.assign(blot, { left: l - 0.5, right: r + 0.5, top: t - 0.5, bottom: b + 0.5 });
}

const tallOf = ({ top, bottom }: Blot): number => bottom - top;
const middleOf = ({ top, bottom }: Blot): number => (top + bottom) / 2;
const gap = (a: Blot, b: Blot): number => Math.max(a.left, b.left) - Math.min(a.right, b.right);

/** Blots in lines: signs beside each other that overlap in height, then dots on their middle. */
function gathered(all: readonly Blot[]): { lines: Blot[][]; frames: Blot[] } {
  const heights = all
    .filter(({ marked }) => marked)
    .map(tallOf)
    .toSorted((a, b) => b - a);
  const tallest = heights[Math.floor(heights.length * 0.15)]!;
  const thick = all
    .filter((blot) => blot.marked && tallOf(blot) > 0.5 * tallest)
    .map((blot) => blot.thick)
    .toSorted((a, b) => a - b);
  const thin = 0.55 * (thick[thick.length >> 1] ?? 0);
  // A piece of a frame is an upright or a lying line, thinner than what is written.
  const isFrame = (blot: Blot): boolean => {
    const [wide, tall] = [blot.right - blot.left, tallOf(blot)];
    return (
      blot.frame ||
      (blot.thick < thin && tall > 0.5 * tallest && tall > 5 * wide) ||
      (blot.thick < thin && wide > 5 * tall)
    );
  };
  const frames = all.filter(isFrame);
  const blots = all.filter(
    (blot) => tallOf(blot) < 1.5 * tallest && blot.right - blot.left < 4 * tallest && !frames.includes(blot),
  );
  const lines: Blot[][] = [];
  const small = new Set<Blot>();
  for (const blot of blots) {
    if (tallOf(blot) < 0.3 * tallest) {
      if (Math.max(tallOf(blot), blot.right - blot.left) > 0.04 * tallest) small.add(blot);
      continue;
    }
    const own = lines.filter((line) => line.some((other) => beside(blot, other)));
    for (const line of own) lines.splice(lines.indexOf(line), 1);
    lines.push([blot, ...own.flat()]);
  }
  for (let grown = true; grown;) {
    grown = false;
    for (const line of lines) {
      const tall = usual(line);
      const signs = line.filter((one) => tallOf(one) > 0.6 * tall);
      for (const dot of small) {
        const size = Math.max(tallOf(dot), dot.right - dot.left);
        if (size < 0.13 * tall || size > 0.7 * tall) continue;
        if (line.every((one) => gap(one, dot) > farthest * tall)) continue;
        const full = signs.reduce((a, b) => (gap(a, dot) <= gap(b, dot) ? a : b));
        if (Math.abs(middleOf(dot) - middleOf(full)) > offMiddle * tall) continue;
        line.push(dot);
        small.delete(dot);
        grown = true;
      }
      // What a dot has brought near.
      const other = lines.find((one) => one !== line && one.some((a) => line.some((b) => beside(a, b, tall))));
      if (other === undefined) continue;
      lines.splice(lines.indexOf(other), 1);
      line.push(...other);
      grown = true;
      break;
    }
  }
  // A line that the detector has overlooked altogether is long enough not to be something else.
  const found = lines.filter((line) =>
    line.some(({ marked }) => marked)
      ? line.length > 1 || line[0]!.right - line[0]!.left > 1.2 * tallOf(line[0]!)
      : line.length > 2 && line.filter((one) => tallOf(one) > 0.8 * usual(line)).length > 1,
  );
  return { lines: found, frames };
}

function beside(a: Blot, b: Blot, tall = Math.max(tallOf(a), tallOf(b))): boolean {
  const [low, high] = [Math.min(tallOf(a), tallOf(b)), Math.max(tallOf(a), tallOf(b))];
  const overlap = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
  return (
    gap(a, b) <= 0.9 * tall &&
    overlap >= 0.5 * low &&
    (high <= 2.4 * low || Math.abs(middleOf(a) - middleOf(b)) < offMiddle * high)
  );
}

/** The usual height of the signs of a line. */
function usual(line: readonly Blot[]): number {
  const heights = line.map(tallOf).toSorted((a, b) => a - b);
  const signs = heights.filter((tall) => tall >= 0.4 * heights.at(-1)!);
  return signs[Math.floor((signs.length - 1) * 0.6 + 0.5)]!;
}

/** The box of a line: with ground around it, but not so much that a frame beside it would be cut out with it. */
function boxOf(line: readonly Blot[], frames: readonly Blot[], angle: number, boxes: readonly TextBox[]): TextBox {
  const tall = usual(line);
  const signs = line.filter((one) => tallOf(one) > 0.55 * tall);
  const middles = signs.map(middleOf).toSorted((a, b) => a - b);
  const v = middles[middles.length >> 1]!;
  const [from, to] = [Math.min(...line.map((one) => one.left)), Math.max(...line.map((one) => one.right))];
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  let [before, behind] = [-Infinity, Infinity];
  for (const { xs, ys } of frames) {
    for (let k = 0; k < xs.length; k++) {
      if (Math.abs(ys[k]! * c - xs[k]! * s - v) > 0.5 * tall) continue;
      const at = xs[k]! * c + ys[k]! * s;
      if (at < from) before = Math.max(before, at);
      if (at > to) behind = Math.min(behind, at);
    }
  }
  const high = tall * (1 + 2 * around.across);
  // What `lineOf` will add, and a little for looks that are shifted.
  const more = ground.along * high + 0.08 * tall;
  const left = Math.min(Math.max(from - around.along * tall, before + more), from + 0.25 * tall);
  const right = Math.max(Math.min(to + around.along * tall, behind - more), to - 0.25 * tall);
  const u = (left + right) / 2;
  const [x, y] = [u * c - v * s, u * s + v * c];
  const near = boxes.toSorted((a, b) => Math.hypot(a.x - x, a.y - y) - Math.hypot(b.x - x, b.y - y))[0]!;
  return { x, y, length: right - left, height: high, angle, score: near.score };
}
