// Looking again: what another version or other settings have seen, what is named, what had a problem; what is cancelled
// or killed in the midst of it is gone on with, and nothing is written down twice.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaseView } from '../case/views.ts';
import type { Json } from '../case/json.ts';
import { makeDemo } from '../demo/demo.ts';
import { cardProjection } from '../describe/card-project.ts';
import { hasPerl } from '../describe/perl.ts';
import { passes, type PassLine } from '../describe/passes.ts';
import { describeProjection } from '../describe/project.ts';
import { provenanceKinds } from '../describe/provenance-project.ts';
import { openCase, type OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { listProblems, type ProblemLine } from '../problems.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil } from './dalil.fixture.ts';

const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));
let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
const dalil = (...args: string[]) => runDalil(home.env, ['-C', at('case'), ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-again-'));
  await makeDemo({ directory: at('demo'), individuals: 8, seed: 'again', megapixels: 0.1 });
  await runDalil(home.env, ['new', at('case'), '--name', 'Again']);
  await dalil('intake', at('demo/cache'), '--source', 'S');
  await dalil('describe');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

async function within<T>(act: (opened: OpenCase) => Promise<T>): Promise<T> {
  const opened = await openCase(at('case'), {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'test', version: '0' },
    write: true,
  });
  try {
    return await act(opened);
  } finally {
    await opened.close();
  }
}

const size = async (): Promise<number> => (await dalil('status', '--json')).json<CaseView>().checkpoint.size;

/** The records of a kind from a position on. */
const recordsOf = (kind: string, from = 0): Promise<LoggedRecord[]> =>
  within(async ({ log }) => {
    const found: LoggedRecord[] = [];
    for await (const record of log.read(from)) if (record.kind === kind) found.push(record);
    return found;
  });

/** Writes down, of items, what another version or another look would have seen. */
const say = (records: LoggedRecord[], change: (fields: Record<string, Json>) => Record<string, Json>): Promise<void> =>
  within(async ({ log, actor }) => {
    await log.append(actor, ({ add }) => {
      for (const { kind, refs, fields } of records) add({ kind, refs, ...change(fields as Record<string, Json>) });
    });
  });

const byAnotherVersion = (fields: Record<string, Json>): Record<string, Json> => ({
  ...fields,
  observation: { ...(fields['observation'] as Record<string, Json>), version: '0' },
});

test('each kind of observation has its pass in the list that pending work is counted by', async () => {
  const kinds = (await within(passes)).map(({ kind }) => kind);
  // Claims have their files as a whole: they are pending where one of them is new, and not item by item.
  const byItem = describeProjection.kinds.filter((kind) => !provenanceKinds.includes(kind));
  expect(kinds.toSorted()).toEqual([...byItem, ...cardProjection.kinds].toSorted());
});

test('status counts every pass with what it concerns, and the stage is their sum', async () => {
  const view = (await dalil('status', '--json')).json<CaseView & { passes: PassLine[] }>();
  const { sealed } = view.reconciliation;
  expect(view.passes[0]).toMatchObject({ tool: 'dalil-describe', done: sealed, pending: 0 });
  const read = view.passes.find(({ stage }) => stage === 'read')!;
  expect(read.done).toBe(0);
  expect(read.pending).toBeGreaterThan(0);
  expect(read.pending).toBeLessThan(sealed);
  for (const name of ['describe', 'read'] as const) {
    const own = view.passes.filter(({ stage }) => stage === name);
    expect(view.stages.find((stage) => stage.name === name)).toMatchObject({
      done: own.reduce((sum, { done }) => sum + done, 0),
      pending: own.reduce((sum, { pending }) => sum + pending, 0),
    });
  }
  const said = (await dalil('status')).stdout;
  expect(said).toContain(`by dalil-describe, of ${sealed}`);
  expect(said).toContain('by dalil-document, of ');
  expect(view.next).toBe('dalil read');
});

test('where nothing has changed, looking again adds nothing, also of an item that is named', async () => {
  const before = await size();
  expect((await dalil('describe', '--again')).stderr).toContain('described 0 again');
  const named = await dalil('describe', '--again', 'E-00001', 'E-00002');
  expect(named.stderr).toContain('described 2 again: 0 with a new observation, 2 as before');
  expect(await size()).toBe(before);
});

test('only what another version has seen is looked at again; the old observation stays, the latest stands', async () => {
  const all = await recordsOf('describe.item');
  const old = all.slice(3, 8);
  await say(old, byAnotherVersion);
  await writeFile(at('never.txt'), 'never described');
  await dalil('intake', at('never.txt'), '--source', 'S');
  const pass = async () =>
    (await dalil('status', '--json'))
      .json<{ passes: PassLine[] }>()
      .passes.find(({ tool }) => tool === 'dalil-describe')!;
  expect((await pass()).pending).toBe(old.length + 1);
  const from = await size();
  const again = await dalil('describe', '--again', '--tool', 'dalil-describe');
  expect(again.stderr).toContain(`described ${old.length} again: ${old.length} with a new observation, 0 as before`);
  const added = await recordsOf('describe.item', from);
  expect(added.map(({ refs }) => refs['item'])).toEqual(old.map(({ refs }) => refs['item']));
  expect(added.map(({ fields }) => fields)).toEqual(old.map(({ fields }) => fields));
  // What was never described waits for the plain command.
  expect((await pass()).pending).toBe(1);
  expect(await recordsOf('describe.item')).toHaveLength(all.length + 2 * old.length);
  await dalil('describe');
  expect((await pass()).pending).toBe(0);
});

test('what had a problem is listed by code with its handle and reason, and just that is looked at again', async () => {
  const [first] = await recordsOf('describe.item');
  const timedOut = { code: 'timed-out', message: 'Describing the file took longer than the limit.' };
  await say([first!], (fields) => ({ ...fields, problems: [timedOut] }));
  const lines = (await dalil('status', '--problems', '--json')).lines<ProblemLine>();
  const line = lines.find(({ code }) => code === 'timed-out')!;
  const redo = 'dalil describe --again --problem timed-out';
  expect(line).toMatchObject({ stage: 'describe', item: 'E-00001', message: timedOut.message, redo });
  const text = await dalil('status', '--problems');
  expect(text.stdout).toContain(`describe\ttimed-out\tE-00001\t`);
  expect(text.stderr).toContain(`again, the 1 of this code: ${redo}`);
  const view = (await dalil('status', '--json')).json<CaseView>();
  for (const { name, problems } of view.stages)
    expect(lines.filter(({ stage }) => stage === name).length).toBe(problems);
  const from = await size();
  expect((await dalil(...redo.split(' ').slice(1))).stderr).toContain('described 1 again: 1 with a new observation');
  expect(await size()).toBe(from + 1);
  expect((await within((opened) => listProblems(opened))).map(({ code }) => code)).not.toContain('timed-out');
  // A problem that is still there is said once.
  const broken = lines.find(({ stage, code }) => stage === 'describe' && code !== 'timed-out');
  const still = await dalil('describe', '--again', '--problem', broken!.code);
  expect(still.stderr).toMatch(/(?:described|read:) [1-9]\d* again: 0 with a new observation/);
  expect(await size()).toBe(from + 1);
});

test('one pass can be done again alone, and reading as well', async () => {
  const from = await size();
  const documents = await recordsOf('describe.document');
  await say(documents.slice(0, 1), byAnotherVersion);
  const done = await dalil('describe', '--again', '--tool', 'dalil-document');
  expect(done.stderr).toContain('documents read: 1 again: 1 with a new observation');
  if (hasPerl()) {
    await say((await recordsOf('describe.metadata')).slice(0, 2), byAnotherVersion);
    expect((await dalil('describe', '--again', '--tool', 'dalil-describe')).stderr).toContain('described 0 again');
    expect((await dalil('describe', '--again')).stderr).toContain('metadata read in full: 2 again: 2 with a new');
  }
  expect(await recordsOf('describe.item', from)).toEqual([]);
  const picture = await within(async ({ index }) => {
    const { rows } = await index.pool.query<{ item: string }>(
      `select item from description where format = 'image/jpeg' and decode = 'complete' order by position limit 1`,
    );
    return rows[0]!.item;
  });
  const once = await dalil('read', '--again', picture);
  expect(once.stderr).toContain('pictures looked at for numbers: 1 again: 1 with a new observation');
  expect((await dalil('read', '--again', picture)).stderr).toContain('1 again: 0 with a new observation, 1 as before');
  await say(await recordsOf('describe.card'), byAnotherVersion);
  expect((await dalil('read', '--again')).stderr).toContain('1 again: 1 with a new observation');
});

test.skipIf(!hasPerl())(
  'what this machine lacks the means for is said, and is not the next command for ever',
  async () => {
    await say((await recordsOf('describe.metadata')).slice(0, 1), byAnotherVersion);
    expect((await dalil('status', '--json')).json<CaseView>().next).toBe('dalil describe');
    const bare = (...args: string[]) => runDalil({ ...home.env, PATH: at('nothing') }, ['-C', at('case'), ...args]);
    const view = (await bare('status', '--json')).json<CaseView & { passes: PassLine[] }>();
    expect(view.passes.find(({ tool }) => tool === 'exiftool')).toMatchObject({ pending: 1, lacks: 'perl' });
    expect(view.next).not.toBe('dalil describe');
    expect((await bare('status')).stdout).toContain('there is no perl here');
    await dalil('describe', '--again');
    expect((await dalil('status', '--json')).json<CaseView>().next).not.toBe('dalil describe');
  },
);

test('what cannot be meant is refused, and says what can', async () => {
  for (const [args, words] of [
    [['describe', 'E-00001'], 'dalil describe --again'],
    [['describe', '--again', 'E-99999'], 'There is no such item'],
    [['describe', '--again', '--tool', 'nothing'], 'dalil-describe, exiftool, mediainfo, dalil-document'],
    [['describe', '--again', '--problem', 'timed-out', 'E-00001'], 'Either a problem or items'],
    [['read', '--problem', 'timed-out'], 'dalil read --again'],
  ] as const) {
    const ran = await dalil(...args);
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining(words)]);
  }
});

