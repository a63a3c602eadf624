// Failed attempts to sign in, and how long one then waits. What is counted is a name as typed, and the address; on a device
// that has signed in before, that device alone: so whoever guesses at a name delays themselves and other strangers, not its person.
import { createHmac } from 'node:crypto';
import { Fault } from '../case/fault.ts';
import type { Accounts } from './home-schema.ts';

/** This many in a row cost nothing; then 1 s, 2 s, 4 s… up to the longest wait. */
export const freeAttempts = 5;
/** The same for all names together that are tried from one address, right attempts included: a team behind one may be large. */
export const freeFromOneAddress = 100;
export const longestWait = 15 * 60_000;
/** After a day without one, what was counted is forgotten. */
const memory = 24 * 60 * 60_000;

/** Too many attempts: when the next will be heard, in milliseconds from now. */
export class TooMany extends Fault {
  readonly wait: number;
  constructor(wait: number) {
    super('locked', {
      what: 'There were too many attempts to sign in.',
      expected: `the next one in ${Math.ceil(wait / 1000)} s`,
      next: 'wait, or sign in with a passkey',
    });
    this.wait = wait;
  }
}

const keyOf = ({ key }: Accounts, what: string): Buffer => createHmac('sha256', key).update(what).digest();

/**
 * Counts an attempt before it is made, so that of many at once no more are heard than of many in a row; `forget` after
 * one that was right. Throws `TooMany`, and counts nothing, while waiting.
 */
export async function countAttempt(accounts: Accounts, what: string, free = freeAttempts): Promise<void> {
  const { pool, clock } = accounts;
  const at = clock().getTime();
  const key = keyOf(accounts, what);
  const { rowCount } = await pool.query(
    `insert into attempt (key, failures, until, last) values ($1, 1, 0, $2)
      on conflict (key) do update set last = $2,
        failures = case when attempt.last < $2 - $3::bigint then 1 else attempt.failures + 1 end,
        until = case when attempt.last < $2 - $3::bigint or attempt.failures + 1 < $4 then 0
          else $2 + least($5::bigint, (1000 * power(2, least(attempt.failures + 1 - $4, 20)))::bigint) end
      where attempt.until <= $2`,
    [key, at, memory, free, longestWait],
  );
  if (rowCount === 1) return;
  const { rows } = await pool.query<{ until: number }>('select until from attempt where key = $1', [key]);
  throw new TooMany(Math.max(1, (rows[0]?.until ?? at) - at));
}

/** Forgets what was counted: it was its person. */
export async function forgetAttempts(accounts: Accounts, what: string): Promise<void> {
  await accounts.pool.query('delete from attempt where key = $1', [keyOf(accounts, what)]);
}
