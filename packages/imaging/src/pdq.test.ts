// The golden hashes were made from the same made-up pictures by the published C++ program, compiled without changes.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { syntheticPixels } from './fixtures.ts';
import {
  fromHex,
  hammingDistance,
  lumaFromPixels,
  pdq,
  pdqTurned,
  popcount,
  toHex,
  turnedFromHash,
  turns,
} from './pdq.ts';

const golden = [
  {
    width: 1600,
    height: 1004,
    channels: 3,
    seed: 1,
    quality: 100,
    hash: '5f338d3e49d98eacc765f2c1b6e9347327b231311d1a0cb1197c0da8c94dd3ca',
  },
  {
    width: 512,
    height: 512,
    channels: 3,
    seed: 2,
    quality: 100,
    hash: 'aeb5195635ee46b6cc6bcc6368c74247c7048652ae782cb59569dd6b4cb63093',
  },
  {
    width: 640,
    height: 480,
    channels: 1,
    seed: 3,
    quality: 100,
    hash: '7f47e3f1c1d8199838e030f0e7ffcf158e1960cdf0c11e030f7f1df83a403ac1',
  },
  {
    width: 100,
    height: 300,
    channels: 3,
    seed: 4,
    quality: 100,
    hash: '01ea0de65507bf03de09871e053e0f5e9f8dbf01ff01651640fc80eaf0ed79e2',
  },
  {
    width: 64,
    height: 64,
    channels: 1,
    seed: 5,
    quality: 100,
    hash: '420eb7af7fe71c37b787dfd0bce184a111817dc04c58454b69cc8802dabdc63b',
  },
  {
    width: 37,
    height: 53,
    channels: 3,
    seed: 6,
    quality: 100,
    hash: '7ca6a4902f9096c420d2f2f9b1a9ca0db62f1b4fd327e96cd1f483729d545936',
  },
  {
    width: 5,
    height: 5,
    channels: 3,
    seed: 7,
    quality: 85,
    hash: 'de373e0f21c8c1f0c370c1f0ce733e0f348d3e0fde373e0f21c8c1f0c372c1f0',
  },
  {
    width: 4,
    height: 900,
    channels: 3,
    seed: 8,
    quality: 93,
    hash: '0f0f131331313313cece93932d2dece4ececf0f0ececcece39390f0f31311313',
  },
  {
    width: 2000,
    height: 513,
    channels: 3,
    seed: 9,
    quality: 100,
    hash: '29094560dc4dc679becd00f55dcf96ffd49d9531d007df725f42741005bc4a2e',
  },
] as const;

const goldenTurns = {
  original: 'aeb5195635ee46b6cc6bcc6368c74247c7048652ae782cb59569dd6b4cb63093',
  'rotate-90': 'dcece079a6319ff2ce36430191e09f73b2139093bc3e2f8c286c0c6d7f4770e2',
  'rotate-180': '7be033fc20bb6c1c993e46c93d92e8ed92512cf0fb2d861fc03c77c119e39039',
  'rotate-270': '89b94ac3f36435589b62e9abc4b435c9e7463a39e96b85267d39a6c72a12da48',
  'flip-x': 'aeb566a935ee3949cc6b139c68c7bdb8c70479a5ae78924a956922944cb6c56c',
  'flip-y': 'fbe0cc0360bb93e3993eb9363d9217129251d30ffb2d79e0c03c883e19e365c6',
  'flip-plus-1': '8cec1f86a231600dce36bcfe91e0608cb2136f6cbc3ed073282cf3927f478f1d',
  'flip-minus-1': '09b9952cf364caa79b621654c4b4ca26e746c5c6e96b7ad97d3959382a1225b7',
};

for (const { width, height, channels, seed, quality, hash } of golden) {
  test(`a ${width} x ${height} picture of ${channels} channels has the hash and quality of the reference`, () => {
    const result = pdq(lumaFromPixels(syntheticPixels(width, height, channels, seed), width, height, channels));
    expect([toHex(result.hash), result.quality]).toEqual([hash, quality]);
  });
}

test('the eight turned hashes are those of the reference', () => {
  const { hashes, quality } = pdqTurned(lumaFromPixels(syntheticPixels(512, 512, 3, 2), 512, 512, 3));
  expect(Object.fromEntries(turns.map((turn) => [turn, toHex(hashes[turn])]))).toEqual(goldenTurns);
  expect(quality).toBe(100);
});

test('turned hashes from the hash alone lie within 31 bits of the canonical ones', () => {
  const hash = fromHex(goldenTurns.original)!;
  const turned = turnedFromHash(hash);
  expect(toHex(turned.original)).toBe(goldenTurns.original);
  for (const turn of turns) expect(hammingDistance(turned[turn], fromHex(goldenTurns[turn])!)).toBeLessThanOrEqual(31);
});

test('a picture rotated by a quarter is found by the turned hashes of the other, and not without them', () => {
  const [width, height] = [640, 480];
  const pixels = syntheticPixels(width, height, 1, 11);
  const rotated = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) rotated[x * height + (height - 1 - y)] = pixels[y * width + x]!;
  }
  const one = pdq({ data: pixels, width, height }).hash;
  const other = pdq({ data: rotated, width: height, height: width }).hash;
  const nearest = Math.min(...turns.map((turn) => hammingDistance(turnedFromHash(one)[turn], other)));
  expect(nearest).toBeLessThanOrEqual(31);
  expect(hammingDistance(one, other)).toBeGreaterThan(31);
});

test('a plane with a side under five pixels gives the zero hash of quality 0', () => {
  const plane = { data: new Uint8Array(4 * 40).fill(200), width: 4, height: 40 };
  expect(pdq(plane)).toEqual({ hash: new Uint32Array(8), quality: 0 });
  expect(pdqTurned(plane).hashes['flip-x']).toEqual(new Uint32Array(8));
});

test('a plain picture has quality 0', () => {
  expect(pdq({ data: new Uint8Array(100 * 100).fill(128), width: 100, height: 100 }).quality).toBe(0);
});

test('hexadecimal goes there and back, and distance counts the bits that differ', () => {
  const hashes = fc.uint32Array({ minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(hashes, hashes, (a, b) => {
      expect(fromHex(toHex(a))).toEqual(a);
      const bits = BigInt(`0x${toHex(a)}`) ^ BigInt(`0x${toHex(b)}`);
      expect(hammingDistance(a, b)).toBe(bits.toString(2).replaceAll('0', '').length);
    }),
  );
  expect(popcount(0xffffffff)).toBe(32);
  expect(fromHex('12')).toBeNull();
  expect(fromHex('g'.repeat(64))).toBeNull();
});
