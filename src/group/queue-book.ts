// The queues as a server keeps them: what grouping makes of the case takes a second at 55,000 pictures, so it is kept and
// made again now and then, while what has been answered since is left out at once.
import type { OpenCase } from '../log/case.ts';
import type { Served } from './answers.ts';
import {
  assigned,
  categoryQueue,
  inOrder,
  isShown,
  mergeEntries,
  shownNumbers,
  waitingId,
  waitingNumbers,
  type Assigned,
  type NumberEntry,
  type QueueName,
} from './queue.ts';
import type { Proposal } from './assign.ts';

export interface QueueBook {
  /** What waits now, and `limit` entries of it: those of `first` (ids), then what settles most; none of `without`. */
  read(name: QueueName, wish: Wish): Promise<Page>;
}

export interface Page {
  /** All that can be served, beyond `limit` as well. */
  waiting: number;
  /** Pictures in which no number was found. They wait too, and are not served: they have to be seen themselves. */
  unread: number;
  served: Served[];
}

type Numbers = Awaited<ReturnType<typeof waitingNumbers>>;
type Made = Assigned & { numbers: Numbers };

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
  let made: { size: number; at: number; assigned: Promise<Made> } | null = null;

  async function make(): Promise<Made> {
    const now = await assigned(opened);
    return { ...now, numbers: await waitingNumbers(opened, now) };
  }

  function current(): Promise<Made> {
    const { size } = opened.log;
    if (made === null || (made.size !== size && clock() - made.at > freshFor)) {
      const next = { size, at: clock(), assigned: make() };
      next.assigned.catch(() => {
        if (made === next) made = null;
      });
      made = next;
    }
    return made.assigned;
  }

  /** Those not answered since the list was made. */
  async function openNumbers(): Promise<Numbers> {
    const all = (await current()).numbers;
    const { rows } = await opened.index.pool.query<{ i: number }>(
      `select q.i from unnest($1::text[], $2::text[], $3::int[]) with ordinality as q(item, role, n, i)
       where case when q.role is not null
         then exists (select from settlement s where s.item = q.item and s.role = q.role)
         else exists (select from settlement s where s.item = q.item and (q.n is null or s.reading is null))
           or exists (select from number_answer a where a.item = q.item and a.reading = q.n)
           or exists (select from placement p where p.item = q.item) end`,
      [
        all.map(({ item }) => item),
        all.map(({ role }) => role),
        all.map((one) => (isShown(one) ? one.reading : one.n)),
      ],
    );
    const answered = new Set(rows.map(({ i }) => i - 1));
    return all.filter((_, i) => !answered.has(i));
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
        return { waiting, unread: 0, served: free.map((entry) => ({ queue: name, entry })) };
      }
      if (name === 'numbers') {
        const all = await openNumbers();
        const read = all.filter(({ state }) => state !== 'unread');
        const entries = (await shownNumbers(opened, chosen(read, waitingId, wish))) as NumberEntry[];
        const served = entries.map((entry) => ({ queue: name, entry }));
        return { waiting: read.length, unread: all.length - read.length, served };
      }
      const all = await openProposals();
      const free = chosen(all, ({ items }) => items[0]!, wish);
      const entries = await mergeEntries(opened, free, (await current()).keyOf);
      return { waiting: all.length, unread: 0, served: entries.map((entry) => ({ queue: name, entry })) };
    },
  };
}
