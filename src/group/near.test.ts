import { fromHex, toHex } from '@dalil/imaging';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pairsToAlign } from './near-candidates.ts';
import { columnsOf, type Columns } from './near-columns.ts';
import { openReach } from './near-reach.ts';
import { nearSets, type Candidate, type Edge, type PairLink } from './near.ts';

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
/** Texts as numbers, as the database gives them. */
const numbers = new Map<string, number>();
const numberOf = (text: string | null): number | null => {
  if (text === null) return null;
  if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
  return numbers.get(text)!;
};
/** Columns in which the pictures from `oldest` on are fresh. */
const columns = (pictures: readonly Candidate[], oldest = 0, folders: readonly number[][] = []): Promise<Columns> =>
  columnsOf(
    pictures.length,
    pictures.map(({ pdq, quality, width, height, taken, model }, position) => ({
      pdq,
      quality,
      width,
      height,
      taken: numberOf(taken),
      model: numberOf(model),
      key: null,
      folders: folders[position] ?? [],
      position,
      was: null,
      fresh: position >= oldest,
    })),
  );
const hashEdges = async (pictures: readonly Candidate[]): Promise<Edge[]> => {
  const reach = openReach(await columns(pictures), pictures.length);
  return [...reach.edges.values()];
};
const told = (pictures: readonly Candidate[], found: ReturnType<typeof nearSets>): string[] =>
  [...found].map(([copy, { of }]) => `${pictures[copy]!.item}>${pictures[of]!.item}`).toSorted();
const sets = async (pictures: Candidate[], { edges, links = [] }: Said = {}): Promise<string[]> =>
  told(pictures, nearSets(pictures, edges ?? (await hashEdges(pictures)), links));
const pairs = (...pictures: Candidate[]) => sets(pictures);

test('a smaller copy leads to the larger picture, whichever was received first', async () => {
  expect(await pairs(picture('small', { width: 320, height: 240, pdq: hash(8) }), picture('large'))).toEqual([
    'small>large',
  ]);
});

test('two copies lead to one original, never to each other', async () => {
  const copies = [picture('a', { size: 500, pdq: hash(10) }), picture('b', { size: 400, pdq: hash(14) })];
  expect(await pairs(...copies, picture('original'))).toEqual(['a>original', 'b>original']);
});

test('frames that the camera says were taken at different times are not copies, however alike', async () => {
  expect(
    await pairs(picture('a', { taken: '2013-05-14T10:00:00' }), picture('b', { taken: '2013-05-14T10:00:02' })),
  ).toEqual([]);
});

test('pictures of two camera models, of other proportions, or too far apart are not copies', async () => {
  expect(await pairs(picture('a', { model: 'A' }), picture('b', { model: 'B' }))).toEqual([]);
  expect(await pairs(picture('a'), picture('b', { width: 480 }))).toEqual([]);
  expect(await pairs(picture('a'), picture('b', { pdq: hash(32) }))).toEqual([]);
  expect(await pairs(picture('a'), picture('b', { pdq: hash(31) }))).toHaveLength(1);
});

test('a hash of low quality says nothing', async () => {
  expect(await pairs(picture('a', { quality: 49 }), picture('b', { quality: 49 }))).toEqual([]);
});

test('what a person links is together, and what a person cuts is apart, through others as well', async () => {
  const far = [picture('a'), picture('b', { pdq: hash(200), size: 900 }), picture('c', { pdq: hash(120), size: 800 })];
  expect(await sets(far)).toEqual([]);
  const must = [
    { a: 0, b: 1, link: 'must' },
    { a: 1, b: 2, link: 'must' },
  ] as const;
  expect(await sets(far, { links: [...must] })).toEqual(['b>a', 'c>a']);
  const near = [picture('a'), picture('b', { size: 900, pdq: hash(4) }), picture('c', { size: 800, pdq: hash(8) })];
  expect(await sets(near)).toEqual(['b>a', 'c>a']);
  expect(await sets(near, { links: [{ a: 0, b: 2, link: 'cannot' }] })).toEqual(['b>a']);
  expect(await sets(near, { links: [{ a: 2, b: 1, link: 'cannot' }] })).toEqual(['b>a']);
});

test('what was linked to a copy goes along with it to the original', async () => {
  const all = [picture('a'), picture('b', { size: 900, pdq: hash(4) }), picture('c', { size: 800, pdq: hash(120) })];
  expect(await sets(all, { links: [{ a: 1, b: 2, link: 'must' }] })).toEqual(['b>a', 'c>a']);
});

