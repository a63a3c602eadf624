// Keys that change: one writer, several, and one that is killed at each step; what was signed stays verifiable throughout.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCase, type KeyHistory } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { newCase, openCase, type OpenCase } from '../log/case.ts';
import { dumpOf, noteOptions, noteProjection, startWriter, writeNotes } from '../log/log.fixture.ts';
import { keyRing, keysOf } from '../log/keys.ts';
import { CaseLog } from '../log/log.ts';
import type { Folder } from '../store/folder.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { checkSince, formatKept } from '@dalil/verify';
import { revokeKeys, rotateKeys } from './keys.ts';
import { sealProjection } from './project.ts';

let home: TestHome;
let folder: string;
let path: string;
beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-keys-'));
  path = join(folder, 'case');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const projections = [noteProjection, sealProjection];
const options = (env = home.env) => noteOptions(env, { projections });
const make = async () => newCase(path, 'Keys', await options());
const open = async (env?: Record<string, string>) => openCase(path, await options(env));

async function write(opened: OpenCase, turns: number, first = 0, writer = 'w'): Promise<void> {
  for await (const turn of writeNotes(opened, writer, turns, first)) expect(turn.length).toBeGreaterThan(0);
}

async function expectSound(): Promise<void> {
  const { problems, notes } = await checkCase(nodeFiles(path));
  expect({ problems, notes }).toEqual({ problems: [], notes: [] });
}

const shapeOf = ({ periods }: KeyHistory) => periods.map(({ n, from }) => [n, from]);

test('after a change the new keys sign; every checkpoint kept before still shows that nothing was rewritten', async () => {
  const opened = await make();
  await write(opened, 5);
  const kept = opened.log.checkpoint!;
  const first = await rotateKeys(opened, 'a year has passed');
  const at = opened.log.checkpoint!;
  await write(opened, 3, 100);
  const second = await rotateKeys(opened, null);
  await write(opened, 3, 200);
  await opened.close();
  expect([first.n, second.n]).toEqual([1, 2]);
  await expectSound();
  for (const older of [kept, at]) {
    expect(await checkSince(nodeFiles(path), older.note)).toMatchObject({ ok: true, code: 'extends' });
    expect(await checkSince(nodeFiles(path), formatKept(older))).toMatchObject({ ok: true });
  }
  // Opened anew, with the keys that the log says are in force, and the index the same made again.
  const again = await open();
  expect(shapeOf(again.log.history)).toEqual([
    [0, 0],
    [1, first.from],
    [2, second.from],
  ]);
  await write(again, 2, 300);
  const dump = await dumpOf(again);
  expect(dump.join('\n')).toContain('a year has passed');
  await again.log.rebuild();
  expect(await dumpOf(again)).toEqual(dump);
  await again.close();
  await expectSound();
});

test('a writer that had the case open before the change signs with the new keys, and is not refused', async () => {
  const opened = await make();
  const other = await open();
  await write(other, 2, 0, 'other');
  await rotateKeys(opened, null);
  await write(other, 2, 100, 'other');
  await rotateKeys(other, null);
  await write(opened, 2, 200);
  expect(shapeOf(opened.log.history)).toEqual(shapeOf(other.log.history));
  await other.close();
  await opened.close();
  await expectSound();
});

test('changes race with writers in other processes, and with each other: one line of history', async () => {
  const opened = await make();
  await opened.close();
  const env = home.env;
  const mine = await openCase(path, await noteOptions(env));
  const writers = ['a', 'bb', 'ccc'].map((name) => startWriter(env, path, name, 25));
  await Promise.all(writers.map(({ begun }) => begun));
  const beside = await openCase(path, await noteOptions(env));
  for (let i = 0; i < 4; i++) await Promise.all([rotateKeys(mine, null), rotateKeys(beside, null)]);
  for (const writer of writers) expect(await writer.ended, writer.errors()).toBe(0);
  await mine.log.catchUp();
  expect(mine.log.history.current.n).toBe(8);
  const told = writers.flatMap(({ acknowledged }) => acknowledged);
  const notes = new Map<string, number>();
  for await (const { id, position } of mine.log.read(0)) notes.set(id, position);
  for (const { id, position } of told) expect(notes.get(id)).toBe(position);
  await beside.close();
  await mine.close();
  // Who helps another writer on may leave a shorter tile behind: a note.
  expect((await checkCase(nodeFiles(path))).problems).toEqual([]);
});

