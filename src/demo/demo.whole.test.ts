// The whole demo on disk: the same bytes for the same seed, truth that agrees with the disk, and a folder that is not its
// own left alone.
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemo } from './demo.ts';
import { demoRules } from './rules.ts';
import type { DemoTruth } from './truth.ts';

let root: string;
let truth: DemoTruth;
const options = { individuals: 8, seed: 'whole', megapixels: 0.05 };
const make = (name: string, more: object = {}): Promise<DemoTruth> =>
  makeDemo({ directory: join(root, name), threads: 2, ...options, ...more });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dalil-demo-'));
  truth = await make('first');
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** Every entry of a tree: path, time and, of files, their bytes' digest. */
async function tree(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const entry = await stat(join(folder, name));
      const bytes = entry.isFile() ? await readFile(join(folder, name)) : '';
      return `${name} ${entry.mtimeMs} ${createHash('sha256').update(bytes).digest('hex')}`;
    }),
  );
}

test('the same seed makes the same bytes and times, with one thread or two; another seed does not', async () => {
  const again = await make('again', { threads: 1 });
  expect(again).toEqual(truth);
  const [first, second] = [await tree(join(root, 'first/cache')), await tree(join(root, 'again/cache'))];
  expect(first.length).toBeGreaterThan(80);
  expect(second).toEqual(first);
  expect(await readFile(join(root, 'again/truth.json'))).toEqual(await readFile(join(root, 'first/truth.json')));
  await make('other', { seed: 'another' });
  expect(await tree(join(root, 'other/cache'))).not.toEqual(first);
});

test('truth names every file on the disk and no other, with its digest', async () => {
  const cache = join(root, 'first/cache');
  const onDisk: string[] = [];
  for (const name of await readdir(cache, { recursive: true })) {
    if ((await stat(join(cache, name))).isFile()) onDisk.push(name);
  }
  const told = truth.files.filter(({ container }) => container === null);
  expect(onDisk.toSorted()).toEqual(told.map(({ path }) => path).toSorted());
  for (const { path, sha256, size } of told) {
    const bytes = await readFile(join(cache, path));
    expect([createHash('sha256').update(bytes).digest('hex'), bytes.length]).toEqual([sha256, size]);
  }
  expect((await readdir(join(root, 'first'))).toSorted()).toEqual(['cache', 'rules.json', 'truth.json']);
  expect(JSON.parse(await readFile(join(root, 'first/rules.json'), 'utf8'))).toEqual(demoRules);
});

test('truth names every member of the archives, the archive in the archive included', async () => {
  const cache = join(root, 'first/cache');
  for (const archive of truth.files.filter(({ kind, container }) => kind === 'archive' && container === null)) {
    const bytes = await readFile(join(cache, archive.path));
    const members = truth.files.filter(({ container }) => container === archive.path);
    expect(members.length).toBeGreaterThan(2);
    const found = archive.path.endsWith('.zip') ? await zipMembers(bytes) : await tarMembers(bytes);
    expect(found.toSorted()).toEqual(
      members.map(({ path, sha256 }) => `${path.slice(archive.path.length + 1)} ${sha256}`).toSorted(),
    );
  }
  expect(truth.totals.received.nested).toBeGreaterThan(2);
});

async function zipMembers(bytes: Buffer): Promise<string[]> {
  const { fromBuffer } = await import('yauzl');
  return new Promise((resolve, reject) => {
    const found: string[] = [];
    fromBuffer(bytes, { lazyEntries: true }, (error, zip) => {
      if (error !== null) return reject(error);
      zip.on('error', reject).on('end', () => resolve(found));
      zip.on('entry', (entry) => {
        zip.openReadStream(entry, (failed, stream) => {
          if (failed !== null) return reject(failed);
          const hash = createHash('sha256');
          stream.on('data', (part: Buffer) => hash.update(part)).on('error', reject);
          stream.on('end', () => {
            found.push(`${entry.fileName} ${hash.digest('hex')}`);
            zip.readEntry();
          });
        });
      });
      zip.readEntry();
    });
  });
}

async function tarMembers(bytes: Buffer): Promise<string[]> {
  const { extract } = await import('tar-stream');
  const { gunzipSync } = await import('node:zlib');
  const tar = extract();
  tar.end(gunzipSync(bytes));
  const found: string[] = [];
  for await (const entry of tar) {
    const hash = createHash('sha256');
    for await (const part of entry) hash.update(part as Buffer);
    found.push(`${entry.header.name} ${hash.digest('hex')}`);
  }
  return found;
}

const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((a, b) => a + b, 0);

test('the totals add up, and the sets of equal content are those of the digests', () => {
  const { totals, files, duplicateSets } = truth;
  expect(totals.received.files + totals.received.members + totals.received.nested).toBe(totals.received.all);
  expect(totals.sealed + totals.duplicate).toBe(totals.received.all);
  expect(new Set(files.map(({ sha256 }) => sha256)).size).toBe(totals.sealed);
  expect(duplicateSets.reduce((sum, set) => sum + set.length - 1, 0)).toBe(totals.duplicate);
  expect(sum(totals.categories)).toBe(totals.pictures);
  expect(sum(totals.distinctCategories)).toBe(totals.distinctPictures);
  expect(sum(totals.toldByPath)).toBe(totals.distinctPictures);
  expect(totals.individualsToldByPath).toBeLessThanOrEqual(8);
  const sets = new Map(duplicateSets.flatMap((set) => set.map((path) => [path, set])));
  for (const { path, exactDuplicateOf } of files) {
    if (exactDuplicateOf !== null) expect(sets.get(path)).toContain(exactDuplicateOf);
  }
});

test('a second start returns the truth that is there, and writes nothing', async () => {
  const path = join(root, 'first/truth.json');
  const before = await stat(path);
  expect(await make('first')).toEqual(truth);
  expect((await stat(path)).mtimeMs).toBe(before.mtimeMs);
});

test('a folder that holds something else is refused and left as it is', async () => {
  await expect(make('first', { individuals: 9 })).rejects.toMatchObject({ code: 'usage' });
  await expect(makeDemo({ ...options, directory: root })).rejects.toThrow(/name another folder/u);
  await expect(make('none', { individuals: 0 })).rejects.toMatchObject({ code: 'usage' });
});

test('a demo that was cancelled is finished by the same command', async () => {
  const stop = new AbortController();
  const onProgress = (done: number): void => {
    if (done >= 16) stop.abort();
  };
  await expect(make('broken', { signal: stop.signal, onProgress })).rejects.toMatchObject({ code: 'cancelled' });
  await writeFile(join(root, 'broken/cache/left over.jpg'), 'x');
  let last = [0, 0];
  expect(await make('broken', { onProgress: (...progress: [number, number]) => (last = progress) })).toEqual(truth);
  expect(last).toEqual([truth.files.length, truth.files.length]);
  expect(await tree(join(root, 'broken/cache'))).toEqual(await tree(join(root, 'first/cache')));
});

test('planted mistakes stand in truth.json; a folder without them is another demo', async () => {
  const planted = await make('mistakes', { mistakes: true });
  expect(planted.mistakes?.map(({ mistake }) => mistake)).toEqual(['written-wrong', 'wrong-card']);
  const written = JSON.parse(await readFile(join(root, 'mistakes/truth.json'), 'utf8')) as DemoTruth;
  expect(written.mistakes).toEqual(planted.mistakes);
  expect(truth.mistakes).toBeUndefined();
  await expect(make('mistakes')).rejects.toMatchObject({ code: 'usage' });
});
