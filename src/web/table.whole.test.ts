// The light table and tags in a real browser over a real case: nothing of a picture before its records, what is linked moves
// together, a rectangle that is drawn is a record; many tiles are tagged in one act, and the list is narrowed to them.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openEvidence, type EvidenceFixture, type Worker } from '../server/evidence.fixture.ts';
import { axeFindings, misfits, openWeb, watchedPage, type Watched, type Web } from './web.fixture.ts';

let web: Web;
let evidence: EvidenceFixture;
let anna: Worker;
const watched: Watched[] = [];
const shots = process.env['DALIL_SHOTS'];

beforeAll(async () => {
  web = await openWeb();
  evidence = await openEvidence({ webRoot: web.root, individuals: 3, seed: 'table' });
  anna = await evidence.worker('Anna', ['analyst']);
}, 300_000);
afterAll(async () => {
  await evidence?.close();
  await web?.close();
});
afterEach(async () => {
  for (const { context } of watched) await context.close();
  const complaints = watched.splice(0).flatMap((one) => one.complaints);
  expect(complaints.filter((one) => !/status of (?:400|403)/.test(one))).toEqual([]);
});

async function open(path: string, options: Parameters<typeof watchedPage>[2] = {}): Promise<Page> {
  const one = await watchedPage(web.browser, evidence.address.url, options);
  watched.push(one);
  await one.context.addCookies([{ ...anna.cookie, url: evidence.address.url }]);
  await one.page.goto(new URL(path, evidence.address.url).href);
  await one.page.getByRole('heading', { level: 1 }).waitFor();
  return one.page;
}
const rows = async <T extends object>(sql: string): Promise<T[]> =>
  (await evidence.opened.index.pool.query<T & Record<string, unknown>>(sql)).rows;
const exposures = async (): Promise<number> => (await rows<{ n: number }>('select count(*) as n from exposure'))[0]!.n;
const pictures = async (n: number): Promise<string[]> =>
  (
    await rows<{ item: string }>(
      `select t.item from timeline t join description d on d.item = t.item where t.category = 'detainee'
         and d.format = 'image/jpeg' and t.state <> 'broken' order by t.position limit ${String(n)}`,
    )
  ).map(({ item }) => item);
/** Waits until so many pictures are seen. */
const shown = (page: Page, n: number): Promise<void> =>
  expect.poll(() => page.locator('.stage img:visible').count(), { timeout: 15_000 }).toBe(n);
const transforms = (page: Page): Promise<string[]> =>
  page.locator('.paper').evaluateAll((papers) => papers.map((paper) => (paper as HTMLElement).style.transform));

test('side by side: no picture before Space, each one a record before its bytes, hidden by Esc, on blur, and when released', async () => {
  const items = await pictures(3);
  const page = await open('/timeline');
  const early: string[] = [];
  let images = 0;
  const before = await exposures();
  page.on('response', (response) => {
    if (!(response.headers()['content-type'] ?? '').startsWith('image/') || response.url().endsWith('.svg')) return;
    images++;
    // Every picture that came has its record in the log by then.
    void exposures().then((n) => n - before < images && early.push(response.url()));
  });
  await page.goto(new URL(`/table?items=${items.join(',')},E-1;drop,E-99999999999999`, evidence.address.url).href);
  await page.getByText('Hold Space to see it').nth(2).waitFor();
  expect(await page.locator('.pane').count()).toBe(3);
  expect(await page.locator('img, canvas, picture, video').count()).toBe(0);
  await page.waitForTimeout(300);
  expect([images, await exposures()]).toEqual([0, before]);
  await page.keyboard.down(' ');
  await shown(page, 3);
  expect(await exposures()).toBe(before + 3);
  const sides = await page
    .locator('.stage img')
    .evaluateAll((all) =>
      all.map((one) => Math.max((one as HTMLImageElement).width, (one as HTMLImageElement).height)),
    );
  for (const side of sides) expect(side).toBeLessThanOrEqual(240);
  const modes = await rows<{ colour: boolean; side: number; actor: string }>(
    'select colour, side, actor from exposure order by position desc limit 3',
  );
  expect(modes).toEqual(Array.from({ length: 3 }, () => ({ colour: false, side: 240, actor: 'Anna' })));
  await page.keyboard.up(' ');
  expect(await page.locator('.stage img:visible').count()).toBe(0);
  await page.keyboard.press('Escape');
  expect(await page.locator('img').count()).toBe(0);

  // One alone, by its button; the focus in one pane does not keep Space from the others.
  await page.locator('.stage').nth(1).focus();
  await page.keyboard.press('Enter');
  await shown(page, 1);
  expect(await exposures()).toBe(before + 4);
  await page.keyboard.press('Enter');
  await page.keyboard.down(' ');
  await shown(page, 3);
  expect(await exposures()).toBe(before + 6);
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  await expect.poll(() => page.locator('img').count()).toBe(0);
  await page.keyboard.up(' ');
  expect([images, early]).toEqual([6, []]);
});

