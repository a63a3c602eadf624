// Which pictures a search has to think about again: everything where most is new, else only the sets that what is new
// reaches. Sets do not depend on each other, so both give the same. Pure.
import { forEachNearPair, indexHashes, type HashIndex } from '@dalil/imaging';
import { hashAt, mayBeCopies, packedOf, placesWhere, proportionsAlike, type Columns } from './near-columns.ts';
import { nearDistance, pairKey, type Edge } from './near.ts';

/** From this share of fresh pictures on, comparing all with all costs less than asking an index for each. */
const mostlyFresh = 0.05;

export interface Reach {
  /** Pairs within the distance that nothing holds apart, by `pairKey`: all that touch a place which was reached. */
  edges: Map<string, Edge>;
  /** Places that belong together for another reason than their hashes; what is added must be grown from. */
  join(a: number, b: number): void;
  /** Goes on from these places, to everything that is near to them, or joined, through others as well. */
  grow(seeds: readonly number[]): void;
  /** Places with something near or joined that were reached, in the order received. */
  places(): number[];
}

export function openReach(columns: Columns, fresh: number): Reach {
  const usable = placesWhere(columns, (i) => columns.usable[i] === 1);
  const packed = packedOf(columns, usable);
  const edges = new Map<string, Edge>();
  const joined = new Map<number, Set<number>>();
  const reached = new Set<number>();
  const near = (x: number, y: number, distance: number): void => {
    if (!proportionsAlike(columns, x, y) || !mayBeCopies(columns, x, y)) return;
    const [a, b] = [Math.min(x, y), Math.max(x, y)];
    edges.set(pairKey(a, b), { a, b, distance, basis: 'hash', original: null });
  };
  const all = fresh > mostlyFresh * columns.count;
  if (all) forEachNearPair(packed, nearDistance, (x, y, distance) => near(usable[x]!, usable[y]!, distance));
  let index: HashIndex | null = null;
  const nearTo = (place: number): number[] => {
    if (all || columns.usable[place] === 0) return [];
    index ??= indexHashes(packed);
    return index.near(hashAt(columns, place), nearDistance).flatMap(({ index: at, distance }) => {
      const other = usable[at]!;
      if (other === place) return [];
      near(place, other, distance);
      return edges.has(pairKey(place, other)) ? [other] : [];
    });
  };
  return {
    edges,
    join: (a, b) => {
      for (const [x, y] of [
        [a, b],
        [b, a],
      ] as const) {
        const known = joined.get(x);
        if (known === undefined) joined.set(x, new Set([y]));
        else known.add(y);
      }
    },
    grow: (seeds) => {
      const waiting = [...seeds];
      for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
        if (reached.has(place)) continue;
        reached.add(place);
        waiting.push(...nearTo(place), ...(joined.get(place) ?? []));
      }
    },
    places: () => {
      const ends = new Set([...edges.values()].flatMap(({ a, b }) => [a, b]));
      for (const place of joined.keys()) if (all || reached.has(place)) ends.add(place);
      return [...ends].toSorted((a, b) => a - b);
    },
  };
}
