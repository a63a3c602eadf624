// What a case's own records say of witnesses and their cosignatures, and whether it is true. A check shows it every
// record as it reads them, and asks for a judgement at its end. Kinds: `seal.witness`, `seal.cosignature`.
import { sha256, toBase64, toHex } from '#engine';
import { stampedFolder } from './commit.ts';
import { openCosignature } from './cosignature.ts';
import { openCheckpoint, parseNoteKey, splitNote, type CheckpointKeys, type NoteKey } from './note.ts';
import { FormatError, type ProblemCode } from './problem.ts';
import type { FileCitation, RecordFields } from './record.ts';

const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** One cosignature that a record speaks of, and what became of checking it. */
export interface JudgedCosignature {
  /** Position of the record. */
  record: number;
  /** The case's name for the witness, and the witness's own, as its key has it. */
  witness: string;
  cosigner: string;
  checkpoint: { size: number; root: string };
  /** RFC 3339, by the witness's clock. Null where the cosignature does not hold; then `problem` says why. */
  time: string | null;
  problem: { code: ProblemCode; message: string } | null;
}

export interface CosignatureParts {
  /** A cited file's bytes; null where it is not there. */
  read(file: FileCitation): Promise<Uint8Array | null>;
  /** The case's checkpoint key. */
  key: NoteKey | CheckpointKeys;
  /** The log's own root (base64) at the size of a checkpoint; null where the log has none of that size. */
  rootAt(size: number): Promise<string | null> | string | null;
}

/** Collects while a check reads, judges when it has read everything. */
export class CosignatureClaims {
  readonly #witnesses = new Map<string, RecordFields>();
  readonly #claims: { position: number; said: RecordFields }[] = [];
  /** Path of what is laid out for publishing -> its SHA-256 (hex). */
  readonly published = new Map<string, string>();

  /** To be called with every record in the order of the log. */
  see(position: number, id: string, said: RecordFields): void {
    if (said.kind === 'seal.witness') this.#witnesses.set(id, said);
    if (said.kind !== 'seal.cosignature') return;
    this.#claims.push({ position, said });
    const size = (said['checkpoint'] as { size?: unknown } | null | undefined)?.size;
    if (!Number.isSafeInteger(size)) return;
    for (const [name, role] of [
      ['checkpoint', 'checkpoint'],
      [`${String(said['witness'])}.cosignature`, 'cosignature'],
    ] as const) {
      const path = `${stampedFolder(size as number)}/${name}`;
      const file = said.files?.[role];
      // Of several over one checkpoint the first is laid out: it has the earliest time.
      if (file !== undefined && !this.published.has(path)) this.published.set(path, file.sha256);
    }
  }

  /** Checks every cosignature, in the order of the log. Never throws on what the records say. */
  async judge(parts: CosignatureParts): Promise<JudgedCosignature[]> {
    const judged: JudgedCosignature[] = [];
    for (const { position, said } of this.#claims) {
      const claimed = said['checkpoint'] as { size?: unknown; root?: unknown } | null | undefined;
      const one: JudgedCosignature = {
        record: position,
        witness: typeof said['witness'] === 'string' ? said['witness'] : '',
        cosigner: '',
        checkpoint: { size: Number(claimed?.size ?? 0), root: String(claimed?.root ?? '') },
        time: null,
        problem: null,
      };
      try {
        judged.push({ ...one, ...(await this.#check(one, said, parts)) });
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        judged.push({ ...one, problem: { code: error.code, message: error.message } });
      }
    }
    return judged;
  }

  async #check(
    { record, checkpoint }: JudgedCosignature,
    said: RecordFields,
    { read, key, rootAt }: CosignatureParts,
  ): Promise<Pick<JudgedCosignature, 'cosigner' | 'time'>> {
    const witness = this.#witnesses.get(String(said.refs?.['witness'] ?? ''));
    if (witness === undefined) throw new FormatError('citation-broken', 'it cites no witness of the case');
    const vkey = parseNoteKey(String(witness['key']), 'cosignature');
    const cited = async (role: string): Promise<string> => {
      const file = said.files?.[role];
      const bytes = file === undefined ? null : await read(file);
      if (file === undefined || bytes === null || toHex(sha256(bytes)) !== file.sha256) {
        throw new FormatError('citation-broken', 'a file that the cosignature needs is missing or altered');
      }
      return text.decode(bytes);
    };
    const note = await cited('checkpoint');
    const signed = openCheckpoint(note, key);
    const root = toBase64(signed.root);
    if (signed.size !== checkpoint.size || root !== checkpoint.root || signed.size > record) {
      throw new FormatError('record-malformed', 'it speaks of another checkpoint than the one that was cosigned');
    }
    if ((await rootAt(signed.size)) !== root) {
      throw new FormatError('checkpoint-root', 'the checkpoint that was cosigned is not one of this log');
    }
    const { time } = openCosignature(await cited('cosignature'), splitNote(note).text, vkey);
    if (cosignatureTime(time) !== said['time'] || witness['name'] !== said['witness']) {
      throw new FormatError('record-malformed', 'it gives another time or witness than its cosignature');
    }
    return { cosigner: vkey.name, time: cosignatureTime(time) };
  }
}

/** RFC 3339 in seconds, UTC: `2026-11-23T06:28:16Z`. */
export function cosignatureTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The witnessed checkpoint that covers most records, of those that hold; of equals the earliest. Null where none does. */
export function witnessedUntil(judged: readonly JudgedCosignature[]): { size: number; time: string } | null {
  let best: { size: number; time: string } | null = null;
  for (const { checkpoint, time } of judged) {
    if (time === null) continue;
    const { size } = checkpoint;
    if (best === null || size > best.size || (size === best.size && time < best.time)) best = { size, time };
  }
  return best;
}
