// Guardians with keys of their own, and every spelling in which a text could leave.
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decryptShare, type Guardian, type Handover } from './guardian.ts';

export interface TestGuardian extends Guardian {
  /** Their key file, as text. */
  keyFile: string;
}

export async function makeGuardians(...names: string[]): Promise<TestGuardian[]> {
  return Promise.all(
    names.map(async (name) => {
      const identity = await generateX25519Identity();
      const recipient = await identityToRecipient(identity);
      return { name, recipient, keyFile: `# public key: ${recipient}\n${identity}\n` };
    }),
  );
}

/** What each guardian reads in their file, by name. */
export async function readShares(
  files: Handover['files'],
  guardians: readonly TestGuardian[],
): Promise<Record<string, string>> {
  const shares: Record<string, string> = {};
  for (const { name, keyFile } of guardians) {
    const file = files.find((one) => one.name === `guardian-${name}.age`);
    if (file !== undefined) shares[name] = await decryptShare(file.bytes, keyFile);
  }
  return shares;
}

/** The bytes in which a text could stand somewhere: plain, UTF-16, hex, base64 at each alignment, escaped. */
export function spellingsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'utf8');
  const spelt = new Set<string>([
    text,
    text.normalize('NFD'),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    encodeURIComponent(text),
    [...text].map((char) => (char > '~' ? `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}` : char)).join(''),
  ]);
  for (let before = 0; before < 3; before++) {
    // The characters that hold bits of the neighbours are left off at both ends.
    const whole = Buffer.concat([Buffer.alloc(before), bytes]);
    const used = whole.subarray(0, whole.length - (whole.length % 3));
    for (const encoding of ['base64', 'base64url'] as const) {
      spelt.add(used.toString(encoding).slice([0, 2, 3][before]));
    }
  }
  return [...[...spelt].map((one) => Buffer.from(one, 'utf8')), Buffer.from(text, 'utf16le')];
}

/** Every file below a folder, by its path; the path itself is searched as well. */
export async function* bytesBelow(folder: string): AsyncGenerator<{ path: string; bytes: Buffer }> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    yield { path, bytes: entry.isFile() ? await readFile(path) : Buffer.alloc(0) };
  }
}

/** Where any spelling of any of the texts stands: `place: text`. */
export function found(texts: readonly string[], place: string, bytes: Buffer): string[] {
  const searched = Buffer.concat([Buffer.from(`${place}\n`), bytes]);
  const stands = (one: Buffer): boolean => searched.indexOf(one) >= 0;
  return texts.filter((text) => spellingsOf(text).some(stands)).map((text) => `${place}: ${text}`);
}
