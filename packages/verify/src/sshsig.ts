// Signatures by SSH keys (OpenSSH PROTOCOL.sshsig): how a custodian signs a receipt with a key of their own, one in a
// hardware token included (PROTOCOL.u2f). What `#engine` lacks of SHA-512, ECDSA and RSA is in the WebCrypto of Node and browsers.
import { fromBase64, sha256, publicKeyFromRaw, toBase64, toBase64url, verifyEd25519 } from '#engine';
import { equalBytes } from './merkle.ts';

/** Why a key or a signature is refused. */
export const sshReasons = [
  /** Not a public key line, or not an armoured signature. */
  'malformed',
  /** A kind of key, or a way of signing, that is not taken: DSA, SHA-1, RSA under 2,048 bits, certificates. */
  'unsupported',
  /** Signed for another purpose. */
  'another-namespace',
  /** By another key than the one asked about. */
  'another-key',
  /** A hash other than SHA-256 and SHA-512, over the message. */
  'another-hash',
  /** Text, signature or key were altered. */
  'altered',
  /** By a hardware key that nobody touched. */
  'no-touch',
] as const;
export type SshReason = (typeof sshReasons)[number];

export class SshError extends Error {
  readonly reason: SshReason;
  constructor(reason: SshReason, message: string) {
    super(message);
    this.name = 'SshError';
    this.reason = reason;
  }
}

const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ssh-rsa',
  'sk-ssh-ed25519@openssh.com',
  'sk-ecdsa-sha2-nistp256@openssh.com',
] as const;
type KeyType = (typeof keyTypes)[number];

/** A public key as OpenSSH writes it. */
export interface SshKey {
  type: KeyType;
  /** Its wire form (RFC 4253, 6.6), by which keys are compared. */
  blob: Uint8Array;
  /** `SHA256:…`, as `ssh-keygen -l` prints it. */
  fingerprint: string;
  /** Type and base64, without the comment. */
  line: string;
}

/** A signature, taken apart and not yet checked. */
export interface SshSignature {
  /** Who it says has signed. */
  key: SshKey;
  namespace: string;
  hash: string;
  /** As the key signs: algorithm, and what comes after it. */
  algorithm: string;
  body: Uint8Array;
}

/** Reads one line of a `.pub` file; options before the type are refused. Throws SshError. */
export function parseSshKey(text: string): SshKey {
  const match = /^([a-z0-9@.-]+) ([A-Za-z0-9+/]+=*)(?: [^\r\n]*)?\r?\n?$/.exec(text);
  const blob = match === null ? null : fromBase64(match[2]!);
  if (match === null || blob === null) throw new SshError('malformed', 'not the line of an SSH public key');
  const key = keyOf(blob);
  if (key.type !== match[1]) throw new SshError('malformed', 'the key is of another type than its line says');
  return key;
}

/** Reads `-----BEGIN SSH SIGNATURE-----` …, strictly. Throws SshError. */
export function parseSshSignature(armoured: string): SshSignature {
  const match = /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)\r?\n-----END SSH SIGNATURE-----\s*$/.exec(
    armoured,
  );
  const bytes = match === null ? null : fromBase64(match[1]!.replaceAll(/[\r\n]/g, ''));
  if (bytes === null) throw new SshError('malformed', 'not an armoured SSH signature');
  const wire = new Wire(bytes);
  if (ascii(wire.take(6)) !== 'SSHSIG' || wire.number() !== 1)
    throw new SshError('malformed', 'not an SSHSIG of version 1');
  const key = keyOf(wire.string());
  const namespace = utf8.decode(wire.string());
  // Reserved: ignored, and part of what was signed, where it is taken as empty.
  if (wire.string().length > 0) throw new SshError('malformed', 'its reserved part is not empty');
  const hash = ascii(wire.string());
  const inner = new Wire(wire.string());
  wire.end();
  return { key, namespace, hash, algorithm: ascii(inner.string()), body: inner.rest() };
}

/** Whether the key has signed just this message for this purpose. Throws SshError with the first reason why not. */
export async function checkSshSignature(
  message: Uint8Array,
  signature: SshSignature,
  { key, namespace }: { key: SshKey; namespace: string },
): Promise<void> {
  const { hash, algorithm, body } = signature;
  if (signature.namespace !== namespace) throw new SshError('another-namespace', 'it was signed for another purpose');
  if (!equalBytes(signature.key.blob, key.blob)) throw new SshError('another-key', 'it was signed by another key');
  if (hash !== 'sha256' && hash !== 'sha512')
    throw new SshError('another-hash', 'its hash is neither SHA-256 nor SHA-512');
  const digest = hash === 'sha256' ? sha256(message) : await sha512(message);
  const signed = join(
    bytesOf('SSHSIG'),
    stringOf(bytesOf(namespace)),
    stringOf(bytesOf('')),
    stringOf(bytesOf(hash)),
    stringOf(digest),
  );
  if (!(await holds(key, algorithm, new Wire(body), signed))) {
    throw new SshError('altered', 'the signature does not hold: text, signature or key were altered');
  }
}

