// From what the reader found to the probability that a number is right to its last digit: a logistic function, fitted by
// train/calibrate.ts on pictures that the network was not trained on.

/** What speaks for and against a reading. */
export interface Evidence {
  /** Sum and least of the signs' log-probabilities. */
  sum: number;
  least: number;
  /** By how much the card reads better this way up, and in this script; 12 at most. */
  turn: number;
  script: number;
  /** Atoms passed over as stains. */
  skipped: number;
  signs: number;
  /** Lines on the card. */
  lines: number;
  /** Height of the signs, in pixels of the picture. */
  tall: number;
  /** The detector's own score. */
  marked: number;
  /** The next likely sign over the likeliest, where it is nearest. */
  doubt: number;
}

export const featuresOf = (of: Evidence): number[] => [
  1,
  Math.max(-6, of.sum),
  Math.max(-4, of.least),
  Math.min(6, of.turn) / 6,
  Math.min(6, of.script) / 6,
  Math.min(3, of.skipped),
  of.signs === 2 ? 1 : 0,
  of.lines === 1 ? 1 : 0,
  Math.log(Math.max(4, of.tall)),
  Math.log(of.doubt + 1e-4) / 5,
];

/** From 154 readings of the demo's seeds dev-1 and dev-2: few, so nothing here deserves its third digit. */
export const coefficients: readonly number[] = [
  -1.26, 0.234, 0.231, 0.005, 1.018, -0.979, -1.907, -0.977, -0.035, -2.362,
];

/** Between 0.001 and 0.999: beyond that the fit has seen too little to say. */
export function calibrated(evidence: Evidence): number {
  const score = featuresOf(evidence).reduce((sum, value, k) => sum + value * coefficients[k]!, 0);
  return Math.round(Math.max(0.001, Math.min(0.999, 1 / (1 + Math.exp(-score)))) * 1000) / 1000;
}
