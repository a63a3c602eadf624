// The whole story, as far as the program carries it: a cache arrives, is sealed and described, numbers become individuals,
// a dossier is published, and a stranger checks it. Each step is the command that a person would type.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiptNamespace } from '@dalil/verify';
import { SoftToken } from '../packages/verify/src/sshsig.fixture.ts';
import type { CaseView, IndividualView, ItemView } from './case/views.ts';
import { runDalil, type Ran } from './cli/dalil.fixture.ts';
import { makeDemo } from './demo/demo.ts';
import type { DemoTruth, TruthFile } from './demo/truth.ts';
import { makeWitness } from './seal/witness.fixture.ts';
import { openTestHome, type TestHome } from './store/test-database.ts';

let home: TestHome;
let folder: string;
let truth: DemoTruth;
/** The first checkpoint that somebody wrote down on paper. */
let writtenDown: string;
const at = (name: string): string => join(folder, name);
const dalil = (...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', at('case'), ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-story-'));
  // Sixty individuals give some five hundred files of every kind that the sample has.
  truth = await makeDemo({ directory: at('demo'), individuals: 60, seed: 'story' });
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const contentOf = (files: readonly TruthFile[]) => new Map(files.map((file) => [file.path, file.sha256]));
const share = (part: number, whole: number): string => `${part} of ${whole} (${((100 * part) / whole).toFixed(1)} %)`;

test('a case is made, with a first checkpoint that verifies', async () => {
  expect((await dalil('status')).code).toBe(10);
  expect((await runDalil(home.env, ['new', at('case'), '--name', 'The story · القصة'])).code).toBe(0);
  expect((await dalil('verify', '--json')).json<{ ok: boolean }>().ok).toBe(true);
});

test('the photographer’s cache is received: every file is sealed, a duplicate, or in quarantine with its reason', async () => {
  const received = await dalil('intake', at('demo/cache'), '--source', 'P-photographer', '--json');
  expect(received.code).toBe(0);
  const { reconciliation } = received.json<{ reconciliation: Record<string, number> }>();
  const { all } = truth.totals.received;
  console.log(`received ${JSON.stringify(reconciliation)}; truth: ${all} files, ${truth.totals.sealed} contents`);
  expect(reconciliation).toEqual({
    received: all,
    sealed: truth.totals.sealed,
    duplicate: truth.totals.duplicate,
    quarantined: 0,
  });

  const items = (await dalil('items', '--json')).lines<ItemView>();
  expect(items.map(({ path }) => path).toSorted()).toEqual(truth.files.map(({ path }) => path).toSorted());
  const content = contentOf(truth.files);
  for (const item of items) expect(item.sha256, item.path).toBe(content.get(item.path));
});

test('somebody writes a checkpoint down, and a witness signs that it was there', async () => {
  writtenDown = (await dalil('checkpoint')).stdout.split('\n')[0]!;
  const witness = makeWitness('witness.example/w1');
  expect((await dalil('checkpoint', 'witness', 'add', 'watcher', '--key', witness.vkey)).code).toBe(0);
  const note = (await dalil('checkpoint', '--signed')).stdout;
  await writeFile(at('cosigned'), note + witness.cosign(note, 1_790_000_000));
  expect((await dalil('checkpoint', 'cosign', at('cosigned'))).code).toBe(0);
});

test('it changes hands: who had it before is claimed, and both sides sign that it was handed over', async () => {
  const sides = { archive: new SoftToken('ed25519'), court: new SoftToken('ecdsa') };
  for (const [name, token] of Object.entries(sides)) {
    await writeFile(at(`${name}.pub`), token.line);
    expect((await dalil('custody', 'holder', 'add', name, '--key', at(`${name}.pub`))).code).toBe(0);
  }
  const before = ['--accession', 'A-0001', '--holder', 'a courier', '--by', 'P-photographer'];
  expect((await dalil('custody', 'claim', ...before, '--from', '2013-08', '--to', 'unknown')).code).toBe(0);
  const handed = [
    '--what',
    'all',
    '--from',
    'archive',
    '--to',
    'court',
    '--at',
    new Date().toISOString(),
    '--why',
    'a warrant',
  ];
  expect((await dalil('custody', 'transfer', ...handed, '--out', at('receipt.txt'))).code).toBe(0);
  const signed: string[] = [];
  for (const [name, token] of Object.entries(sides)) {
    await writeFile(at(`${name}.sig`), token.sign(await readFile(at('receipt.txt')), receiptNamespace));
    signed.push('--signature', at(`${name}.sig`));
  }
  expect((await dalil('custody', 'receive', at('receipt.txt'), ...signed.slice(0, 2))).code).not.toBe(0);
  expect((await dalil('custody', 'receive', at('receipt.txt'), ...signed)).code).toBe(0);
  expect((await dalil('custody')).stdout).toContain('a courier');
});