/** The same case through a folder in which something fails. */
function logThrough(opened: OpenCase, act: (folder: Folder) => Partial<Folder>): OpenCase {
  const { folder: files, caseFile, index, home: of, id } = opened;
  const log = new CaseLog({
    folder: { ...files, ...act(files) },
    caseFile,
    keys: keyRing(of.path, id, opened.identity),
    index,
    projections,
  });
  return { ...opened, log };
}

test('a change broken off at each of its writes leaves the old keys in force or the new, and the case goes on', async () => {
  const opened = await make();
  await write(opened, 3);
  await opened.log.settle();
  const seen: string[] = [];
  for (let step = 0; ; step++) {
    let left = step;
    let broke = false;
    const fail = (what: string): void => {
      if (left-- > 0) return;
      broke = true;
      seen.push(what);
      throw new Error('broken off');
    };
    const broken = logThrough(opened, (files) => ({
      // Before and after each: neither may be the point at which nothing is left.
      create: async (name, bytes) => {
        fail(`before ${name.replace(/\d+$/, 'n')}`);
        const won = await files.create(name, bytes);
        fail(`after ${name.replace(/\d+$/, 'n')}`);
        return won;
      },
      write: async (list) => {
        for (const one of list) {
          fail(`before ${one.path.split('/').slice(0, 2).join('/')}`);
          await files.write([one]);
        }
        fail('after the files');
      },
      remove: async (name) => {
        fail('before removing');
        await files.remove(name);
      },
    }));
    const before = opened.log.history.current.n;
    await rotateKeys(broken, null).catch((error: Error) => expect(error.message).toBe('broken off'));
    const report = await checkCase(nodeFiles(path));
    expect(report.problems, seen.at(-1)).toEqual([]);
    const after = await open();
    await write(after, 1, 1000 * (step + 1));
    expect([before, before + 1]).toContain(after.log.history.current.n);
    await after.close();
    await opened.log.catchUp();
    if (!broke) break;
  }
  await opened.close();
  // Shorter tiles may be left, as after every crash, and are notes.
  expect((await checkCase(nodeFiles(path))).problems).toEqual([]);
  expect(seen).toEqual(expect.arrayContaining(['before log/commits/n', 'after log/commits/n', 'before log/keys']));
  expect(seen.length).toBeGreaterThan(6);
});

test('a home that was not there at the change is told so, and can still read', async () => {
  const opened = await make();
  await write(opened, 2);
  const other = join(folder, 'other-home');
  await cp(home.home, other, { recursive: true });
  await rotateKeys(opened, null);
  await opened.close();
  const env = { ...home.env, DALIL_HOME: other };
  await expect(open(env)).rejects.toMatchObject({ code: 'wrong-key', exitCode: 12 });
  await expect(open(env)).rejects.toThrow('The keys of this case were changed');
  const reader = await openCase(path, await noteOptions(env, { projections, write: false }));
  expect(reader.log.history.current.n).toBe(1);
  await reader.close();
});

test('a key under the name of another is refused', async () => {
  const opened = await make();
  const keys = keysOf(home.home, opened.id);
  const first = (await keys.names('.')).find((name) => name.startsWith('records-'))!;
  const original = (await keys.read(first))!;
  await rotateKeys(opened, null);
  await opened.close();
  const second = (await keys.names('.')).find((name) => name.startsWith('records-') && name !== first)!;
  await keys.write([{ path: second, bytes: original }]);
  await expect(open()).rejects.toThrow('another key than its name says');
});

test('revoking the keys in force changes them first; earlier ones are revoked as they are', async () => {
  const opened = await make();
  await write(opened, 2);
  await expect(revokeKeys(opened, 3, { reason: 'lost', since: null })).rejects.toMatchObject({ code: 'usage' });
  await revokeKeys(opened, 0, { reason: 'compromised', since: '2020-01-01' });
  expect(opened.log.history.current.n).toBe(1);
  await revokeKeys(opened, 0, { reason: 'superseded', since: null });
  expect(opened.log.history.current.n).toBe(1);
  const { rows } = await opened.index.pool.query('select key, reason, since from key_revocation order by position');
  expect(rows).toEqual([
    { key: 0, reason: 'compromised', since: '2020-01-01' },
    { key: 0, reason: 'superseded', since: null },
  ]);
  const dump = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(dump);
  await opened.close();
  const { problems, notes } = await checkCase(nodeFiles(path));
  expect(problems).toEqual([]);
  const said = notes.map(({ message }) => message);
  expect(said.filter((message) => message.includes('the revoked key 0')).length).toBe(2);
  expect(said.join('\n')).toContain('nothing but the key itself shows');
});
