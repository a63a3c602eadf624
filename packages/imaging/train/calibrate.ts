// Fits the probability of a reading: node --import tsx packages/imaging/train/calibrate.ts evidence.json
// The file has [evidence, right or wrong] pairs from pictures that the network was not trained on. Logistic regression
// by Newton's method with a small ridge; prints the coefficients for src/cards/calibration.ts and how they hold on a
// fifth of the pairs that was left out.
import { readFileSync } from 'node:fs';
import { featuresOf, type Evidence } from '../src/cards/calibration.ts';

const pairs = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as [Evidence, 0 | 1][];

function fit(some: readonly [Evidence, 0 | 1][]): number[] {
  const rows = some.map(([evidence]) => featuresOf(evidence));
  const n = rows[0]!.length;
  let w = Array.from({ length: n }, () => 0);
  for (let round = 0; round < 30; round++) {
    const gradient = w.map((value) => -0.5 * value);
    const curve = w.map((_, i) => w.map((_unused, j) => (i === j ? 0.5 : 0)));
    rows.forEach((row, k) => {
      const p = 1 / (1 + Math.exp(-row.reduce((sum, value, i) => sum + value * w[i]!, 0)));
      for (let i = 0; i < n; i++) {
        gradient[i]! += (some[k]![1] - p) * row[i]!;
        for (let j = 0; j < n; j++) curve[i]![j]! += p * (1 - p) * row[i]! * row[j]!;
      }
    });
    w = w.map((value, i) => value + solve(curve, gradient)[i]!);
  }
  return w;
}

/** Gaussian elimination; the ridge keeps the matrix regular. */
function solve(matrix: number[][], right: number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < rows.length; i++) {
    for (let k = i + 1; k < rows.length; k++) {
      const by = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= rows.length; j++) rows[k]![j]! -= by * rows[i]![j]!;
    }
  }
  const out = right.map(() => 0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const sum = out.reduce((all, value, j) => (j > i ? all + value * rows[i]![j]! : all), 0);
    out[i] = (rows[i]![rows.length]! - sum) / rows[i]![i]!;
  }
  return out;
}

const held = pairs.filter((_, k) => k % 5 === 0);
const w = fit(pairs.filter((_, k) => k % 5 !== 0));
for (const [from, to] of [
  [0, 0.5],
  [0.5, 0.8],
  [0.8, 0.95],
  [0.95, 0.98],
  [0.98, 1.01],
] as const) {
  const there = held
    .map(
      ([evidence, right]) =>
        [1 / (1 + Math.exp(-featuresOf(evidence).reduce((sum, value, i) => sum + value * w[i]!, 0))), right] as const,
    )
    .filter(([p]) => p >= from && p < to);
  const said = there.reduce((sum, [p]) => sum + p, 0) / Math.max(1, there.length);
  const was = there.reduce((sum, [, right]) => sum + right, 0) / Math.max(1, there.length);
  console.error(
    `left out, said ${from} to ${to}: ${there.length} readings, mean said ${said.toFixed(3)}, right ${was.toFixed(3)}`,
  );
}
console.log(JSON.stringify(fit(pairs).map((value) => Math.round(value * 1000) / 1000)));
