// A case folder as the log needs it: whole small files, written atomically and durably, and created exclusively. The
// same four acts exist on object storage (PUT, PUT If-None-Match, GET, DELETE).
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { asFault } from '../case/fault.ts';

/** Whole files by a path relative to the case folder, with `/` between names. */
export interface Folder {
  readonly path: string;
  /** null where there is no such file. */
  read(path: string): Promise<Uint8Array | null>;
  /** Atomic and durable: after a crash at any moment each file has its old bytes or its new ones. */
  write(files: readonly { path: string; bytes: Uint8Array | string }[]): Promise<void>;
  /** Durable and exclusive: false, with nothing written, where the file exists. */
  create(path: string, bytes: Uint8Array | string): Promise<boolean>;
  /** Gone, or was not there. Not durable: a removed file may come back after a power cut. */
  remove(path: string): Promise<void>;
  /** Names in a folder of the case, sorted; none where it does not exist. */
  names(path: string): Promise<string[]>;
}

/** Where files lie until they are whole. Nothing in it is evidence, and nothing in it is read. */
export const temporaryFolder = 'tmp';

/** A folder of the file system; made if it is not there. */
export function openFolder(root: string): Folder {
  // Folders known to exist and to be durable, so that one commit after the other syncs no parent twice.
  const made = new Set<string>();

  async function makeFolder(folder: string): Promise<void> {
    if (made.has(folder)) return;
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first !== undefined) {
      // Crash point: a new folder is found after a power cut only if its parent was synced.
      for (let at = folder; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
    }
    made.add(folder);
  }

  async function writeTemporary(target: string, bytes: Uint8Array | string): Promise<string> {
    await makeFolder(dirname(target));
    await makeFolder(join(root, temporaryFolder));
    const temporary = join(root, temporaryFolder, `${process.pid}-${randomBytes(6).toString('hex')}`);
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
    return temporary;
  }

  /** Another process may remove a folder of superseded tiles while we write to it: then it is made again. */
  async function moveInto(temporary: string, target: string): Promise<void> {
    const folder = dirname(target);
    for (let attempt = 0; ; attempt++) {
      try {
        await rename(temporary, target);
        if (attempt > 0) await syncFolder(dirname(folder));
        return;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === 50) throw error;
        // Synced only when the file is in it: a sync takes long enough for the folder to be removed again.
        await mkdir(folder, { recursive: true, mode: 0o700 });
      }
    }
  }

  return {
    path: root,

    async read(path) {
      try {
        return await readFile(join(root, path));
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw asFault(error, 'reading the case folder');
      }
    },

    async write(files) {
      try {
        const folders = new Set<string>();
        await Promise.all(
          files.map(async ({ path, bytes }) => {
            const target = join(root, path);
            await moveInto(await writeTemporary(target, bytes), target);
            folders.add(dirname(target));
          }),
        );
        await Promise.all([...folders].map(syncIfThere));
      } catch (error) {
        throw asFault(error, 'writing to the case folder');
      }
    },

    async create(path, bytes) {
      const target = join(root, path);
      let temporary: string | null = null;
      try {
        temporary = await writeTemporary(target, bytes);
        await link(temporary, target);
        await syncFolder(dirname(target));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
        throw asFault(error, 'writing to the case folder');
      } finally {
        if (temporary !== null) await unlink(temporary).catch(() => {});
      }
    },

    async remove(path) {
      // Retried where another process writes into the folder meanwhile.
      await rm(join(root, path), { recursive: true, force: true, maxRetries: 10, retryDelay: 5 });
    },

    async names(path) {
      try {
        return (await readdir(join(root, path))).toSorted();
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === 'ENOENT' || code === 'ENOTDIR') return [];
        throw asFault(error, 'reading the case folder');
      }
    },
  };
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same; a folder that another process has removed since holds nothing that could be lost. */
async function syncIfThere(folder: string): Promise<void> {
  await syncFolder(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** A path below `root`, with `/` between names on every platform. */
export function pathBelow(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
