// Which pairs are worth aligning: those that a turned hash brings together, and those that may be a crop or a border,
// which no hash survives: the same number, the same folder, or a wider radius. Pure.
import {
  hammingDistance,
  indexHashes,
  nearTo,
  turnedFromHash,
  turns,
  type NearHash,
  type PdqHash,
} from '@dalil/imaging';
import {
  foldersOf,
  hashAt,
  mayBeCopies,
  packedOf,
  placesWhere,
  proportionsAlike,
  type Columns,
} from './near-columns.ts';
import { confirmedDistance, nearDistance, pairKey } from './near.ts';

export interface PairToAlign {
  /** Places, a < b. */
  a: number;
  b: number;
  distance: number;
  look: 'turned' | 'part';
}

/** PDQ distance up to which a picture without a time of capture is held against all others: unrelated ones lie at 128. */
export const widerDistance = 64;
/**
 * In a case of up to so many hashes each picture without a time is held against all in eight ways (10 ms at 55,000). Beyond,
 * an index is asked, which knows distances to 31, and what was there before is not held against what is new at the wider
 * radius: so what a new picture costs stops growing here.
 */
const mostScanned = 100_000;
const nearestNeighbours = 8;
const nearestAnywhere = 4;
/** Pictures with the same second: beyond that many it is no camera's time but a program's. */
const mostAtOnce = 64;

/**
 * Pairs to align, the nearest first; one of each is fresh. `known` has the pairs that need none, by `pairKey`, and
 * `settled` marks pictures with a copy or an original already. Two pictures with different times of capture are never
 * among them, so the work grows with the fresh pictures and those that have no time, and not with all.
 */
export function pairsToAlign(
  columns: Columns,
  known: { has(key: string): boolean },
  settled: (place: number) => boolean,
): PairToAlign[] {
  const { fresh, taken, width, height } = columns;
  const usable = placesWhere(columns, (i) => columns.usable[i] === 1);
  const news = usable.filter((i) => fresh[i] === 1);
  if (news.length === 0) return [];
  const bare = usable.filter((i) => taken[i] === 0);
  const pairs = new Map<string, PairToAlign>();
  const offer = (x: number, y: number, distance: number, look: PairToAlign['look']): boolean => {
    const key = pairKey(x, y);
    if (x === y || known.has(key) || !(fresh[x] || fresh[y]) || !mayBeCopies(columns, x, y)) return false;
    const sameSides = width[x] === width[y] && height[x] === height[y];
    if (look === 'turned' ? !proportionsAlike(columns, x, y) && !proportionsTurned(columns, x, y) : sameSides)
      return false;
    const before = pairs.get(key);
    if (before === undefined) pairs.set(key, { a: Math.min(x, y), b: Math.max(x, y), distance, look });
    else if (before.look === look) before.distance = Math.min(before.distance, distance);
    return true;
  };

  const scanned = usable.length <= mostScanned;
  const all = search(columns, usable, scanned);
  // What is new and timed is held against what has no time and was there before; what is new and has none, against all.
  const oldBare = search(
    columns,
    bare.filter((i) => fresh[i] === 0),
    scanned,
  );
  for (const i of news) {
    const among = taken[i] === 0 ? all : oldBare;
    const turned = turnedFromHash(hashAt(columns, i));
    for (const turn of turns) {
      for (const { place, distance } of among(turned[turn], confirmedDistance)) offer(i, place, distance, 'turned');
    }
  }
  for (const moment of moments(columns, usable)) {
    for (const [n, i] of moment.entries()) {
      const turned = Object.values(turnedFromHash(hashAt(columns, i)));
      for (const j of moment.slice(0, n)) {
        const distance = Math.min(...turned.map((hash) => hammingDistance(hash, hashAt(columns, j))));
        if (distance > confirmedDistance || !offer(i, j, distance, 'turned')) {
          offer(i, j, hammingDistance(hashAt(columns, i), hashAt(columns, j)), 'part');
        }
      }
    }
  }
  const around = neighbourhoods(columns, usable, news);
  const allNew = search(columns, scanned ? news : [], true);
  for (const i of bare) {
    if (settled(i)) continue;
    const hash = hashAt(columns, i);
    const near = around(i).map((place) => ({ place, distance: hammingDistance(hash, hashAt(columns, place)) }));
    const anywhere = (fresh[i] === 1 ? all : allNew)(hash, widerDistance);
    const take = (from: readonly Found[], most: number): void => {
      let count = 0;
      for (const { place, distance } of from.toSorted((x, y) => x.distance - y.distance || x.place - y.place)) {
        if (count === most) break;
        if (offer(i, place, distance, 'part')) count++;
      }
    };
    take(near, nearestNeighbours);
    take(anywhere, nearestAnywhere);
  }
  return [...pairs.values()].toSorted((x, y) => x.distance - y.distance || x.a - y.a || x.b - y.b);
}

function proportionsTurned({ width, height }: Columns, a: number, b: number): boolean {
  return Math.abs((width[a]! * width[b]!) / (height[b]! * height[a]!) - 1) <= 0.02;
}

interface Found {
  place: number;
  distance: number;
}

/** A question to the hashes of these places, made ready when it is first asked. */
function search(
  columns: Columns,
  places: readonly number[],
  scanned: boolean,
): (hash: PdqHash, distance: number) => Found[] {
  let ask: ((hash: PdqHash, distance: number) => NearHash[]) | null = null;
  return (hash, distance) => {
    if (places.length === 0) return [];
    if (ask === null) {
      const packed = packedOf(columns, places);
      const index = scanned ? null : indexHashes(packed);
      ask = (one, most) => index?.near(one, Math.min(most, nearDistance)) ?? nearTo(one, packed, most);
    }
    return ask(hash, distance).map(({ index, distance: bits }) => ({ place: places[index]!, distance: bits }));
  };
}

/** Pictures of one second, a new one among them. */
function* moments({ taken, fresh }: Columns, usable: readonly number[]): Generator<number[]> {
  const timed = usable.filter((i) => taken[i] !== 0).toSorted((x, y) => taken[x]! - taken[y]! || x - y);
  for (let from = 0, to = 0; from < timed.length; from = to) {
    while (to < timed.length && taken[timed[to]!] === taken[timed[from]!]) to++;
    const moment = timed.slice(from, to);
    if (moment.length > 1 && moment.length <= mostAtOnce && moment.some((i) => fresh[i] === 1)) yield moment;
  }
}

/** For each picture those with its number, or in one of its folders, where a new one is among them. */
function neighbourhoods(
  columns: Columns,
  usable: readonly number[],
  news: readonly number[],
): (place: number) => number[] {
  const groupsOf = (i: number): string[] => [
    ...(columns.key[i] === 0 ? [] : [`key ${columns.key[i]}`]),
    ...Array.from(new Set(foldersOf(columns, i)), (folder) => `folder ${folder}`),
  ];
  const groups = new Map<string, number[]>(news.flatMap((i) => groupsOf(i).map((name) => [name, []])));
  for (const i of usable) for (const name of groupsOf(i)) groups.get(name)?.push(i);
  return (place) => [...new Set(groupsOf(place).flatMap((name) => groups.get(name) ?? []))];
}
