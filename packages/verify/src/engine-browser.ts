// The primitives of engine-node.ts for browsers: SHA-256 and Ed25519 from noble, which are audited and synchronous where
// WebCrypto is neither on offer everywhere nor synchronous; base64 and hex in the same strict spelling.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 as sha256Hash, sha512 } from '@noble/hashes/sha2.js';

const { Point } = ed25519;
type CurvePoint = InstanceType<typeof Point>;

/** SHA-256 of `data`, 32 bytes. */
export function sha256(data: Uint8Array): Uint8Array {
  return sha256Hash(data);
}

/** SHA-256 over pieces, without joining them. */
export function sha256Of(...pieces: Uint8Array[]): Uint8Array {
  const hash = sha256Hash.create();
  for (const piece of pieces) hash.update(piece);
  return hash.digest();
}

/** SHA-256 of what comes in pieces. */
export function openSha256(): { update(piece: Uint8Array): unknown; digest(): Uint8Array } {
  return sha256Hash.create();
}

/** SHA-256 of a whole file in memory, by the fastest way there is: the browser's own, in Chromium four times noble's pace. */
export async function hashWhole(data: Uint8Array): Promise<Uint8Array> {
  // Absent where a page came over plain HTTP.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined || data.length < 4096) return sha256(data);
  return new Uint8Array(await subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>));
}

/** A raw 32-byte Ed25519 public key made ready for many checks. */
export interface PublicKey {
  raw: Uint8Array;
  /** The key's point, negated; null where the bytes are no point, and so nothing is signed by it. */
  minus: CurvePoint | null;
  /** How many signatures were checked with it. */
  uses: number;
}

/** A check takes 0.9 ms, or 0.28 with a table for the key that takes 24 ms to make: worth it from this many uses on. */
const worthTable = 24;
/** Keys in use, so that their tables are kept. */
const ready = new Map<string, PublicKey>();
const readyLimit = 16;

/** Raw 32 bytes to a key; throws a RangeError on any other length. */
export function publicKeyFromRaw(raw: Uint8Array): PublicKey {
  if (raw.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, got ${raw.length}`);
  const name = toHex(raw);
  const known = ready.get(name);
  if (known !== undefined) return known;
  const key: PublicKey = { raw: Uint8Array.from(raw), minus: pointOf(raw), uses: 0 };
  if (ready.size >= readyLimit) ready.delete(ready.keys().next().value!);
  ready.set(name, key);
  return key;
}

function pointOf(raw: Uint8Array): CurvePoint | null {
  try {
    // The lenient reading of coordinates is the one that OpenSSL has.
    return Point.fromBytes(raw, true).negate();
  } catch {
    return null;
  }
}

/**
 * Whether `signature` (64 bytes) is the key's over `message` (RFC 8032, pure Ed25519). By the equation without cofactor,
 * R = sB - kA compared as bytes, as OpenSSL and Go have it: all readers of a bundle must agree also about a signature
 * that its own key-holder has made to be doubtful. noble's own `verify` multiplies by the cofactor.
 */
export function verifyEd25519(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== 64 || key.minus === null) return false;
  const commitment = signature.subarray(0, 32);
  const s = numberOf(signature.subarray(32));
  if (s >= Point.Fn.ORDER) return false;
  if (++key.uses === worthTable) key.minus.precompute(8, false);
  const k = numberOf(sha512.create().update(commitment).update(key.raw).update(message).digest()) % Point.Fn.ORDER;
  const point = Point.BASE.multiplyUnsafe(s).add(key.minus.multiplyUnsafe(k)).toBytes();
  return point.every((byte, i) => byte === commitment[i]);
}

/** Little-endian bytes as a number. */
function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const standard = `${alphabet}+/`;
const forUrls = `${alphabet}-_`;
const utf8 = new TextEncoder();

function encode(bytes: Uint8Array, letters: string, pad: string): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const bits = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += letters[bits >> 18]! + letters[(bits >> 12) & 63]!;
    text += left > 1 ? letters[(bits >> 6) & 63]! : pad;
    text += left > 2 ? letters[bits & 63]! : pad;
  }
  return text;
}

const valuesOf = (letters: string): Int8Array => {
  const values = new Int8Array(128).fill(-1);
  [...letters].forEach((letter, value) => (values[letter.charCodeAt(0)] = value));
  return values;
};
const standardValues = valuesOf(standard);
const urlValues = valuesOf(forUrls);

/** Digits without padding; null on a foreign letter, an impossible length, or bits that are left over and not zero. */
function decode(text: string, values: Int8Array): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values[text.charCodeAt(i)] ?? -1;
    if (value < 0) return null;
    bits = ((bits & 0xff) << 6) | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = (bits >> count) & 0xff;
  }
  return (bits & ((1 << count) - 1)) === 0 ? bytes : null;
}

export function toBase64(bytes: Uint8Array): string {
  return encode(bytes, standard, '=');
}
export function toBase64url(bytes: Uint8Array): string {
  return encode(bytes, forUrls, '');
}
/** base64url of a text's UTF-8 bytes. */
export function textToBase64url(text: string): string {
  return toBase64url(utf8.encode(text));
}
/** base64url of the SHA-256 of a text's UTF-8 bytes: what an SD-JWT commits to a disclosure with. */
export function digestOfText(text: string): string {
  return toBase64url(sha256Hash(utf8.encode(text)));
}
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
export function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += hexOf[byte]!;
  return text;
}

/** Standard base64 with padding; null unless `text` is the one canonical spelling of its bytes. */
export function fromBase64(text: string): Uint8Array | null {
  if (text.length % 4 !== 0) return null;
  return decode(text.replace(/={1,2}$/, ''), standardValues);
}
/** Unpadded base64url; null unless `text` is the one canonical spelling: else one byte string would have several names. */
export function fromBase64url(text: string): Uint8Array | null {
  return decode(text, urlValues);
}
/** Lower-case hex; null on anything else. */
export function fromHex(text: string): Uint8Array | null {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
