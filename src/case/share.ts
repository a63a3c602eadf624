// Shares in print: one decimal of a per cent, the same in the terminal, the dossier and on screens.

/**
 * `part` of `whole` as a fraction to be printed in per cent with one decimal. What is less than all is never rounded
 * up to all, nor what is more than nothing down to nothing: 10,999 of 11,000 is printed 99.9 %, not 100.0 %.
 */
export function printedShare(part: number, whole: number): number {
  const share = part / whole;
  return share > 0 && share < 1 ? Math.min(Math.max(share, 0.001), 0.999) : share;
}

/** The same as text, `part` of `whole`; a dash where there is nothing to divide by. Not by locale: the same bytes everywhere. */
export function shareText(part: number, whole: number | null): string {
  return whole ? `${(100 * printedShare(part, whole)).toFixed(1)} %` : '–';
}
