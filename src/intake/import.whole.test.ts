import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeProjection } from '../describe/project.ts';
import { groupProjection } from '../group/project.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { bayanat, brokenRelativity, dat, relativity, uwazi, writeFiles } from './exports.fixture.ts';
import type { System } from './export-systems.ts';
import { importExport, proposeSystem } from './import.ts';
import { judgeAgain } from './import-again.ts';
import { intakeProjection } from './project.ts';
import { receive } from './receive.ts';

let home: TestHome;
let folder: string;
let opened: OpenCase;

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-import-'));
  opened = await newCase(join(folder, 'case'), 'Importing', {
    home: await openHome(home.home),
    env: home.env,
    projections: [intakeProjection, describeProjection, groupProjection],
    actor: { name: 'tester', tool: 'test', version: '0' },
    write: true,
  });
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** Receives the files and imports them; gives what was concluded, and the records that this wrote. */
async function take(files: Record<string, string | Uint8Array>, system: System, names = false) {
  const root = writeFiles(await mkdtemp(join(folder, 'in-')), files);
  const { accession } = await receive(opened, { roots: [root], source: 'S' });
  const before: LoggedRecord[] = [];
  for await (const record of opened.log.read(0)) before.push(record);
  const imports = await importExport(opened, { accession, system, names });
  const records: LoggedRecord[] = [];
  for await (const record of opened.log.read(before.length)) records.push(record);
  return { accession, imports, records, entries: records.filter(({ kind }) => kind === 'intake.entry') };
}

test.each(['utf8', 'utf16le', 'latin1'] as const)(
  'a sound load file of Relativity adds up, written as %s',
  async (encoding) => {
    const { imports, accession, records } = await take(relativity(encoding), 'relativity');
    for (const { reconciliation } of imports)
      expect(reconciliation).toMatchObject({ rows: 2, outcomes: { matched: 2 }, unnamed: 0, problems: [] });
    expect(imports.map(({ path }) => path)).toEqual(['DATA/load.dat', 'DATA/load.opt']);
    expect(imports[0]!.reconciliation!.families).toEqual({ all: 1, incomplete: 0 });
    expect(await proposeSystem(opened, accession)).toBe('relativity');
    // Once more: nothing is written down twice.
    expect(await importExport(opened, { accession, system: 'relativity' })).toEqual(imports);
    expect(opened.log.size).toBe(records.at(-1)!.position + 1);
  },
);

test('each way in which a row is wrong is counted as its own, and the rows add up', async () => {
  const { imports, entries } = await take(brokenRelativity(), 'relativity');
  const { rows, outcomes, unnamed, families, problems } = imports[0]!.reconciliation!;
  expect(outcomes).toEqual({
    'duplicate-id': 1,
    'hash-differs': 1,
    matched: 2,
    'missing-file': 1,
    'names-no-file': 1,
    ragged: 1,
    'unsafe-path': 3,
  });
  expect(rows).toBe(10);
  expect(Object.values(outcomes).reduce((sum, n) => sum + n)).toBe(rows);
  expect(unnamed).toBe(1);
  expect(families).toEqual({ all: 1, incomplete: 1 });
  expect(problems.map(({ code }) => code).toSorted()).toEqual(
    [
      'duplicate-id',
      'hash-differs',
      'missing-file',
      'ragged',
      'unsafe-path',
      'incomplete-family',
      'unnamed-file',
    ].toSorted(),
  );
  // What was altered is still the file that the row names; what leads out is none.
  expect(entries.map(({ refs }) => [refs['items']].flat().length)).toEqual([1, 1, 0, 1, 0, 0, 0, 0, 1, 0]);
});

test('a table in other bytes or with other separators is a problem, and not a guess', async () => {
  const bytes = Buffer.concat([
    Buffer.from(
      `\ufeff${dat([
        ['BEGDOC', 'TITLE'],
        ['1', 'a'],
      ])}`,
    ),
    Buffer.from([0xff, 0xfe]),
  ]);
  const encoded = await take({ 'load.dat': bytes }, 'relativity');
  expect(encoded.imports[0]!.reconciliation!.problems.map(({ code }) => code)).toContain('bad-encoding');
  const separated = await take({ 'load.dat': 'BEGDOC|TITLE\r\n1|a\r\n' }, 'relativity');
  expect(separated.imports[0]!.reconciliation).toMatchObject({ rows: 0, problems: [{ code: 'wrong-separators' }] });
});

test('exports of Bayanat and Uwazi are held against the files that their rows name', async () => {
  const one = await take(bayanat(), 'bayanat');
  expect(one.imports[0]!.reconciliation).toMatchObject({ outcomes: { matched: 1, 'names-no-file': 1 }, problems: [] });
  expect(one.entries[0]!.fields).toMatchObject({ entry: '11', title: 'نشرة' });
  expect(await proposeSystem(opened, one.accession)).toBe('bayanat');
  const other = await take(uwazi(), 'uwazi');
  expect(other.imports[0]!.reconciliation).toMatchObject({
    rows: 1,
    outcomes: { matched: 1 },
    unnamed: 0,
    problems: [],
  });
  expect(await proposeSystem(opened, other.accession)).toBe('uwazi');
});

