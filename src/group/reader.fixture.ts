// A simulated reader of cards: readings as a calibrated one would give them, from what a card truly says and a seed.
// Mistakes are of digits that hands confuse, and pictures of one card share some of them.
import { createHash } from 'node:crypto';

/** Numbers in [0, 1) from a name: the same name gives the same ones. */
export function stream(...name: (string | number)[]): () => number {
  let state = createHash('sha256').update(name.join('\0')).digest().readUInt32LE(0);
  return () => {
    // mulberry32: quick and even enough to draw mistakes with.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const confused: Record<string, string> = {
  0: '86',
  1: '74',
  2: '37',
  3: '82',
  4: '91',
  5: '63',
  6: '50',
  7: '12',
  8: '03',
  9: '47',
};

export interface SimulatedReading {
  value: string;
  probability: number;
  alternatives: { value: string; probability: number }[];
}

/**
 * One reading of `truth`, or null where nothing is found. `skill` is the mean probability of being right. With
 * probability `shared` a wrong reading is the one that every picture of `card` would give.
 */
export function simulateReading(
  truth: string,
  { card, picture, skill, shared = 0.3 }: { card: string; picture: string; skill: number; shared?: number },
): SimulatedReading | null {
  const draw = stream('reading', card, picture);
  if (draw() < 0.06) return null;
  // Most readings are nearly certain, a tail is not: u^(1/k) has the mean k / (k + 1).
  const k = skill / (1 - skill);
  const right = Math.max(0.05, draw() ** (1 / k));
  const wrong = (source: () => number): string => {
    const digits = [...truth].map((digit, i) => ({ digit, i })).filter(({ digit }) => digit in confused);
    const { digit, i } = digits[Math.floor(source() * digits.length)] ?? { digit: '1', i: 0 };
    const other = confused[digit]![source() < 0.5 ? 0 : 1]!;
    return truth.slice(0, i) + other + truth.slice(i + 1);
  };
  const mistake = draw() < shared ? wrong(stream('card', card)) : wrong(draw);
  const isRight = draw() < right;
  const [first, second] = isRight ? [truth, mistake] : [mistake, truth];
  const rest = (1 - right) * 0.8;
  return {
    value: first,
    probability: right,
    alternatives: [{ value: second, probability: rest }],
  };
}
