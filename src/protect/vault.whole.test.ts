// The vault of a real case: opened by enough guardians and on record, refused otherwise, and silent everywhere else.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { checkBundle, checkCase, citedPath, fileStores, type Report } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newCase, openCase, type OpenCase } from '../log/case.ts';
import { dumpOf } from '../log/log.fixture.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { caseBytesIn } from '../report/bundle.fixture.ts';
import { exportBundle } from '../report/bundle.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { parseShare, type Handover } from './guardian.ts';
import { protectProjection } from './project.ts';
import { viewVault } from './queries.ts';
import { addSource, keepInVault, makeVault, openVault, readVault } from './vault.ts';
import { bytesBelow, found, makeGuardians, readShares, spellingsOf, type TestGuardian } from './vault.fixture.ts';

const run = promisify(execFile);
/** What must be nowhere but in the ciphertexts; each is long enough to be there by no chance. */
const planted = [
  'أحمد بن سليمان القلموني',
  'Ahmad Sulayman al-Qalamouni',
  '+963-944-771-2096',
  'صوت-القلموني.opus',
  'The consent of Sulayman, signed at Ras al-Ain',
  'وكنت أصور الجثث في المشفى كل صباح',
];
const identity = JSON.stringify({ name: planted[0], latin: planted[1], telephone: planted[2] });
const purpose = 'confirming who gave the pictures, for the inquiry';

let home: TestHome;
let folder: string;
let path: string;
let guardians: TestGuardian[];
let opened: OpenCase;
let files: Handover['files'];
let shares: Record<string, string>;

async function options(write = true) {
  const known = [...new Map([...projections, protectProjection].map((one) => [one.name, one])).values()];
  return {
    home: await openHome(home.home),
    env: home.env,
    projections: known,
    actor: { name: 'keeper', tool: 'vault test', version: '1' },
    write,
  };
}
async function* once(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
const keep = (what: 'recording' | 'consent' | 'transcript', name: string, content: string) =>
  keepInVault(opened, { pseudonym: 'Caesar', what, name, chunks: once(content) });
const of = (...names: string[]): string[] => names.map((name) => shares[name]!);
const deliver = async (made: Handover['files']): Promise<void> => void (files = made);
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => Promise.reject(new Error('nothing failed')),
    (error: unknown) => error as Error,
  );
async function all(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of chunks) pieces.push(chunk);
  return Buffer.concat(pieces).toString();
}
async function openings(): Promise<LoggedRecord[]> {
  const list: LoggedRecord[] = [];
  for await (const record of opened.log.read(0)) if (record.kind === 'protect.opening') list.push(record);
  return list;
}

beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-vault-'));
  path = join(folder, 'case');
  guardians = await makeGuardians('anna', 'boris', 'dora');
  opened = await newCase(path, 'A case with a vault', await options());
  await makeVault(opened, { threshold: 2, guardians, deliver });
  shares = await readShares(files, guardians);
});
afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('two of three guardians open what was sealed under a pseudonym, and it is on record with its purpose', async () => {
  const source = await addSource(opened, { pseudonym: 'Caesar', identity });
  await keep('recording', planted[3]!, planted[5]!);
  await addSource(opened, { pseudonym: 'Helper', identity: 'somebody else' });
  const vault = await openVault(opened, { shares: of('dora', 'anna'), purpose, pseudonym: 'Caesar' });
  expect(vault.things.map(({ what }) => what)).toEqual(['identity', 'recording']);
  expect(await vault.identity(source.id)).toBe(identity);
  const recording = vault.things[1]!.id;
  expect(await all(vault.contents(recording))).toBe(planted[5]);
  const { name, size, sha256 } = await vault.about(recording);
  expect([name, size, sha256.length]).toEqual([planted[3], Buffer.byteLength(planted[5]!), 64]);

  const [record] = await openings();
  expect(record!.fields).toEqual({ purpose, pseudonym: 'Caesar', guardians: ['dora', 'anna'] });
  expect(record!.refs['things']).toEqual(vault.things.map(({ id }) => id));
  expect(record!.actor.name).toBe('keeper');
  const view = await viewVault(opened);
  expect(view.openings.map(({ position, purpose }) => [position, purpose])).toEqual([[record!.position, purpose]]);
  expect(view.sources).toEqual([
    { pseudonym: 'Caesar', holds: { identity: 1, recording: 1 } },
    { pseudonym: 'Helper', holds: { identity: 1 } },
  ]);

  const helper = (await openVault(opened, { shares: of('anna', 'boris'), purpose, pseudonym: 'Helper' })).things[0]!;
  await expect(vault.identity(helper.id)).rejects.toMatchObject({ code: 'no-permission' });
  vault.close();
  await expect(vault.identity(source.id)).rejects.toMatchObject({ code: 'no-permission' });
  expect(() => vault.contents(recording)).toThrow(/is over/);
});

