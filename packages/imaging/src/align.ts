// Where one picture lies in another: normalised cross-correlation (Lewis 1995) over scale and place, coarse to fine. A
// perceptual hash does not survive a crop or a border; this does, and says which part it is. Pure.

import type { LumaPlane } from './pdq.ts';

/** A rectangle in pixels, from the upper left corner; fractions are possible. */
export interface Region {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Alignment {
  /** Normalised correlation over the region, -1 to 1: indifferent to brightness and contrast. */
  score: number;
  /**
   * The lower quartile of the correlations of 16 blocks of the region, plain ones left out; null where fewer than four
   * have structure. Another frame of one scene agrees on the whole and not in its blocks; a copy agrees in both.
   */
  weakest: number | null;
  /** Where the part lies, in pixels of the whole. */
  region: Region;
  /** Pixels of the whole for one of the part. */
  scale: number;
  /** Part = gain * whole + offset, in grey levels, by least squares. */
  gain: number;
  offset: number;
  /** The share of the whole that the region covers, 0 to 1. */
  covers: number;
  /** Whether what the whole has beside the region is plain, as an added border is. False where there is nothing. */
  plainBeside: boolean;
}

export interface AlignOptions {
  /** The smallest size of the part to look for, as a share of the largest at which it fits: 0.3 by default. */
  leastScale?: number;
}

const coarseSide = 48;
const steps = [
  { side: 128, reach: 3, scales: [0.97, 0.985, 1, 1.015, 1.03] },
  { side: 256, reach: 2, scales: [0.994, 0.997, 1, 1.003, 1.006] },
] as const;
const coarseStep = 1.05;
/** How many places of the coarse search are looked at more closely: a small part correlates by chance in many. */
const kept = 4;
/** Correlation at 48 pixels under which a place is not looked at more closely. */
const hopeful = 0.5;
const blocks = 4;
const compareSide = 128;
/** Standard deviation in grey levels under which a block, or a border, counts as plain. */
const plain = 5;

interface Place {
  score: number;
  /** Share of the largest size at which the part fits. */
  size: number;
  /** Upper left corner, as a share of the whole's sides. */
  x: number;
  y: number;
}

/**
 * Finds `part` in `whole`: all of it, upright, at any size from the largest that fits down. Null where nothing is worth
 * a closer look, or a side is under 8 pixels. 10 to 80 ms for planes of 320 x 240.
 */
export function alignInside(part: LumaPlane, whole: LumaPlane, options: AlignOptions = {}): Alignment | null {
  if (Math.min(part.width, part.height, whole.width, whole.height) < 8) return null;
  const least = options.leastScale ?? 0.3;
  const coarse = prepare(whole, coarseSide);
  let places: Place[] = [];
  for (let size = 1; size > least / coarseStep; size /= coarseStep) {
    const best = bestPlace(part, coarse, size, null);
    if (best !== null && best.score >= hopeful) places.push(best);
  }
  places = places.toSorted((a, b) => b.score - a.score).slice(0, kept);
  let ground = coarse;
  for (const { side, reach, scales } of steps) {
    ground = prepare(whole, side);
    const finer = places.flatMap((place) => {
      const tried = new Set(scales.map((by) => Math.min(1, place.size * by)));
      const found = [...tried].flatMap((size) => bestPlace(part, ground, size, { place, reach }) ?? []);
      return found.toSorted((a, b) => b.score - a.score).slice(0, 1);
    });
    places = finer.toSorted((a, b) => b.score - a.score).slice(0, 1);
  }
  return places[0] === undefined ? null : measured(part, whole, ground, places[0]);
}

interface Ground {
  plane: Float32Array;
  width: number;
  height: number;
  /** Sums over everything above and left, a row and a column of zeros first. */
  sums: Float64Array;
  squares: Float64Array;
}

function prepare(plane: LumaPlane, side: number): Ground {
  const by = Math.min(1, side / Math.max(plane.width, plane.height));
  const width = Math.max(4, Math.round(plane.width * by));
  const height = Math.max(4, Math.round(plane.height * by));
  const small = resizePlane(plane, width, height).data as Float32Array;
  const sums = new Float64Array((width + 1) * (height + 1));
  const squares = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let [row, square] = [0, 0];
    for (let x = 0; x < width; x++) {
      const value = small[y * width + x]!;
      row += value;
      square += value * value;
      const at = (y + 1) * (width + 1) + x + 1;
      sums[at] = sums[at - width - 1]! + row;
      squares[at] = squares[at - width - 1]! + square;
    }
  }
  return { plane: small, width, height, sums, squares };
}

/** The part at this size, in whole pixels of the ground. */
function sizeOn(part: LumaPlane, { width, height }: Ground, size: number): { width: number; height: number } {
  const fit = Math.min(width / part.width, height / part.height) * size;
  return {
    width: Math.min(width, Math.max(1, Math.round(part.width * fit))),
    height: Math.min(height, Math.max(1, Math.round(part.height * fit))),
  };
}

