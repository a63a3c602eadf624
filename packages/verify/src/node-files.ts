// Files on a disk, for Node: in a folder, or in a zip file. SHA-256 by synchronous reads of 1 MiB: 1,195 MB per CPU-second where streams of 64 KiB
// reach 536. Large files go to threads where they are asked for.
import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { open, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Files, Source } from './files.ts';
import { FormatError } from './problem.ts';
import { isZip, openZip, startLength } from './zip-files.ts';

const chunk = 1 << 20;
/** A message to a thread and back costs as much as hashing 64 KiB; from here on a thread is worth it. */
const worthThread = 256 << 10;

type Found = { sha256: string; size: number };

export interface Opened {
  files: Files;
  close(): Promise<void>;
}

/**
 * What lies at `path`: a folder, or a zip file with one in it. Throws FormatError('archive-malformed') on another file, or
 * a zip file that is not to be believed; the system's own error where nothing is there.
 */
export async function openPath(path: string, options: { threads?: number } = {}): Promise<Opened> {
  if ((await stat(path)).isDirectory()) return { files: nodeFiles(path, options), close: async () => {} };
  const file = await open(path, 'r');
  const source: Source = {
    size: (await file.stat()).size,
    async read(at, length) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
      return buffer.subarray(0, bytesRead);
    },
  };
  try {
    if (!isZip(await source.read(0, startLength)))
      throw new FormatError('archive-malformed', 'neither a folder nor a zip file');
    return { files: await openZip(source), close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The tree below `root`. Links are listed with size -1 and never followed. `threads` hash large files side by side. */
export function nodeFiles(root: string, { threads = 0 }: { threads?: number } = {}): Files {
  const buffer = Buffer.allocUnsafe(chunk);
  const hasher = threads > 0 ? openHashers(threads) : null;
  let reads = 0;

  async function* walk(below: string): AsyncGenerator<{ path: string; size: number }> {
    for await (const entry of await opendir(join(root, below))) {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (entry.isDirectory()) yield* walk(path);
      else if (entry.isFile()) yield { path, size: (await stat(join(root, path))).size };
      else yield { path, size: -1 };
    }
  }

  return {
    // Enough that the threads have work while the signatures of a bundle of records keep this one busy.
    lanes: threads > 0 ? threads * 128 : 1,
    list: () => walk(''),

    async read(path) {
      // At once: a file read by the thread pool is four trips through it, and a bundle has three small files a record.
      if (++reads % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
      try {
        return readFileSync(join(root, path));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return null;
        throw error;
      }
    },

    async hash(path, size = 0) {
      try {
        if (hasher !== null && size >= worthThread) return await hasher(join(root, path));
        return await hashHere(join(root, path), buffer);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ENOTDIR') return null;
        throw error;
      }
    },
  };
}

async function hashHere(path: string, buffer: Buffer): Promise<Found> {
  const file = openSync(path, 'r');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for (let n = readSync(file, buffer, 0, chunk, null); n > 0; n = readSync(file, buffer, 0, chunk, null)) {
      hash.update(n === chunk ? buffer : buffer.subarray(0, n));
      size += n;
      // Between pieces of a long file others may work: a progress line, a Ctrl-C.
      if (size % (64 * chunk) === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    return { sha256: hash.digest('hex'), size };
  } finally {
    closeSync(file);
  }
}

/** Threads that start with the first large file and keep no process alive. */
function openHashers(count: number): (path: string) => Promise<Found> {
  const waiting = new Map<number, { resolve: (found: Found) => void; reject: (error: unknown) => void }>();
  const workers: Worker[] = [];
  let next = 0;
  const start = (): Worker => {
    const worker = new Worker(new URL('./hash-thread.mjs', import.meta.url), { execArgv: [] });
    worker.on('message', ({ id, found, error }: { id: number; found?: Found; error?: { message: string } }) => {
      const { resolve, reject } = waiting.get(id)!;
      waiting.delete(id);
      if (waiting.size === 0) for (const one of workers) one?.unref();
      if (found === undefined) reject(Object.assign(new Error(error?.message), error));
      else resolve(found);
    });
    worker.on('error', (error) => {
      for (const { reject } of waiting.values()) reject(error);
      waiting.clear();
    });
    return worker;
  };
  return (path) =>
    new Promise((resolve, reject) => {
      const id = next++;
      const worker = (workers[id % count] ??= start());
      waiting.set(id, { resolve, reject });
      // While a file is out the process waits for it; an idle thread holds nothing up.
      for (const one of workers) one?.ref();
      worker.postMessage({ id, path });
    });
}