test('one guardian alone, a false share, a swapped one and no purpose open nothing, and leave no opening', async () => {
  await addSource(opened, { pseudonym: 'Caesar', identity });
  const size = opened.log.size;
  const attempt = (texts: string[], why = purpose, pseudonym = 'Caesar') =>
    failure(openVault(opened, { shares: texts, purpose: why, pseudonym }));
  expect(await attempt(of('anna'))).toMatchObject({ code: 'no-permission' });
  expect(await attempt(of('anna', 'anna'))).toMatchObject({ code: 'no-permission' });
  const corrupt = shares['boris']!.replace(/(bytes ..)(.)/, (_, head: string, digit: string) =>
    head.concat(digit === '0' ? '1' : '0'),
  );
  const refused = await attempt([shares['anna']!, corrupt]);
  expect(refused).toMatchObject({ code: 'wrong-key' });
  expect(refused.message).toContain('got: boris: not the share that was handed to them');
  const swapped = shares['anna']!.replace('guardian anna', 'guardian dora');
  expect((await attempt([shares['anna']!, swapped])).message).toContain('got: dora: not the share');
  expect(await attempt(of('anna', 'dora'), ' ')).toMatchObject({ code: 'usage' });
  expect(await attempt(of('anna', 'dora'), purpose, 'Nobody')).toMatchObject({ code: 'usage' });
  expect(opened.log.size).toBe(size);
});

test('where the opening cannot be written down, nothing is opened', async () => {
  await addSource(opened, { pseudonym: 'Caesar', identity });
  await opened.close();
  opened = await openCase(path, await options(false));
  const fault = await failure(openVault(opened, { shares: of('anna', 'dora'), purpose, pseudonym: 'Caesar' }));
  expect(fault).toMatchObject({
    code: 'wrong-key',
    message: expect.stringContaining('nothing can be added') as string,
  });
});

test('a vault is made once, and only when its shares are delivered', async () => {
  expect(await failure(makeVault(opened, { threshold: 2, guardians, deliver }))).toMatchObject({ code: 'usage' });
  const other = await newCase(join(folder, 'other'), 'Without', await options());
  const undelivered = makeVault(other, { threshold: 2, guardians, deliver: () => Promise.reject(new Error('full')) });
  await expect(undelivered).rejects.toThrow('full');
  expect(await readVault(other)).toBeNull();
  expect(await failure(addSource(other, { pseudonym: 'Caesar', identity }))).toMatchObject({ code: 'usage' });
  await other.close();
});

