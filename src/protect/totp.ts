// Codes of an authenticator application: TOTP (RFC 6238: HMAC-SHA-1, 30 s, six digits, which is what all of them do), each
// good once. Their secrets lie encrypted (AES-256-GCM) under the key of the accounts.
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';

const period = 30_000;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648, without padding: how authenticator applications are given a secret. */
export function toBase32(bytes: Uint8Array): string {
  let out = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    for (bits += 8; bits >= 5; bits -= 5) out += alphabet[(held >>> (bits - 5)) & 31];
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? out + alphabet[(held << (5 - bits)) & 31] : out;
}

/** The bytes of a base32 text, or null where it is none. */
export function fromBase32(text: string): Buffer | null {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of text.toUpperCase().replaceAll(/[\s-]/g, '')) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xffff;
    bits += 5;
    if (bits >= 8) bytes.push((held >>> (bits -= 8)) & 0xff);
  }
  return Buffer.from(bytes);
}

/** The code of a step (RFC 4226, 5.3). */
export function totpAt(secret: Uint8Array, step: number, digits = 6): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const code = mac.readUInt32BE(mac[19]! & 15) & 0x7fffffff;
  return String(code % 10 ** digits).padStart(digits, '0');
}

export const stepOf = (time: number): number => Math.floor(time / period);

/**
 * The step whose code this is: now, the one before or the one after, since clocks differ; null where it is none, or of
 * no later step than `last`, the last one used.
 */
export function matchTotp(secret: Uint8Array, code: string, time: number, last: number): number | null {
  const given = Buffer.from(code.replaceAll(/\s/g, '').padEnd(6).slice(0, 7));
  let found: number | null = null;
  for (const step of [-1, 0, 1].map((shift) => stepOf(time) + shift)) {
    const right = Buffer.from(totpAt(secret, step));
    if (given.length === right.length && timingSafeEqual(given, right) && step > last) found ??= step;
  }
  return found;
}

/** What an authenticator application reads off the screen (the key URI format). */
export function totpUri(secret: Uint8Array, signInName: string): string {
  return `otpauth://totp/Dalil:${encodeURIComponent(signInName)}?secret=${toBase32(secret)}&issuer=Dalil`;
}

/** Encrypts a secret to the accounts' key, bound to its account. */
export function hideSecret(
  secret: Uint8Array,
  account: string,
  key: Uint8Array,
  random: (bytes: number) => Uint8Array,
): Buffer {
  const nonce = random(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(account));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]);
}

/** The secret again; null where another key, or another account, hid it. */
export function showSecret(hidden: Uint8Array, account: string, key: Uint8Array): Buffer | null {
  const all = Buffer.from(hidden);
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, all.subarray(0, 12)).setAAD(Buffer.from(account));
    cipher.setAuthTag(all.subarray(-16));
    return Buffer.concat([cipher.update(all.subarray(12, -16)), cipher.final()]);
  } catch {
    return null;
  }
}
