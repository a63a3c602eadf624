// Guardians: each holds one share of the vault's key, as a text encrypted to them by age. The log holds the hash of every
// such text: without it a false share would go unnoticed and silently give another key.
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { fromHex, sha256, toHex } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { GuardianEntry } from './records.ts';
import { combine, split, type SecretShare } from './shamir.ts';

/** Who is to hold a share. */
export interface Guardian {
  /** A working name: letters, digits, dot, dash, underscore. It is in the log, and in the name of a file. */
  name: string;
  /** `age1…` (X25519): the public half of a key that only they have. */
  recipient: string;
}

/** A share as its guardian holds it. */
export interface Share extends SecretShare {
  /** The recipient of the vault that it opens. */
  vault: string;
  guardian: string;
  /** 32 hex digits: the log's commitment cannot be tried out against a share that was half seen. */
  salt: string;
}

/** What makes a vault: its public half for the log, and a file for each guardian. */
export interface Handover {
  recipient: string;
  guardians: GuardianEntry[];
  /** `guardian-<name>.age`, each encrypted to its guardian alone. Nothing else holds the vault's key. */
  files: { name: string; bytes: Uint8Array }[];
}

const format = 'dalil-share/1';
const namePattern = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,63}$/u;
const sharePattern =
  /^dalil-share\/1\nvault (age1[0-9a-z]{1,100})\nguardian (\S{1,64})\nshare ([1-9]\d{0,2})\nsalt ([0-9a-f]{32})\nbytes ((?:[0-9a-f]{2}){1,1024})\n$/;

/** The text of a share. Its SHA-256 is the commitment in the log: `sha256sum` checks it. */
export function formatShare({ vault, guardian, number, salt, bytes }: Share): string {
  return `${format}\nvault ${vault}\nguardian ${guardian}\nshare ${number}\nsalt ${salt}\nbytes ${toHex(bytes)}\n`;
}

/** Reads the text of a share, however mail or a clipboard ended its lines; null where it is none. */
export function parseShare(text: string): Share | null {
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.trim());
  const match = sharePattern.exec(`${lines.join('\n')}\n`);
  if (match === null) return null;
  const [, vault, guardian, number, salt, hex] = match;
  const bytes = fromHex(hex!);
  if (bytes === null || !namePattern.test(guardian!) || Number(number) > 255) return null;
  return { vault: vault!, guardian: guardian!, number: Number(number), salt: salt!, bytes };
}

/** What the log holds of a share: SHA-256 of its text, hex. */
export function commitmentTo(share: Share): string {
  return toHex(sha256(new TextEncoder().encode(formatShare(share))));
}

/**
 * Makes a fresh vault key and splits it: `threshold` of the guardians open it. The key itself is kept nowhere. Throws
 * Fault('usage') where the guardians or the threshold cannot be.
 */
export async function splitShares(
  guardians: readonly Guardian[],
  threshold: number,
  random: (length: number) => Uint8Array,
): Promise<Handover> {
  checkGuardians(guardians, threshold);
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  // The key as age writes it is what is split, so that joined shares are a key file for age as they are.
  const secret = new TextEncoder().encode(identity);
  const parts = split(secret, threshold, guardians.length, random);
  secret.fill(0);
  const handover: Handover = { recipient, guardians: [], files: [] };
  for (const [i, { name, recipient: to }] of guardians.entries()) {
    const part = parts[i]!;
    const share: Share = { ...part, vault: recipient, guardian: name, salt: toHex(random(16)) };
    handover.guardians.push({ name, recipient: to, number: part.number, commitment: commitmentTo(share) });
    handover.files.push({ name: `guardian-${name}.age`, bytes: await encryptShare(formatShare(share), to) });
    part.bytes.fill(0);
  }
  return handover;
}

function checkGuardians(guardians: readonly Guardian[], threshold: number): void {
  const refuse = (what: string, expected: string, got: string): Fault =>
    new Fault('usage', { what, expected, got, next: 'dalil vault --help' });
  const count = guardians.length;
  if (count > 255 || !Number.isInteger(threshold) || threshold < 2 || threshold > count) {
    const expected = 'a threshold of at least 2, and at least as many guardians, at most 255';
    throw refuse('So many guardians cannot open a vault.', expected, `${threshold} of ${count}`);
  }
  if (guardians.some(({ name }) => !namePattern.test(name))) {
    const expected = 'letters, digits, dot, dash and underscore, at most 64';
    throw refuse("A guardian's working name is needed.", expected, 'another name');
  }
  for (const member of ['name', 'recipient'] as const) {
    const different = new Set(guardians.map((guardian) => guardian[member].toLowerCase().normalize('NFKC'))).size;
    // One key twice would be one person with two shares.
    if (different < count) throw refuse(`Two guardians have one ${member}.`, `${count} of them`, `${different}`);
  }
}

