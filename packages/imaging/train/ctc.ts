// What a line's columns ought to show, by forward and backward sums over all alignments of its signs with the columns
// (Graves 2006). Where a sign was drawn is known, so it is looked for there alone, which makes learning quick.
import { none, signs as all, type Columns } from '../src/cards/network.ts';

/** A sign, by its index, and the columns that may show it (inclusive). */
export interface Target {
  sign: number;
  from: number;
  to: number;
}

/**
 * The negative logarithm of the probability of these signs; null where no alignment is possible. Into `gradient`, of
 * `count` rows of `signs.length + 1`, goes its derivative by the raw scores; the last of each row is left alone.
 */
export function ctcLoss({ count, logs }: Columns, targets: readonly Target[], gradient: Float32Array): number | null {
  const n = all.length;
  const states = 2 * targets.length + 1;
  const label = (s: number): number => (s % 2 === 0 ? none : targets[s >> 1]!.sign);
  const open = (s: number, t: number): boolean =>
    s % 2 === 0 || (t >= targets[s >> 1]!.from && t <= targets[s >> 1]!.to);
  const skips = (s: number): boolean => s % 2 === 1 && s >= 2 && label(s) !== label(s - 2);
  const ahead = new Float64Array(count * states).fill(-Infinity);
  const behind = new Float64Array(count * states).fill(-Infinity);
  const at = (t: number, s: number): number => logs[t * n + label(s)]!;
  for (let t = 0; t < count; t++) {
    for (let s = 0; s < states; s++) {
      if (!open(s, t)) continue;
      let before = t === 0 ? (s < 2 ? 0 : -Infinity) : ahead[(t - 1) * states + s]!;
      if (t > 0 && s > 0) before = plus(before, ahead[(t - 1) * states + s - 1]!);
      if (t > 0 && skips(s)) before = plus(before, ahead[(t - 1) * states + s - 2]!);
      ahead[t * states + s] = before + at(t, s);
    }
  }
  for (let t = count - 1; t >= 0; t--) {
    for (let s = states - 1; s >= 0; s--) {
      if (!open(s, t)) continue;
      if (t === count - 1) {
        if (s >= states - 2) behind[t * states + s] = 0;
        continue;
      }
      const next = (to: number): number => behind[(t + 1) * states + to]! + at(t + 1, to);
      let after = next(s);
      if (s + 1 < states) after = plus(after, next(s + 1));
      if (s + 2 < states && skips(s + 2)) after = plus(after, next(s + 2));
      behind[t * states + s] = after;
    }
  }
  const end = (count - 1) * states;
  const total = plus(ahead[end + states - 1]!, states > 1 ? ahead[end + states - 2]! : -Infinity);
  if (total === -Infinity) return null;
  for (let t = 0; t < count; t++) {
    const row = t * (n + 1);
    for (let k = 0; k < n; k++) gradient[row + k] = Math.exp(logs[t * n + k]!);
    for (let s = 0; s < states; s++) {
      gradient[row + label(s)]! -= Math.exp(ahead[t * states + s]! + behind[t * states + s]! - total);
    }
  }
  return -total;
}

/** The logarithm of a sum of two numbers given by theirs. */
function plus(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}
