import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromBase64url } from '#engine';
import { rootOf } from './merkle.ts';
import { checkpointText, formatNoteKey, noteKey, openCheckpoint, parseNoteKey, signNote } from './note.ts';
import { FormatError } from './problem.ts';

const seed = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]),
  format: 'der',
  type: 'pkcs8',
});
const raw = fromBase64url((createPublicKey(seed).export({ format: 'jwk' }) as { x: string }).x)!;
const key = noteKey('dalil.invalid/00', raw);
const note = (size: number, name = 'dalil.invalid/00') =>
  signNote(checkpointText(name, size, rootOf([])), key, (message) => sign(null, message, seed));

test("Go's published note verifier key parses and prints as it is", () => {
  // golang.org/x/mod/sumdb/note, the key of its documentation.
  const published = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  expect(formatNoteKey(parseNoteKey(published))).toBe(published);
});

test('a checkpoint opens under its own key and no other', () => {
  expect(openCheckpoint(note(3), key)).toMatchObject({ origin: 'dalil.invalid/00', size: 3 });
  const { publicKey } = generateKeyPairSync('ed25519');
  const other = noteKey('dalil.invalid/00', fromBase64url((publicKey.export({ format: 'jwk' }) as { x: string }).x)!);
  expect(() => openCheckpoint(note(3), other)).toThrow(FormatError);
});

test('a checkpoint of another log, signed by this key, is refused', () => {
  expect(() => openCheckpoint(note(3, 'dalil.invalid/01'), key)).toThrow(/another log/);
});

test('every single altered bit of a checkpoint is refused', () => {
  const bytes = new TextEncoder().encode(note(12));
  for (let i = 0; i < bytes.length * 8; i++) {
    const altered = Uint8Array.from(bytes);
    altered[i >> 3]! ^= 1 << (i & 7);
    expect(() => openCheckpoint(new TextDecoder().decode(altered), key), `bit ${i}`).toThrow(FormatError);
  }
});

test('further signatures by unknown keys are let stand', () => {
  expect(openCheckpoint(`${note(3)}— witness.example AAAAAAAA\n`, key).size).toBe(3);
});
