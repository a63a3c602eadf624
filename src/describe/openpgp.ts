// Detached OpenPGP signatures (RFC 9580) of sealed files, by the keys that came with them. Such a key is the sender's own:
// that a signature holds says that the same key signed, and not whose it is. No key server is ever asked.
import type { PublicKey } from 'openpgp';
import { checked, unchecked, type Check, type Signer } from './provenance-records.ts';

const load = () => import('openpgp');
type Library = Awaited<ReturnType<typeof load>>;

/** The keys in a file, armored or not; null where there are none that can be read. */
export async function readPublicKeys(bytes: Uint8Array): Promise<PublicKey[] | null> {
  const openpgp = await load();
  try {
    const keys = isArmored(bytes)
      ? await openpgp.readKeys({ armoredKeys: Buffer.from(bytes).toString('latin1') })
      : await openpgp.readKeys({ binaryKeys: bytes });
    // A secret key that came by mistake is used for its public half alone.
    return keys.length === 0 ? null : keys.map((key) => key.toPublic());
  } catch {
    return null;
  }
}

const isArmored = (bytes: Uint8Array): boolean => (bytes[0] ?? 0) < 0x80;

export interface SignatureCheck {
  check: Check;
  /** Who signed, where the signature holds. */
  signer: Signer | null;
}

/** Holds bytes against a detached signature. They must be whole in memory: the library's streams wait for each other. */
export async function checkDetached(
  what: string,
  { bytes, signature, keys }: { bytes: Uint8Array; signature: Uint8Array; keys: readonly PublicKey[] },
): Promise<SignatureCheck> {
  const openpgp = await load();
  const read = await readSignature(openpgp, signature);
  if (read === null) return { check: checked(what, false, 'The signature cannot be read as one.'), signer: null };
  let signatures;
  try {
    ({ signatures } = await openpgp.verify({
      message: await openpgp.createMessage({ binary: bytes }),
      signature: read,
      verificationKeys: [...keys],
      format: 'binary',
      // No clock: the same files give the same answer on any day.
      date: null,
    }));
  } catch (reason) {
    return { check: refused(what, reason), signer: null };
  }
  const settled = await Promise.allSettled(signatures.map(({ verified }) => verified));
  const good = settled.findIndex(({ status }) => status === 'fulfilled');
  if (good < 0)
    return { check: refused(what, (settled[0] as PromiseRejectedResult | undefined)?.reason), signer: null };
  const key = keys.find((one) => one.getKeys(signatures[good]!.keyID).length > 0)!;
  const packet = (await signatures[good]!.signature).packets[0]!;
  const signed = packet.created?.toISOString() ?? null;
  const why = "By the key that came with it, which is the sender's own: nobody vouches for whose it is.";
  return {
    check: checked(what, true, why),
    signer: { form: 'openpgp', key: key.getFingerprint(), name: null, signed, stamped: null },
  };
}

async function readSignature(openpgp: Library, bytes: Uint8Array) {
  try {
    const read = isArmored(bytes)
      ? await openpgp.readSignature({ armoredSignature: Buffer.from(bytes).toString('latin1') })
      : await openpgp.readSignature({ binarySignature: bytes });
    return read.packets.length === 0 ? null : read;
  } catch {
    return null;
  }
}

/** Only bytes that differ, or a signature that is none, are a failure; a key that is not there leaves it unchecked. */
function refused(what: string, reason: unknown): Check {
  const message = reason instanceof Error ? reason.message : '';
  if (/could not find signing key/i.test(message))
    return unchecked(what, 'It was made with another key than the one that came with it.');
  if (/insecure/i.test(message))
    return unchecked(what, 'It rests on a hash or a key that is too weak to say anything.');
  if (/enum value|unsupported|unknown/i.test(message))
    return unchecked(what, 'It is of a kind that cannot be checked here.');
  if (/revoked|expired|newer than/i.test(message))
    return checked(what, false, 'The key was revoked, had expired or did not exist yet when it was made.');
  return checked(what, false, 'The signature is not of these bytes by that key.');
}
