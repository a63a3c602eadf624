// Passwords: argon2id (RFC 9106) with the least parameters that OWASP's Password Storage Cheat Sheet gives (19 MiB, two
// passes, one lane), written as a PHC string so that they can be raised. About 140 ms here, and as long for a name that
// nobody has: what does not exist must not answer faster.
import { timingSafeEqual } from 'node:crypto';
import { argon2idAsync } from '@noble/hashes/argon2.js';
import { Fault } from '../case/fault.ts';

interface Cost {
  /** KiB */
  m: number;
  t: number;
  p: number;
}
const cost: Cost = { m: 19_456, t: 2, p: 1 };

/** Long enough to need no rules on letters; not so long that hashing it costs anything. */
export const passwordLength = { least: 12, most: 256 } as const;

/** Refuses what is too short, too long, or one thing repeated. Fault `usage`, which says nothing of the password. */
export function refuseWeak(password: string, signInName: string): void {
  const letters = [...password.normalize('NFKC')];
  const distinct = new Set(letters.map((letter) => letter.toLowerCase())).size;
  const isName = password.toLowerCase().includes(signInName.toLowerCase()) && letters.length < signInName.length + 8;
  if (letters.length >= passwordLength.least && letters.length <= passwordLength.most && distinct >= 5 && !isName)
    return;
  throw new Fault('usage', {
    what: 'This password is too easy to guess, or too long.',
    expected: `${passwordLength.least} to ${passwordLength.most} letters, five of them different, and not the name`,
    next: 'choose another: several unrelated words are good',
  });
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

/** `$argon2id$v=19$m=…,t=…,p=…$salt$hash` */
export async function hashPassword(password: string, random: (bytes: number) => Uint8Array): Promise<string> {
  const salt = random(16);
  return `$argon2id$v=19$m=${cost.m},t=${cost.t},p=${cost.p}$${base64(salt)}$${base64(await derive(password, salt, cost, lines.known))}`;
}

/** Of nobody's password: gives a name that nobody has something to be compared with. */
const nobody = `$argon2id$v=19$m=${cost.m},t=${cost.t},p=${cost.p}$${base64(new Uint8Array(16))}$${base64(new Uint8Array(32))}`;

/**
 * Whether this is the password; `kept` null where there is none, which takes as long and is false. `known`: asked from a
 * browser that has signed in before, which does not wait behind strangers.
 */
export async function isPassword(password: string, kept: string | null, known = false): Promise<boolean> {
  const parts = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(kept ?? nobody);
  if (parts === null) throw new Error('a password is kept in a way that this version does not know');
  const [, m, t, p, salt, hash] = parts;
  const asked = { m: Number(m), t: Number(t), p: Number(p) };
  const given = await derive(password, Buffer.from(salt!, 'base64'), asked, known ? lines.known : lines.strangers);
  return timingSafeEqual(given, Buffer.from(hash!, 'base64')) && kept !== null;
}

interface Line {
  last: Promise<unknown>;
  waiting: number;
}
// One after the other in each line: a hash takes 19 MiB, and waiting costs an attacker more than us. A flood of strangers
// fills their line, and leaves that of the people who work here alone.
const lines: Record<'known' | 'strangers', Line> = {
  known: { last: Promise.resolve(), waiting: 0 },
  strangers: { last: Promise.resolve(), waiting: 0 },
};
export const mostWaiting = 10;

async function derive(password: string, salt: Uint8Array, { m, t, p }: Cost, line: Line): Promise<Uint8Array> {
  if (line.waiting >= mostWaiting) {
    throw new Fault('locked', {
      what: 'Too many people are signing in at this moment.',
      next: 'try again in a few seconds',
    });
  }
  line.waiting++;
  const own = line.last.then(() =>
    // Gives way to other requests every 10 ms.
    argon2idAsync(password.normalize('NFKC'), salt, { m, t, p, dkLen: 32, asyncTick: 10 }),
  );
  line.last = own.catch(() => undefined);
  try {
    return await own;
  } finally {
    line.waiting--;
  }
}
