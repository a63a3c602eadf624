// Numbers that are given out in order rise with the date. What must be taken away before the rest rises is a number, or
// a date, to look at.

/**
 * The fewest places whose values must be set aside so that the others never fall: the complement of a longest
 * non-decreasing subsequence (Fredman, Discrete Math. 11, 1975, 29-35), in n log n. A monotone regression by means (PAV)
 * would let one wrong date bend all its neighbours, and one by medians leaves open which of two swapped ones is off. Of
 * several equally small sets, one; always the same one. The places rise.
 */
export function monotoneViolators(values: readonly number[]): number[] {
  // tails[n]: the place whose value ends a rising choice of n + 1 values, and is the smallest to do so.
  const tails: number[] = [];
  const before = values.map((value, at) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[tails[middle]!]! <= value) low = middle + 1;
      else high = middle;
    }
    tails[low] = at;
    return low === 0 ? -1 : tails[low - 1]!;
  });
  const kept = new Set<number>();
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at]!) kept.add(at);
  return values.flatMap((_, at) => (kept.has(at) ? [] : [at]));
}
