// What a bundle's manifests cannot show: each bundle here is a complete and valid bag around something that was altered.
import { expect, test } from 'vitest';
import { formatBundleFile, proofPath, recordPath, spicyPath } from './bundle-file.ts';
import { bagOf, filesIn, originalOf, SampleCase, type Tree } from './case.fixture.ts';
import { checkBundle, isBundle } from './check-bundle.ts';
import { descriptionPaths } from './check-descriptions.ts';
import { citedPath } from './record.ts';

const sample = new SampleCase([1, 24]);
const payload = await sample.payload();
const tags = await sample.tagFiles();
const text = new TextDecoder();
const utf8 = new TextEncoder();

/** A bag around the payload with something done to it. */
async function check(alter: (tree: Tree) => unknown = () => {}): Promise<string[]> {
  const tree: Tree = new Map(payload);
  alter(tree);
  const { ok, problems } = await checkBundle(filesIn(bagOf(tree, tags)));
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
  expect(await check((tree) => trade(trade(trade(tree, recordPath), proofPath), spicyPath))).toEqual(expected);
});

test('the two forms of a proof say the same, and both are there', async () => {
  expect(await check((tree) => tree.delete(spicyPath(3)))).toEqual([`proof-missing ${spicyPath(3)}`]);
  expect(await check((tree) => tree.set(spicyPath(3), payload.get(spicyPath(4))!))).toEqual([
    `proof-altered ${spicyPath(3)}`,
  ]);
});

test('a file that no record cites, or that bundle.json does not list, does not belong in it', async () => {
  expect(await check((tree) => tree.set('data/readme.txt', utf8.encode('trust me')))).toEqual([
    'payload-unexpected data/readme.txt',
  ]);
  const unlisted = await check((tree) => edit(tree, 'data/bundle.json', (json) => json.replace('3,4,5', '3,5')));
  expect(unlisted).toEqual([recordPath(4), proofPath(4), spicyPath(4)].map((path) => `payload-unexpected ${path}`));
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
  expect(
    await check((tree) =>
      tree.set(
        recordPath(3),
        sample.presented(3, (name) => name === 'kind'),
      ),
    ),
  ).toEqual([]);
  expect(
    await check((tree) =>
      tree.set(
        recordPath(3),
        sample.presented(3, (name) => name !== 'kind'),
      ),
    ),
  ).toEqual([`field-withheld ${recordPath(3)}`]);
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
  const bag = bagOf(payload, tags);
  edit(bag, 'bag-info.txt', (info) => info.replace(/\.\d+\n/, '.1\n'));
  const { problems } = await checkBundle(filesIn(bag));
  expect(problems.map(({ where }) => where)).toContain('bag-info.txt');
});

test('a path altered in the tag manifest is told of the manifest too', async () => {
  const bag = bagOf(payload, tags);
  edit(bag, 'tagmanifest-sha256.txt', (lines) => lines.replace('keys/checkpoint.pem', 'keys/cdeckpoint.pem'));
  const { problems } = await checkBundle(filesIn(bag));
  expect(problems.map(({ where }) => where)).toContain('tagmanifest-sha256.txt');
});

test('a bundle from which one page was taken is a bundle still, and a case is none', async () => {
  for (const path of ['bagit.txt', 'manifest-sha256.txt', 'data/bundle.json']) {
    const bag = bagOf(payload, tags);
    bag.delete(path);
    expect(await isBundle(filesIn(bag))).toBe(true);
    const { problems } = await checkBundle(filesIn(bag));
    expect(problems.map(({ where }) => where)).toContain(path);
  }
  expect(await isBundle(filesIn(sample.folder()))).toBe(false);
});

const [deaccession, reconciliation, inventory] = [22, 23, 24];

/** Takes records out as one who hides them would: with their proofs, their originals, and the counts of bundle.json. */
function hide(tree: Tree, ...hidden: number[]): Tree {
  const left = Array.from({ length: 25 }, (_, n) => n).filter((n) => !hidden.includes(n));
  for (const n of hidden) for (const path of [recordPath, proofPath, spicyPath]) tree.delete(path(n));
  for (const n of hidden) if (n % 10 === 0 && n > 0) tree.delete(`data/${citedPath(originalOf(n).file)}`);
  return tree.set('data/bundle.json', utf8.encode(formatBundleFile(sample.bundleFile(left))));
}

test('any record may be withheld but the first, the inventory, and what that cites', async () => {
  for (let n = 1; n < deaccession; n++) expect(await check((tree) => hide(tree, n)), String(n)).toEqual([]);
  expect(await check((tree) => hide(tree, 3, 10, 11, 20, 21))).toEqual([]);
  expect(await check((tree) => hide(tree, 0))).toEqual([
    `record-withheld ${recordPath(0)}`,
    'citation-broken data/case.json',
  ]);
});

