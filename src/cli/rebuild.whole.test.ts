// The index is disposable: made again from the case folder alone it is the same in every row, after every stage; and an
// index of another line of history is left as it is.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SoftToken } from '../../packages/verify/src/sshsig.fixture.ts';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { tella, waczFiles, zipOf } from '../describe/provenance.fixture.ts';
import { relativity, writeFiles } from '../intake/exports.fixture.ts';
import type { CaseView, IndividualView, ItemView } from '../case/views.ts';
import { makeDemo } from '../demo/demo.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { findFfmpeg } from '../describe/ffmpeg.ts';
import { makeClip } from '../describe/media.fixture.ts';
import { markRegion, withdrawRegion } from '../group/marks.ts';
import { readCards } from '../group/reader.fixture.ts';
import { openCase } from '../log/case.ts';
import { recordAct } from '../protect/acts.ts';
import { makeGuardians } from '../protect/vault.fixture.ts';
import { makeWitness } from '../seal/witness.fixture.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

/** In a stage's arguments: a picture that was described by then. */
const aPicture = 'a picture';
const anotherPicture = 'another picture';
const aThird = 'a third picture';

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);

async function dalil(...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect([0, 3], ran.stderr).toContain(ran.code);
  return ran;
}

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-rebuild-'));
  await makeDemo({ directory: at('demo'), individuals: 6, seed: 'rebuild', megapixels: 0.05 });
  // An archive that breaks off: its problem is a row as well.
  const zip = (await readdir(at('demo/cache'), { recursive: true })).find((name) => name.endsWith('.zip'))!;
  const whole = await readFile(join(at('demo/cache'), zip));
  await writeFile(at('demo/cache/damaged.zip'), whole.subarray(0, whole.length / 2));
  await writeFile(at('demo/cache/note.txt'), 'A text, of which there is a row as well.');
  // What two other tools say of files: one with its media here, one of which a file is not as listed.
  const media = Buffer.from('a recording');
  writeFiles(at('demo/cache/claims'), {
    'a.mp4': media,
    'a.csv': tella(media, 'a.mp4'),
    'crawl.wacz': await zipOf({ ...(await waczFiles('key')), 'pages/pages.jsonl': 'other pages' }),
  });
  await writeFile(at('demo/cache/clip.mov'), await makeClip({ width: 64, height: 48, frames: 12 }));
  await dalil('new', at('case'), '--name', 'Made again · من جديد');
  await dalil('intake', at('demo/cache'), '--source', 'S');
  writeFiles(at('load'), relativity());
  await dalil('intake', at('load'), '--source', 'S', '--from', 'relativity');
  await fillVault();
  await fillCustody();
  await changeKeys();
  if (withoutOpenssl() === null) await stampOnce();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A source in the vault, and the vault opened for it. */
async function fillVault(): Promise<void> {
  const guardians = await makeGuardians('anna', 'boris');
  const named = guardians.flatMap(({ name, recipient }) => ['--guardian', `${name}=${recipient}`]);
  await dalil('vault', 'init', '--threshold', '2', ...named, '--out', at('shares'));
  await writeFile(at('identity'), 'somebody');
  await dalil('vault', 'add', '--pseudonym', 'S', '--file', at('identity'));
  const texts: string[] = [];
  for (const { name, keyFile } of guardians) {
    await writeFile(at(`${name}.key`), keyFile);
    const share = at(`shares/guardian-${name}.age`);
    const { stdout } = await dalil('vault', 'share', '--share', share, '--identity', at(`${name}.key`));
    texts.push(at(name));
    await writeFile(at(name), stdout);
  }
  const opening = ['--purpose', 'a test', '--pseudonym', 'S', '--out', at('opened')];
  await dalil('vault', 'open', ...opening, ...texts.flatMap((path) => ['--shares', path]));
}

