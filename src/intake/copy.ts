// From what was found to what was had: files go to threads in batches, members of archives come as streams. What could
// not be had whole is an outcome with its reason; only a trouble of our own disk is an exception.

import type { Originals } from '../store/originals.ts';
import { openWorkers } from '../store/workers.ts';
import { archiveKind, MemberFault } from './archive.ts';
import type { ArchiveKind } from './archive.ts';
import type { CopyOrder } from './copy-worker.ts';
import type { QuarantineReason } from './records.ts';
import type { Found, FoundKind } from './walk.ts';

/** Why nothing was kept. The message is a sentence without names or contents. */
export interface Refusal {
  state: 'refused';
  reason: QuarantineReason;
  message: string;
}

/** Its bytes are durable in the originals; its name is once `originals.settle()` has been awaited. */
export interface Had {
  state: 'had';
  /** 64 hex digits. */
  sha256: string;
  size: number;
  /** Whether this content stood in the originals before. */
  existed: boolean;
  /** Which archive the content is, judged by its first 64 KiB. */
  archive: ArchiveKind | null;
  /** Last change of the file read, ISO 8601, UTC; null for a stream. */
  modified: string | null;
}

export type CopyOutcome = Had | Refusal;

export interface Copier {
  /** Copies one thing found. Many at a time: they are handed to the threads in batches. Rejects with a Fault only. */
  copy(found: Found): Promise<CopyOutcome>;
  /** Keeps a member's stream. A stream that fails with MemberFault, or is longer than `most`, is refused. */
  copyStream(chunks: AsyncIterable<Uint8Array>, most?: number): Promise<CopyOutcome>;
  /** Ends the threads. */
  close(): Promise<void>;
}

export interface CopySettings {
  originals: Originals;
  /** Two keep two cores busy; four hide the latency of a slow disk. 4 by default. */
  threads?: number;
  /** The largest file taken, in bytes; without a limit by default. */
  most?: number;
}

/** Keep this many under way (`inOrder`): enough for the threads to go on through a settle and a commit of 512 records. */
export const copyWindow = 1024;

/** A message between threads costs as much as a small file: so many files, or so many bytes, go in one. */
const batchFiles = 32;
const batchBytes = 8 << 20;
/** The port ends a thread at its time limit; a large file from a slow disk may take hours. */
const timeLimit = 24 * 3600 * 1000;

const notFiles: Record<Exclude<FoundKind, 'file'>, Refusal> = {
  link: { state: 'refused', reason: 'link', message: 'A link is not followed.' },
  special: { state: 'refused', reason: 'special-file', message: 'A fifo, socket or device has no content to keep.' },
  unreadable: { state: 'refused', reason: 'unreadable', message: 'No permission to look at it.' },
  vanished: { state: 'refused', reason: 'vanished', message: 'It was gone before it was read.' },
};

interface Waiting {
  found: Found;
  resolve: (outcome: CopyOutcome) => void;
  reject: (error: unknown) => void;
}

export function createCopier({ originals, threads = 4, most = Infinity }: CopySettings): Copier {
  const workers = openWorkers<CopyOrder, CopyOutcome[]>(new URL('./copy-worker.ts', import.meta.url), {
    threads,
    timeLimit,
  });
  const waiting: Waiting[] = [];
  let busy = 0;
  let woken = false;

  function wake(): void {
    woken = false;
    while (busy < threads && waiting.length > 0) void run(nextBatch());
  }

  function nextBatch(): Waiting[] {
    const share = Math.min(batchFiles, Math.ceil(waiting.length / (threads - busy)));
    let count = 0;
    for (let bytes = 0; count < share && (count === 0 || bytes < batchBytes); count++) {
      bytes += waiting[count]!.found.size ?? 0;
    }
    return waiting.splice(0, count);
  }

  async function run(batch: Waiting[]): Promise<void> {
    busy++;
    try {
      const paths = batch.map(({ found }) => found.absolute.toString('latin1'));
      const outcomes = await workers.run({ folder: originals.folder, owner: originals.owner, paths, most });
      for (const [index, { resolve }] of batch.entries()) {
        const outcome = outcomes[index]!;
        if (outcome.state === 'had') originals.noted(outcome.sha256);
        resolve(outcome);
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    } finally {
      busy--;
      wake();
    }
  }

  return {
    copy(found) {
      if (found.kind !== 'file') return Promise.resolve(notFiles[found.kind]);
      return new Promise((resolve, reject) => {
        waiting.push({ found, resolve, reject });
        if (woken) return;
        woken = true;
        setImmediate(wake);
      });
    },

    async copyStream(chunks, mostBytes = most) {
      const heads: Uint8Array[] = [];
      async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
        let size = 0;
        for await (const chunk of chunks) {
          if (size < headBytes) heads.push(chunk.subarray(0, headBytes - size));
          size += chunk.length;
          if (size > mostBytes) throw new MemberFault('over-limit', `Larger than the limit of ${mostBytes} bytes.`);
          yield chunk;
        }
      }
      try {
        const kept = await originals.receive(watched());
        return { state: 'had', ...kept, archive: archiveKind(Buffer.concat(heads)), modified: null };
      } catch (error) {
        if (error instanceof MemberFault) return { state: 'refused', reason: error.reason, message: error.message };
        throw error;
      }
    },

    close: () => workers.close(),
  };
}

const headBytes = 64 << 10;