test('a bundle cannot hide a deletion: each way is a problem of its own', async () => {
  const inventoried = recordPath(inventory);
  const cases: [string[], (tree: Tree) => unknown][] = [
    [['inventory-missing data/records'], (tree) => hide(tree, inventory)],
    [['inventory-missing data/records'], (tree) => hide(tree, inventory, reconciliation, deaccession)],
    [[`record-withheld ${inventoried}`, `inventory-broken ${inventoried}`], (tree) => hide(tree, deaccession)],
    [[`record-withheld ${inventoried}`], (tree) => hide(tree, reconciliation)],
    ...[
      [inventory, 'items'],
      [inventory, 'destroyed'],
      [inventory, 'refs'],
      [reconciliation, 'received'],
      [reconciliation, 'refs'],
      [deaccession, 'reason'],
      [deaccession, 'count'],
    ].map(([n, field]): [string[], (tree: Tree) => unknown] => [
      [`field-withheld ${recordPath(n as number)}`],
      (tree) =>
        tree.set(
          recordPath(n as number),
          sample.presented(n as number, (name) => name !== field),
        ),
    ]),
  ];
  for (const [expected, alter] of cases) expect(await check(alter)).toEqual(expect.arrayContaining(expected));
});

test('a revocation of keys cannot be left out, and an inventory of before that cites none is noted', async () => {
  const more = { 24: { kind: 'seal.revocation', key: 0, reason: 'compromised', since: null } };
  const shape = { withoutDeaccession: true, changes: [2], more };
  const judged = async (of: SampleCase, hidden?: number) => {
    const tree = new Map(await of.payload());
    if (hidden !== undefined) {
      for (const path of [recordPath, proofPath, spicyPath]) tree.delete(path(hidden));
      const left = Array.from({ length: 27 }, (_, n) => n).filter((n) => n !== hidden);
      tree.set('data/bundle.json', utf8.encode(formatBundleFile(of.bundleFile(left))));
    }
    const { problems, notes } = await checkBundle(filesIn(bagOf(tree, await of.tagFiles())));
    return { codes: problems.map(({ code, where }) => `${code} ${where}`), notes: JSON.stringify(notes) };
  };
  const noted = 'it does not say which keys were revoked';
  const now = new SampleCase([1, 20, 1, 5], shape);
  const whole = await judged(now);
  expect(whole.codes).toEqual([]);
  expect(whole.notes).not.toContain(noted);
  expect((await judged(now, 24)).codes).toContain(`record-withheld ${recordPath(26)}`);
  // What the check was blind to before: such a bundle still holds, with or without the revocation, and says so.
  const before = new SampleCase([1, 20, 1, 5], { ...shape, earlierInventory: true });
  for (const hidden of [undefined, 24]) {
    const { codes, notes } = await judged(before, hidden);
    expect(codes).toEqual([]);
    expect(notes).toContain(noted);
  }
});

test('bundle.json counts the items that are disclosed and those that are not', async () => {
  expect(await check((tree) => hide(tree, 10))).toEqual([]);
  for (const items of [
    '{"disclosed":2,"withheld":1}',
    '{"disclosed":1,"withheld":1}',
    '{"disclosed":1,"withheld":0}',
  ]) {
    const said = await check((tree) =>
      edit(tree, 'data/bundle.json', (json) => json.replace(/"items":\{[^}]*\}/, `"items":${items}`)),
    );
    expect(said).toEqual(['bag-malformed data/bundle.json']);
  }
});

test('keys and how to check are what card and records say, and no other file stands beside the payload', async () => {
  for (const path of ['VERIFY.txt', 'keys/checkpoint.vkey', 'keys/checkpoint.pem', 'keys/record.pem']) {
    const altered = new Map(tags).set(path, utf8.encode('rm -rf /'));
    expect(await checkTags(altered)).toEqual([`tag-altered ${path}`]);
    altered.delete(path);
    expect(await checkTags(altered)).toEqual([`tag-missing ${path}`]);
  }
  for (const path of ['README.txt', 'keys/other.pem', 'anchors/own-1.pem', 'fetch.txt']) {
    expect(await checkTags(new Map(tags).set(path, utf8.encode('more')))).toEqual([`tag-unexpected ${path}`]);
  }
  // Programs are not made of the records; whether to run one that a bundle brings is its reader's choice.
  expect(await checkTags(new Map(tags).set('verify.html', utf8.encode('<p>')))).toEqual([]);
});

async function checkTags(own: Tree): Promise<string[]> {
  const { problems } = await checkBundle(filesIn(bagOf(payload, own)));
  return problems.map(({ code, where }) => `${code} ${where}`);
}

test('descriptions for other tools say what the records say, byte for byte', async () => {
  const whole = bagOf(payload, tags);
  for (const path of descriptionPaths) {
    const altered = (content: string) => check((tree) => tree.set(path, utf8.encode(content)));
    const said = text.decode(whole.get(path));
    expect(await altered(said)).toEqual([]);
    expect(await altered(said.replace('A title', 'B title'))).toEqual([`payload-altered ${path}`]);
    expect(await altered(`${said} `)).toEqual([`payload-altered ${path}`]);
    expect(await altered('')).toEqual([`payload-altered ${path}`]);
  }
});
