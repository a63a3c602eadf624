// What a bundle's manifests cannot show: each bundle here is a complete and valid bag around something that was altered.
import { expect, test } from 'vitest';
import { proofPath, recordPath } from './bundle-file.ts';
import { bagOf, filesIn, originalOf, SampleCase, type Tree } from './case.fixture.ts';
import { checkBundle, isBundle } from './check-bundle.ts';
import { citedPath } from './record.ts';

const sample = new SampleCase([1, 24]);
const payload = await sample.payload();
const text = new TextDecoder();
const utf8 = new TextEncoder();

/** A bag around the payload with something done to it. */
async function check(alter: (tree: Tree) => unknown = () => {}): Promise<string[]> {
  const tree: Tree = new Map(payload);
  alter(tree);
  const { ok, problems } = await checkBundle(filesIn(bagOf(tree)));
  expect(ok).toBe(problems.length === 0);
  return problems.map(({ code, where }) => `${code} ${where}`);
}
const edit = (tree: Tree, path: string, change: (content: string) => string) =>
  tree.set(path, utf8.encode(change(text.decode(tree.get(path)))));

test('a whole bundle holds', async () => {
  expect(await check()).toEqual([]);
});

test.each(['data/case.json', 'data/bundle.json', 'data/checkpoint'])('without %s nothing holds', async (path) => {
  expect(await check((tree) => tree.delete(path))).toContain(`payload-missing ${path}`);
});

test('a record whose last disclosure does not end is a problem, not a record less', async () => {
  expect(await check((tree) => edit(tree, recordPath(3), (record) => record.slice(0, -1)))).toContain(
    `record-malformed ${recordPath(3)}`,
  );
});

test('two records that trade places no longer meet their proofs; with their proofs, their places', async () => {
  const trade = (tree: Tree, path: (n: number) => string) =>
    tree.set(path(3), payload.get(path(4))!).set(path(4), payload.get(path(3))!);
  const expected = [`proof-altered ${proofPath(3)}`, `proof-altered ${proofPath(4)}`];
  expect(await check((tree) => trade(tree, recordPath))).toEqual(expected);
  expect(await check((tree) => trade(trade(tree, recordPath), proofPath))).toEqual(expected);
});

test('a file that no record cites, or that bundle.json does not list, does not belong in it', async () => {
  expect(await check((tree) => tree.set('data/readme.txt', utf8.encode('trust me')))).toEqual([
    'payload-unexpected data/readme.txt',
  ]);
  const unlisted = await check((tree) => edit(tree, 'data/bundle.json', (json) => json.replace('3,4,5', '3,5')));
  expect(unlisted).toEqual([`payload-unexpected ${recordPath(4)}`, `payload-unexpected ${proofPath(4)}`]);
});

test('a dossier that no record seals is not taken for the one that was built', async () => {
  expect(await check((tree) => tree.set('data/dossier/dossier.pdf', utf8.encode('%PDF forged')))).toEqual([
    'payload-altered data/dossier/dossier.pdf',
  ]);
});

test('an original that is missing is named where originals are carried', async () => {
  const path = `data/${citedPath(originalOf(20).file)}`;
  expect(await check((tree) => tree.delete(path))).toEqual([
    'bag-malformed data/bundle.json',
    `payload-missing ${path}`,
  ]);
});

test('less may be disclosed of a record, and nothing else', async () => {
  const shorter = (record: string) => `${record.split('~').slice(0, -2).join('~')}~`;
  expect(await check((tree) => edit(tree, recordPath(3), shorter))).toEqual([]);
});

test('bundle.json has one spelling, and lists no record beyond its checkpoint', async () => {
  expect(await check((tree) => edit(tree, 'data/bundle.json', (json) => ` ${json}`))).toContain(
    'bag-malformed data/bundle.json',
  );
  expect(
    await check((tree) => edit(tree, 'data/bundle.json', (json) => json.replace('23,24]', '23,24,99]'))),
  ).toContain('bag-malformed data/bundle.json');
});

test('an older checkpoint of the same log is not the bundle’s', async () => {
  expect(await check((tree) => tree.set('data/checkpoint', utf8.encode(sample.notes[0]!)))).toContain(
    'checkpoint-root data/checkpoint',
  );
});

test('bag-info.txt counts what is there', async () => {
  const bag = bagOf(payload);
  edit(bag, 'bag-info.txt', (info) => info.replace(/\.\d+\n/, '.1\n'));
  const { problems } = await checkBundle(filesIn(bag));
  expect(problems.map(({ where }) => where)).toContain('bag-info.txt');
});

test('a bundle from which one page was taken is a bundle still, and a case is none', async () => {
  for (const path of ['bagit.txt', 'manifest-sha256.txt', 'data/bundle.json']) {
    const bag = bagOf(payload);
    bag.delete(path);
    expect(await isBundle(filesIn(bag))).toBe(true);
    const { problems } = await checkBundle(filesIn(bag));
    expect(problems.map(({ where }) => where)).toContain(path);
  }
  expect(await isBundle(filesIn(sample.folder()))).toBe(false);
});
