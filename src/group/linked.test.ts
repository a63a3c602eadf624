// Links and cuts of people in the assignment of individuals: with names, with cards, against numbers; in any order.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assign, type Assignable, type Assignment, type Known } from './assign.ts';
import type { PictureLink } from './near-records.ts';
import { keyText } from './project.ts';
import { isProvisional } from './records.ts';

const known: Known = { keyRoles: ['branch-number', 'detainee-number'], targetOf: keyText };
const keyOf = (number: string): string => keyText({ 'branch-number': '215', 'detainee-number': number });

/** An hour apart, so that nothing but what is said puts pictures together. */
const picture = (n: number, more: Partial<Assignable> = {}): Assignable => ({
  item: `E-${n}`,
  id: `id-${n}`,
  position: n,
  cluster: `E-${n}`,
  body: 'camera',
  serial: true,
  taken: 3600 * n,
  counter: 10 * n,
  target: null,
  number: null,
  by: null,
  readings: [],
  settled: [],
  excluded: false,
  ...more,
});
const named = (n: number, number: string): Assignable => picture(n, { target: keyOf(number), number, by: 'path' });
const shows = (n: number, number: string, more: Partial<Assignable> = {}): Assignable =>
  picture(n, {
    readings: [
      ['branch-number', '215'],
      ['detainee-number', number],
    ].map(([role, value], i) => ({ n: i, role: role!, values: [{ value: value!, probability: 0.999 }] })),
    ...more,
  });
/** As many in a row as have to agree. */
const cardsOf = (number: string): Assignable[] =>
  [1, 2, 3].map((n) => shows(n, number, { taken: 3600 + 30 * n, counter: 10 + n }));
const must = (a: number, b: number): PictureLink => ({ a: `E-${a}`, b: `E-${b}`, link: 'must' });
const cut = (a: number, b: number): PictureLink => ({ a: `E-${a}`, b: `E-${b}`, link: 'cannot' });

/** Number of the individual, item, and its reasons with what they follow from. */
const told = ({ members }: Assignment): string[] =>
  [...members]
    .flatMap(([target, list]) =>
      list.map(({ item, reasons }) => {
        const why = reasons.map(({ reason, of }) => (of === null ? reason : `${reason} of ${of}`));
        return `${(JSON.parse(target) as [string, string][])[1]![1]} ${item} ${why.join(', ')}`;
      }),
    )
    .toSorted();

test('what a person linked goes where a name puts one of the set, through others as well, and is counted', () => {
  const out = assign([named(1, '7'), picture(2), picture(3), picture(4)], known, [must(2, 3), must(1, 2)]);
  expect(told(out)).toEqual(['7 E-1 path', '7 E-2 linked of E-1', '7 E-3 linked of E-1']);
  expect([...out.members.values()].flat().some(({ reasons }) => isProvisional(reasons))).toBe(false);
});

test('a link with a picture that only its card places is provisional, as that one is', () => {
  const out = assign([...cardsOf('7'), picture(5)], known, [must(1, 5)]);
  expect(told(out)).toEqual(['7 E-1 card', '7 E-2 card', '7 E-3 card', '7 E-5 linked-to-provisional of E-1']);
  const [, , , linked] = out.members.get(keyOf('7'))!;
  expect(isProvisional(linked!.reasons)).toBe(true);
});

test('a name outweighs what the machine read: a link takes a picture from the individual of its card', () => {
  const out = assign([...cardsOf('8'), named(9, '7')], known, [must(2, 9)]);
  expect(told(out)).toEqual(['7 E-2 linked of E-9', '7 E-9 path', '8 E-1 card', '8 E-3 card']);
});

test('a link across two names moves nothing, and asks where the others of the set belong', () => {
  const out = assign([named(1, '7'), named(2, '8'), picture(3)], known, [must(1, 2), must(2, 3)]);
  expect(told(out)).toEqual(['7 E-1 path', '8 E-2 path']);
  expect(out.proposals).toMatchObject([
    { items: ['E-3'], why: 'between-two', target: keyOf('7'), others: [keyOf('8')] },
  ]);
});

