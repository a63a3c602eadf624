// The check in a real browser, over a case that holds and then over the same case altered.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatKept } from '@dalil/verify';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { receive } from '../intake/receive.ts';
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
  await mkdir(join(folder, 'letters'));
  for (let i = 0; i < 300; i++) await writeFile(join(folder, `letters/${String(i)}.txt`), `letter ${String(i)}`);
  await receive(desk.opened, { roots: [join(folder, 'letters')], source: 'HERON' });
}, 240_000);
afterAll(async () => {
  await desk?.close();
  await web?.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  expect(await desk.complaints()).toEqual([]);
});

const shot = async (page: Page, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};

test('a sound case holds: the counts run, the verdict is in words, and the line to keep is that of its checkpoint', async () => {
  const page = await desk.open('/verify', ['analyst'], { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByText('Not checked since this server was started.').waitFor();
  await page.getByRole('button', { name: 'Start the check' }).click();
  await page.getByText('It holds').waitFor();
  const line = formatKept(desk.opened.log.checkpoint!);
  await page.getByRole('button', { name: 'Copy the line' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(line);
  expect(await page.getByText(`dalil verify CASE-FOLDER --since "${line}"`).count()).toBe(1);
  const records = page.locator('.counts > div', { hasText: 'Records' });
  expect(await records.locator('dd').textContent()).toBe(desk.opened.log.size.toLocaleString('en'));
  expect(await axeFindings(page)).toEqual([]);
});

test('an altered case does not hold, with the list of what does not fit', async () => {
  const originals = join(desk.opened.folder.path, 'originals', 'sha256');
  const name = (await readdir(originals, { recursive: true })).find((path) => /[0-9a-f]{64}$/.test(path));
  const path = join(originals, name!);
  const before = await readFile(path);
  await rm(path);
  await writeFile(path, `${before.toString()} altered`);
  try {
    const page = await desk.open('/verify', ['lead']);
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByText('It does not hold').waitFor();
    const table = page.getByRole('table', { name: 'What does not fit' });
    expect(await table.textContent()).toContain(name!.slice(-64));
    // Nobody is asked to keep the checkpoint of a case that does not hold.
    expect(await page.getByText('To be kept elsewhere').count()).toBe(0);
    await shot(page, 'verify-broken');
    expect(await axeFindings(page)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 800 });
    expect(await misfits(page)).toEqual([]);
  } finally {
    await rm(path);
    await writeFile(path, before);
  }
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 768],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels the check fits, and axe finds nothing', async (lang, width) => {
  const page = await desk.open('/verify', ['analyst'], { viewport: { width, height: 800 }, locale: lang });
  await page.locator('.begin .button').click();
  await page.getByText(lang === 'en' ? 'Checking, since' : 'يجري الفحص').waitFor({ state: 'detached' });
  await page.locator('.holds:not(.not)').waitFor();
  await shot(page, `verify-${lang}-${String(width)}`);
  expect(await misfits(page)).toEqual([]);
  if (width !== 768) expect(await axeFindings(page)).toEqual([]);
});
