// The log and its index: a projection that was cut off, an index of another line of history, and a home without the keys.
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { openHome, readCases } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import type { Folder } from '../store/folder.ts';
import { homeIdentity, indexApart, newCase, openCase, type OpenCase } from './case.ts';
import { keyRing } from './keys.ts';
import { CaseLog } from './log.ts';
import { dumpOf, noteOptions, noteProjection, writeNotes } from './log.fixture.ts';
import type { Projection } from './projection.ts';

let home: TestHome;
let folder: string;
let path: string;
beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-log-'));
  path = join(folder, 'case');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

async function write(opened: OpenCase, count: number, first = 0): Promise<void> {
  for await (const _ of writeNotes(opened, 'one', count, first));
}
const open = async (projections: readonly Projection[] = [noteProjection]): Promise<OpenCase> =>
  openCase(path, await noteOptions(home.env, { projections }));

test('where the projection fails after the commit, the records stand and the next to open projects them', async () => {
  let failures = 1;
  const failing: Projection = {
    ...noteProjection,
    project: async (client, records) => {
      await noteProjection.project(client, records);
      // After its rows, before `projected` moves on: nothing of the turn may stay in the index.
      if (records.some(({ fields }) => fields['number'] === 5) && failures-- > 0) throw new Error('cut off');
    },
  };
  const opened = await newCase(path, 'Cut off', await noteOptions(home.env, { projections: [failing] }));
  await expect(write(opened, 20)).rejects.toThrow('cut off');
  const cutOff = await dumpOf(opened);
  expect(cutOff.some((line) => line.includes('"number":4'))).toBe(true);
  expect(cutOff.some((line) => line.includes('"number":5,'))).toBe(false);
  await opened.close();

  const again = await open();
  const caughtUp = await dumpOf(again);
  expect(caughtUp.some((line) => line.includes('"number":5,'))).toBe(true);
  await again.log.rebuild();
  expect(await dumpOf(again)).toEqual(caughtUp);
  expect((await checkCase(nodeFiles(path))).ok).toBe(true);
  await again.close();
});

test('the same log goes on after a projection that failed: the record is there once, and the next follows it', async () => {
  let failures = 1;
  const failing: Projection = {
    ...noteProjection,
    project: async (client, records) => {
      if (failures-- > 0) throw new Error('cut off');
      await noteProjection.project(client, records);
    },
  };
  const opened = await newCase(path, 'Cut off', await noteOptions(home.env, { projections: [failing] }));
  await expect(write(opened, 1)).rejects.toThrow('cut off');
  await write(opened, 1, 100);
  const notes = (await dumpOf(opened)).filter((line) => line.includes('"writer":"one"'));
  const first = notes.filter((line) => line.includes('"handle":"N-0001"'));
  expect(first).toHaveLength(1);
  expect(first[0]).toContain('"number":0');
  expect(notes.some((line) => line.includes('"number":100'))).toBe(true);
  await opened.close();
});

test('the last commit of a killed process is made short by the next: the log keeps no openings', async () => {
  const killed = await newCase(path, 'Killed before it settled', await noteOptions(home.env));
  await write(killed, 1);
  const last = join(path, 'log/commits/001');
  expect(await readFile(last, 'utf8')).toMatch(/^dalil-commit/);
  await killed.index.close();
  const next = await open();
  await next.close();
  expect(await readFile(last, 'utf8')).toMatch(/^dalil\.invalid/);
  expect((await checkCase(nodeFiles(path))).problems).toEqual([]);
});

test('an index of other tables is made again when the case is opened', async () => {
  const opened = await newCase(path, 'Newer tables', await noteOptions(home.env));
  await write(opened, 10);
  await opened.close();
  const wider = { ...noteProjection, tables: `${noteProjection.tables} create table other (n int);` };
  const newer = await open([wider]);
  const dump = await dumpOf(newer);
  expect(dump.some((line) => line.includes('"table":"other"'))).toBe(true);
  expect(dump.filter((line) => line.includes('"writer":"one"')).length).toBeGreaterThan(20);
  await newer.close();
});

