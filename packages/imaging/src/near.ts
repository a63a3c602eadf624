// Near duplicates: all pairs of hashes within a distance, exactly, without comparing all with all. Two hashes that
// differ in at most 31 of 256 bits differ in at most one bit in one of sixteen 16-bit bands (multi-index hashing,
// Norouzi, Punjani and Fleet 2012), so only hashes that share a band, or nearly, are compared.

import type { PdqHash } from './pdq.ts';
import { popcount } from './pdq.ts';

/** The largest distance that sixteen bands with one bit of tolerance find completely. */
export const largestDistance = 31;

const words = 8;
const bandCount = 16;
const bandBits = 16;
const bandValues = 1 << bandBits;

/** Hashes one after another, eight words each: what the searches below read. */
export function packHashes(hashes: readonly PdqHash[]): Uint32Array {
  const packed = new Uint32Array(hashes.length * words);
  for (let i = 0; i < hashes.length; i++) packed.set(hashes[i]!, i * words);
  return packed;
}

export interface NearPair {
  /** Positions in the packed hashes, a < b. */
  a: number;
  b: number;
  distance: number;
}

/**
 * Calls `found` once for each pair (a < b) within `distance` bits, in an order that depends on the hashes alone.
 * 55,000 random hashes take 0.4 s. Equal and featureless hashes make n * n pairs: collapse equals and leave out those
 * of low quality before. Throws RangeError where `distance` is not a whole number from 0 to 31.
 */
export function forEachNearPair(
  packed: Uint32Array,
  distance: number,
  found: (a: number, b: number, distance: number) => void,
): void {
  checkDistance(distance);
  const count = Math.floor(packed.length / words);
  const radius = distance < bandCount ? 0 : 1;
  const starts = new Uint32Array(bandValues + 1);
  const order = new Uint32Array(count);

  const compare = (band: number, i: number, j: number): void => {
    let bits = 0;
    for (let w = 0; w < words; w++) {
      bits += popcount(packed[i * words + w]! ^ packed[j * words + w]!);
      if (bits > distance) return;
    }
    // A pair is told by the first band that brings it together, so each is told once.
    for (let earlier = 0; earlier < band; earlier++) {
      if (popcount(bandOf(packed, i, earlier) ^ bandOf(packed, j, earlier)) <= radius) return;
    }
    if (i < j) found(i, j, bits);
    else found(j, i, bits);
  };

  for (let band = 0; band < bandCount; band++) {
    sortByBand(packed, band, starts, order);
    for (let p = 0; p < count; p++) {
      const i = order[p]!;
      const value = bandOf(packed, i, band);
      for (let q = p + 1; q < starts[value + 1]!; q++) compare(band, i, order[q]!);
      if (radius === 0) continue;
      for (let bit = 0; bit < bandBits; bit++) {
        const other = value ^ (1 << bit);
        if (other < value) continue;
        for (let q = starts[other]!; q < starts[other + 1]!; q++) compare(band, i, order[q]!);
      }
    }
  }
}

/** The pairs of `forEachNearPair` as a list, sorted by a, then b. */
export function nearPairs(packed: Uint32Array, distance: number): NearPair[] {
  const pairs: NearPair[] = [];
  forEachNearPair(packed, distance, (a, b, bits) => pairs.push({ a, b, distance: bits }));
  return pairs.toSorted((x, y) => x.a - y.a || x.b - y.b);
}

/** One hash near to another: its position in the packed hashes, and in how many bits it differs. */
export interface NearHash {
  index: number;
  distance: number;
}

export interface HashIndex {
  count: number;
  /** Exactly the hashes within `distance` bits, nearest first. Throws RangeError unless it is a whole number from 0 to 31. */
  near(hash: PdqHash, distance: number): NearHash[];
}

/**
 * An index in memory for many questions: 64 bytes a hash beside the hashes themselves, which it reads and does not copy.
 * Of 1,000,000 random hashes it is built in 0.4 s and answers in 0.8 ms, where looking at each takes 26.
 */
