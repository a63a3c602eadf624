// What outsiders have signed of a log, tokens of time and cosignatures, for the checks of a case and of a bundle alike.
import { CosignatureClaims, type CosignatureParts } from './check-cosignatures.ts';
import type { TimestampJudge } from './files.ts';
import type { Findings } from './findings.ts';
import type { RecordFields } from './record.ts';

export class Outsiders {
  readonly #findings: Findings;
  readonly #timestamps: TimestampJudge | undefined;
  readonly #cosignatures = new CosignatureClaims();
  /** How many records speak of a token of time. */
  #stamped = 0;

  /** Without a judge, timestamps are counted in a note and not checked. */
  constructor(findings: Findings, timestamps: TimestampJudge | undefined) {
    this.#findings = findings;
    this.#timestamps = timestamps;
  }

  /** To be called with every record in the order of the log. */
  see(position: number, id: string, said: RecordFields): void {
    if (said.kind === 'seal.timestamp') this.#stamped++;
    this.#timestamps?.see(position, id, said);
    this.#cosignatures.see(position, id, said);
  }

  /** Where nobody can read them, it is not known what they have laid out for publishing. */
  get unread(): boolean {
    return this.#timestamps === undefined && this.#stamped > 0;
  }

  /** Path of what is laid out for publishing -> its SHA-256 (hex). */
  published(): ReadonlyMap<string, string> {
    return new Map([...(this.#timestamps?.published ?? []), ...this.#cosignatures.published]);
  }

  /** Says in a note what cannot be read. */
  noteUnread(where: string): void {
    if (this.unread) this.#findings.note(where, `${this.#stamped} timestamps, which this check cannot read`);
  }

  /** Judges everything; `where` gives the place of a record. */
  async judge(parts: CosignatureParts, where: (record: number) => string): Promise<void> {
    this.#findings.cosignatures(await this.#cosignatures.judge(parts), where);
    if (this.#timestamps !== undefined) this.#findings.timestamps(await this.#timestamps.judge(parts), where);
  }
}

/** The checkpoint that a record says an outsider has signed, of at most `most` records; null where it says none. */
export function signedOutside(said: RecordFields, most: number): { size: number; root: string } | null {
  if (said.kind !== 'seal.timestamp' && said.kind !== 'seal.cosignature') return null;
  const { size, root } = (said['checkpoint'] ?? {}) as Record<string, unknown>;
  const sound = Number.isSafeInteger(size) && (size as number) > 0 && (size as number) <= most;
  return sound && typeof root === 'string' ? { size: size as number, root } : null;
}
