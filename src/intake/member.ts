// What every archive is read into: members, each counted once, each with its bytes or the reason why not. An archive from
// a stranger may be built to fill a disk or to climb out of a folder; limits are on what was measured, not on its claims.

import { openSignal } from '../store/in-order.ts';
import { receivedPath } from './received-path.ts';
import type { ReceivedPath } from './received-path.ts';
import type { QuarantineReason } from './records.ts';

/** One member that is no folder. */
export interface Member {
  /** As the archive has it; a leading `./` says nothing and is left out. */
  path: ReceivedPath;
  /** From 0, in the archive's own order, folders not counted. */
  position: number;
  /** Bytes, as the archive claims; null where the claim cannot be read. */
  size: number | null;
  /**
   * ISO 8601, with `Z` where the archive holds a moment, without where it holds a clock's reading of an unknown zone
   * (plain zip); null where neither.
   */
  modified: string | null;
  outcome: { stream: MemberStream } | { refused: MemberRefusal };
}

/**
 * The member's bytes, once. Begin to read before the next member is asked for, or not at all; the archive waits until a
 * stream that was begun has ended. Fails with MemberFault where the member turns out not to be whole: then nothing of it
 * may be kept.
 */
export type MemberStream = AsyncIterable<Uint8Array>;

export type MemberReason = Extract<
  QuarantineReason,
  'encrypted' | 'over-limit' | 'unsafe-path' | 'link' | 'special-file' | 'damaged-member'
>;

export interface MemberRefusal {
  reason: MemberReason;
  /** A sentence without names or contents. */
  message: string;
}

/** Ends a member's stream whose bytes may not be kept. It never leaves intake: whoever keeps streams turns it into a refusal. */
export class MemberFault extends Error {
  readonly reason: MemberReason;
  constructor(reason: MemberReason, message: string) {
    super(message);
    this.name = 'MemberFault';
    this.reason = reason;
  }
}

/** What was wrong with the archive itself. */
export interface ArchiveProblem {
  code:
    | 'truncated-archive'
    | 'damaged-archive'
    | 'split-archive'
    | 'overlapping-members'
    | 'trailing-bytes'
    | 'leading-bytes'
    | 'over-limit'
    | 'too-many-members'
    | 'duplicate-member-names';
  message: string;
}

/** Filled while the archive is read; complete after its last member. */
export interface ArchiveSummary {
  /** How many members were counted, whatever became of each. */
  members: number;
  problems: ArchiveProblem[];
}

export interface ArchiveLimits {
  /** Bytes out for a byte in, beyond the first MiB. Photographs reach 1, text 20, zeros 1,030. */
  ratio: number;
  /** Bytes of one member. */
  member: number;
  /** Bytes of all members together. */
  total: number;
  members: number;
  /** How deep archives are opened: 2 is an archive and one inside it. */
  nesting: number;
}

export const defaultLimits: ArchiveLimits = {
  ratio: 200,
  member: 8 * 2 ** 30,
  total: 64 * 2 ** 30,
  members: 1_000_000,
  nesting: 2,
};

/** Below this a ratio says nothing: an empty table compresses well. */
export const ratioFloor = 1 << 20;

/** Counts bytes out against a limit and against bytes in; throws MemberFault over-limit at the first byte too many. */
export function openMeter(limits: { ratio: number; most: number }, bytesIn: () => number): (count: number) => void {
  let out = 0;
  return (count) => {
    out += count;
    if (out > limits.most) throw new MemberFault('over-limit', `Larger than the limit of ${limits.most} bytes.`);
    if (out > ratioFloor && out > limits.ratio * bytesIn()) {
      throw new MemberFault('over-limit', `Unpacks to more than ${limits.ratio} times its size.`);
    }
  };
}

export function memberPath(raw: Uint8Array): ReceivedPath {
  let at = 0;
  while (raw[at] === 0x2e && raw[at + 1] === 0x2f && raw.length > at + 2) at += 2;
  return receivedPath(raw.subarray(at));
}

/**
 * Why a member of this name is refused, or null. Its name is never used to write, but whoever unpacks the archive after
 * us would: the name is judged with both kinds of slash, since programs differ in what they take for one.
 */
export function unsafePath(raw: Uint8Array): MemberRefusal | null {
  const text = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('latin1').replaceAll('\\', '/');
  if (text === '') return unsafe('The member has no name.');
  if (text.includes('\0')) return unsafe('The member has a NUL in its name.');
  if (text.startsWith('/') || /^[A-Za-z]:/.test(text)) return unsafe('The name of the member is an absolute path.');
  if (text.split('/').includes('..')) return unsafe('The name of the member leads out of the archive.');
  return null;
}

function unsafe(message: string): MemberRefusal {
  return { reason: 'unsafe-path', message };
}

/** The turn of one member's stream, so that an archive is read in one order whatever its consumer does. */
export interface Turn {
  stream: MemberStream;
  /** Resolves when the stream has ended; one that was not begun by now is passed over, and fails if it is begun later. */
  over(): Promise<void>;
}

export function openTurn(bytes: () => AsyncIterable<Uint8Array>): Turn {
  let state: 'offered' | 'begun' | 'passed' = 'offered';
  const ended = openSignal();
  return {
    stream: {
      async *[Symbol.asyncIterator]() {
        if (state !== 'offered') throw new Error("A member's stream was read twice, or after its turn.");
        state = 'begun';
        try {
          yield* bytes();
        } finally {
          ended.set();
        }
      },
    },
    async over() {
      if (state === 'begun') await ended.promise;
      else state = 'passed';
    },
  };
}
