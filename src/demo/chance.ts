// Seeded chance: every decision of the demo comes from SHA-256 of its seed and a name for what is being decided, so no
// file depends on which worker made it, or on what was made before it.
import { createHash } from 'node:crypto';

export interface Chance {
  /** Uniform in [0, 1), 32 bits fine. */
  next(): number;
  /** Uniform whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** True with this probability. */
  happens(probability: number): boolean;
  /** One of these, all as likely. */
  pick<T>(from: readonly [T, ...T[]] | readonly T[]): T;
  /** One of these, by weight. */
  weighted<T>(from: readonly (readonly [T, number])[]): T;
  /** These in a random order, as a new array. */
  shuffled<T>(from: readonly T[]): T[];
  /** About normal, mean 0 and deviation 1 (a sum of four: no logarithm, whose last bit may differ by platform). */
  normal(): number;
}

/** The stream of chance for one thing, named by its seed and key parts. The same name gives the same stream (sfc32). */
export function chanceOf(...name: (string | number)[]): Chance {
  const digest = createHash('sha256')
    .update(JSON.stringify(name.map(String)))
    .digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(from: readonly T[]): T => from[whole(0, from.length - 1)] as T;
  return {
    next,
    whole,
    pick,
    between: (low, high) => low + next() * (high - low),
    happens: (probability) => next() < probability,
    weighted: (from) => {
      let rest = next() * from.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [value, weight] of from) {
        rest -= weight;
        if (rest < 0) return value;
      }
      return (from[from.length - 1] as readonly [never, number])[0];
    },
    shuffled: (from) => {
      const out = [...from];
      for (let i = out.length - 1; i > 0; i--) {
        const j = whole(0, i);
        [out[i], out[j]] = [out[j] as never, out[i] as never];
      }
      return out;
    },
    normal: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
  };
}
