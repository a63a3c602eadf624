// How often something happened, with its interval.

/** P(X <= x) of a Poisson count. */
function atMost(x: number, mean: number): number {
  if (mean === 0) return 1;
  let log = -mean;
  let sum = Math.exp(log);
  for (let i = 1; i <= x; i++) sum += Math.exp((log += Math.log(mean / i)));
  return Math.min(1, sum);
}

/**
 * The interval of the mean of a Poisson count, exact (Garwood, Biometrika 28, 1936, 437-442). Supposes that events come
 * one by one and do not draw others after them; deaths in custody may do so, and then it is too narrow.
 */
export function poissonInterval(count: number, level = 0.95): [number, number] {
  const half = (1 - level) / 2;
  const solve = (low: number, high: number, above: (mean: number) => boolean): number => {
    for (let i = 0; i < 100; i++) {
      const middle = (low + high) / 2;
      if (above(middle)) high = middle;
      else low = middle;
    }
    return (low + high) / 2;
  };
  const lower = count === 0 ? 0 : solve(0, count, (mean) => 1 - atMost(count - 1, mean) > half);
  const upper = solve(count, count + 10 * Math.sqrt(count + 1) + 10, (mean) => atMost(count, mean) < half);
  return [lower, upper];
}
