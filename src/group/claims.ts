// Who has been handed which entry of a queue: two people are never served the same one. A claim is a lease, in the schema
// `home`, since it is about people at work and not about evidence; a person who has gone holds nothing for long.
import type pg from 'pg';
import { inTransaction } from '../protect/home-schema.ts';
import type { Served } from './answers.ts';
import type { QueueName } from './queue.ts';
import type { QueueBook } from './queue-book.ts';

/** How long an entry stays with the person it was handed to; asking again renews it. */
export const leaseMs = 5 * 60_000;
/** How long what was served is remembered, for an answer that comes late over a bad line. */
const rememberedMs = 7 * 86_400_000;

export interface ClaimPlace {
  pool: pg.Pool;
  caseId: string;
  queue: QueueName;
}

export interface Claimed {
  waiting: number;
  /** As QueueBook gives it. */
  unread: number;
  /** How many other people hold entries of this queue now. */
  others: number;
  served: Served[];
  /** When the leases end, in milliseconds since 1970. */
  until: number;
}

/** Hands out up to `limit` entries that nobody else holds: what the person holds already first, renewed. `without`: put off by them. */
export async function claimEntries(
  { pool, caseId, queue }: ClaimPlace,
  book: QueueBook,
  { account, limit, without }: { account: string; limit: number; without: readonly string[] },
  now: number,
): Promise<Claimed> {
  // Before the lock: what grouping makes of the case may have to be made first.
  await book.read(queue, { limit: 0, first: new Set(), without: new Set() });
  return inTransaction(pool, async (client) => {
    // One hand at a time gives out; two that ask at once would be given the same.
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`claims ${caseId} ${queue}`]);
    await client.query('delete from claim where case_id = $1 and queue = $2 and until < $3', [
      caseId,
      queue,
      now - rememberedMs,
    ]);
    const { rows } = await client.query<{ entry: string; account: string }>(
      'select entry, account from claim where case_id = $1 and queue = $2 and until > $3',
      [caseId, queue, now],
    );
    const taken = new Set([...rows.filter((row) => row.account !== account).map(({ entry }) => entry), ...without]);
    const mine = new Set(rows.filter((row) => row.account === account).map(({ entry }) => entry));
    // What is held comes first wherever it stands by now: not renewed, it would go to another while it is being looked at.
    const { waiting, unread, served } = await book.read(queue, { limit, first: mine, without: taken });
    const until = now + leaseMs;
    await client.query(
      `insert into claim select $1, $2, e->'entry'->>'id', $3, $4, e from jsonb_array_elements($5::jsonb) e
       on conflict (case_id, queue, entry)
         do update set account = excluded.account, until = excluded.until, served = excluded.served`,
      [caseId, queue, account, until, JSON.stringify(served).replaceAll('\\u0000', '\\ufffd')],
    );
    const others = new Set(rows.filter((row) => row.account !== account).map((row) => row.account)).size;
    return { waiting, unread, others, served, until };
  });
}

/** Lets go of all that a person holds of a queue: it goes to whoever asks next. */
export async function releaseClaims({ pool, caseId, queue }: ClaimPlace, account: string, now: number): Promise<void> {
  await pool.query('update claim set until = $4 where case_id = $1 and queue = $2 and account = $3 and until > $4', [
    caseId,
    queue,
    account,
    now,
  ]);
}

/** What was served under this id, also where its lease has ended; null where nothing was. */
export async function servedEntry({ pool, caseId, queue }: ClaimPlace, entry: string): Promise<Served | null> {
  const { rows } = await pool.query<{ served: Served }>(
    'select served from claim where case_id = $1 and queue = $2 and entry = $3',
    [caseId, queue, entry],
  );
  return rows[0]?.served ?? null;
}

/** Ends the lease of an entry that was answered. */
export async function endClaim(place: ClaimPlace, entry: string, now: number): Promise<void> {
  await place.pool.query('update claim set until = $4 where case_id = $1 and queue = $2 and entry = $3', [
    place.caseId,
    place.queue,
    entry,
    now,
  ]);
}