/** A hand-over, and an original that is damaged, restored and destroyed: signed by tokens of software. */
async function fillCustody(): Promise<void> {
  const tokens = { S: new SoftToken('ed25519'), T: new SoftToken('ecdsa') };
  const sign = async (file: string, namespace: string): Promise<string[]> => {
    const signed: string[] = [];
    for (const [name, token] of Object.entries(tokens)) {
      await writeFile(at(`${file}.${name}.sig`), token.sign(await readFile(at(file)), namespace));
      signed.push('--signature', at(`${file}.${name}.sig`));
    }
    return signed;
  };
  for (const [name, token] of Object.entries(tokens)) {
    await writeFile(at(`${name}.pub`), token.line);
    await dalil('custody', 'holder', 'add', name, '--key', at(`${name}.pub`));
  }
  const dates = ['--from', '2013', '--to', 'unknown'];
  await dalil('custody', 'claim', '--accession', 'A-0001', '--holder', 'courier', ...dates, '--by', 'S');
  const sides = ['--from', 'S', '--to', 'T', '--at', new Date().toISOString(), '--why', 'a test'];
  await dalil('custody', 'transfer', '--what', 'all', ...sides, '--out', at('receipt.txt'));
  await dalil('custody', 'receive', at('receipt.txt'), ...(await sign('receipt.txt', 'custody@dalil')));
  await cp(at('case'), at('sound'), { recursive: true });
  const items = (await dalil('items', '--json')).lines<ItemView>();
  const { id, sha256 } = items.find(({ state }) => state === 'sealed')!;
  const original = at(`case/originals/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`);
  await rm(original);
  await writeFile(original, 'damaged');
  await runDalil(home.env, ['-C', at('case'), 'fixity']);
  await dalil('fixity', 'restore', '--from', at('sound'));
  await dalil('destroy', 'propose', id, '--reason', 'legal-order', '--why', 'a test', '--out', at('order.txt'));
  await dalil('destroy', 'approve', at('order.txt'), ...(await sign('order.txt', 'deaccession@dalil')));
}

/** New keys, the old ones revoked; and a witness that has signed a checkpoint. */
async function changeKeys(): Promise<void> {
  await dalil('keys', 'rotate', '--reason', 'a test');
  await dalil('keys', 'revoke', '0', '--reason', 'superseded');
  const witness = makeWitness('witness.example/w1');
  await dalil('checkpoint', 'witness', 'add', 'watcher', '--key', witness.vkey);
  const note = (await dalil('checkpoint', '--signed')).stdout;
  await writeFile(at('cosigned'), note + witness.cosign(note, 1_790_000_000));
  await dalil('checkpoint', 'cosign', at('cosigned'));
}

/** One token of time; then the authority is asked no more. */
async function stampOnce(): Promise<void> {
  const authority = new TestAuthority(at('authority'));
  await writeFile(at('root.pem'), authority.pem('root'));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await dalil('timestamp', 'authority', 'add', 'outside', '--url', url, '--anchor', at('root.pem'));
  await dalil('timestamp');
  await dalil('timestamp', 'authority', 'withdraw', 'outside');
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
}

/** Somebody of the case, cards as a reader would have left them, and every act that people have on numbers, categories and individuals. */
async function decide(): Promise<void> {
  const opened = await openCase(at('case'), {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'reader', tool: 'test', version: '1' },
    write: true,
  });
  const member = 'abcdefghijklmnop';
  for (const state of ['here', 'gone'])
    await recordAct(opened, { kind: 'protect.member', member, name: 'A', roles: ['analyst'], state });
  await recordAct(opened, { kind: 'protect.login', member, how: 'passkey' });
  const { rows: seen } = await opened.index.pool.query<{ id: string }>('select id from item order by position limit 1');
  const shown = { purpose: 'other', colour: false, side: 240, seconds: 60, confirmed: true };
  await recordAct(opened, { kind: 'protect.exposure', refs: { item: seen[0]!.id }, ...shown });
  const { rows: drawn } = await opened.index.pool.query<{ item: string }>(
    'select item from timeline order by position limit 1',
  );
  const marked = await markRegion(opened, drawn[0]!.item, [0.25, 0.5, 0.125, 0.2], 'ختم — a stamp');
  await withdrawRegion(opened, (await markRegion(opened, drawn[0]!.item, [0, 0, 1, 1], 'all of it')).handle!);
  expect(marked.handle).toMatch(/^M-/);
  const found = { count: 0, more: false };
  await recordAct(opened, { kind: 'protect.search', words: 'سجن', narrowed: { kinds: ['picture'] }, found });
  await readCards(opened, JSON.parse(await readFile(at('demo/truth.json'), 'utf8')) as DemoTruth, 'rebuild');
  const { rows } = await opened.index.pool.query<{ item: string; n: number }>(
    'select item, n from card_reading where role is not null order by item, n limit 1',
  );
  await opened.close();
  await dalil('group');
  const [one, two] = (await dalil('individuals', '--json')).lines<IndividualView>();
  const picture = one!.items[0]!.id;
  await dalil('settle', 'number', `${rows[0]!.item}.${rows[0]!.n}`, '--value', '7');
  await dalil('settle', 'category', picture, '--category', 'detainee');
  await dalil('settle', 'split', one!.id, picture);
  await dalil('settle', 'merge', two!.id, one!.id);
  await dalil('group');
}

