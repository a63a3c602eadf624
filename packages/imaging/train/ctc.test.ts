import fc from 'fast-check';
import { expect, test } from 'vitest';
import { none, signs, type Columns } from '../src/cards/network.ts';
import { ctcLoss, type Target } from './ctc.ts';

const n = signs.length;

function columnsOf(scores: readonly number[]): Columns {
  const count = scores.length / n;
  const logs = new Float32Array(scores.length);
  for (let t = 0; t < count; t++) {
    const row = scores.slice(t * n, (t + 1) * n);
    const all = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
    row.forEach((value, k) => (logs[t * n + k] = value - all));
  }
  return { count, logs, hand: 0.5 };
}

/** By its definition: the sum over every way of labelling the columns that reads as the targets, each in its place. */
function bruteForce({ count, logs }: Columns, targets: readonly Target[]): number {
  const labels = [none, ...new Set(targets.map(({ sign }) => sign))];
  let total = 0;
  const go = (t: number, k: number, last: number, probability: number): void => {
    if (t === count) {
      if (k === targets.length) total += probability;
      return;
    }
    for (const label of labels) {
      const p = probability * Math.exp(logs[t * n + label]!);
      if (label === none) go(t + 1, k, none, p);
      else if (label === last) {
        const { from, to } = targets[k - 1]!;
        if (t >= from && t <= to) go(t + 1, k, last, p);
      } else {
        const target = targets[k];
        if (target?.sign === label && t >= target.from && t <= target.to) go(t + 1, k + 1, label, p);
      }
    }
  };
  go(0, 0, none, 1);
  return -Math.log(total);
}

const count = 5;
const cases = fc.record({
  scores: fc.array(fc.float({ min: -3, max: 3, noNaN: true }), { minLength: count * n, maxLength: count * n }),
  targets: fc
    .array(fc.record({ sign: fc.integer({ min: 0, max: 3 }), from: fc.nat(count - 1), reach: fc.nat(count) }), {
      maxLength: 3,
    })
    .map((list) => list.map(({ sign, from, reach }) => ({ sign, from, to: Math.min(count - 1, from + reach) }))),
});

test('the loss is the sum over all alignments, and none is given where no alignment is possible', () => {
  fc.assert(
    fc.property(cases, ({ scores, targets }) => {
      const columns = columnsOf(scores);
      const loss = ctcLoss(columns, targets, new Float32Array(count * (n + 1)));
      const expected = bruteForce(columns, targets);
      if (loss === null) expect(expected).toBe(Infinity);
      else expect(loss).toBeCloseTo(expected, 3);
    }),
  );
});

test('the gradient is what the loss changes by when one score does', () => {
  fc.assert(
    fc.property(cases, fc.nat(count * n - 1), ({ scores, targets }, at) => {
      const gradient = new Float32Array(count * (n + 1));
      if (ctcLoss(columnsOf(scores), targets, gradient) === null) return;
      const moved = (by: number): number =>
        ctcLoss(columnsOf(scores.with(at, scores[at]! + by)), targets, new Float32Array(count * (n + 1)))!;
      const slope = (moved(0.01) - moved(-0.01)) / 0.02;
      expect(gradient[Math.floor(at / n) * (n + 1) + (at % n)]!).toBeCloseTo(slope, 2);
    }),
  );
});