test('new guardians open what was sealed before and after them; the old ones only what was before', async () => {
  const before = await addSource(opened, { pseudonym: 'Caesar', identity: 'before' });
  const old = of('anna', 'boris');
  for (const round of [1, 2]) {
    const current = round === 1 ? old : of('eva', 'faris');
    const key = await openVault(opened, { shares: current, purpose: 'other guardians' });
    expect(key.things).toEqual([]);
    guardians = await makeGuardians('eva', 'faris');
    await key.rotate({ threshold: 2, guardians, deliver });
    shares = await readShares(files, guardians);
  }
  const after = await addSource(opened, { pseudonym: 'Caesar', identity: 'after' });
  const vault = await openVault(opened, { shares: of('eva', 'faris'), purpose, pseudonym: 'Caesar' });
  expect(await vault.identity(before.id)).toBe('before');
  expect(await vault.identity(after.id)).toBe('after');
  const fault = await failure(openVault(opened, { shares: old, purpose, pseudonym: 'Caesar' }));
  expect(fault.message).toContain('text 1 of 2: not a share of a guardian of this vault');
  expect((await openings()).length).toBe(3);
});

test('the opening is on record before anything is decrypted: also where decrypting then fails', async () => {
  await addSource(opened, { pseudonym: 'Caesar', identity });
  const key = await openVault(opened, { shares: of('anna', 'boris'), purpose: 'other guardians' });
  await key.rotate({ threshold: 2, guardians, deliver });
  shares = await readShares(files, guardians);
  let keys = '';
  for await (const record of opened.log.read(0)) {
    if (record.kind === 'protect.rotation') keys = join(path, citedPath(record.files['keys']!));
  }
  await rm(keys);
  const fault = await failure(openVault(opened, { shares: of('anna', 'dora'), purpose, pseudonym: 'Caesar' }));
  expect(fault).toMatchObject({ code: 'case-damaged' });
  expect((await openings()).at(-1)!.fields['purpose']).toBe(purpose);
});

test('a record slipped into the folder, with a recipient of its own, is refused before anything is sealed to it', async () => {
  const { index } = opened;
  await index.pool.query("update record set id = 'another' where kind = 'protect.vault'");
  expect(await failure(addSource(opened, { pseudonym: 'Caesar', identity }))).toMatchObject({ code: 'case-damaged' });
});

test('Debian tools open it without this program: gfcombine joins the key, age decrypts the identity', async (context) => {
  const missing = (name: string) =>
    run(name, ['--help']).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
    );
  if ((await missing('gfcombine')) || (await missing('age'))) {
    console.log('skipped: no gfcombine or no age here (Debian: apt-get install libgfshare-bin age)');
    return context.skip();
  }
  const source = await addSource(opened, { pseudonym: 'Caesar', identity });
  const parts: string[] = [];
  for (const name of ['dora', 'boris']) {
    await writeFile(join(folder, 'own.key'), guardians.find((one) => one.name === name)!.keyFile);
    await writeFile(join(folder, 'own.age'), files.find((file) => file.name === `guardian-${name}.age`)!.bytes);
    const { stdout } = await run('age', ['-d', '-i', join(folder, 'own.key'), join(folder, 'own.age')]);
    expect(stdout).toBe(shares[name]);
    const { number, bytes } = parseShare(stdout)!;
    parts.push(join(folder, `vault.${String(number).padStart(3, '0')}`));
    await writeFile(parts.at(-1)!, bytes);
  }
  await run('gfcombine', ['-o', join(folder, 'vault.key'), ...parts]);
  const sealed = join(path, citedPath(source.files['identity']!));
  const { stdout } = await run('age', ['-d', '-i', join(folder, 'vault.key'), sealed]);
  expect(stdout.trimEnd()).toBe(identity);
});

