// PDQ, Meta's perceptual hash of a picture: 256 bits that change little when a picture is scaled, re-compressed or
// lightly edited. After "The TMK+PDQF and PDQ hashing algorithms" (2019); the same bits as the published C++ program,
// because hashes are only worth exchanging when everybody computes the same ones.

/** A perceptual hash: eight 32-bit words, in the order in which the hash is printed (first word, first eight digits). */
export type PdqHash = Uint32Array;

export interface Pdq {
  hash: PdqHash;
  /** 0 to 100: how much there is to see. Below 50 (a plain wall, a blank page) hashes should not be compared. */
  quality: number;
}

/** Brightness of each pixel, row after row, in 0 to 255. */
export interface LumaPlane {
  data: Float32Array | Uint8Array;
  width: number;
  height: number;
}

/** The side that the reference brings larger pictures to, both ways, by taking the nearest pixel. */
const largestSide = 512;
const smallestSide = 5;
const grid = 64;
const bands = 16;

/**
 * Brightness of interleaved 8-bit pixels (grey, grey and alpha, RGB, RGBA; alpha is ignored), sampled to 512 x 512
 * where a side is larger, exactly as the reference does it. Give it a full decode and `pdq` of the result is canonical.
 */
export function lumaFromPixels(pixels: Uint8Array, width: number, height: number, channels: 1 | 2 | 3 | 4): LumaPlane {
  const large = width > largestSide || height > largestSide;
  const columns = large ? largestSide : width;
  const rows = large ? largestSide : height;
  // float32 at every step, as in C: a difference in the last bit moves a hash bit near the median.
  const [red, green, blue] = [Math.fround(0.299), Math.fround(0.587), Math.fround(0.114)];
  const data = new Float32Array(columns * rows);
  const from = new Int32Array(columns);
  for (let x = 0; x < columns; x++) from[x] = Math.floor((x * width) / columns) * channels;
  for (let y = 0, at = 0; y < rows; y++) {
    const row = Math.floor((y * height) / rows) * width * channels;
    if (channels < 3) {
      for (let x = 0; x < columns; x++) data[at++] = pixels[row + from[x]!]!;
    } else {
      for (let x = 0; x < columns; x++) {
        const p = row + from[x]!;
        const twoThirds = Math.fround(Math.fround(red * pixels[p]!) + Math.fround(green * pixels[p + 1]!));
        data[at++] = Math.fround(twoThirds + Math.fround(blue * pixels[p + 2]!));
      }
    }
  }
  return { data, width: columns, height: rows };
}

/**
 * The hash and its quality. A plane with a side under 5 pixels gives the zero hash of quality 0, as the reference does.
 * 5.5 ms for 512 x 512, its luma included.
 */
export function pdq(plane: LumaPlane): Pdq {
  if (plane.width < smallestSide || plane.height < smallestSide) return { hash: new Uint32Array(8), quality: 0 };
  const small = shrink(plane);
  return { hash: bitsAboveMedian(transform(small)), quality: gradients(small) };
}

/** The eight ways to turn and mirror a picture, in the order in which `pdqTurned` gives their hashes. */
export const turns = [
  'original',
  'rotate-90',
  'rotate-180',
  'rotate-270',
  'flip-x',
  'flip-y',
  'flip-plus-1',
  'flip-minus-1',
] as const;
export type Turn = (typeof turns)[number];

/** The hashes of the picture turned and mirrored in the eight ways, from one transform. Canonical like `pdq`. */
export function pdqTurned(plane: LumaPlane): { hashes: Record<Turn, PdqHash>; quality: number } {
  const tiny = plane.width < smallestSide || plane.height < smallestSide;
  const small = tiny ? null : shrink(plane);
  const frequencies = small === null ? null : transform(small);
  const hashes = {} as Record<Turn, PdqHash>;
  for (const turn of turns) {
    if (frequencies === null) {
      hashes[turn] = new Uint32Array(8);
      continue;
    }
    const turned = new Float32Array(bands * bands);
    for (let i = 0; i < bands; i++) {
      for (let j = 0; j < bands; j++) {
        const value = frequencies[i * bands + j]!;
        turned[place(turn, i, j)] = negated(turn, i, j) ? -value : value;
      }
    }
    hashes[turn] = bitsAboveMedian(turned);
  }
  return { hashes, quality: small === null ? 0 : gradients(small) };
}

