// Searches that somebody keeps to make again: a work aid of one person in one case, in the schema `home`, where it can be
// forgotten (docs/decisions/035-saved-searches-are-no-records.md). Making one again is a search, and a record, as any other.
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import { inTransaction } from '../protect/home-schema.ts';
import { parseQuery } from './query.ts';
import type { Narrowed } from './search.ts';

export interface SavedSearch {
  id: string;
  name: string;
  words: string;
  narrowed: Narrowed;
}

export interface SavedPlace {
  pool: pg.Pool;
  caseId: string;
  account: string;
}

/** Kept for one person in one case. */
export const mostSaved = 100;

/** By name. */
export async function listSaved({ pool, caseId, account }: SavedPlace): Promise<SavedSearch[]> {
  const { rows } = await pool.query<SavedSearch>(
    `select id, name, words, narrowed from saved_search where case_id = $1 and account = $2 order by name collate "C", id`,
    [caseId, account],
  );
  return rows;
}

/** Keeps one; the same name again replaces it. Fault('usage') where it could not be made, or where there are too many. */
export async function saveSearch(
  { pool, caseId, account }: SavedPlace,
  { name, words, narrowed }: Omit<SavedSearch, 'id'>,
  now: number,
): Promise<SavedSearch> {
  parseQuery(words);
  return inTransaction(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [`saved searches ${account}`]);
    await client.query('delete from saved_search where case_id = $1 and account = $2 and name = $3', [
      caseId,
      account,
      name,
    ]);
    const { rows } = await client.query<{ n: number }>(
      'select count(*) as n from saved_search where case_id = $1 and account = $2',
      [caseId, account],
    );
    if (rows[0]!.n >= mostSaved) {
      throw new Fault('usage', {
        what: 'There are as many saved searches as can be kept.',
        expected: `at most ${mostSaved}`,
        next: 'forget one of them',
      });
    }
    const id = randomUUID();
    await client.query('insert into saved_search values ($1, $2, $3, $4, $5, $6, $7)', [
      id,
      caseId,
      account,
      name,
      words,
      JSON.stringify(narrowed),
      now,
    ]);
    return { id, name, words, narrowed };
  });
}

/** Forgets one of this person's; nothing where there is none. */
export async function forgetSearch({ pool, caseId, account }: SavedPlace, id: string): Promise<void> {
  await pool.query('delete from saved_search where case_id = $1 and account = $2 and id = $3', [caseId, account, id]);
}
