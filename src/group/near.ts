// Near-duplicates: pictures made from another one. From pairs that were found, and what people said of them, to sets
// with one original each. A perceptual hash alone calls two frames of one shoot alike, so what the camera wrote must not
// speak against it.
import type { Link, NearBasis } from './near-records.ts';

/** PDQ's customary threshold. Copies at half size were seen at 20; of several near pictures the nearest is the original. */
export const nearDistance = 31;
/** The same where alignment has to confirm it: turning alone moves up to 24 bits, and what is wrong is refused by it. */
export const confirmedDistance = 48;
/** PDQ quality below which a hash says little (the customary value). */
export const leastQuality = 50;
/** How well turned and cropped copies must correlate with their original, on the whole and in the weakest blocks. */
export const aligned = { score: 0.95, weakest: 0.8 } as const;
/** Correlation under which thumbnails contradict a hash. */
export const contradicted = 0.7;

export const nearRule =
  `PDQ distance at most ${nearDistance}, quality at least ${leastQuality}, same proportions within 2 %, ` +
  `and no different time of capture or camera model; or at most ${confirmedDistance} in one of the eight ways to turn it, ` +
  'or cropped or bordered, and confirmed by alignment ' +
  `(correlation at least ${aligned.score}, ${aligned.weakest} in its weakest quarter)`;

export const directionRule =
  'the original has no added border, and shows what the other cuts off; then more pixels, a time of capture, more bytes, received first';

export interface Candidate {
  item: string;
  id: string;
  /** 64 hex digits. */
  pdq: string;
  quality: number;
  /** As shown. */
  width: number;
  height: number;
  taken: string | null;
  model: string | null;
  /** Bytes. */
  size: number;
}

/** Two pictures, by their places among the candidates, that may be copies. */
export interface Edge {
  a: number;
  b: number;
  distance: number;
  basis: NearBasis;
  /** Which of the two is the original, where the pixels tell; null: by rank. */
  original: number | null;
}

/** What a person said of two pictures, by their places. */
export interface PairLink {
  a: number;
  b: number;
  link: Exclude<Link, 'open'>;
}

export interface NearSet {
  of: number;
  edge: Edge;
}

/** Two places as one text, the same either way round. */
export const pairKey = (a: number, b: number): string => `${Math.min(a, b)} ${Math.max(a, b)}`;

/**
 * Copy -> original, by place. Each copy leads to an original directly, never in a chain. What a person linked stays
 * together and what a person cut stays apart, also through others. The same pairs give the same sets in any order.
 */
export function nearSets(
  candidates: readonly Candidate[],
  edges: readonly Edge[],
  links: readonly PairLink[] = [],
): Map<number, NearSet> {
  const rank = ranks(candidates);
  const head = linkedHeads(candidates.length, links, rank);
  const members = new Map<number, number[]>();
  head.forEach((at, i) => members.set(at, [...(members.get(at) ?? []), i]));
  const apart = new Map<number, Set<number>>();
  for (const { a, b } of links.filter(({ link }) => link === 'cannot')) {
    apart.set(a, (apart.get(a) ?? new Set()).add(b));
    apart.set(b, (apart.get(b) ?? new Set()).add(a));
  }
  const offers = new Map<number, { edge: Edge; of: number }[]>();
  for (const edge of edges) {
    const [x, y] = [head[edge.a]!, head[edge.b]!];
    if (x === y) continue;
    const original = edge.original === null ? (rank[x]! < rank[y]! ? x : y) : head[edge.original]!;
    const copy = original === x ? y : x;
    const list = offers.get(copy);
    if (list === undefined) offers.set(copy, [{ edge, of: original }]);
    else list.push({ edge, of: original });
  }
  const found = new Map<number, NearSet>();
  const together = new Map<number, number[]>([...members].map(([at, list]) => [at, [...list]]));
  const led = new Set<number>();
  const heads = [...members.keys()].toSorted((a, b) => rank[a]! - rank[b]!);
  for (const copy of heads) {
    // Where alignment says otherwise than rank, the smaller one is the original: whoever leads a set cannot join another.
    const own = together.get(copy)!;
    const best = led.has(copy)
      ? undefined
      : (offers.get(copy) ?? [])
          .filter(({ of }) => !found.has(of))
          .filter(({ of }) => !together.get(of)!.some((one) => own.some((mine) => apart.get(mine)?.has(one) === true)))
          .toSorted((x, y) => x.edge.distance - y.edge.distance || rank[x.of]! - rank[y.of]!)[0];
    const leader = best?.of ?? copy;
    if (best !== undefined) {
      led.add(leader);
      together.get(leader)!.push(...own);
    }
    for (const one of members.get(copy)!) {
      if (one === leader) continue;
      const byPerson: Edge = { a: one, b: leader, distance: -1, basis: 'person', original: leader };
      found.set(one, { of: leader, edge: one === copy && best !== undefined ? best.edge : byPerson });
    }
  }
  return found;
}

/** Places that people linked, through others as well: the first by rank stands for all. */
function linkedHeads(count: number, links: readonly PairLink[], rank: readonly number[]): number[] {
  const head = Array.from({ length: count }, (_, i) => i);
  const root = (i: number): number => {
    let at = i;
    while (head[at] !== at) at = head[at]!;
    return at;
  };
  for (const { a, b, link } of links) {
    if (link !== 'must') continue;
    const [x, y] = [root(a), root(b)];
    if (x !== y) head[rank[x]! < rank[y]! ? y : x] = rank[x]! < rank[y]! ? x : y;
  }
  return head.map((_, i) => root(i));
}

/** Each candidate's place in the order of direction: 0 is most likely an original. */
export function ranks(candidates: readonly Candidate[]): number[] {
  const rank: number[] = [];
  candidates
    .map((_, i) => i)
    .toSorted(
      (a, b) =>
        pixels(candidates[b]!) - pixels(candidates[a]!) ||
        Number(candidates[b]!.taken !== null) - Number(candidates[a]!.taken !== null) ||
        candidates[b]!.size - candidates[a]!.size ||
        a - b,
    )
    .forEach((i, place) => (rank[i] = place));
  return rank;
}

const pixels = ({ width, height }: Candidate) => width * height;

/** That nothing but their pixels could tell two pictures apart whose hashes are near. */
export const mayBeOne = (a: Candidate, b: Candidate): boolean => sameProportions(a, b) && notContradicted(a, b);

/** Sides in the same proportions within 2 %. */
export function sameProportions(a: Candidate, b: Candidate): boolean {
  return Math.abs((a.width * b.height) / (b.width * a.height) - 1) <= 0.02;
}

/** That the cameras' words do not hold two pictures apart. */
export function notContradicted(a: Candidate, b: Candidate): boolean {
  if (a.taken !== null && b.taken !== null && a.taken !== b.taken) return false;
  return a.model === null || b.model === null || a.model === b.model;
}
