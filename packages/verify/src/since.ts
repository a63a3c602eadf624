// Since: whether the log still begins with the tree of a checkpoint that somebody wrote down, printed or kept, shown by
// an RFC 6962 consistency proof from the tiles of a case, or from a bundle.
import { fromBase64, sha256, toBase64, toHex } from '#engine';
import { consistencyPath, parseConsistency } from './bundle-file.ts';
import { parseCaseFile } from './case-file.ts';
import type { Files } from './files.ts';
import { readKeyHistory, type KeyHistory } from './keys.ts';
import { consistencyProof, isConsistent } from './merkle.ts';
import { openCheckpoint, type Checkpoint } from './note.ts';
import { FormatError } from './problem.ts';
import { decodeHashes, subtreeRoots, tilePath, tileWidth } from './tile.ts';

type Reader = Pick<Files, 'read'>;

/** A checkpoint that somebody kept. */
export interface Kept {
  /** Null where only size and root were kept. */
  origin: string | null;
  size: number;
  /** 32 bytes. */
  root: Uint8Array;
  /** The whole signed note, where that was kept. */
  note: string | null;
}

export type SinceCode =
  'extends' | 'unreadable' | 'another-log' | 'not-signed' | 'rolled-back' | 'rewritten' | 'not-shown' | 'damaged';

/** What the comparison shows. `ok` only where the code is `extends`. */
export interface Since {
  ok: boolean;
  code: SinceCode;
  /** One sentence. */
  message: string;
  kept: { size: number; root: string } | null;
  newest: { size: number; root: string } | null;
  /** Base64 hashes of the consistency proof: with both checkpoints, anybody can check it (RFC 9162 2.1.4.2). */
  proof: string[];
}

const header = 'dalil-checkpoint/1';

/**
 * The short form, for paper: `dalil-checkpoint/1 <origin> <size> <root> <check>`; root in base64, check the first eight
 * hex digits of SHA-256 over what stands before it, so that a slip of the pen is not taken for a rewritten log.
 */
export function formatKept({ origin, size, root }: Pick<Checkpoint, 'origin' | 'size' | 'root'>): string {
  const text = `${header} ${origin} ${size} ${toBase64(root)}`;
  return `${text} ${checkOf(text)}`;
}

function checkOf(text: string): string {
  return toHex(sha256(new TextEncoder().encode(text)).subarray(0, 4));
}

/**
 * Reads the short form, broken into lines anywhere, or a signed checkpoint. Throws FormatError('checkpoint-signature')
 * on what is neither, or where the check digits say that it was copied wrongly.
 */
export function parseKept(text: string): Kept {
  const refuse = (why: string) => new FormatError('checkpoint-signature', why);
  const close = text.replaceAll(/\s/g, '');
  const short = /^dalil-checkpoint\/1(dalil\.invalid\/[0-9a-f]{32})(\d{1,16})([A-Za-z0-9+/]{43}=)([0-9a-f]{8})?$/.exec(
    close,
  );
  if (short !== null) {
    const [, origin, digits, base64, check] = short;
    const root = fromBase64(base64!);
    const size = Number(digits);
    if (root === null || !Number.isSafeInteger(size) || String(size) !== digits) throw refuse('it was copied wrongly');
    if (check !== undefined && formatKept({ origin: origin!, size, root }).slice(-8) !== check) {
      throw refuse('it was copied wrongly: its last eight characters do not fit the others');
    }
    return { origin: origin!, size, root, note: null };
  }
  const note = text.replaceAll('\r\n', '\n');
  const lines = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n(?:[^\n]+\n)*\n(?:— [^\n]+\n)+$/u.exec(note);
  const root = lines === null ? null : fromBase64(lines[3]!);
  if (lines === null || root === null) throw refuse('neither a checkpoint nor its short form');
  return { origin: lines[1]!, size: Number(lines[2]), root, note };
}

/**
 * Whether a case or bundle extends the kept checkpoint. Never throws on what is in its files or on the paper; a bundle that
 * says nothing about that size gives `not-shown`.
 */
