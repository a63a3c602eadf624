// RFC 3161 timestamps: the request, and every check that a reply must pass before its time is believed. Runs on
// WebCrypto, in browsers too.
import { fromBase64, sha256, toHex } from '#engine';
import * as asn1 from 'asn1js';
import { Certificate, CertificateRevocationList, SignedData, TimeStampResp, TSTInfo } from 'pkijs';
import type { ContentInfo, RelativeDistinguishedNames, SignerInfo } from 'pkijs';
import {
  bufferOf,
  checkRevocations,
  checkUsage,
  digestOf,
  extensionOf,
  findPath,
  hashes,
  malformed,
  nameOf,
  openCertificate,
  openDer,
  openRevocations,
  parse,
  readCertificate,
  webCrypto,
  type Known,
  type TimestampHash,
} from './certificates.ts';
import { equalBytes } from './merkle.ts';
import { TimestampError } from './timestamp-error.ts';

export { readCertificate, readRevocations, type TimestampHash } from './certificates.ts';
export { timestampCodes, TimestampError, type TimestampCode } from './timestamp-error.ts';

/** What a reply that passed every check says. */
export interface Timestamp {
  /** The authority's time, UTC, RFC 3339, milliseconds. */
  genTime: string;
  /** Hex. */
  serial: string;
  /** Object identifier of the policy it was made under. */
  policy: string;
  /** Subject of the certificate that signed. */
  authority: string;
  /** DER, from the certificate that signed to the trust anchor. */
  chain: Uint8Array[];
  /** Hash of the message, and its digest in hex. */
  hash: TimestampHash;
  digest: string;
  /** Hash under the authority's signature. */
  signatureHash: TimestampHash;
  /** When the first certificate of the chain ends: before then a newer token should cover this one. */
  validUntil: string;
  /** How many revocation lists spoke about this chain. */
  revocationLists: number;
}

export interface TimestampExpected {
  /** The bytes that were stamped. */
  message: Uint8Array;
  /** As sent; an unsigned big-endian number. */
  nonce?: Uint8Array;
  policy?: string;
  /** DER of the certificates that are trusted without proof. */
  roots: readonly Uint8Array[];
  /** DER of certificates that may stand between, beside those in the reply. */
  intermediates?: readonly Uint8Array[];
  /** DER of revocation lists, beside those in the reply. */
  revocations?: readonly Uint8Array[];
}

/** A reply with its chain takes 3 to 8 kB; one with long revocation lists up to some hundred. */
export const replyLimit = 4 << 20;

const oid = {
  signedData: '1.2.840.113549.1.7.2',
  timestampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  rsa: '1.2.840.113549.1.1.1',
  sha256: '2.16.840.1.101.3.4.2.1',
  subjectKey: '2.5.29.14',
} as const;

/** The DER of a TimeStampReq over the SHA-256 of `message`. `nonce` is an unsigned big-endian number. */
export function timestampRequest(parts: {
  message: Uint8Array;
  nonce: Uint8Array;
  policy?: string;
  /** Ask for the authority's certificate in the reply: without it nobody can check the reply alone. */
  certReq?: boolean;
}): Uint8Array {
  const algorithm = new asn1.Sequence({ value: [new asn1.ObjectIdentifier({ value: oid.sha256 }), new asn1.Null()] });
  const imprint = new asn1.OctetString({ valueHex: bufferOf(sha256(parts.message)) });
  const request = new asn1.Sequence({
    value: [
      new asn1.Integer({ value: 1 }),
      new asn1.Sequence({ value: [algorithm, imprint] }),
      ...(parts.policy === undefined ? [] : [new asn1.ObjectIdentifier({ value: parts.policy })]),
      asn1.Integer.fromBigInt(unsigned(parts.nonce)),
      new asn1.Boolean({ value: parts.certReq ?? true }),
    ],
  });
  return new Uint8Array(request.toBER());
}

/**
 * Checks a whole TimeStampResp. Resolves only where all of it holds: granted; over this message, nonce and policy;
 * signed by the certificate that the signed attributes name; that certificate made for nothing but timestamps; its path
 * leading to one of `roots`, each certificate valid at the token's time, none revoked. Throws TimestampError.
 */
export async function checkTimestamp(reply: Uint8Array, expected: TimestampExpected): Promise<Timestamp> {
  try {
    return await checkReply(reply, expected);
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    // Members of certificates are read when they are needed, and what cannot be read is refused like all else.
    throw new TimestampError('timestamp-malformed', 'not a reply of RFC 3161', error);
  }
}