test('names of custodians and users are in no record unless asked for', async () => {
  for (const [files, system, name] of [
    [relativity, 'relativity', 'A. Custodian'],
    [bayanat, 'bayanat', 'B. Analyst'],
  ] as const) {
    expect(JSON.stringify((await take(files(), system)).records)).not.toContain(name);
    expect(JSON.stringify((await take(files(), system, true)).records)).toContain(name);
  }
});

test('an accession without a table of the system is said to have none', async () => {
  await expect(take({ 'a.txt': 'a' }, 'uwazi')).rejects.toMatchObject({ code: 'usage' });
});

/** What stands of each row now, and how many names of files stand for it. */
async function standing(accession: string) {
  const { rows } = await opened.index.pool.query<{ row: number; outcome: string; names: number }>(
    `select e.row, e.outcome, count(f.position) as names from import_entry e join import m on m.id = e.import
       left join import_file f on f.import = e.import and f.position = e.position
     where m.accession = $1 group by e.import, e.row, e.outcome order by e.row`,
    [accession],
  );
  return rows;
}

test('rows whose files come after their table are judged again, they alone, and the reconciliation says how many', async () => {
  const { 'NATIVES/001/R-1.txt': one, 'NATIVES/001/R-2.txt': two, ...rest } = relativity();
  const table = { 'load.dat': rest['DATA/load.dat']! };
  const root = writeFiles(await mkdtemp(join(folder, 'in-')), table);
  const { accession } = await receive(opened, { roots: [root], source: 'S' });
  const [first] = await importExport(opened, { accession, system: 'relativity' });
  expect(first!.reconciliation).toMatchObject({ rows: 2, outcomes: { 'missing-file': 2 }, again: 0 });
  const recordsFrom = async (from: number) => {
    const records: LoggedRecord[] = [];
    for await (const record of opened.log.read(from)) records.push(record);
    return records;
  };

  // Nothing came: nothing is written.
  let { size } = opened.log;
  expect(await judgeAgain(opened)).toEqual([]);
  expect(opened.log.size).toBe(size);

  // One of two came.
  writeFiles(root, { 'NATIVES/001/R-2.txt': two! });
  await receive(opened, { roots: [root], source: 'S', accession });
  ({ size } = opened.log);
  const [half] = await judgeAgain(opened, { accession });
  expect(half!.reconciliation).toMatchObject({ rows: 2, outcomes: { matched: 1, 'missing-file': 1 }, again: 1 });
  const written = await recordsFrom(size);
  expect(written.map(({ kind }) => kind)).toEqual(['intake.entry', 'intake.import-reconciliation']);
  expect(written[0]!.fields).toMatchObject({
    row: 2,
    entry: 'R-2',
    outcome: 'matched',
    names: [{ outcome: 'matched' }],
  });
  expect([written[0]!.refs['items']].flat()).toHaveLength(1);
  // Names of people were withheld, and still are.
  expect(JSON.stringify(written)).not.toContain('A. Custodian');
  expect(await standing(accession)).toEqual([
    { row: 1, outcome: 'missing-file', names: 1 },
    { row: 2, outcome: 'matched', names: 1 },
  ]);
  expect(await judgeAgain(opened)).toEqual([]);

  // The other is another file than the row says; and the command is repeated.
  writeFiles(root, { 'NATIVES/001/R-1.txt': 'not that one' });
  await receive(opened, { roots: [root], source: 'S', accession });
  const [whole] = await importExport(opened, { accession, system: 'relativity' });
  expect(whole!.reconciliation).toMatchObject({ outcomes: { matched: 1, 'hash-differs': 1 }, again: 1, unnamed: 0 });
  expect(whole!.reconciliation!.problems.map(({ code }) => code)).toEqual(['hash-differs']);

  // A file that no row names changes the sums, though no row.
  writeFiles(root, { 'stray.txt': String(one) });
  await receive(opened, { roots: [root], source: 'S', accession });
  ({ size } = opened.log);
  const [stray] = await judgeAgain(opened, { accession });
  expect(stray!.reconciliation).toMatchObject({ outcomes: { matched: 1, 'hash-differs': 1 }, again: 0, unnamed: 1 });
  expect((await recordsFrom(size)).map(({ kind }) => kind)).toEqual(['intake.import-reconciliation']);
});

test('a row that is broken or a repetition stays one when its file has come, and no row counts twice', async () => {
  const files = brokenRelativity();
  const { 'NATIVES/001/R-1.txt': late, ...early } = files;
  const root = writeFiles(await mkdtemp(join(folder, 'in-')), early);
  const { accession } = await receive(opened, { roots: [root], source: 'S' });
  await importExport(opened, { accession, system: 'relativity' });
  writeFiles(root, { 'NATIVES/001/R-1.txt': late! });
  await receive(opened, { roots: [root], source: 'S', accession });
  const [again] = await importExport(opened, { accession, system: 'relativity' });
  // As where all had been there at once.
  const { imports } = await take(files, 'relativity');
  expect(again!.reconciliation).toEqual({ ...imports[0]!.reconciliation, again: 2 });
});

test('made again from the log, the index has each row once, as it was judged last', async () => {
  const tables = ['import_entry', 'import_file', 'import_reconciliation'];
  const read = async () =>
    Promise.all(
      tables.map(async (table) => (await opened.index.pool.query(`select t::text from ${table} t order by 1`)).rows),
    );
  const before = await read();
  await opened.log.rebuild(() => undefined);
  expect(await read()).toEqual(before);
});