export async function checkSince(files: Reader, kept: string | Pick<Kept, 'size' | 'root'>): Promise<Since> {
  let older: Kept;
  try {
    older = typeof kept === 'string' ? parseKept(kept) : { origin: null, note: null, ...kept };
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return verdict('unreadable', `The checkpoint that was kept cannot be read: ${error.message}.`, null, null);
  }
  const below = (await files.read('case.json')) === null ? 'data/' : '';
  let keys: KeyHistory;
  let newest: Checkpoint;
  try {
    const read = async (name: string) =>
      new TextDecoder('utf-8', { ignoreBOM: true }).decode((await files.read(name)) ?? new Uint8Array());
    const caseFile = parseCaseFile(await read(`${below}case.json`));
    const note = await read(below === '' ? 'log/checkpoint' : 'data/checkpoint');
    // Read after the checkpoint: a change that it needs was laid out before it.
    const changes = below === '' ? 'log/keys' : 'data/keys';
    keys = (await readKeyHistory((name) => files.read(name), caseFile, changes)).history;
    newest = openCheckpoint(note, keys);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return verdict('damaged', 'The newest checkpoint here cannot be read.', older, null);
  }
  const refused = compare(older, newest, keys);
  if (refused !== null) return refused;
  try {
    const proof = below === '' ? await proofFromTiles(files, older, newest) : await proofInBundle(files, older, newest);
    if (proof === null) {
      const message = `The bundle does not show how its ${newest.size} records follow on the first ${older.size}.`;
      return verdict('not-shown', message, older, newest);
    }
    if (isConsistent(older.size, newest.size, older.root, newest.root, proof)) {
      const message = `The first ${older.size} records are those of the checkpoint that was kept: none was changed, taken away or put in between.`;
      return { ...verdict('extends', message, older, newest), proof: proof.map(toBase64) };
    }
  } catch (error) {
    // A tile that is missing is a plain Error of its reader.
    if (!(error instanceof Error)) throw error;
    return verdict('damaged', 'The tiles of the log are damaged, so nothing can be shown.', older, newest);
  }
  const message = `The log was rewritten: its first ${older.size} records are not those of the checkpoint that was kept.`;
  return verdict('rewritten', message, older, newest);
}

/** What can be said without a proof. */
function compare(older: Kept, newest: Checkpoint, keys: KeyHistory): Since | null {
  if (older.origin !== null && older.origin !== keys.origin) {
    return verdict('another-log', 'The checkpoint that was kept is of another case.', older, newest);
  }
  if (older.note !== null) {
    try {
      openCheckpoint(older.note, keys);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      return verdict(
        'not-signed',
        'The checkpoint that was kept does not bear the signature of this case.',
        older,
        newest,
      );
    }
  }
  if (older.size < 1) return verdict('unreadable', 'A checkpoint over no record shows nothing.', older, newest);
  if (older.size <= newest.size) return null;
  const message = `The log was rolled back: ${older.size} records were signed, and ${newest.size} are here.`;
  return verdict('rolled-back', message, older, newest);
}

function verdict(code: SinceCode, message: string, kept: Kept | null, newest: Checkpoint | null): Since {
  const shown = (one: { size: number; root: Uint8Array } | null) =>
    one === null ? null : { size: one.size, root: toBase64(one.root) };
  return { ok: code === 'extends', code, message, kept: shown(kept), newest: shown(newest), proof: [] };
}

function proofFromTiles(files: Reader, older: Kept, newest: Checkpoint): Promise<Uint8Array[]> {
  const hashes = async (level: number, n: number, width: number): Promise<Uint8Array[] | null> => {
    // A writer may have put a wider tile in its place meanwhile.
    for (let wider = width; wider <= tileWidth; wider++) {
      const bytes = await files.read(tilePath(`log/tile/${level}`, n, wider));
      if (bytes !== null) return decodeHashes(bytes).slice(0, width);
    }
    return null;
  };
  return consistencyProof(older.size, newest.size, subtreeRoots(hashes, newest.size));
}

/** A bundle has no tiles: it carries proofs for the checkpoints that something in it speaks of. */
async function proofInBundle(files: Reader, older: Kept, newest: Checkpoint): Promise<Uint8Array[] | null> {
  if (older.size === newest.size) return [];
  const bytes = await files.read(consistencyPath(older.size));
  return bytes === null ? null : parseConsistency(new TextDecoder().decode(bytes));
}
