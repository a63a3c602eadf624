import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SDJwtInstance } from '@sd-jwt/core';
import { fromBase64url, sha256, toBase64url } from '#engine';
import { FormatError } from './problem.ts';
import {
  digestCount,
  issueRecord,
  openDisclosure,
  openEntry,
  openRecord,
  presentation,
  recordKey,
  type RecordFields,
} from './record.ts';

const pair = generateKeyPairSync('ed25519');
const { x } = pair.publicKey.export({ format: 'jwk' }) as { x: string };
const key = recordKey(fromBase64url(x)!);
const signer = (message: Uint8Array) => sign(null, message, pair.privateKey);
const issue = (fields: RecordFields) => issueRecord(fields, key.kid, randomBytes, signer);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const utf8 = (string: string) => new TextEncoder().encode(string);

const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'accepted';
};

test('a record says what was written, in Arabic too, and its entry discloses none of it', () => {
  const fields = { kind: 'intake.item', path: '2013/فرع 215/5447.jpg', size: 12, refs: { accession: 'x' } };
  const record = issue(fields);
  expect({ ...openRecord(openEntry(record.entry, key), record.openings.split('~'), true) }).toEqual(fields);
  expect(text(record.entry)).not.toContain('215');
});

test('the RFC 8037 key of appendix A.2 has the thumbprint of appendix A.3', () => {
  const published = fromBase64url('11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo')!;
  expect(recordKey(published).kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('entries have the same length whatever they say', () => {
  const lengths = [
    { kind: 'a' },
    { kind: 'b', at: 'now', long: 'x'.repeat(4000) },
    Object.fromEntries(Array.from({ length: digestCount }, (_, i) => [`f${i}`, i])),
  ].map((fields) => issue(fields as RecordFields).entry.length);
  expect(new Set(lengths).size).toBe(1);
});

test('any JSON value reads back as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue(), { maxKeys: 12 }), (fields) => {
      const names = Object.keys(fields).filter((name) => !['_sd', '...', '__proto__'].includes(name));
      const said = Object.fromEntries(names.map((name) => [name, fields[name]]));
      const record = issue(said as RecordFields);
      const back = openRecord(openEntry(record.entry, key), record.openings.split('~'), true);
      const byName = (fields: object) =>
        JSON.stringify(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)));
      expect(byName(back)).toBe(byName(JSON.parse(JSON.stringify(said)) as object));
    }),
    { numRuns: 200 },
  );
});

test('a foreign SD-JWT implementation verifies our presentation and reads the same', async () => {
  const fields = { kind: 'intake.item', path: 'صورة.jpg', size: 5 };
  const record = issue(fields);
  const { createHash, verify } = await import('node:crypto');
  const foreign = new SDJwtInstance({
    hasher: (data: string | ArrayBuffer) =>
      createHash('sha256')
        .update(typeof data === 'string' ? data : Buffer.from(data))
        .digest(),
    verifier: (data: string, signature: string) =>
      verify(null, Buffer.from(data), pair.publicKey, Buffer.from(signature, 'base64url')),
  });
  const { payload } = await foreign.verify(presentation(text(record.entry), record.openings));
  expect(payload).toMatchObject(fields);
  const { payload: some } = await foreign.verify(
    presentation(text(record.entry), record.openings, (name) => name === 'size'),
  );
  expect(some).not.toHaveProperty('path');
});

test('an altered, missing, repeated, foreign or swapped opening is refused', () => {
  const record = issue({ kind: 'a', size: 1 });
  const digests = openEntry(record.entry, key);
  const openings = record.openings.split('~');
  const other = issue({ kind: 'a', size: 2 }).openings.split('~');
  expect(refusal(() => openRecord(digests, openings.slice(1), true))).toBe('disclosure-missing');
  expect(refusal(() => openRecord(digests, [openings[1]!, openings[0]!, ...openings.slice(2)], true))).toBe(
    'disclosure-unreferenced',
  );
  expect(refusal(() => openRecord(digests, [other[0]!, ...openings.slice(1)], true))).toBe('disclosure-unreferenced');
  const shown = presentation(text(record.entry), record.openings).split('~').slice(1, -1);
  expect(refusal(() => openRecord(digests, [...shown, shown[0]!], false))).toBe('disclosure-unreferenced');
  expect(refusal(() => openRecord(digests, [other.find((one) => openDisclosure(one) !== null)!], false))).toBe(
    'disclosure-unreferenced',
  );
  const decoy = openings.find((one) => openDisclosure(one) === null)!;
  expect(refusal(() => openRecord(digests, [decoy], false))).toBe('disclosure-altered');
});

test('every single altered byte of an entry or of an opening is refused', () => {
  const record = issue({ kind: 'a', at: 'b', size: 1, path: 'p' });
  for (let i = 0; i < record.entry.length; i++) {
    const entry = Uint8Array.from(record.entry);
    entry[i]! ^= 1 << (i % 8);
    expect(refusal(() => openEntry(entry, key))).not.toBe('accepted');
  }
  const digests = openEntry(record.entry, key);
  const line = utf8(record.openings);
  for (let i = 0; i < line.length; i++) {
    const altered = Uint8Array.from(line);
    altered[i]! ^= 1 << (i % 7);
    expect(refusal(() => openRecord(digests, text(altered).split('~'), true))).not.toBe('accepted');
  }
});

test('disclosures that are not the one spelling of their value are refused', () => {
  const salt = toBase64url(sha256(utf8('salt')).subarray(0, 16));
  const spelled = (json: string) => refusal(() => openDisclosure(toBase64url(utf8(json))));
  expect(spelled(`["${salt}","a",1]`)).toBe('accepted');
  expect(spelled(`["${salt}", "a", 1]`)).toBe('disclosure-altered');
  expect(spelled(`["${salt}","a",1.0]`)).toBe('disclosure-altered');
  expect(spelled(`["${salt}","a",{"b":1,"b":2}]`)).toBe('disclosure-altered');
  expect(spelled(`["${salt}","_sd",1]`)).toBe('disclosure-altered');
  expect(spelled(`["short","a",1]`)).toBe('disclosure-altered');
});

test('no bytes make the readers throw anything but their declared error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (bytes, string) => {
      refusal(() => openEntry(bytes, key));
      refusal(() => openDisclosure(string));
    }),
  );
});