test('receiving the same again adds nothing and says the same', async () => {
  const before = (await dalil('status', '--json')).json<CaseView>();
  const again = await dalil('intake', at('demo/cache'), '--source', 'P-photographer', '--json');
  const after = (await dalil('status', '--json')).json<CaseView>();
  expect(again.json<{ reconciliation: object }>().reconciliation).toEqual(before.reconciliation);
  expect(after.checkpoint.size).toBe(before.checkpoint.size);
});

test('each picture is described, and exactly the planted problems are found', async () => {
  const ran = await dalil('run', '--rules', at('demo/rules.json'), '--json');
  expect(ran.code).toBe(3);
  const content = contentOf(truth.files);
  const found = ran.json<{ problems: { path: string; code: string }[] }>().problems;
  const planted = truth.files.flatMap(({ problems, sha256 }) =>
    problems.filter((code) => code !== 'foreign').map((code) => `${code} ${sha256}`),
  );
  expect(found.map(({ path, code }) => `${code} ${content.get(path)}`).toSorted()).toEqual(
    [...new Set(planted)].toSorted(),
  );

  const taken = new Map(truth.files.map((file) => [file.path, file]));
  for (const item of (await dalil('items', '--json')).lines<ItemView>()) {
    const known = taken.get(item.path)!;
    if (known.kind === 'foreign' || known.kind === 'text')
      expect(item.format?.startsWith('image/') ?? false, item.path).toBe(false);
    if (known.kind !== 'picture' || item.state !== 'described') continue;
    expect(item.taken?.slice(0, 19) ?? null, item.path).toBe(known.taken?.slice(0, 19) ?? null);
  }
});

test('categories come before any count, and agree with the truth as far as paths can tell', async () => {
  const { categories, pictures } = (await dalil('status', '--json')).json<CaseView>();
  console.log(
    `categories ${JSON.stringify(categories)} of ${pictures}; truth by path ${JSON.stringify(truth.totals.toldByPath)}`,
  );
  const told = truth.totals.toldByPath;
  expect(categories).toEqual({ ...told, unclear: 0 });
  expect(pictures).toBe(truth.totals.distinctPictures);
});

test('near-duplicates lead to the picture that they were made from', async () => {
  const items = (await dalil('items', '--json')).lines<ItemView>();
  const content = contentOf(truth.files);
  const pathOf = new Map(items.map(({ id, path }) => [id, path]));
  const made = new Map(
    truth.files.flatMap(({ sha256, nearDuplicateOf }) =>
      nearDuplicateOf === null ? [] : [[sha256, content.get(nearDuplicateOf.path)] as const],
    ),
  );
  const found = items.filter(({ state, duplicateOf }) => state !== 'duplicate' && duplicateOf !== null);
  const right = found.filter(({ sha256, duplicateOf }) => made.get(sha256) === content.get(pathOf.get(duplicateOf!)!));
  console.log(`near-duplicates: ${share(right.length, made.size)} found, ${found.length - right.length} wrong`);
  expect(found.length).toBe(right.length);
  expect(right.length / made.size).toBeGreaterThanOrEqual(0.95);
});

test('numbers in the paths become individuals, none mixed and none missing that a path can tell', async () => {
  const found = (await dalil('individuals', '--json')).lines<IndividualView>();
  const individuals = found.filter(({ provisional }) => !provisional);
  const bodyOf = new Map(truth.files.map(({ path, individual }) => [path, individual]));
  for (const { items } of individuals) expect(new Set(items.map(({ path }) => bodyOf.get(path))).size).toBe(1);
  console.log(
    `individuals: ${share(individuals.length, truth.totals.individuals)}; paths can tell ${truth.totals.individualsToldByPath}`,
  );
  expect(individuals.length).toBe(truth.totals.individualsToldByPath);
});

