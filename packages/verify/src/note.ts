// C2SP signed-note and tlog-checkpoint: a text, a blank line, signature lines; in a checkpoint the text is origin,
// number of records and root. Unknown keys' lines are kept and ignored, as the format demands; ours must be there.
import { fromBase64, publicKeyFromRaw, sha256Of, toBase64, toHex, verifyEd25519 } from '#engine';
import { equalBytes } from './merkle.ts';
import { FormatError } from './problem.ts';

const utf8 = new TextEncoder();
/** What an Ed25519 key signs: a note as it is, or a cosignature over it (C2SP tlog-cosignature). */
export const noteTypes = { ed25519: 0x01, cosignature: 0x04 } as const;
export type NoteType = keyof typeof noteTypes;

/** A note's verifier key: `<name>+<8 hex digits>+<base64(type || 32-byte key)>`. */
export interface NoteKey {
  name: string;
  type: NoteType;
  /** First four bytes of SHA-256(name || LF || type || key). */
  id: Uint8Array;
  raw: Uint8Array;
}

export function noteKey(name: string, raw: Uint8Array, type: NoteType = 'ed25519'): NoteKey {
  const id = sha256Of(utf8.encode(`${name}\n`), new Uint8Array([noteTypes[type]]), raw).subarray(0, 4);
  return { name, type, id, raw };
}

export function formatNoteKey(key: NoteKey): string {
  return `${key.name}+${toHex(key.id)}+${toBase64(new Uint8Array([noteTypes[key.type], ...key.raw]))}`;
}

/** Throws FormatError('case-unreadable') unless the text is a well-formed verifier key of this type whose id fits. */
export function parseNoteKey(text: string, type: NoteType = 'ed25519'): NoteKey {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(text);
  const bytes = match === null ? null : fromBase64(match[3]!);
  if (match === null || bytes === null || bytes.length !== 33 || bytes[0] !== noteTypes[type]) {
    throw new FormatError('case-unreadable', `no note verifier key of type ${type}`);
  }
  const key = noteKey(match[1]!, bytes.subarray(1), type);
  if (formatNoteKey(key) !== text) throw new FormatError('case-unreadable', "the verifier key's id does not fit");
  return key;
}

/** The signed note: `text` must end with a newline; `sign` gives the 64-byte Ed25519 signature over it. */
export function signNote(text: string, key: NoteKey, sign: (message: Uint8Array) => Uint8Array): string {
  return `${text}\n${formatSignature({ ...key, signature: sign(utf8.encode(text)) })}`;
}

export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
  /** The whole note, signatures included. */
  note: string;
}

/** Which keys must have signed a checkpoint, where they are not one for ever: see `KeyHistory` in keys.ts. */
export interface CheckpointKeys {
  readonly origin: string;
  /** Whose signatures a checkpoint over `size` records must bear, and the extension lines (each ended) that it must hold. */
  dueAt(size: number): { signers: readonly NoteKey[]; extension: string };
  /** Every key of this log: the signature of one that is not due is refused, as it is of a retired key. */
  readonly every: readonly NoteKey[];
}

/** The text of a checkpoint, to be signed. `extension` is empty, or lines, each ended. */
export function checkpointText(origin: string, size: number, root: Uint8Array, extension = ''): string {
  return `${origin}\n${size}\n${toBase64(root)}\n${extension}`;
}

/** A note with one more signature, below those it has. */
export function cosignNote(note: string, key: NoteKey, sign: (message: Uint8Array) => Uint8Array): string {
  const text = note.slice(0, note.lastIndexOf('\n\n') + 1);
  return note + signNote(text, key, sign).slice(text.length + 1);
}

export interface SignatureLine {
  name: string;
  /** The four bytes of the key's id, and what follows them. */
  id: Uint8Array;
  signature: Uint8Array;
}

/** A note taken apart, and not checked. Throws FormatError('checkpoint-signature'). */
export function splitNote(note: string): { text: string; lines: SignatureLine[] } {
  const cut = note.lastIndexOf('\n\n');
  if (cut < 0) throw new FormatError('checkpoint-signature', 'no signature block');
  return { text: note.slice(0, cut + 1), lines: splitSignatures(note.slice(cut + 2)) };
}

/** Signature lines, as a note ends with them and as a witness answers with them. Throws FormatError('checkpoint-signature'). */
export function splitSignatures(block: string): SignatureLine[] {
  const lines = block.split('\n');
  if (lines.pop() !== '') throw new FormatError('checkpoint-signature', 'the last line does not end');
  return lines.map((line) => {
    const match = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line);
    const bytes = match === null ? null : fromBase64(match[2]!);
    if (match === null || bytes === null || bytes.length < 5) {
      throw new FormatError('checkpoint-signature', 'a malformed signature line');
    }
    return { name: match[1]!, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
  });
}

/** A signature line, with its line feed. */
export function formatSignature({ name, id, signature }: SignatureLine): string {
  return `— ${name} ${toBase64(new Uint8Array([...id, ...signature]))}\n`;
}

/** Whether a line claims to be by this key. */
export function isBy(line: SignatureLine, key: NoteKey): boolean {
  return line.name === key.name && equalBytes(line.id, key.id);
}

/** Whether the text is signed by this key once, and by a line that holds. Lines by others are let stand. */
export function isSigned(text: string, lines: readonly SignatureLine[], key: NoteKey): boolean {
  const own = lines.filter((line) => isBy(line, key));
  return own.length === 1 && verifyEd25519(publicKeyFromRaw(key.raw), utf8.encode(text), own[0]!.signature);
}

/**
 * Parses a checkpoint and checks the signatures that are due on it: exactly one line by each such key is demanded, and
 * no extension line but those that are due, so that no byte of the file is free. Throws FormatError('checkpoint-signature').
 */
export function openCheckpoint(note: string, keys: NoteKey | CheckpointKeys): Checkpoint {
  const refuse = (why: string) => new FormatError('checkpoint-signature', why);
  const { text, lines } = splitNote(note);
  const body = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/=]+)\n((?:[^\n]+\n)*)$/u.exec(text);
  const root = body === null ? null : fromBase64(body[3]!);
  if (body === null || root === null || root.length !== 32) throw refuse('not the text of a checkpoint');
  const size = Number(body[2]);
  const always = 'raw' in keys;
  const { signers, extension } = always ? { signers: [keys], extension: '' } : keys.dueAt(size);
  const others = always ? [] : keys.every.filter((key) => !signers.includes(key));
  if (lines.some((line) => others.some((key) => isBy(line, key)))) {
    throw refuse('it is signed by a key of the case that was not in force at its size');
  }
  for (const key of signers) {
    if (!isSigned(text, lines, key)) throw refuse("not signed, once, by the case's checkpoint key");
  }
  const origin = always ? keys.name : keys.origin;
  if (body[1] !== origin) throw refuse("the origin is another log's");
  if (body[4] !== extension) throw refuse('it holds other extension lines than are due at its size');
  return { origin, size, root, note };
}
