// C2SP tlog-proof: a proof of ours, and what other writers may put into theirs.
import { expect, test } from 'vitest';
import { proofPath, recordPath } from './bundle-file.ts';
import { SampleCase } from './case.fixture.ts';
import { parseCaseFile } from './case-file.ts';
import { FormatError } from './problem.ts';
import { isIncluded, openProof } from './proof.ts';
import { leafHash } from './merkle.ts';

const payload = await new SampleCase([5, 20]).payload();
const text = (path: string) => new TextDecoder().decode(payload.get(path));
const key = parseCaseFile(text('data/case.json')).checkpoints;
const leaf = leafHash(new TextEncoder().encode(text(recordPath(7)).split('~')[0]));
const proof = text(proofPath(7));

test('a proof leads from its record to its checkpoint; for another record or place it leads nowhere', () => {
  expect(isIncluded(leaf, openProof(proof, key))).toBe(true);
  expect(isIncluded(leafHash(leaf), openProof(proof, key))).toBe(false);
  expect(isIncluded(leaf, openProof(proof.replace('index 7', 'index 6'), key))).toBe(false);
});

test('cosignatures by witnesses may stand under its checkpoint, as in the example of C2SP', () => {
  const line =
    '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==';
  expect(isIncluded(leaf, openProof(`${proof}${line}\n`, key))).toBe(true);
});

test.each([
  ['the first line', (good: string) => good.replace('@v1', '@v2')],
  ['an index with a zero before it', (good: string) => good.replace('index 7', 'index 07')],
  ['no index', (good: string) => good.replace(/index 7\n/, '')],
  ['a hash cut short', (good: string) => good.replace(/\n[A-Za-z0-9+/]{3}/, '\n')],
  [
    'extra data, which nothing authenticates and our writer never adds',
    (good: string) => good.replace('index', 'extra AA==\nindex'),
  ],
  ['a checkpoint without its signature', (good: string) => good.slice(0, good.lastIndexOf('—'))],
])('refused: %s', (_, alter) => {
  expect(alter(proof)).not.toBe(proof);
  expect(() => openProof(alter(proof), key)).toThrow(FormatError);
});
