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
