// Which pairs are worth aligning: those that a turned hash brings together, and those that may be a crop or a border,
// which no hash survives: the same number, the same folder, or a wider radius. Pure.
import { fromHex, hammingDistance, indexHashes, nearTo, packHashes, turnedFromHash, turns } from '@dalil/imaging';
import {
  confirmedDistance,
  leastQuality,
  nearDistance,
  notContradicted,
  sameProportions,
  type Candidate,
  type Edge,
} from './near.ts';

/** A picture with what may bring it near to another. */
export interface Neighbour extends Candidate {
  /** The key of an individual that its paths give, or null. */
  key: string | null;
  /** Folders it was received in. */
  folders: readonly string[];
  /** Described or read since the last search. */
  fresh: boolean;
}

export interface PairToAlign {
  a: number;
  b: number;
  distance: number;
  look: 'turned' | 'part';
}

/** PDQ distance up to which a picture without a time of capture is held against all others: unrelated ones lie at 128. */
export const widerDistance = 64;
/** Up to so many hashes each picture without a time is held against all in eight ways (10 ms at 55,000); beyond, an index is asked. */
const mostScanned = 100_000;
const nearestNeighbours = 8;
const nearestAnywhere = 4;
/** Pictures with the same second: beyond that many it is no camera's time but a program's. */
const mostAtOnce = 64;

/**
 * Pairs to align, the nearest first. Two pictures with different times of capture are never among them, so the work
 * grows with the pictures that have none, and not with all.
 */
export function pairsToAlign(pictures: readonly Neighbour[], edges: readonly Edge[]): PairToAlign[] {
  const usable = pictures.flatMap(({ quality }, i) => (quality >= leastQuality ? [i] : []));
  const hashes = pictures.map(({ pdq }) => fromHex(pdq)!);
  const packed = packHashes(usable.map((i) => hashes[i]!));
  const known = new Set(edges.map(({ a, b }) => pairKey(a, b)));
  // Whoever has a picture that it is a copy of, or that is a copy of it, needs no second opinion.
  const settled = new Set(edges.flatMap(({ a, b }) => [a, b]));
  const pairs = new Map<string, PairToAlign>();
  const offer = (a: number, b: number, distance: number, look: PairToAlign['look']): boolean => {
    const [x, y] = [pictures[a]!, pictures[b]!];
    const key = pairKey(a, b);
    if (a === b || known.has(key) || !(x.fresh || y.fresh) || !notContradicted(x, y)) return false;
    const turned = sameProportions(x, y) || sameProportions(x, { ...y, width: y.height, height: y.width });
    if (look === 'turned' ? !turned : x.width === y.width && x.height === y.height) return false;
    if (!pairs.has(key)) pairs.set(key, { a: Math.min(a, b), b: Math.max(a, b), distance, look });
    return true;
  };

  const bare = usable.filter((i) => pictures[i]!.taken === null);
  const scanned = usable.length <= mostScanned;
  const index = scanned || bare.length === 0 ? null : indexHashes(packed);
  for (const i of bare) {
    const turned = turnedFromHash(hashes[i]!);
    for (const turn of turns) {
      const near = index?.near(turned[turn], nearDistance) ?? nearTo(turned[turn], packed, confirmedDistance);
      for (const { index: at, distance } of near) {
        offer(i, usable[at]!, distance, 'turned');
      }
    }
  }
  const moments = groupBy(usable, (i) => (pictures[i]!.taken === null ? [] : [pictures[i]!.taken]));
  for (const moment of moments.values()) {
    if (moment.length > mostAtOnce) continue;
    for (const [n, i] of moment.entries()) {
      const turned = Object.values(turnedFromHash(hashes[i]!));
      for (const j of moment.slice(0, n)) {
        const distance = Math.min(...turned.map((hash) => hammingDistance(hash, hashes[j]!)));
        if (distance > confirmedDistance || !offer(i, j, distance, 'turned')) {
          offer(i, j, hammingDistance(hashes[i]!, hashes[j]!), 'part');
        }
      }
    }
  }
  const byKey = groupBy(usable, (i) => (pictures[i]!.key === null ? [] : [pictures[i]!.key]));
  const byFolder = groupBy(usable, (i) => pictures[i]!.folders);
  for (const i of bare) {
    if (settled.has(i)) continue;
    const { key, folders } = pictures[i]!;
    const around = new Set([
      ...(key === null ? [] : (byKey.get(key) ?? [])),
      ...folders.flatMap((folder) => byFolder.get(folder) ?? []),
    ]);
    const near = [...around].map((j) => ({ j, distance: hammingDistance(hashes[i]!, hashes[j]!) }));
    const anywhere = nearTo(hashes[i]!, packed, widerDistance).map(({ index: at, distance }) => ({
      j: usable[at]!,
      distance,
    }));
    const take = (from: typeof near, most: number): void => {
      let taken = 0;
      for (const { j, distance } of from.toSorted((x, y) => x.distance - y.distance || x.j - y.j)) {
        if (taken < most && offer(i, j, distance, 'part')) taken++;
      }
    };
    take(near, nearestNeighbours);
    take(anywhere, nearestAnywhere);
  }
  return [...pairs.values()].toSorted((x, y) => x.distance - y.distance || x.a - y.a || x.b - y.b);
}

const pairKey = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;

function groupBy(places: readonly number[], keys: (place: number) => readonly string[]): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const place of places) {
    for (const key of new Set(keys(place))) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [place]);
      else group.push(place);
    }
  }
  return groups;
}
