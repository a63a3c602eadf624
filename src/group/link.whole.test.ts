// Records of what people said of pairs, in rows on a real PostgreSQL: the latest of a pair stands, and nothing else of
// their order means anything; however the log is cut into batches, the rows are the same.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeProjection } from '../describe/project.ts';
import { intakeProjection } from '../intake/project.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import { contradiction } from './link.ts';
import { listLinks } from './near-queries.ts';
import { groupProjection } from './project.ts';

let rows: RowsIndex;
const items = ['E-1', 'E-2', 'E-3', 'E-4'];
beforeAll(async () => {
  rows = await openRowsIndex([intakeProjection, describeProjection, groupProjection]);
  await rows.empty();
  await rows.put(
    'item',
    items.map((handle, position) => ({ handle, id: `id ${handle}`, position, sha256: handle })),
  );
});
afterAll(() => rows.close());

interface Said {
  pair: [string, string];
  link: 'must' | 'cannot' | 'open';
}

const record = ({ pair, link }: Said, position: number): LoggedRecord => ({
  position,
  id: `record ${position}`,
  kind: 'group.link',
  at: '',
  actor: { name: '', tool: '', version: '' },
  handle: null,
  refs: { items: pair.map((item) => `id ${item}`) },
  files: {},
  fields: { link, why: String(position) },
});

/** Projects the records in batches, and gives the rows; `cuts` says after which records a batch ends. */
async function projected(said: readonly Said[], cuts: ReadonlySet<number>) {
  await rows.pool.query('delete from link');
  const client = await rows.pool.connect();
  try {
    let batch: LoggedRecord[] = [];
    for (const [position, one] of said.entries()) {
      batch.push(record(one, position));
      if (cuts.has(position) || position === said.length - 1) {
        await groupProjection.project(client, batch);
        batch = [];
      }
    }
  } finally {
    client.release();
  }
  return listLinks(rows.pool);
}

const decision = fc.record({
  pair: fc.shuffledSubarray(items, { minLength: 2, maxLength: 2 }) as fc.Arbitrary<[string, string]>,
  link: fc.constantFrom('must' as const, 'cannot' as const, 'open' as const),
});
const pairOf = ({ pair }: Said): string => pair.toSorted().join(' ');

test('the latest word on a pair stands; the order of words on different pairs, and the batches, mean nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(decision, { maxLength: 14 }).chain((said) =>
        fc.record({
          said: fc.constant(said),
          // Another order that keeps that of each pair: by a number for each pair.
          ranks: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
          cuts: fc.uniqueArray(fc.nat(14)),
        }),
      ),
      async ({ said, ranks, cuts }) => {
        const whole = await projected(said, new Set());
        expect(await projected(said, new Set(cuts))).toEqual(whole);
        const pairs = [...new Set(said.map(pairOf))];
        const other = said
          .map((one, i) => ({ one, i, rank: ranks[pairs.indexOf(pairOf(one))]! }))
          .toSorted((x, y) => x.rank - y.rank || x.i - y.i)
          .map(({ one }) => one);
        const words = (all: typeof whole) => all.map(({ a, b, link }) => `${a} ${b} ${link}`).toSorted();
        expect(words(await projected(other, new Set(cuts)))).toEqual(words(whole));
        const latest = new Map(said.map((one) => [pairOf(one), one.link]));
        const standing = [...latest].flatMap(([pair, link]) => (link === 'open' ? [] : [`${pair} ${link}`]));
        expect(words(whole)).toEqual(standing.toSorted());
      },
    ),
    { numRuns: 40 },
  );
});

test('a cut of what is linked through others is a contradiction, in whatever order it was said', () => {
  const links = [
    { a: 'E-1', b: 'E-2', link: 'must' as const },
    { a: 'E-2', b: 'E-3', link: 'must' as const },
    { a: 'E-1', b: 'E-3', link: 'cannot' as const },
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(links, { minLength: 3 }), (some) => {
      expect(contradiction(some)).toEqual(links[2]);
    }),
  );
  expect(contradiction(links.slice(1))).toBeNull();
});
