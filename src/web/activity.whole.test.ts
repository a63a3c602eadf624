// The log and the sources in a real browser: read, filtered, and a proof taken away that the verifier takes.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBase64url, isIncluded, openProof } from '@dalil/verify';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { receive } from '../intake/receive.ts';
import { claimCustody } from '../seal/custody.ts';
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
  for (let i = 0; i < 120; i++) await writeFile(join(folder, `letters/${String(i)}.txt`), `letter ${String(i)}`);
  const wren = { ...desk.opened, actor: { ...desk.opened.actor, name: 'Wren' } };
  await receive(wren, { roots: [join(folder, 'letters')], source: 'مالك الحزين' });
  await receive(wren, { roots: [join(folder, 'letters/1.txt')], source: 'BITTERN' });
  const claim = { accession: 'A-0001', by: 'مالك الحزين', how: 'in a bag, from hand to hand' };
  await claimCustody(wren, { ...claim, holder: 'courier', from: '2013', to: null });
  await desk.opened.log.append({ ...desk.opened.actor, name: 'Crane' }, (turn) => {
    turn.add({ kind: 'protect.login', member: 'aaaaaaaaaaaaaaaa', how: 'password' });
  });
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

test('the log is read from its end, a page at a time, filtered by kind and actor, and says no name of a file', async () => {
  const page = await desk.open('/activity', ['lead']);
  const table = page.getByRole('table', { name: 'Activity' });
  await table.getByText('Signed in').waitFor();
  expect(await table.getByRole('row').count()).toBe(51);
  await page.getByRole('button', { name: 'Show earlier ones' }).click();
  await expect.poll(() => table.getByRole('row').count()).toBe(101);
  expect(await page.locator('main').textContent()).not.toMatch(/\.txt|letters/);
  await page.getByLabel('What happened').selectOption('Duplicate received');
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  expect(await table.textContent()).toContain('D-');
  expect(page.url()).toContain('kind=intake.duplicate');
  await page.getByLabel('By').selectOption('Crane');
  await page.getByText('There is no record of this kind.').waitFor();
  await page.getByLabel('What happened').selectOption('Everything');
  await expect.poll(() => table.getByRole('row').count()).toBe(2);
  expect(await axeFindings(page)).toEqual([]);
});

test('an administrator sees that there are records, and reads none of the evidence', async () => {
  const page = await desk.open('/activity', ['administrator']);
  await page.getByText('A record that your roles do not read').first().waitFor();
  expect(await page.getByText('File sealed').count()).toBe(0);
  expect(await page.getByRole('link', { name: /Proof of record/ }).count()).toBe(1);
  expect(await page.locator('option').allTextContents()).not.toContain('Wren');
});

test('the proof of a record is copied and saved, and the verifier takes it', async () => {
  const page = await desk.open('/activity?kind=intake.item', ['analyst'], {
    permissions: ['clipboard-read', 'clipboard-write'],
    acceptDownloads: true,
  });
  const link = page.getByRole('link', { name: /Proof of record/ }).first();
  const position = Number((await link.textContent())!.replaceAll(',', ''));
  await link.click();
  await page.getByRole('heading', { level: 1, name: `Record ${position.toLocaleString('en')}` }).waitFor();
  const copied = async (button: string): Promise<string> => {
    await page.getByRole('button', { name: button }).click();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  const id = await copied('Copy the identifier');
  const text = await copied('Copy the proof');
  const note = await copied('Copy the checkpoint');
  const proof = openProof(text, desk.opened.log.history);
  expect(proof).toMatchObject({ index: position, checkpoint: { size: desk.opened.log.size, note } });
  expect(isIncluded(fromBase64url(id)!, proof)).toBe(true);
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Save as a file' }).click();
  const download = await coming;
  expect(download.suggestedFilename()).toBe(`record-${String(position)}.tlog-proof`);
  expect(await readFile(await download.path(), 'utf8')).toBe(text);
  expect(await axeFindings(page)).toEqual([]);
});

test('sources stand by their pseudonyms, with sums that close and what is claimed of the time before', async () => {
  const page = await desk.open('/sources', ['analyst']);
  await page.getByRole('heading', { name: 'مالك الحزين' }).waitFor();
  await page.getByRole('heading', { name: 'BITTERN' }).waitFor();
  expect(await page.getByText('It closes').count()).toBe(2);
  const claims = page.getByRole('table', { name: 'Custody before intake, as claimed' });
  expect(await claims.textContent()).toMatch(/courier.*2013.*unknown.*in a bag/);
  await claims.getByRole('link').click();
  await page.getByText('Custody before intake claimed').waitFor();
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 768],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels the log, a proof and the sources fit, and axe finds nothing', async (lang, width) => {
  for (const [name, path] of [
    ['activity', '/activity'],
    ['proof', '/activity/5'],
    ['sources', '/sources'],
  ] as const) {
    const page = await desk.open(path, ['lead'], { viewport: { width, height: 800 }, locale: lang });
    await page.locator('main :is(table, pre)').first().waitFor();
    await shot(page, `${name}-${lang}-${String(width)}`);
    expect([name, await misfits(page)]).toEqual([name, []]);
    if (width !== 768) expect([name, await axeFindings(page)]).toEqual([name, []]);
  }
});
