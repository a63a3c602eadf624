import { expect, test } from 'vitest';
import { syntheticPixels } from './fixtures.ts';
import { hammingDistance, pdq, pdqTurned, turnedFromHash, turns } from './pdq.ts';
import { turnPlane, undone } from './turn.ts';

test('the hash of a turned picture is its turned hash, within 24 bits; transposed exactly', () => {
  for (let seed = 40; seed < 48; seed++) {
    // Not exactly where a mirror is in it: the reference samples just right of and below the middle of each tile.
    const plane = { data: syntheticPixels(512, 384, 1, seed), width: 512, height: 384 };
    const { hashes } = pdqTurned(plane);
    const alone = turnedFromHash(hashes.original);
    for (const turn of turns) {
      const { hash } = pdq(turnPlane(plane, turn));
      const most = turn === 'original' || turn === 'flip-plus-1' ? 0 : 24;
      expect(hammingDistance(hash, hashes[turn]), turn).toBeLessThanOrEqual(most);
      expect(hammingDistance(hash, alone[turn]), turn).toBeLessThanOrEqual(most);
    }
  }
});

test('each turn is undone by one of the eight', () => {
  const plane = { data: Float32Array.from({ length: 12 }, (_, i) => i), width: 4, height: 3 };
  for (const turn of turns) expect(turnPlane(turnPlane(plane, turn), undone(turn))).toEqual(plane);
});
