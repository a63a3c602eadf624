// People who may sign in on this machine, and what they are in each case. An account has a name to sign in with, which
// no record ever says; in a case its person has a random identifier and a working name, which records do say.
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import { inTransaction, type Accounts } from './home-schema.ts';
import { inRoleOrder, type Role } from './roles.ts';
import { newName } from './secret.ts';

/** A person in one case. */
export interface Person {
  /** Of this machine, random. Never in a record. */
  account: string;
  /** Of this case, random: what records know the person by. */
  member: string;
  /** The working name in this case. */
  name: string;
  roles: Role[];
}

/** Names are compared by their letters alone, however typed: NFKC, lower case, single spaces. */
export const plainName = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/g, ' ').toLowerCase();

/** Whether anybody has an account in this home. */
export async function anyAccount({ pool }: Pick<Accounts, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query<{ any: boolean }>('select exists (select from account) as any');
  return rows[0]!.any;
}

export interface NewPerson {
  /** What they sign in with. */
  signInName: string;
  /** What records of the case call them. */
  name: string;
  roles: readonly Role[];
}

/** Draws the identifiers of a new person; nothing is written. */
export function drawPerson({ random }: Pick<Accounts, 'random'>, { name, roles }: NewPerson): Person {
  return { account: newName(random), member: newName(random), name, roles: inRoleOrder(roles) };
}

/** Refuses a name that is taken: of an account in this home, a working name in this case. Fault `usage`. */
export async function refuseTaken(
  pool: pg.Pool | pg.ClientBase,
  caseId: string,
  { signInName, name }: { signInName?: string; name: string },
): Promise<void> {
  const { rows } = await pool.query<{ account: boolean; member: boolean }>(
    `select exists (select from account where name = $1) as account,
       exists (select from membership where case_id = $2 and lower(name) = lower($3)) as member`,
    [signInName === undefined ? null : plainName(signInName), caseId, name],
  );
  const taken = rows[0]!.account ? 'name to sign in with' : rows[0]!.member ? 'working name' : null;
  if (taken !== null)
    throw new Fault('usage', { what: `This ${taken} is taken.`, next: 'choose another: names are never used again' });
}

/** Writes a drawn person down. `first`: only where nobody has an account yet. Fault `usage` where a name is taken. */
export async function addPerson(
  client: pg.ClientBase,
  caseId: string,
  signInName: string,
  person: Person,
  at: number,
): Promise<void> {
  await refuseTaken(client, caseId, { signInName, name: person.name });
  await client.query('insert into account (id, name, created) values ($1, $2, $3)', [
    person.account,
    plainName(signInName),
    at,
  ]);
  await addMembership(client, caseId, person, at);
}

export async function addMembership(client: pg.ClientBase, caseId: string, person: Person, at: number): Promise<void> {
  const { account, member, name, roles } = person;
  await client.query(
    'insert into membership (account, case_id, member, name, roles, since) values ($1, $2, $3, $4, $5, $6)',
    [account, caseId, member, name, roles, at],
  );
}

/** Who an account is in a case, as of now; null where it is nobody there, or closed. */
export async function personOf(
  { pool }: Pick<Accounts, 'pool'>,
  caseId: string,
  account: string,
): Promise<Person | null> {
  const { rows } = await pool.query<Person>(
    `select m.account, m.member, m.name, m.roles from membership m join account a on a.id = m.account
      where m.case_id = $1 and m.account = $2 and m.gone is null and a.closed is null`,
    [caseId, account],
  );
  return rows[0] ?? null;
}

/** The account that signs in with this name on this machine, in whatever case; null where there is none that is open. */
export async function accountOf({ pool }: Pick<Accounts, 'pool'>, signInName: string): Promise<string | null> {
  const { rows } = await pool.query<{ id: string }>('select id from account where name = $1 and closed is null', [
    plainName(signInName),
  ]);
  return rows[0]?.id ?? null;
}

export interface PersonView extends Person {
  signInName: string;
  /** ISO 8601. */
  since: string;
  /** Since when they are no longer here: out of the case, or their account closed. null while they are. */
  gone: string | null;
}

const personColumns = `m.account, m.member, m.name, m.roles, a.name as "signInName", m.since,
  least(a.closed, m.gone) as gone`;
