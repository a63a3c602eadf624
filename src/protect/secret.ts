// Secrets that a person or a program holds (sessions, links, tokens): 256 random bits as base64url. This machine keeps
// their SHA-256 alone, which suffices for what nobody can guess: whoever reads the database opens nothing with it.
import { createHash } from 'node:crypto';

/** 43 characters of base64url. */
export const newSecret = (random: (bytes: number) => Uint8Array): string =>
  Buffer.from(random(32)).toString('base64url');

/** What is kept of a secret. Looked up by equality: its time tells of the hash, not of the secret. */
export const secretHash = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** A short random name without meaning or order: 80 bits, lower-case base32. */
export function newName(random: (bytes: number) => Uint8Array): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  let bits = BigInt(`0x${Buffer.from(random(10)).toString('hex')}`);
  let name = '';
  for (let i = 0; i < 16; i++, bits >>= 5n) name += letters[Number(bits & 31n)];
  return name;
}
