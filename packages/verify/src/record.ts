// Records as SD-JWT (RFC 9901): an issuer-signed JWT of constant length that discloses nothing, and beside it, never
// published by itself, twelve openings: disclosures of the fields, and the salts of the decoys that hide their number.
import {
  digestOfText,
  fromBase64url,
  publicKeyFromRaw,
  sha256,
  textToBase64url,
  toBase64url,
  verifyEd25519,
  type PublicKey,
} from '#engine';
import { leafHash } from './merkle.ts';
import { FormatError } from './problem.ts';
import { byDigest, openText, splitJwt, strictText } from './sd-jwt.ts';

const utf8 = new TextEncoder();

/** Every record has this many digests, so that neither length nor count tells its kind. */
export const digestCount = 12;
/** 128-bit salts (RFC 9901, 9.3). */
export const saltLength = 16;
/** A field's value as JSON may take this many bytes; larger ones become blobs cited by hash. */
export const valueLimit = 4096;

/** Where cited files lie in a case folder. */
export const fileStores = ['originals', 'blobs', 'derivatives', 'vault', 'case'] as const;
export type FileStore = (typeof fileStores)[number];

/** A file cited by a record. */
export interface FileCitation {
  store: FileStore;
  /** 64 lower-case hex digits. */
  sha256: string;
  /** Bytes. */
  size: number;
}

/**
 * What a record says: each member is one disclosure. `refs` (other records, by id) and `files` are the only places
 * where a record cites, so that a checker that knows no kind can follow every citation. A value over the limit is null
 * here and lies in the blob `files["value:<field>"]`.
 */
export interface RecordFields {
  kind?: string;
  /** UTC, RFC 3339, milliseconds. */
  at?: string;
  actor?: { name: string; tool: string; version: string };
  /** A name that can be said aloud: E-00412. */
  handle?: string;
  refs?: { [role: string]: string | string[] };
  files?: { [role: string]: FileCitation };
  [field: string]: unknown;
}

/** The public half of a record key. */
export interface RecordKey {
  /** RFC 7638 thumbprint of the JWK, base64url. */
  kid: string;
  raw: Uint8Array;
  key: PublicKey;
}

/** RFC 8037 JWK thumbprint of an Ed25519 key. */
export function recordKey(raw: Uint8Array): RecordKey {
  const jwk = `{"crv":"Ed25519","kty":"OKP","x":"${toBase64url(raw)}"}`;
  return { kid: toBase64url(sha256(utf8.encode(jwk))), raw, key: publicKeyFromRaw(raw) };
}

/** The protected header, the same for every record of a case. */
function headerOf(kid: string): string {
  return textToBase64url(`{"alg":"EdDSA","kid":"${kid}","typ":"dalil+sd-jwt"}`);
}

/** A signed record. */
export interface IssuedRecord {
  /** RFC 6962 leaf hash of the entry, base64url: how other records and dossiers cite it. */
  id: string;
  leaf: Uint8Array;
  /** The log's entry: the JWT's ASCII bytes. */
  entry: Uint8Array;
  /** The twelve openings in the order of `_sd`, joined by `~`: the line kept in the records folder. */
  openings: string;
}

/**
 * Makes and signs a record. `random(n)` gives n fresh random bytes; `sign` the Ed25519 signature. Throws a RangeError
 * on more than twelve fields or a value over the limit: the writer turns such values into blobs before.
 */
export function issueRecord(
  fields: RecordFields,
  kid: string,
  random: (length: number) => Uint8Array,
  sign: (message: Uint8Array) => Uint8Array,
): IssuedRecord {
  const names = Object.keys(fields).filter((name) => fields[name] !== undefined);
  if (names.length > digestCount)
    throw new RangeError(`a record has at most ${digestCount} fields, got ${names.length}`);
  const salts = random(digestCount * saltLength);
  const opened: { digest: string; opening: string }[] = [];
  for (let i = 0; i < digestCount; i++) {
    const salt = toBase64url(salts.subarray(i * saltLength, (i + 1) * saltLength));
    const name = names[i];
    let opening = salt;
    if (name !== undefined) {
      const value = JSON.stringify(fields[name]);
      if (value.length > valueLimit && utf8.encode(value).length > valueLimit) {
        throw new RangeError(`field ${name} takes more than ${valueLimit} bytes`);
      }
      opening = textToBase64url(`["${salt}",${JSON.stringify(name)},${value}]`);
    }
    opened.push({ digest: digestOfText(opening), opening });
  }
  // Sorted by digest: the order tells nothing of the order of fields (RFC 9901, 4.2.4.1).
  opened.sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const payload = `{"_sd":["${opened.map((one) => one.digest).join('","')}"],"_sd_alg":"sha-256"}`;
  const signed = `${headerOf(kid)}.${textToBase64url(payload)}`;
  const entry = utf8.encode(`${signed}.${toBase64url(sign(utf8.encode(signed)))}`);
  const leaf = leafHash(entry);
  return { id: toBase64url(leaf), leaf, entry, openings: opened.map((one) => one.opening).join('~') };
}