test('linked pictures are zoomed, turned and moved together, by keys, buttons and the pointer; an unlinked one stays', async () => {
  const page = await open(`/table?items=${(await pictures(3)).join(',')}`);
  await page.getByLabel('Does as the others do').nth(2).uncheck();
  await page.locator('h1').click();
  await page.keyboard.press('1');
  await page.keyboard.down(' ');
  await shown(page, 3);
  await page.keyboard.press('+');
  await page.keyboard.press('r');
  await page.keyboard.press('ArrowRight');
  const linked = 'translate(10%, 0%) rotate(90deg) scale(1.25)';
  const plain = 'translate(0%, 0%) rotate(0deg) scale(1)';
  expect(await transforms(page)).toEqual([linked, linked, plain]);
  await page.keyboard.press('3');
  await page.keyboard.press('l');
  const third = 'translate(0%, 0%) rotate(270deg) scale(1)';
  expect(await transforms(page)).toEqual([linked, linked, third]);
  await page.keyboard.press('1');
  await page.keyboard.press('u');
  await page.getByRole('button', { name: 'As it was' }).click();
  expect(await transforms(page)).toEqual([plain, linked, third]);
  // The wheel, over the second, which is linked to nobody now.
  const room = (await page.locator('.stage').nth(1).boundingBox())!;
  await page.mouse.move(room.x + room.width / 2, room.y + room.height / 2);
  await page.mouse.wheel(0, -100);
  await expect.poll(async () => (await transforms(page))[1]).toContain('scale(1.375)');
  expect((await transforms(page))[0]).toBe(plain);
  // Held and drawn along, it moves.
  const [before] = (await transforms(page)).slice(1);
  await page.mouse.down();
  await page.mouse.move(room.x + room.width / 2 + 40, room.y + room.height / 2, { steps: 4 });
  await expect.poll(async () => (await transforms(page))[1]).not.toBe(before);
  await page.mouse.up();
  await page.keyboard.up(' ');
});

