// Leases of a queue under everything that people do with one: ask, answer, put off, leave, stay away; many at a time.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPeople, type PeopleFixture } from '../server/people.fixture.ts';
import { claimEntries, endClaim, leaseMs, releaseClaims, type Claimed } from './claims.ts';
import { chosen, type QueueBook } from './queue-book.ts';
import type { CategoryEntry } from './queue.ts';

let people: PeopleFixture;
beforeAll(async () => {
  people = await openPeople();
});
afterAll(async () => people.close());

const entry = (id: string): CategoryEntry => ({ id, folder: id, proposed: null, items: [id], pictures: 1 });

interface Waiting {
  ids: string[];
}

/** A book of entries that a test keeps: those of `waiting`, in its order. */
const bookOf = (waiting: Waiting): QueueBook => ({
  read: async (_, wish) => ({
    waiting: waiting.ids.length,
    unread: 0,
    served: chosen(waiting.ids, (id) => id, wish).map((id) => ({ queue: 'categories', entry: entry(id) })),
  }),
});

type Act =
  | { act: 'ask'; who: number; limit: number }
  | { act: 'answer'; who: number }
  | { act: 'put off'; who: number }
  | { act: 'leave'; who: number }
  | { act: 'first'; id: number }
  | { act: 'wait'; ms: number };
const who = fc.nat(2);
const acts = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ act: fc.constant('ask' as const), who, limit: fc.integer({ min: 1, max: 4 }) }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('answer' as const), who }) },
    fc.record({ act: fc.constant('put off' as const), who }),
    fc.record({ act: fc.constant('leave' as const), who }),
    // What settles more comes to stand before everything else.
    fc.record({ act: fc.constant('first' as const), id: fc.nat(11) }),
    fc.record({ act: fc.constant('wait' as const), ms: fc.constantFrom(1000, leaseMs / 2, leaseMs + 1) }),
  ),
  { minLength: 1, maxLength: 30 },
) as fc.Arbitrary<Act[]>;

test('whatever people do, an entry is with one of them at a time, and stays while they ask and it waits', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(acts, async (all) => {
      const place = { pool: people.accounts.pool, caseId: `case ${String(run++)}`, queue: 'categories' as const };
      const waiting: Waiting = { ids: Array.from({ length: 12 }, (_, i) => `E-${String(i)}`) };
      const book = bookOf(waiting);
      let now = 1_000_000;
      const held = [0, 1, 2].map(() => new Map<string, number>());
      const off = [0, 1, 2].map((): string[] => []);
      for (const one of all) {
        if (one.act === 'wait') now += one.ms;
        else if (one.act === 'first') {
          const id = `E-${String(one.id)}`;
          if (waiting.ids.includes(id)) waiting.ids = [id, ...waiting.ids.filter((other) => other !== id)];
        } else if (one.act === 'leave') {
          await releaseClaims(place, `p${String(one.who)}`, now);
          held[one.who]!.clear();
        } else if (one.act === 'ask') {
          const account = `p${String(one.who)}`;
          const mine = [...held[one.who]!].filter(([id, until]) => until > now && waiting.ids.includes(id));
          const kept = mine.map(([id]) => id).filter((id) => !off[one.who]!.includes(id));
          const { served, until } = await claimEntries(
            place,
            book,
            { account, limit: one.limit, without: off[one.who]! },
            now,
          );
          const ids = served.map(({ entry: { id } }) => id);
          expect(new Set(ids).size).toBe(ids.length);
          for (const id of kept.length <= one.limit ? kept : ids)
            expect(kept.length <= one.limit ? ids : kept).toContain(id);
          for (const id of ids) {
            for (const [other, theirs] of held.entries())
              if (other !== one.who)
                expect(theirs.get(id) ?? 0, `${id} is with ${String(other)}`).toBeLessThanOrEqual(now);
            held[one.who]!.set(id, until);
          }
        } else {
          const [id] = [...held[one.who]!].find(([one_, until]) => until > now && waiting.ids.includes(one_)) ?? [];
          if (id === undefined) continue;
          if (one.act === 'put off') off[one.who]!.push(id);
          else {
            waiting.ids = waiting.ids.filter((other) => other !== id);
            await endClaim(place, id, now);
            held[one.who]!.delete(id);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('of many who ask at the very same moment, no two are given the same, and nothing is left while somebody lacks', async () => {
  const place = { pool: people.accounts.pool, caseId: 'many', queue: 'categories' as const };
  const book = bookOf({ ids: Array.from({ length: 40 }, (_, i) => `E-${String(i)}`) });
  const ask = (account: string): Promise<Claimed> =>
    claimEntries(place, book, { account, limit: 5, without: [] }, 1_000_000);
  const accounts = Array.from({ length: 24 }, (_, i) => `p${String(i % 8)}`);
  const served = await Promise.all(accounts.map(async (account) => ({ account, ids: (await ask(account)).served })));
  const holder = new Map<string, string>();
  for (const { account, ids } of served) {
    expect(ids).toHaveLength(5);
    for (const { entry: one } of ids) {
      expect(holder.get(one.id) ?? account).toBe(account);
      holder.set(one.id, account);
    }
  }
  expect(holder.size).toBe(40);
});