type PersonRow = Omit<PersonView, 'gone' | 'since'> & { gone: number | null; since: number };

const asView = ({ gone, since, ...rest }: PersonRow): PersonView => ({
  ...rest,
  since: new Date(since).toISOString(),
  gone: gone === null ? null : new Date(gone).toISOString(),
});

/** The people of one case in the order of their working names, after the one named; those who left as well. */
export async function listPeople(
  { pool }: Pick<Accounts, 'pool'>,
  caseId: string,
  { after = '', limit = 200 }: { after?: string; limit?: number } = {},
): Promise<PersonView[]> {
  const { rows } = await pool.query<PersonRow>(
    `select ${personColumns} from membership m join account a on a.id = m.account
      where m.case_id = $1 and m.name collate "C" > $2 order by m.name collate "C" limit $3`,
    [caseId, after, limit],
  );
  return rows.map(asView);
}

/**
 * One person of a case, by identifier or by working name (which may look like anybody's identifier: never by either);
 * null where the case has nobody of that name.
 */
export async function findPerson(
  { pool }: Pick<Accounts, 'pool'>,
  caseId: string,
  who: { member: string } | { name: string },
): Promise<PersonView | null> {
  const [column, value] = 'member' in who ? ['member', who.member] : ['name', who.name];
  const { rows } = await pool.query<PersonRow>(
    `select ${personColumns} from membership m join account a on a.id = m.account
      where m.case_id = $1 and m.${column} = $2`,
    [caseId, value],
  );
  return rows[0] === undefined ? null : asView(rows[0]);
}

/**
 * Gives a person other roles in a case, or takes them out of it (`gone`), and ends their sessions and tokens there: what
 * was open was opened as somebody else. `write` writes it down, before it is true. Fault `usage` where nobody would be
 * left who may give roles.
 */
export async function changePerson(
  accounts: Accounts,
  caseId: string,
  member: string,
  change: { roles: readonly Role[]; gone: boolean },
  write: () => Promise<unknown>,
): Promise<void> {
  await inTransaction(accounts.pool, async (client) => {
    await lockCase(client, caseId);
    await client.query('update membership set roles = $3, gone = $4 where case_id = $1 and member = $2', [
      caseId,
      member,
      inRoleOrder(change.roles),
      change.gone ? accounts.clock().getTime() : null,
    ]);
    await refuseWithoutAdministrator(client, caseId);
    for (const table of ['session', 'token'])
      await client.query(
        `delete from ${table} where case_id = $1
          and account = (select account from membership where case_id = $1 and member = $2)`,
        [caseId, member],
      );
    // What they promised others while they could is void with their right to.
    if (change.gone || !change.roles.includes('administrator'))
      await client.query('delete from invitation where case_id = $1 and by = $2 and used is null', [caseId, member]);
    await write();
  });
}

/**
 * Closes an account on this machine: nothing opens it again, its sessions and tokens end, its name stays taken. `write`
 * writes it down, before it is true.
 */
export async function closeAccount(accounts: Accounts, account: string, write: () => Promise<unknown>): Promise<void> {
  await inTransaction(accounts.pool, async (client) => {
    await client.query('update account set closed = $2 where id = $1 and closed is null', [
      account,
      accounts.clock().getTime(),
    ]);
    for (const table of ['session', 'token', 'device'])
      await client.query(`delete from ${table} where account = $1`, [account]);
    await client.query('delete from invitation where account = $1 and used is null', [account]);
    await write();
  });
}

// Two administrators who take each other's role at once: one of them is second, and sees what the first did.
async function lockCase(client: pg.ClientBase, caseId: string): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtext($1))', [`people of ${caseId}`]);
}

async function refuseWithoutAdministrator(client: pg.ClientBase, caseId: string): Promise<void> {
  const { rows } = await client.query<{ left: boolean }>(
    `select exists (select from membership m join account a on a.id = m.account
       where m.case_id = $1 and 'administrator' = any(m.roles) and m.gone is null and a.closed is null) as left`,
    [caseId],
  );
  if (rows[0]!.left) return;
  throw new Fault('usage', {
    what: 'Nobody would be left who may give roles in this case.',
    expected: 'an administrator',
    next: 'make somebody else administrator first',
  });
}