test('a rectangle is drawn on the picture, turned as it is, or given in numbers; it is a record, listed, and taken back', async () => {
  const [item] = await pictures(1);
  const page = await open(`/table?items=${item!}`);
  await page.getByRole('button', { name: 'Mark a rectangle' }).click();
  await page.getByRole('button', { name: 'Larger' }).focus();
  await page.keyboard.press('r');
  await page.locator('h1').click();
  const asked = await exposures();
  // The pointer draws here, and asks for nothing.
  const stage = (await page.locator('.stage').boundingBox())!;
  await page.mouse.move(stage.x + 5, stage.y + 5);
  await page.mouse.down();
  await page.waitForTimeout(400);
  await page.mouse.up();
  expect(await exposures()).toBe(asked);
  await page.keyboard.down(' ');
  await page.locator('.stage img').waitFor();
  const paper = (await page.locator('.paper').boundingBox())!;
  const at = (x: number, y: number): [number, number] => [paper.x + paper.width * x, paper.y + paper.height * y];
  await page.mouse.move(...at(0.25, 0.5));
  await page.mouse.down();
  await page.mouse.move(...at(0.5, 0.75), { steps: 4 });
  await page.mouse.up();
  await page.keyboard.up(' ');
  // Turned a quarter to the right: what is at the left and below stands at the bottom and to the right of the picture.
  const numbers = await Promise.all(
    ['From the left', 'From the top', 'Width', 'Height'].map((name) => page.getByLabel(name).inputValue()),
  );
  for (const [i, expected] of [50, 50, 25, 25].entries())
    expect([i, Math.abs(Number(numbers[i]) - expected) < 2]).toEqual([i, true]);
  await page.getByLabel('From the left').fill('10');
  await page.getByLabel('Note').fill('ختم أزرق — a blue stamp');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('a blue stamp').waitFor();
  const [region] = await rows<{
    handle: string;
    item: string;
    box: number[];
    note: string;
    actor: string;
    kind: string;
  }>('select g.handle, g.item, g.box, g.note, r.actor, r.kind from region g join record r on r.position = g.position');
  expect(region).toMatchObject({ item, note: 'ختم أزرق — a blue stamp', actor: 'Anna', kind: 'group.region' });
  expect(region!.box[0]).toBe(0.1);
  // Over the picture are lines and numbers alone.
  await page.keyboard.down(' ');
  await page.locator('.regions .region').waitFor();
  expect(
    await page
      .locator('.regions')
      .evaluate((node) => [
        node.querySelectorAll('img, canvas, svg, image').length,
        [...node.querySelectorAll('*')].filter((one) => getComputedStyle(one).backgroundImage !== 'none').length,
      ]),
  ).toEqual([0, 0]);
  await page.keyboard.up(' ');

  const own = await open(`/items/${item!}`);
  await own.getByText('a blue stamp').waitFor();
  await own.getByText('region marked').waitFor();
  await own.getByRole('button', { name: `Take ${region!.handle} back` }).click();
  await own.getByText('Nobody has marked anything on it.').waitFor();
  expect(await rows('select from region')).toEqual([]);
  expect((await anna.ask('DELETE', `/api/regions/${region!.handle}`)).status).toBe(400);
});

test('a region that is none, on what is no picture, or without words, is refused', async () => {
  const [item] = await pictures(1);
  const [other] = await rows<{ handle: string }>(
    'select handle from item i left join timeline t on t.item = i.handle where t.item is null limit 1',
  );
  const mark = async (body: object, on = item!): Promise<number> =>
    (await anna.ask('POST', `/api/items/${on}/regions`, { box: [0, 0, 1, 1], note: 'x', ...body })).status;
  const { size } = evidence.opened.log;
  for (const box of [
    [0, 0, 0, 1],
    [0.5, 0, 0.6, 1],
    [-1, 0, 1, 1],
    [0, 0, 1],
    [0, 0, 1, 2],
    ['0', 0, 1, 1],
  ])
    expect([box, await mark({ box })]).toEqual([box, 400]);
  for (const note of ['', ' \n', 'x'.repeat(501), 'a\u202Eb', 'a\u0000b'])
    expect([note, await mark({ note })]).toEqual([note, 400]);
  expect(await mark({}, other!.handle)).toBe(400);
  expect(await mark({}, 'E-99999')).toBe(400);
  expect(evidence.opened.log.size).toBe(size);
  const archivist = await evidence.worker('Archie', ['archivist']);
  expect((await archivist.ask('POST', `/api/items/${item!}/regions`, { box: [0, 0, 1, 1], note: 'x' })).status).toBe(
    403,
  );
  expect(await mark({})).toBe(200);
});

