// Any SD-JWT (RFC 9901), opened by the algorithm of its section 7.1. Our records are a narrow kind of it (record.ts);
// what both need stands here, and is held against the examples of the RFC.
import { digestOfText, fromBase64url } from '#engine';
import { FormatError } from './problem.ts';

const utf8 = new TextEncoder();
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A JWS in its compact form (RFC 7515), taken apart and not checked. */
export interface Jwt {
  /** As they stand there, base64url. */
  header: string;
  payload: string;
  /** What is signed, and the signature. */
  signed: Uint8Array;
  signature: Uint8Array;
}

/** Throws FormatError('record-malformed') unless there are three parts of canonical base64url. */
export function splitJwt(jwt: string): Jwt {
  const [header, payload, last, ...more] = jwt.split('.');
  const signature = last === undefined || more.length > 0 ? null : fromBase64url(last);
  if (header === undefined || payload === undefined || signature === null) {
    throw new FormatError('record-malformed', 'not a JWT of three parts');
  }
  return { header, payload, signed: utf8.encode(`${header}.${payload}`), signature };
}

/** The text behind base64url. Throws FormatError(code) where it is not canonical or not UTF-8. */
export function openText(part: string, code: 'record-malformed' | 'disclosure-altered'): string {
  const bytes = fromBase64url(part);
  if (bytes === null) throw new FormatError(code, 'not canonical base64url');
  return strictText(bytes, code);
}

export function strictText(bytes: Uint8Array, code: 'record-malformed' | 'disclosure-altered'): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new FormatError(code, 'not UTF-8');
  }
}

/**
 * The disclosures by their digests. The same one twice is refused (RFC 9901, 4): a reader that lets it pass lets bytes
 * be added that nobody signed.
 */
export function byDigest(disclosures: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const disclosure of disclosures) found.set(digestOfText(disclosure), disclosure);
  if (found.size !== disclosures.length) throw new FormatError('disclosure-unreferenced', 'an opening is repeated');
  return found;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

function parse(text: string, code: 'record-malformed' | 'disclosure-altered'): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new FormatError(code, 'not JSON');
  }
}

function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an SD-JWT says with the disclosures that are there. */
export interface SdJwt {
  header: { [name: string]: Json };
  claims: { [name: string]: Json };
  /** A key-binding JWT that follows: it is given, and neither its signature nor its hash is checked here. */
  keyBinding: string | null;
}

/**
 * Opens `<JWT>~<disclosure>~…~`. `isSigned` says whether the issuer's signature is, by the header's algorithm; `none` is
 * refused without asking. Digests are SHA-256. Dates and audiences of a JWT are the caller's. Throws FormatError
 * 'record-malformed', 'record-signature', 'disclosure-altered' or 'disclosure-unreferenced'.
 */
export function openSdJwt(
  text: string,
  isSigned: (header: SdJwt['header'], signed: Uint8Array, signature: Uint8Array) => boolean,
): SdJwt {
  const [first, ...disclosures] = text.split('~');
  const keyBinding = disclosures.pop();
  if (keyBinding === undefined) throw new FormatError('record-malformed', 'the last disclosure does not end');
  if (keyBinding !== '') splitJwt(keyBinding);
  const jwt = splitJwt(first!);
  const header = parse(openText(jwt.header, 'record-malformed'), 'record-malformed');
  if (!isObject(header) || typeof header['alg'] !== 'string' || header['alg'].toLowerCase() === 'none') {
    throw new FormatError('record-signature', 'it names no algorithm of signature');
  }
  if (!isSigned(header, jwt.signed, jwt.signature)) {
    throw new FormatError('record-signature', "the signature is not the issuer's");
  }
  const payload = parse(openText(jwt.payload, 'record-malformed'), 'record-malformed');
  if (!isObject(payload)) throw new FormatError('record-malformed', 'the payload is no object');
  const { _sd_alg: algorithm = 'sha-256', ...said } = payload;
  if (algorithm !== 'sha-256') throw new FormatError('record-malformed', 'digests that are not SHA-256');
  const claims = new Opening(byDigest(disclosures)).open(said);
  return { header, claims, keyBinding: keyBinding === '' ? null : keyBinding };
}

/** Puts disclosures where their digests stand, in each other too; each must have its one place. */
class Opening {
  readonly #disclosures: ReadonlyMap<string, string>;
  /** Digests met so far. */
  readonly #met = new Set<string>();

  constructor(disclosures: ReadonlyMap<string, string>) {
    this.#disclosures = disclosures;
  }

  open(payload: { [name: string]: Json }): { [name: string]: Json } {
    const claims = this.#object(payload);
    for (const digest of this.#disclosures.keys()) {
      if (!this.#met.has(digest)) {
        throw new FormatError('disclosure-unreferenced', 'an opening that the signed record does not hold');
      }
    }
    return claims;
  }

  #value(value: Json): Json {
    if (Array.isArray(value)) return value.flatMap((element) => this.#element(element));
    return isObject(value) ? this.#object(value) : value;
  }

  #object({ _sd: digests = [], ...plain }: { [name: string]: Json }): { [name: string]: Json } {
    // Without a prototype: `__proto__` is a name like any other.
    const claims = Object.create(null) as { [name: string]: Json };
    for (const [name, value] of Object.entries(plain)) {
      if (name === '...') throw new FormatError('record-malformed', 'the name `...` outside of an array');
      claims[name] = this.#value(value);
    }
    if (!Array.isArray(digests)) throw new FormatError('record-malformed', '`_sd` is no array');
    for (const digest of digests) {
      const disclosed = this.#disclosed(digest, 3);
      if (disclosed === null) continue;
      const name = disclosed[1];
      if (typeof name !== 'string' || name === '_sd' || name === '...') {
        throw new FormatError('disclosure-altered', 'not the name of a field');
      }
      if (name in claims) throw new FormatError('disclosure-altered', 'a field is disclosed twice');
      claims[name] = this.#value(disclosed[2]!);
    }
    return claims;
  }

  /** An array's element; nothing where it is withheld. */
  #element(element: Json): Json[] {
    if (!isObject(element) || !('...' in element)) return [this.#value(element)];
    if (Object.keys(element).length > 1)
      throw new FormatError('record-malformed', 'a digest with other names beside it');
    const disclosed = this.#disclosed(element['...']!, 2);
    return disclosed === null ? [] : [this.#value(disclosed[1]!)];
  }

  /** The disclosure for a digest: salt and value, or salt, name and value; null where it is withheld, or for a decoy. */
  #disclosed(digest: Json, length: 2 | 3): Json[] | null {
    if (typeof digest !== 'string') throw new FormatError('record-malformed', 'a digest is no text');
    if (this.#met.has(digest)) throw new FormatError('disclosure-altered', 'a digest stands at two places');
    this.#met.add(digest);
    const disclosure = this.#disclosures.get(digest);
    if (disclosure === undefined) return null;
    const parts = parse(openText(disclosure, 'disclosure-altered'), 'disclosure-altered');
    if (!Array.isArray(parts) || parts.length !== length || typeof parts[0] !== 'string') {
      throw new FormatError('disclosure-altered', length === 3 ? 'not salt, name and value' : 'not salt and value');
    }
    return parts;
  }
}