/**
 * The eight hashes of a turned picture from its one hash alone, for collections that keep only that. Negating a
 * frequency inverts its bit (the median lies near zero), so each is within a few bits of the canonical one; 'original'
 * is the hash itself.
 */
export function turnedFromHash(hash: PdqHash): Record<Turn, PdqHash> {
  const hashes = {} as Record<Turn, PdqHash>;
  for (const turn of turns) {
    const turned = new Uint32Array(8);
    for (let i = 0; i < bands; i++) {
      for (let j = 0; j < bands; j++) {
        if (bitOf(hash, i * bands + j) !== negated(turn, i, j)) setBit(turned, place(turn, i, j));
      }
    }
    hashes[turn] = turned;
  }
  return hashes;
}

/** In how many of their 256 bits two hashes differ. At 31 or fewer two pictures are customarily taken as alike. */
export function hammingDistance(a: PdqHash, b: PdqHash): number {
  let distance = 0;
  for (let i = 0; i < 8; i++) distance += popcount(a[i]! ^ b[i]!);
  return distance;
}

/** How many bits of a 32-bit word are set. */
export function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** 64 lower-case hexadecimal digits, printed as the reference prints them. */
export function toHex(hash: PdqHash): string {
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
}

/** The hash of 64 hexadecimal digits of either case; null for anything else. */
export function fromHex(hex: string): PdqHash | null {
  if (!/^[0-9a-fA-F]{64}$/.test(hex)) return null;
  return Uint32Array.from({ length: 8 }, (_, i) => Number.parseInt(hex.slice(i * 8, i * 8 + 8), 16));
}

// Bit k of the 256 belongs to frequency row k / 16, column k % 16, and is printed last when k is 0.
function setBit(hash: PdqHash, k: number): void {
  hash[7 - (k >> 5)]! |= 1 << (k & 31);
}

function bitOf(hash: PdqHash, k: number): boolean {
  return ((hash[7 - (k >> 5)]! >>> (k & 31)) & 1) === 1;
}

function place(turn: Turn, i: number, j: number): number {
  const transposed = turn === 'rotate-90' || turn === 'rotate-270' || turn === 'flip-plus-1' || turn === 'flip-minus-1';
  return transposed ? j * bands + i : i * bands + j;
}

// The transform's rows and columns start at frequency 1, so an even index is an odd frequency: the one that a mirror negates.
function negated(turn: Turn, i: number, j: number): boolean {
  switch (turn) {
    case 'rotate-90':
    case 'flip-y':
      return j % 2 === 0;
    case 'rotate-270':
    case 'flip-x':
      return i % 2 === 0;
    case 'rotate-180':
    case 'flip-minus-1':
      return (i + j) % 2 === 1;
    default:
      return false;
  }
}

/** Blurs with a tent (two box filters each way) and takes 64 x 64 pixels, at the centres of as many tiles. */
function shrink({ data, width, height }: LumaPlane): Float32Array {
  const small = new Float32Array(grid * grid);
  if (width === grid && height === grid) {
    small.set(data);
    return small;
  }
  const centreX = Int32Array.from({ length: grid }, (_, j) => Math.trunc(((j + 0.5) * width) / grid));
  const centreY = Int32Array.from({ length: grid }, (_, i) => Math.trunc(((i + 0.5) * height) / grid));
  const windowX = Math.ceil(width / (2 * grid));
  const windowY = Math.ceil(height / (2 * grid));

  const across = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    boxLine(data.subarray(y * width, (y + 1) * width), across.subarray(y * width, (y + 1) * width), windowX);
  }
  const once = new Float32Array(width * height);
  boxColumns(across, once, width, height, windowY);

  // The second time only the 64 columns that will be looked at go on: half of the work saved, the same numbers.
  const line = new Float32Array(width);
  const narrow = new Float32Array(grid * height);
  for (let y = 0; y < height; y++) {
    boxLine(once.subarray(y * width, (y + 1) * width), line, windowX);
    for (let j = 0; j < grid; j++) narrow[y * grid + j] = line[centreX[j]!]!;
  }
  const twice = new Float32Array(grid * height);
  boxColumns(narrow, twice, grid, height, windowY);
  for (let i = 0; i < grid; i++) {
    small.set(twice.subarray(centreY[i]! * grid, (centreY[i]! + 1) * grid), i * grid);
  }
  return small;
}

