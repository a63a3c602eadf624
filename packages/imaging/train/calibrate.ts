// Fits the probability of a reading: node --import tsx packages/imaging/train/calibrate.ts fit.json [check.json]
// The files have [evidence, right or wrong] pairs (bench/card-readings.ts writes them) from pictures that the network was
// not trained on. Logistic regression by Newton's method with a small ridge; prints the coefficients for
// src/cards/calibration.ts and how they hold on the second file, or on a fifth of the first that was left out.
import { readFileSync } from 'node:fs';
import { featuresOf, probabilityOf, type Evidence } from '../src/cards/calibration.ts';

type Pair = [Evidence, 0 | 1];

const read = (path: string): Pair[] => JSON.parse(readFileSync(path, 'utf8')) as Pair[];

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

/** Wilson's interval, 95 %, as in packages/statistics, which this package stands beside. */
function wilson(x: number, n: number): [number, number] {
  const z = 1.959963984540054;
  const p = x / n;
  const [middle, half] = [p + (z * z) / (2 * n), z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))];
  return [(middle - half) / (1 + (z * z) / n), (middle + half) / (1 + (z * z) / n)];
}

const [first, second] = process.argv.slice(2) as [string, string | undefined];
const all = read(first);
const [learnt, held] =
  second === undefined ? [all.filter((_, k) => k % 5 !== 0), all.filter((_, k) => k % 5 === 0)] : [all, read(second)];
const w = fit(learnt).map((value) => Math.round(value * 1000) / 1000);
const said = held.map(([evidence, right]) => ({ p: probabilityOf(featuresOf(evidence), w), right }));
const row = (name: string, some: typeof said): void => {
  if (some.length === 0) return;
  const right = some.filter((one) => one.right === 1).length;
  const mean = some.reduce((sum, { p }) => sum + p, 0) / some.length;
  const [low, high] = wilson(right, some.length).map((value) => (100 * value).toFixed(2));
  console.error(
    `| ${name} | ${some.length} | ${(100 * mean).toFixed(1)} | ${right} (${((100 * right) / some.length).toFixed(1)} %) | ${low} to ${high} |`,
  );
};
console.error('| said | readings | mean said, % | right | 95 % |');
const bounds = [0, 0.2, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1.01];
bounds.slice(1).forEach((to, k) => {
  const from = bounds[k]!;
  row(
    `${from} to ${Math.min(1, to)}`,
    said.filter(({ p }) => p >= from && p < to),
  );
});
for (const from of [0.9, 0.95, 0.97, 0.98, 0.985, 0.99, 0.995, 0.998]) {
  row(
    `at least ${from}`,
    said.filter(({ p }) => p >= from),
  );
}
console.log(JSON.stringify(w));
