// Shamir's secret sharing over GF(256), polynomial 0x11d, byte by byte: libgfshare's field and numbering, so that Debian's
// gfcombine joins these shares without this program. Not constant in time: it runs where the whole secret is anyway.

/** A share: the value of each byte's polynomial at `number`. */
export interface SecretShare {
  /** 1 to 255; gfcombine reads it from a file's ending, `.007`. */
  number: number;
  /** As many bytes as the secret has. */
  bytes: Uint8Array;
}

const reducing = 0x11d;
const order = 255;
/** Powers of 2, twice around, so that a sum of two logarithms needs no remainder. */
const powers = new Uint8Array(2 * order);
const logarithms = new Uint8Array(256);
for (let i = 0, x = 1; i < order; i++) {
  powers[i] = powers[i + order] = x;
  logarithms[x] = i;
  x <<= 1;
  if (x > 255) x ^= reducing;
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logarithms[a]! + logarithms[b]!]!;
}

function divide(a: number, b: number): number {
  return a === 0 ? 0 : powers[logarithms[a]! + order - logarithms[b]!]!;
}

/**
 * Shares 1 to `count` of a secret, any `threshold` of which give it back and fewer say nothing of it but its length.
 * `random(n)` gives n fresh random bytes. Throws a RangeError unless 1 <= threshold <= count <= 255 and the secret has a byte.
 */
export function split(
  secret: Uint8Array,
  threshold: number,
  count: number,
  random: (length: number) => Uint8Array,
): SecretShare[] {
  const sound = Number.isInteger(threshold) && Number.isInteger(count) && threshold >= 1 && threshold <= count;
  if (!sound || count > order || secret.length === 0) {
    throw new RangeError(`cannot split ${secret.length} bytes into ${count} shares of which ${threshold} open`);
  }
  const { length } = secret;
  // The highest coefficients first. Zero must be as likely as any other value, or fewer shares would say something.
  const coefficients = random((threshold - 1) * length);
  const shares = Array.from({ length: count }, (_, i) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at++) {
      let value = 0;
      for (let c = 0; c < threshold - 1; c++) value = multiply(value ^ coefficients[c * length + at]!, i + 1);
      bytes[at] = value ^ secret[at]!;
    }
    return { number: i + 1, bytes };
  });
  coefficients.fill(0);
  return shares;
}

/**
 * The secret of these shares. Too few of them, or a false one, give *another* secret and no error: check each against
 * what is known of it first. Throws a RangeError where two have one number, or their lengths differ.
 */
export function combine(shares: readonly SecretShare[]): Uint8Array {
  const length = shares[0]?.bytes.length ?? 0;
  const numbers = new Set(shares.map(({ number }) => number));
  const sound =
    length > 0 &&
    numbers.size === shares.length &&
    shares.every(({ number, bytes }) => isNumber(number) && bytes.length === length);
  if (!sound) throw new RangeError('these are not shares of one secret');
  const secret = new Uint8Array(length);
  for (const share of shares) {
    // Lagrange's polynomial of this share, at zero.
    let weight = 1;
    for (const other of shares) {
      if (other !== share) weight = multiply(weight, divide(other.number, other.number ^ share.number));
    }
    for (let at = 0; at < length; at++) secret[at] = secret[at]! ^ multiply(weight, share.bytes[at]!);
  }
  return secret;
}

function isNumber(number: number): boolean {
  return Number.isInteger(number) && number >= 1 && number <= order;
}
