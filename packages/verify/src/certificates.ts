// X.509 certificates of time authorities: what they are for, their path to a root (RFC 5280), and revocation lists. All
// is judged at the time in the token, never at today's.
import { Certificate, CertificateRevocationList, CryptoEngine } from 'pkijs';
import type { Extension, RelativeDistinguishedNames } from 'pkijs';
import * as asn1 from 'asn1js';
import { equalBytes } from './merkle.ts';
import { TimestampError, type TimestampCode } from './timestamp-error.ts';

const oid = {
  timestamping: '1.3.6.1.5.5.7.3.8',
  anyUsage: '2.5.29.37.0',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  revocationReason: '2.5.29.21',
} as const;

/** Hashes that are strong enough. */
export type TimestampHash = 'SHA-256' | 'SHA-384' | 'SHA-512';

/** By their object identifiers. */
export const hashes: Readonly<Record<string, TimestampHash>> = {
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
};
/** Critical extensions of certificates that are understood here; names, policies and usages add no duty for this use. */
const understood = new Set<string>([
  oid.keyUsage,
  oid.basicConstraints,
  oid.extendedKeyUsage,
  '2.5.29.17',
  '2.5.29.32',
]);
const pathLimit = 8;
const stepLimit = 64;

export const webCrypto = new CryptoEngine({ name: 'webcrypto', crypto: globalThis.crypto });

/** A certificate and its bytes. */
export interface Known {
  certificate: Certificate;
  der: Uint8Array;
}

/** What a certificate says of itself; TimestampError('timestamp-malformed') where the bytes are none. */
export function readCertificate(der: Uint8Array): { subject: string; notBefore: string; notAfter: string } {
  const { certificate } = openCertificate(der);
  return {
    subject: nameOf(certificate.subject),
    notBefore: certificate.notBefore.value.toISOString(),
    notAfter: certificate.notAfter.value.toISOString(),
  };
}

/** How many certificates a revocation list revokes, and when it was made; TimestampError('timestamp-malformed'). */
export function readRevocations(der: Uint8Array): { issuer: string; thisUpdate: string; revoked: number } {
  const list = openRevocations(der);
  return {
    issuer: nameOf(list.issuer),
    thisUpdate: list.thisUpdate.value.toISOString(),
    revoked: list.revokedCertificates?.length ?? 0,
  };
}

/** Runs a parser; whatever it throws on foreign bytes becomes the one declared error. */
export function parse<T>(what: string, parser: () => T): T {
  try {
    return parser();
  } catch (error) {
    if (error instanceof TimestampError) throw error;
    throw new TimestampError('timestamp-malformed', what, error);
  }
}

export function malformed(what: string): TimestampError {
  return new TimestampError('timestamp-malformed', what);
}

/** One DER value and nothing behind it. */
export function openDer(der: Uint8Array): asn1.AsnType {
  const { offset, result } = asn1.fromBER(bufferOf(der));
  if (offset !== der.length) throw malformed('bytes that are no single DER value');
  return result;
}

export function openCertificate(der: Uint8Array): Known {
  return parse('not a certificate', () => ({ certificate: new Certificate({ schema: openDer(der) }), der }));
}

export function openRevocations(der: Uint8Array): CertificateRevocationList {
  return parse('not a revocation list', () => new CertificateRevocationList({ schema: openDer(der) }));
}

/** RFC 3161 2.3: a key for timestamps and nothing else, and said so in a way that nobody may overlook. */
export function checkUsage(certificate: Certificate): void {
  const extended = extensionOf(certificate, oid.extendedKeyUsage);
  const purposes = usagesOf(extended);
  if (extended?.critical !== true || purposes.length !== 1 || purposes[0] !== oid.timestamping) {
    throw new TimestampError('timestamp-eku', 'the certificate that signed it is not one for timestamps alone');
  }
  // digitalSignature or nonRepudiation.
  const usage = keyUsageOf(certificate);
  if (usage !== null && (usage & 0xc0) === 0) {
    throw new TimestampError('timestamp-eku', 'the key of the certificate that signed it may not sign');
  }
}

const gravity: readonly TimestampCode[] = ['timestamp-untrusted', 'timestamp-chain', 'timestamp-not-valid-at-gentime'];

/** A path from the signer to a trusted root that holds at `genTime`; else the error of the path that came furthest. */
export async function findPath(
  signer: Known,
  pool: readonly Known[],
  roots: readonly Known[],
  genTime: Date,
): Promise<Known[]> {
  let worst = new TimestampError('timestamp-untrusted', 'its certificates lead to no authority that the case trusts');
  let steps = 0;
  const extend = async (path: readonly Known[]): Promise<Known[] | null> => {
    const last = path.at(-1)!;
    if (roots.some(({ der }) => equalBytes(der, last.der))) {
      const broken = judgePath(path, genTime);
      if (broken === null) return [...path];
      if (gravity.indexOf(broken.code) > gravity.indexOf(worst.code)) worst = broken;
      return null;
    }
    if (path.length >= pathLimit) return null;
    for (const issuer of [...roots, ...pool]) {
      if (!issuer.certificate.subject.isEqual(last.certificate.issuer)) continue;
      if (path.some(({ der }) => equalBytes(der, issuer.der))) continue;
      // A token stuffed with certificates of one name must not cost more than a real one.
      if (++steps > stepLimit) return null;
      if (!(await isIssuedBy(last.certificate, issuer.certificate))) continue;
      const found = await extend([...path, issuer]);
      if (found !== null) return found;
    }
    return null;
  };
  const found = await extend([signer]);
  if (found === null) throw worst;
  return found;
}

