// How long was a series of serial numbers of which some were seen? The "German tank problem" (Goodman, JASA 47, 1952,
// 622-634; Ruggles and Brodie, JASA 42, 1947, 72-91). All of it supposes that each number of the series had the same
// chance of being seen, independently of its neighbours. Where loss comes in blocks (a card, a day, a folder) it fails.

/** ln of C(a, k) / C(b, k), for k <= a <= b. */
function logRatio(a: number, b: number, k: number): number {
  let sum = 0;
  for (let i = 0; i < k; i++) sum += Math.log((a - i) / (b - i));
  return sum;
}

function demandSeen(largest: number, seen: number, least: number): void {
  if (!Number.isSafeInteger(largest) || !Number.isSafeInteger(seen) || seen < least || largest < seen) {
    throw new RangeError(
      `expected whole numbers, at least ${least} seen and none above the largest, got ${seen} seen up to ${largest}`,
    );
  }
}

/** The largest whole number from `from` on for which a falling condition holds; `from` where it holds nowhere. */
function lastWhere(from: number, holds: (n: number) => boolean): number {
  let step = 1;
  while (holds(from + step)) step *= 2;
  let [low, high] = [from, from + step];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

export interface KnownStart {
  /** m + m/k - 1, unbiased and of least variance (Goodman 1952). */
  estimate: number;
  /** Square root of (N - k)(N + 1) / (k(k + 2)) with the estimate for N. */
  standardError: number;
  /** The largest N with P(M <= m | N) >= 1 - level, one-sided. */
  upper: number;
  /** Two-sided, (1 - level)/2 on either side: the upper end as above, the lower from P(M >= m | N). */
  interval: [number, number];
}

/**
 * A series that starts at 1, of which `seen` distinct numbers were seen, `largest` the highest.
 * P(M <= m | N) = C(m, k) / C(N, k). Throws RangeError where the numbers contradict each other.
 */
export function knownStart(largest: number, seen: number, level = 0.95): KnownStart {
  demandSeen(largest, seen, 1);
  const estimate = largest + largest / seen - 1;
  const upper = (tail: number): number => lastWhere(largest, (n) => logRatio(largest, n, seen) >= Math.log(tail));
  const half = (1 - level) / 2;
  // P(M >= m | N) = 1 - C(m - 1, k) / C(N, k), rising in N from k/m at N = m.
  const tooSmall = (n: number): boolean =>
    (largest - 1 < seen ? 1 : 1 - Math.exp(logRatio(largest - 1, n, seen))) < half;
  const lower = tooSmall(largest) ? lastWhere(largest, tooSmall) + 1 : largest;
  return {
    estimate,
    standardError: Math.sqrt(((estimate - seen) * (estimate + 1)) / (seen * (seen + 2))),
    upper: upper(1 - level),
    interval: [lower, upper(half)],
  };
}

export interface SerialPosterior {
  /** (m - 1)(k - 1)/(k - 2). */
  mean: number;
  /** sqrt((k - 1)(m - 1)(m - k + 1)/((k - 3)(k - 2)^2)); null below 4 seen, where it has none. */
  sd: number | null;
  /** The smallest N whose posterior reaches one half, and `level`. */
  median: number;
  upper: number;
}

/**
 * The same by Bayes with a flat prior over N (Höhle and Held 2006): P(N <= x) = 1 - C(m - 1, k - 1) / C(x, k - 1).
 * Throws RangeError below 3 seen, where the mean is infinite.
 */
export function serialPosterior(largest: number, seen: number, level = 0.95): SerialPosterior {
  demandSeen(largest, seen, 3);
  const [m, k] = [largest, seen];
  const reaches = (share: number): number => {
    // The tail C(m-1, k-1)/C(x, k-1) falls in x.
    const short = (x: number): boolean => logRatio(m - 1, x, k - 1) > Math.log(1 - share);
    return short(m) ? lastWhere(m, short) + 1 : m;
  };
  return {
    mean: ((m - 1) * (k - 1)) / (k - 2),
    sd: k < 4 ? null : Math.sqrt(((k - 1) * (m - 1) * (m - k + 1)) / ((k - 3) * (k - 2) ** 2)),
    median: reaches(0.5),
    upper: reaches(level),
  };
}

/**
 * The length of a series whose start is not known, from the range of `seen` distinct numbers: with R = largest - smallest,
 * N = R(k + 1)/(k - 1) - 1, unbiased (Goodman 1952). Throws RangeError below 2 seen.
 */
export function unknownStart(smallest: number, largest: number, seen: number): number {
  demandSeen(largest - smallest + 1, seen, 2);
  return ((largest - smallest) * (seen + 1)) / (seen - 1) - 1;
}
