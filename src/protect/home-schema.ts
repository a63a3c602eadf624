// The schema `home`: accounts, sessions and what else belongs to this machine's people and not to a case. No rebuild
// touches it, since nothing of it can be made again from a log; so it is brought forward by numbered migrations.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { asFault, Fault } from '../case/fault.ts';
import type { Home } from '../store/home.ts';
import { openIndex } from '../store/index-database.ts';
import { absoluteLimit, idleLimit } from './sessions.ts';

/**
 * In order, each run once, in one transaction with its number. What has been released is never edited: a change is a
 * further one. Times are our own clock's, in milliseconds since 1970; secrets are SHA-256 of what their holder has.
 */
const migrations: readonly string[] = [
  `create table account (id text primary key, name text not null unique, created bigint not null, closed bigint);
   create table membership (account text not null references account, case_id text not null, member text not null,
     name text not null, roles text[] not null, since bigint not null, gone bigint,
     primary key (account, case_id), unique (case_id, member), unique (case_id, name));
   create table session (hash bytea primary key, id text not null unique, account text not null references account,
     case_id text not null, how text not null, program text not null, created bigint not null, seen bigint not null,
     proved bigint not null);
   create index on session (account);`,
  `create table password (account text primary key references account, hash text not null, since bigint not null);
   create table totp (account text primary key references account, secret bytea not null, since bigint not null,
     step bigint not null);
   create table recovery_code (account text not null references account, hash bytea not null, used bigint,
     primary key (account, hash));
   create table passkey (id text primary key, account text not null references account, key bytea not null,
     counter bigint not null, transports text[] not null, name text not null, synced boolean not null,
     created bigint not null, used bigint);
   create index on passkey (account);
   create table invitation (hash bytea primary key, id text not null unique, case_id text not null, account text references account,
     name text, roles text[] not null, by text not null, created bigint not null, until bigint not null, used bigint);
   create table token (hash bytea primary key, id text not null unique, account text not null references account,
     case_id text not null, name text not null, scopes text[] not null, created bigint not null, until bigint not null,
     used bigint);
   create table attempt (key bytea primary key, failures integer not null, until bigint not null, last bigint not null);
   create table device (hash bytea not null, account text not null references account, since bigint not null,
     primary key (account, hash));
   create table idempotent (account text not null, key text not null, request bytea not null, status integer, type text,
     body text, at bigint not null, primary key (account, key));`,
  // Who has been handed which entry of a queue, so that nobody else is; and what was looked at, for a person's own good.
  `create table claim (case_id text not null, queue text not null, entry text not null, account text not null,
     until bigint not null, served jsonb not null, primary key (case_id, queue, entry));
   create table viewing (id text primary key, case_id text not null, account text not null, at bigint not null,
     day text not null, seconds int not null);
   create index on viewing (account, at);
   create table viewing_limits (case_id text primary key, limits jsonb not null);`,
  // Searches that somebody keeps to make again: no records, since a work aid must be forgotten when its owner says so.
  `create table saved_search (id text primary key, case_id text not null, account text not null, name text not null,
     words text not null, narrowed jsonb not null, at bigint not null, unique (case_id, account, name));`,
];

/** The accounts of a home, open. */
export interface Accounts {
  /** Sessions whose search_path is the schema `home`. */
  pool: pg.Pool;
  /**
   * 256 bits beside the signing keys, so that the database alone gives away no second factor, and neither names nor
   * addresses of those who failed to sign in.
   */
  key: Buffer;
  clock: () => Date;
  random: (bytes: number) => Uint8Array;
  close(): Promise<void>;
}

export interface AccountsOptions {
  home: Home;
  env: Readonly<Record<string, string | undefined>>;
  clock?: () => Date;
  random?: (bytes: number) => Uint8Array;
}

/** Opens the schema `home`, made or brought forward where needed. Fault `database-unavailable`. */
export async function openAccounts({ home, env, clock, random }: AccountsOptions): Promise<Accounts> {
  const key = await accountsKey(join(home.keys, 'accounts.key'));
  const { pool, close } = await openIndex({ home, env: { ...env } });
  try {
    await migrate(pool);
  } catch (error) {
    await close();
    throw error;
  }
  return { pool, key, close, clock: clock ?? (() => new Date()), random: random ?? randomBytes };
}

/** The key of the accounts, made where there is none. Two processes may come here at once: the first one's stands. */
async function accountsKey(path: string): Promise<Buffer> {
  try {
    await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
      throw asFault(error, "making the key of this home's accounts");
  }
  for (let tries = 0; ; tries++) {
    const key = await readFile(path);
    if (key.length === 32) return key;
    if (tries > 100) {
      throw new Fault('wrong-key', {
        what: "The key of this home's accounts is damaged.",
        expected: '32 bytes in keys/accounts.key',
        got: String(key.length),
        next: 'put it back from a copy; without it second factors have to be set up anew: dalil accounts recover NAME',
      });
    }
    await pause(10); // its maker has not written it yet
  }
}

async function migrate(pool: pg.Pool): Promise<void> {
  await inTransaction(pool, async (client) => {
    // Several processes may open the same home at once.
    await client.query(`select pg_advisory_xact_lock(hashtext('dalil home'))`);
    await client.query('create table if not exists migration (number integer primary key)');
    const { rows } = await client.query<{ number: number }>('select number from migration order by number');
    if (rows.length > migrations.length) {
      throw new Fault('database-unavailable', {
        what: 'The accounts of this home were brought forward by a newer version of this program.',
        expected: `at most ${migrations.length} migrations`,
        got: String(rows.length),
        next: 'use that version, or a home of its own (DALIL_HOME)',
      });
    }
    for (const [i, sql] of migrations.entries()) {
      if (i < rows.length) continue;
      await client.query(sql);
      await client.query('insert into migration values ($1)', [i + 1]);
    }
  });
}

/** Runs `work` in a transaction of its own: all of it, or nothing. */
export async function inTransaction<T>(pool: pg.Pool, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/** How long what has run out is still kept, where it is of no more use. */
const shelf = 24 * 3_600_000;

/** Removes what has run out; called now and then. */
export async function sweepHome({ pool, clock }: Accounts): Promise<void> {
  const at = clock().getTime();
  await pool.query('delete from session where seen <= $1 or created <= $2', [at - idleLimit, at - absoluteLimit]);
  await pool.query('delete from attempt where last < $1 and until < $1', [at - shelf]);
  await pool.query('delete from idempotent where at < $1', [at - shelf]);
  await pool.query('delete from token where until < $1', [at]);
  await pool.query('delete from invitation where until < $1', [at - shelf]);
}
