// This machine's own folder (ARCHITECTURE.md): where each case is, keys, the embedded
// PostgreSQL, thumbnails. Nothing in it is evidence: a case moves to another machine without it.

import { randomUUID } from 'node:crypto';
import { chmod, mkdir, open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { asFault, Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import { withLock } from './lock.ts';

/** The folders of a home, absolute. */
export interface Home {
  path: string;
  keys: string;
  postgres: string;
  thumbnails: string;
  cases: string;
}

/** What this machine knows of a case: its folder, and whatever others note beside it. */
export interface CaseEntry {
  readonly folder: string;
  readonly [member: string]: Json | undefined;
}

/** Case id -> entry. */
export type CaseList = Readonly<Record<string, CaseEntry>>;

/**
 * Where this machine's home is: `DALIL_HOME`, else `/var/lib/dalil` for root on Linux, else the platform's data folder
 * (XDG Base Directory; Application Support; LOCALAPPDATA). Pure: reads nothing but its arguments.
 */
export function resolveHome(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, uid: number | undefined): string {
  if (env['DALIL_HOME']) return resolve(env['DALIL_HOME']);
  if (platform === 'linux' && uid === 0) return '/var/lib/dalil';
  const user = env['HOME'] || env['USERPROFILE'];
  const data =
    platform === 'win32'
      ? env['LOCALAPPDATA'] || (user && join(user, 'AppData', 'Local'))
      : platform === 'darwin'
        ? user && join(user, 'Library', 'Application Support')
        : absolute(env['XDG_DATA_HOME']) || (user && join(user, '.local', 'share'));
  if (!data) {
    throw new Fault('usage', {
      what: 'This user has no home folder, so there is no place to keep keys and the index.',
      expected: 'DALIL_HOME, or HOME',
      got: 'neither',
      next: 'set DALIL_HOME to a folder on a local disk',
    });
  }
  return join(data, 'dalil');
}

// The specification says that a relative path in XDG_DATA_HOME is to be ignored.
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

/** The folders of the home at `path`, without touching the disk. */
export function homeFolders(path: string): Home {
  const home = resolve(path);
  return {
    path: home,
    keys: join(home, 'keys'),
    postgres: join(home, 'postgres'),
    thumbnails: join(home, 'thumbnails'),
    cases: join(home, 'cases.json'),
  };
}

/**
 * The home at `path`, made where it is missing. Only its owner can list or read it. As root, whose PostgreSQL runs as
 * another user, the home and `postgres/` can also be passed through (0711), but not listed; everything else stays 0700.
 */
export async function openHome(path: string): Promise<Home> {
  const home = homeFolders(path);
  const asRoot = process.getuid?.() === 0;
  const passable = asRoot ? 0o711 : 0o700;
  try {
    await makeFolder(home.path, passable);
    await makeFolder(home.keys, 0o700);
    await makeFolder(home.thumbnails, 0o700);
    await makeFolder(home.postgres, passable);
    if (asRoot) await letPass(home);
    return home;
  } catch (error) {
    throw asFault(error, `opening ${home.path}, this machine's home (DALIL_HOME)`);
  }
}

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  try {
    await mkdir(path, { mode });
    await chmod(path, mode); // past the umask
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    // A link to a folder elsewhere is welcome: homes are moved to larger disks that way.
    if (!(await stat(path)).isDirectory()) {
      throw new Fault('not-writable', {
        what: `There is no room for a folder at ${path}.`,
        expected: 'a folder',
        got: 'a file of that name',
        next: 'move the file away, or set DALIL_HOME to another folder',
      });
    }
  }
}

/** A home made private by someone else (`mktemp -d`) is opened for passage, if it is root's own and holds only a home. */
async function letPass(home: Home): Promise<void> {
  const ours = new Set(['cases.json', 'cases.lock', 'deliveries', 'keys', 'postgres', 'thumbnails']);
  for (const folder of [home.path, home.postgres]) {
    const { uid, mode } = await stat(folder);
    if (uid !== 0 || (mode & 0o011) === 0o011) continue;
    if (folder === home.path && (await readdir(folder)).some((name) => !ours.has(name))) continue;
    await chmod(folder, (mode & 0o777) | 0o011);
  }
}

/** This machine's list of cases; empty where none was made. Throws Fault `fault` where the file is damaged. */
export async function readCases(home: Home): Promise<CaseList> {
  let text: string;
  try {
    text = await readFile(home.cases, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw asFault(error, `reading ${home.cases}`);
  }
  return parseCases(text, home.cases);
}

/** Parses the text of `cases.json`. Throws Fault `fault`, naming the file, where it is not a list of cases. */
export function parseCases(text: string, path: string): CaseList {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (isObject(list) && Object.values(list).every((entry) => isObject(entry) && typeof entry['folder'] === 'string')) {
    return list as CaseList;
  }
  throw new Fault('fault', {
    what: `${path}, this machine's list of cases, is damaged.`,
    expected: 'a JSON object: case id -> {"folder": …}',
    got: text.trim() === '' ? 'an empty file' : 'something else',
    next: 'move the file away: the cases themselves are untouched, and each is listed again when opened by its folder',
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Changes the list of cases by a function from the old list to the new one, and gives the new one. Concurrent changes by
 * other processes follow one another; a reader, or a crash, finds the old file whole or the new one whole.
 */
export async function updateCases(home: Home, change: (cases: CaseList) => CaseList): Promise<CaseList> {
  return withLock(join(home.path, 'cases.lock'), async () => {
    const cases = change(await readCases(home));
    const sorted = Object.fromEntries(Object.entries(cases).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    await replaceFile(home.cases, `${JSON.stringify(sorted, null, 2)}\n`, 0o600);
    return sorted;
  });
}

/** Puts a file in place whole: temporary name, fsync, rename, fsync of the folder. */
export async function replaceFile(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx', mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw asFault(error, `writing ${path}`);
  }
  const folder = await open(dirname(path), 'r').catch(() => undefined); // Windows cannot open a folder
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