test('nothing of an identity is in the case, the vault, the log, the index, the home, a bundle or a message', async () => {
  await addSource(opened, { pseudonym: 'Caesar', identity });
  await keep('recording', planted[3]!, planted[5]!);
  await keep('consent', 'consent.txt', planted[4]!);
  const said: string[] = [];
  const hear = async (work: Promise<unknown>): Promise<void> => {
    const { message, stack, cause } = await failure(work);
    said.push(`${message} ${stack} ${String(cause)}`);
  };
  await hear(addSource(opened, { pseudonym: `${planted[1]}\n`, identity }));
  await hear(addSource(opened, { pseudonym: 'Caesar', identity: identity.repeat(20_000) }));
  await hear(openVault(opened, { shares: [identity, planted[0]!], purpose, pseudonym: 'Caesar' }));
  await hear(openVault(opened, { shares: of('anna', 'dora'), purpose, pseudonym: planted[1]! }));
  const vault = await openVault(opened, { shares: of('anna', 'dora'), purpose, pseudonym: 'Caesar' });
  const [source, recording] = vault.things;
  expect(await vault.identity(source!.id)).toBe(identity);
  const records: LoggedRecord[] = [];
  for await (const record of opened.log.read(0)) records.push(record);
  const sealed = records.flatMap((record) => Object.values(record.files)).filter(({ store }) => store === 'vault');
  expect(sealed).toHaveLength(5);
  const altered = join(path, citedPath(records.find(({ id }) => id === recording!.id)!.files['sealed']!));
  const sound = await readFile(altered);
  await chmod(altered, 0o600);
  await writeFile(altered, sound.subarray(0, -1));
  await hear(all(vault.contents(recording!.id)));
  await writeFile(altered, sound);
  await chmod(altered, 0o444);
  vault.close();

  const bundle = join(folder, 'bundle');
  await exportBundle(opened, { out: bundle, originals: true, date: '2024-01-02T00:00:00Z' });
  await opened.log.settle();
  const search = async (texts: readonly string[]): Promise<string[]> => {
    const hits = found(texts, 'messages', Buffer.from(said.join('\n')));
    hits.push(...found(texts, 'index', Buffer.from((await dumpOf(opened)).join('\n'))));
    for (const [where, below] of Object.entries({ case: path, home: home.home, bundle })) {
      for await (const { path: at, bytes } of bytesBelow(below)) hits.push(...found(texts, where + at, bytes));
    }
    return hits;
  };
  expect(said).toHaveLength(5);
  expect(await search(planted)).toEqual([]);
  // The search finds what is there, in the same places: the purpose of the opening, in the clear in index and records.
  const places = (await search([purpose])).join('\n');
  for (const place of ['index', `${path}/records/`, `${bundle}/data/records/`]) expect(places).toContain(place);

  // Not even as ciphertext does it leave.
  for await (const { path: at, bytes } of caseBytesIn(bundle)) {
    expect(bytes.includes('age-encryption.org/v1'), at).toBe(false);
  }
  const sizes = await Promise.all(sealed.map(async (file) => (await stat(join(path, citedPath(file)))).size));
  expect(sizes).toEqual(sealed.map(({ size }) => size));
  expect(fileStores).toContain('vault');
  const reports: Report[] = [await checkCase(nodeFiles(path)), await checkBundle(nodeFiles(bundle))];
  for (const { problems } of reports) expect(problems).toEqual([]);
  await chmod(altered, 0o600);
  await writeFile(altered, 'something else');
  const { problems } = await checkCase(nodeFiles(path));
  expect(problems.map(({ code }) => code)).toEqual(['file-altered']);

  const dump = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(dump);
});

test('every spelling in which a text could leave is searched for', () => {
  const text = planted[0]!;
  for (const carrier of [
    (bytes: Buffer) => bytes.toString('base64'),
    (bytes: Buffer) => bytes.toString('base64url'),
    (bytes: Buffer) => bytes.toString('hex'),
    (bytes: Buffer) => JSON.stringify(bytes.toString()),
    (bytes: Buffer) => encodeURIComponent(bytes.toString()),
  ]) {
    for (const before of ['', 'a', 'ab', 'abc']) {
      expect(found([text], '', Buffer.from(carrier(Buffer.from(`${before}${text}!?`))))).toHaveLength(1);
    }
  }
  expect(spellingsOf(text).every((one) => one.length > 12)).toBe(true);
});