test('after every stage the index made again is the same in every row of every table', async () => {
  const stages = [
    ['status'],
    ['describe'],
    ['read'],
    ['group', '--rules', at('demo/rules.json')],
    ['near', 'cut', aPicture, anotherPicture, '--why', 'a test'],
    ['decide'],
    ['near', 'confirm', aPicture, aThird, '--why', 'a test'],
    ['group'],
    ['tag', 'put', 'من الأرشيف', aPicture, anotherPicture],
    ['tag', 'off', 'من الأرشيف', aPicture],
    ['tasks', 'add', 'look again\nقبل الغد', '--about', aPicture],
    ['tasks', 'done', 'T-0001'],
    ['redact', aPicture, '--box', '1,1,20,20'],
    ['dossier', 'build', 'one'],
    ['export', '--format', 'bundle', '--out', at('bundle')],
  ];
  let rows = 0;
  for (const stage of stages) {
    const items = stage.includes(aPicture) ? (await dalil('items', '--json')).lines<ItemView>() : [];
    const pictures = items.filter(({ state, format }) => state === 'described' && format === 'image/jpeg');
    const named = new Map([aPicture, anotherPicture, aThird].map((name, i) => [name, pictures[i]?.id]));
    if (stage[0] === 'decide') await decide();
    else await dalil(...stage.map((arg) => named.get(arg) ?? arg));
    const before = await dumpCase(home, at('case'));
    await dalil('rebuild');
    expect(await dumpCase(home, at('case')), stage[0]).toEqual(before);
    expect(before.length).toBeGreaterThan(rows);
    rows = before.length;
  }
  // Every table of every stage has rows by now: none is compared empty. A token needs openssl, a key frame ffmpeg.
  const lines = await dumpCase(home, at('case'));
  const empty = lines.flatMap((line, i) => {
    const { table } = JSON.parse(line) as { table?: string };
    return table !== undefined && (lines[i + 1] ?? '{"table"').startsWith('{"table"') ? [table] : [];
  });
  const without = [
    ...(withoutOpenssl() === null ? [] : ['authority', 'token']),
    ...(findFfmpeg() === null ? ['media_frame'] : []),
  ];
  expect(empty.toSorted()).toEqual(without.toSorted());
});

test('an older copy put back: every command refuses, rebuild gives it an index of its own, the newer one stays', async () => {
  const view = async (): Promise<CaseView> => (await dalil('status', '--json')).json<CaseView>();
  await cp(at('case'), at('older'), { recursive: true });
  const older = await view();
  await dalil('intake', at('demo/truth.json'), '--source', 'S2');
  const newer = await view();
  const newerRows = await dumpCase(home, at('case'));
  await cp(at('case'), at('newer'), { recursive: true });
  await rm(at('case'), { recursive: true });
  await cp(at('older'), at('case'), { recursive: true });

  for (const command of [['status'], ['describe'], ['items'], ['intake', at('demo/cache'), '--source', 'S']]) {
    const refused = await runDalil(home.env, ['-C', at('case'), ...command]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('dalil rebuild');
  }
  expect((await dalil('rebuild')).stderr).toContain('an index of its own');
  expect(await view()).toEqual(older);
  expect((await dalil('intake', at('demo/rules.json'), '--source', 'S3')).code).toBe(0);

  const beside = await runDalil(home.env, ['-C', at('newer'), 'status', '--json']);
  expect(beside.json<CaseView>()).toEqual(newer);
  expect(await dumpCase(home, at('newer'))).toEqual(newerRows);
});
