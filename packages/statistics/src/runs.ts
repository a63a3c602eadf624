// The runs test of Wald and Wolfowitz (Ann. Math. Stat. 11, 1940, 147-162): are seen and missing mixed as chance mixes
// them, or do they lie in blocks?
import { logChoose } from './choose.ts';

export interface RunsTest {
  runs: number;
  expected: number;
  sd: number;
  /** Below 0: fewer runs than chance gives, so blocks. null where there is nothing to compare. */
  z: number | null;
  /** The chance of so few runs or fewer, exactly (not by the normal curve, which is too bold below 20 of a kind). */
  fewer: number;
}

/** P(exactly r runs) of `a` of one kind and `b` of the other, all orders alike. */
function chanceOfRuns(a: number, b: number, r: number): number {
  const all = logChoose(a + b, a);
  const term = (x: number, y: number): number => Math.exp(logChoose(a - 1, x) + logChoose(b - 1, y) - all);
  const half = Math.floor(r / 2);
  return r % 2 === 0 ? 2 * term(half - 1, half - 1) : term(half, half - 1) + term(half - 1, half);
}

/** Tests how `seen` and `missing` numbers that lie in `runs` runs are mixed. mu = 1 + 2ab/n, var = (mu - 1)(mu - 2)/(n - 1). */
export function runsTest({ seen, missing, runs }: { seen: number; missing: number; runs: number }): RunsTest {
  const n = seen + missing;
  if (seen === 0 || missing === 0) return { runs, expected: Math.min(1, n), sd: 0, z: null, fewer: 1 };
  const expected = 1 + (2 * seen * missing) / n;
  const sd = Math.sqrt(((expected - 1) * (expected - 2)) / (n - 1));
  let fewer = 0;
  for (let r = 2; r <= runs; r++) fewer += chanceOfRuns(seen, missing, r);
  return { runs, expected, sd, z: sd > 0 ? (runs - expected) / sd : null, fewer: Math.min(1, fewer) };
}
