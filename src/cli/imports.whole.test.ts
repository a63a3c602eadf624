// Imports by the command line: what is wrong with a table's rows is listed row by row, and an import that is killed again
// and again ends as one that was left alone. DALIL_SEED repeats a run's choices.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import type { CaseView } from '../case/views.ts';
import { chanceOf } from '../demo/chance.ts';
import { brokenRelativity, dat, writeFiles } from '../intake/exports.fixture.ts';
import type { ImportView } from '../intake/import-queries.ts';
import { openCase } from '../log/case.ts';
import type { ProblemLine } from '../problems.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';
import { killed } from './kill.fixture.ts';

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
const dalil = (path: string, ...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', path, ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-imports-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('each row that names what is not there, or another hash, is a problem of its own, counted as it is listed', async () => {
  await dalil('.', 'new', at('broken'), '--name', 'Broken');
  const export_ = writeFiles(at('broken-export'), brokenRelativity());
  const intake = await dalil(at('broken'), 'intake', export_, '--source', 'S', '--from', 'relativity');
  expect(intake.code).toBe(3);
  const lines = (await dalil(at('broken'), 'status', '--problems', '--json')).lines<ProblemLine>();
  const of = (code: string) => lines.filter((line) => line.code === code);
  expect(of('missing-file')).toMatchObject([
    { stage: 'intake', path: 'load.dat', row: 3, named: '.\\NATIVES\\001\\R-2.txt', redo: null },
  ]);
  expect(of('missing-file')[0]!.message).toBe('Row 3 of the table names a file that was not received.');
  expect(of('missing-file')[0]!.item).toMatch(/^E-\d{5}$/);
  expect(of('hash-differs')).toMatchObject([{ row: 4, message: expect.stringContaining('another hash') }]);
  expect(of('unsafe-path').map(({ row }) => row)).toEqual([5, 6, 7]);
  expect(of('duplicate-id')).toMatchObject([{ row: 2, named: null }]);
  expect(of('ragged')).toMatchObject([{ row: 8 }]);
  expect(of('unnamed-file')).toMatchObject([{ row: null, message: expect.stringContaining('1 received file is') }]);
  // A row's problem stands once, and not again in the sum of its table.
  expect(lines.filter(({ row }) => row === null).map(({ code }) => code)).toEqual([
    'incomplete-family',
    'unnamed-file',
  ]);
  const view = (await dalil(at('broken'), 'status', '--json')).json<CaseView>();
  expect(view.stages.find(({ name }) => name === 'intake')!.problems).toBe(lines.length);
  for (const { code, count } of view.problems) expect([code, count]).toEqual([code, of(code).length]);
  const text = (await dalil(at('broken'), 'status', '--problems')).stdout;
  expect(text).toContain('intake\tmissing-file\t');
  expect(text).toContain('\t.\\NATIVES\\001\\R-2.txt');
  // The file comes: receiving it is enough, and no row that was judged before is judged again.
  writeFiles(export_, { 'NATIVES/001/R-2.txt': 'native 2' });
  const later = await dalil(at('broken'), 'intake', export_, '--source', 'S');
  expect(later.code).toBe(3);
  expect(later.stderr).toContain('rows judged again, whose files have come: 1');
  const left = (await dalil(at('broken'), 'status', '--problems', '--json')).lines<ProblemLine>();
  expect(left.map(({ code }) => code)).toEqual(lines.map(({ code }) => code).filter((code) => code !== 'missing-file'));
  const [table] = (await dalil(at('broken'), 'imports', '--json')).lines<ImportView>();
  expect(table!.reconciliation).toMatchObject({ rows: 10, outcomes: { matched: 3 }, again: 1 });
  expect((await dalil(at('broken'), 'run')).stderr).not.toContain('judged again');
});

const rows = 4000;

/** What the rows of an import say, without the places of their records. */
async function stateOf(path: string): Promise<object> {
  const opened = await openCase(path, {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'test', version: '0' },
    write: false,
  });
  try {
    const read = async (text: string) => (await opened.index.pool.query(text)).rows as object[];
    return {
      imports: (await dalil(path, 'imports', '--json')).lines<ImportView>(),
      entries: await read('select row, entry, title, outcome from import_entry order by row'),
      files: await read(
        `select e.row, f.role, f.named, f.found, f.outcome, f.stated from import_file f
         join import_entry e on e.position = f.position order by e.row, f.named collate "C"`,
      ),
      reconciliations: await read('select count(*) as n from import_reconciliation'),
    };
  } finally {
    await opened.close();
  }
}

test('an import that is killed again and again gives each row once, as one that was left alone', async () => {
  const seed = process.env['DALIL_SEED'] ?? String(Date.now());
  console.log(`DALIL_SEED=${seed}`);
  const chance = chanceOf('import crash', seed);
  const files = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`N/${n}.txt`, `native ${n}`]));
  const table = [
    ['BEGDOC', 'TITLE', 'NATIVE_FILE'],
    // One of fifty names a file that is not there.
    ...Array.from({ length: rows }, (_, n) => [`R-${n}`, `memo ${n}`, `N\\${n % 50 === 0 ? 'gone' : n % 20}.txt`]),
  ];
  const root = writeFiles(at('export'), { ...files, 'load.dat': dat(table) });
  const intake = ['intake', root, '--source', 'S', '--from', 'relativity', '--json'];
  expect((await dalil('.', 'new', at('alone'), '--name', 'Alone')).code).toBe(0);
  expect((await dalil(at('alone'), ...intake)).code).toBe(3);
  const alone = await stateOf(at('alone'));
  expect(alone).toMatchObject({ imports: [{ reconciliation: { rows, outcomes: { 'missing-file': rows / 50 } } }] });

  expect((await dalil('.', 'new', at('killed'), '--name', 'Killed')).code).toBe(0);
  const tally: string[] = [];
  for (let kills = 0; kills < 8; kills++) {
    const moment = { commit: chance.whole(2, 4), after: chance.whole(0, 30) };
    const died = await killed(home.env, at('killed'), intake, moment);
    tally.push(`${JSON.stringify(moment)}${died ? '' : ' was faster'}`);
    expect((await checkCase(nodeFiles(at('killed')))).problems).toEqual([]);
    if (!died) break;
  }
  expect(tally.filter((one) => !one.endsWith('faster')).length).toBeGreaterThanOrEqual(2);
  console.log(`${tally.length} kills of an import\n  ${tally.join('\n  ')}`);
  const ended = await dalil(at('killed'), ...intake);
  expect([ended.code, ended.stderr]).toEqual([3, expect.any(String)]);
  expect(await stateOf(at('killed'))).toEqual(alone);
  const { checkpoint } = (await dalil(at('killed'), 'status', '--json')).json<CaseView>();
  await dalil(at('killed'), ...intake);
  expect((await dalil(at('killed'), 'status', '--json')).json<CaseView>().checkpoint).toEqual(checkpoint);
});
