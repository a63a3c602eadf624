// The sums of sending: pieces that fit the line, waits that grow, a rate that is of now.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextPiece, pieceAfterFailure, pieceSizes, Rate, waitMs } from './pace.ts';

const KiB = 1024;

test('a piece grows to what the line carries in five seconds, twofold at most, to 8 MiB', () => {
  expect(nextPiece(512 * KiB, 512 * KiB, 100)).toBe(1024 * KiB);
  expect(nextPiece(512 * KiB, 512 * KiB, 4000)).toBe(640 * KiB);
  expect(nextPiece(8192 * KiB, 8192 * KiB, 10)).toBe(8192 * KiB);
  // 64 kbit/s.
  expect(nextPiece(512 * KiB, 512 * KiB, 65_536)).toBe(39 * KiB);
});

test('a small file says nothing against a large piece, and something for a larger one', () => {
  expect(nextPiece(512 * KiB, 10 * KiB, 300)).toBe(512 * KiB);
  expect(nextPiece(512 * KiB, 0, 0)).toBe(512 * KiB);
  expect(nextPiece(512 * KiB, 400 * KiB, 1000)).toBe(1024 * KiB);
});

test('whatever the line does, a piece stays between 16 KiB and 8 MiB, and a steady line is met within a few pieces', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e9, noNaN: true }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (rate, arrives) => {
        let size: number = pieceSizes.first;
        for (const one of arrives) {
          size = one ? nextPiece(size, size, (size / rate) * 1000) : pieceAfterFailure(size, !one);
          expect(size).toBeGreaterThanOrEqual(pieceSizes.least);
          expect(size).toBeLessThanOrEqual(pieceSizes.most);
          expect(size % KiB).toBe(0);
        }
        for (let i = 0; i < 12; i++) size = nextPiece(size, size, (size / rate) * 1000);
        const fitting = Math.min(pieceSizes.most, Math.max(pieceSizes.least, rate * 5));
        expect(Math.abs(size - fitting)).toBeLessThanOrEqual(KiB);
      },
    ),
  );
});

test('waits grow from a second to half a minute', () => {
  expect([0, 1, 2, 3, 4, 5, 20].map(waitMs)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('the rate is that of the last quarter of a minute', () => {
  const rate = new Rate(0);
  expect(rate.at(10_000)).toBeNull();
  rate.add(500, 1000);
  expect(rate.at(900)).toBeNull();
  expect(rate.at(2000)).toBe(500);
  rate.add(30_000, 3000);
  expect(rate.at(30_000)).toBe(200);
  expect(rate.at(60_000)).toBeNull();
});
