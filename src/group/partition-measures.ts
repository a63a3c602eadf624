// How far a partition of pictures agrees with the true one: pairwise precision and recall, and B-cubed (Bagga and Baldwin
// 1998), which weighs every picture alike where pairs weigh large groups more. Pure.

export interface PartitionMeasures {
  /** Pictures compared: those that are in the true partition or in ours. */
  pictures: number;
  pairwise: { precision: number; recall: number };
  bCubed: { precision: number; recall: number };
}

/** A picture to its group; a picture without one is a group of its own. */
export type Partition = ReadonlyMap<string, string>;

/** Of no pair at all, precision and recall are 1: nothing was wrong, nothing missed. Pairs are counted, never listed. */
export function compare(ours: Partition, truth: Partition): PartitionMeasures {
  const items = [...new Set([...ours.keys(), ...truth.keys()])];
  const oursOf = (item: string): string => ours.get(item) ?? `alone ${item}`;
  const truthOf = (item: string): string => truth.get(item) ?? `alone ${item}`;
  const found = new Map<string, number>();
  const wanted = new Map<string, number>();
  const both = new Map<string, number>();
  const bothOf = (item: string): string => `${oursOf(item)}\n${truthOf(item)}`;
  const count = (into: Map<string, number>, key: string): unknown => into.set(key, (into.get(key) ?? 0) + 1);
  for (const item of items) {
    count(found, oursOf(item));
    count(wanted, truthOf(item));
    count(both, bothOf(item));
  }
  const pairs = (sizes: ReadonlyMap<string, number>): number =>
    [...sizes.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
  const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
  const mean = (sizes: ReadonlyMap<string, number>, of: (item: string) => string): number =>
    share(
      items.reduce((sum, item) => sum + both.get(bothOf(item))! / sizes.get(of(item))!, 0),
      items.length,
    );
  return {
    pictures: items.length,
    pairwise: { precision: share(pairs(both), pairs(found)), recall: share(pairs(both), pairs(wanted)) },
    bCubed: { precision: mean(found, oursOf), recall: mean(wanted, truthOf) },
  };
}
