import fc from 'fast-check';
import { expect, test } from 'vitest';
import { forEachNearPair, nearPairs, nearTo, packHashes } from './near.ts';
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

test('a distance that the bands cannot serve completely is refused', () => {
  for (const distance of [32, -1, 1.5, Number.NaN]) {
    expect(() => forEachNearPair(new Uint32Array(0), distance, () => {})).toThrow(RangeError);
  }
});
