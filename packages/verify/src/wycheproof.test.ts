// The published Ed25519 vectors of Wycheproof (C2SP), malleable and garbled signatures among them.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as browser from './engine-browser.ts';
import * as node from './engine-node.ts';

interface Vector {
  id: number;
  pk: string;
  msg: string;
  sig: string;
  result: 'valid' | 'invalid';
}
const { vectors } = JSON.parse(
  readFileSync(new URL('./fixtures/wycheproof-ed25519.json', import.meta.url), 'utf8'),
) as {
  vectors: Vector[];
};

test.each([
  ['Node', node],
  ['a browser', browser],
])('Ed25519 on %s accepts the signatures of Wycheproof that are valid, and no other', (_, engine) => {
  const { fromHex, publicKeyFromRaw, verifyEd25519 } = engine;
  const accepted = vectors.filter(({ pk, msg, sig }) =>
    verifyEd25519(publicKeyFromRaw(fromHex(pk)!) as never, fromHex(msg)!, fromHex(sig)!),
  );
  expect(accepted.map(({ id }) => id)).toEqual(vectors.filter(({ result }) => result === 'valid').map(({ id }) => id));
});
