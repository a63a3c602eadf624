// A disclosed record as descriptions for other tools read it (RO-Crate, CASE/UCO): whatever is withheld, too large for a
// record, or not what it should be is null, and then does not appear. Nothing here judges; the check does.
import { sha256, toHex } from '#engine';
import { fileStores, type FileCitation, type RecordFields } from './record.ts';

const utf8 = new TextEncoder();

/** A disclosed record in its place. */
export interface DisclosedRecord {
  position: number;
  id: string;
  said: RecordFields;
}

/** What a description is about, beside the records. */
export interface DescribedBundle {
  /** The case's identifier. */
  case: string;
  /** Records under the checkpoint. */
  size: number;
  /** YYYY-MM-DD, as in bag-info.txt. */
  date: string;
  /** Whether the bundle carries `data/<path>`. */
  carries(path: string): boolean;
}

/**
 * A document that is written while the disclosed records are read once, in order: first the text for each, then the
 * rest. A function of its arguments, so that a checker makes it again and compares.
 */
export interface BundleDescription {
  see(record: DisclosedRecord): string;
  end(): Iterable<string>;
}

/** Text as bytes, in pieces of some 64 KiB. */
export function* encodePieces(text: Iterable<string>): Generator<Uint8Array, void, undefined> {
  let piece = '';
  for (const more of text) {
    piece += more;
    if (piece.length < 1 << 16) continue;
    yield utf8.encode(piece);
    piece = '';
  }
  yield utf8.encode(piece);
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

/** A whole number from 0 on. */
export function countOf(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}

/** A member of an object that may be none. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** The one record cited in this role. */
export function refOf({ refs }: RecordFields, role: string): string | null {
  return textOf(memberOf(refs, role));
}

/** The file cited in this role. */
export function fileOf({ files }: RecordFields, role: string): FileCitation | null {
  const file = memberOf(files, role);
  const [store, hex] = [textOf(memberOf(file, 'store')), textOf(memberOf(file, 'sha256'))];
  const size = countOf(memberOf(file, 'size'));
  const known = fileStores.find((one) => one === store);
  if (known === undefined || size === null || hex === null || !/^[0-9a-f]{64}$/.test(hex)) return null;
  return { store: known, sha256: hex, size };
}

/** The last name of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** A date and time as RFC 3339 has it, of a known zone or none; null for what is not. */
export function timeOf(value: unknown): string | null {
  const time = textOf(value);
  return time !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.test(time) ? time : null;
}

/**
 * A UUID for a thing that a record speaks of: from the record's id, which is salted, so that it tells nothing. SHA-256 cut
 * short in the form of version 5, since UCO 1.4 suggests one of versions 0 to 5.
 */
export function uuidOf(id: string, thing: string): string {
  const bytes = sha256(utf8.encode(`${thing} ${id}`)).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return [0, 8, 12, 16, 20].map((from, i, all) => hex.slice(from, all[i + 1] ?? 32)).join('-');
}
