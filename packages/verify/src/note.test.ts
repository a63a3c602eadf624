import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromBase64url } from '#engine';
import { rootOf } from './merkle.ts';
import {
  checkpointText,
  formatNoteKey,
  isSigned,
  noteKey,
  openCheckpoint,
  parseNoteKey,
  signNote,
  splitNote,
} from './note.ts';
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

// C2SP signed-note, section "Verifier keys", example.
const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const exampleNote = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`;

test('the signed note that C2SP publishes holds under the key that it publishes, and not with a letter changed', () => {
  const key = parseNoteKey(exampleKey);
  const holds = (note: string) => {
    const { text, lines } = splitNote(note);
    return isSigned(text, lines, key);
  };
  expect(holds(exampleNote)).toBe(true);
  expect(holds(exampleNote.replace('example message', 'exbmple message'))).toBe(false);
  expect(holds(exampleNote + exampleNote.slice(exampleNote.indexOf('—')))).toBe(false);
});

test('further examples of C2SP, whose keys it does not publish, are taken apart as it says', () => {
  // signed-note: a text with an empty line and letters beyond ASCII.
  const poem = splitNote(`Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`);
  expect(poem.text.endsWith('ed è subito sera.\n')).toBe(true);
  expect(poem.lines.map(({ name, signature }) => [name, signature.length])).toEqual([
    ['quasimodo.example/salvatore', 64],
  ]);
});
