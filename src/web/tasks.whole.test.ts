// Tasks in a real browser: asked about something, of somebody of this case alone; handed on, done, opened again, each a
// record; what needs me stands on the Case page; what somebody else has changed meanwhile is said.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { receive } from '../intake/receive.ts';
import { addTask, changeTask, listTasks, readTask } from '../protect/tasks.ts';
import { openDesk, type Desk } from './desk.fixture.ts';
import { axeFindings, misfits, openWeb, type Web } from './web.fixture.ts';

let web: Web;
let desk: Desk;
let folder: string;
const shots = process.env['DALIL_SHOTS'];

beforeAll(async () => {
  web = await openWeb();
  desk = await openDesk(web);
  folder = await mkdtemp(join(tmpdir(), 'dalil-given-'));
  await writeFile(join(folder, 'letter.txt'), 'a letter');
  await receive(desk.opened, { roots: [folder], source: 'BITTERN' });
  await desk.people.person(desk.opened, 'Crane', ['archivist']);
  await desk.people.person(desk.opened, 'Owl', ['administrator']);
}, 240_000);
afterAll(async () => {
  await desk?.close();
  await web?.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  const complaints = await desk.complaints();
  expect(complaints.filter((one) => !/status of (?:400|409)/.test(one))).toEqual([]);
});

const answered = (page: Page, method: string, path: string, body: unknown) =>
  page.evaluate(
    async ([how, where, text]) => {
      const headers = { 'content-type': 'application/json' };
      const asked: RequestInit = { method: how, headers, body: text };
      return (await fetch(where, asked)).status;
    },
    [method, path, JSON.stringify(body)] as const,
  );

test('a task is asked, handed on, done and opened again; what needs me is counted on the Case page', async () => {
  const page = await desk.open('/tasks?about=E-00001', ['analyst']);
  const me = 'Wren, analyst';
  expect(await page.getByLabel('About').inputValue()).toBe('E-00001');
  expect(await page.getByLabel('Asked of').locator('option').allTextContents()).toEqual([
    'whoever comes first',
    'Crane',
    me,
  ]);
  await page.getByLabel('What is to be done').fill('اقرأ الرسالة\nand say what it is');
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  await page.getByText('and say what it is').waitFor();
  expect(await page.locator('.task .words').first().innerText()).toBe('اقرأ الرسالة\nand say what it is');
  await page.getByRole('link', { name: 'E-00001' }).waitFor();
  const { size } = desk.opened.log;
  await page.getByLabel('Hand T-0001 on').selectOption(me);
  await expect.poll(() => desk.opened.log.size).toBe(size + 1);
  await page.goto(new URL('/', desk.url).href);
  await page.getByText('1 task is asked of you.').waitFor();
  await page.getByRole('link', { name: 'To the tasks' }).click();
  await page.getByRole('button', { name: 'T-0001 is done' }).click();
  await page.getByText('There is none here.').waitFor();
  await page.getByLabel('Show', { exact: true }).selectOption('Done');
  await page.getByText(`done by ${me}`).waitFor();
  await page.getByRole('button', { name: 'Open T-0001 again' }).click();
  await page.getByText('There is none here.').waitFor();
  const records: { kind: string; actor: string; handle: string | null }[] = [];
  for await (const { kind, actor, handle } of desk.opened.log.read(size - 1))
    records.push({ kind, actor: actor.name, handle });
  expect(records).toEqual(Array.from({ length: 4 }, () => ({ kind: 'protect.task', actor: me, handle: 'T-0001' })));
  expect(await readTask(desk.opened, 'T-0001')).toMatchObject({ state: 'open', assignee: me, by: me });
  await page.goto(new URL('/items/E-00001', desk.url).href);
  await page.getByText('asked of the team').waitFor();
});

test('nobody of another place is asked, nothing about what is not there, and no words that show as others', async () => {
  const page = await desk.open('/tasks', ['analyst']);
  const { size } = desk.opened.log;
  const good = { words: 'x', subject: null, assignee: null };
  for (const wrong of [
    { words: ' \n ' },
    { words: 'x'.repeat(1001) },
    { words: 'a\u202Eb' },
    { words: 'a\u0000b' },
    { subject: 'E-99999' },
    { subject: 'I-0001' },
    { subject: '../E-00001' },
    { subject: 'people' },
    { assignee: 'Nobody' },
    // An administrator does not read what is asked of the team.
    { assignee: 'Owl' },
  ])
    expect([wrong, await answered(page, 'POST', '/api/tasks', { ...good, ...wrong })]).toEqual([wrong, 400]);
  expect(await answered(page, 'PUT', '/api/tasks/T-9999', { state: 'done', seen: 0 })).toBe(400);
  expect(desk.opened.log.size).toBe(size);
  for (const subject of ['numbers', 'merges', 'categories'])
    expect(await answered(page, 'POST', '/api/tasks', { ...good, subject, assignee: 'Crane' })).toBe(200);
  expect((await listTasks(desk.opened, { state: 'open', assignee: 'Crane', limit: 9 })).length).toBe(3);
});

test('what somebody else has changed meanwhile is said, and not changed over', async () => {
  const task = (await addTask(desk.opened, { words: 'two at once', subject: null, assignee: null })).handle!;
  const page = await desk.open('/tasks?show=open', ['lead']);
  await page.getByText('two at once').waitFor();
  // Somebody else is quicker, while the act of this page is under way.
  await page.route('**/api/tasks/T-*', async (route) => {
    await changeTask(desk.opened, task, { assignee: 'Crane' });
    await route.continue();
  });
  await page.getByRole('button', { name: `${task} is done` }).click();
  await page.getByText('Somebody else has changed it meanwhile.').waitFor();
  await page.locator('.task .mark', { hasText: 'Crane' }).first().waitFor();
  const { size } = desk.opened.log;
  expect(await readTask(desk.opened, task)).toMatchObject({ state: 'open', assignee: 'Crane', record: size - 1 });
  expect(desk.opened.log.size).toBe(size);
  // The same again is no change, and no record.
  await changeTask(desk.opened, task, { assignee: 'Crane', state: 'open' });
  expect(desk.opened.log.size).toBe(size);
});

test('the list is long: it comes a page at a time, the newest first', async () => {
  for (let i = 0; i < 55; i++)
    await addTask(desk.opened, { words: `of many, ${String(i)}`, subject: null, assignee: null });
  const page = await desk.open('/tasks?show=open', ['analyst']);
  await page.locator('.task').nth(49).waitFor();
  expect(await page.locator('.task').count()).toBe(50);
  expect(await page.locator('.task .words').first().innerText()).toBe('of many, 54');
  await page.getByRole('button', { name: 'Show earlier ones' }).click();
  await expect.poll(() => page.locator('.task').count()).toBeGreaterThan(55);
});

test.each([
  ['en', 360],
  ['ar', 360],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels tasks and the Case page fit, and axe finds nothing', async (lang, width) => {
  for (const [name, path] of [
    ['tasks', '/tasks?show=done'],
    ['tasks-open', '/tasks?show=open&about=E-00001'],
    ['needs-me', '/'],
  ] as const) {
    const page = await desk.open(path, ['analyst'], { viewport: { width, height: 800 }, locale: lang });
    await page.locator(name === 'needs-me' ? '.needs-me a' : 'main form').waitFor();
    await page.waitForLoadState('load');
    if (name === 'tasks-open') await page.locator('.task').first().waitFor();
    if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}-${lang}-${String(width)}.png` });
    expect([name, await misfits(page)]).toEqual([name, []]);
    expect([name, await axeFindings(page)]).toEqual([name, []]);
  }
});
