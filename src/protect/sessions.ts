// Sessions of people in one case: opaque, 256 bits, kept by hash, ended by time, by their person or by an administrator.
// A session is of one case alone: what opens one case opens no other that this machine serves.
import type { Accounts } from './home-schema.ts';
import type { Person } from './accounts.ts';
import type { Role } from './roles.ts';
import { newName, newSecret, secretHash } from './secret.ts';

/** After this long without a request a session ends. */
export const idleLimit = 60 * 60_000;
/** After this long it ends however much it is used: a day's work, no night's. */
export const absoluteLimit = 12 * 60 * 60_000;
/** For this long after a person has proved who they are, the vault and their own keys can be reached. */
export const provedLimit = 5 * 60_000;
/** `seen` is written at most this often, so that reading a page is not a write. */
const seenStep = 60_000;

/** How a person proved who they are. */
export const proofs = ['passkey', 'password', 'recovery-code', 'link'] as const;
export type Proof = (typeof proofs)[number];

export interface Session {
  /** Random; names the session where sessions are listed. */
  id: string;
  person: Person;
  /** Whether who it is was proved in the last minutes. */
  proved: boolean;
}

/** Opens a session and gives its secret, which is kept nowhere. `program`: a word on the browser, from the browser. */
export async function openSession(
  { pool, clock, random }: Accounts,
  caseId: string,
  account: string,
  how: Proof,
  program: string,
): Promise<string> {
  const secret = newSecret(random);
  const at = clock().getTime();
  await pool.query(
    `insert into session (hash, id, account, case_id, how, program, created, seen, proved)
      values ($1, $2, $3, $4, $5, $6, $7, $7, $7)`,
    [secretHash(secret), newName(random), account, caseId, how, program.slice(0, 80), at],
  );
  return secret;
}

/** Whose session this is in this case, as of now; null where it is none, has ended, or its person is no longer here. */
export async function readSession({ pool, clock }: Accounts, caseId: string, secret: string): Promise<Session | null> {
  const at = clock().getTime();
  const { rows } = await pool.query<{
    id: string;
    account: string;
    member: string;
    name: string;
    roles: Role[];
    seen: number;
    proved: number;
  }>(
    `select s.id, s.account, m.member, m.name, m.roles, s.seen, s.proved
      from session s join account a on a.id = s.account join membership m on m.account = s.account and m.case_id = s.case_id
      where s.hash = $1 and s.case_id = $2 and s.seen > $3 and s.created > $4
        and a.closed is null and m.gone is null`,
    [secretHash(secret), caseId, at - idleLimit, at - absoluteLimit],
  );
  const row = rows[0];
  if (row === undefined) return null;
  if (at - row.seen >= seenStep) await pool.query('update session set seen = $2 where id = $1', [row.id, at]);
  const { id, account, member, name, roles } = row;
  return { id, person: { account, member, name, roles }, proved: at - row.proved < provedLimit };
}

/** Notes that a person has proved again who they are, under a new secret: the old one opens nothing from here on. */
export async function proveAgain({ pool, clock, random }: Accounts, id: string): Promise<string> {
  const secret = newSecret(random);
  await pool.query('update session set hash = $2, proved = $3, seen = $3 where id = $1', [
    id,
    secretHash(secret),
    clock().getTime(),
  ]);
  return secret;
}

export interface SessionView {
  id: string;
  how: Proof;
  program: string;
  /** ISO 8601. */
  opened: string;
  seen: string;
}

/** The open sessions of a person in this case, newest first. */
export async function listSessions({ pool, clock }: Accounts, caseId: string, account: string): Promise<SessionView[]> {
  const at = clock().getTime();
  const { rows } = await pool.query<{ id: string; how: Proof; program: string; created: number; seen: number }>(
    `select id, how, program, created, seen from session
      where case_id = $1 and account = $2 and seen > $3 and created > $4 order by created desc, id`,
    [caseId, account, at - idleLimit, at - absoluteLimit],
  );
  return rows.map(({ created, seen, ...rest }) => ({
    ...rest,
    opened: new Date(created).toISOString(),
    seen: new Date(seen).toISOString(),
  }));
}

/** Ends one session of this person in this case; false where they have none of this name. */
export async function endSession({ pool }: Accounts, caseId: string, account: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from session where case_id = $1 and account = $2 and id = $3', [
    caseId,
    account,
    id,
  ]);
  return rowCount === 1;
}

/** Ends all sessions of a person on this machine but `except`. */
export async function endSessions({ pool }: Accounts, account: string, except: string | null = null): Promise<void> {
  await pool.query('delete from session where account = $1 and id is distinct from $2', [account, except]);
}
