// case.json: the immutable card of a case. Its hash is in the first record.
import { fromBase64url, toBase64url } from '#engine';
import { formatNoteKey, noteKey, parseNoteKey, type NoteKey } from './note.ts';
import { FormatError } from './problem.ts';
import { recordKey, type RecordKey } from './record.ts';

export const caseFormat = 'dalil-case/1';

export interface CaseFile {
  /** 32 hex digits, random. */
  id: string;
  /** The log's name in checkpoints: random, so that publishing it says nothing of the case. */
  origin: string;
  records: RecordKey;
  checkpoints: NoteKey;
}

export function formatCaseFile(id: string, recordRaw: Uint8Array, checkpointRaw: Uint8Array): string {
  const card = {
    format: caseFormat,
    id,
    recordKey: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(recordRaw), kid: recordKey(recordRaw).kid },
    checkpointKey: formatNoteKey(noteKey(originOf(id), checkpointRaw)),
  };
  return `${JSON.stringify(card, null, 2)}\n`;
}

/** `.invalid` (RFC 2606): a name in the form of a URL without a scheme that can never be anybody's. */
export function originOf(id: string): string {
  return `dalil.invalid/${id}`;
}

/** Throws FormatError('case-unreadable') unless the text is byte for byte what `formatCaseFile` gives. */
export function parseCaseFile(text: string): CaseFile {
  const refuse = (why: string) => new FormatError('case-unreadable', `case.json: ${why}`);
  let card: { format?: unknown; id?: unknown; recordKey?: { x?: unknown }; checkpointKey?: unknown };
  try {
    card = JSON.parse(text) as typeof card;
  } catch {
    throw refuse('not JSON');
  }
  if (card?.format !== caseFormat) throw refuse(`expected format ${caseFormat}`);
  const x = typeof card.recordKey?.x === 'string' ? fromBase64url(card.recordKey.x) : null;
  if (typeof card.id !== 'string' || !/^[0-9a-f]{32}$/.test(card.id)) throw refuse('no identifier of 32 hex digits');
  if (x === null || x.length !== 32 || typeof card.checkpointKey !== 'string') throw refuse('a key is missing');
  const checkpoints = parseNoteKey(card.checkpointKey);
  if (formatCaseFile(card.id, x, checkpoints.raw) !== text) throw refuse('not in its canonical form');
  return { id: card.id, origin: originOf(card.id), records: recordKey(x), checkpoints };
}