function bestPlace(
  part: LumaPlane,
  ground: Ground,
  size: number,
  around: { place: Place; reach: number } | null,
): Place | null {
  const { width, height } = sizeOn(part, ground, size);
  if (width < 6 || height < 6) return null;
  const small = resizePlane(part, width, height).data as Float32Array;
  const count = width * height;
  let [mean, energy] = [0, 0];
  for (let i = 0; i < count; i++) mean += small[i]!;
  mean /= count;
  for (let i = 0; i < count; i++) {
    small[i]! -= mean;
    energy += small[i]! * small[i]!;
  }
  if (energy < count) return null;
  const [right, bottom] = [ground.width - width, ground.height - height];
  let [x0, x1, y0, y1] = [0, right, 0, bottom];
  if (around !== null) {
    const { place, reach } = around;
    // The place is kept by its middle, so that another size does not shift it.
    const before = sizeOn(part, ground, place.size);
    const x = Math.round(place.x * ground.width + (before.width - width) / 2);
    const y = Math.round(place.y * ground.height + (before.height - height) / 2);
    [x0, x1] = [Math.max(0, Math.min(right, x - reach)), Math.max(0, Math.min(right, x + reach))];
    [y0, y1] = [Math.max(0, Math.min(bottom, y - reach)), Math.max(0, Math.min(bottom, y + reach))];
  }
  let best: Place | null = null;
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const spread = windowOf(ground.squares, ground, x, y, width, height);
      const sum = windowOf(ground.sums, ground, x, y, width, height);
      const own = spread - (sum * sum) / count;
      if (own < count) continue;
      let cross = 0;
      for (let row = 0, at = 0; row < height; row++) {
        let from = (y + row) * ground.width + x;
        for (let column = 0; column < width; column++) cross += small[at++]! * ground.plane[from++]!;
      }
      const score = cross / Math.sqrt(own * energy);
      if (best === null || score > best.score) best = { score, size, x: x / ground.width, y: y / ground.height };
    }
  }
  return best;
}

function windowOf(table: Float64Array, { width }: Ground, x: number, y: number, across: number, down: number): number {
  const stride = width + 1;
  const [top, bottom] = [y * stride, (y + down) * stride];
  return table[bottom + x + across]! - table[bottom + x]! - table[top + x + across]! + table[top + x]!;
}

function measured(part: LumaPlane, whole: LumaPlane, ground: Ground, place: Place): Alignment {
  const on = sizeOn(part, ground, place.size);
  const [x, y] = [Math.round(place.x * ground.width), Math.round(place.y * ground.height)];
  const [byX, byY] = [whole.width / ground.width, whole.height / ground.height];
  const placed = { x: x * byX, y: y * byY, width: on.width * byX, height: on.height * byY };
  // Compared at half the size at which it was placed: an error of half a pixel there costs a fine pattern little here.
  const by = Math.min(1, compareSide / Math.max(part.width, part.height));
  const [width, height] = [
    Math.max(blocks, Math.round(part.width * by)),
    Math.max(blocks, Math.round(part.height * by)),
  ];
  const small = resizePlane(part, width, height).data as Float32Array;
  const region = place.size >= 0.97 ? placed : settle(small, whole, placed, width, height);
  const under = resample(whole, region, width, height).data as Float32Array;
  const correlate = (left: number, top: number, right: number, bottom: number) => {
    let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
    for (let row = top; row < bottom; row++) {
      for (let at = row * width + left; at < row * width + right; at++) {
        const [p, w] = [small[at]!, under[at]!];
        a += p;
        b += w;
        aa += p * p;
        bb += w * w;
        ab += p * w;
      }
    }
    const n = (right - left) * (bottom - top);
    return { cross: ab - (a * b) / n, part: aa - (a * a) / n, whole: bb - (b * b) / n, a: a / n, b: b / n, n };
  };
  const all = correlate(0, 0, width, height);
  const own: number[] = [];
  for (let i = 0; i < blocks * blocks; i++) {
    const [column, row] = [i % blocks, Math.floor(i / blocks)];
    const edge = (side: number, k: number) => Math.round((side * k) / blocks);
    const block = correlate(edge(width, column), edge(height, row), edge(width, column + 1), edge(height, row + 1));
    if (block.n === 0 || Math.max(block.whole, block.part) / block.n < plain * plain) continue;
    const energy = Math.sqrt(block.part * block.whole);
    own.push(energy === 0 ? 0 : block.cross / energy);
  }
  const gain = all.whole === 0 ? 0 : all.cross / all.whole;
  return {
    score: all.whole * all.part === 0 ? 0 : all.cross / Math.sqrt(all.part * all.whole),
    weakest: own.length < 4 ? null : own.toSorted((a, b) => a - b)[Math.floor(own.length / 4)]!,
    region,
    scale: region.width / part.width,
    gain,
    offset: all.a - gain * all.b,
    covers: (on.width * on.height) / (ground.width * ground.height),
    plainBeside: plainBeside(ground, x, y, on.width, on.height),
  };
}

