// A folder copied to another and kept alike: what stands there with the same size and time is not read again, so that a
// repeat costs what is new. Each file appears under its name only when it is whole and on the disk.
import { createHash, randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { chmod, mkdir, open, opendir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncFolder, temporaryFolder } from './folder.ts';

export interface Mirrored {
  /** Files that stand alike now, in all. */
  files: number;
  /** Of these, how many were copied now, and their bytes. */
  copied: number;
  bytes: number;
  /** Paths whose bytes are not those that their name, a SHA-256, promises. Not copied: what the copy had of them stays. */
  altered: string[];
}

export interface MirrorOptions {
  /** Which paths (relative, with `/`) to take; a folder that is not taken is not entered. */
  takes?: (path: string) => boolean;
  signal?: AbortSignal | undefined;
  /** After each file. */
  told?: (so: Readonly<Mirrored>) => void;
}

/** How many files are under way at once: waiting for disks, not for processors. */
const abreast = 8;
const hashName = /^[0-9a-f]{64}$/;

/**
 * Copies every file of `from` that `to` has not alike. Files that vanish meanwhile are left out; links and special files are
 * no part of a case and are left out too. Throws what the disk says, and the signal's reason.
 */
export async function mirror(from: string, to: string, options: MirrorOptions = {}): Promise<Mirrored> {
  const { takes = () => true, signal, told } = options;
  const so: Mirrored = { files: 0, copied: 0, bytes: 0, altered: [] };
  const under = new Set<Promise<void>>();
  const touched = new Set<string>();
  await mkdir(join(to, temporaryFolder), { recursive: true, mode: 0o700 });
  try {
    for await (const { path, facts } of filesBelow(from, '', takes)) {
      signal?.throwIfAborted();
      if (under.size >= abreast) await Promise.race(under);
      const one = carry(from, to, path, facts, so, touched).then(() => told?.(so));
      under.add(one);
      void one.then(
        () => under.delete(one),
        () => {},
      );
    }
  } finally {
    await Promise.allSettled(under);
  }
  await Promise.all(under);
  // Crash point: files without durable names. The next run finds them missing, or alike.
  for (const folder of touched) await syncFolder(folder);
  so.altered.sort();
  return so;
}

/** Files of `to` that `from` has no longer are removed; only those that `takes` names. Gives how many. */
export async function prune(from: string, to: string, takes: (path: string) => boolean): Promise<number> {
  let removed = 0;
  for await (const { path } of filesBelow(to, '', takes)) {
    if ((await stat(join(from, path)).catch(absent)) !== null) continue;
    await rm(join(to, path), { force: true });
    removed++;
  }
  return removed;
}

async function carry(
  from: string,
  to: string,
  path: string,
  facts: Stats,
  so: Mirrored,
  touched: Set<string>,
): Promise<void> {
  const target = join(to, path);
  const there = await stat(target).catch(absent);
  // Copies bear the time of what they are copies of; setting it loses what is finer than a millisecond.
  if (there !== null && there.size === facts.size && Math.abs(there.mtimeMs - facts.mtimeMs) < 2) {
    so.files++;
    return;
  }
  const temporary = join(to, temporaryFolder, `${process.pid}-${randomBytes(6).toString('hex')}`);
  try {
    const copied = await copy(join(from, path), temporary);
    if (copied === null) return;
    if (hashName.test(basename(path)) && copied.sha256 !== basename(path)) {
      so.altered.push(path);
      return;
    }
    await utimes(temporary, facts.atime, facts.mtime);
    await chmod(temporary, facts.mode & 0o777);
    const folder = dirname(target);
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined)
      for (let at = folder; at.length >= first.length; at = dirname(at)) touched.add(dirname(at));
    await rename(temporary, target);
    touched.add(folder);
    so.files++;
    so.copied++;
    so.bytes += copied.size;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Null where the file has gone. */
async function copy(source: string, target: string): Promise<{ sha256: string; size: number } | null> {
  const reading = await open(source, constants.O_RDONLY).catch(absent);
  if (reading === null) return null;
  const writing = await open(target, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of reading.createReadStream({ highWaterMark: 1 << 20, autoClose: false })) {
      hash.update(chunk as Uint8Array);
      await writing.writeFile(chunk as Uint8Array);
      size += (chunk as Uint8Array).length;
    }
    await writing.datasync();
    return { sha256: hash.digest('hex'), size };
  } finally {
    await reading.close();
    await writing.close();
  }
}

async function* filesBelow(
  root: string,
  below: string,
  takes: (path: string) => boolean,
): AsyncGenerator<{ path: string; facts: Stats }> {
  const folder = await opendir(join(root, below)).catch(absent);
  if (folder === null) return;
  for await (const { name } of folder) {
    const path = below === '' ? name : `${below}/${name}`;
    if (name === temporaryFolder || !takes(path)) continue;
    // A folder may be a link to a larger disk; a file may not be a link to anywhere.
    const facts = await stat(join(root, path)).catch(absent);
    if (facts?.isDirectory() === true) yield* filesBelow(root, path, takes);
    else if (facts?.isFile() === true) yield { path, facts };
  }
}

function absent(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
  throw error;
}
