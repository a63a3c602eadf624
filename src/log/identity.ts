// The home's age identity, to which all its signing keys are encrypted: in the clear with mode 0600 so that a first run
// asks nothing, or itself an age file, for a passphrase (scrypt) or for an identity of the user's own.
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../case/fault.ts';
import { openFolder, type Folder } from '../store/folder.ts';

/** How the home's identity lies on the disk. */
export type Protection = 'none' | 'passphrase' | 'identity';

/** Where what opens a protected identity comes from; each is asked in this order, and only where it is needed. */
export interface Openers {
  /** The identity, held by a process for this purpose; null where none does. */
  held(): Promise<string | null>;
  /** The text of the user's own identity file; null where none was named. */
  ownIdentity(): Promise<string | null>;
  /** The passphrase, from a file or a terminal; null where there is neither. */
  passphrase(): Promise<string | null>;
}

const none = async (): Promise<null> => null;
/** Opens nothing that is protected. */
export const noOpeners: Openers = { held: none, ownIdentity: none, passphrase: none };

const file = 'identity.age';

/** Loaded when a key is: 100 ms that reading a case does not need. */
const age = () => import('age-encryption');

const keysFolder = (home: string): Folder => openFolder(join(home, 'keys'));

/** How this home's identity is protected; null where there is none yet. */
export async function protectionOf(home: string): Promise<Protection | null> {
  const bytes = await keysFolder(home).read(file);
  return bytes === null ? null : protection(bytes);
}

function protection(bytes: Uint8Array): Protection {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  if (!head.startsWith('age-encryption.org/v1\n')) return 'none';
  return head.startsWith('-> scrypt ', 'age-encryption.org/v1\n'.length) ? 'passphrase' : 'identity';
}

/**
 * The home's identity, in the clear; made, with mode 0600, where there is none. Throws Fault('wrong-key') where it is
 * protected and nothing opens it. No message holds anything of what was tried.
 */
export async function openIdentity(home: string, openers: Openers): Promise<string> {
  const folder = keysFolder(home);
  const bytes = (await folder.read(file)) ?? (await makeIdentity(home));
  const how = protection(bytes);
  if (how === 'none') return new TextDecoder().decode(bytes).trim();
  const held = await openers.held();
  if (held !== null) return held;
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  if (how === 'identity') {
    const own = await openers.ownIdentity();
    if (own === null) throw locked('an identity of your own', '--identity FILE, or DALIL_IDENTITY with its path');
    for (const line of identitiesIn(own)) decrypter.addIdentity(line);
  } else {
    const passphrase = await openers.passphrase();
    if (passphrase === null) throw locked('a passphrase', 'a terminal to ask on, or DALIL_PASSPHRASE_FILE');
    decrypter.addPassphrase(passphrase);
  }
  try {
    return (await decrypter.decrypt(bytes, 'text')).trim();
  } catch {
    // Without its cause: nothing of what was tried may come into a message.
    throw new Fault('wrong-key', {
      what: how === 'passphrase' ? 'This is not the passphrase of the keys.' : 'This identity does not open the keys.',
      next:
        how === 'passphrase'
          ? 'try again; it cannot be found out, and a backup of the keys has its own'
          : 'name the identity file that `dalil keys protect` was given',
    });
  }
}

function locked(by: string, expected: string): Fault {
  return new Fault('wrong-key', {
    what: `The keys are protected by ${by}, and it is not here.`,
    expected,
    next: 'dalil keys unlock, on a terminal; then scripts and other commands need not ask',
  });
}

/** Of two first runs at once, one makes it and both read the same. */
async function makeIdentity(home: string): Promise<Uint8Array> {
  await mkdir(join(home, 'keys'), { recursive: true, mode: 0o700 });
  const folder = keysFolder(home);
  const { generateX25519Identity } = await age();
  if (await folder.create(file, `${await generateX25519Identity()}\n`)) await chmod(join(home, 'keys'), 0o700);
  return (await folder.read(file))!;
}

/** To whom the home's identity is to be encrypted. */
export type Lock = { passphrase: string } | { identity: string } | { recipient: string };

/**
 * Puts the identity in place of what was there, protected so, or in the clear for null: one file, replaced whole, so a
 * crash leaves the old protection or the new. What was copied from here before is not protected by it.
 */
export async function keepIdentity(home: string, identity: string, lock: Lock | null): Promise<void> {
  const bytes = lock === null ? `${identity}\n` : await encryptFor(`${identity}\n`, lock);
  await keysFolder(home).write([{ path: file, bytes }]);
}

/** An age file for a passphrase, a recipient, or the recipient of an identity. Throws Fault('usage') where it is none. */
export async function encryptFor(text: string, lock: Lock): Promise<Uint8Array> {
  const { Encrypter, identityToRecipient } = await age();
  const encrypter = new Encrypter();
  if ('passphrase' in lock) encrypter.setPassphrase(lock.passphrase);
  else {
    try {
      const recipients =
        'recipient' in lock
          ? [lock.recipient]
          : await Promise.all(identitiesIn(lock.identity).map(identityToRecipient));
      for (const recipient of recipients) encrypter.addRecipient(recipient);
    } catch (error) {
      if (error instanceof Fault) throw error;
      throw new Fault('usage', {
        what: 'This is no age recipient or identity.',
        expected: 'age1…, or a file as `age-keygen` makes it',
      });
    }
  }
  return encrypter.encrypt(text);
}

/** The identities in the text of a file as `age-keygen` makes it. Throws Fault('usage') where there is none. */
export function identitiesIn(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const identities = lines.filter((line) => line.startsWith('AGE-SECRET-KEY-'));
  if (
    identities.length > 0 &&
    lines.every((line) => line === '' || line.startsWith('#') || identities.includes(line))
  ) {
    return identities;
  }
  throw new Fault('usage', {
    what: 'This file is no age identity in the clear.',
    expected: 'a file as `age-keygen` makes it; one that is itself encrypted is decrypted first, for a moment, outside',
  });
}