export function indexHashes(packed: Uint32Array): HashIndex {
  const count = Math.floor(packed.length / words);
  const starts = Array.from({ length: bandCount }, () => new Uint32Array(bandValues + 1));
  const orders = Array.from({ length: bandCount }, () => new Uint32Array(count));
  for (let band = 0; band < bandCount; band++) sortByBand(packed, band, starts[band]!, orders[band]!);
  return {
    count,
    near(hash, distance) {
      checkDistance(distance);
      const radius = distance < bandCount ? 0 : 1;
      const found: NearHash[] = [];
      for (let band = 0; band < bandCount; band++) {
        const value = bandOf(hash, 0, band);
        const [from, order] = [starts[band]!, orders[band]!];
        for (let bit = -1; bit < (radius === 0 ? 0 : bandBits); bit++) {
          const bucket = bit < 0 ? value : value ^ (1 << bit);
          for (let p = from[bucket]!; p < from[bucket + 1]!; p++) {
            const index = order[p]!;
            const bits = distanceAt(packed, index, hash, distance);
            // Told by the first band that brings it here, so each is told once.
            if (bits <= distance && firstBand(packed, index, hash, radius) === band) {
              found.push({ index, distance: bits });
            }
          }
        }
      }
      return found.toSorted((x, y) => x.distance - y.distance || x.index - y.index);
    },
  };
}

/** Positions sorted by one band's value, and where each value starts. */
function sortByBand(packed: Uint32Array, band: number, starts: Uint32Array, order: Uint32Array): void {
  starts.fill(0);
  for (let i = 0; i < order.length; i++) starts[bandOf(packed, i, band) + 1]!++;
  for (let value = 0; value < bandValues; value++) starts[value + 1]! += starts[value]!;
  const next = starts.slice(0, bandValues);
  for (let i = 0; i < order.length; i++) order[next[bandOf(packed, i, band)]!++] = i;
}

function firstBand(packed: Uint32Array, index: number, hash: PdqHash, radius: number): number {
  let band = 0;
  while (band < bandCount && popcount(bandOf(packed, index, band) ^ bandOf(hash, 0, band)) > radius) band++;
  return band;
}

/** The distance, or some number above `most` once that is passed. */
function distanceAt(packed: Uint32Array, index: number, hash: PdqHash, most: number): number {
  let bits = 0;
  for (let w = 0; w < words && bits <= most; w++) bits += popcount(packed[index * words + w]! ^ hash[w]!);
  return bits;
}

/** All hashes within `distance` bits (0 to 256) of one, nearest first, by looking at each: 1 ms for 55,000. */
export function nearTo(hash: PdqHash, packed: Uint32Array, distance: number): NearHash[] {
  const near: NearHash[] = [];
  const count = Math.floor(packed.length / words);
  for (let i = 0; i < count; i++) {
    const bits = distanceAt(packed, i, hash, distance);
    if (bits <= distance) near.push({ index: i, distance: bits });
  }
  return near.toSorted((x, y) => x.distance - y.distance || x.index - y.index);
}

/**
 * The bands of a hash as whole numbers, band * 65536 + value, each with those one bit away (272 in all) where `around`:
 * two hashes within 15 bits share one of the sixteen; within 31, one has a band among the other's 272. What a database's
 * inverted index is asked for.
 */
export function bandKeys(hash: PdqHash, around: boolean): number[] {
  return Array.from({ length: bandCount }, (_, band) => {
    const value = bandOf(hash, 0, band);
    const key = (bits: number): number => band * bandValues + bits;
    return around
      ? [key(value), ...Array.from({ length: bandBits }, (__, bit) => key(value ^ (1 << bit)))]
      : [key(value)];
  }).flat();
}

function bandOf(packed: Uint32Array, i: number, band: number): number {
  return (packed[i * words + (band >> 1)]! >>> ((band & 1) << 4)) & 0xffff;
}

function checkDistance(distance: number): void {
  if (!Number.isInteger(distance) || distance < 0 || distance > largestDistance) {
    throw new RangeError(`distance must be a whole number from 0 to ${largestDistance}`);
  }
}
