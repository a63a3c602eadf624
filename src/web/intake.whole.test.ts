// Intake in a real browser, over a line that breaks: what arrives is what was chosen, once, and nothing is sent twice.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { listItems, tablesOf } from '../overview.ts';
import { openDesk, type Desk } from './desk.fixture.ts';
import { axeFindings, misfits, openWeb, type Web } from './web.fixture.ts';

let web: Web;
let desk: Desk;
let folder: string;
/** By path as it is received. */
const files = new Map<string, Uint8Array>();
const modified = new Date('2013-08-21T04:05:06Z');
/** What the browser itself says on the console of what a test does on purpose. */
let expected = /net::ERR_/;
const shots = process.env['DALIL_SHOTS'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-given-'));
  for (let i = 0; i < 26; i++) files.set(`صور/فرع 215/${String(i)}.jpg`, randomBytes(1000 + i * 1500));
  files.set('letters/one.txt', Buffer.from('a letter'));
  files.set('letters/two.txt', Buffer.from('a letter'));
  files.set('letters/large.bin', randomBytes(6_000_000));
  files.set('large too.bin', randomBytes(3_000_000));
  for (const [path, bytes] of files) {
    await mkdir(join(folder, 'cache', path, '..'), { recursive: true });
    await writeFile(join(folder, 'cache', path), bytes);
    await utimes(join(folder, 'cache', path), modified, modified);
  }
  await mkdir(join(folder, 'bad'));
  // Too long in bytes with the folder's name before it, and a name that is sound.
  await writeFile(join(folder, 'bad', 'sound.txt'), 'sound');
  web = await openWeb();
  desk = await openDesk(web);
}, 240_000);
afterAll(async () => {
  await desk?.close();
  await web?.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  desk.line.mend();
  expect((await desk.complaints()).filter((one) => !expected.test(one))).toEqual([]);
  expected = /net::ERR_/;
});

const open = (options: Parameters<Desk['open']>[2] = {}): Promise<Page> => desk.open('/intake', ['archivist'], options);
const shot = async (page: Page, name: string): Promise<void> => {
  if (shots !== undefined) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true });
};
/** The bytes of the pieces that a page has sent from now on. */
function countPieces(page: Page): () => number {
  let sum = 0;
  page.on('request', (request) => {
    if (request.method() === 'PUT') sum += request.postDataBuffer()?.length ?? 0;
  });
  return () => sum;
}
const total = (): number => [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);

test('a folder goes over a line that breaks, and is gone on with after the page was closed: sealed is what was chosen', async () => {
  const page = await open();
  await page.getByLabel('Pseudonym of the source').fill('HERON');
  await page.locator('.intake-form .choose-folder').setInputFiles(join(folder, 'cache'));
  await page.getByText('30 files').waitFor();
  // Counts and bytes: no name of a file, and no picture.
  expect(await page.locator('main').textContent()).not.toContain('large');
  expect(await page.locator('img').count()).toBe(0);
  await shot(page, 'intake-chosen');
  desk.line.cutAfter(2_000_000);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('The line is cut.').waitFor();
  await page.getByText('Next attempt in').waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await shot(page, 'intake-cut');
  // It goes on by itself, until so much more has gone over the line.
  desk.line.cutAfter(5_500_000);
  await expect.poll(() => desk.line.isCut(), { timeout: 30_000 }).toBe(true);
  await page.getByText('The line is cut.').waitFor();
  desk.line.mend();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused.').waitFor();
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();

  await page.getByRole('heading', { name: 'Delivery of HERON' }).waitFor();
  await shot(page, 'intake-open');
  expect(await axeFindings(page)).toEqual([]);
  const sent = countPieces(page);
  await page.getByRole('button', { name: 'Go on sending' }).click();
  await page.locator('.deliveries .choose-folder').setInputFiles(join(folder, 'cache'));
  await page.locator('.deliveries').getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Everything that can be sent is there.').waitFor();
  expect(await page.getByText(/files? (?:was|were) there already/).count()).toBe(1);
  expect(await page.locator('.sending-figures').textContent()).toContain('30 of 30');
  // At least what the first cut let through is not sent again.
  expect(sent()).toBeGreaterThan(0);
  expect(sent()).toBeLessThan(total() - 2_000_000);
  await shot(page, 'intake-sent');

  await page.getByRole('button', { name: 'Receive' }).click();
  await page.getByText('It is received.').waitFor();
  await page.getByText('It closes').waitFor();
  await shot(page, 'intake-received');
  expect(await axeFindings(page)).toEqual([]);
  const hashes: string[] = [];
  for await (const { sha256 } of listItems(tablesOf(desk.opened))) hashes.push(sha256!);
  expect(hashes.toSorted()).toEqual(
    [...files.values()].map((bytes) => createHash('sha256').update(bytes).digest('hex')).toSorted(),
  );
  const { rows } = await desk.opened.index.pool.query<{ path: string; modified: string; actor: string }>(
    'select path, modified, actor from receipt join record using (position)',
  );
  expect(rows.map(({ path }) => path).toSorted()).toEqual([...files.keys()].map((path) => `cache/${path}`).toSorted());
  expect(new Set(rows.map((row) => new Date(row.modified).toISOString()))).toEqual(new Set([modified.toISOString()]));
  expect(new Set(rows.map(({ actor }) => actor))).toEqual(new Set(['Wren, archivist']));
  await page.getByRole('link', { name: 'To the case' }).click();
  await page.getByRole('heading', { level: 1, name: /archive/ }).waitFor();
  expect(await page.getByText('HERON').count()).toBe(1);
});

test('what the server refuses is listed with its reason, what the browser cannot read too, and the rest goes on', async () => {
  expected = /status of 400|net::ERR_/;
  const page = await open();
  await page.getByLabel('Pseudonym of the source').fill('HERON');
  await page.locator('.intake-form .choose-files').setInputFiles([
    { name: 'fine.txt', mimeType: 'text/plain', buffer: Buffer.from('fine') },
    { name: `${'ط'.repeat(150)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('too long') },
  ]);
  await page.locator('.intake-form .choose-folder').setInputFiles(join(folder, 'bad'));
  await page.getByText('3 files').waitFor();
  // Gone between the choice and the sending.
  await rm(join(folder, 'bad', 'sound.txt'));
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await page.getByText('Everything that can be sent is there.').waitFor();
  expect(await page.locator('.sending-figures').textContent()).toContain('1 of 1');
  await page.getByText('2 files are not sent').waitFor();
  await page.getByText('This is no path of a file in a delivery.').waitFor();
  await page.getByText('This browser could not read it').waitFor();
  await shot(page, 'intake-refused');
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('button', { name: 'Yes, take it away' }).click();
  await page.getByRole('heading', { name: 'A new delivery' }).waitFor();
  await page.getByRole('heading', { name: 'Delivery of HERON' }).waitFor({ state: 'detached' });
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 768],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels intake fits, and axe finds nothing', async (lang, width) => {
  const page = await open({ viewport: { width, height: 800 }, locale: lang });
  await page.locator('.intake-form .choose-folder').setInputFiles(join(folder, 'cache'));
  await page.locator('.chosen-sum strong').waitFor();
  await shot(page, `intake-${lang}-${String(width)}`);
  expect(await misfits(page)).toEqual([]);
  if (width !== 768) expect(await axeFindings(page)).toEqual([]);
});
