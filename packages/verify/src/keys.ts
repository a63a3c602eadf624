// The keys of a case over time. A change is one checkpoint: it seals the record that speaks of the change, names the new
// keys in an extension line, and is signed by the old and by the new checkpoint key, so each key vouches for the next.
import { fromBase64url, toBase64url } from '#engine';
import type { CaseFile } from './case-file.ts';
import { equalBytes } from './merkle.ts';
import {
  formatNoteKey,
  openCheckpoint,
  parseNoteKey,
  type Checkpoint,
  type CheckpointKeys,
  type NoteKey,
} from './note.ts';
import { FormatError } from './problem.ts';
import { openEntry, recordKey, type RecordKey } from './record.ts';

/** The keys that were in force from one change to the next. */
export interface KeyPeriod {
  /** 0 for the keys of case.json, n for those of the n-th change. */
  n: number;
  /** Records from this position on are signed by `records`, checkpoints over more than this many by `checkpoints` alone. */
  from: number;
  records: RecordKey;
  checkpoints: NoteKey;
  /** The checkpoint that changed to them; null for those of case.json. */
  note: string | null;
}

/** Where the copy of the n-th change's checkpoint lies: in a case below `log/keys`, in a bundle below `data/keys`. */
export function keyChangePath(n: number, below = 'log/keys'): string {
  return `${below}/${n}`;
}

/** The extension line of a change, ended: `dalil-keys <record key x, base64url> <checkpoint verifier key>`. */
export function formatKeyChange(recordRaw: Uint8Array, checkpoints: NoteKey): string {
  return `dalil-keys ${toBase64url(recordRaw)} ${formatNoteKey(checkpoints)}\n`;
}

export class KeyHistory implements CheckpointKeys {
  readonly #periods: KeyPeriod[];
  readonly origin: string;

  constructor({ origin, records, checkpoints }: CaseFile) {
    this.origin = origin;
    this.#periods = [{ n: 0, from: 0, records, checkpoints, note: null }];
  }

  get periods(): readonly KeyPeriod[] {
    return this.#periods;
  }

  /** The newest keys that are known here. */
  get current(): KeyPeriod {
    return this.#periods.at(-1)!;
  }

  get every(): readonly NoteKey[] {
    return this.#periods.map(({ checkpoints }) => checkpoints);
  }

  /** The keys in force for the record at this position. */
  at(position: number): KeyPeriod {
    return this.#periods.findLast(({ from }) => from <= position)!;
  }

  /** The keys that the checkpoint over just so many records brings; null where it brings none. */
  changeAt(size: number): KeyPeriod | null {
    return this.#periods.find(({ n, from }) => n > 0 && from === size) ?? null;
  }

  recordKeyAt(position: number): RecordKey {
    return this.at(position).records;
  }

  dueAt(size: number): { signers: readonly NoteKey[]; extension: string } {
    // A checkpoint over `size` records is of the keys of its last record; at a change, of the new ones as well.
    const { checkpoints } = this.at(Math.max(size - 1, 0));
    const next = this.changeAt(size);
    if (next === null) return { signers: [checkpoints], extension: '' };
    const extension = formatKeyChange(next.records.raw, next.checkpoints);
    return { signers: [checkpoints, next.checkpoints], extension };
  }

  /**
   * Takes the next change, given its checkpoint. Throws FormatError('key-change') where it is none, comes no later than
   * the one before, or brings back a key that the case has had; ('checkpoint-signature') unless old and new key signed it.
   */
  follow(note: string): KeyPeriod {
    const change = keyChangeOf(note, this.origin);
    if (change === null) throw new FormatError('key-change', 'it changes no keys');
    const { size, records, checkpoints } = change;
    if (size <= this.current.from) throw new FormatError('key-change', 'it comes before the change that it follows');
    const had = this.#periods.flatMap((one) => [one.records.raw, one.checkpoints.raw]);
    if (equalBytes(records.raw, checkpoints.raw) || had.some((raw) => isOf(raw, change))) {
      throw new FormatError('key-change', 'it brings back a key, or has one for two purposes');
    }
    this.#periods.push({ n: this.#periods.length, from: size, records, checkpoints, note });
    try {
      openCheckpoint(note, this);
    } catch (error) {
      this.#periods.pop();
      throw error;
    }
    return this.current;
  }

  /** Opens the next checkpoint in the chain of commits: one that changes the keys is followed. Throws FormatError. */
  open(note: string): Checkpoint {
    const change = keyChangeOf(note, this.origin);
    if (change !== null && change.size > this.current.from) this.follow(note);
    return openCheckpoint(note, this);
  }

  /** As `openEntry`, by the key in force at this position; the signature of another key of the case is named as such. */
  openEntry(entry: Uint8Array, position: number, check = true): string[] {
    const due = this.at(position);
    try {
      return openEntry(entry, due.records, check);
    } catch (error) {
      const other = this.#periods.find((one) => one !== due && signs(entry, one.records));
      if (other === undefined) throw error;
      const key = other.n < due.n ? 'a retired key' : 'a later key';
      throw new FormatError('record-signature', `it is signed by ${key} of the case, which was not in force here`);
    }
  }
}

/** The keys that a checkpoint would bring, by its text alone; null where it has no such line. Throws FormatError('key-change'). */
export function keyChangeOf(
  note: string,
  origin: string,
): { size: number; records: RecordKey; checkpoints: NoteKey } | null {
  const match = /^[^\n]+\n([1-9]\d{0,15})\n[^\n]+\ndalil-keys ([A-Za-z0-9_-]{43}) ([^\s]+)\n\n/u.exec(note);
  if (match === null) return null;
  const raw = fromBase64url(match[2]!);
  if (raw === null || raw.length !== 32) throw new FormatError('key-change', 'its record key is malformed');
  let checkpoints: NoteKey;
  try {
    checkpoints = parseNoteKey(match[3]!);
  } catch {
    throw new FormatError('key-change', 'its checkpoint key is malformed');
  }
  if (checkpoints.name !== origin) throw new FormatError('key-change', "its checkpoint key is another log's");
  return { size: Number(match[1]), records: recordKey(raw), checkpoints };
}

/**
 * The keys of a case over time, from the copies of the changes' checkpoints. `stopped` is what is wrong with the first
 * that cannot be followed; the history then ends before it.
 */
export async function readKeyHistory(
  read: (path: string) => Promise<Uint8Array | null>,
  card: CaseFile,
  below?: string,
): Promise<{ history: KeyHistory; stopped: { path: string; error: FormatError } | null }> {
  const history = new KeyHistory(card);
  const stopped = await readKeyChanges(read, history, below);
  return { history, stopped };
}

/** Takes the changes that came since; see `readKeyHistory`. */
export async function readKeyChanges(
  read: (path: string) => Promise<Uint8Array | null>,
  history: KeyHistory,
  below?: string,
): Promise<{ path: string; error: FormatError } | null> {
  for (;;) {
    const path = keyChangePath(history.periods.length, below);
    const bytes = await read(path);
    if (bytes === null) return null;
    try {
      history.follow(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return { path, error };
    }
  }
}

function isOf(raw: Uint8Array, { records, checkpoints }: { records: RecordKey; checkpoints: NoteKey }): boolean {
  return equalBytes(raw, records.raw) || equalBytes(raw, checkpoints.raw);
}

function signs(entry: Uint8Array, key: RecordKey): boolean {
  try {
    openEntry(entry, key);
    return true;
  } catch {
    return false;
  }
}