/** Parses an entry strictly and gives its twelve digests; checks the signature when `key` is given with `check`. */
export function openEntry(entry: Uint8Array, key: RecordKey, check = true): string[] {
  const { header, payload, signed, signature } = splitJwt(strictText(entry, 'record-malformed'));
  if (header !== headerOf(key.kid)) throw new FormatError('record-malformed', "the header is not this case's");
  const digests = openPayload(payload);
  if (check && !verifyEd25519(key.key, signed, signature)) {
    throw new FormatError('record-signature', "the signature is not the case's");
  }
  return digests;
}

function openPayload(payload: string): string[] {
  const text = openText(payload, 'record-malformed');
  const match = /^\{"_sd":\["([A-Za-z0-9_\-",]*)"\],"_sd_alg":"sha-256"\}$/.exec(text);
  const digests = match === null ? [] : match[1]!.split('","');
  const sound =
    digests.length === digestCount &&
    digests.every((digest, i) => fromBase64url(digest)?.length === 32 && (i === 0 || digests[i - 1]! < digest));
  if (!sound) throw new FormatError('record-malformed', 'the payload is not twelve sorted digests and nothing else');
  return digests;
}

/**
 * Opens one disclosure: salt, field name and value; null for a decoy's salt. Throws FormatError('disclosure-altered')
 * on anything that is not the one spelling our writer gives, so that one value has one disclosure.
 */
export function openDisclosure(opening: string): { name: string; value: unknown } | null {
  const refuse = (why: string) => new FormatError('disclosure-altered', why);
  const bytes = fromBase64url(opening);
  if (bytes === null) throw refuse('not canonical base64url');
  if (bytes.length === saltLength) return null;
  const text = strictText(bytes, 'disclosure-altered');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refuse('not JSON');
  }
  if (!Array.isArray(parsed) || parsed.length !== 3) throw refuse('not salt, name and value');
  const [salt, name, value] = parsed as [unknown, unknown, unknown];
  if (typeof salt !== 'string' || fromBase64url(salt)?.length !== saltLength) throw refuse('not a 128-bit salt');
  if (typeof name !== 'string' || name === '_sd' || name === '...') throw refuse('not the name of a field');
  if (JSON.stringify(parsed) !== text) throw refuse('not the canonical spelling of its value');
  return { name, value };
}

/**
 * What a record says, from its digests and the openings given. With `complete` all twelve must be there, in their
 * order (the case folder); without, any of the disclosures (a bundle). An altered, repeated or unreferenced opening is
 * refused, as RFC 9901 section 7.1 demands.
 */
export function openRecord(digests: readonly string[], openings: readonly string[], complete: boolean): RecordFields {
  const fields: RecordFields = Object.create(null) as RecordFields;
  if (complete && openings.length !== digests.length) {
    throw new FormatError('disclosure-missing', `expected ${digests.length} openings, got ${openings.length}`);
  }
  let i = 0;
  for (const [digest, opening] of byDigest(openings)) {
    if (complete ? digest !== digests[i++] : !digests.includes(digest)) {
      throw new FormatError('disclosure-unreferenced', 'an opening that the signed record does not hold');
    }
    const disclosure = openDisclosure(opening);
    if (disclosure === null) {
      if (!complete) throw new FormatError('disclosure-altered', 'a decoy is no disclosure');
      continue;
    }
    if (disclosure.name in fields) throw new FormatError('disclosure-altered', 'a field is disclosed twice');
    fields[disclosure.name] = disclosure.value;
  }
  return fields;
}

/** The disclosures among a record's openings, as an SD-JWT presentation: `<JWT>~<disclosure>~…~` (RFC 9901, 4). */
export function presentation(entry: string, openings: string, keep: (name: string) => boolean = () => true): string {
  const shown = openings.split('~').filter((opening) => {
    const disclosure = openDisclosure(opening);
    return disclosure !== null && keep(disclosure.name);
  });
  return [entry, ...shown, ''].join('~');
}

/** Every file a record cites, with the path below which it lies in a case folder. */
export function citedPath(file: FileCitation): string {
  const { sha256: hex } = file;
  const sharded = `${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}`;
  switch (file.store) {
    case 'case':
      return 'case.json';
    case 'blobs':
      return `records/blobs/sha256/${sharded}`;
    default:
      return `${file.store}/sha256/${sharded}`;
  }
}

/** The citations of files in a record; throws FormatError('record-malformed') when they are not what they should be. */
export function filesOf(fields: RecordFields): FileCitation[] {
  const files: unknown = fields.files;
  if (files === undefined || files === null) return [];
  if (typeof files !== 'object') throw new FormatError('record-malformed', '`files` is not an object');
  return Object.values(files as Record<string, Partial<FileCitation>>).map((file) => {
    const { store, sha256: hex, size } = file ?? {};
    const sound =
      store !== undefined && fileStores.includes(store) && typeof hex === 'string' && /^[0-9a-f]{64}$/.test(hex);
    if (!sound || typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new FormatError('record-malformed', 'a citation of a file is malformed');
    }
    return { store, sha256: hex, size };
  });
}

/** The ids of records that a record cites; throws FormatError('record-malformed'). */
export function refsOf(refs: unknown): string[] {
  if (refs === undefined || refs === null) return [];
  if (typeof refs !== 'object') throw new FormatError('record-malformed', '`refs` is not an object');
  return Object.values(refs as Record<string, unknown>)
    .flat()
    .map((id) => {
      if (typeof id !== 'string' || fromBase64url(id)?.length !== 32) {
        throw new FormatError('record-malformed', 'a citation is no record id');
      }
      return id;
    });
}