test('cards that agree give more of them, and add them to no count before a person has looked', async () => {
  const found = (await dalil('individuals', '--json')).lines<IndividualView>();
  const bodyOf = new Map(truth.files.map(({ path, individual }) => [path, individual]));
  for (const { items } of found) expect(new Set(items.map(({ path }) => bodyOf.get(path))).size).toBe(1);
  const provisional = found.filter((one) => one.provisional);
  const members = found.flatMap(({ items }) => items.filter((one) => one.provisional));
  console.log(
    `provisional: ${provisional.length} individuals, ${members.length} pictures, none in a wrong place; ` +
      `with names ${share(found.length, truth.totals.individuals)}`,
  );
  expect(provisional.length).toBeGreaterThan(0);
  const { individuals } = (await dalil('status', '--json')).json<CaseView>();
  expect(individuals).toMatchObject({
    count: found.length - provisional.length,
    provisional: { individuals: provisional.length, pictures: members.length },
  });
  expect((await dalil('queue', 'numbers')).stdout).toContain('E-');
});

test('a dossier is published, the same bytes for the same state', async () => {
  expect((await dalil('dossier', 'check', 'dossier')).code).toBe(0);
  const first = await dalil('dossier', 'build', 'dossier', '--out', at('first.pdf'), '--json');
  const second = await dalil('dossier', 'build', 'dossier', '--out', at('second.pdf'), '--json');
  expect([first.code, second.code]).toEqual([0, 0]);
  expect((await readFile(at('first.pdf'))).equals(await readFile(at('second.pdf')))).toBe(true);
});

test('a stranger checks the bundle, with and without the originals', async () => {
  for (const originals of [[], ['--originals']]) {
    const out = at(`bundle${originals.length}`);
    expect((await dalil('export', '--format', 'bundle', '--out', out, ...originals)).code).toBe(0);
    const checked = (await runDalil(home.env, ['verify', out, '--json'])).json<{ ok: boolean; problems: unknown[] }>();
    expect(checked.problems).toEqual([]);
    expect(checked.ok).toBe(true);
  }
});

test('a part is given away: a picture with what may not be seen painted over, its name and number of no use', async () => {
  const items = (await dalil('items', '--json')).lines<ItemView>();
  const { id, path, sha256 } = items.find(({ state, format }) => state === 'described' && format === 'image/jpeg')!;
  expect((await dalil('redact', id, '--box', '10,10,120,80')).code).toBe(0);
  const chosen = ['--item', id, '--redacted', '--without', 'path', '--zip'];
  expect((await dalil('export', '--format', 'bundle', '--out', at('part.zip'), ...chosen)).code).toBe(0);
  const bytes = await readFile(at('part.zip'));
  for (const withheld of [path, sha256]) expect(bytes.includes(withheld)).toBe(false);
  const checked = (await runDalil(home.env, ['verify', at('part.zip'), '--json'])).json<object>();
  expect(checked).toMatchObject({ ok: true, problems: [] });
});

test('the keys are changed, and originals are read again as years later', async () => {
  expect((await dalil('keys', 'rotate', '--reason', 'the holder of the old ones left')).code).toBe(0);
  expect((await dalil('keys', 'revoke', '0', '--reason', 'superseded')).code).toBe(0);
  expect((await dalil('fixity')).code).toBe(0);
});

test('nothing was rewritten since the checkpoint that was written down', async () => {
  const { code, stdout } = await dalil('verify', '--since', writtenDown, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [] });
  expect(code).toBe(0);
  const [size] = writtenDown.match(/\d+/)!;
  expect((await dalil('verify', '--since', writtenDown.replace(size, String(Number(size) - 1)))).code).toBe(4);
});

test('in the end the case itself still verifies, file by file', async () => {
  const { code, stdout } = await dalil('verify', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ ok: true, problems: [] });
  expect(code).toBe(0);
});