test('an older copy put back is refused by the newer index, and gets an index of its own that is remembered', async () => {
  const opened = await newCase(path, 'Put back', await noteOptions(home.env));
  await write(opened, 10);
  await opened.close();
  await cp(path, join(folder, 'older'), { recursive: true });
  const newer = await open();
  await write(newer, 10, 100);
  const newest = await dumpOf(newer);
  await newer.close();

  await cp(path, join(folder, 'newer'), { recursive: true });
  await rm(path, { recursive: true });
  await cp(join(folder, 'older'), path, { recursive: true });
  await expect(open()).rejects.toMatchObject({ code: 'index-foreign', exitCode: 1 });
  // Also where the program has other tables by now, which would otherwise drop the index.
  await expect(
    open([{ ...noteProjection, tables: `${noteProjection.tables} create table other (n int);` }]),
  ).rejects.toMatchObject({ code: 'index-foreign' });

  const stale = await openCase(path, await noteOptions(home.env, { stale: true, write: false }));
  await expect(stale.log.rebuild()).rejects.toMatchObject({ code: 'index-foreign' });
  expect(await dumpOf(stale)).toEqual(newest);
  await indexApart(stale);
  await stale.close();
  const apart = await open();
  expect(apart.index.schema).not.toBe(newer.index.schema);
  // Another line of history from here on, which the newer index does not see.
  await write(apart, 3, 500);
  const own = await dumpOf(apart);
  expect(own.some((line) => line.includes('"number":500'))).toBe(true);
  expect(own.some((line) => line.includes('"number":100,'))).toBe(false);
  await apart.log.rebuild();
  expect(await dumpOf(apart)).toEqual(own);
  await apart.close();

  // The newer copy, in a place of its own, still has the index that it had.
  const beside = await openCase(join(folder, 'newer'), await noteOptions(home.env));
  expect(beside.index.schema).toBe(newer.index.schema);
  expect(await dumpOf(beside)).toEqual(newest);
  await beside.close();
  const cases = await readCases(await openHome(home.home));
  expect(Object.keys(cases[newer.id]!['schemas'] as object)).toEqual([path]);
});

test('another line of the same length is refused as well', async () => {
  const opened = await newCase(path, 'Fork', await noteOptions(home.env));
  await opened.close();
  await cp(path, join(folder, 'fork'), { recursive: true });
  const one = await open();
  await write(one, 2);
  const { size } = one.log;
  await one.close();
  const other = await openTestHome();
  try {
    await cp(join(home.home, 'keys'), join(other.home, 'keys'), { recursive: true });
    const forked = await openCase(join(folder, 'fork'), await noteOptions(other.env));
    await write(forked, 2);
    expect(forked.log.size).toBe(size);
    await forked.close();
  } finally {
    await other.close();
  }
  const again = openCase(join(folder, 'fork'), await noteOptions(home.env));
  await expect(again).rejects.toMatchObject({ code: 'index-foreign' });
});

test('a home without the keys reads a case and cannot add to it', async () => {
  const opened = await newCase(path, 'Keys', await noteOptions(home.env));
  await write(opened, 2);
  await opened.close();
  const other = await openTestHome();
  try {
    await expect(openCase(path, await noteOptions(other.env))).rejects.toMatchObject({ code: 'wrong-key' });
    const reader = await openCase(path, await noteOptions(other.env, { write: false }));
    expect((await dumpOf(reader)).some((line) => line.includes('"writer":"one"'))).toBe(true);
    await expect(write(reader, 1)).rejects.toMatchObject({ code: 'wrong-key' });
    await reader.close();
  } finally {
    await other.close();
  }
});

test('a second case in the same folder is refused', async () => {
  const opened = await newCase(path, 'One', await noteOptions(home.env));
  await opened.close();
  await expect(newCase(path, 'Two', await noteOptions(home.env))).rejects.toMatchObject({ code: 'case-exists' });
});

/** A second log on an open case, over a folder in which something happens just before or after an act. */
async function beside(opened: OpenCase, act: (folder: Folder) => Partial<Folder>): Promise<CaseLog> {
  const { folder, caseFile, index } = opened;
  const identity = () => homeIdentity({ home: opened.home });
  const keys = keyRing(home.home, opened.id, identity);
  return new CaseLog({
    folder: { ...folder, ...act(folder) },
    caseFile,
    keys,
    index,
    projections: [noteProjection],
  });
}

test('a writer that stood still before its checkpoint does not leave it over a newer one', async () => {
  const opened = await newCase(path, 'A sleeper', await noteOptions(home.env));
  let asleep = false;
  const sleeper = await beside(opened, (folder) => ({
    write: async (files) => {
      if (!asleep && files.some((file) => file.path === 'log/checkpoint')) {
        asleep = true;
        // Another writer carries this turn on, and two of its own, in the meantime.
        await write(opened, 2, 100);
        await opened.log.settle();
      }
      await folder.write(files);
    },
  }));
  const [first] = await sleeper.append(opened.actor, ({ add, next }) => {
    add({ kind: 'note', handle: next('N'), writer: 'sleeper', number: 0, text: 'slow' });
  });
  await sleeper.settle();
  expect(asleep).toBe(true);
  expect(first).toMatchObject({ handle: 'N-0001', position: 1 });
  const report = await checkCase(nodeFiles(path));
  expect(report.problems).toEqual([]);
  expect(report.checkpoint?.size).toBe(opened.log.size);
  expect(sleeper.size).toBe(opened.log.size);
  await opened.close();
});

test('an index that went on while a reader was looking is not taken for a foreign one', async () => {
  const opened = await newCase(path, 'A reader', await noteOptions(home.env));
  await write(opened, 2);
  let looked = false;
  const reader = await beside(opened, (folder) => ({
    read: async (file) => {
      const bytes = await folder.read(file);
      if (!looked && file.startsWith('log/commits/') && bytes === null) {
        looked = true;
        await write(opened, 2, 100);
      }
      return bytes;
    },
  }));
  await reader.catchUp();
  expect(looked).toBe(true);
  expect(reader.size).toBe(opened.log.size);
  await opened.close();
});
