import { expect, test } from 'vitest';
import { nearDuplicates, type Candidate } from './near.ts';

const hash = (flipped: number): string => {
  const bits = Array.from({ length: 256 }, (_, i) => (i % 3 === 0 ? 1 : 0));
  for (let i = 0; i < flipped; i++) bits[(i * 37) % 256]! ^= 1;
  return Array.from({ length: 64 }, (_, i) => parseInt(bits.slice(i * 4, i * 4 + 4).join(''), 2).toString(16)).join('');
};
const picture = (item: string, parts: Partial<Candidate> = {}): Candidate => ({
  item,
  id: item,
  pdq: hash(0),
  quality: 100,
  width: 640,
  height: 480,
  taken: null,
  model: null,
  size: 1000,
  ...parts,
});
const pairs = (...pictures: Candidate[]) =>
  [...nearDuplicates(pictures)].map(([copy, { of }]) => `${copy}>${of}`).toSorted();

test('a smaller copy leads to the larger picture, whichever was received first', () => {
  expect(pairs(picture('small', { width: 320, height: 240, pdq: hash(8) }), picture('large'))).toEqual(['small>large']);
});

test('two copies lead to one original, never to each other', () => {
  const copies = [picture('a', { size: 500, pdq: hash(10) }), picture('b', { size: 400, pdq: hash(14) })];
  expect(pairs(...copies, picture('original'))).toEqual(['a>original', 'b>original']);
});

test('frames that the camera says were taken at different times are not copies, however alike', () => {
  expect(pairs(picture('a', { taken: '2013-05-14T10:00:00' }), picture('b', { taken: '2013-05-14T10:00:02' }))).toEqual(
    [],
  );
});

test('pictures of two camera models, of other proportions, or too far apart are not copies', () => {
  expect(pairs(picture('a', { model: 'A' }), picture('b', { model: 'B' }))).toEqual([]);
  expect(pairs(picture('a'), picture('b', { width: 480 }))).toEqual([]);
  expect(pairs(picture('a'), picture('b', { pdq: hash(32) }))).toEqual([]);
  expect(pairs(picture('a'), picture('b', { pdq: hash(31) }))).toHaveLength(1);
});

test('a hash of low quality says nothing', () => {
  expect(pairs(picture('a', { quality: 49 }), picture('b', { quality: 49 }))).toEqual([]);
});
