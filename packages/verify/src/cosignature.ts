// C2SP tlog-cosignature, version 1: an outside watcher of logs says that at a time it had seen a checkpoint, and that
// the log had only grown until then. Whoever signs two histories for one log has to find a witness for each.
import { publicKeyFromRaw, verifyEd25519 } from '#engine';
import { isBy, splitSignatures, type NoteKey } from './note.ts';
import { FormatError } from './problem.ts';

const utf8 = new TextEncoder();
/** Eight bytes of time, and an Ed25519 signature. */
const length = 8 + 64;

/** What a witness signs: these two lines, then the text of the checkpoint, without any signature. `time` is POSIX seconds. */
export function cosignedText(text: string, time: number): string {
  return `cosignature/v1\ntime ${time}\n${text}`;
}

export interface Cosignature {
  /** POSIX seconds. */
  time: number;
}

/** Bytes of a signature line behind its key id: time and signature. Null where they are not of that form. */
export function splitCosignature(bytes: Uint8Array): (Cosignature & { signature: Uint8Array }) | null {
  if (bytes.length !== length) return null;
  const time = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
  // The format's limit is 2^63 - 1 seconds; a date in a record ends with the year 9999.
  if (time > 253_402_300_799n) return null;
  return { time: Number(time), signature: bytes.subarray(8) };
}

/**
 * Reads the one signature line by this witness over the text of a checkpoint, and checks it. Throws
 * FormatError('cosignature-malformed' | 'cosignature-signature').
 */
export function openCosignature(line: string, text: string, key: NoteKey): Cosignature {
  const [only, ...more] = splitSignatures(line);
  const parts = only === undefined || more.length > 0 || !isBy(only, key) ? null : splitCosignature(only.signature);
  if (parts === null) throw new FormatError('cosignature-malformed', 'not one cosignature by this witness');
  const { time, signature } = parts;
  if (!verifyEd25519(publicKeyFromRaw(key.raw), utf8.encode(cosignedText(text, time)), signature)) {
    throw new FormatError('cosignature-signature', 'the witness has not signed this checkpoint at this time');
  }
  return { time };
}
