// Destruction with the real command line and the real ssh-keygen: nothing goes without two people and a reason, what went
// is gone and said to be, everything else still holds, and the same bytes do not come back unseen.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCase, type Report } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { makeSshKey, SoftToken, sshSign, withoutSshKeygen } from '../../packages/verify/src/sshsig.fixture.ts';
import type { CaseView, ItemView, Reconciliation } from '../case/views.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

const skipped = withoutSshKeygen();
if (skipped !== null) console.warn(`left out: destruction with the real ssh-keygen (${skipped})`);
const whole = test.skipIf(skipped !== null);

let home: TestHome;
let folder: string;
let items: ItemView[];
const at = (name: string): string => join(folder, name);
const token = new SoftToken('ed25519');

async function dalil(code: number, ...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}

beforeAll(async () => {
  if (skipped !== null) return;
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-destroy-'));
  await mkdir(at('letters'));
  for (let i = 1; i <= 4; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i}`);
  await writeFile(at('letters/5.txt'), 'letter 1');
  await mkdir(at('packed'));
  await writeFile(at('packed/a.txt'), 'packed a');
  execFileSync('tar', ['-C', at('packed'), '-cf', at('letters/packed.tar'), 'a.txt']);
  for (const name of ['amal', 'archive', 'stranger']) makeSshKey(at(name));
  await writeFile(at('token.pub'), token.line);
  await dalil(0, 'new', at('case'), '--name', 'Destroyed');
  await dalil(0, 'intake', at('letters'), '--source', 'S');
  items = (await dalil(0, 'items', '--json')).lines<ItemView>();
  await cp(at('case'), at('copy'), { recursive: true });
  await dalil(0, 'custody', 'holder', 'add', 'Amal', '--key', at('amal.pub'));
  await dalil(0, 'custody', 'holder', 'add', 'Amal again', '--key', at('amal.pub'));
  await dalil(0, 'custody', 'holder', 'add', 'Archive', '--key', at('archive.pub'));
  await dalil(0, 'custody', 'holder', 'add', 'Token', '--key', at('token.pub'));
}, 120_000);
afterAll(async () => {
  if (skipped !== null) return;
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const itemAt = (path: string): ItemView => items.find((one) => one.path === path)!;
const originalOf = ({ sha256 }: ItemView, below = 'case'): string =>
  at(`${below}/originals/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`);
const gone = async (item: ItemView): Promise<boolean> => (await stat(originalOf(item)).catch(() => null)) === null;
const propose = (out: string, reason: string, ...handles: string[]): string[] => [
  'destroy',
  'propose',
  ...handles,
  '--reason',
  reason,
  '--why',
  'a passport',
  '--out',
  at(out),
];
async function signed(key: string, text: string, namespace = 'deaccession@dalil'): Promise<string> {
  const bytes = await readFile(at(text));
  const file = at(`${text}.${key}.${namespace}.sig`);
  await writeFile(file, key === 'token' ? token.sign(bytes, namespace) : sshSign(at(key), bytes, namespace));
  return file;
}
const approve = (text: string, ...signatures: string[]): string[] => [
  'destroy',
  'approve',
  at(text),
  ...signatures.flatMap((file) => ['--signature', file]),
];
const states = async (): Promise<Record<string, string>> => {
  const all = (await dalil(0, 'items', '--json')).lines<ItemView>();
  return Object.fromEntries(all.map(({ path, state }) => [path, state]));
};
const view = async (): Promise<CaseView> => (await dalil(0, 'status', '--json')).json<CaseView>();

whole('nothing is destroyed without a reason, two people, their keys, and this very text', async () => {
  const letter = itemAt('1.txt');
  const refused = async (code: number, why: string, ...args: string[]): Promise<void> =>
    expect((await dalil(code, ...args)).stderr).toContain(why);
  await refused(2, 'five reasons', ...propose('x.txt', 'tidiness', letter.id));
  await refused(2, 'handles of items', ...propose('x.txt', 'secret-leak', 'A-0001'));
  await refused(2, 'nothing of this handle', ...propose('x.txt', 'secret-leak', 'E-99999'));
  await dalil(0, ...propose('d.txt', 'personal-data-leak', letter.id));
  const [amal, archive] = [await signed('amal', 'd.txt'), await signed('archive', 'd.txt')];
  await refused(12, 'Two people', ...approve('d.txt', amal));
  await refused(12, 'Two people', ...approve('d.txt', amal, await signed('amal', 'd.txt')));
  await refused(12, 'another-key', ...approve('d.txt', amal, await signed('stranger', 'd.txt')));
  await refused(12, 'another-namespace', ...approve('d.txt', amal, await signed('archive', 'd.txt', 'custody@dalil')));
  await writeFile(at('other.txt'), (await readFile(at('d.txt'), 'utf8')).replace('a passport', 'a whim'));
  await refused(12, 'altered', ...approve('other.txt', amal, archive));
  expect(await gone(letter)).toBe(false);
  expect((await view()).destroyed).toEqual({});
});

whole('what two people have signed is gone, is said to be, and everything else holds', async () => {
  const before = await view();
  const letter = itemAt('1.txt');
  const [amal, archive] = [at('d.txt.amal.deaccession@dalil.sig'), at('d.txt.archive.deaccession@dalil.sig')];
  await dalil(0, ...approve('d.txt', archive, amal));
  expect(await gone(letter)).toBe(true);
  expect(await states()).toMatchObject({ '1.txt': 'destroyed', '5.txt': 'destroyed', '2.txt': 'sealed' });
  const after = await view();
  expect(after.destroyed).toEqual({ 'personal-data-leak': 1 });
  expect(after.reconciliation).toEqual(before.reconciliation);
  expect((await dalil(0, 'status')).stdout).toContain('destroyed 1 of the sealed items: personal-data-leak 1');
  expect((await dalil(0, 'custody')).stdout).toContain(`${letter.id}  originals destroyed: personal-data-leak`);
  expect((await dalil(0, 'verify', '--json')).json()).toMatchObject({ ok: true, notes: [] });
  expect((await dalil(0, 'fixity', '--json')).json()).toMatchObject({ checked: 5, unsound: [] });
  expect((await dalil(2, ...propose('x.txt', 'secret-leak', letter.id))).stderr).toContain('destroyed before');
  expect((await dalil(2, ...approve('d.txt', archive, amal))).stderr).toContain('destroyed before');
});

whole(
  'bytes that a crash left, or a copy brought back, are a problem, and the next command that writes removes them',
  async () => {
    const letter = itemAt('1.txt');
    await cp(originalOf(letter, 'copy'), originalOf(letter));
    const { stdout } = await dalil(4, 'verify');
    expect(stdout).toMatch(/file-unexpected {2}originals\S+: destroyed by record \d+, and its bytes are here/);
    await dalil(0, 'status');
    expect(await gone(letter)).toBe(false);
    await dalil(0, 'describe');
    expect(await gone(letter)).toBe(true);
    await dalil(0, 'verify');
    expect((await view()).stages.find(({ name }) => name === 'describe')).toMatchObject({ pending: 0 });
  },
);

whole('the same bytes in a later delivery are accounted for and not kept', async () => {
  await mkdir(at('later/packed'), { recursive: true });
  await writeFile(at('later/again.txt'), 'letter 1');
  await writeFile(at('later/new.txt'), 'letter 6');
  await writeFile(at('later/packed/deep.txt'), 'letter 1');
  execFileSync('tar', ['-C', at('later/packed'), '-cf', at('later/deep.tar'), 'deep.txt']);
  await rm(at('later/packed'), { recursive: true });
  const received = (await dalil(3, 'intake', at('later'), '--source', 'T', '--json')).lines<{
    reconciliation: Reconciliation;
  }>();
  expect(received.at(-1)).toMatchObject({ reconciliation: { received: 4, sealed: 2, duplicate: 0, quarantined: 2 } });
  expect(await states()).toMatchObject({ 'again.txt': 'quarantined', 'deep.tar/deep.txt': 'quarantined' });
  expect((await dalil(0, 'status')).stdout).toContain('in quarantine: destroyed 2');
  expect(await gone(itemAt('1.txt'))).toBe(true);
  // The same delivery as before, read again: its receipts stand, and its bytes are not kept again.
  await dalil(0, 'intake', at('letters'), '--source', 'S', '--reread');
  expect(await gone(itemAt('1.txt'))).toBe(true);
  expect((await dalil(0, 'verify', '--json')).json()).toMatchObject({ ok: true, notes: [] });
});

whole('what stays within an archive is said before anybody signs, and in the text', async () => {
  const [member, archive] = [itemAt('packed.tar/a.txt'), itemAt('packed.tar')];
  const { stderr } = await dalil(0, ...propose('m.txt', 'consent-withdrawn', member.id));
  expect(stderr).toContain(`stay within ${archive.id}`);
  expect(stderr).toContain('cannot be recalled');
  expect(await readFile(at('m.txt'), 'utf8')).toContain(`remains-within: ${archive.id}\n`);
  expect((await dalil(0, ...propose('a.txt', 'legal-order', archive.id))).stderr).toContain('1 items came out');
  await dalil(0, ...propose('both.txt', 'legal-order', member.id, archive.id));
  const text = await readFile(at('both.txt'), 'utf8');
  expect(text).not.toContain('remains-within');
  await dalil(0, ...approve('both.txt', await signed('archive', 'both.txt'), await signed('token', 'both.txt')));
  expect([await gone(member), await gone(archive)]).toEqual([true, true]);
  // What was signed before is not true any more.
  const late = approve('m.txt', await signed('archive', 'm.txt'), await signed('token', 'm.txt'));
  expect((await dalil(2, ...late)).stderr).toContain('destroyed before');
  expect((await view()).destroyed).toEqual({ 'legal-order': 2, 'personal-data-leak': 1 });
});

whole('altered bytes that a restoration kept aside are destroyed with their original', async () => {
  const letter = itemAt('3.txt');
  await rm(originalOf(letter));
  await writeFile(originalOf(letter), 'letter 3, torn');
  await dalil(3, 'fixity');
  await dalil(0, 'fixity', 'restore', '--from', at('copy'));
  const kept = async (): Promise<number> =>
    (await readdir(at('case/derivatives'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
      .length;
  expect(await kept()).toBe(1);
  await dalil(0, ...propose('three.txt', 'secret-leak', letter.id));
  await dalil(0, ...approve('three.txt', await signed('amal', 'three.txt'), await signed('token', 'three.txt')));
  expect(await kept()).toBe(0);
  expect((await dalil(0, 'verify', '--json')).json()).toMatchObject({ ok: true, notes: [] });
});

whole('a bundle with originals carries what there is, and says what was destroyed', async () => {
  await dalil(0, 'export', '--originals', '--out', at('bundle'));
  const report = (await dalil(0, 'verify', at('bundle'), '--json')).json<Report>();
  expect(report).toMatchObject({
    ok: true,
    contents: { destroyed: { 'legal-order': 2, 'personal-data-leak': 1, 'secret-leak': 1 } },
  });
  const carried = await readdir(at('bundle/data/originals'), { recursive: true, withFileTypes: true });
  // Eight items, four of them destroyed.
  expect(carried.filter((entry) => entry.isFile())).toHaveLength(4);
});

whole('a deaccession explains nothing once a signature, its text or a key of it is altered', async () => {
  expect((await checkCase(nodeFiles(at('case')))).problems).toEqual([]);
  const blobs = (await readdir(at('case/records/blobs'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  let unexplained = 0;
  for (const entry of blobs) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const other = Buffer.from(bytes);
    other[other.length - 60]! ^= 1;
    await rm(path);
    await writeFile(path, other);
    const codes = (await checkCase(nodeFiles(at('case')))).problems.map(({ code }) => code);
    expect(codes).toContain('file-altered');
    if (codes.includes('custody-unsound') && codes.includes('file-missing')) unexplained++;
    await writeFile(path, bytes);
  }
  // A text and two approvals for each of three deaccessions.
  expect(unexplained).toBe(9);
});

whole('the index is the same after a rebuild', async () => {
  const dump = await dumpCase(home, at('case'));
  await dalil(0, 'rebuild');
  expect(await dumpCase(home, at('case'))).toEqual(dump);
});
