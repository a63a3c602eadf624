// The queues as a server keeps them: what grouping makes of the case takes a second at 55,000 pictures, so it is kept and
// made again now and then, while what has been answered since is left out at once.
import type { OpenCase } from '../log/case.ts';
import type { Served } from './answers.ts';
import {
  assigned,
  categoryQueue,
  inOrder,
  mergeEntries,
  numberEntries,
  type Assigned,
  type QueueName,
} from './queue.ts';
import type { NumberQuestion, Proposal } from './assign.ts';

export interface QueueBook {
  /** What waits now, and `limit` entries of it: those of `first` (ids), then what settles most; none of `without`. */
  read(name: QueueName, wish: Wish): Promise<{ waiting: number; served: Served[] }>;
}

export interface Wish {
  limit: number;
  first: ReadonlySet<string>;
  without: ReadonlySet<string>;
}

/** How old the order may be while the log grows. What was answered since is never served. */
const freshFor = 60_000;
/** Folders are few: all of them are read. */
const mostFolders = 100_000;

/** Of entries in their order, those that a wish is for. */
export function chosen<T>(all: readonly T[], idOf: (one: T) => string, { limit, first, without }: Wish): T[] {
  const free = all.filter((one) => !without.has(idOf(one)));
  const held = free.filter((one) => first.has(idOf(one)));
  return [...held, ...free.filter((one) => !first.has(idOf(one)))].slice(0, limit);
}

export function openQueueBook(opened: OpenCase, clock: () => number): QueueBook {
  let made: { size: number; at: number; assigned: Promise<Assigned> } | null = null;

  function current(): Promise<Assigned> {
    const { size } = opened.log;
    if (made === null || (made.size !== size && clock() - made.at > freshFor)) {
      const next = { size, at: clock(), assigned: assigned(opened) };
      next.assigned.catch(() => {
        if (made === next) made = null;
      });
      made = next;
    }
    return made.assigned;
  }

  async function openQuestions(): Promise<NumberQuestion[]> {
    const { questions } = await current();
    const { rows } = await opened.index.pool.query<{ i: number }>(
      `select q.i from unnest($1::text[], $2::text[]) with ordinality as q(item, role, i)
         join settlement s on s.item = q.item and s.role = q.role`,
      [questions.map(({ item }) => item), questions.map(({ role }) => role)],
    );
    const answered = new Set(rows.map(({ i }) => i - 1));
    return inOrder(questions.filter((_, i) => !answered.has(i)));
  }

  async function openProposals(): Promise<Proposal[]> {
    const { proposals } = await current();
    const heads = proposals.map(({ items }) => items[0]!);
    const { rows } = await opened.index.pool.query<{ item: string }>(
      'select item from placement where item = any($1)',
      [heads],
    );
    const placed = new Set(rows.map(({ item }) => item));
    return inOrder(proposals.filter((_, i) => !placed.has(heads[i]!)));
  }

  return {
    async read(name, wish) {
      if (name === 'categories') {
        const { waiting, entries } = await categoryQueue(opened, mostFolders);
        const free = chosen(entries, ({ id }) => id, wish);
        return { waiting, served: free.map((entry) => ({ queue: name, entry })) };
      }
      if (name === 'numbers') {
        const all = await openQuestions();
        const free = chosen(all, ({ item, n }) => `${item}.${n}`, wish);
        const entries = await numberEntries(opened, free);
        return { waiting: all.length, served: entries.map((entry) => ({ queue: name, entry })) };
      }
      const all = await openProposals();
      const free = chosen(all, ({ items }) => items[0]!, wish);
      const entries = await mergeEntries(opened, free, (await current()).keyOf);
      return { waiting: all.length, served: entries.map((entry) => ({ queue: name, entry })) };
    },
  };
}
