// The case's two signing keys, one for records and one for checkpoints: made for each case, never shared, kept in the
// home encrypted to its age identity (X25519), so that a copied case folder holds no key and a first run asks nothing.
import { createPrivateKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase64url } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import { openFolder } from '../store/folder.ts';

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

/** Loaded when a key is: 100 ms that reading a case does not need. */
const age = () => import('age-encryption');

const purposes = ['records', 'checkpoints'] as const;

function signingKey(key: KeyObject): SigningKey {
  const { x } = key.export({ format: 'jwk' }) as { x: string };
  return { raw: fromBase64url(x)!, sign: (message) => sign(null, message, key) };
}

/** The home's age identity; made, with mode 0600, when there is none. */
async function homeIdentity(home: string): Promise<string> {
  const folder = openFolder(join(home, 'keys'));
  const { generateX25519Identity } = await age();
  const made = `${await generateX25519Identity()}\n`;
  // Of two first runs at once, one creates it and both read the same.
  if (await folder.create('identity.age', made)) await chmod(join(home, 'keys'), 0o700);
  return new TextDecoder().decode((await folder.read('identity.age'))!).trim();
}

/** Makes the keys of a new case and keeps them in the home, durably, before anything is signed with them. */
export async function makeKeys(home: string, caseId: string): Promise<CaseKeys> {
  const { Encrypter, identityToRecipient } = await age();
  await mkdir(join(home, 'keys'), { recursive: true, mode: 0o700 });
  const recipient = await identityToRecipient(await homeIdentity(home));
  const folder = openFolder(join(home, 'keys', caseId));
  const keys = {} as CaseKeys;
  for (const purpose of purposes) {
    const { privateKey } = generateKeyPairSync('ed25519');
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    await folder.write([{ path: `${purpose}.age`, bytes: await encrypter.encrypt(pem) }]);
    keys[purpose] = signingKey(privateKey);
  }
  return keys;
}

/** Opens the keys of a case; Fault('wrong-key') when this home has none, or another identity. */
export async function openKeys(home: string, caseId: string): Promise<CaseKeys> {
  const { Decrypter } = await age();
  const keys = {} as CaseKeys;
  for (const purpose of purposes) {
    const sealed = await readFile(join(home, 'keys', caseId, `${purpose}.age`)).catch(() => null);
    if (sealed === null) {
      throw new Fault('wrong-key', {
        what: 'This home holds no key of this case: it can be read and verified, but nothing can be added.',
        expected: `the case's ${purpose} key in the home's keys folder`,
        next: 'set DALIL_HOME to the home in which the case was made',
      });
    }
    const decrypter = new Decrypter();
    decrypter.addIdentity(await homeIdentity(home));
    try {
      keys[purpose] = signingKey(createPrivateKey(await decrypter.decrypt(sealed, 'text')));
    } catch (error) {
      throw new Fault('wrong-key', {
        what: `The case's ${purpose} key does not open with this home's identity.`,
        next: 'restore the file identity.age that belongs to this home',
        cause: error,
      });
    }
  }
  return keys;
}
