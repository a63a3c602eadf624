import { expect, test } from 'vitest';
import { packWeights } from '../src/cards/network.ts';
import { faces } from './families.ts';
import { learn } from './learn.ts';

const some = faces.filter(({ family }) => ['cairo', 'lato', 'aref-ruqaa', 'caveat'].includes(family));

/** A course of a few seconds, and its losses. */
async function small(seed: number): Promise<{ bytes: Buffer; losses: number[] }> {
  const losses: number[] = [];
  const course = { seed, lines: 45, cuts: 2, lot: 15, warmUp: 60, faces: some };
  const weights = await learn({ ...course, onLot: (_drawn, loss) => losses.push(loss) });
  return { bytes: Buffer.from(packWeights(weights)), losses };
}

test('the same seed gives the same weights, byte for byte, another seed others; and it learns', async () => {
  const [first, again, other] = [await small(5), await small(5), await small(6)];
  expect(again.bytes.equals(first.bytes)).toBe(true);
  expect(again.losses).toEqual(first.losses);
  expect(other.bytes.equals(first.bytes)).toBe(false);
  expect(first.losses.at(-1)!).toBeLessThan(first.losses[0]!);
}, 120_000);
