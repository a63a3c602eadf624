// Who signed the description of a web archive package (WACZ Signing and Verification 0.1.0): a key without a name, or the
// owner of a domain with a timestamp. Certificates are held against each other, never against a list: none is here.
import { createHash, createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { certificatesFromPem, checkTimestamp } from '@dalil/verify/timestamp';
import { shortText } from './claim-file.ts';
import { checked, unchecked, type Check, type Signer } from './provenance-records.ts';

const textOf = (said: Readonly<Record<string, unknown>>, name: string): string | null =>
  typeof said[name] === 'string' ? said[name] : null;

/** `hash`: of the description as it was sealed, 'sha256:…', which is what must have been signed. */
export async function judgeSignature(
  said: Readonly<Record<string, unknown>>,
  hash: string,
): Promise<{ checks: Check[]; signer: Signer | null }> {
  const what = 'signature of the package';
  const signature = textOf(said, 'signature');
  const [key, pem] = [textOf(said, 'publicKey'), textOf(said, 'domainCert')];
  if (signature === null || (key === null && pem === null))
    return { checks: [unchecked(what, 'It is in no form that is known here.')], signer: null };
  const signed = shortText(said['created'], 100);
  if (pem === null) {
    const publicKey = keyOf(key!);
    if (publicKey === null) return { checks: [checked(what, false, 'Its public key cannot be read.')], signer: null };
    const holds = isSignature(publicKey, hash, signature);
    const why = "By the key that stands in it, which is the maker's own: nobody vouches for whose it is.";
    const fingerprint = createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex');
    return {
      checks: [checked(what, holds, why, otherwise)],
      signer: holds ? { form: 'ecdsa', key: fingerprint, name: null, signed, stamped: null } : null,
    };
  }
  const chain = chainOf(pem);
  if (chain === null) return { checks: [checked(what, false, 'Its certificates cannot be read.')], signer: null };
  const [own] = chain as [X509Certificate];
  const holds = isSignature(own.publicKey, hash, signature);
  const checks = [checked(what, holds, 'By the key of the first certificate that stands in it.', otherwise)];
  const domain = shortText(said['domain'], 255);
  checks.push(...certificateChecks(chain, domain, signed));
  const { check, time } = await timeCheck(said, signature, signed);
  checks.push(check);
  const { serialNumber } = own;
  return {
    checks,
    signer: holds ? { form: 'certificate', key: serialNumber, name: domain, signed, stamped: time } : null,
  };
}

const otherwise = 'The signature is not of this description by that key.';

function keyOf(spki: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

/** ECDSA with SHA-256 over the text of the hash: of browsers as two numbers one after the other, else as DER. */
function isSignature(key: KeyObject, hash: string, base64: string): boolean {
  const signature = Buffer.from(base64, 'base64');
  return (['ieee-p1363', 'der'] as const).some((dsaEncoding) => {
    try {
      return verify('sha256', Buffer.from(hash), { key, dsaEncoding }, signature);
    } catch {
      return false;
    }
  });
}

/** Ten at most. */
function chainOf(pem: string): X509Certificate[] | null {
  try {
    const chain = certificatesFromPem(pem.slice(0, 1 << 17)).map((der) => new X509Certificate(der));
    return chain.length > 10 ? null : chain;
  } catch {
    return null;
  }
}

function certificateChecks(chain: readonly X509Certificate[], domain: string | null, signed: string | null): Check[] {
  const [own] = chain as [X509Certificate];
  const time = Date.parse(signed ?? '');
  const named = domain !== null && own.checkHost(domain) !== undefined;
  const valid = time >= Date.parse(own.validFrom) && time <= Date.parse(own.validTo);
  // Of each by the one after it; a root may be left out.
  const linked = chain.slice(1).every((issuer, i) => chain[i]!.verify(issuer.publicKey));
  return [
    checked(
      'domain of the certificate',
      named,
      'It is of the domain that the package names.',
      'It is not of the domain that the package names.',
    ),
    checked(
      'certificate valid then',
      valid,
      'It was valid at the time that the package states.',
      'It was not valid at the time that the package states.',
    ),
    checked(
      'chain of the certificate',
      linked,
      'Each certificate was signed by the one after it.',
      'A certificate was not signed by the one after it.',
    ),
    unchecked(
      'trust in the certificate',
      'There is no list of trusted authorities here: nobody vouches for the chain.',
    ),
  ];
}

/** The timestamp is over the text of the signature, and at most ten minutes from the time stated. */
async function timeCheck(
  said: Readonly<Record<string, unknown>>,
  signature: string,
  signed: string | null,
): Promise<{ check: Check; time: string | null }> {
  const what = 'timestamp of the signature';
  const [reply, pem] = [textOf(said, 'timeSignature'), textOf(said, 'timestampCert')];
  if (reply === null || pem === null) return { check: unchecked(what, 'There is none.'), time: null };
  try {
    const certificates = certificatesFromPem(pem.slice(0, 1 << 17));
    const { genTime } = await checkTimestamp(Buffer.from(reply, 'base64'), {
      message: Buffer.from(signature),
      roots: certificates.slice(-1),
      intermediates: certificates,
    });
    const near = Math.abs(Date.parse(genTime) - Date.parse(signed ?? '')) <= 600_000;
    const why = near
      ? 'By an authority whose certificate the package brings itself: nobody here vouches for it.'
      : 'It is more than ten minutes from the time that the package states.';
    return { check: checked(what, near, why), time: genTime };
  } catch {
    return {
      check: checked(what, false, 'It is not of this signature by the certificate that stands in it.'),
      time: null,
    };
  }
}
