// How a person proves who they are: passkeys, or a password with a second factor; recovery codes for the day when those
// are lost. An account always has one of the first two.
import type pg from 'pg';
import type { RegistrationResponseJSON } from '@simplewebauthn/server';
import { Fault } from '../case/fault.ts';
import { plainName } from './accounts.ts';
import { countAttempt, forgetAttempts, freeFromOneAddress } from './attempts.ts';
import { inTransaction, type Accounts } from './home-schema.ts';
import { addPasskey, checkCreation, type NewPasskey, type Party } from './passkeys.ts';
import { hashPassword, isPassword, refuseWeak } from './password.ts';
import { newName, newSecret, secretHash } from './secret.ts';
import { fromBase32, hideSecret, matchTotp, showSecret } from './totp.ts';

/** What somebody offers as their way to prove who they are. */
export type Offer =
  | { kind: 'passkey'; name: string; response: RegistrationResponseJSON }
  | { kind: 'password'; password: string; secret: string; code: string };

/** An offer that was checked, ready to be kept. */
type Checked =
  | { kind: 'passkey'; name: string; passkey: NewPasskey }
  | { kind: 'password'; hash: string; secret: Buffer; step: number };

/** Checks an offer; nothing is written. Fault `usage` where it does not hold. */
export async function checkOffer(accounts: Accounts, party: Party, signInName: string, offer: Offer): Promise<Checked> {
  if (offer.kind === 'passkey') {
    const passkey = await checkCreation(accounts, party, offer.response);
    if (passkey !== null) return { kind: 'passkey', name: offer.name, passkey };
    throw new Fault('usage', { what: 'The passkey that the browser made does not hold.', next: 'make it again' });
  }
  refuseWeak(offer.password, signInName);
  const secret = fromBase32(offer.secret);
  const step =
    secret !== null && secret.length >= 20 ? matchTotp(secret, offer.code, accounts.clock().getTime(), 0) : null;
  if (step === null) {
    throw new Fault('usage', {
      what: 'The code of the authenticator application is not right.',
      expected: 'the six digits that it shows now',
      next: "check this machine's clock and the telephone's, and give the next code",
    });
  }
  return { kind: 'password', hash: await hashPassword(offer.password, accounts.random), secret: secret!, step };
}

/** Keeps a checked offer. A password replaces the one there was, with its second factor. */
export async function keepOffer(
  client: pg.ClientBase,
  { key, random, clock }: Accounts,
  account: string,
  offer: Checked,
): Promise<void> {
  const at = clock().getTime();
  if (offer.kind === 'passkey') return addPasskey(client, account, offer.passkey, offer.name, at);
  await client.query('delete from totp where account = $1', [account]);
  await client.query('delete from password where account = $1', [account]);
  await client.query('insert into password (account, hash, since) values ($1, $2, $3)', [account, offer.hash, at]);
  await client.query('insert into totp (account, secret, since, step) values ($1, $2, $3, $4)', [
    account,
    hideSecret(offer.secret, account, key, random),
    at,
    offer.step,
  ]);
}

/** Forgets every way to prove who an account's person is, and ends what is open: before a recovery gives new ones. */
export async function forgetCredentials(client: pg.ClientBase, account: string): Promise<void> {
  for (const table of ['passkey', 'password', 'totp', 'recovery_code', 'session', 'token', 'device'])
    await client.query(`delete from ${table} where account = $1`, [account]);
}

const codeCount = 10;

/** Ten new recovery codes of 80 bits, to be written down; the earlier ones are good no longer. */
export async function newRecoveryCodes(
  client: pg.ClientBase,
  { random }: Pick<Accounts, 'random'>,
  account: string,
): Promise<string[]> {
  const codes = Array.from({ length: codeCount }, () => newName(random));
  await client.query('delete from recovery_code where account = $1', [account]);
  for (const code of codes)
    await client.query('insert into recovery_code (account, hash) values ($1, $2)', [account, secretHash(code)]);
  return codes.map((code) => code.match(/.{4}/g)!.join('-'));
}

/** Fault `usage` where an account would be left with no way in. */
export async function refuseLockedOut(client: pg.ClientBase, account: string): Promise<void> {
  const { rows } = await client.query<{ left: boolean }>(
    `select exists (select from passkey where account = $1) or exists (select from password where account = $1) as left`,
    [account],
  );
  if (rows[0]!.left) return;
  throw new Fault('usage', {
    what: 'This is your last way to sign in.',
    next: 'add a passkey or a password first',
  });
}

export interface PasswordAnswer {
  name: string;
  password: string;
  /** Six digits of the authenticator, or a recovery code. */
  code: string;
  /** What this browser was given when it signed in before. */
  device: string | null;
  /** The address that the attempt comes from. */
  client: string;
}

