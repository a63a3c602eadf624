// The shell in a real browser: menu, keys, looks; what the first screen weighs; and the page of parts, which is there
// while developing and in no build.
import { gzipSync } from 'node:zlib';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { stages } from '../stages.ts';
import { stageNames } from '../case/views.ts';
import { fixtureReader } from '../server/fixture.ts';
import { createServer } from '../server/server.ts';
import type { CaseServer } from '../server/server.ts';
import { newToken } from '../server/session.ts';
import { axeFindings, misfits, openWeb, watchedPage } from './web.fixture.ts';
import type { Watched, Web } from './web.fixture.ts';

let web: Web;
let server: CaseServer | null = null;
let watched: Watched | null = null;

beforeAll(async () => {
  web = await openWeb();
});
afterAll(async () => web.close());
afterEach(async () => {
  await watched?.context.close();
  await server?.close();
  expect(watched?.complaints ?? []).toEqual([]);
  [server, watched] = [null, null];
});

async function open(at: Web = web, options: BrowserContextOptions = {}): Promise<Page> {
  server = createServer({ cases: fixtureReader(), token: newToken(), webRoot: at.root, clock: () => new Date() });
  const address = await server.listen(0);
  watched = await watchedPage(at.browser, address.url, options);
  await watched.page.goto(address.link);
  await watched.page.getByRole('heading', { level: 1 }).waitFor();
  return watched.page;
}

test('the script of the first screen is under 180 kB gzipped', async () => {
  const page = await open();
  const scripts = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.endsWith('.js')),
  );
  expect(scripts.length).toBeGreaterThan(0);
  let sum = 0;
  for (const name of scripts) sum += gzipSync(await readFile(join(web.root, name))).length;
  console.log(`script of the first screen: ${sum.toLocaleString('en')} bytes gzipped, in ${scripts.length} files`);
  expect(sum).toBeLessThan(180_000);
});

test('the frame of the page stands before any script of ours has come, in the language and the look that were chosen', async () => {
  const page = await open(web, { locale: 'ar', colorScheme: 'light' });
  await page.getByRole('combobox').selectOption('dark');
  await page.route('**/*.js', (route) => route.abort());
  await page.reload();
  const frame = await page.evaluate(() => ({
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    theme: document.documentElement.dataset['theme'],
    called: getComputedStyle(document.querySelector('.called')!, '::before').content,
    busy: document.querySelector('main')?.getAttribute('aria-busy'),
  }));
  expect(frame).toEqual({ lang: 'ar', dir: 'rtl', theme: 'dark', called: '"دليل"', busy: 'true' });
  // The files that were cut off are the one thing said on the console.
  const words = watched?.complaints ?? [];
  expect(words.filter((word) => !word.includes('ERR_FAILED'))).toEqual([]);
  words.length = 0;
});

test('the words of one language come alone, and those of another when it is chosen; the case is asked for once', async () => {
  const page = await open();
  const files = async (): Promise<string[]> =>
    page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname));
  const before = await files();
  expect(before.filter((name) => /\/(?:en|ar)-[^/]+\.js$/.test(name))).toEqual([expect.stringMatching(/\/en-/)]);
  expect(before.filter((name) => name === '/api/case' || name === '/api/door').toSorted()).toEqual([
    '/api/case',
    '/api/door',
  ]);
  await page.getByRole('link', { name: 'العربية' }).click();
  await expect.poll(() => page.getAttribute('html', 'dir')).toBe('rtl');
  expect((await files()).filter((name) => /\/ar-[^/]+\.js$/.test(name))).toHaveLength(1);
});

test('the menu has the stages in the order of the work', () => {
  expect([...stageNames]).toEqual(stages.map(({ name }) => name));
});

test('? shows the keys; one can be changed and turned off, and is remembered', async () => {
  const page = await open();
  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog', { name: 'Keyboard' });
  await dialog.waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Change: Keyboard' }).click();
  await page.keyboard.press('k');
  expect(await dialog.getByRole('row', { name: /Keyboard/ }).textContent()).toContain('K');
  await page.keyboard.press('Escape');
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.keyboard.press('?');
  expect(await dialog.count()).toBe(0);
  await page.keyboard.press('k');
  await dialog.waitFor();
  await dialog.getByRole('button', { name: 'Change: Keyboard' }).click();
  await page.keyboard.press('Delete');
  await page.keyboard.press('Escape');
  await page.keyboard.press('k');
  expect(await dialog.count()).toBe(0);
});

test('a look that was chosen stays, and is stronger than the system', async () => {
  const page = await open(web, { colorScheme: 'light' });
  const paper = async (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  await page.getByLabel('Look').selectOption('dark');
  expect(await paper()).not.toBe(light);
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await paper()).not.toBe(light);
  await page.getByLabel('Look').selectOption('contrast');
  expect(await paper()).toBe('rgb(255, 255, 255)');
});

test('an address without a screen says so, and leads back', async () => {
  const page = await open();
  await page.goto(`${new URL('/nowhere', page.url()).href}`);
  await page.getByRole('heading', { name: 'There is no such page.' }).waitFor();
  await page.getByRole('link', { name: 'To the case' }).click();
  await page.getByRole('heading', { level: 1, name: /archive/ }).waitFor();
});

test('on a narrow page the menu opens by its button', async () => {
  const page = await open(web, { viewport: { width: 320, height: 640 } });
  const link = page.getByRole('link', { name: 'Case', exact: true });
  expect(await link.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Menu' }).click();
  expect(await link.isVisible()).toBe(true);
  expect(await misfits(page)).toEqual([]);
  expect(await axeFindings(page)).toEqual([]);
});

test('the page of parts is there while developing, without a finding, and in no build', async () => {
  const development = await openWeb('development');
  try {
    const page = await open(development);
    await page.goto(new URL('/parts', page.url()).href);
    await page.getByRole('heading', { level: 1, name: 'Parts' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    // React's own word on the console of a development build.
    const words = watched?.complaints ?? [];
    words.splice(0, words.length, ...words.filter((word) => !word.includes('React DevTools')));
    await watched?.context.close();
  } finally {
    await development.close();
  }
  for (const name of await readdir(join(web.root, 'assets')))
    if (name.endsWith('.js'))
      expect(await readFile(join(web.root, 'assets', name), 'utf8')).not.toContain('tokens.css');
});
