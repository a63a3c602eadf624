// What a case's own records say of time authorities and tokens, and whether it is true. A check shows it every record
// as it reads them, and asks for a judgement at its end. Kinds: `seal.authority`, `seal.timestamp`.
import { fromHex, sha256, toBase64, toHex } from '#engine';
import { stampedFolder } from './commit.ts';
import type { TimestampJudge } from './files.ts';
import { openCheckpoint, type CheckpointKeys, type NoteKey } from './note.ts';
import { FormatError, type ProblemCode } from './problem.ts';
import type { FileCitation, RecordFields } from './record.ts';
import { checkTimestamp, TimestampError, type Timestamp, type TimestampCode } from './timestamp.ts';

/** One token that a record speaks of, and what became of checking it. */
export interface JudgedTimestamp {
  /** Position of the record. */
  record: number;
  /** The case's name for the authority. */
  authority: string;
  /** The checkpoint that was stamped. */
  checkpoint: { size: number; root: string };
  /** Null where the token does not hold; then `problem` says why. */
  timestamp: Timestamp | null;
  problem: { code: TimestampCode | ProblemCode; message: string } | null;
  /** Whether a certificate of its chain has ended by now. What it stamped before stands. */
  ended: boolean;
  /** The size of a later stamped checkpoint, made while this token's chain was good, over the record of this token. */
  coveredBy: number | null;
}

export interface JudgingParts {
  /** A cited file's bytes; null where it is not there. */
  read(file: FileCitation): Promise<Uint8Array | null>;
  /** The case's checkpoint key, or its keys over time. */
  key: NoteKey | CheckpointKeys;
  /** The log's own root (base64) at the size of a checkpoint; null where the log has none of that size. */
  rootAt(size: number): Promise<string | null> | string | null;
  now: Date;
  /** Trust these (DER) instead of the anchors that the case itself names. */
  roots?: readonly Uint8Array[];
}

interface Claim {
  position: number;
  authorityId: string;
  said: RecordFields;
}

/** Collects while a check reads, judges when it has read everything. */
export class TimestampClaims {
  readonly #authorities = new Map<string, RecordFields>();
  readonly #claims: Claim[] = [];
  /** Path of what is laid out for publishing -> its SHA-256 (hex). */
  readonly published = new Map<string, string>();
  /** Folder and authority -> how many replies. */
  readonly #replies = new Map<string, number>();

