// Replies kept in fixtures/timestamps, made by openssl: the good pass, each broken promise has a reason of its own.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixtures, policies, sentNonce, stampedNote } from './timestamp.fixture.ts';
import {
  checkTimestamp,
  readCertificate,
  readRevocations,
  TimestampError,
  timestampRequest,
  type TimestampCode,
  type TimestampExpected,
} from './timestamp.ts';

const kept = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, fixtures)));
const message = new TextEncoder().encode(stampedNote);
const roots = [kept('root.der')];

async function refusal(reply: Uint8Array, expected: Partial<TimestampExpected> = {}): Promise<TimestampCode | null> {
  return checkTimestamp(reply, { message, roots, ...expected }).then(
    () => null,
    (error: unknown) => {
      if (error instanceof TimestampError) return error.code;
      throw error;
    },
  );
}

test('a good reply passes whole: message, nonce, policy, signature, purpose, chain', async () => {
  const stamp = await checkTimestamp(kept('good.tsr'), { message, roots, nonce: sentNonce, policy: policies.usual });
  expect(stamp).toMatchObject({
    policy: policies.usual,
    authority: 'O=Invented, CN=stamps',
    hash: 'SHA-256',
    signatureHash: 'SHA-256',
    validUntil: '2045-12-31T23:59:59.000Z',
    revocationLists: 0,
  });
  expect(stamp.genTime).toMatch(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/);
  expect(stamp.serial).toMatch(/^[0-9a-f]+$/);
  expect(stamp.chain.map((der) => readCertificate(der).subject)).toEqual([
    'O=Invented, CN=stamps',
    'O=Invented, CN=intermediate',
    'O=Invented, CN=root',
  ]);
  expect(stamp.chain[2]).toEqual(roots[0]);
});

test('an RSA key and SHA-512 pass as well', async () => {
  const stamp = await checkTimestamp(kept('good-rsa-sha512.tsr'), { message, roots });
  expect(stamp).toMatchObject({ hash: 'SHA-512', authority: 'O=Invented, CN=rsa' });
});

test('the intermediate certificate itself may be what is trusted', async () => {
  const { chain } = await checkTimestamp(kept('good.tsr'), { message, roots });
  const stamp = await checkTimestamp(kept('good.tsr'), { message, roots: [chain[1]!] });
  expect(stamp.chain).toHaveLength(2);
});

test.each<[string, TimestampCode, Partial<TimestampExpected>?]>([
  ['rejected.tsr', 'timestamp-status'],
  ['good.tsr', 'timestamp-imprint', { message: new TextEncoder().encode(stampedNote.replace('\n1\n', '\n2\n')) }],
  ['sha1-imprint.tsr', 'timestamp-imprint'],
  ['good.tsr', 'timestamp-nonce', { nonce: new Uint8Array([1]) }],
  ['good-rsa-sha512.tsr', 'timestamp-nonce', { nonce: sentNonce }],
  ['other-policy.tsr', 'timestamp-policy', { policy: policies.usual }],
  ['unnamed-signer.tsr', 'timestamp-signature'],
  ['not-critical.tsr', 'timestamp-eku'],
  ['two-uses.tsr', 'timestamp-eku'],
  ['another-use.tsr', 'timestamp-eku'],
  ['stranger.tsr', 'timestamp-untrusted'],
  ['good.tsr', 'timestamp-untrusted', { roots: [kept('other-root.der')] }],
  ['good.tsr', 'timestamp-untrusted', { roots: [] }],
  ['below.tsr', 'timestamp-chain'],
  ['not-yet-valid.tsr', 'timestamp-not-valid-at-gentime'],
  ['expired-before.tsr', 'timestamp-not-valid-at-gentime'],
  ['root.der', 'timestamp-malformed'],
  ['compromised.tsr', 'timestamp-revoked', { revocations: [kept('revoked.crl')] }],
  ['good.tsr', 'timestamp-malformed', { revocations: [kept('root.der')] }],
])('%s is refused: %s', async (name, code, expected) => {
  expect(await refusal(kept(name), expected)).toBe(code);
});

test('a certificate that ended since then does not matter, only one that had ended when it signed', async () => {
  const stamp = await checkTimestamp(kept('expired-since.tsr'), { message, roots });
  expect(stamp).toMatchObject({ genTime: '2020-06-01T00:00:00.000Z', validUntil: '2021-01-01T00:00:00.000Z' });
});

test('what an authority stamped before it gave up a certificate stands, unless its key was lost', async () => {
  const expected = { message, roots, revocations: [kept('revoked.crl')] };
  expect(await checkTimestamp(kept('superseded.tsr'), expected)).toMatchObject({ revocationLists: 1 });
  expect(await refusal(kept('compromised.tsr'), expected)).toBe('timestamp-revoked');
  expect(await refusal(kept('compromised.tsr'), { revocations: [kept('none-revoked.crl')] })).toBe(null);
  expect(readRevocations(kept('revoked.crl'))).toMatchObject({ issuer: 'O=Invented, CN=intermediate', revoked: 2 });
});

test('no byte under the signature is free: every seventh of them, altered', async () => {
  const reply = kept('good.tsr');
  const hex = Buffer.from(reply).toString('hex');
  // From the timestamp's content type to the first certificate, and from the signed attributes to the end.
  const content = hex.indexOf('060b2a864886f70d0109100104') / 2;
  const certificates = hex.indexOf('a082', content * 2 + 60) / 2;
  const attributes = hex.lastIndexOf('060b2a864886f70d010910022f') / 2;
  expect([content, certificates, attributes].every((at) => at > 0)).toBe(true);
  const free: number[] = [];
  const places = [
    ...Array.from({ length: certificates - content }, (_, i) => content + i),
    ...Array.from({ length: reply.length - attributes }, (_, i) => attributes + i),
  ].filter((at) => at % 7 === 0);
  for (const at of places) {
    const altered = new Uint8Array(reply);
    altered[at]! ^= 0x01;
    if ((await refusal(altered)) === null) free.push(at);
  }
  expect(free).toEqual([]);
});

test('foreign bytes give the declared error and no other', async () => {
  const reply = kept('good.tsr');
  const changed = fc.tuple(fc.nat(reply.length - 1), fc.nat(255), fc.nat(reply.length)).map(([at, byte, end]) => {
    const bytes = new Uint8Array(reply);
    bytes[at] = byte;
    return end % 3 === 0 ? bytes.subarray(0, end) : bytes;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.uint8Array({ maxLength: 200 }), changed), async (bytes) => {
      await refusal(bytes);
    }),
    { numRuns: 150 },
  );
  expect(() => readCertificate(new Uint8Array([48, 0]))).toThrow(TimestampError);
  expect(() => readRevocations(new Uint8Array())).toThrow(TimestampError);
});

test('a request is the DER that the standard says', () => {
  const request = timestampRequest({ message, nonce: sentNonce, policy: '1.2.3' });
  expect(Buffer.from(request).toString('hex')).toBe(
    '3047020101' +
      '3031300d060960864801650304020105000420' +
      createHash('sha256').update(message).digest('hex') +
      '06022a03' +
      '020800f1e2d3c4b5a697' +
      '0101ff',
  );
});