async function checkReply(reply: Uint8Array, expected: TimestampExpected): Promise<Timestamp> {
  const token = openReply(reply);
  const { hash, digest } = await checkImprint(token.info, expected.message);
  if (expected.nonce !== undefined && token.info.nonce?.toBigInt() !== unsigned(expected.nonce)) {
    throw new TimestampError('timestamp-nonce', 'its nonce is not the one that was sent: an answer to another request');
  }
  if (expected.policy !== undefined && token.info.policy !== expected.policy) {
    throw new TimestampError('timestamp-policy', 'it was made under another policy than the one asked for');
  }
  const pool = [...token.certificates, ...(expected.intermediates ?? []).map(openCertificate)];
  const { signer, signatureHash } = await checkSignature(token, pool);
  checkUsage(signer.certificate);
  const path = await findPath(signer, pool, expected.roots.map(openCertificate), token.genTime);
  const lists = [...token.revocations, ...(expected.revocations ?? []).map(openRevocations)];
  return {
    genTime: token.genTime.toISOString(),
    serial: token.info.serialNumber.toBigInt().toString(16),
    policy: token.info.policy,
    authority: nameOf(signer.certificate.subject),
    chain: path.map(({ der }) => der),
    hash,
    digest,
    signatureHash,
    validUntil: new Date(Math.min(...path.map(({ certificate }) => +certificate.notAfter.value))).toISOString(),
    revocationLists: await checkRevocations(path, lists, token.genTime),
  };
}

/** The certificates in a PEM text (RFC 7468), as DER. Throws TimestampError('timestamp-malformed') unless there is one, and all can be read. */
export function certificatesFromPem(text: string): Uint8Array[] {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----/g)];
  if (blocks.length === 0) throw malformed('no certificate');
  return blocks.map(([, base64]) => {
    const der = fromBase64(base64!.replaceAll(/\s/g, ''));
    if (der === null) throw malformed('not a certificate');
    readCertificate(der);
    return der;
  });
}

interface Token {
  info: TSTInfo;
  /** The signed TSTInfo as it stands in the token. */
  content: Uint8Array;
  genTime: Date;
  signer: SignerInfo;
  certificates: Known[];
  revocations: CertificateRevocationList[];
}

function openReply(reply: Uint8Array): Token {
  if (reply.length > replyLimit) throw malformed('the reply is too long to be one');
  return parse('not a reply of RFC 3161', () => {
    const response = new TimeStampResp({ schema: openDer(reply) });
    const { status } = response.status;
    if (status !== 0 && status !== 1) {
      throw new TimestampError('timestamp-status', `the authority refused, with status ${Number(status)}`);
    }
    if (response.timeStampToken === undefined) throw malformed('a reply without a token');
    return openToken(response.timeStampToken);
  });
}

function openToken(token: ContentInfo): Token {
  if (token.contentType !== oid.signedData) throw malformed('the token is not signed data');
  const signed = new SignedData({ schema: token.content as asn1.AsnType });
  const { eContentType, eContent } = signed.encapContentInfo;
  const [signer, ...others] = signed.signerInfos;
  if (eContentType !== oid.timestampInfo || eContent === undefined) throw malformed('the token holds no timestamp');
  if (signer === undefined || others.length > 0) throw malformed('a token has one signature');
  const content = new Uint8Array(eContent.getValue());
  const sequence = openDer(content);
  const info = new TSTInfo({ schema: sequence });
  if (info.version !== 1) throw malformed('a timestamp of an unknown version');
  const genTime = (sequence as asn1.Sequence).valueBlock.value[4];
  return {
    info,
    content,
    genTime: parseTime(textOf(genTime)),
    signer,
    certificates: (signed.certificates ?? [])
      .filter((one) => one instanceof Certificate)
      .map((certificate) => ({ certificate, der: new Uint8Array(certificate.toSchema().toBER()) })),
    revocations: (signed.crls ?? []).filter((one) => one instanceof CertificateRevocationList),
  };
}

/** RFC 3161 2.4.2: UTC with a Z; a local time would be a different time to every reader. */
function parseTime(text: string): Date {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\.\d{1,9})?Z$/.exec(text);
  const [, year, month, day, hour, minute, second, fraction] = match ?? [];
  const time = new Date(
    `${year}-${month}-${day}T${hour}:${minute}:${second}${(fraction ?? '.000').slice(0, 4).padEnd(4, '0')}Z`,
  );
  if (match === null || Number.isNaN(+time)) throw malformed('its time is not one in UTC');
  return time;
}

async function checkImprint(info: TSTInfo, message: Uint8Array): Promise<{ hash: TimestampHash; digest: string }> {
  const refuse = (why: string) => new TimestampError('timestamp-imprint', why);
  const hash = hashes[info.messageImprint.hashAlgorithm.algorithmId];
  if (hash === undefined) throw refuse('it stamps a hash that is too weak or unknown');
  const digest = await digestOf(hash, message);
  if (!equalBytes(digest, info.messageImprint.hashedMessage.valueBlock.valueHexView)) {
    throw refuse('it stamps other bytes');
  }
  return { hash, digest: toHex(digest) };
}

