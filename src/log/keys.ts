// The case's two signing keys, one for records and one for checkpoints: made for each case, never shared, kept in the
// home encrypted to its age identity (X25519), so that a copied case folder holds no key. Each file is named by its public
// key: of two changes at once neither writes over the other's, and those in force are found by what the log says.
import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { fromBase64url, toBase64url, type KeyPeriod } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import { openFolder, type Folder } from '../store/folder.ts';

/** A key that signs: 64-byte Ed25519 signatures. */
export interface SigningKey {
  /** The raw public key, 32 bytes. */
  raw: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export interface CaseKeys {
  records: SigningKey;
  checkpoints: SigningKey;
}

/** Opens the keys of a period; Fault('wrong-key') where this home does not have them. */
export type KeyRing = (period: KeyPeriod) => Promise<CaseKeys>;

export const purposes = ['records', 'checkpoints'] as const;
export type Purpose = (typeof purposes)[number];

/** Loaded when a key is: 100 ms that reading a case does not need. */
const age = () => import('age-encryption');

function signingKey(key: KeyObject): SigningKey {
  const { x } = key.export({ format: 'jwk' }) as { x: string };
  return { raw: fromBase64url(x)!, sign: (message) => sign(null, message, key) };
}

/** The keys of a case in this home. */
export function keysOf(home: string, caseId: string): Folder {
  return openFolder(join(home, 'keys', caseId));
}

/** The file of a key in that folder. */
export function keyFile(purpose: Purpose, raw: Uint8Array): string {
  return `${purpose}-${toBase64url(raw)}.age`;
}

/** The files of the keys of a period that are not in this home. */
export async function missingKeys(home: string, caseId: string, period: KeyPeriod): Promise<Purpose[]> {
  const names = await keysOf(home, caseId).names('.');
  return purposes.filter((purpose) => !names.includes(keyFile(purpose, period[purpose].raw)));
}

/** Makes a pair of keys and keeps it in the home, durably, before anything is signed with it. */
export async function makeKeys(home: string, caseId: string, identity: string): Promise<CaseKeys> {
  const made = purposes.map((purpose) => ({ purpose, key: generateKeyPairSync('ed25519').privateKey }));
  const keys = Object.fromEntries(made.map(({ purpose, key }) => [purpose, signingKey(key)])) as unknown as CaseKeys;
  const pems = made.map(({ purpose, key }) => ({
    path: keyFile(purpose, keys[purpose].raw),
    pem: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  }));
  await keepKeys(home, caseId, identity, pems);
  return keys;
}

/** Puts keys into the home, encrypted to its identity, durably. */
export async function keepKeys(
  home: string,
  caseId: string,
  identity: string,
  pems: readonly { path: string; pem: string }[],
): Promise<void> {
  const { Encrypter, identityToRecipient } = await age();
  const recipient = await identityToRecipient(identity);
  const files = pems.map(async ({ path, pem }) => {
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    return { path, bytes: await encrypter.encrypt(pem) };
  });
  await keysOf(home, caseId).write(await Promise.all(files));
}

/** The private key, PKCS #8 in PEM; null where this home does not have it. Fault('wrong-key') where it does not open. */
export async function openPem(home: string, caseId: string, path: string, identity: string): Promise<string | null> {
  const sealed = await keysOf(home, caseId).read(path);
  if (sealed === null) return null;
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  try {
    return await decrypter.decrypt(sealed, 'text');
  } catch {
    throw new Fault('wrong-key', {
      what: "A key of the case does not open with this home's identity.",
      next: 'restore the file identity.age that belongs to this home, or the keys from their backup: dalil keys restore',
    });
  }
}

/** The keys of this case in this home; `identity` is asked for only when a key is. */
export function keyRing(home: string, caseId: string, identity: () => Promise<string>): KeyRing {
  let opened: { n: number; keys: CaseKeys } | null = null;
  return async (period) => {
    if (opened?.n === period.n) return opened.keys;
    if ((await missingKeys(home, caseId, period)).length > 0) throw noKeys(period);
    const keys = {} as CaseKeys;
    for (const purpose of purposes) {
      const path = keyFile(purpose, period[purpose].raw);
      keys[purpose] = readPem((await openPem(home, caseId, path, await identity())) ?? '', path, purpose);
    }
    opened = { n: period.n, keys };
    return keys;
  };
}

/** The key in a PEM. Fault('wrong-key') unless it is the one that the name of its file says. */
export function readPem(pem: string, path: string, purpose: Purpose): SigningKey {
  try {
    const key = signingKey(createPrivateKey(pem));
    if (keyFile(purpose, key.raw) === path) return key;
  } catch {
    // Told below, without a cause: an error of the parser could hold a piece of the key.
  }
  throw new Fault('wrong-key', {
    what: "A file of the case's keys holds another key than its name says, or none.",
    next: 'restore the keys from their backup: dalil keys restore FILE',
  });
}

function noKeys({ n }: KeyPeriod): Fault {
  if (n === 0) {
    return new Fault('wrong-key', {
      what: 'This home holds no key of this case: it can be read and verified, but nothing can be added.',
      expected: "the case's keys in the home's keys folder",
      next: 'set DALIL_HOME to the home in which the case was made, or: dalil keys restore FILE, from a backup; without either: dalil keys',
    });
  }
  return new Fault('wrong-key', {
    what: 'The keys of this case were changed, and this home does not hold the new ones: nothing can be added from here.',
    expected: `the keys of change ${n}`,
    next: 'dalil keys backup, in the home in which they were changed; then dalil keys restore FILE here',
  });
}
