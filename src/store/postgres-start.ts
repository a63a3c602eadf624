// Making and starting the embedded PostgreSQL: initdb, the user it runs as, its settings, its socket, its first words.

import { spawn } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asFault, Fault } from '../case/fault.ts';
import { replaceFile } from './home.ts';
import {
  type Binaries,
  blockingFolder,
  provideBinaries,
  reachFault,
  type ServerUser,
  spawnFault,
  useAnother,
} from './postgres-binaries.ts';
import { disown, findPostmaster } from './postmaster.ts';

/** The number in the socket's name; there is no port. */
export const port = 5432;
/** The superuser of the cluster. */
export const user = 'dalil';
/** How long, in milliseconds, a server may take: recovery after a crash replays up to max_wal_size. */
export const patience = 300_000;

/**
 * The settings of a small machine: 2 cores, shared with picture work. The index is replayed from the log, so a commit
 * need not wait for the disk; fsync stays on, and a crash loses at most the last half second, consistently.
 * Nothing that a statement says (names, places) may reach the server's log.
 */
const settings: Readonly<Record<string, string>> = {
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: '60',
  shared_buffers: '128MB',
  work_mem: '16MB',
  maintenance_work_mem: '128MB',
  max_wal_size: '1GB',
  synchronous_commit: 'off',
  random_page_cost: '1.1',
  jit: 'off',
  // Parallel plans take their memory from /dev/shm, of which containers have 64 MB, and their cores from describe.
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  max_logical_replication_workers: '0',
  log_min_messages: 'log', // what happens to the server, and no error of a statement: its message quotes values
  log_min_error_statement: 'panic',
  log_checkpoints: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/** Where one cluster of a home lies. Each major version has data of its own: their formats differ. */
export interface Places {
  folder: string;
  data: string;
  password: string;
  log: string;
  startLock: string;
}

/** Starts the cluster, made first if need be, and waits until it is ready. Must run under the start lock. */
export async function start(
  places: Places,
  env: NodeJS.ProcessEnv,
  extra: Readonly<Record<string, string>> = {},
): Promise<void> {
  const server = await serverUser(places.data);
  try {
    const binaries = await provideBinaries(places.folder, env);
    await sweep(places);
    if ((await stat(places.data).catch(() => undefined)) === undefined) await create(places, binaries, server);
    const socketFolder = await makeSocketFolder(places.data, env, server);
    await disown(places.data, server);
    // Its owner is dead, or there would be no start.
    await rm(join(socketFolder, `.s.PGSQL.${port}`), { force: true });
    await rm(join(socketFolder, `.s.PGSQL.${port}.lock`), { force: true });
    const all: Record<string, string> = {
      ...settings,
      ...(binaries.major >= 18 ? { io_method: 'sync' } : {}),
      unix_socket_directories: socketFolder,
      ...extra,
    };
    const args = ['-D', places.data, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const deadline = Date.now() + patience;
    while (!(await launch(places, join(binaries.bin, 'postgres'), args, server, deadline))) await pause(200);
  } catch (error) {
    throw (await reachFault(places.folder, server)) ?? asFault(error, `starting the PostgreSQL of ${places.folder}`);
  }
}

/** As root: the owner of the data, else the customary nobody, since PostgreSQL refuses to run as root. */
async function serverUser(data: string): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const owner = await stat(data).catch(() => undefined);
  return owner === undefined || owner.uid === 0 ? { uid: 65534, gid: 65534 } : { uid: owner.uid, gid: owner.gid };
}

/** The environment of the server: nothing of ours, which may name other servers or libraries. */
const serverEnvironment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** Removes what an initdb left whose parent was killed. It may still be writing: the rest goes at the next start. */
async function sweep(places: Places): Promise<void> {
  for (const name of await readdir(places.folder)) {
    if (!name.startsWith(`${basename(places.data)}.`)) continue;
    const patiently = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
    await rm(join(places.folder, name), patiently).catch(() => undefined);
  }
}

/** initdb under a temporary name, then renamed: a cluster is there whole or not at all. */
async function create(places: Places, binaries: Binaries, server: ServerUser): Promise<void> {
  const unfinished = `${places.data}.${randomUUID()}`;
  const passwordFile = `${unfinished}.password`;
  const password = randomBytes(24).toString('hex');
  // C.UTF-8 and not C: under C, pg_trgm finds no letters in Arabic, and says nothing. macOS has no C.UTF-8 of its own.
  const locale = process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8';
  const builtin = binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const args = ['-D', unfinished, '-U', user, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-k', '-E', 'UTF8'];
  args.push(`--locale=${locale}`, ...builtin, '--lc-messages=C');
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (server !== undefined) {
      await chown(unfinished, server.uid, server.gid);
      await chown(passwordFile, server.uid, server.gid);
    }
    const program = join(binaries.bin, 'initdb');
    const { code, output } = await run(program, args, server);
    if (code !== 0) throw startFault('The embedded PostgreSQL could not be made (initdb).', lastLines(output));
    await replaceFile(places.password, `${password}\n`, 0o600);
    await rename(unfinished, places.data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function run(
  program: string,
  args: string[],
  server: ServerUser,
): Promise<{ code: number | null; output: string }> {
  let output = '';
  const child = spawn(program, args, {
    ...server,
    cwd: '/',
    env: serverEnvironment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  try {
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, output };
  } catch (error) {
    throw await spawnFault(error, program);
  }
}

/** One attempt: true when ready, false where backends of a killed server still hold its shared memory. Else a Fault. */
async function launch(
  places: Places,
  program: string,
  args: string[],
  server: ServerUser,
  deadline: number,
): Promise<boolean> {
  const log = await open(places.log, 'w', 0o600);
  try {
    const ended = { code: undefined as number | null | undefined, error: undefined as unknown };
    // Detached: a Ctrl-C in our terminal is not for the server, which others may be using.
    const stdio = ['ignore', log.fd, log.fd] as const;
    const child = spawn(program, args, {
      ...server,
      cwd: '/',
      env: serverEnvironment,
      detached: true,
      stdio: [...stdio],
    });
    child.on('error', (error) => (ended.error = error));
    child.on('exit', (code) => (ended.code = code));
    child.unref();
    for (;;) {
      if (ended.error !== undefined) throw await spawnFault(ended.error, program);
      const running = await findPostmaster(places.data);
      if (running?.pid === child.pid && running?.ready === true) return true;
      const late = Date.now() > deadline;
      if (ended.code !== undefined || late) {
        const lines = await tail(places.log);
        if (!late && /shared memory block/.test(lines)) return false;
        throw startFault('The embedded PostgreSQL did not start.', lines);
      }
      await pause(10);
    }
  } finally {
    await log.close();
  }
}

function startFault(what: string, lines: string): Fault {
  if (/No space left on device|Disk quota exceeded/.test(lines)) {
    return new Fault('disk-full', {
      what: `${what} The disk is full.`,
      got: lines,
      next: 'free some space and run the same command again',
    });
  }
  return new Fault('database-unavailable', { what, expected: 'a server that is ready', got: lines, next: useAnother });
}

/** The last lines of a server's log. */
export async function tail(path: string): Promise<string> {
  return lastLines(await readFile(path, 'utf8').catch(() => ''));
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-8).join('\n       ') || 'no word from it';
}

/**
 * Where the socket goes: the first of these folders in which its path fits into the address of a Unix socket (sockaddr_un:
 * 107 bytes, 103 on macOS). Throws Fault `database-unavailable` where none is short enough.
 */
export function chooseSocketFolder(candidates: readonly string[], name: string, platform: NodeJS.Platform): string {
  const limit = platform === 'darwin' ? 103 : 107;
  const length = (folder: string): number => Buffer.byteLength(join(folder, name, `.s.PGSQL.${port}`));
  const chosen = candidates.find((folder) => length(folder) <= limit);
  if (chosen !== undefined) return join(chosen, name);
  throw new Fault('database-unavailable', {
    what: 'The folder for temporary files has too long a path for a Unix socket.',
    expected: `at most ${limit} bytes`,
    got: candidates.map((folder) => `${length(folder)} in ${folder}`).join(', '),
    next: 'set TMPDIR to a folder with a short path, such as /tmp',
  });
}

/** A private folder of the server's user, named by its data folder and user, in a place that both can reach. */
async function makeSocketFolder(data: string, env: NodeJS.ProcessEnv, server: ServerUser): Promise<string> {
  const uid = server?.uid ?? process.getuid?.() ?? 0;
  const places = [server === undefined ? env['XDG_RUNTIME_DIR'] : undefined, env['TMPDIR'] || tmpdir(), '/tmp'];
  const candidates: string[] = [];
  for (const place of places) {
    if (place && (await usable(place, server))) candidates.push(place);
  }
  const hash = createHash('sha256')
    .update(await realpath(data))
    .digest('hex')
    .slice(0, 12);
  const folder = chooseSocketFolder(candidates, `dalil-${uid}-${hash}`, process.platform);
  try {
    await mkdir(folder, { mode: 0o700 });
    await chmod(folder, 0o700);
    if (server !== undefined) await chown(folder, server.uid, server.gid);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  // The name can be foretold: another user may have taken it, to listen in our place.
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new Fault('database-unavailable', {
      what: `The folder for the socket of PostgreSQL is not as it was made: ${folder}`,
      expected: `a folder of user ${uid}, mode 700`,
      got: `${found.isDirectory() ? 'a folder' : 'something else'} of user ${found.uid}, mode ${(found.mode & 0o777).toString(8)}`,
      next: 'remove it, if nothing of yours is in it, and run the same command again',
    });
  }
  return folder;
}

async function usable(place: string, server: ServerUser): Promise<boolean> {
  const found = await stat(place).catch(() => undefined);
  if (found?.isDirectory() !== true) return false;
  return (await blockingFolder(place, server)) === undefined;
}
