// The evidentiary copies: each content once, in a read-only file named by its SHA-256. A file appears under its name only
// when its bytes are on the disk, and `settle` puts the names there too, before a record may speak of them.

import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { mkdir, open, opendir, readdir, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { asFault, Fault } from '../case/fault.ts';
import { syncFolder } from './folder.ts';
import { lookUpProcess } from './process.ts';

/** What became of one content. */
export interface Kept {
  /** 64 hex digits. */
  sha256: string;
  size: number;
  /** Whether it stood here before, from this run or an earlier one. */
  existed: boolean;
}

export interface Originals {
  readonly folder: string;
  /** How this process marks its temporary files; threads that write here on its behalf use it too. */
  readonly owner: string;
  /** Where this content stands, or would stand. */
  path(sha256: string): string;
  /** Its size in bytes, or null where it is not here. */
  has(sha256: string): Promise<number | null>;
  /** The SHA-256 of every original, ascending. A file under a name that is none is left out. */
  list(): AsyncGenerator<string, void, undefined>;
  put(bytes: Uint8Array): Promise<Kept>;
  /** Keeps a stream to its end. Where the stream fails, its error is thrown and nothing of it is kept. */
  receive(chunks: AsyncIterable<Uint8Array>): Promise<Kept>;
  /**
   * Puts a stream in the place of what stands under this name, altered or not at all; false, with nothing changed, where it
   * is not of this hash. `before` is called when the bytes are durable and before the old ones go.
   */
  replace(sha256: string, chunks: AsyncIterable<Uint8Array>, before: () => Promise<void>): Promise<boolean>;
  /** Removes what stands under this name, durably; nothing where nothing does. */
  remove(sha256: string): Promise<void>;
  /** Says that a thread kept this content here, so that the next `settle` makes its name durable. */
  noted(sha256: string): void;
  /** When this resolves, everything kept or noted before the call survives a power cut, under its name. */
  settle(): Promise<void>;
}

/** The file system's side of keeping, synchronous: worker threads use it as it is. */
export interface Places {
  path(sha256: string): string;
  /** A name for a file that is not whole yet; create it with flag wx and `originalMode`. */
  temporary(): string;
  /** Whether this content stands here. Throws Fault case-damaged where it has another size. */
  stands(sha256: string, size: number): boolean;
  /** Gives a temporary its name, or drops it where the content stands here. Its bytes must be durable. */
  adopt(temporary: string, sha256: string, size: number): Kept;
}

/** Read-only from the first byte: the handle that made the file may still write to it. */
export const originalMode = 0o444;

const doing = 'keeping an original';
const sha256Pattern = /^[0-9a-f]{64}$/;
const temporaryPattern = /^(\d+)-([0-9a-f]{12})-/;
/** How many folders are synced at a time: more than the thread pool has threads, so that it is never idle. */
const syncing = 16;
/** A write is a trip through the thread pool: chunks are gathered to this many bytes. */
const writeBytes = 256 << 10;

export function openPlaces(folder: string, owner: string, thread = 0): Places {
  const made = new Set<string>();
  let count = 0;
  const path = (sha256: string): string => pathIn(folder, sha256);

  function stands(sha256: string, size: number): boolean {
    const stats = statSync(path(sha256), { throwIfNoEntry: false });
    if (stats === undefined) return false;
    if (stats.isFile() && stats.size === size) return true;
    throw new Fault('case-damaged', {
      what: 'An original in this case no longer has the size it was received with.',
      expected: `${size} bytes`,
      got: `${stats.size} bytes`,
      next: 'run `dalil verify`, and put the file back from a copy of the case',
    });
  }

  return {
    path,
    temporary: () => join(folder, 'tmp', `${owner}-${thread}-${count++}`),
    stands,
    adopt(temporary, sha256, size) {
      const target = path(sha256);
      if (stands(sha256, size)) {
        rmSync(temporary);
        return { sha256, size, existed: true };
      }
      const shard = dirname(target);
      if (!made.has(shard)) {
        mkdirSync(shard, { recursive: true });
        made.add(shard);
      }
      // Crash point: the bytes are durable, the name is not before `settle`. Two threads with the same content may
      // both come here; the later rename replaces a file by its equal.
      renameSync(temporary, target);
      return { sha256, size, existed: false };
    },
  };
}

/** Opens the originals in the folder `at`, made if it is not there, and removes the temporary files of dead processes. */
export async function openOriginals(at: string): Promise<Originals> {
  const folder = resolve(at);
  const owner = await ownerOf(process.pid);
  const places = openPlaces(folder, owner);
  // Folders that hold a name not known to be durable. A name that was there when we came counts too: the run that made
  // it may have been killed before it settled.
  const unsettled = new Set<string>();
  const seen = new Set<string>();
  try {
    const first = await mkdir(join(folder, 'sha256'), { recursive: true, mode: 0o700 });
    await mkdir(join(folder, 'tmp'), { recursive: true, mode: 0o700 });
    await removeStale(join(folder, 'tmp'));
    // The folder's own name, and those of folders above that had to be made as well.
    const top = dirname(first === undefined || resolve(first).length > folder.length ? folder : resolve(first));
    for (let up = folder; up.length >= top.length; up = dirname(up)) {
      unsettled.add(up);
      if (up === dirname(up)) break;
    }
  } catch (error) {
    throw asFault(error, 'opening the originals');
  }

  function noted(sha256: string): void {
    let up = dirname(places.path(sha256));
    unsettled.add(up);
    while (up !== folder && !seen.has(up)) {
      seen.add(up);
      unsettled.add((up = dirname(up)));
    }
  }

  return {
    folder,
    owner,
    path: places.path,
    noted,

    async has(sha256) {
      try {
        return (await stat(places.path(sha256))).size;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw asFault(error, 'looking for an original');
      }
    },

    async *list() {
      const top = join(folder, 'sha256');
      for (const first of await names(top, /^[0-9a-f]{2}$/)) {
        for (const second of await names(join(top, first), /^[0-9a-f]{2}$/)) {
          const all = await names(join(top, first, second), sha256Pattern);
          yield* all.filter((name) => name.startsWith(first + second));
        }
      }
    },

    async put(bytes) {
      const kept = await keep(places, [bytes]);
      noted(kept.sha256);
      return kept;
    },

    async receive(chunks) {
      const kept = await keep(places, chunks);
      noted(kept.sha256);
      return kept;
    },

    async replace(sha256, chunks, before) {
      const temporary = places.temporary();
      const target = places.path(sha256);
      let file: FileHandle | null = null;
      try {
        file = await open(temporary, 'wx', originalMode);
        const hash = createHash('sha256');
        for await (const chunk of chunks) {
          hash.update(chunk);
          await file.writeFile(chunk);
        }
        if (hash.digest('hex') !== sha256) return false;
        await file.datasync();
        await before();
        await mkdir(dirname(target), { recursive: true });
        await rename(temporary, target);
        noted(sha256);
        return true;
      } catch (error) {
        throw asFault(error, doing);
      } finally {
        await file?.close();
        await rm(temporary, { force: true });
      }
    },

    async remove(sha256) {
      try {
        await rm(places.path(sha256), { force: true });
        await syncFolder(dirname(places.path(sha256)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw asFault(error, 'removing an original');
      }
    },

    async settle() {
      const folders = [...unsettled];
      unsettled.clear();
      try {
        await Promise.all(
          Array.from({ length: Math.min(syncing, folders.length) }, async (_, lane) => {
            for (let i = lane; i < folders.length; i += syncing) await syncFolder(folders[i]!);
          }),
        );
      } catch (error) {
        for (const at of folders) unsettled.add(at);
        throw asFault(error, doing);
      }
    },
  };
}

async function keep(places: Places, chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<Kept> {
  const hash = createHash('sha256');
  let draft = null as { path: string; file: FileHandle } | null;
  let size = 0;
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  async function write(): Promise<FileHandle> {
    if (draft === null) {
      const path = places.temporary();
      draft = { path, file: await open(path, 'wx', originalMode) };
    }
    const { file } = draft;
    const bytes = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
    for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
    waiting = [];
    waitingBytes = 0;
    return file;
  }
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      waiting.push(chunk);
      waitingBytes += chunk.length;
      if (waitingBytes >= writeBytes) await write();
    }
    const sha256 = hash.digest('hex');
    if (draft === null && places.stands(sha256, size)) return { sha256, size, existed: true };
    const file = await write();
    // Crash point: before this the temporary is nothing; after it the bytes are on the disk.
    await file.datasync();
    return places.adopt(draft!.path, sha256, size);
  } catch (error) {
    if (draft !== null) await rm(draft.path, { force: true }).catch(() => undefined);
    throw asFault(error, doing);
  } finally {
    await draft?.file.close();
  }
}

function pathIn(folder: string, sha256: string): string {
  // The name becomes a path: nothing but a hash may.
  if (!sha256Pattern.test(sha256)) throw new Fault('fault', { what: 'Asked for an original by what is no SHA-256.' });
  return join(folder, 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

async function names(folder: string, pattern: RegExp): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => pattern.test(name)).toSorted();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw asFault(error, 'listing the originals');
  }
}

/** A process and its start, so that a process that got the same number later is not taken for it. */
async function ownerOf(pid: number): Promise<string> {
  const started = (await lookUpProcess(pid))?.started ?? '';
  return `${pid}-${createHash('sha256').update(started).digest('hex').slice(0, 12)}`;
}

async function removeStale(folder: string): Promise<void> {
  const living = new Map<string, boolean>();
  for await (const { name } of await opendir(folder)) {
    const [, pid] = temporaryPattern.exec(name) ?? [];
    if (pid === undefined) continue;
    if (!living.has(pid)) {
      const facts = await lookUpProcess(Number(pid));
      living.set(pid, facts !== undefined && !facts.zombie);
    }
    const lives = living.get(pid) === true && name.startsWith(await ownerOf(Number(pid)));
    if (!lives) await rm(join(folder, name), { force: true });
  }
}
