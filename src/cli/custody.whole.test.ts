// Custody from claim to signed hand-over, with the real command line and the real ssh-keygen: the list with its gaps, what
// is refused, what a check makes of receipts that were altered, and the same rows after a rebuild.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { makeSshKey, SoftToken, sshSign, withoutSshKeygen } from '../../packages/verify/src/sshsig.fixture.ts';
import type { CustodyView } from '../case/custody.ts';
import { blocksOf, type DossierContent, type Table } from '../report/content.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

const skipped = withoutSshKeygen();
if (skipped !== null) console.warn(`left out: custody with the real ssh-keygen (${skipped})`);
const whole = test.skipIf(skipped !== null);

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
const token = new SoftToken('ecdsa');

async function dalil(code: number, ...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, ['-C', at('case'), '--as', 'Amal', ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}

beforeAll(async () => {
  if (skipped !== null) return;
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-custody-'));
  await mkdir(at('letters'));
  for (let i = 0; i < 3; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i}`);
  for (const name of ['amal', 'archive', 'stranger']) makeSshKey(at(name));
  await writeFile(at('token.pub'), token.line);
  await dalil(0, 'new', at('case'), '--name', 'Held');
  await dalil(0, 'intake', at('letters'), '--source', 'S');
  await dalil(0, 'custody', 'holder', 'add', 'Amal', '--key', at('amal.pub'));
  await dalil(0, 'custody', 'holder', 'add', 'أرشيف الشمال', '--key', at('archive.pub'), '--note', 'abroad');
  await dalil(0, 'custody', 'holder', 'add', 'Token', '--key', at('token.pub'));
}, 120_000);
afterAll(async () => {
  if (skipped !== null) return;
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const claim = (holder: string, from: string, to: string): string[] => [
  'custody',
  'claim',
  '--accession',
  'A-0001',
  '--holder',
  holder,
  '--from',
  from,
  '--to',
  to,
  '--by',
  'S',
];
const transfer = (what: string, from: string, to: string, out: string, more: string[] = []): string[] => [
  'custody',
  'transfer',
  '--what',
  what,
  '--from',
  from,
  '--to',
  to,
  '--why',
  'safe keeping',
  '--out',
  at(out),
  '--at',
  now(),
  ...more,
];
const now = (): string => new Date().toISOString();
const signed = async (key: string, receipt: string, namespace = 'custody@dalil'): Promise<string> => {
  const file = at(`${receipt}.${key}.${namespace}.sig`);
  await writeFile(file, sshSign(at(key), await readFile(at(receipt)), namespace));
  return file;
};
const receive = (receipt: string, ...signatures: string[]): string[] => [
  'custody',
  'receive',
  at(receipt),
  ...signatures.flatMap((file) => ['--signature', file]),
];
const custody = async (): Promise<CustodyView> => (await dalil(0, 'custody', '--json')).json<CustodyView>();

whole('before anything is claimed, the time before intake is a gap', async () => {
  const { lines, gaps } = await custody();
  expect(lines.map(({ event, holder }) => [event, holder])).toEqual([['accession', 'Amal']]);
  expect(gaps).toEqual([{ kind: 'gap', from: null, to: lines[0]!.from, holders: [], records: [] }]);
  expect((await dalil(0, 'custody')).stdout).toContain('from the beginning to');
});

whole('claims are shown as claims, with what their dates leave open', async () => {
  await dalil(2, ...claim('nobody', '2013-13', '2014'));
  await dalil(2, ...claim('nobody', '2014', '2013'));
  await dalil(2, ...claim('gpj.\u202eevil', '2013', '2014'));
  await dalil(0, ...claim('المصوّر', '2011-09-01', '2013-08'));
  await dalil(0, ...claim('a courier', '2013-10', '2014-01'));
  await dalil(0, ...claim('a lawyer', '2014-01', 'unknown'));
  const { lines, gaps } = await custody();
  expect(lines.map(({ event }) => event)).toEqual(['claimed', 'claimed', 'claimed', 'accession']);
  expect(gaps.map(({ kind, from, holders }) => [kind, from?.slice(0, 10), holders])).toEqual([
    ['unknown', '2011-09-01', ['المصوّر']],
    ['unknown', '2013-08-01', ['المصوّر']],
    ['gap', '2013-09-01', []],
    ['unknown', '2013-10-01', ['a courier']],
    ['unknown', '2014-02-01', ['a lawyer']],
  ]);
  const { stdout } = await dalil(0, 'custody');
  expect(stdout).toContain('المصوّر, says S');
  expect(stdout).toMatch(/gap {6}2013-09-01T\S+ to 2013-10-01T\S+: nobody is said to have held it/);
});

whole('a hand-over is written down with both signatures, and by nothing less', async () => {
  await dalil(0, ...transfer('all', 'Amal', 'أرشيف الشمال', 'r.txt'));
  expect((await readFile(at('r.pdf'), 'latin1')).slice(0, 5)).toBe('%PDF-');
  const [ours, theirs] = [await signed('amal', 'r.txt'), await signed('archive', 'r.txt')];
  const refused = async (code: number, why: string, ...args: string[]): Promise<void> =>
    expect((await dalil(code, ...args)).stderr).toContain(why);
  await refused(12, 'both sides', ...receive('r.txt', ours));
  await refused(12, 'both sides', ...receive('r.txt', ours, ours));
  await refused(12, 'another-key', ...receive('r.txt', ours, await signed('stranger', 'r.txt')));
  await refused(12, 'another-namespace', ...receive('r.txt', ours, await signed('archive', 'r.txt', 'file')));
  await writeFile(at('other.txt'), (await readFile(at('r.txt'), 'utf8')).replace('safe keeping', 'for good'));
  await refused(12, 'altered', ...receive('other.txt', ours, theirs));
  await writeFile(at('other.txt'), (await readFile(at('r.txt'), 'utf8')).replace(/checkpoint: \d+/, 'checkpoint: 1'));
  await refused(1, 'never in', ...receive('other.txt', ours, theirs));
  await writeFile(at('other.txt'), `${await readFile(at('r.txt'), 'utf8')}more: than this\n`);
  await refused(1, 'one spelling', ...receive('other.txt', ours, theirs));
  await refused(2, 'themselves', ...transfer('all', 'Amal', 'Amal', 'x.txt'));
  await refused(2, 'it has happened', ...transfer('all', 'Amal', 'Token', 'x.txt', ['--at', '2099-01-01T00:00Z']));
  await refused(2, 'nothing of this handle', ...transfer('E-99999', 'Amal', 'Token', 'x.txt'));
  await dalil(0, ...receive('r.txt', theirs, ours));
  await refused(2, 'written down already', ...receive('r.txt', ours, theirs));
  const { lines, gaps } = await custody();
  expect(lines.at(-1)).toMatchObject({ event: 'transfer', giver: 'Amal', holder: 'أرشيف الشمال', covers: ['case'] });
  expect(gaps).toHaveLength(5);
});

whole('copies leave custody where it is, tokens sign, and a giver who did not have it leaves a doubt', async () => {
  await dalil(0, ...transfer('E-00002', 'أرشيف الشمال', 'Token', 'copy.txt', ['--event', 'replication']));
  await writeFile(at('token.sig'), token.sign(await readFile(at('copy.txt')), 'custody@dalil'));
  await dalil(0, ...receive('copy.txt', await signed('archive', 'copy.txt'), at('token.sig')));
  const before = await custody();
  expect(before.lines.at(-1)).toMatchObject({ event: 'replication', holder: 'Token', covers: ['E-00002'] });
  expect(before.gaps).toHaveLength(5);
  await dalil(0, ...transfer('A-0001', 'Amal', 'Token', 'odd.txt'));
  await writeFile(at('token.sig'), token.sign(await readFile(at('odd.txt')), 'custody@dalil'));
  await dalil(0, ...receive('odd.txt', await signed('amal', 'odd.txt'), at('token.sig')));
  const { gaps } = await custody();
  expect(gaps.slice(5)).toMatchObject([{ kind: 'unknown', holders: ['أرشيف الشمال', 'Amal'] }]);
  await dalil(0, 'export', '--out', at('bundle'));
  const { lines } = await custody();
  expect(lines.at(-1)).toMatchObject({ event: 'dissemination', giver: 'Amal', holder: null });
  expect((await dalil(0, 'verify')).stdout).toContain('holds');
});

whole('a check names a receipt whose signature or text was exchanged', async () => {
  const report = await checkCase(nodeFiles(at('case')));
  expect(report.problems).toEqual([]);
  const blobs = (await readdir(at('case/records/blobs'), { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  let named = 0;
  for (const entry of blobs) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const other = Buffer.from(bytes);
    other[other.length - 60]! ^= 1;
    await rm(path);
    await writeFile(path, other);
    const codes = (await checkCase(nodeFiles(at('case')))).problems.map(({ code }) => code);
    expect(codes).toContain('file-altered');
    if (codes.includes('custody-unsound')) named++;
    await writeFile(path, bytes);
  }
  // A text and two signatures for each of three receipts.
  expect(named).toBe(9);
});

whole('the dossier tells the same lines and the same open times, each by its record', async () => {
  await dalil(0, 'dossier', 'build', 'held', '--out', at('held.pdf'));
  const content = JSON.parse(await readFile(at('held.json'), 'utf8')) as DossierContent;
  const [view] = (await dalil(0, 'custody', '--json')).lines<CustodyView>();
  const table = (id: string): Table =>
    [...blocksOf(content)].find((block) => 'id' in block && block.id === id) as Table;
  const records = ({ rows }: Table) =>
    rows.map(({ cites }) => cites.map((cite) => ('record' in cite ? cite.record : -1)));
  expect(view!.lines.length).toBeGreaterThan(3);
  expect(records(table('custody.A-0001.lines'))).toEqual(view!.lines.map(({ record }) => [record]));
  expect(view!.gaps.length).toBeGreaterThan(0);
  // Where no record bounds it, what leads there is the set of all that is said of custody.
  expect(records(table('custody.A-0001.open-times'))).toEqual(
    view!.gaps.map((gap) => (gap.records.length === 0 ? [-1] : gap.records)),
  );
});

whole('the index is the same after a rebuild', async () => {
  const dump = await dumpCase(home, at('case'));
  await dalil(0, 'rebuild');
  expect(await dumpCase(home, at('case'))).toEqual(dump);
  expect(dump.some((line) => line.includes('أرشيف الشمال'))).toBe(true);
});
