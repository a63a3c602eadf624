// Published and computed values that this arithmetic must give again, each with where it comes from.

/** Known start. m = 60, k = 4 and m = 14, k = 4: Wikipedia, "German tank problem" (read 2026); the others by R 4.5 from the definitions. */
export const tanks = [
  { m: 60, k: 4, umvue: 74, mean: 88.5, sd: 50.222, median: 75, bayes95: 159, upper95: 125, two: [60, 148] },
  { m: 14, k: 5, umvue: 15.8, mean: 17.3333, sd: 5.3748, median: 16, bayes95: 26, upper95: 23, two: [14, 26] },
  { m: 14, k: 4, umvue: 16.5, mean: 19.5 },
  {
    m: 8500,
    k: 300,
    umvue: 8527.3333,
    mean: 8527.5201,
    sd: 28.1098,
    median: 8519,
    bayes95: 8584,
    upper95: 8583,
    two: [8500, 8603],
  },
  { m: 800, k: 400, umvue: 801, mean: 801.0075, sd: 1.4258, upper95: 804, two: [800, 805] },
  { m: 400, k: 5, umvue: 479, mean: 532, sd: 187.382, median: 475, bayes95: 843, upper95: 726, two: [402, 834] },
];

/** Unknown start; from the formula of Goodman 1952. */
export const tankRange = { min: 1021, max: 1733, k: 20, N: 785.9473684210526 };

/** The chance of a longest missing run of at least L; the first also by counting all 184,756 ways. */
export const maxGap = [
  { n: 20, k: 10, L: 3, p: 0.8697308883 },
  { n: 100, k: 80, L: 5, p: 0.01664579825 },
  { n: 1000, k: 900, L: 4, p: 0.08223919391 },
];

/** Wald-Wolfowitz; R, package randtests. */
export const runs = { x: '1110110000001111011111101', r: 9, mu: 12.52, sd: 2.247131505, z: -1.56644148 };

/** Wilson 95 %; R, package binom. 93 of 150 are the 62 % of a published examination. */
export const proportions = [
  { x: 81, n: 263, wilson: [0.255289, 0.36621] },
  { x: 15, n: 148, wilson: [0.062386, 0.160487] },
  { x: 0, n: 20, wilson: [0, 0.161125] },
  { x: 1, n: 29, wilson: [0.006113, 0.171755] },
  { x: 29, n: 29, wilson: [0.88303, 1] },
  { x: 93, n: 150, wilson: [0.540244, 0.693763] },
  { x: 0, n: 150, wilson: [0, 0.02497] },
];

/** Sample sizes for shares near one half; R, package samplingbook. */
export const sampleSizes = [
  { e: 0.05, N: 11000, n: 371.2158964 },
  { e: 0.03, N: 55000, n: 1046.781988 },
];
