// Many writers on one case at once: processes, and several in one process. There is one line of history, and everything
// that was acknowledged is in it once.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { newCase, openCase, type OpenCase } from './case.ts';
import { dumpOf, noteOptions, startWriter, writeNotes, type Acknowledged } from './log.fixture.ts';
import type { LoggedRecord } from './logged.ts';

let home: TestHome;
let folder: string;
let path: string;
beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-race-'));
  path = join(folder, 'case');
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

async function notesIn(opened: OpenCase): Promise<LoggedRecord[]> {
  const records: LoggedRecord[] = [];
  for await (const record of opened.log.read(0)) records.push(record);
  return records.filter(({ kind }) => kind === 'note');
}

/** One history: handles without gap or repeat, every acknowledged record once at its place, nothing else. */
function expectOneHistory(notes: readonly LoggedRecord[], acknowledged: ReadonlyMap<string, Acknowledged[]>): void {
  expect(notes.map(({ handle }) => handle)).toEqual(notes.map((_, i) => `N-${String(i + 1).padStart(4, '0')}`));
  const told = [...acknowledged].flatMap(([writer, all]) => all.map((one) => ({ writer, ...one })));
  const said = notes.map(({ position, id, handle, fields }) => ({
    writer: fields['writer'],
    number: fields['number'],
    position,
    id,
    handle,
  }));
  const byPlace = <T extends { position: number }>(list: T[]): T[] => list.toSorted((a, b) => a.position - b.position);
  expect(byPlace(told)).toEqual(said);
  for (const { fields } of notes) {
    const text = fields['text'] as string;
    if (text !== 'short') expect(text).toBe(`${String(fields['writer'])} ${String(fields['number'])} `.repeat(600));
  }
}

async function expectRebuildEqual(opened: OpenCase): Promise<void> {
  const before = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(before);
}

test('six processes and this one, forty turns each: one line of history', async () => {
  const opened = await newCase(path, 'A race', await noteOptions(home.env));
  const writers = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff'].map((name) => ({
    name,
    writer: startWriter(home.env, path, name, 40),
  }));
  const own = new Map<string, Acknowledged[]>([
    ['own one', []],
    ['own two', []],
  ]);
  await Promise.all(
    [...own].map(async ([name, all]) => {
      for await (const turn of writeNotes(opened, name, 40)) all.push(...turn);
    }),
  );
  for (const { writer } of writers) expect(await writer.ended, writer.errors()).toBe(0);
  await opened.close();

  // Nobody has opened the case since: the last one out has left it whole.
  const report = await checkCase(nodeFiles(path));
  expect(report.problems).toEqual([]);
  const again = await openCase(path, await noteOptions(home.env));
  const notes = await notesIn(again);
  expect(report.checkpoint?.size).toBe(notes.length + 1);
  expectOneHistory(
    notes,
    new Map([...own, ...writers.map(({ name, writer }) => [name, writer.acknowledged] as const)]),
  );
  await expectRebuildEqual(again);
  await again.close();
});

test('a writer that stood still for long does not leave an older checkpoint behind', async () => {
  const opened = await newCase(path, 'A sleeper', await noteOptions(home.env));
  const sleeper = startWriter(home.env, path, 'sleeper', 150);
  await sleeper.begun;
  const awake: Acknowledged[] = [];
  for (let i = 0; i < 30; i++) {
    // Stopped wherever it is, often between winning a turn and its checkpoint. Woken after a while in any case: it may
    // hold the index's lock.
    sleeper.child.kill('SIGSTOP');
    const wake = setTimeout(() => sleeper.child.kill('SIGCONT'), 400);
    for await (const turn of writeNotes(opened, 'awake', 2, awake.length)) awake.push(...turn);
    clearTimeout(wake);
    sleeper.child.kill('SIGCONT');
    await new Promise((done) => setTimeout(done, 10 + i * 7));
  }
  expect(await sleeper.ended, sleeper.errors()).toBe(0);
  await opened.close();
  expect((await checkCase(nodeFiles(path))).problems).toEqual([]);
  const again = await openCase(path, await noteOptions(home.env));
  expectOneHistory(
    await notesIn(again),
    new Map([
      ['sleeper', sleeper.acknowledged],
      ['awake', awake],
    ]),
  );
  await expectRebuildEqual(again);
  await again.close();
});

test('a turn that throws adds nothing, and the next one goes on', async () => {
  const opened = await newCase(path, 'A change of mind', await noteOptions(home.env));
  const before = await readFile(join(path, 'log/checkpoint'), 'utf8');
  await expect(
    opened.log.append(opened.actor, (turn) => {
      turn.add({ kind: 'note', handle: turn.next('N'), writer: 'x', number: 0, text: '' });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  expect(await readFile(join(path, 'log/checkpoint'), 'utf8')).toBe(before);
  for await (const turn of writeNotes(opened, 'x', 1)) expect(turn[0]?.handle).toBe('N-0001');
  await opened.close();
});
