// Tokens with which a person's own scripts speak to the API: shown once, kept by hash, for one case, for what they are
// scoped to, until a day; within the roles that their person has when they are used.
import type { Person } from './accounts.ts';
import type { Accounts } from './home-schema.ts';
import type { Role } from './roles.ts';
import { newName, newSecret, secretHash } from './secret.ts';

/** What a token may be good for: to read; to write. */
export const scopes = ['read', 'write'] as const;
export type Scope = (typeof scopes)[number];
export const longestTokenDays = 365;
/** So that a token which lies where it should not is recognised for what it is. */
const prefix = 'dalil_';

export interface TokenView {
  id: string;
  name: string;
  scopes: Scope[];
  /** ISO 8601. */
  made: string;
  until: string;
  used: string | null;
}

/** Makes a token and gives it, this once. */
export async function makeToken(
  { pool, clock, random }: Accounts,
  caseId: string,
  account: string,
  { name, scopes: wanted, days }: { name: string; scopes: readonly Scope[]; days: number },
): Promise<{ token: string; id: string }> {
  const token = prefix + newSecret(random);
  const id = newName(random);
  const at = clock().getTime();
  await pool.query(
    `insert into token (hash, id, account, case_id, name, scopes, created, until) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      secretHash(token),
      id,
      account,
      caseId,
      name,
      scopes.filter((scope) => wanted.includes(scope)),
      at,
      at + days * 86_400_000,
    ],
  );
  return { token, id };
}

/** Whose token this is in this case, and for what; null where it is none, was revoked or has run out. */
export async function readToken(
  { pool, clock }: Accounts,
  caseId: string,
  token: string,
): Promise<{ person: Person; scopes: Scope[] } | null> {
  const at = clock().getTime();
  const { rows } = await pool.query<{
    id: string;
    account: string;
    member: string;
    name: string;
    roles: Role[];
    scopes: Scope[];
    used: number | null;
  }>(
    `select t.id, t.account, m.member, m.name, m.roles, t.scopes, t.used
      from token t join account a on a.id = t.account join membership m on m.account = t.account and m.case_id = t.case_id
      where t.hash = $1 and t.case_id = $2 and t.until > $3 and a.closed is null and m.gone is null`,
    [secretHash(token), caseId, at],
  );
  const row = rows[0];
  if (row === undefined) return null;
  // By the minute: reading is no write.
  if (at - (row.used ?? 0) >= 60_000) await pool.query('update token set used = $2 where id = $1', [row.id, at]);
  const { account, member, name, roles } = row;
  return { person: { account, member, name, roles }, scopes: row.scopes };
}

/** A person's tokens in this case that have not run out. */
export async function listTokens({ pool, clock }: Accounts, caseId: string, account: string): Promise<TokenView[]> {
  const { rows } = await pool.query<{
    id: string;
    name: string;
    scopes: Scope[];
    created: number;
    until: number;
    used: number | null;
  }>(
    `select id, name, scopes, created, until, used from token
      where case_id = $1 and account = $2 and until > $3 order by created, id`,
    [caseId, account, clock().getTime()],
  );
  return rows.map(({ created, until, used, ...rest }) => ({
    ...rest,
    made: new Date(created).toISOString(),
    until: new Date(until).toISOString(),
    used: used === null ? null : new Date(used).toISOString(),
  }));
}

/** Revokes one; false where this person has none such in this case. */
export async function revokeToken({ pool }: Accounts, caseId: string, account: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from token where case_id = $1 and account = $2 and id = $3', [
    caseId,
    account,
    id,
  ]);
  return rowCount === 1;
}