  /** To be called with every record in the order of the log. */
  see(position: number, id: string, said: RecordFields): void {
    if (said.kind === 'seal.authority') this.#authorities.set(id, said);
    if (said.kind !== 'seal.timestamp') return;
    this.#claims.push({ position, authorityId: String(said.refs?.['authority'] ?? ''), said });
    const size = (said['checkpoint'] as { size?: unknown } | null | undefined)?.size;
    if (!Number.isSafeInteger(size)) return;
    const folder = stampedFolder(size as number);
    const place = (name: string, role: string): void => {
      const file = said.files?.[role];
      if (file !== undefined) this.published.set(`${folder}/${name}`, file.sha256);
    };
    if (!this.published.has(`${folder}/checkpoint`)) place('checkpoint', 'checkpoint');
    const name = String(said['authority']);
    const n = (this.#replies.get(`${folder}/${name}`) ?? 0) + 1;
    this.#replies.set(`${folder}/${name}`, n);
    place(`${name}-${n}.tsr`, 'reply');
  }

  /** Whether a file below log/checkpoints is what a record says was stamped, or the reply to it, byte for byte. */
  isPublished(path: string, sha256Hex: string): boolean {
    return this.published.get(path) === sha256Hex;
  }

  /** Checks every token, in the order of the log. Never throws on what the records or tokens say. */
  async judge(parts: JudgingParts): Promise<JudgedTimestamp[]> {
    const judged: JudgedTimestamp[] = [];
    for (const claim of this.#claims) judged.push(await this.#judge(claim, parts));
    for (const one of judged) {
      const cover = judged.find((later) => covers(later, one));
      one.coveredBy = cover?.checkpoint.size ?? null;
    }
    return judged;
  }

  async #judge({ position, authorityId, said }: Claim, parts: JudgingParts): Promise<JudgedTimestamp> {
    const claimed = said['checkpoint'] as { size?: unknown; root?: unknown } | null | undefined;
    const judged: JudgedTimestamp = {
      record: position,
      authority: typeof said['authority'] === 'string' ? said['authority'] : '',
      checkpoint: { size: Number(claimed?.size ?? 0), root: String(claimed?.root ?? '') },
      timestamp: null,
      problem: null,
      ended: false,
      coveredBy: null,
    };
    try {
      const timestamp = await this.#check(judged, said, this.#authorities.get(authorityId), parts);
      return { ...judged, timestamp, ended: timestamp.validUntil < parts.now.toISOString() };
    } catch (error) {
      if (!(error instanceof TimestampError || error instanceof FormatError)) throw error;
      return { ...judged, problem: { code: error.code, message: error.message } };
    }
  }

  async #check(
    { record, checkpoint }: JudgedTimestamp,
    said: RecordFields,
    authority: RecordFields | undefined,
    { read, key, rootAt, roots }: JudgingParts,
  ): Promise<Timestamp> {
    if (authority === undefined) throw new FormatError('citation-broken', 'it cites no authority of the case');
    const cited = (name: string, from: RecordFields): Promise<Uint8Array> => readCited(from.files?.[name], read);
    const note = await cited('checkpoint', said);
    const signed = openCheckpoint(new TextDecoder('utf-8', { ignoreBOM: true }).decode(note), key);
    const root = toBase64(signed.root);
    if (signed.size !== checkpoint.size || root !== checkpoint.root || signed.size > record) {
      throw new FormatError('record-malformed', 'it speaks of another checkpoint than the one that was stamped');
    }
    if ((await rootAt(signed.size)) !== root) {
      throw new FormatError('checkpoint-root', 'the checkpoint that was stamped is not one of this log');
    }
    const token = said['token'] as Record<string, unknown> | null | undefined;
    const nonce = typeof token?.['nonce'] === 'string' ? fromHex(token['nonce']) : null;
    const policy = authority['policy'];
    const timestamp = await checkTimestamp(await cited('reply', said), {
      message: note,
      roots: roots ?? (await Promise.all(rolesOf(authority, 'anchor').map((role) => cited(role, authority)))),
      revocations: await Promise.all(rolesOf(said, 'revocation').map((role) => cited(role, said))),
      ...(nonce === null ? {} : { nonce }),
      ...(typeof policy === 'string' ? { policy } : {}),
    });
    if (timestamp.genTime !== token?.['genTime'] || timestamp.serial !== token['serial']) {
      throw new FormatError('record-malformed', 'it gives another time or serial number than its token');
    }
    return timestamp;
  }
}

/** What `checkCase` and `checkBundle` are given to judge timestamps; new for each check. */
export function judgesTimestamps(told: Pick<JudgingParts, 'now' | 'roots'>): TimestampJudge {
  const claims = new TimestampClaims();
  return {
    published: claims.published,
    see: (position, id, said) => claims.see(position, id, said),
    async judge(parts) {
      const judged = await claims.judge({ ...parts, ...told });
      return { judged, unchangedSince: unchangedSince(judged) };
    },
  };
}

/** The stamped checkpoint that covers most records, of those that hold; of equals the earliest. Null where none does. */
export function unchangedSince(judged: readonly JudgedTimestamp[]): { size: number; genTime: string } | null {
  let best: { size: number; genTime: string } | null = null;
  for (const { checkpoint, timestamp } of judged) {
    if (timestamp === null) continue;
    const { size } = checkpoint;
    if (best === null || size > best.size || (size === best.size && timestamp.genTime < best.genTime)) {
      best = { size, genTime: timestamp.genTime };
    }
  }
  return best;
}

/** RFC 4998 in the log's own terms: a later token over a tree in which the record of this one stands. */
function covers(later: JudgedTimestamp, one: JudgedTimestamp): boolean {
  if (later.timestamp === null || one.timestamp === null) return false;
  return (
    later.checkpoint.size > one.record &&
    later.timestamp.genTime <= one.timestamp.validUntil &&
    later.timestamp.validUntil > one.timestamp.validUntil
  );
}

function rolesOf(said: RecordFields, prefix: string): string[] {
  return Object.keys(said.files ?? {}).filter((role) => role.startsWith(prefix));
}

async function readCited(file: FileCitation | undefined, read: JudgingParts['read']): Promise<Uint8Array> {
  const bytes = file === undefined ? null : await read(file);
  if (file === undefined || bytes === null || toHex(sha256(bytes)) !== file.sha256) {
    throw new FormatError('citation-broken', 'a file that the timestamp needs is missing or altered');
  }
  return bytes;
}
