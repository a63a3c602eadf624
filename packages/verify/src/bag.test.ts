// The conformance suite of the Library of Congress for BagIt 1.0, and what it leaves out.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkAnyBag, type Digests } from './bag.ts';
import { bagOf, filesIn, SampleCase, type Tree } from './case.fixture.ts';
import { Findings } from './findings.ts';

interface Bag {
  name: string;
  files: { [path: string]: string };
}
const { bags } = JSON.parse(readFileSync(new URL('./fixtures/bagit.json', import.meta.url), 'utf8')) as { bags: Bag[] };
const utf8 = new TextEncoder();
const hex = (algorithm: string, bytes: Uint8Array | string) => createHash(algorithm).update(bytes).digest('hex');

async function check(tree: Tree, algorithms = ['sha256', 'sha512'], links: string[] = []): Promise<string[]> {
  const findings = new Findings('bundle');
  const digests: Digests = new Map(
    algorithms.map((name) => [name, async (path) => (tree.has(path) ? hex(name, tree.get(path)!) : null)]),
  );
  await checkAnyBag(filesIn(tree, links), findings, digests);
  return findings.finish(null).problems.map(({ code, where }) => `${code} ${where}`);
}
const treeOf = (files: Bag['files']): Tree =>
  new Map(Object.entries(files).map(([path, content]) => [path, utf8.encode(content)]));

test('the valid bag of the suite is valid', async () => {
  const valid = bags.filter(({ name }) => name.startsWith('valid/'));
  expect(valid).toHaveLength(1);
  for (const { files } of valid) expect(await check(treeOf(files))).toEqual([]);
});

test.each([
  ['invalid/bagit-with-invalid-whitespace', ['bag-malformed bagit.txt']],
  ['invalid/notAllManifestsListAllFiles', ['payload-unexpected data/missingFromManifest.txt']],
  ['invalid/same-filename-listed-twice-with-different-hashes', ['bag-malformed manifest-sha256.txt']],
  ['invalid/same-filename-listed-twice-with-the-same-hash', ['bag-malformed manifest-sha256.txt']],
])('%s is refused for what it is named after', async (name, expected) => {
  const problems = await check(treeOf(bags.find((bag) => bag.name === name)!.files));
  expect(problems).toEqual(expect.arrayContaining(expected));
});

test('every bag of the suite is one of those two kinds, and was looked at', () => {
  expect(bags.map(({ name }) => name.split('/')[0]).toSorted()).toEqual([
    'invalid',
    'invalid',
    'invalid',
    'invalid',
    'valid',
  ]);
});

test('a bag around a bundle is a bag', async () => {
  const sample = new SampleCase([1, 24]);
  expect(await check(bagOf(await sample.payload(), await sample.tagFiles()), ['sha256'])).toEqual([]);
});

/** A bag of one file by this name, whose manifest spells it so. */
function bag(name: string, spelled = name, more: Bag['files'] = {}): Tree {
  return treeOf({
    'bagit.txt': 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n',
    [`data/${name}`]: 'x',
    'manifest-sha256.txt': `${hex('sha256', 'x')}  data/${spelled}\n`,
    ...more,
  });
}

test('a percent sign and line ends in a name are encoded in its manifest, and nothing else is decoded', async () => {
  expect(await check(bag('100%\n', '100%25%0A'))).toEqual([]);
  expect(await check(bag('%7Ea', '%7Ea'))).toEqual([]);
  expect(await check(bag('a b/نص.txt'))).toEqual([]);
});

test('line ends of other systems and capital digits are read', async () => {
  const tree = bag('a');
  tree.set('bagit.txt', utf8.encode('BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8'));
  tree.set('manifest-sha256.txt', utf8.encode(`${hex('sha256', 'x').toUpperCase()}\tdata/a\r\n`));
  expect(await check(tree)).toEqual([]);
});

test.each([
  ['a byte order mark', 'bagit.txt', '\ufeffBagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n'],
  ['an older version', 'bagit.txt', 'BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n'],
  ['another encoding', 'bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-16\n'],
  ['a line more', 'bagit.txt', 'BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nA: b\n'],
  ['a path out of the bag', 'manifest-sha256.txt', `${hex('sha256', 'x')}  data/../../a\n`],
  ['an absolute path', 'manifest-sha256.txt', `${hex('sha256', 'x')}  /a\n`],
  ['a home folder', 'manifest-sha256.txt', `${hex('sha256', 'x')}  data/~root/a\n`],
  ['a line that is none', 'manifest-sha256.txt', 'hello\n'],
  ['a tag manifest over a payload file', 'tagmanifest-sha256.txt', `${hex('sha256', 'x')}  data/a\n`],
  ['a tag manifest over itself', 'tagmanifest-sha256.txt', `${hex('sha256', 'x')}  tagmanifest-sha256.txt\n`],
  ['other sums', 'bag-info.txt', 'Payload-Oxum: 2.1\n'],
  ['sums twice', 'bag-info.txt', 'Payload-Oxum: 1.1\nPayload-Oxum: 1.1\n'],
  ['a file to be fetched that no manifest lists', 'fetch.txt', 'http://example.org/b 1 data/b\n'],
])('refused: %s', async (_, path, content) => {
  expect(await check(bag('a').set(path, utf8.encode(content)))).toContain(`bag-malformed ${path}`);
});

test('a file altered, missing, added, still to be fetched, or a link in its place is found', async () => {
  expect(await check(bag('a').set('data/a', utf8.encode('y')))).toEqual(['payload-altered data/a']);
  const without = bag('a');
  without.delete('data/a');
  expect(await check(without)).toEqual(['payload-missing data/a']);
  expect(await check(without.set('fetch.txt', utf8.encode('http://example.org/a - data/a\n')))).toEqual([
    'payload-missing data/a',
  ]);
  expect(await check(bag('a').set('data/b', utf8.encode('y')))).toEqual(['payload-unexpected data/b']);
  expect(await check(bag('a'), ['sha256'], ['data/a'])).toContain('payload-unexpected data/a');
});

test('every manifest must list the whole payload, also one whose algorithm is not known; one must be known', async () => {
  expect(await check(bag('a').set('manifest-md5.txt', utf8.encode('')))).toEqual(['payload-unexpected data/a']);
  expect(await check(bag('a'), ['sha512'])).toEqual(['bag-malformed bagit.txt']);
});