test('a bordered copy leads to the smaller picture that it was made from', async () => {
  const all = [picture('bordered', { width: 800, height: 600 }), picture('original'), picture('other')];
  const edge: Edge = { a: 0, b: 1, distance: 90, basis: 'alignment', original: 1 };
  expect(await sets(all, { edges: [edge] })).toEqual(['bordered>original']);
});

test('sets are the same in whatever order pairs were found', async () => {
  const all = Array.from({ length: 9 }, (_, i) => picture(`p${i}`, { size: 1000 - i, pdq: hash(i * 7) }));
  const edges = await hashEdges(all);
  expect(edges.length).toBeGreaterThan(8);
  expect(await sets(all, { edges: edges.toReversed() })).toEqual(await sets(all));
});

const seconds = ['2013-05-06T07:00:00', '2013-05-06T07:00:01', null];
const anyPicture = fc.record({
  flipped: fc.nat(70),
  family: fc.nat(2),
  wide: fc.boolean(),
  taken: fc.constantFrom(...seconds),
  model: fc.constantFrom<(string | null)[]>('A', 'B', null),
  size: fc.integer({ min: 1, max: 4 }),
  quality: fc.constantFrom<number[]>(100, 100, 100, 20),
});
/** Hashes in three families, of which each has pictures 0 to 70 bits apart. */
const drawn = (many: readonly (typeof anyPicture extends fc.Arbitrary<infer T> ? T : never)[]): Candidate[] =>
  many.map(({ flipped, family, wide, ...more }, i) => {
    const words = fromHex(hash(flipped))!;
    return picture(`p${i}`, {
      ...more,
      pdq: toHex(words.map((word) => (word ^ (family * 0x5b6d3a95)) >>> 0)),
      width: wide ? 1280 : 640,
      height: wide ? 960 : 480,
    });
  });

test('a search that thinks only about what new pictures reach finds what one over everything finds', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyPicture, { minLength: 2, maxLength: 40 }), fc.nat(), async (many, n) => {
      const all = drawn(many);
      const oldest = Math.max(1, all.length - (n % 4));
      const whole = await hashEdges(all);
      const before = nearSets(all.slice(0, oldest), await hashEdges(all.slice(0, oldest)));
      const reach = openReach(await columns(all, oldest), 0);
      for (const [copy, { of }] of before) reach.join(copy, of);
      reach.grow(all.flatMap((_, i) => (i >= oldest ? [i] : [])));
      const places = reach.places();
      const here = new Map(places.map((place, i) => [place, i]));
      const local = nearSets(
        places.map((place) => all[place]!),
        [...reach.edges.values()].map((edge) => ({ ...edge, a: here.get(edge.a)!, b: here.get(edge.b)! })),
      );
      const kept = [...before].filter(([copy]) => !here.has(copy));
      const after = new Map([
        ...kept.map(([copy, { of }]) => [copy, of] as const),
        ...[...local].map(([copy, { of }]) => [places[copy]!, places[of]!] as const),
      ]);
      const expected = new Map([...nearSets(all, whole)].map(([copy, { of }]) => [copy, of]));
      expect([...after].toSorted((x, y) => x[0] - y[0])).toEqual([...expected].toSorted((x, y) => x[0] - y[0]));
    }),
  );
});

test('what nothing new reaches is not thought about', async () => {
  const family = (n: number) =>
    Array.from({ length: 5 }, (_, i) => ({
      flipped: i,
      family: n,
      wide: false,
      taken: null,
      model: null,
      size: 1,
      quality: 100,
    }));
  const all = drawn([...family(0), ...family(1), ...family(2), family(0)[0]!]);
  const reach = openReach(await columns(all, 15), 0);
  reach.grow([15]);
  expect(reach.places()).toEqual([0, 1, 2, 3, 4, 15]);
});

test('a copy without a time is aligned with what it may be of, whichever of the two came later', async () => {
  const timed = picture('timed', { taken: seconds[0]! });
  const bare = picture('bare', { width: 480, height: 640, pdq: hash(40) });
  for (const all of [
    [timed, bare],
    [bare, timed],
  ]) {
    const found = pairsToAlign(await columns(all, 1, [[7], [7]]), new Set(), () => false);
    expect(found).toMatchObject([{ a: 0, b: 1 }]);
    expect(pairsToAlign(await columns(all, 2, [[7], [7]]), new Set(), () => false)).toEqual([]);
    expect(pairsToAlign(await columns(all, 1), new Set(['0 1']), () => false)).toEqual([]);
  }
});
