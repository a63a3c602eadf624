// Passwords, codes and secrets: against the vectors of their standards, and what must never be let by.
import fc from 'fast-check';
import { argon2id } from '@noble/hashes/argon2.js';
import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { plainName } from './accounts.ts';
import { partyOf } from './passkeys.ts';
import { hashPassword, isPassword, mostWaiting, refuseWeak } from './password.ts';
import { inRoleOrder, roles } from './roles.ts';
import { newName, newSecret } from './secret.ts';
import { fromBase32, hideSecret, matchTotp, showSecret, stepOf, toBase32, totpAt, totpUri } from './totp.ts';

const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

test('RFC 6238, appendix B: the codes of SHA-1', () => {
  const secret = Buffer.from('12345678901234567890');
  for (const [seconds, code] of [
    [59, '94287082'],
    [1111111109, '07081804'],
    [1111111111, '14050471'],
    [1234567890, '89005924'],
    [2000000000, '69279037'],
    [20000000000, '65353130'],
  ] as const)
    expect([seconds, totpAt(secret, stepOf(seconds * 1000), 8)]).toEqual([seconds, code]);
});

test('RFC 4648, section 10: base32, and back again for any bytes', () => {
  for (const [text, coded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    expect([toBase32(Buffer.from(text)), fromBase32(coded)?.toString()]).toEqual([coded, text]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect([...fromBase32(toBase32(bytes).toLowerCase())!]).toEqual([...bytes]);
    }),
  );
  expect(fromBase32('M1')).toBeNull();
});

test('a code is good within a step of now, once, and never again', () => {
  const secret = random(20);
  const now = 1_800_000_000_000;
  const code = (shift: number): string => totpAt(secret, stepOf(now) + shift);
  expect(matchTotp(secret, code(0), now, 0)).toBe(stepOf(now));
  expect(matchTotp(secret, code(-1), now, 0)).toBe(stepOf(now) - 1);
  expect(matchTotp(secret, code(1), now, 0)).toBe(stepOf(now) + 1);
  expect(matchTotp(secret, code(0), now, stepOf(now))).toBeNull();
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (text) => {
      const right = [-1, 0, 1].map(code);
      const match = matchTotp(secret, text, now, 0);
      if (!right.includes(text.replaceAll(/\s/g, ''))) expect(match).toBeNull();
    }),
  );
  const distant = [-2, 2].filter((shift) => ![-1, 0, 1].map(code).includes(code(shift)));
  for (const shift of distant) expect(matchTotp(secret, code(shift), now, 0)).toBeNull();
});

test('a hidden secret is shown by its key to its account alone', () => {
  const [key, secret] = [random(32), random(20)];
  const hidden = hideSecret(secret, 'a', key, random);
  expect([...showSecret(hidden, 'a', key)!]).toEqual([...secret]);
  expect(showSecret(hidden, 'b', key)).toBeNull();
  expect(showSecret(hidden, 'a', random(32))).toBeNull();
  hidden[14]! ^= 1;
  expect(showSecret(hidden, 'a', key)).toBeNull();
  expect(showSecret(Buffer.alloc(3), 'a', key)).toBeNull();
  expect(totpUri(Buffer.from('f'), 'أ b&c')).toBe('otpauth://totp/Dalil:%D8%A3%20b%26c?secret=MY&issuer=Dalil');
});

test('RFC 9106, 5.3: the tag of argon2id', () => {
  const fill = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);
  const tag = argon2id(fill(32, 1), fill(16, 2), {
    t: 3,
    m: 32,
    p: 4,
    dkLen: 32,
    key: fill(8, 3),
    personalization: fill(12, 4),
  });
  expect(Buffer.from(tag).toString('hex')).toBe('0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659');
});

test('a password is right in every spelling of its letters, wrong in any other, and nobody has none', async () => {
  const kept = await hashPassword('ﬁve unrelated wörds', random);
  expect(kept).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await hashPassword('ﬁve unrelated wörds', random)).not.toBe(kept);
  expect(await isPassword('five unrelated wo\u0308rds', kept)).toBe(true);
  expect(await isPassword('five unrelated words', kept)).toBe(false);
  expect(await isPassword('', null)).toBe(false);
  // Whatever nobody's password would be.
  expect(await isPassword('\0'.repeat(32), null)).toBe(false);
});

test('of many who ask at once some wait and the rest are told to; whoever is known waits behind none of them', async () => {
  const kept = await hashPassword('of somebody who is known', random);
  const strangers = Array.from({ length: mostWaiting + 3 }, () => isPassword('x', null));
  const ended: string[] = [];
  const all = Promise.allSettled(strangers).then((answers) => (ended.push('strangers'), answers));
  expect(await isPassword('of somebody who is known', kept, true)).toBe(true);
  expect(ended).toEqual([]);
  const refused = (await all).filter((answer) => answer.status === 'rejected');
  expect(refused).toHaveLength(3);
  expect(refused.every(({ reason }) => reason instanceof Fault && reason.code === 'locked')).toBe(true);
});

test('weak passwords are refused, and the refusal does not repeat them', () => {
  for (const weak of ['short', 'aaaaaaaaaaaaaaaaaa', 'abababababab', 'librarian2026', 'x'.repeat(300)]) {
    expect(() => refuseWeak(weak, 'librarian')).toThrow(Fault);
    try {
      refuseWeak(weak, 'librarian');
    } catch (error) {
      expect((error as Fault).message).not.toContain(weak);
    }
  }
  for (const good of ['correct horse battery', 'كلمات لا صلة بينها هنا', 'librarian of the old quarter'])
    expect(() => refuseWeak(good, 'librarian')).not.toThrow();
});

test('secrets and names are long, without order, and never the same', () => {
  const secrets = Array.from({ length: 200 }, () => newSecret(random));
  expect(new Set(secrets).size).toBe(200);
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  for (const name of Array.from({ length: 200 }, () => newName(random))) expect(name).toMatch(/^[a-z2-7]{16}$/);
  expect(newName(() => new Uint8Array(10).fill(255))).toBe('7777777777777777');
});

test('names are the same however they are typed; roles come in one order', () => {
  expect(plainName('  Ａnna\u00a0 Ｂ ')).toBe('anna b');
  expect(inRoleOrder(roles.toReversed())).toEqual([...roles]);
  expect(inRoleOrder(['lead', 'lead'])).toEqual(['lead']);
});

test('passkeys are of a name, never of an address', () => {
  expect(partyOf(['http://127.0.0.1:4780', 'http://localhost:4780'])).toEqual({
    rpID: 'localhost',
    origins: ['http://localhost:4780'],
  });
  expect(partyOf(['https://case.example'])).toEqual({ rpID: 'case.example', origins: ['https://case.example'] });
});