test('cancelled or killed in the midst, it goes on: each item once, and the same in the end', async () => {
  const latest = new Map((await recordsOf('describe.item')).map((record) => [String(record.refs['item']), record]));
  const all = [...latest.values()];
  await say(all, byAnotherVersion);
  const from = await size();
  /** Runs the command; the signal comes with the n-th small picture that it writes. */
  const struck = async (signal: 'SIGINT' | 'SIGKILL', n: number): Promise<number | string | null> => {
    let left = n;
    const watcher = watch(join(home.home, 'thumbnails'), { recursive: true }, () => {
      if (--left === 0) child.kill(signal);
    });
    const command = ['describe', '--again', '--tool', 'dalil-describe', '--threads', '1'];
    const child = spawn(process.execPath, [program, '-C', at('case'), ...command], { env: home.env, stdio: 'ignore' });
    const ended = await new Promise<number | string | null>((resolve) =>
      child.on('close', (code, by) => resolve(code ?? by)),
    );
    watcher.close();
    return ended;
  };
  const done = async (): Promise<number> => (await recordsOf('describe.item', from)).length;
  expect(await struck('SIGKILL', 5)).toBe('SIGKILL');
  expect(await done()).toBe(0);
  expect(await struck('SIGINT', 5)).toBe(130);
  const kept = await done();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(all.length);
  // What was signed before outlives the kill.
  expect(await struck('SIGKILL', 3)).toBe('SIGKILL');
  expect(await done()).toBe(kept);
  await dalil('describe', '--again');
  const added = await recordsOf('describe.item', from);
  expect(added.map(({ refs }) => refs['item']).toSorted()).toEqual([...latest.keys()].toSorted());
  for (const { refs, fields } of added) expect(fields).toEqual(latest.get(String(refs['item']))!.fields);
});
