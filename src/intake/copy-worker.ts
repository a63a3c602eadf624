// The thread side of copying: one read of each file, hashed on the way, into the originals. Everything is synchronous:
// a thread may well wait for the disk, and large synchronous reads are what SHA-256 on Node is fastest with.

import { createHash } from 'node:crypto';
import { closeSync, constants, fdatasyncSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { threadId } from 'node:worker_threads';
import { asFault } from '../case/fault.ts';
import { openPlaces, originalMode } from '../store/originals.ts';
import type { Kept, Places } from '../store/originals.ts';
import { serveWorker } from '../store/workers.ts';
import { archiveKind } from './archive.ts';
import type { CopyOutcome, Refusal } from './copy.ts';
import { isoTime } from './walk.ts';

/** A batch of files for one thread. */
export interface CopyOrder {
  folder: string;
  owner: string;
  /** Bytes of the absolute path, as Latin-1: a Buffer would be cloned together with its whole pool. */
  paths: string[];
  /** The largest file taken, in bytes. */
  most: number;
}

/** 1 MiB at a time: 1,195 MB of SHA-256 per CPU-second, where a stream of 64 KiB chunks does 536. */
const chunk = Buffer.allocUnsafeSlow(1 << 20);
let places: { folder: string; places: Places } | null = null;

serveWorker<CopyOrder, CopyOutcome[]>(({ folder, owner, paths, most }) => {
  if (places?.folder !== folder) places = { folder, places: openPlaces(folder, owner, threadId) };
  const into = places.places;
  return paths.map((path) => copyFile(into, Buffer.from(path, 'latin1'), most));
});

function copyFile(into: Places, path: Buffer, most: number): CopyOutcome {
  // The same system error is evidence on the source's side and a Fault on ours.
  let side: 'source' | 'copy' = 'source';
  let source: number | null = null;
  let copy: number | null = null;
  let temporary: string | null = null;
  try {
    source = openSource(path);
    const before = fstatSync(source, { bigint: true });
    if (before.isDirectory()) return refused('changed-while-read', 'It became a folder before it was read.');
    if (!before.isFile()) return refused('special-file', 'A fifo, socket or device has no content to keep.');
    const size = Number(before.size);
    if (size > most) return refused('over-limit', `Larger than the limit of ${most} bytes for a file.`);

    const small = size < chunk.length;
    const hash = createHash('sha256');
    // One byte more than it should have: some files claim no size and have bytes all the same.
    let read = fill(source, Math.min(size + 1, chunk.length));
    const archive = archiveKind(chunk.subarray(0, read));
    let total = read;
    hash.update(chunk.subarray(0, read));
    if (!small) {
      while (read > 0) {
        side = 'copy';
        copy ??= openSync((temporary = into.temporary()), 'wx', originalMode);
        writeAll(copy, read);
        side = 'source';
        read = fill(source, chunk.length);
        hash.update(chunk.subarray(0, read));
        total += read;
      }
    }
    const after = fstatSync(source, { bigint: true });
    if (total !== size || changed(before, after)) {
      return refused(
        'changed-while-read',
        'Its size and its bytes did not agree from the beginning to the end of reading.',
      );
    }

    side = 'copy';
    const sha256 = hash.digest('hex');
    let kept: Kept = { sha256, size, existed: true };
    if (copy !== null || !into.stands(sha256, size)) {
      copy ??= openSync((temporary = into.temporary()), 'wx', originalMode);
      if (small) writeAll(copy, read);
      // Crash point: before this the temporary is nothing; after it the bytes are on the disk.
      fdatasyncSync(copy);
      kept = into.adopt(temporary!, sha256, size);
      temporary = null;
    }
    return { state: 'had', ...kept, archive, modified: isoTime(Number(before.mtimeMs)) };
  } catch (error) {
    const refusal = side === 'source' ? refusalOf(error) : null;
    if (refusal !== null) return refusal;
    throw asFault(error, 'copying into the originals');
  } finally {
    if (source !== null) closeSync(source);
    if (copy !== null) closeSync(copy);
    if (temporary !== null) rmSync(temporary, { force: true });
  }
}

let keepAccessTime = constants.O_NOATIME ?? 0;

/** Never follows a link, never waits for a fifo's writer, and leaves the source's access time alone where it may. */
function openSource(path: Buffer): number {
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
  try {
    return openSync(path, flags | keepAccessTime);
  } catch (error) {
    if (keepAccessTime === 0 || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    // Only a file's owner may ask for that.
    return openSync(path, flags);
  }
}

/** Reads into the chunk until `length` or the end of the file; the number of bytes read. */
function fill(source: number, length: number): number {
  let at = 0;
  while (at < length) {
    const read = readSync(source, chunk, at, length - at, null);
    if (read === 0) break;
    at += read;
  }
  return at;
}

function writeAll(copy: number, length: number): void {
  for (let at = 0; at < length;) at += writeSync(copy, chunk, at, length - at);
}

function changed(a: BigIntStats, b: BigIntStats): boolean {
  return a.size !== b.size || a.mtimeNs !== b.mtimeNs || a.ctimeNs !== b.ctimeNs || a.ino !== b.ino || a.dev !== b.dev;
}

function refusalOf(error: unknown): Refusal | null {
  const code = (error as NodeJS.ErrnoException).code;
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ESTALE':
      return refused('vanished', 'It was gone before it was read.');
    case 'ELOOP':
    case 'EMLINK':
      return refused('link', 'A link is not followed.');
    case 'ENXIO':
      return refused('special-file', 'A fifo, socket or device has no content to keep.');
    case 'EACCES':
    case 'EPERM':
      return refused('unreadable', 'No permission to read it.');
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
    case undefined:
      return null;
    default:
      return refused('unreadable', `The system could not read it to its end (${code}).`);
  }
}

function refused(reason: Refusal['reason'], message: string): Refusal {
  return { state: 'refused', reason, message };
}
