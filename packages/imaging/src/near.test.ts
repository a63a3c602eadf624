import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bandKeys, forEachNearPair, indexHashes, nearPairs, nearTo, packHashes } from './near.ts';
import type { PdqHash } from './pdq.ts';
import { hammingDistance } from './pdq.ts';

function bruteForce(hashes: readonly PdqHash[], distance: number) {
  const pairs = [];
  for (let a = 0; a < hashes.length; a++) {
    for (let b = a + 1; b < hashes.length; b++) {
      const bits = hammingDistance(hashes[a]!, hashes[b]!);
      if (bits <= distance) pairs.push({ a, b, distance: bits });
    }
  }
  return pairs;
}

// Random hashes are never near each other: so families, each a hash with up to 40 of its bits flipped.
const families = fc
  .array(
    fc.tuple(
      fc.uint32Array({ minLength: 8, maxLength: 8 }),
      fc.array(fc.array(fc.nat(255), { maxLength: 40 }), { maxLength: 8 }),
    ),
    { maxLength: 6 },
  )
  .map((found) =>
    found.flatMap(([hash, changes]) =>
      [[], ...changes].map((bits: number[]) => {
        const copy = hash.slice();
        for (const bit of bits) copy[bit >> 5]! ^= 1 << (bit & 31);
        return copy;
      }),
    ),
  );

test('the pairs found are exactly those that comparing all with all finds', () => {
  let seen = 0;
  fc.assert(
    fc.property(families, fc.nat(31), (hashes, distance) => {
      const pairs = nearPairs(packHashes(hashes), distance);
      expect(pairs).toEqual(bruteForce(hashes, distance));
      seen += pairs.length;
    }),
    { numRuns: 150 },
  );
  expect(seen).toBeGreaterThan(150);
});

test('the differing bits may be spread so that every band but one has two of them', () => {
  const spread = new Uint32Array(8);
  for (let band = 0; band < 16; band++) {
    spread[band >> 1]! |= (band === 7 ? 0b1 : 0b11) << ((band & 1) << 4);
  }
  expect(nearPairs(packHashes([new Uint32Array(8), spread]), 31)).toEqual([{ a: 0, b: 1, distance: 31 }]);
});

test('the hashes near to one are found, nearest first', () => {
  fc.assert(
    fc.property(families, fc.nat(256), (hashes, distance) => {
      if (hashes.length === 0) return;
      const expected = hashes
        .map((hash, index) => ({ index, distance: hammingDistance(hash, hashes[0]!) }))
        .filter((near) => near.distance <= distance)
        .toSorted((x, y) => x.distance - y.distance || x.index - y.index);
      expect(nearTo(hashes[0]!, packHashes(hashes), distance)).toEqual(expected);
    }),
  );
});

test('the index in memory finds what looking at each finds', () => {
  let seen = 0;
  fc.assert(
    fc.property(families, fc.nat(31), (hashes, distance) => {
      const packed = packHashes(hashes);
      const index = indexHashes(packed);
      for (const hash of hashes) {
        const found = index.near(hash, distance);
        expect(found).toEqual(nearTo(hash, packed, distance));
        seen += found.length;
      }
    }),
    { numRuns: 40 },
  );
  expect(seen).toBeGreaterThan(400);
});

test('hashes within 15 bits share a band, within 31 a band and its neighbours', () => {
  fc.assert(
    fc.property(families, (hashes) => {
      for (const hash of hashes) {
        const [exact, around] = [new Set(bandKeys(hash, false)), new Set(bandKeys(hash, true))];
        expect([exact.size, around.size]).toEqual([16, 272]);
        for (const other of hashes) {
          const distance = hammingDistance(hash, other);
          const keys = bandKeys(other, false);
          if (distance <= 15) expect(keys.some((key) => exact.has(key))).toBe(true);
          if (distance <= 31) expect(keys.some((key) => around.has(key))).toBe(true);
        }
      }
    }),
    { numRuns: 40 },
  );
});

test('200,000 hashes are asked in far less than looking at each takes', () => {
  const packed = Uint32Array.from({ length: 200_000 * 8 }, () => Math.floor(Math.random() * 2 ** 32));
  const index = indexHashes(packed);
  const time = (ask: (i: number) => number): number => {
    const start = performance.now();
    for (let i = 0; i < 30; i++) expect(ask(i * 977)).toBe(1);
    return performance.now() - start;
  };
  const hash = (i: number): Uint32Array => packed.slice(i * 8, i * 8 + 8);
  time((i) => index.near(hash(i), 31).length);
  const asked = time((i) => index.near(hash(i), 31).length);
  expect(asked).toBeLessThan(time((i) => nearTo(hash(i), packed, 31).length));
});

test('a distance that the bands cannot serve completely is refused', () => {
  for (const distance of [32, -1, 1.5, Number.NaN]) {
    expect(() => forEachNearPair(new Uint32Array(0), distance, () => {})).toThrow(RangeError);
    expect(() => indexHashes(new Uint32Array(8)).near(new Uint32Array(8), distance)).toThrow(RangeError);
  }
});