// A running mean over `window` values that narrows at both ends. The order of additions and subtractions in float32 is
// part of the definition: its rounding errors run along the line and decide bits.
function boxLine(from: Float32Array | Uint8Array, to: Float32Array, window: number): void {
  const length = from.length;
  const half = (window + 2) >> 1;
  let sum = Math.fround(0);
  let right = 0;
  let left = 0;
  let at = 0;
  for (; right < half - 1; right++) sum = Math.fround(sum + from[right]!);
  for (; right < window; right++) {
    sum = Math.fround(sum + from[right]!);
    to[at++] = Math.fround(sum / Math.fround(right + 1));
  }
  const full = Math.fround(window);
  for (; right < length; right++) {
    sum = Math.fround(Math.fround(sum + from[right]!) - from[left++]!);
    to[at++] = Math.fround(sum / full);
  }
  for (let count = window - 1; at < length; count--) {
    sum = Math.fround(sum - from[left++]!);
    to[at++] = Math.fround(sum / Math.fround(count));
  }
}

// The same down the columns, a row at a time so that memory is read in order; each column sees the same operations.
function boxColumns(from: Float32Array, to: Float32Array, width: number, height: number, window: number): void {
  const half = (window + 2) >> 1;
  const sums = new Float32Array(width);
  const add = (row: number): void => {
    for (let x = 0, p = row * width; x < width; x++, p++) sums[x] = sums[x]! + from[p]!;
  };
  const subtract = (row: number): void => {
    for (let x = 0, p = row * width; x < width; x++, p++) sums[x] = sums[x]! - from[p]!;
  };
  const write = (row: number, by: number): void => {
    const count = Math.fround(by);
    for (let x = 0, p = row * width; x < width; x++, p++) to[p] = Math.fround(sums[x]! / count);
  };
  let right = 0;
  let left = 0;
  let at = 0;
  for (; right < half - 1; right++) add(right);
  for (; right < window; right++) {
    add(right);
    write(at++, right + 1);
  }
  for (; right < height; right++) {
    add(right);
    subtract(left++);
    write(at++, window);
  }
  for (let count = window - 1; at < height; count--) {
    subtract(left++);
    write(at++, count);
  }
}

/** The sum of the differences between neighbours, counted in whole hundredths of the range, scaled to 0 to 100. */
function gradients(small: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < grid - 1; i++) {
    for (let j = 0; j < grid; j++) sum += difference(small[i * grid + j]!, small[(i + 1) * grid + j]!);
  }
  for (let i = 0; i < grid; i++) {
    for (let j = 0; j < grid - 1; j++) sum += difference(small[i * grid + j]!, small[i * grid + j + 1]!);
  }
  return Math.min(100, Math.trunc(sum / 90));
}

const cosines = ((): Float32Array => {
  const matrix = new Float32Array(bands * grid);
  const scale = Math.fround(Math.sqrt(2 / grid));
  for (let i = 0; i < bands; i++) {
    for (let j = 0; j < grid; j++) {
      matrix[i * grid + j] = scale * Math.cos((Math.PI / 2 / grid) * (i + 1) * (2 * j + 1));
    }
  }
  return matrix;
})();

/** Frequencies 1 to 16 each way of the discrete cosine transform; the mean (frequency 0) is left out. */
function transform(small: Float32Array): Float32Array {
  const half = new Float32Array(bands * grid);
  for (let i = 0; i < bands; i++) {
    for (let j = 0; j < grid; j++) {
      let sum = Math.fround(0);
      for (let k = 0; k < grid; k++) {
        sum = Math.fround(sum + Math.fround(cosines[i * grid + k]! * small[k * grid + j]!));
      }
      half[i * grid + j] = sum;
    }
  }
  const frequencies = new Float32Array(bands * bands);
  for (let i = 0; i < bands; i++) {
    for (let j = 0; j < bands; j++) {
      let sum = Math.fround(0);
      for (let k = 0; k < grid; k++) {
        sum = Math.fround(sum + Math.fround(half[i * grid + k]! * cosines[j * grid + k]!));
      }
      frequencies[i * bands + j] = sum;
    }
  }
  return frequencies;
}

function bitsAboveMedian(frequencies: Float32Array): PdqHash {
  // The reference searches the median by Torben's method, which ends at the lower of the two middle values.
  const median = frequencies.toSorted()[127]!;
  const hash = new Uint32Array(8);
  for (let k = 0; k < bands * bands; k++) if (frequencies[k]! > median) setBit(hash, k);
  return hash;
}

function difference(u: number, v: number): number {
  return Math.abs(Math.trunc(Math.fround(Math.fround(Math.fround(u - v) * 100) / 255)));
}
