import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  consistencyProof,
  equalBytes,
  inclusionProof,
  isConsistent,
  leafHash,
  rootFromInclusion,
  rootOf,
} from './merkle.ts';
import { FormatError } from './problem.ts';
import {
  decodeEntries,
  encodeEntries,
  indexPath,
  parseTilePath,
  subtreeRoots,
  tilePath,
  tilesOf,
  tileWidth,
} from './tile.ts';

test('the index of the C2SP example is spelled as the format says', () => {
  expect(indexPath(1234067)).toBe('x001/x234/067');
  expect(indexPath(0)).toBe('000');
  expect(indexPath(1000)).toBe('x001/000');
  expect(tilePath('log/tile/0', 0, 256)).toBe('log/tile/0/000');
  expect(tilePath('log/tile/entries', 5, 17)).toBe('log/tile/entries/005.p/17');
});

test('every tile name reads back, and no other spelling of it does', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2_000_000_000 }), fc.integer({ min: 1, max: 256 }), (n, width) => {
      expect(parseTilePath(tilePath('t', n, width).slice(2))).toEqual({ n, width });
    }),
  );
  for (const path of ['0', '0000', 'x000/000', '000.p/0', '000.p/256', '000.p/300', '../000', '000.p/01']) {
    expect(parseTilePath(path)).toBeNull();
  }
});

test('entry bundles read back, and a cut one is refused with its declared error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 20 }), fc.nat(), (entries, cut) => {
      const bytes = encodeEntries(entries);
      expect(decodeEntries(bytes).map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]));
      try {
        decodeEntries(bytes.subarray(0, cut % (bytes.length + 1)));
      } catch (error) {
        expect(error).toBeInstanceOf(FormatError);
      }
    }),
  );
});

test('the tree of 70,000 entries of C2SP tlog-tiles has the tiles that it says', () => {
  const tiles = (count: number) => {
    const widths = [...tilesOf(count)].map(({ width }) => width);
    return { full: widths.filter((width) => width === 256).length, partial: widths.find((width) => width < 256) ?? 0 };
  };
  const levels = [70_000, Math.floor(70_000 / 256), Math.floor(70_000 / 256 ** 2)];
  expect(levels.map(tiles)).toEqual([
    { full: 273, partial: 112 },
    { full: 1, partial: 17 },
    { full: 0, partial: 1 },
  ]);
  expect([256, 1].map(tiles)).toEqual([
    { full: 1, partial: 0 },
    { full: 0, partial: 1 },
  ]);
});

test('from its tiles, a log of any size gives every root and proof that its hashes give', async () => {
  const hashes = Array.from({ length: 66_200 }, (_, i) => leafHash(new TextEncoder().encode(`leaf ${i}`)));
  const above: Uint8Array[][] = [hashes];
  while (above.at(-1)!.length >= tileWidth) {
    const below = above.at(-1)!;
    above.push(
      Array.from({ length: Math.floor(below.length / tileWidth) }, (_, i) =>
        rootOf(below.slice(i * tileWidth, (i + 1) * tileWidth)),
      ),
    );
  }
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: hashes.length }), fc.nat(), fc.nat(), async (size, a, b) => {
      const roots = subtreeRoots(
        async (level, n, width) => above[level]!.slice(n * tileWidth, n * tileWidth + width),
        size,
      );
      const root = rootOf(hashes.slice(0, size));
      expect(equalBytes(await roots(0, size), root)).toBe(true);
      for (const index of [a % size, b % size, size - 1]) {
        const path = await inclusionProof(index, size, roots);
        expect(equalBytes(rootFromInclusion(hashes[index]!, index, size, path)!, root)).toBe(true);
      }
      const older = 1 + (b % size);
      const proof = await consistencyProof(older, size, roots);
      expect(isConsistent(older, size, rootOf(hashes.slice(0, older)), root, proof)).toBe(true);
    }),
    { numRuns: 6 },
  );
});

test('a tile that is not there is an error, each time it is asked for', async () => {
  const roots = subtreeRoots(async () => null, 300);
  await expect(roots(0, 2)).rejects.toThrow('missing');
  await expect(roots(0, 2)).rejects.toThrow('missing');
});
