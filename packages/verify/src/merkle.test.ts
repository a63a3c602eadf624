import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBase64, fromHex, toHex } from '#engine';
import {
  consistencyProof,
  Edge,
  emptyRoot,
  equalBytes,
  inclusionProof,
  isConsistent,
  leafHash,
  nodeHash,
  rootFromInclusion,
  rootOf,
} from './merkle.ts';

// The eight leaves and roots used by the Certificate Transparency reference tests (google/certificate-transparency,
// merkle_tree_test; transparency-dev/merkle testonly).
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHash(fromHex(hex)!),
);
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const subtree =
  (hashes: Uint8Array[]) =>
  (from: number, to: number): Uint8Array =>
    rootOf(hashes.slice(from, to));

/** The recursive definition of RFC 6962, section 2.1, word for word. */
function definition(hashes: Uint8Array[]): Uint8Array {
  if (hashes.length === 0) return emptyRoot();
  if (hashes.length === 1) return hashes[0]!;
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(definition(hashes.slice(0, k)), definition(hashes.slice(k)));
}

const some = (count: number) =>
  Array.from({ length: count }, (_, i) => leafHash(new TextEncoder().encode(`leaf ${i}`)));

test('the published roots of zero to eight leaves come out', () => {
  for (const [size, root] of roots.entries()) expect(toHex(rootOf(leaves.slice(0, size)))).toBe(root);
});

test('the growing edge gives the root of the definition at every size, over tile borders too', () => {
  const hashes = some(700);
  const edge = new Edge();
  for (const [i, hash] of hashes.entries()) {
    edge.push(hash);
    if (i < 40 || (i > 250 && i < 262) || i > 690)
      expect(equalBytes(edge.root(), definition(hashes.slice(0, i + 1)))).toBe(true);
  }
});

test('an inclusion proof leads to the root, and to another root for another leaf, place or size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), async (size, a, b) => {
      const hashes = some(size);
      const index = a % size;
      const path = await inclusionProof(index, size, subtree(hashes));
      const root = rootOf(hashes);
      expect(equalBytes(rootFromInclusion(hashes[index]!, index, size, path)!, root)).toBe(true);
      const other = b % size;
      if (other !== index) {
        const wrong = rootFromInclusion(hashes[index]!, other, size, path);
        expect(wrong !== null && equalBytes(wrong, root)).toBe(false);
      }
      expect(rootFromInclusion(hashes[index]!, index, size, [...path, hashes[0]!])).toBeNull();
    }),
    { numRuns: 60 },
  );
});

test('a consistency proof holds between any two sizes and for no forked tree', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 0, max: 100 }), async (older, more) => {
      const newer = older + more;
      const hashes = some(newer);
      const path = await consistencyProof(older, newer, subtree(hashes));
      const oldRoot = rootOf(hashes.slice(0, older));
      const newRoot = rootOf(hashes);
      expect(isConsistent(older, newer, oldRoot, newRoot, path)).toBe(true);
      const forked = [...hashes];
      forked[older - 1] = leafHash(new Uint8Array([1, 2, 3]));
      expect(isConsistent(older, newer, rootOf(forked.slice(0, older)), newRoot, path)).toBe(false);
      expect(isConsistent(older, newer, oldRoot, rootOf(forked), path)).toBe(false);
    }),
    { numRuns: 60 },
  );
});

test('an older size of zero proves nothing', () => {
  expect(isConsistent(0, 8, emptyRoot(), rootOf(leaves), [])).toBe(false);
});

interface Vector {
  name: string;
  proof: string[];
  wantErr: boolean;
  leafIdx: number;
  treeSize: number;
  leafHash: string;
  root: string;
  size1: number;
  size2: number;
  root1: string;
  root2: string;
}
const { vectors } = JSON.parse(readFileSync(new URL('./fixtures/merkle.json', import.meta.url), 'utf8')) as {
  vectors: Vector[];
};
// A number over 2^53 comes out of JSON as another one, and is refused as such; an empty hash has no text.
const bytes = (base64: string | null) => fromBase64(base64 ?? '')!;

test('the published inclusion proofs of transparency-dev/merkle hold, and those made wrong do not', () => {
  const inclusion = vectors.filter(({ name }) => name.startsWith('inclusion/'));
  const held = inclusion.filter(({ leafIdx, treeSize, leafHash: leaf, root, proof }) => {
    const computed = rootFromInclusion(bytes(leaf), leafIdx, treeSize, proof.map(bytes));
    return computed !== null && equalBytes(computed, bytes(root));
  });
  expect(held.map(({ name }) => name)).toEqual(inclusion.filter(({ wantErr }) => !wantErr).map(({ name }) => name));
});

test('the published consistency proofs of transparency-dev/merkle hold, and those made wrong do not', () => {
  const consistency = vectors.filter(({ name }) => name.startsWith('consistency/'));
  const held = consistency.filter(({ size1, size2, root1, root2, proof }) =>
    isConsistent(size1, size2, bytes(root1), bytes(root2), proof.map(bytes)),
  );
  // Theirs lets an older size of zero pass where the newer is zero too; ours proves nothing from nothing.
  const expected = consistency.filter(({ wantErr, size1 }) => !wantErr && size1 > 0);
  expect(held.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
});
