// The embedded PostgreSQL: one detached cluster a home, shared by every process of this machine that works on it
// (ARCHITECTURE.md). Each holds a shared advisory lock; the last one out stops it. It listens on a Unix socket only.

import { readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { Fault } from '../case/fault.ts';
import { type Home, openHome } from './home.ts';
import { withLock } from './lock.ts';
import { plannedMajor } from './postgres-binaries.ts';
import { patience, type Places, port, start, tail, user } from './postgres-start.ts';
import { findPostmaster, type Postmaster, signalStop, stop } from './postmaster.ts';

/** How to connect to a cluster's maintenance database. */
export interface Connection {
  host: string;
  port: number;
  user: string;
  password: string;
  database: string;
}

/** A running cluster that stays up at least until `close`. */
export interface Cluster {
  connection: Connection;
  /** Process id of the postmaster. */
  pid: number;
  /** A `DATABASE_URL` for one of its databases. Holds the password. */
  url(database: string): string;
  /** Lets go of the cluster, and stops it if nobody else holds on to it. Ends when it has stopped. */
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** The home, or its path. */
  home: Home | string;
  env: NodeJS.ProcessEnv;
  /** Settings over the house's own, as for `postgres -c`; they count for whoever starts the cluster. */
  settings?: Readonly<Record<string, string>>;
}

/** The advisory lock (two integers) that clients share in the maintenance database while they need the cluster. */
const clientLock = '1145130313, 1';
const database = 'postgres';

/**
 * Attaches to the home's cluster, and makes or starts it if it is not running. Any number of processes may call this at
 * once: one starts it. Throws Fault `database-unavailable`, `disk-full` or `not-writable`.
 */
export async function openCluster(options: ClusterOptions): Promise<Cluster> {
  const home = await openHome(typeof options.home === 'string' ? options.home : options.home.path);
  const places = locate(home, await plannedMajor(options.env));
  const deadline = Date.now() + patience;
  let unreachableSince: number | undefined;
  for (;;) {
    const running = await findPostmaster(places.data);
    if (running === undefined) {
      const startIfStillNeeded = async (): Promise<void> => {
        if ((await findPostmaster(places.data)) === undefined) await start(places, options.env, options.settings);
      };
      await withLock(places.startLock, startIfStillNeeded, patience);
      continue;
    }
    if (running.ready) {
      const joined = await attach(places, running);
      if (typeof joined === 'object') return joined;
      unreachableSince = joined === 'no-socket' ? (unreachableSince ?? Date.now()) : undefined;
      // Something swept the socket away (a cleaner of temporary folders): nobody new can come in, so it starts afresh.
      if (unreachableSince !== undefined && Date.now() - unreachableSince > 3_000) signalStop(running.pid);
    }
    if (Date.now() > deadline) {
      throw new Fault('database-unavailable', {
        what: 'The embedded PostgreSQL is running, but does not let anybody in.',
        expected: `an answer within ${patience / 1000} s`,
        got: await tail(places.log),
        next: `look at process ${running.pid}, end it, and run the same command again`,
      });
    }
    await pause(15);
  }
}

function locate(home: Home, major: number): Places {
  return {
    folder: home.postgres,
    data: join(home.postgres, `data-${major}`),
    password: join(home.postgres, `password-${major}`),
    log: join(home.postgres, `log-${major}.txt`),
    startLock: join(home.postgres, 'start.lock'),
  };
}

/** Takes the shared lock. `again` where the server is going down or not yet up. */
async function attach(places: Places, running: Postmaster): Promise<Cluster | 'again' | 'no-socket'> {
  const connection: Connection = {
    host: running.socketFolder,
    port,
    user,
    password: await readPassword(places),
    database,
  };
  const client = new pg.Client({ ...connection, ...quietly, application_name: 'dalil: holds the cluster' });
  let lost = false;
  client.on('error', () => (lost = true)); // the server ended: whoever uses it hears so from their own query
  client.on('end', () => (lost = true));
  try {
    await client.connect();
    // Waits while the last one out holds it alone, and then ends with the connection.
    await client.query(`select pg_advisory_lock_shared(${clientLock})`);
    // A server that goes down may end the holder's session before ours, and give us the lock in between. It says in its
    // file that it goes down before it ends any session.
    const still = await findPostmaster(places.data);
    if (still?.pid !== running.pid || !still.ready) {
      await client.end().catch(() => undefined);
      return 'again';
    }
  } catch (error) {
    await client.end().catch(() => undefined);
    const { code } = error as { code?: string };
    if (code === 'ENOENT') return 'no-socket';
    const passing = /^(57P0\d|53300|ECONNREFUSED|ECONNRESET|EPIPE)$/;
    if (code === undefined || passing.test(code)) return 'again';
    throw new Fault('database-unavailable', {
      what: 'The embedded PostgreSQL refused this program.',
      got: (error as Error).message,
      next: `move ${places.data} and ${places.password} away, and make the index again: dalil rebuild`,
      cause: error,
    });
  }
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    let last = false;
    if (!lost) {
      try {
        await client.query(`select pg_advisory_unlock_shared(${clientLock})`);
        const { rows } = await client.query(`select pg_try_advisory_lock(${clientLock}) as last`);
        last = rows[0].last === true;
      } catch {
        // It went down meanwhile.
      }
    }
    // The lock is held alone until the server ends this connection: whoever arrives now waits for it, and starts anew.
    if (last) {
      await stop(running.pid);
      // Under the lock: who starts it anew makes the folder first, and the socket in it later.
      await withLock(places.startLock, async () => {
        if ((await findPostmaster(places.data)) === undefined) await rmdir(running.socketFolder).catch(() => undefined);
      });
    }
    await client.end().catch(() => undefined);
  };
  return {
    connection,
    pid: running.pid,
    url: (name) =>
      `postgresql://${user}:${connection.password}@/${encodeURIComponent(name)}` +
      `?host=${encodeURIComponent(connection.host)}&port=${port}`,
    close: () => (closing ??= close()),
  };
}

/** Whatever PG* variables this machine's user has set are for other servers. */
export const quietly = {
  ssl: false,
  options: '-c client_min_messages=warning',
  connectionTimeoutMillis: 30_000,
} as const;

async function readPassword(places: Places): Promise<string> {
  const password = await readFile(places.password, 'utf8').catch(() => '');
  if (password.trim() !== '') return password.trim();
  throw new Fault('database-unavailable', {
    what: 'The password of the embedded PostgreSQL cannot be read.',
    expected: `a password in ${places.password}`,
    next: `put the file back; or move ${places.data} away, and make the index again: dalil rebuild`,
  });
}
