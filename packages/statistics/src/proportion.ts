// Shares with their intervals, and how large a sample must be.

/** Two-sided normal quantile of 95 %. */
const z95 = 1.959963984540054;

/** Wilson's interval for x of n (JASA 22, 1927, 209-212), 95 % by default. [0, 1] of nothing. For samples, not for complete counts. */
export function wilson(x: number, n: number, z = z95): [number, number] {
  if (n === 0) return [0, 1];
  const p = x / n;
  const middle = p + (z * z) / (2 * n);
  const half = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  const scale = 1 + (z * z) / n;
  return [x === 0 ? 0 : (middle - half) / scale, x === n ? 1 : (middle + half) / scale];
}

/**
 * How many of `population` to draw, at random without replacement, for a share within +-`margin`: n0 = z²p(1-p)/e²,
 * n = n0/(1 + (n0 - 1)/N) (Cochran 1977, 4.4). Not rounded.
 */
export function sampleSize(population: number, margin: number, p = 0.5, z = z95): number {
  const unlimited = (z * z * p * (1 - p)) / (margin * margin);
  return unlimited / (1 + (unlimited - 1) / population);
}