async function isIssuedBy(certificate: Certificate, issuer: Certificate): Promise<boolean> {
  try {
    if (certificate.signature.algorithmId !== certificate.signatureAlgorithm.algorithmId) return false;
    // The signature on a root is not read, so only certificates below one must be signed with a strong hash.
    if (!Object.values<string>(hashes).includes(webCrypto.getHashAlgorithm(certificate.signatureAlgorithm)))
      return false;
    return await certificate.verify(issuer, webCrypto);
  } catch {
    return false;
  }
}

/** RFC 5280 6.1 as far as a timestamp needs it, stricter where in doubt: name constraints are not understood. */
function judgePath(path: readonly Known[], genTime: Date): TimestampError | null {
  const broken = (why: string) => new TimestampError('timestamp-chain', why);
  for (const [above, { certificate }] of path.entries()) {
    if (genTime < certificate.notBefore.value || genTime > certificate.notAfter.value) {
      return new TimestampError('timestamp-not-valid-at-gentime', 'a certificate was not valid at the time it gives');
    }
    const extensions = certificate.extensions ?? [];
    if (extensions.some(({ critical, extnID }) => critical && !understood.has(extnID))) {
      return broken('a certificate has a condition that is not understood');
    }
    if (above === 0) continue;
    const constraints = extensionOf(certificate, oid.basicConstraints)?.parsedValue as
      { cA?: boolean; pathLenConstraint?: number | asn1.Integer } | undefined;
    const root = above === path.length - 1;
    // Version 1 roots have no extensions at all; whoever trusts one has said that it is an authority.
    if (constraints?.cA !== true && !(root && certificate.version === 0)) {
      return broken('a certificate in the chain is not that of an authority');
    }
    const most = constraints?.pathLenConstraint;
    if (most !== undefined && above - 1 > Number(most instanceof asn1.Integer ? most.toBigInt() : most)) {
      return broken('the chain is longer than a certificate allows');
    }
    const usage = keyUsageOf(certificate);
    if (usage !== null && (usage & 0x04) === 0) return broken('a certificate in the chain may not sign certificates');
    const extended = extensionOf(certificate, oid.extendedKeyUsage);
    const purposes = usagesOf(extended);
    if (extended !== undefined && !purposes.includes(oid.timestamping) && !purposes.includes(oid.anyUsage)) {
      return broken('an authority in the chain may not issue certificates for timestamps');
    }
  }
  return null;
}

/** Applies the lists to the chain; gives how many applied. TimestampError('timestamp-revoked'). */
export async function checkRevocations(
  path: readonly Known[],
  lists: readonly CertificateRevocationList[],
  genTime: Date,
): Promise<number> {
  let applied = 0;
  for (const [at, { certificate }] of path.entries()) {
    const issuer = path[at + 1]?.certificate;
    if (issuer === undefined) break;
    for (const list of lists) {
      if (!(await list.verify({ issuerCertificate: issuer }, webCrypto).catch(() => false))) continue;
      applied++;
      const entry = list.revokedCertificates?.find(({ userCertificate }) =>
        userCertificate.isEqual(certificate.serialNumber),
      );
      if (entry === undefined) continue;
      const reason = entry.crlEntryExtensions?.extensions.find(({ extnID }) => extnID === oid.revocationReason);
      const code = reason?.extnValue.valueBlock.valueHexView.at(-1);
      // RFC 3161 4: given up for another reason than its key, what it signed before stands. No reason says nothing.
      const harmless = code === 0 || code === 3 || code === 4 || code === 5;
      if (!harmless || entry.revocationDate.value <= genTime) {
        throw new TimestampError('timestamp-revoked', 'a certificate of the authority was revoked');
      }
    }
  }
  return applied;
}

export function extensionOf(certificate: Certificate, id: string): Extension | undefined {
  return certificate.extensions?.find(({ extnID }) => extnID === id);
}

function usagesOf(extension: Extension | undefined): string[] {
  return (extension?.parsedValue as { keyPurposes?: string[] } | undefined)?.keyPurposes ?? [];
}

/** First octet of the key usage bits, most significant first; null where any usage is allowed. */
function keyUsageOf(certificate: Certificate): number | null {
  const extension = extensionOf(certificate, oid.keyUsage);
  if (extension === undefined) return null;
  return (extension.parsedValue as asn1.BitString | undefined)?.valueBlock?.valueHexView?.[0] ?? 0;
}

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
};

export function nameOf(name: RelativeDistinguishedNames): string {
  return name.typesAndValues
    .map(({ type, value }) => `${shortNames[type] ?? type}=${String(value.valueBlock.value)}`)
    .join(', ');
}

export async function digestOf(hash: string, bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await globalThis.crypto.subtle.digest(hash, bufferOf(bytes)));
}

/** The bytes alone, where they are a part of something longer. */
export function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
