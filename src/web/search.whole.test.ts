// Searching in a real browser, English and Arabic, from wide to 320 pixels: reached by one key, answered with what matched and
// why, kept and forgotten; whatever names of files and testimonies hold, it stays text.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { fillSample, hostileName, numberRead } from '../search/sample.fixture.ts';
import { openDesk, type Desk } from './desk.fixture.ts';
import { axeFindings, misfits, openWeb, type Web } from './web.fixture.ts';

let web: Web;
let desk: Desk;
let handles: Map<string, string>;

beforeAll(async () => {
  web = await openWeb();
  desk = await openDesk(web);
  handles = await fillSample(desk.opened, join(desk.opened.folder.path, '..'));
}, 300_000);
afterAll(async () => {
  await desk?.close();
  await web?.close();
});
afterEach(async () => expect(await desk.complaints()).toEqual([]));

const searches = async (): Promise<{ words: string; actor: string }[]> =>
  (
    await desk.opened.index.pool.query<{ words: string; actor: string }>(
      'select words, actor from search_made order by position',
    )
  ).rows;
async function ask(page: Page, words: string): Promise<void> {
  const before = page.url();
  await page.locator('#search-box').fill(words);
  await page.keyboard.press('Enter');
  await page.waitForURL((now) => now.href !== before && now.searchParams.has('search'));
  await page.locator('.summary').waitFor();
}
const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['DALIL_SCREENSHOTS'];
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

test('by the keyboard alone: `/` from another screen, the words, Enter, and from result to result; the address holds no word', async () => {
  const page = await desk.open('/timeline', ['analyst']);
  const before = (await searches()).length;
  await page.keyboard.press('/');
  await page.waitForURL(/\/search$/);
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('search-box');
  await page.keyboard.type('branch');
  expect((await searches()).length).toBe(before);
  await page.keyboard.press('Enter');
  await page.getByText('3 found').waitFor();
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('search-box');
  expect(page.url()).toMatch(/\/search\?search=\d+$/);
  expect((await searches()).slice(before)).toEqual([{ words: 'branch', actor: 'Wren, analyst' }]);
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const at = await page.evaluate(() => document.activeElement?.textContent);
  expect(at).toBe(await page.locator('.hits h3 a').nth(1).textContent());
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/items\/E-/);
  await page.goBack();
  await page.getByText('3 found').waitFor();
  expect((await searches()).length).toBe(before + 1);
});

test('a testimony in Arabic is found in another spelling, on a page that reads from right to left', async () => {
  const page = await desk.open('/search?lang=ar', ['analyst']);
  await ask(page, 'السجن*');
  await page.getByText('وُجدت نتيجة واحدة').waitFor();
  await ask(page, 'احمد');
  const hit = page.locator('.hits > li').first();
  expect(await hit.locator('h3 a').textContent()).toBe(handles.get('testimonies/one.txt'));
  expect(await hit.locator('mark').first().textContent()).toBe('أحمد');
  expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
  expect(
    await hit
      .locator('.snippet')
      .first()
      .evaluate((node) => getComputedStyle(node).direction),
  ).toBe('rtl');
  await ask(page, '٥٤٤٧');
  const read = page.locator('.hits > li', { hasText: handles.get('branch 215/DSC_0043.JPG')! });
  expect(await read.locator('mark').first().textContent()).toBe(numberRead);
  expect(await read.textContent()).toContain('قرأته الآلة، مقترح');
});

test('what was found is narrowed by what it is counted by, kept under a name, made again, and forgotten', async () => {
  const page = await desk.open('/search', ['lead']);
  await ask(page, 'courtyard');
  await page.getByText('2 found').waitFor();
  await page.getByRole('button', { name: /^Picture/ }).click();
  await page.getByText('1 found').waitFor();
  expect(await page.getByRole('button', { name: /^Picture/ }).getAttribute('aria-pressed')).toBe('true');
  await page.getByText('Save this search').first().click();
  await page.getByLabel('Name').fill('Yard, <b>pictures</b>');
  await page.getByRole('button', { name: 'Save this search' }).click();
  await page.getByText('Saved', { exact: true }).waitFor();
  await page.goto(new URL('/search', desk.url).href);
  const before = (await searches()).length;
  await page.getByRole('button', { name: 'Yard, <b>pictures</b>', exact: true }).click();
  await page.getByText('1 found').waitFor();
  expect((await searches()).slice(before).map(({ words }) => words)).toEqual(['courtyard']);
  await page.goto(new URL('/search', desk.url).href);
  await page.getByRole('button', { name: 'Forget the saved search Yard, <b>pictures</b>' }).click();
  await page.getByText('None yet.').waitFor();
});

test('nothing found, a question that cannot be answered, and a number of a search that is somebody else’s are said plainly', async () => {
  const page = await desk.open('/search', ['archivist']);
  await ask(page, 'court');
  await page.getByText('Nothing was found.').waitFor();
  await page.getByRole('button', { name: 'Search for words that begin so' }).click();
  await page.getByText('2 found').waitFor();
  await page.locator('#search-box').fill('"court');
  await page.keyboard.press('Enter');
  await page.getByText('A quotation mark of this search has no second one.').waitFor();
  await page.goto(new URL('/search?search=1', desk.url).href);
  await page.getByText('There is no search of yours to read on.').waitFor();
  // The browser itself says of an answer of 400 that it is one.
  const complaints = await desk.complaints();
  expect(complaints.filter((one) => !one.includes('400'))).toEqual([]);
  expect(complaints.length).toBe(2);
});

test('names of files and testimonies that are markup stay text', async () => {
  const page = await desk.open('/search', ['analyst']);
  await page.evaluate(() => Object.assign(window, { alert: () => Object.assign(window, { hit: true }) }));
  for (const words of ['onerror', 'العدائي', 'script', 'img src', '<script>alert(3)</script>']) {
    await ask(page, words);
    expect(await page.locator('main :is(img, script, svg[onload], iframe)').count(), words).toBe(0);
  }
  await ask(page, 'onerror');
  expect(await page.locator('.hits h3 .title').first().textContent()).toBe(hostileName);
  expect(await page.evaluate(() => (window as unknown as { hit?: boolean }).hit)).toBeUndefined();
});

test('axe finds nothing, nothing is too wide or too small, at three widths in both languages', async () => {
  for (const lang of ['en', 'ar'])
    for (const width of [1280, 360, 320]) {
      const page = await desk.open(`/search?lang=${lang}`, ['lead'], { viewport: { width, height: 800 } });
      await shot(page, `search-empty-${lang}-${String(width)}`);
      expect([lang, width, await axeFindings(page), await misfits(page)]).toEqual([lang, width, [], []]);
      await ask(page, lang === 'en' ? 'onerror' : '٥٤٤٧');
      await shot(page, `search-${lang}-${String(width)}`);
      expect([lang, width, await axeFindings(page), await misfits(page)]).toEqual([lang, width, [], []]);
      if (width === 1280) {
        await ask(page, lang === 'en' ? 'courtyard' : 'شاهد');
        await shot(page, `search-more-${lang}`);
        await ask(page, 'nothingatall');
        await shot(page, `search-nothing-${lang}`);
        expect([lang, await axeFindings(page), await misfits(page)]).toEqual([lang, [], []]);
      }
    }
});

test('whoever may not search has neither the screen nor the key', async () => {
  const page = await desk.open('/account', ['administrator']);
  await page.keyboard.press('/');
  expect(new URL(page.url()).pathname).toBe('/account');
  expect(await page.getByRole('link', { name: 'Search', exact: true }).count()).toBe(0);
});