async function holds(key: SshKey, algorithm: string, body: Wire, signed: Uint8Array): Promise<boolean> {
  const wire = new Wire(key.blob);
  wire.string();
  const value = body.string();
  switch (key.type) {
    case 'ssh-ed25519':
      expectAlgorithm(algorithm, key.type);
      body.end();
      return verifyEd25519(publicKeyFromRaw(wire.string()), signed, value);
    case 'ecdsa-sha2-nistp256':
      expectAlgorithm(algorithm, key.type);
      body.end();
      wire.string();
      return verifyP256(wire.string(), signed, value);
    case 'ssh-rsa': {
      body.end();
      const e = wire.string();
      return verifyRsa(e, wire.string(), algorithm, signed, value);
    }
    default: {
      expectAlgorithm(algorithm, key.type);
      const flags = body.take(1)[0]!;
      const counter = body.take(4);
      body.end();
      if ((flags & 1) === 0) throw new SshError('no-touch', 'a hardware key signed, and nobody touched it');
      const elliptic = key.type.startsWith('sk-ecdsa');
      if (elliptic) wire.string();
      const point = wire.string();
      const over = join(sha256(wire.string()), Uint8Array.of(flags), counter, sha256(signed));
      return elliptic ? verifyP256(point, over, value) : verifyEd25519(publicKeyFromRaw(point), over, value);
    }
  }
}

function expectAlgorithm(algorithm: string, type: KeyType): void {
  if (algorithm !== type) throw new SshError('malformed', 'the signature is of another kind than its key');
}

async function sha512(message: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-512', owned(message)));
}

async function verifyP256(point: Uint8Array, message: Uint8Array, value: Uint8Array): Promise<boolean> {
  const wire = new Wire(value);
  const [r, s] = [unsigned(wire.string(), 32), unsigned(wire.string(), 32)];
  wire.end();
  if (r === null || s === null) return false;
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const key = await imported('raw', point, algorithm);
  return crypto.subtle.verify(algorithm, key, owned(join(r, s)), owned(message));
}

async function verifyRsa(
  e: Uint8Array,
  n: Uint8Array,
  way: string,
  message: Uint8Array,
  value: Uint8Array,
): Promise<boolean> {
  const hash = { 'rsa-sha2-256': 'SHA-256', 'rsa-sha2-512': 'SHA-512' }[way];
  if (hash === undefined) throw new SshError('unsupported', 'RSA with SHA-1, or another way of signing, is not taken');
  const [exponent, modulus] = [unsigned(e, 8), unsigned(n, 2048)];
  const trimmed = (bytes: Uint8Array) => toBase64url(bytes.subarray(bytes.findIndex((byte) => byte !== 0)));
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash };
  const jwk = { kty: 'RSA', e: trimmed(exponent!), n: trimmed(modulus!) };
  return crypto.subtle.verify(algorithm, await imported('jwk', jwk, algorithm), owned(value), owned(message));
}

async function imported(
  format: 'raw' | 'jwk',
  key: Uint8Array | JsonWebKey,
  algorithm: RsaHashedImportParams | EcKeyImportParams,
): Promise<CryptoKey> {
  try {
    return format === 'raw'
      ? await crypto.subtle.importKey('raw', owned(key as Uint8Array), algorithm, false, ['verify'])
      : await crypto.subtle.importKey('jwk', key as JsonWebKey, algorithm, false, ['verify']);
  } catch {
    throw new SshError('malformed', 'the public key is none');
  }
}

function keyOf(blob: Uint8Array): SshKey {
  const wire = new Wire(blob);
  const said = ascii(wire.string());
  const type = keyTypes.find((known) => known === said);
  if (type === undefined) throw new SshError('unsupported', 'this kind of key is not taken');
  if (type.includes('ed25519')) {
    if (wire.string().length !== 32) throw new SshError('malformed', 'an Ed25519 key has 32 bytes');
  } else if (type === 'ssh-rsa') {
    if (unsigned(wire.string(), 8) === null)
      throw new SshError('unsupported', 'an RSA key of this exponent is not taken');
    const modulus = unsigned(wire.string(), 2048);
    const bits = modulus === null ? 0 : 8 * (2048 - modulus.findIndex((byte) => byte !== 0));
    if (bits < 2048) throw new SshError('unsupported', 'an RSA key has 2,048 to 16,384 bits');
  } else {
    if (ascii(wire.string()) !== 'nistp256') throw new SshError('malformed', 'the key is of another curve');
    const point = wire.string();
    if (point.length !== 65 || point[0] !== 4) throw new SshError('malformed', 'the key is no point of its curve');
  }
  if (type.startsWith('sk-')) wire.string();
  wire.end();
  const fingerprint = `SHA256:${toBase64(sha256(blob)).replaceAll('=', '')}`;
  return { type, blob, fingerprint, line: `${type} ${toBase64(blob)}` };
}

/** An SSH mpint as an unsigned number of `length` bytes; null where it is negative, not canonical or too large. */
function unsigned(mpint: Uint8Array, length: number): Uint8Array | null {
  const [first = 0, second = 0] = mpint;
  if (mpint.length === 0 || first > 127 || (first === 0 && second < 128)) return null;
  const bytes = first === 0 ? mpint.subarray(1) : mpint;
  if (bytes.length > length) return null;
  const padded = new Uint8Array(length);
  padded.set(bytes, length - bytes.length);
  return padded;
}

/** The wire format of SSH (RFC 4251, 5), read to its end. */
class Wire {
  readonly #bytes: Uint8Array;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(length: number): Uint8Array {
    if (this.#at + length > this.#bytes.length) throw new SshError('malformed', 'it ends too early');
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }
  number(): number {
    const [a, b, c, d] = this.take(4) as unknown as [number, number, number, number];
    return a * 2 ** 24 + (b << 16) + (c << 8) + d;
  }
  string(): Uint8Array {
    return this.take(this.number());
  }
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }
  end(): void {
    if (this.#at < this.#bytes.length) throw new SshError('malformed', 'something follows on its end');
  }
}

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const ascii = (bytes: Uint8Array): string => String.fromCharCode(...bytes.subarray(0, 64));

function stringOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length);
  return join(length, bytes);
}

function join(...pieces: Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** WebCrypto takes no view of shared memory. */
const owned = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
