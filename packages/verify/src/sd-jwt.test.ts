// The examples of RFC 9901 and the test cases of sd-jwt-python, with the issuers' published keys. Of a key-binding JWT
// only the form is read: our records have none. Dates are not judged.
import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digestOfText, toBase64url } from '#engine';
import { FormatError } from './problem.ts';
import { openSdJwt } from './sd-jwt.ts';

interface Vector {
  name: string;
  keys: JsonWebKey[];
  issuance: string;
  presentation: string;
  verified: unknown;
}
const { vectors } = JSON.parse(readFileSync(new URL('./fixtures/sd-jwt.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};
const utf8 = new TextEncoder();

/** The compact form of either form: JSON serialisation (RFC 9901, 8) holds the same parts, and several signatures. */
function compact(text: string, signer = 0): string {
  if (!text.startsWith('{')) return text;
  const json = JSON.parse(text) as Record<string, unknown> & { signatures?: Record<string, unknown>[] };
  const signature = json.signatures?.[signer] ?? json;
  const { disclosures, kb_jwt: keyBinding } = (json.signatures?.[0] ?? json)['header'] as Record<string, unknown>;
  const jwt = [signature['protected'], json['payload'], signature['signature']].join('.');
  return [jwt, ...(disclosures as string[]), keyBinding ?? ''].join('~');
}

const isSignedBy =
  (key: JsonWebKey) =>
  ({ alg }: Record<string, unknown>, signed: Uint8Array, signature: Uint8Array): boolean =>
    alg === 'ES256' &&
    verify('sha256', signed, { key: createPublicKey({ key, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, signature);

const open = (vector: Vector, text: string, signer = 0) => openSdJwt(text, isSignedBy(vector.keys[signer]!));
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FormatError) return error.code;
    throw error;
  }
  return 'accepted';
}

test.each(vectors.map((vector) => [vector.name, vector] as const))(
  '%s: what is presented says what it is published to say, under every issuer’s signature',
  (_, vector) => {
    for (const signer of vector.keys.keys()) {
      expect(plain(open(vector, compact(vector.presentation, signer), signer).claims)).toEqual(vector.verified);
      expect(refusal(() => open(vector, compact(vector.issuance, signer), signer))).toBe('accepted');
    }
  },
);

test('no published one is accepted with a disclosure altered, repeated, taken from another, or under another key', () => {
  const foreign = toBase64url(utf8.encode('["salt","name",1]'));
  for (const vector of vectors) {
    const [jwt, ...disclosures] = compact(vector.issuance).split('~').slice(0, -1);
    const again = (list: readonly string[]) => refusal(() => open(vector, [jwt, ...list, ''].join('~')));
    expect(again(disclosures)).toBe('accepted');
    expect(again([...disclosures, foreign])).toBe('disclosure-unreferenced');
    for (const [i, disclosure] of disclosures.entries()) {
      expect(again([...disclosures, disclosure])).toBe('disclosure-unreferenced');
      const altered = `${disclosure[0] === 'A' ? 'B' : 'A'}${disclosure.slice(1)}`;
      expect(again(disclosures.with(i, altered)), `${vector.name} ${i}`).toBe('disclosure-unreferenced');
    }
    const other = vectors.find(({ keys }) => keys.length > 1)!.keys[1]!;
    expect(refusal(() => openSdJwt([jwt, ''].join('~'), isSignedBy(other)))).toBe('record-signature');
  }
});

/** A token around this payload whose signature is taken for good: what the algorithm itself refuses. */
const around = (payload: unknown, disclosures: readonly unknown[] = [], header: unknown = { alg: 'EdDSA' }) => {
  const part = (value: unknown) => toBase64url(utf8.encode(typeof value === 'string' ? value : JSON.stringify(value)));
  const text = [`${part(header)}.${part(payload)}.AA`, ...disclosures.map(part), ''].join('~');
  return refusal(() => openSdJwt(text, () => true));
};

test('what RFC 9901, 7.1 says must be refused is refused', () => {
  const digest = (disclosure: unknown) => digestOfText(toBase64url(utf8.encode(JSON.stringify(disclosure))));
  const said = (disclosure: unknown, beside: object = {}) =>
    around({ _sd: [digest(disclosure)], ...beside }, [disclosure]);
  expect(said(['salt', 'name', 1])).toBe('accepted');
  expect(said(['salt', 'name', 1], { name: 2 })).toBe('disclosure-altered');
  expect(said(['salt', '_sd', 1])).toBe('disclosure-altered');
  expect(said(['salt', '...', 1])).toBe('disclosure-altered');
  expect(said(['salt', 1])).toBe('disclosure-altered');
  expect(said(['salt', 'name', { _sd: 'none' }])).toBe('record-malformed');
  const twice = digest(['salt', 'name', 1]);
  expect(around({ _sd: [twice], a: { _sd: [twice] } })).toBe('disclosure-altered');
  expect(around({ a: [{ '...': twice }] }, [['salt', 'name', 1]])).toBe('disclosure-altered');
  expect(around({ a: [{ '...': twice, b: 1 }] })).toBe('record-malformed');
  expect(around({ _sd_alg: 'sha-512' })).toBe('record-malformed');
  expect(around({}, [], { alg: 'none' })).toBe('record-signature');
  expect(around({}, [], {})).toBe('record-signature');
  expect(refusal(() => openSdJwt('e30.e30.AA', () => true))).toBe('record-malformed');
});

test('a field named as an object’s inner workings is a field', () => {
  const disclosure = toBase64url(utf8.encode('["salt","__proto__",{"a":1}]'));
  const payload = toBase64url(utf8.encode(JSON.stringify({ _sd: [digestOfText(disclosure)] })));
  const { claims } = openSdJwt(
    `${toBase64url(utf8.encode('{"alg":"EdDSA"}'))}.${payload}.AA~${disclosure}~`,
    () => true,
  );
  expect(Object.keys(claims)).toEqual(['__proto__']);
});
