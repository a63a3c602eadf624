// A bundle as it leaves a real case: in a folder, as a zip, encrypted to a recipient; by redacted copies instead of their
// originals; and its descriptions for other tools, which fail when they say anything else.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { caseUcoPath, roCratePath } from '@dalil/verify';
import { checkPath } from '@dalil/verify/node-check';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describe } from '../describe/describe.ts';
import { receive } from '../intake/receive.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { exportBundle, type BundleOptions } from './bundle.ts';
import { redact } from './redaction.ts';

let home: TestHome;
let folder: string;
let opened: OpenCase;
const originals: string[] = [];
beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-containers-'));
  opened = await newCase(join(folder, 'case'), 'The cache', {
    home: await openHome(home.home),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'dalil', version: '1' },
    write: true,
  });
  const cache = join(folder, 'cache', 'فرع 215');
  await mkdir(cache, { recursive: true });
  for (const n of [1, 2]) {
    const raw = { raw: { width: 64, height: 48, channels: 3 as const } };
    const jpeg = await sharp(Buffer.alloc(64 * 48 * 3, n * 90), raw)
      .withExif({ IFD0: { Model: `CAMERA-${n}` } })
      .jpeg()
      .toBuffer();
    await writeFile(join(cache, `صورة ${n}.jpg`), jpeg);
    await writeFile(join(cache, `copy ${n}.jpg`), jpeg);
    originals.push(createHash('sha256').update(jpeg).digest('hex'));
  }
  await receive(opened, { roots: [join(folder, 'cache')], source: 'ORCHARD' });
  await describe(opened, { threads: 1 });
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const pack = (name: string, more: Partial<BundleOptions> = {}) =>
  exportBundle(opened, { out: join(folder, name), originals: true, date: '2026-11-25T00:00:00.000Z', ...more });
const problemsOf = async (path: string) => {
  const { report } = await checkPath(path, { threads: 1, now: new Date('2026-11-25T00:00:00.000Z') });
  return report.problems.map(({ code, where }) => `${code} ${where}`);
};

/** Everything in a folder, as one text. */
async function everything(at: string): Promise<string> {
  const entries = await readdir(at, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(files.map((path) => readFile(path, 'latin1')));
  return texts
    .map((text) => text.replaceAll(/[\w-]{40,}(?=~)/g, (one) => Buffer.from(one, 'base64url').toString()))
    .join('\n');
}

test('a folder and a zip hold, and an encrypted zip holds when its recipient has opened it', async () => {
  expect(await problemsOf((await pack('plain')).path)).toEqual([]);
  const zip = await pack('zipped', { zip: true });
  expect(zip.path).toBe(join(folder, 'zipped.zip'));
  expect(await problemsOf(zip.path)).toEqual([]);
  const key = await generateX25519Identity();
  const sealed = await pack('sealed', { recipients: [await identityToRecipient(key)] });
  expect(await problemsOf(sealed.path)).toEqual(['archive-malformed sealed.zip.age']);
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  await writeFile(join(folder, 'opened.zip'), await decrypter.decrypt(await readFile(sealed.path)));
  expect(await problemsOf(join(folder, 'opened.zip'))).toEqual([]);
});

test('the descriptions name what is carried, and fail with any other word in them', async () => {
  const { path } = await pack('described');
  const crate = await readFile(join(path, roCratePath), 'utf8');
  for (const hex of originals)
    expect(crate).toContain(`"@id":"originals/sha256/${hex.slice(0, 2)}/${hex.slice(2, 4)}/${hex}"`);
  expect(crate).toContain('"alternateName":["فرع 215/');
  expect(await readFile(join(path, caseUcoPath), 'utf8')).toContain('"uco-types:value":"CAMERA-1"');
  for (const at of [roCratePath, caseUcoPath]) {
    const said = await readFile(join(path, at), 'utf8');
    await writeFile(join(path, at), said.replace('صورة', 'صورت'));
    expect((await problemsOf(path)).join()).toContain(at);
    await writeFile(join(path, at), said);
  }
  expect(await problemsOf(path)).toEqual([]);
});

test('with --redacted the copy is carried, and nothing tells the original: no hash, likeness, size or camera', async () => {
  const made = await redact(opened, 'E-00001', { boxes: [{ x: 0, y: 0, width: 64, height: 20 }], width: null });
  const { path } = await pack('redacted', { selection: { redacted: true } });
  expect(await problemsOf(path)).toEqual([]);
  expect((await readFile(join(path, 'data', made.path))).length).toBe(made.bytes);
  const { rows } = await opened.index.pool.query<{ sha256: string }>(
    "select sha256 from item where handle = 'E-00001'",
  );
  const hidden = rows[0]!.sha256;
  const n = originals.indexOf(hidden) + 1;
  const all = await everything(path);
  for (const word of [hidden, `CAMERA-${n}`]) expect(all).not.toContain(word);
  // The other item has no copy: it is shown as it is.
  for (const word of [originals[2 - n]!, `CAMERA-${3 - n}`, made.handle]) expect(all).toContain(word);
  const whole = await everything((await pack('whole')).path);
  for (const word of [hidden, `CAMERA-${n}`]) expect(whole).toContain(word);
});

test('a bundle broken off leaves nothing', async () => {
  const before = await readdir(folder);
  const signal = AbortSignal.abort();
  for (const more of [{}, { zip: true }]) await expect(pack('off', { signal, ...more })).rejects.toThrow();
  expect(await readdir(folder)).toEqual(before);
});
