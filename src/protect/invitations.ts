// Links that let somebody in who has no account yet, or has lost every way to prove who they are. Good once, for a few
// days, for one case; the secret in them is kept by hash.
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import type { Accounts } from './home-schema.ts';
import { inRoleOrder, type Role } from './roles.ts';
import { newName, newSecret, secretHash } from './secret.ts';

export const invitationDays = 7;
/** A recovery opens an account that there is: it is handed over at once, and soon stale. */
export const recoveryHours = 24;

export interface Invitation {
  id: string;
  /** The account to recover; null for somebody new. */
  account: string | null;
  /** The working name that was thought of for them, or that they have. */
  name: string | null;
  roles: Role[];
  /** The identifier of who made it in this case, or `machine`; and their working name. */
  by: string;
  byName: string;
  /** ISO 8601. */
  until: string;
}

interface Wanted {
  account?: string;
  name: string | null;
  roles: readonly Role[];
  by: string;
}

/** Makes one and gives the secret of its link. An earlier recovery of the same account is good no longer. */
export async function invite(
  { pool, clock, random }: Accounts,
  caseId: string,
  { account, name, roles, by }: Wanted,
): Promise<{ secret: string; id: string; until: string }> {
  const secret = newSecret(random);
  const id = newName(random);
  const at = clock().getTime();
  const until = at + (account === undefined ? invitationDays * 24 : recoveryHours) * 3_600_000;
  if (account !== undefined) await pool.query('delete from invitation where account = $1 and used is null', [account]);
  await pool.query(
    `insert into invitation (hash, id, case_id, account, name, roles, by, created, until)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [secretHash(secret), id, caseId, account ?? null, name, inRoleOrder(roles), by, at, until],
  );
  return { secret, id, until: new Date(until).toISOString() };
}

const columns = `i.id, i.account, i.name, i.roles, i.by, coalesce(m.name, i.by) as "byName", i.until
  from invitation i left join membership m on m.case_id = i.case_id and m.member = i.by`;
type Row = Omit<Invitation, 'until'> & { until: number };
const asView = ({ until, ...rest }: Row): Invitation => ({ ...rest, until: new Date(until).toISOString() });

const noInvitation = (): Fault =>
  new Fault('no-permission', {
    what: 'This invitation opens nothing: it was used, withdrawn, has run out, or is of another case.',
    next: 'ask whoever sent it for another',
  });

/** The invitation of this secret, unused and in time. Fault `no-permission`. */
export async function readInvitation({ pool, clock }: Accounts, caseId: string, secret: string): Promise<Invitation> {
  const { rows } = await pool.query<Row>(
    `select ${columns} where i.hash = $1 and i.case_id = $2 and i.used is null and i.until > $3`,
    [secretHash(secret), caseId, clock().getTime()],
  );
  if (rows[0] === undefined) throw noInvitation();
  return asView(rows[0]);
}

/** Uses an invitation up, within the transaction that does what it allows: of many at once, one. Fault `no-permission`. */
export async function useInvitation(client: pg.ClientBase, id: string, at: number): Promise<void> {
  const { rowCount } = await client.query('update invitation set used = $2 where id = $1 and used is null', [id, at]);
  if (rowCount !== 1) throw noInvitation();
}

/** The open invitations of a case, in the order made. */
export async function listInvitations({ pool, clock }: Accounts, caseId: string): Promise<Invitation[]> {
  const { rows } = await pool.query<Row>(
    `select ${columns} where i.case_id = $1 and i.used is null and i.until > $2 order by i.created, i.id`,
    [caseId, clock().getTime()],
  );
  return rows.map(asView);
}

/** Withdraws one; false where there is none such in this case. */
export async function withdrawInvitation({ pool }: Accounts, caseId: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from invitation where case_id = $1 and id = $2 and used is null', [
    caseId,
    id,
  ]);
  return rowCount === 1;
}
