// Where this machine's home is, and its list of cases.

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { openHome, parseCases, readCases, resolveHome, updateCases } from './home.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test("the home is DALIL_HOME, else the platform's data folder, else root's own", () => {
  const HOME = '/home/amal';
  expect(resolveHome({ DALIL_HOME: '/mnt/disk', HOME }, 'linux', 0)).toBe('/mnt/disk');
  expect(resolveHome({ HOME }, 'linux', 0)).toBe('/var/lib/dalil');
  expect(resolveHome({ HOME }, 'linux', 1000)).toBe('/home/amal/.local/share/dalil');
  expect(resolveHome({ HOME, XDG_DATA_HOME: '/data' }, 'linux', 1000)).toBe('/data/dalil');
  expect(resolveHome({ HOME, XDG_DATA_HOME: 'relative' }, 'linux', 1000)).toBe('/home/amal/.local/share/dalil');
  expect(resolveHome({ HOME: '/Users/amal' }, 'darwin', 501)).toBe('/Users/amal/Library/Application Support/dalil');
  expect(() => resolveHome({}, 'linux', 1000)).toThrow(/DALIL_HOME/);
});

test('a new home has its folders, and nobody else can list any of them', async () => {
  const home = await openHome(join(folder, 'deep', 'home'));
  for (const path of [home.path, home.keys, home.postgres, home.thumbnails]) {
    expect((await stat(path)).mode & 0o066).toBe(0);
  }
  expect((await stat(home.keys)).mode & 0o777).toBe(0o700);
  expect(await openHome(home.path)).toEqual(home);
});

test.runIf(process.getuid?.() === 0)('as root, a private folder given as home lets its database pass', async () => {
  const path = join(folder, 'mine');
  await mkdir(path, { mode: 0o700 });
  await openHome(path);
  expect((await stat(path)).mode & 0o777).toBe(0o711);
});

test.runIf(process.getuid?.() === 0)('a private folder with other things in it is left private', async () => {
  const path = join(folder, 'mine');
  await mkdir(path, { mode: 0o700 });
  await writeFile(join(path, 'diary'), '');
  await openHome(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
});

test('a file in the place of the home is said to be one', async () => {
  await writeFile(join(folder, 'home'), '');
  await expect(openHome(join(folder, 'home'))).rejects.toThrow(Fault);
});

test('a change to the list of cases is kept, with what others noted in it', async () => {
  const home = await openHome(join(folder, 'home'));
  expect(await readCases(home)).toEqual({});
  await updateCases(home, (cases) => ({ ...cases, b: { folder: '/b', schemas: { '/b': 'case_b' } } }));
  await updateCases(home, (cases) => ({ ...cases, a: { folder: '/a' } }));
  expect(Object.entries(await readCases(home))).toEqual([
    ['a', { folder: '/a' }],
    ['b', { folder: '/b', schemas: { '/b': 'case_b' } }],
  ]);
  expect((await stat(home.cases)).mode & 0o777).toBe(0o600);
  expect((await readdir(home.path)).toSorted()).toEqual(['cases.json', 'keys', 'postgres', 'thumbnails']);
});

test('changes at the same time all arrive', async () => {
  const home = await openHome(join(folder, 'home'));
  const ids = Array.from({ length: 20 }, (_, i) => `c${i}`);
  await Promise.all(ids.map((id) => updateCases(home, (cases) => ({ ...cases, [id]: { folder: `/${id}` } }))));
  expect(Object.keys(await readCases(home)).toSorted()).toEqual(ids.toSorted());
});

test('a change that fails leaves the list and the lock as they were', async () => {
  const home = await openHome(join(folder, 'home'));
  await updateCases(home, () => ({ a: { folder: '/a' } }));
  const before = await readFile(home.cases);
  await expect(
    updateCases(home, () => {
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await readFile(home.cases)).toEqual(before);
  await updateCases(home, (cases) => cases);
});

test('a damaged list is named, with what to do, and not overwritten', async () => {
  const home = await openHome(join(folder, 'home'));
  await writeFile(home.cases, '{"a": {"fol');
  await expect(readCases(home)).rejects.toThrow(/cases\.json.*damaged[^]*next: move the file away/);
  await expect(updateCases(home, (cases) => cases)).rejects.toThrow(Fault);
  expect(await readFile(home.cases, 'utf8')).toBe('{"a": {"fol');
});

test.runIf(process.getuid?.() !== 0)('a home that cannot be written is a Fault that names it', async () => {
  await chmod(folder, 0o500);
  await expect(openHome(join(folder, 'home'))).rejects.toThrow(/DALIL_HOME/);
});

test('any text is a list of cases or a Fault, and a list survives the round trip', () => {
  const entry = fc.record({ folder: fc.string() }, { requiredKeys: ['folder'] });
  const anything = fc.oneof(
    fc.string(),
    fc.json(),
    fc.dictionary(fc.string(), entry).map((cases) => JSON.stringify(cases)),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        const cases = parseCases(text, 'cases.json');
        expect(parseCases(JSON.stringify(cases), 'cases.json')).toEqual(cases);
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
    }),
  );
});
