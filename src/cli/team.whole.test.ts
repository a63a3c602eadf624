// dalil tag and dalil tasks, as somebody at the machine uses them: on many items at once, asked of people of the case alone,
// and refused where what is named is not there.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

let home: TestHome;
let folder = '';
const dalil = (...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', join(folder, 'case'), ...args]);

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-team-'));
  await mkdir(join(folder, 'given'));
  for (const name of ['a', 'b', 'c']) await writeFile(join(folder, 'given', `${name}.txt`), name);
  await dalil('new', join(folder, 'case'), '--name', 'Team');
  await dalil('intake', join(folder, 'given'), '--source', 'S');
}, 60_000);
afterAll(async () => {
  await rm(folder, { recursive: true });
  await home.close();
});

test('a tag is put on items and taken off, and lists what carries it', async () => {
  const put = await dalil('tag', 'put', '  blue   stamp', 'E-00001', 'E-00003', 'E-00001', '--json');
  expect([put.code, put.json()]).toEqual([0, { tag: 'blue stamp', changed: 2, records: 1 }]);
  expect(put.stderr).toContain('2 of 2 items changed, in 1 record');
  expect((await dalil('tag', 'put', 'blue stamp', 'E-00001', '--json')).json()).toMatchObject({
    changed: 0,
    records: 0,
  });
  expect((await dalil('tag', '--json')).lines()).toEqual([{ tag: 'blue stamp', items: 2 }]);
  expect((await dalil('tag', 'list', 'blue stamp')).stdout).toBe('E-00001\nE-00003\n');
  expect((await dalil('tag', 'off', 'blue stamp', 'E-00001')).code).toBe(0);
  expect((await dalil('tag', 'list', 'blue stamp')).stdout).toBe('E-00003\n');
  for (const wrong of [['put', 'x'], ['put'], ['burn', 'x', 'E-00001'], ['put', ' ', 'E-00001'], ['put', 'x', 'E-9']])
    expect([wrong, (await dalil('tag', ...wrong)).code]).toEqual([wrong, 2]);
});

test('a task is asked about something, handed on, done and opened again; nobody outside the case is asked', async () => {
  const add = await dalil('tasks', 'add', 'read it\nتوًا', '--about', 'E-00002', '--json');
  expect(add.json()).toEqual({ task: 'T-0001' });
  expect((await dalil('tasks', '--json')).json()).toMatchObject({
    task: 'T-0001',
    words: 'read it\nتوًا',
    subject: 'E-00002',
    assignee: null,
    state: 'open',
  });
  // On the terminal a task is one line.
  expect((await dalil('tasks')).stdout.split('\n')).toHaveLength(2);
  expect((await dalil('tasks', 'done', 'T-0001')).code).toBe(0);
  expect((await dalil('tasks')).stdout).toBe('');
  expect((await dalil('tasks', 'list', '--done')).stdout).toContain('read it');
  expect((await dalil('tasks', 'open', 'T-0001')).code).toBe(0);
  const stranger = await dalil('tasks', 'give', 'T-0001', '--for', 'Nobody Here');
  expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining('dalil accounts list')]);
  for (const wrong of [
    ['add', 'x', '--about', 'E-9'],
    ['add', 'x', '--about', 'people'],
    ['add', ' '],
    ['done', 'T-0009'],
    ['done'],
    ['give', 'T-0001'],
    ['burn', 'T-0001'],
  ])
    expect([wrong, (await dalil('tasks', ...wrong)).code]).toEqual([wrong, 2]);
  expect((await dalil('verify')).code).toBe(0);
});
