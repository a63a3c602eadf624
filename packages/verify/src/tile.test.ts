import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEntries, encodeEntries, indexPath, parseTilePath, tilePath, tilesOf } from './tile.ts';
import { FormatError } from './problem.ts';

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
