// Would documents fit bodies by chance alone? A document with a number fits a body where the number is one of the
// candidates within its dates. DOMAIN: 250 candidates in a range of 9,000 give 2.8 % a document.

export interface DocumentChance {
  /** Distinct numbers of bodies within the document's dates. */
  candidates: number;
  /** How many numbers the document's could have been. */
  range: number;
}

export interface ChanceMatches {
  documents: number;
  /** The sum of candidates / range. */
  expected: number;
  /** The chance of at least so many matches, for 0 to all of them. */
  atLeast: number[];
}

/**
 * Expected matches by chance, and how likely each number of them is (Poisson-binomial, exact). Supposes that a false
 * document's number is anywhere in the range alike, and that documents are independent of each other: neither holds for
 * numbers copied from a list of the dead. Throws RangeError for candidates outside 0..range.
 */
export function expectedMatches(documents: readonly DocumentChance[]): ChanceMatches {
  let exactly = [1];
  let expected = 0;
  for (const { candidates, range } of documents) {
    if (!(range > 0) || !(candidates >= 0) || candidates > range) {
      throw new RangeError(`expected 0 <= candidates <= range and a range above 0, got ${candidates} of ${range}`);
    }
    const p = candidates / range;
    expected += p;
    exactly = Array.from(
      { length: exactly.length + 1 },
      (_, n) => (exactly[n] ?? 0) * (1 - p) + (n === 0 ? 0 : exactly[n - 1]! * p),
    );
  }
  const atLeast = [...exactly];
  for (let n = atLeast.length - 2; n >= 0; n--) atLeast[n] = Math.min(1, atLeast[n]! + atLeast[n + 1]!);
  return { documents: documents.length, expected, atLeast };
}