/** RFC 5652 5.4 and 5.6, RFC 5035: the signature is over the signed attributes, and they name content and signer. */
async function checkSignature(
  token: Token,
  pool: readonly Known[],
): Promise<{ signer: Known; signatureHash: TimestampHash }> {
  const refuse = (why: string, cause?: unknown) => new TimestampError('timestamp-signature', why, cause);
  const { signer: info, content } = token;
  const signer = pool.find(({ certificate }) => isSigner(info, certificate));
  if (signer === undefined) throw refuse('the certificate that signed it is not there');
  const contentHash = hashes[info.digestAlgorithm.algorithmId];
  const attributes = info.signedAttrs;
  if (contentHash === undefined) throw refuse('it is signed with a hash that is too weak or unknown');
  if (attributes === undefined) throw refuse('the signature covers no attributes');
  const one = (type: string): asn1.AsnType | undefined => {
    const found = attributes.attributes.filter((attribute) => attribute.type === type);
    return found.length === 1 && found[0]!.values.length === 1 ? (found[0]!.values[0] as asn1.AsnType) : undefined;
  };
  const type = one(oid.contentType);
  const digest = one(oid.messageDigest);
  if (!(type instanceof asn1.ObjectIdentifier) || type.getValue() !== oid.timestampInfo) {
    throw refuse('the signature is not over a timestamp');
  }
  if (
    !(digest instanceof asn1.OctetString) ||
    !equalBytes(await digestOf(contentHash, content), new Uint8Array(digest.getValue()))
  ) {
    throw refuse('the signature is over another timestamp');
  }
  // Without this attribute another certificate with the same key, and another name or purpose, could be put in.
  if (!(await namesSigner(one(oid.signingCertificateV2), one(oid.signingCertificate), signer.der))) {
    throw refuse('the signed attributes do not name the certificate that signed');
  }
  try {
    // Plain RSA (RFC 8017) is the one signature that leaves its hash to be named apart.
    const plain = info.signatureAlgorithm.algorithmId === oid.rsa;
    const named = plain ? contentHash : webCrypto.getHashAlgorithm(info.signatureAlgorithm);
    const signatureHash = Object.values(hashes).find((hash) => hash === named);
    if (signatureHash === undefined) throw refuse('it is signed with a hash that is too weak or unknown');
    const holds = await webCrypto.verifyWithPublicKey(
      attributes.encodedValue,
      info.signature,
      signer.certificate.subjectPublicKeyInfo,
      info.signatureAlgorithm,
      signatureHash,
    );
    if (holds) return { signer, signatureHash };
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    throw refuse('its signature cannot be read', error);
  }
  throw refuse("the signature is not the authority's");
}

/** RFC 5652 5.3: the signer by issuer and serial number, or by the identifier of its key. */
function isSigner(info: SignerInfo, certificate: Certificate): boolean {
  const sid = info.sid as { issuer?: RelativeDistinguishedNames; serialNumber?: asn1.Integer; valueBlock?: unknown };
  if (sid.issuer !== undefined && sid.serialNumber !== undefined) {
    return sid.issuer.isEqual(certificate.issuer) && sid.serialNumber.isEqual(certificate.serialNumber);
  }
  const key = extensionOf(certificate, oid.subjectKey)?.parsedValue as asn1.OctetString | undefined;
  const given = info.sid as asn1.Primitive;
  return (
    key?.valueBlock?.valueHexView !== undefined &&
    given.valueBlock?.valueHexView !== undefined &&
    equalBytes(key.valueBlock.valueHexView, given.valueBlock.valueHexView)
  );
}

/** Whether the first ESSCertIDv2 (RFC 5035), or ESSCertID (RFC 2634), holds this certificate's hash. */
async function namesSigner(
  v2: asn1.AsnType | undefined,
  v1: asn1.AsnType | undefined,
  der: Uint8Array,
): Promise<boolean> {
  const members = (value: asn1.AsnType | undefined): asn1.AsnType[] =>
    value instanceof asn1.Sequence ? (value.valueBlock.value as asn1.AsnType[]) : [];
  const first = members(members(members(v2 ?? v1)[0])[0]);
  let hash: string | undefined = v2 === undefined ? 'SHA-1' : 'SHA-256';
  if (v2 !== undefined && first[0] instanceof asn1.Sequence) {
    const algorithm = members(first.shift())[0];
    hash = algorithm instanceof asn1.ObjectIdentifier ? hashes[algorithm.getValue()] : undefined;
  }
  const named = first[0];
  if (hash === undefined || !(named instanceof asn1.OctetString)) return false;
  return equalBytes(await digestOf(hash, der), new Uint8Array(named.getValue()));
}

function unsigned(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

/** The characters of a GeneralizedTime. */
function textOf(value: unknown): string {
  if (!(value instanceof asn1.GeneralizedTime)) throw malformed('its time is not one in UTC');
  return new TextDecoder().decode(value.valueBlock.valueHexView);
}