/** Moves and scales a region by fractions of a pixel to where it correlates best. */
function settle(part: Float32Array, whole: LumaPlane, from: Region, width: number, height: number): Region {
  const ratio = from.height / from.width;
  const inside = ({ x, y, width: w, height: h }: Region): boolean =>
    x >= 0 && y >= 0 && x + w <= whole.width && y + h <= whole.height;
  const rate = (region: Region) => correlation(part, resample(whole, region, width, height).data as Float32Array);
  let best = { region: from, score: rate(from) };
  for (const step of [1, 0.5, 0.25]) {
    for (let better = true; better;) {
      better = false;
      const { x, y, width: w, height: h } = best.region;
      const grown = [step, -step].map((by) => {
        return { x: x - by / 2, y: y - (by * ratio) / 2, width: w + by, height: h + by * ratio };
      });
      const moved = [
        [step, 0],
        [-step, 0],
        [0, step],
        [0, -step],
      ].map(([dx, dy]) => ({ ...best.region, x: x + dx!, y: y + dy! }));
      for (const region of [...grown, ...moved].filter(inside)) {
        const score = rate(region);
        if (score > best.score + 1e-4) [best, better] = [{ region, score }, true];
      }
    }
  }
  return best.region;
}

function correlation(a: Float32Array, b: Float32Array): number {
  let [sa, sb, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i]!, b[i]!];
    sa += p;
    sb += q;
    aa += p * p;
    bb += q * q;
    ab += p * q;
  }
  const energy = (aa - (sa * sa) / a.length) * (bb - (sb * sb) / a.length);
  return energy > 0 ? (ab - (sa * sb) / a.length) / Math.sqrt(energy) : 0;
}

/** Whether each strip beside the region is plain; the two pixels next to it are left out, where compression rings. */
function plainBeside(ground: Ground, x: number, y: number, width: number, height: number): boolean {
  const ring = 2;
  const strips = [
    [0, 0, x - ring, ground.height],
    [x + width + ring, 0, ground.width - x - width - ring, ground.height],
    [0, 0, ground.width, y - ring],
    [0, y + height + ring, ground.width, ground.height - y - height - ring],
  ].filter(([, , across, down]) => across! >= 2 && down! >= 2);
  return (
    strips.length > 0 &&
    strips.every(([left, top, across, down]) => {
      const n = across! * down!;
      const sum = windowOf(ground.sums, ground, left!, top!, across!, down!);
      const squares = windowOf(ground.squares, ground, left!, top!, across!, down!);
      return squares / n - (sum / n) ** 2 < plain * plain;
    })
  );
}

/** A plane at another size, each pixel the mean of the area it covers. Sides are whole numbers from 1. */
export function resizePlane(plane: LumaPlane, toWidth: number, toHeight: number): LumaPlane {
  return resample(plane, { x: 0, y: 0, width: plane.width, height: plane.height }, toWidth, toHeight);
}

/** The same of a region alone, whose edges may lie within pixels. */
function resample({ data, width, height }: LumaPlane, region: Region, toWidth: number, toHeight: number): LumaPlane {
  const across = new Float32Array(toWidth * height);
  const columns = spans(region.x, region.width, width, toWidth);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < toWidth; x++) {
      const { from, weights } = columns[x]!;
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i]! * data[y * width + from + i]!;
      across[y * toWidth + x] = sum;
    }
  }
  const out = new Float32Array(toWidth * toHeight);
  const rows = spans(region.y, region.height, height, toHeight);
  for (let y = 0; y < toHeight; y++) {
    const { from, weights } = rows[y]!;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      const row = (from + i) * toWidth;
      for (let x = 0; x < toWidth; x++) out[y * toWidth + x]! += weight * across[row + x]!;
    }
  }
  return { data: out, width: toWidth, height: toHeight };
}

function spans(begin: number, span: number, length: number, to: number): { from: number; weights: number[] }[] {
  const step = span / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, end] = [begin + i * step, Math.min(length, begin + (i + 1) * step)];
    const from = Math.min(length - 1, Math.floor(start + 1e-9));
    const last = Math.max(from + 1, Math.min(length, Math.ceil(end - 1e-9)));
    if (last === from + 1) return { from, weights: [1] };
    const weights = Array.from({ length: last - from }, (__, k) => {
      return Math.max(0, Math.min(end, from + k + 1) - Math.max(start, from + k)) / (end - start);
    });
    return { from, weights };
  });
}
