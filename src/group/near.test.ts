import { expect, test } from 'vitest';
import { hashEdges, nearSets, type Candidate, type Edge, type PairLink } from './near.ts';

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
interface Said {
  edges?: Edge[];
  links?: PairLink[];
}
const sets = (pictures: Candidate[], { edges = hashEdges(pictures), links = [] }: Said = {}) =>
  [...nearSets(pictures, edges, links)]
    .map(([copy, { of }]) => `${pictures[copy]!.item}>${pictures[of]!.item}`)
    .toSorted();
const pairs = (...pictures: Candidate[]) => sets(pictures);

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

test('what a person links is together, and what a person cuts is apart, through others as well', () => {
  const far = [picture('a'), picture('b', { pdq: hash(200), size: 900 }), picture('c', { pdq: hash(120), size: 800 })];
  expect(sets(far)).toEqual([]);
  const must = [
    { a: 0, b: 1, link: 'must' },
    { a: 1, b: 2, link: 'must' },
  ] as const;
  expect(sets(far, { links: [...must] })).toEqual(['b>a', 'c>a']);
  const near = [picture('a'), picture('b', { size: 900, pdq: hash(4) }), picture('c', { size: 800, pdq: hash(8) })];
  expect(sets(near)).toEqual(['b>a', 'c>a']);
  expect(sets(near, { links: [{ a: 0, b: 2, link: 'cannot' }] })).toEqual(['b>a']);
  expect(sets(near, { links: [{ a: 2, b: 1, link: 'cannot' }] })).toEqual(['b>a']);
});

test('what was linked to a copy goes along with it to the original', () => {
  const all = [picture('a'), picture('b', { size: 900, pdq: hash(4) }), picture('c', { size: 800, pdq: hash(120) })];
  expect(sets(all, { links: [{ a: 1, b: 2, link: 'must' }] })).toEqual(['b>a', 'c>a']);
});

test('a bordered copy leads to the smaller picture that it was made from', () => {
  const all = [picture('bordered', { width: 800, height: 600 }), picture('original'), picture('other')];
  const edge: Edge = { a: 0, b: 1, distance: 90, basis: 'alignment', original: 1 };
  expect(sets(all, { edges: [edge] })).toEqual(['bordered>original']);
});

test('sets are the same in whatever order pairs were found', () => {
  const all = Array.from({ length: 9 }, (_, i) => picture(`p${i}`, { size: 1000 - i, pdq: hash(i * 7) }));
  const edges = hashEdges(all);
  expect(edges.length).toBeGreaterThan(8);
  expect(sets(all, { edges: edges.toReversed() })).toEqual(sets(all));
});
