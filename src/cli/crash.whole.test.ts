// kill -9 at fifty random moments of intake, describe and append, then the same command again: nothing lost, nothing
// double, and the case verifies after every kill. DALIL_SEED repeats a run's choices.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import type { CaseView, ItemView, Reconciliation } from '../case/views.ts';
import { chanceOf } from '../demo/chance.ts';
import { makeDemo } from '../demo/demo.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { newCase, openCase } from '../log/case.ts';
import { dumpOf, noteOptions, startWriter, type Acknowledged } from '../log/log.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';
import { killed } from './kill.fixture.ts';

const seed = process.env['DALIL_SEED'] ?? String(Date.now());
const chance = chanceOf('crash', seed);

let home: TestHome;
let folder: string;
let truth: DemoTruth;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  console.log(`DALIL_SEED=${seed}`);
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-crash-'));
  truth = await makeDemo({ directory: at('demo'), individuals: 8, seed: 'crash', megapixels: 0.1 });
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const dalil = (path: string, ...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', path, ...args]);

/** What must be the same however often it was killed. */
async function stateOf(path: string): Promise<{ reconciliation: Reconciliation; items: object[] }> {
  const { reconciliation } = (await dalil(path, 'status', '--json')).json<CaseView>();
  const items = (await dalil(path, 'items', '--json')).lines<ItemView>();
  return { reconciliation, items };
}

async function expectSound(path: string): Promise<void> {
  const { problems } = await checkCase(nodeFiles(path));
  expect(problems).toEqual([]);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

test('thirty kills of intake and describe', async () => {
  const intake = ['intake', at('demo/cache'), '--source', 'S', '--json'];
  const describe = ['describe', '--json'];
  expect((await dalil('.', 'new', at('undisturbed'), '--name', 'Undisturbed')).code).toBe(0);
  const took = {
    intake: await timed(() => dalil(at('undisturbed'), ...intake)),
    describe: await timed(() => dalil(at('undisturbed'), ...describe)),
  };
  const undisturbed = await stateOf(at('undisturbed'));
  expect(undisturbed.items.length).toBe(truth.totals.received.all);

  let kills = 0;
  const tally: string[] = [];
  for (let round = 1; kills < 30; round++) {
    const path = at(`case-${round}`);
    expect((await dalil('.', 'new', path, '--name', `Killed ${round}`)).code).toBe(0);
    for (const [name, args, most] of [
      ['intake', intake, 5],
      ['describe', describe, 4],
    ] as const) {
      for (let i = 0; i < most && kills < 30; i++) {
        const moment = chance.happens(0.5)
          ? { after: Math.round(took[name] * chance.between(0.15, 0.95)) }
          : { commit: chance.whole(1, name === 'intake' ? 12 : 3), after: chance.whole(0, 30) };
        const died = await killed(home.env, path, args, moment);
        tally.push(`${name} ${JSON.stringify(moment)}${died ? '' : ' was faster'}`);
        if (!died) break;
        kills++;
        await expectSound(path);
      }
      const ran = await dalil(path, ...args);
      expect([0, 3], ran.stderr).toContain(ran.code);
    }
    expect(await stateOf(path)).toEqual(undisturbed);
    await expectSound(path);
    if (round > 1) continue;
    const before = await dumpCase(home, path);
    expect((await dalil(path, 'rebuild')).code).toBe(0);
    expect(await dumpCase(home, path)).toEqual(before);
    // Once more: there is nothing left to do.
    const sealed = (await dalil(path, 'status', '--json')).json<CaseView>().checkpoint;
    await dalil(path, ...intake);
    expect((await dalil(path, 'status', '--json')).json<CaseView>().checkpoint).toEqual(sealed);
  }
  console.log(`${kills} kills of intake and describe\n  ${tally.join('\n  ')}`);
});

test('twenty kills of a process that appends: what was acknowledged is there once, turns are whole', async () => {
  const path = at('notes');
  await (await newCase(path, 'Notes', await noteOptions(home.env))).close();
  const acknowledged: (Acknowledged & { writer: string })[] = [];
  for (let n = 0; n < 20; n++) {
    const name = `writer-${n}`;
    const writer = startWriter(home.env, path, name, 100_000);
    // Now and then before it has written anything, most often in the midst of it.
    if (chance.happens(0.2)) await new Promise((done) => setTimeout(done, chance.whole(100, 1200)));
    else {
      await writer.begun;
      await new Promise((done) => setTimeout(done, chance.between(0, 250)));
    }
    writer.child.kill('SIGKILL');
    expect(await writer.ended, writer.errors()).toBe('SIGKILL');
    acknowledged.push(...writer.acknowledged.map((one) => ({ ...one, writer: name })));
    await expectSound(path);
  }
  const opened = await openCase(path, await noteOptions(home.env));
  const notes = [];
  for await (const { kind, position, id, handle, fields } of opened.log.read(1)) {
    expect(kind).toBe('note');
    notes.push({ writer: fields['writer'] as string, number: fields['number'] as number, position, id, handle });
  }
  console.log(`${acknowledged.length} acknowledged, ${notes.length} written, by 20 writers that were killed`);
  expect(acknowledged.length).toBeGreaterThan(40);
  expect(notes.map(({ handle }) => handle)).toEqual(notes.map((_, i) => `N-${String(i + 1).padStart(4, '0')}`));
  expect(notes).toEqual(expect.arrayContaining(acknowledged));
  for (let n = 0; n < 20; n++) {
    const own = notes.filter(({ writer }) => writer === `writer-${n}`);
    expect(own.map(({ number }) => number)).toEqual(own.map((_, i) => i));
    // Beyond what was acknowledged at most the turn under way, and that one whole.
    const told = acknowledged.filter(({ writer }) => writer === `writer-${n}`).length;
    const turns: number[] = [0];
    for (let turn = 0; turns.at(-1)! <= own.length; turn++) {
      turns.push(turns.at(-1)! + 1 + ((turn * 7 + `writer-${n}`.length) % 5));
    }
    expect(turns).toContain(own.length);
    expect([turns.indexOf(told), turns.indexOf(told) + 1]).toContain(turns.indexOf(own.length));
  }
  const before = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(before);
  await opened.close();
  await expectSound(path);
});
