// The file counter of a camera (DCF 2.0, JEITA CP-3461B: file numbers 0001 to 9999, no 0000; folders 100 to 999): it
// starts again after 9999, so a day's pictures may run DSC_9998, DSC_9999, DSC_0001.

export interface UnwrapRule {
  /** How many numbers there are before it starts again. */
  modulus: number;
  /** A fall by more than this is a new start; a rise by more than this goes back before one. */
  drop: number;
}

export const dcf: UnwrapRule = { modulus: 9999, drop: 5000 };

/**
 * Counters in the order in which the pictures were taken, as one rising count: 9997, 9999, 1 becomes 9997, 9999, 10000.
 * What falls by less stays lower: a clock that was set back, or two bodies taken for one. Supposes that fewer than `drop`
 * pictures lie between two neighbours.
 */
export function unwrapCounters(counters: readonly number[], { modulus, drop }: UnwrapRule = dcf): number[] {
  let turns = 0;
  return counters.map((counter, i) => {
    const change = i === 0 ? 0 : counter - counters[i - 1]!;
    if (change < -drop) turns++;
    else if (change > drop) turns--;
    return counter + turns * modulus;
  });
}