/**
 * Whose account this is, and by what; null where name, password or code is wrong, whichever it was and after the same
 * time. Throws `TooMany` while attempts wait. Without a password, the name and a recovery code suffice.
 */
export async function checkPassword(
  accounts: Accounts,
  answer: PasswordAnswer,
): Promise<{ account: string; how: 'password' | 'recovery-code' } | null> {
  const { pool, key, clock } = accounts;
  const name = plainName(answer.name);
  const { rows } = await pool.query<{
    account: string;
    hash: string | null;
    secret: Buffer | null;
    step: number | null;
    known: boolean;
  }>(
    `select a.id as account, p.hash, t.secret, t.step,
        exists (select from device d where d.account = a.id and d.hash = $2) as known
      from account a left join password p on p.account = a.id left join totp t on t.account = a.id
      where a.name = $1 and a.closed is null`,
    [name, secretHash(answer.device ?? '')],
  );
  const row = rows[0] ?? null;
  const counted = row?.known === true ? `device ${answer.device ?? ''} ${row.account}` : `name ${name}`;
  await countAttempt(accounts, counted);
  // One guess at each of many names. What is known by its browser does not wait for its neighbours behind one address.
  if (row?.known !== true) await countAttempt(accounts, `address ${answer.client}`, freeFromOneAddress);

  const right = await isPassword(answer.password, row?.hash ?? null, row?.known);
  if (row === null) return null;
  const spelled = answer.code.toLowerCase().replaceAll(/[\s-]/g, '');
  let how: 'password' | 'recovery-code';
  if (/^\d{6}$/.test(spelled)) {
    const secret = row.secret === null ? null : showSecret(row.secret, row.account, key);
    const step = secret === null ? null : matchTotp(secret, spelled, clock().getTime(), row.step ?? 0);
    if (!right || step === null) return null;
    // Of two who give the same code at once, one is right.
    const used = await pool.query('update totp set step = $2 where account = $1 and step < $2', [row.account, step]);
    if (used.rowCount !== 1) return null;
    how = 'password';
  } else {
    if (!right && row.hash !== null) return null;
    const used = await pool.query(
      'update recovery_code set used = $3 where account = $1 and hash = $2 and used is null',
      [row.account, secretHash(spelled), clock().getTime()],
    );
    if (used.rowCount !== 1) return null;
    how = 'recovery-code';
  }
  await forgetAttempts(accounts, counted);
  return { account: row.account, how };
}

/** A person's known browsers, at most. */
const mostDevices = 20;

/** Notes that a browser has signed in as this account, and gives what it will be known by, instead of what it was. */
export async function knowDevice(
  { pool, clock, random }: Accounts,
  account: string,
  before: string | null,
): Promise<string> {
  const secret = newSecret(random);
  await pool.query('delete from device where account = $1 and hash = $2', [account, secretHash(before ?? '')]);
  await pool.query('insert into device (hash, account, since) values ($1, $2, $3)', [
    secretHash(secret),
    account,
    clock().getTime(),
  ]);
  await pool.query(
    `delete from device where account = $1
      and hash not in (select hash from device where account = $1 order by since desc limit $2)`,
    [account, mostDevices],
  );
  return secret;
}

export interface CredentialsView {
  passkeys: { id: string; name: string; synced: boolean; made: string; used: string | null }[];
  password: boolean;
  recoveryCodes: number;
}

export async function viewCredentials({ pool }: Accounts, account: string): Promise<CredentialsView> {
  const { rows } = await pool.query<{
    id: string;
    name: string;
    synced: boolean;
    created: number;
    used: number | null;
  }>('select id, name, synced, created, used from passkey where account = $1 order by created, id', [account]);
  const counted = await pool.query<{ password: boolean; codes: number }>(
    `select exists (select from password where account = $1) as password,
      (select count(*) from recovery_code where account = $1 and used is null) as codes`,
    [account],
  );
  return {
    passkeys: rows.map(({ created, used, ...rest }) => ({
      ...rest,
      made: new Date(created).toISOString(),
      used: used === null ? null : new Date(used).toISOString(),
    })),
    password: counted.rows[0]!.password,
    recoveryCodes: counted.rows[0]!.codes,
  };
}

/** Takes a passkey, or the password, away; Fault `usage` where it is the last way in. False where there is none such. */
export async function dropCredential(accounts: Accounts, account: string, what: string | 'password'): Promise<boolean> {
  return inTransaction(accounts.pool, async (client) => {
    await client.query('select from account where id = $1 for update', [account]);
    const { rowCount } =
      what === 'password'
        ? await client.query('delete from password where account = $1', [account])
        : await client.query('delete from passkey where account = $1 and id = $2', [account, what]);
    if (what === 'password') await client.query('delete from totp where account = $1', [account]);
    await refuseLockedOut(client, account);
    return rowCount === 1;
  });
}