test('a cut keeps neighbourhood and likeness from putting two together: it is asked about', () => {
  const run = [named(1, '7'), picture(2), named(3, '7')].map((one, i) => ({ ...one, taken: 30 * i, counter: i + 1 }));
  expect(told(assign(run, known))).toContain('7 E-2 sequence of E-1');
  const out = assign(run, known, [cut(3, 2)]);
  expect(told(out)).toEqual(['7 E-1 path', '7 E-3 path']);
  expect(out.proposals).toMatchObject([{ items: ['E-2'], why: 'cut', target: keyOf('7') }]);
  const like = [named(1, '7'), picture(2, { cluster: 'E-1' })];
  expect(told(assign(like, known))).toContain('7 E-2 near of E-1');
  expect(told(assign(like, known, [cut(1, 2)]))).toEqual(['7 E-1 path']);
});

test('a cut moves nothing that a number puts there, and holds for what is linked to one of the two', () => {
  expect(told(assign([named(1, '7'), named(2, '7')], known, [cut(1, 2)]))).toEqual(['7 E-1 path', '7 E-2 path']);
  const out = assign([named(1, '7'), named(2, '7'), picture(3)], known, [must(1, 3), cut(2, 3)]);
  expect(told(out)).toEqual(['7 E-1 path', '7 E-2 path']);
  expect(out.proposals).toMatchObject([{ items: ['E-3'], why: 'cut' }]);
});

test('what a person has put nowhere is linked to nothing', () => {
  const out = assign([named(1, '7'), picture(2, { excluded: true })], known, [must(1, 2)]);
  expect(told(out)).toEqual(['7 E-1 path']);
});

const someone = fc.constantFrom(
  (n: number) => picture(n),
  (n: number) => named(n, '7'),
  (n: number) => named(n, '8'),
  (n: number) => shows(n, '9'),
  (n: number) => picture(n, { cluster: 'E-0' }),
  (n: number) => picture(n, { taken: 30 * n, counter: n }),
  (n: number) => ({ ...named(n, '7'), taken: 30 * n, counter: n }),
);
const cache = fc
  .array(someone, { minLength: 2, maxLength: 12 })
  .map((makers) => makers.map((make, n) => make(n)))
  .chain((pictures) => {
    const place = fc.nat(pictures.length - 1);
    const link = fc
      .tuple(place, place, fc.constantFrom('must' as const, 'cannot' as const))
      .filter(([a, b]) => a !== b)
      .map(([a, b, said]) => ({ a: `E-${a}`, b: `E-${b}`, link: said }));
    const pair = ({ a, b }: PictureLink): string => [a, b].toSorted().join(' ');
    const links = fc.uniqueArray(link, { maxLength: 12, selector: pair });
    const turned = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    return fc.record({ pictures: fc.constant(pictures), links, turned });
  });

test('links mean the same in any order and either way round, and nothing stands in two places', () => {
  fc.assert(
    fc.property(
      cache.chain(({ pictures, links, turned }) =>
        fc.record({
          pictures: fc.constant(pictures),
          links: fc.constant(links),
          shuffled: fc
            .shuffledSubarray(links, { minLength: links.length })
            .map((all) => all.map((one, i) => (turned[i] === true ? { ...one, a: one.b, b: one.a } : one))),
        }),
      ),
      ({ pictures, links, shuffled }) => {
        const [one, other] = [assign(pictures, known, links), assign(pictures, known, shuffled)];
        expect(told(other)).toEqual(told(one));
        expect(other.proposals).toEqual(one.proposals);
        const items = [...one.members.values()].flat().map(({ item }) => item);
        expect(new Set(items).size).toBe(items.length);
        const asked = one.proposals.flatMap((proposal) => proposal.items);
        expect(asked.filter((item) => items.includes(item))).toEqual([]);
        // What names say stays whatever people say of pairs.
        for (const { item, target, by } of pictures) {
          if (by === 'path') expect(one.members.get(target!)!.map((member) => member.item)).toContain(item);
        }
      },
    ),
  );
});
