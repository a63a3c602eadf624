// Arithmetic of evidence by numbers: serial numbers, gaps, runs, counters, chance matches, intervals. Pure, without a
// dependency; every export says its formula, where it comes from, and what must be true for it to mean anything.
export { chooseExact, logChoose } from './choose.ts';
export { expectedMatches, type ChanceMatches, type DocumentChance } from './chance.ts';
export { unwrapCounters, type UnwrapRule, dcf } from './counter.ts';
export { longestMissingRun, longestMissingRunChance, missingRuns, type MissingRun } from './gap.ts';
export { monotoneViolators } from './monotone.ts';
export { sampleSize, wilson } from './proportion.ts';
export { poissonInterval } from './rate.ts';
export { findResets } from './reset.ts';
export { runsTest, type RunsTest } from './runs.ts';
export { knownStart, serialPosterior, unknownStart, type KnownStart, type SerialPosterior } from './serial.ts';
