// `dalil search`: the same answers on the terminal, where a name of a file can move no cursor; each search in the log, which
// verifies, and whose index made again is the same.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SearchAnswer } from '../search/search.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

let home: TestHome;
let folder: string;
const dalil = (...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', join(folder, 'case'), ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-search-'));
  await mkdir(join(folder, 'cache'));
  await writeFile(
    join(folder, 'cache', 'شهادة.txt'),
    'رأيت الأرقام ٥٤٤٧/١١٣٢ على البطاقة، وقال إبراهيم إنه في المشفى.',
  );
  await writeFile(join(folder, 'cache', 'red\u001b[31m.txt'), 'a note about a lantern');
  await dalil('new', join(folder, 'case'), '--name', 'Searching');
  await dalil('intake', join(folder, 'cache'), '--source', 'S');
  await dalil('describe');
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await home.close();
});

test('words, numbers and names are found, with what matched; each search is a record in a log that verifies', async () => {
  const lines: SearchAnswer[] = [];
  for (const words of ['ابراهيم', '5447/1132', 'مشفي', 'lantern', 'شهاده']) {
    const ran = await dalil('search', words, '--json');
    expect(ran.code, ran.stderr).toBe(0);
    lines.push(ran.json<SearchAnswer>());
    expect(ran.stderr).toMatch(/^next: dalil items\n$/m);
  }
  expect(lines.map(({ count }) => count)).toEqual([1, 1, 1, 1, 1]);
  const positions = lines.map(({ search }) => search);
  expect(positions.map((position) => position - positions[0]!)).toEqual([0, 1, 2, 3, 4]);
  const none = await dalil('search', 'nothing', 'here');
  expect([none.code, none.stdout]).toEqual([0, '']);
  expect(none.stderr).toContain('0 found; 0 shown; record');
  expect((await dalil('verify')).code).toBe(0);
  const before = await dumpCase(home, join(folder, 'case'));
  await dalil('rebuild');
  expect(await dumpCase(home, join(folder, 'case'))).toEqual(before);
});

test('what is printed cannot move the cursor, and says where and why', async () => {
  const { stdout } = await dalil('search', 'lantern');
  expect(stdout).not.toContain('\u001b');
  expect(stdout).toMatch(/E-0000\d {2}document {2}red/);
  expect(stdout).toContain('  text  a note about a lantern');
});

test('bad words are said plainly, and are no record', async () => {
  const { code, stderr } = await dalil('search', '"lantern');
  expect(code).toBe(2);
  expect(stderr).toContain('A quotation mark of this search has no second one.');
  const kind = await dalil('search', 'lantern', '--kind', 'monument');
  expect([kind.code, kind.stderr]).toEqual([2, expect.stringContaining('picture, recording, document')]);
});
