// C2SP signed-note and tlog-checkpoint: a text, a blank line, signature lines; in a checkpoint the text is origin,
// number of records and root. Unknown keys' lines are kept and ignored, as the format demands; ours must be there.
import { fromBase64, publicKeyFromRaw, sha256Of, toBase64, verifyEd25519 } from '#engine';
import { equalBytes } from './merkle.ts';
import { FormatError } from './problem.ts';

const utf8 = new TextEncoder();
const ed25519 = 0x01;

/** A note's verifier key: `<name>+<8 hex digits>+<base64(0x01 || 32-byte key)>`. */
export interface NoteKey {
  name: string;
  /** First four bytes of SHA-256(name || LF || 0x01 || key). */
  id: Uint8Array;
  raw: Uint8Array;
}

export function noteKey(name: string, raw: Uint8Array): NoteKey {
  const id = sha256Of(utf8.encode(`${name}\n`), new Uint8Array([ed25519]), raw).subarray(0, 4);
  return { name, id, raw };
}

export function formatNoteKey(key: NoteKey): string {
  const id = Array.from(key.id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${id}+${toBase64(new Uint8Array([ed25519, ...key.raw]))}`;
}

/** Throws FormatError('case-unreadable') unless the text is a well-formed Ed25519 verifier key whose id fits. */
export function parseNoteKey(text: string): NoteKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const bytes = match === null ? null : fromBase64(match[3]!);
  if (match === null || bytes === null || bytes.length !== 33 || bytes[0] !== ed25519) {
    throw new FormatError('case-unreadable', 'the checkpoint key is no Ed25519 note verifier key');
  }
  const key = noteKey(match[1]!, bytes.subarray(1));
  if (formatNoteKey(key) !== text) throw new FormatError('case-unreadable', "the checkpoint key's id does not fit");
  return key;
}

/** The signed note: `text` must end with a newline; `sign` gives the 64-byte Ed25519 signature over it. */
export function signNote(text: string, key: NoteKey, sign: (message: Uint8Array) => Uint8Array): string {
  const signature = sign(utf8.encode(text));
  return `${text}\n— ${key.name} ${toBase64(new Uint8Array([...key.id, ...signature]))}\n`;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
  /** The whole note, signatures included. */
  note: string;
}

/** The text of a checkpoint, to be signed. */
export function checkpointText(origin: string, size: number, root: Uint8Array): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/**
 * Parses a checkpoint and checks the signature of `key` on it. Exactly one line by that key is demanded, so that no
 * byte of the file is free. Throws FormatError('checkpoint-signature').
 */
export function openCheckpoint(note: string, key: NoteKey): Checkpoint {
  const refuse = (why: string) => new FormatError('checkpoint-signature', why);
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0) throw refuse('no signature block');
  const text = note.slice(0, cut + 1);
  const lines = note.slice(cut + 2).split('\n');
  if (lines.pop() !== '') throw refuse('the last line does not end');
  let seen = 0;
  for (const line of lines) {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    const bytes = match === null ? null : fromBase64(match[2]!);
    if (match === null || bytes === null || bytes.length < 5) throw refuse('a malformed signature line');
    if (match[1] !== key.name || !equalBytes(bytes.subarray(0, 4), key.id)) continue;
    if (!verifyEd25519(publicKeyFromRaw(key.raw), utf8.encode(text), bytes.subarray(4))) {
      throw refuse("the signature is not the case's");
    }
    seen++;
  }
  if (seen !== 1) throw refuse(`expected one signature by the case's checkpoint key, got ${seen}`);
  const body = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/=]+)\n$/u.exec(text);
  const root = body === null ? null : fromBase64(body[3]!);
  if (body === null || root === null || root.length !== 32) throw refuse('not the text of a checkpoint');
  if (body[1] !== key.name) throw refuse("the origin is another log's");
  return { origin: body[1]!, size: Number(body[2]), root, note };
}
