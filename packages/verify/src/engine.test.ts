// The two engines held against each other: what one reads, writes or believes, the other does, so that a bundle that
// holds on a server holds in a browser, and the other way round.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as browser from './engine-browser.ts';
import * as node from './engine-node.ts';

const bytes = fc.uint8Array({ maxLength: 300 });
const plain = (value: Uint8Array | null): number[] | null => (value === null ? null : [...value]);

/** Texts that are nearly base64 or hex: right letters, and a few wrong ones. */
const nearly = fc.string({
  unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_==\n é٣'),
  maxLength: 24,
});

test('the engines have the same functions', () => {
  expect(Object.keys(browser).toSorted()).toEqual(Object.keys(node).toSorted());
});

test('bytes are written alike', () => {
  fc.assert(
    fc.property(bytes, fc.string({ unit: 'binary' }), (data, text) => {
      for (const name of ['toBase64', 'toBase64url', 'toHex'] as const)
        expect(browser[name](data)).toBe(node[name](data));
      for (const name of ['textToBase64url', 'digestOfText'] as const)
        expect(browser[name](text)).toBe(node[name](text));
      expect(plain(browser.sha256(data))).toEqual(plain(node.sha256(data)));
      const pieces = [data.subarray(0, 7), data.subarray(7)];
      expect(plain(browser.sha256Of(...pieces))).toEqual(plain(node.sha256Of(...pieces)));
    }),
  );
});

test.each(['fromBase64', 'fromBase64url', 'fromHex'] as const)('%s accepts and refuses the same texts', (name) => {
  const write = { fromBase64: 'toBase64', fromBase64url: 'toBase64url', fromHex: 'toHex' } as const;
  fc.assert(
    fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' }), bytes.map(node[write[name]])), (text) => {
      expect(plain(browser[name](text))).toEqual(plain(node[name](text)));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(bytes, (data) => {
      expect(plain(browser[name](node[write[name]](data)))).toEqual([...data]);
    }),
  );
});

test('a spelling with bits left over is refused by both', () => {
  for (const text of ['QR==', 'QQ=', 'QQ', 'QUF=', '=', '====', 'QQ==\n', 'Q Q=', 'QQ==QQ==']) {
    expect([text, browser.fromBase64(text), node.fromBase64(text)]).toEqual([text, null, null]);
  }
  for (const text of ['QR', 'QQ==', 'Q', 'QUF', 'Q+==', 'Q/', 'é']) {
    expect([text, browser.fromBase64url(text), node.fromBase64url(text)]).toEqual([text, null, null]);
  }
});

test('SHA-256 in pieces or of a whole file is SHA-256', async () => {
  const data = randomBytes(100_000);
  const expected = createHash('sha256').update(data).digest('hex');
  for (const engine of [browser, node]) {
    const hash = engine.openSha256();
    for (let at = 0; at < data.length; at += 777) hash.update(data.subarray(at, at + 777));
    expect(node.toHex(hash.digest())).toBe(expected);
    expect(node.toHex(await engine.hashWhole(data))).toBe(expected);
    expect(node.toHex(await engine.hashWhole(data.subarray(0, 9)))).toBe(node.toHex(node.sha256(data.subarray(0, 9))));
  }
});

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const raw = node.fromBase64url((publicKey.export({ format: 'jwk' }) as { x: string }).x)!;
const both = (key: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean[] =>
  [browser, node].map((engine) => engine.verifyEd25519(engine.publicKeyFromRaw(key) as never, message, signature));

test('a signature holds for both, and an altered bit of it, of its key or of its message for neither', () => {
  fc.assert(
    fc.property(bytes, fc.nat(511), fc.nat(255), (message, inSignature, inKey) => {
      const flip = (data: Uint8Array, bit: number): Uint8Array =>
        data.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      const signature = new Uint8Array(sign(null, message, privateKey));
      expect(both(raw, message, signature)).toEqual([true, true]);
      expect(both(raw, message, flip(signature, inSignature))).toEqual([false, false]);
      expect(both(flip(raw, inKey), message, signature)).toEqual([false, false]);
      expect(both(raw, new Uint8Array([...message, 0]), signature)).toEqual([false, false]);
      expect(both(raw, message, signature.subarray(1))).toEqual([false, false]);
    }),
    { numRuns: 60 },
  );
});

test('both take the same side about signatures that their own key-holder made doubtful', () => {
  const message = new TextEncoder().encode('doubtful');
  const { Point } = ed25519;
  const order = Point.Fn.ORDER;
  const bytesOf = (n: bigint): Uint8Array => node.fromHex(n.toString(16).padStart(64, '0'))!.toReversed();
  const numberOf = (data: Uint8Array): bigint => BigInt(`0x${node.toHex(data.toReversed())}`);
  const torsion = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');
  const doubtful: [what: string, key: Uint8Array, signature: Uint8Array][] = [];
  // A key with a part of small order: whether the equation holds depends on the cofactor.
  for (let secret = 1n; secret < 9n; secret++) {
    const key = Point.BASE.multiply(secret).add(torsion).toBytes();
    const commitment = Point.BASE.multiply(7n).toBytes();
    const hash = createHash('sha512').update(commitment).update(key).update(message).digest();
    const s = (7n + (numberOf(hash) % order) * secret) % order;
    doubtful.push([`torsion ${secret}`, key, new Uint8Array([...commitment, ...bytesOf(s)])]);
  }
  // Keys of small order, in canonical spelling and not; a second spelling of s.
  const good = new Uint8Array(sign(null, message, privateKey));
  doubtful.push([
    's plus order',
    raw,
    new Uint8Array([...good.subarray(0, 32), ...bytesOf(numberOf(good.subarray(32)) + order)]),
  ]);
  const p = 2n ** 255n - 19n;
  for (const y of [0n, 1n, p - 1n, p, p + 1n, p + 2n, 2n ** 255n - 1n, 2n ** 255n + 1n]) {
    const key = bytesOf(y);
    for (const commitment of [bytesOf(1n), bytesOf(0n), key]) {
      doubtful.push([`y = ${y}`, key, new Uint8Array([...commitment, ...bytesOf(0n)])]);
    }
  }
  const taken = doubtful.map(([what, key, signature]) => [what, ...both(key, message, signature)] as const);
  expect(taken.filter(([, ours, theirs]) => ours !== theirs)).toEqual([]);
  // Some of them hold and some do not: the comparison is about something.
  expect(new Set(taken.map(([, ours]) => ours)).size).toBe(2);
});

test('a key has 32 bytes', () => {
  for (const engine of [browser, node]) expect(() => engine.publicKeyFromRaw(raw.subarray(1))).toThrow(RangeError);
});
