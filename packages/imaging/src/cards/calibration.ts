// From what the reader found to the probability that a number is right to its last digit: a logistic function, fitted by
// train/calibrate.ts on pictures that the network was not trained on.

/** What speaks for and against a reading. */
export interface Evidence {
  /** Mean over all looks of the probability of the number, and the least of them. */
  said: number;
  least: number;
  /** Share of the looks in which it is the likeliest number. */
  agree: number;
  /** Mean probability of the next likely number. */
  doubt: number;
  /** By how much the card reads better this way up, and in this script, as logarithms; 12 at most. */
  turn: number;
  script: number;
  signs: number;
  /** Lines on the card. */
  lines: number;
  /** Height of the signs, in pixels of the picture. */
  tall: number;
  /** The detector's own score. */
  marked: number;
}

const logit = (p: number): number => Math.log(Math.max(1e-4, p) / Math.max(1e-4, 1 - p));

export const featuresOf = (of: Evidence): number[] => [
  1,
  logit(of.said) / 4,
  logit(of.least) / 4,
  of.agree,
  Math.log(of.doubt + 1e-4) / 4,
  Math.min(6, of.turn) / 6,
  Math.min(6, of.script) / 6,
  of.signs === 2 ? 1 : 0,
  of.lines === 1 ? 1 : 0,
  Math.log(Math.max(4, of.tall)),
];

/** From the readings of the demo's seeds cal-1 and dev-a; MODEL.md says how they hold on others. */
export const coefficients: readonly number[] = [
  -0.202, 3.092, 0.978, 1.332, -0.635, 0.533, 0.622, -4.472, -1.817, 0.649,
];

/** Between 0.001 and 0.999, to three digits: beyond that the fit has seen too little to say. */
export function probabilityOf(features: readonly number[], by: readonly number[]): number {
  const score = features.reduce((sum, value, k) => sum + value * by[k]!, 0);
  return Math.round(Math.max(0.001, Math.min(0.999, 1 / (1 + Math.exp(-score)))) * 1000) / 1000;
}

export const calibrated = (evidence: Evidence): number => probabilityOf(featuresOf(evidence), coefficients);
