// Shamir's sharing as properties, and one vector by hand.
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combine, split } from './shamir.ts';

const secretBytes = fc.uint8Array({ minLength: 1, maxLength: 80 });
const sharing = fc
  .record({ secret: secretBytes, count: fc.integer({ min: 1, max: 12 }), seed: fc.infiniteStream(fc.nat(255)) })
  .chain(({ secret, count, seed }) =>
    fc.record({
      secret: fc.constant(secret),
      count: fc.constant(count),
      threshold: fc.integer({ min: 1, max: count }),
      order: fc.shuffledSubarray(
        Array.from({ length: count }, (_, i) => i),
        { minLength: count },
      ),
      random: fc.constant((length: number) => Uint8Array.from({ length }, () => seed.next().value as number)),
    }),
  );

test('any shares in any order, as many as the threshold or more, give the secret', () => {
  fc.assert(
    fc.property(sharing, fc.nat(), ({ secret, threshold, count, order, random }, more) => {
      const shares = split(secret, threshold, count, random);
      expect(shares.map(({ number }) => number)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      const taken = order.slice(0, threshold + (more % (count - threshold + 1))).map((i) => shares[i]!);
      expect(combine(taken)).toEqual(secret);
    }),
  );
});

test('the bytes of a line through 0xf0 with slope 0x80, by hand', () => {
  // 0x80·2 = 0x100 = 0x1d, 0x80·3 = 0x1d + 0x80 in the field of 0x11d.
  const shares = split(Uint8Array.of(0xf0), 2, 3, () => Uint8Array.of(0x80));
  expect(shares.map(({ bytes }) => bytes[0])).toEqual([0xf0 ^ 0x80, 0xf0 ^ 0x1d, 0xf0 ^ 0x9d]);
});

test('one share fewer than the threshold fits every secret equally', () => {
  // Exhaustively over one byte: for each secret, the 256 coefficients give each value of the share exactly once.
  for (const secret of [0, 1, 0x53, 0xff]) {
    const values = new Set<number>();
    for (let c = 0; c < 256; c++) values.add(split(Uint8Array.of(secret), 2, 2, () => Uint8Array.of(c))[1]!.bytes[0]!);
    expect(values.size).toBe(256);
  }
});

test('a false share gives another secret and no error: so each must be checked before', () => {
  const secret = randomBytes(74);
  const shares = split(secret, 3, 5, randomBytes);
  shares[1]!.bytes[10]! ^= 1;
  expect(combine(shares.slice(0, 3))).not.toEqual(new Uint8Array(secret));
  expect(combine(shares.slice(2))).toEqual(new Uint8Array(secret));
});

test('what cannot be split or joined is refused', () => {
  for (const [threshold, count] of [
    [0, 3],
    [4, 3],
    [2, 256],
    [1.5, 3],
  ] as const) {
    expect(() => split(Uint8Array.of(1), threshold, count, randomBytes)).toThrow(RangeError);
  }
  expect(() => split(new Uint8Array(), 2, 3, randomBytes)).toThrow(RangeError);
  const [a, b] = split(Uint8Array.of(1, 2), 2, 3, randomBytes);
  expect(() => combine([])).toThrow(RangeError);
  expect(() => combine([a!, a!])).toThrow(RangeError);
  expect(() => combine([a!, { ...b!, bytes: Uint8Array.of(1) }])).toThrow(RangeError);
  expect(() => combine([{ ...a!, number: 0 }, b!])).toThrow(RangeError);
});