test('many tiles are chosen by X and Shift, tagged in one record, found by the tag, and laid side by side', async () => {
  const page = await open('/timeline?category=detainee');
  const tiles = page.locator('.months a.tile');
  await tiles.first().waitFor();
  const bar = page.getByRole('region', { name: 'What is chosen' });
  await bar.getByText('0 chosen').waitFor();
  await tiles.first().focus();
  await page.keyboard.press('x');
  await bar.getByText('1 chosen').waitFor();
  await bar.getByRole('link', { name: 'Side by side' }).waitFor();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Shift+X');
  await bar.getByText('6 chosen').waitFor();
  expect(await bar.getByRole('link', { name: 'Side by side' }).count()).toBe(0);
  // By pressing: in its mode, a press chooses, and goes nowhere.
  await bar.getByRole('button', { name: 'Choose by pressing' }).click();
  await tiles.nth(2).click();
  await bar.getByText('5 chosen').waitFor();
  await tiles.nth(7).click({ modifiers: ['Shift'] });
  await bar.getByText('8 chosen').waitFor();
  expect(new URL(page.url()).pathname).toBe('/timeline');
  expect(await page.locator('.months li.chosen').count()).toBe(8);
  expect(await axeFindings(page)).toEqual([]);
  if (shots !== undefined) await page.screenshot({ path: `${shots}/tags-en-1280.png` });

  const { size } = evidence.opened.log;
  await bar.getByLabel('Tag', { exact: true }).fill('  ختم   أزرق ');
  await bar.getByRole('button', { name: 'Put it on' }).click();
  await bar.getByText('is on 8 more pictures').waitFor();
  expect(evidence.opened.log.size).toBe(size + 1);
  const [record] = await rows<{ kind: string; actor: string }>(
    'select kind, actor from record order by position desc limit 1',
  );
  expect(record).toEqual({ kind: 'group.tag', actor: 'Anna' });
  await bar.getByText('0 chosen').waitFor();

  const filter = page.getByRole('form', { name: 'Narrow the list' }).getByLabel('Tag');
  await filter.selectOption('ختم أزرق');
  await page.getByText('8 pictures').first().waitFor();
  await tiles.nth(1).focus();
  await page.keyboard.press('x');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('x');
  await bar.getByText('2 chosen').waitFor();
  await bar.getByLabel('Tag', { exact: true }).fill('ختم أزرق');
  await bar.getByRole('button', { name: 'Take it off' }).click();
  await page.getByText('6 pictures').first().waitFor();
  expect(evidence.opened.log.size).toBe(size + 2);
  await tiles.first().focus();
  await page.keyboard.press('x');
  await bar.getByRole('link', { name: 'Side by side' }).click();
  await page.getByRole('heading', { level: 1, name: 'Light table' }).waitFor();
  await page.locator('.pane .stage').waitFor();
});

test('a tag is one record for a thousand items, nothing for what has it, and refused where it is none', async () => {
  const { pool } = evidence.opened.index;
  const all = (await rows<{ handle: string }>('select handle from item order by position')).map(({ handle }) => handle);
  const tag = (items: readonly string[], name = 'all', removed = false) =>
    anna.ask<{ changed: number; records: number }>('POST', '/api/tags', { tag: name, items, removed });
  expect((await tag([...all, all[0]!])).json).toMatchObject({ changed: all.length, records: 1 });
  const { size } = evidence.opened.log;
  expect((await tag(all)).json).toMatchObject({ changed: 0, records: 0 });
  expect((await tag(all, 'never put', true)).json).toMatchObject({ changed: 0, records: 0 });
  for (const name of ['', '  ', 'x'.repeat(61), 'a\u202Eb', 'a\u0000']) expect((await tag(all, name)).status).toBe(400);
  expect((await tag(['E-99999'])).status).toBe(400);
  expect((await tag([])).status).toBe(400);
  expect(evidence.opened.log.size).toBe(size);
  expect((await tag(all, 'all', true)).json).toMatchObject({ changed: all.length, records: 1 });
  expect((await pool.query(`select from tag where tag = 'all'`)).rowCount).toBe(0);
});

test.each([
  ['en', 360],
  ['ar', 360],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels the light table fits, and axe finds nothing', async (lang, width) => {
  const page = await open(`/table?items=${(await pictures(4)).join(',')}`, {
    viewport: { width, height: 900 },
    locale: lang,
  });
  await page.locator('.pane .stage').nth(3).waitFor();
  await page.locator('.pane > .button').first().click();
  await page.locator('h1').click();
  await page.keyboard.down(' ');
  await shown(page, 4);
  if (shots !== undefined)
    await page.screenshot({ path: `${shots}/table-${lang}-${String(width)}.png`, fullPage: true });
  expect(await misfits(page)).toEqual([]);
  expect(await axeFindings(page)).toEqual([]);
  await page.keyboard.up(' ');
});