async function encryptShare(text: string, recipient: string): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  try {
    if (!recipient.startsWith('age1')) throw new Error('not a recipient');
    encrypter.addRecipient(recipient);
  } catch {
    throw new Fault('usage', {
      what: "A guardian's recipient is none.",
      expected: 'age1… as `age-keygen` prints it',
      next: 'ask the guardian for their public key; never for the key itself (AGE-SECRET-KEY-1…)',
    });
  }
  return encrypter.encrypt(text);
}

/**
 * A guardian's own share, as text. `keyFile` is the text of their age key file. Throws Fault('wrong-key') where the key
 * is another one's; the message holds nothing of key or share.
 */
export async function decryptShare(shareFile: Uint8Array, keyFile: string): Promise<string> {
  const keys = keyFile.split(/\s+/).filter((word) => word.startsWith('AGE-SECRET-KEY-'));
  const decrypter = new Decrypter();
  let text: string;
  try {
    if (keys.length === 0) throw new Error('no key');
    for (const key of keys) decrypter.addIdentity(key);
    text = await decrypter.decrypt(shareFile, 'text');
  } catch {
    // Without the cause: libraries quote the key that they cannot read.
    throw new Fault('wrong-key', {
      what: 'The share does not open with this key.',
      expected: 'the age key file whose recipient was given for this guardian, and the share as it was handed over',
      next: 'look for the other key; `age -d -i KEYFILE FILE` does the same',
    });
  }
  if (parseShare(text) === null) {
    throw new Fault('wrong-key', {
      what: 'What this key opens is no share of a vault.',
      expected: 'a file guardian-<name>.age',
      next: 'check the path given to --share',
    });
  }
  return text;
}

/** What the log says of a vault's key and of who opens it. */
export interface Trust {
  recipient: string;
  threshold: number;
  guardians: readonly GuardianEntry[];
}

/**
 * The shares among these texts, each guardian's once, each the one that was handed to them. Throws Fault('wrong-key')
 * that names whose share is false, before Fault('no-permission') where they are too few.
 */
export function checkShares(trust: Trust, texts: readonly string[]): Share[] {
  const sound = new Map<string, Share>();
  const accused: string[] = [];
  texts.forEach((text, i) => {
    const share = parseShare(text);
    const claimed = share?.guardian ?? /^\s*guardian (\S{1,64})\s*$/m.exec(text)?.[1];
    const entry = trust.guardians.find(({ name }) => name === claimed);
    // Only names that the log knows are repeated: what a file calls itself may be anything.
    if (entry === undefined) accused.push(`text ${i + 1} of ${texts.length}: not a share of a guardian of this vault`);
    else if (share === null) accused.push(`${entry.name}: the text is damaged`);
    else if (share.vault !== trust.recipient)
      accused.push(`${entry.name}: a share of another key, or of an earlier one`);
    else if (share.number !== entry.number || commitmentTo(share) !== entry.commitment)
      accused.push(`${entry.name}: not the share that was handed to them`);
    else sound.set(entry.name, share);
  });
  if (accused.length > 0) {
    throw new Fault('wrong-key', {
      what: accused.length === 1 ? 'A share is false.' : `${accused.length} shares are false.`,
      expected: 'shares whose hashes are in the log',
      got: accused.join('; '),
      next: 'ask for these shares again, or for those of other guardians: dalil vault status',
    });
  }
  if (sound.size < trust.threshold) {
    throw new Fault('no-permission', {
      what: 'Too few guardians to open the vault.',
      expected: `the shares of ${trust.threshold} of ${trust.guardians.length} guardians`,
      got: `${sound.size}`,
      next: 'ask further guardians: dalil vault status',
    });
  }
  return [...sound.values()];
}

/** The vault's key from shares that `checkShares` has passed. Throws Fault('fault') where the shares are of another key. */
export async function joinShares(trust: Trust, shares: readonly Share[]): Promise<string> {
  const secret = combine(shares.slice(0, trust.threshold));
  for (const { bytes } of shares) bytes.fill(0);
  const identity = new TextDecoder().decode(secret);
  secret.fill(0);
  const recipient = await identityToRecipient(identity).catch(() => null);
  if (recipient === trust.recipient) return identity;
  throw new Fault('fault', {
    what: 'The shares are those that were handed out, but they do not give the key of this vault.',
    next: 'make a new vault: whoever made this one did not split its key truly',
  });
}
