// The Case page in a real browser, against the real server over a made-up case: what a reader sees, in both languages,
// at both ends of the widths, and that the page speaks to nobody but its own server.
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { fixtureReader } from '../server/fixture.ts';
import type { Fixture } from '../server/fixture.ts';
import { createServer } from '../server/server.ts';
import type { Address, CaseServer } from '../server/server.ts';
import { newToken } from '../server/session.ts';
import { faintTexts } from './contrast.fixture.ts';
import { axeFindings, misfits, openWeb, watchedPage } from './web.fixture.ts';
import type { Web } from './web.fixture.ts';

let web: Web;
let cases: Fixture;
let server: CaseServer;
let address: Address;
let context: BrowserContext;
let now = new Date();
/** What no test may leave behind. */
let complaints: string[] = [];

beforeAll(async () => {
  web = await openWeb();
});
afterAll(async () => web.close());

beforeEach(async () => {
  cases = fixtureReader();
  now = new Date();
  server = createServer({ cases, token: newToken(), webRoot: web.root, clock: () => now });
  address = await server.listen(0);
  complaints = [];
});
afterEach(async () => {
  await context.close();
  await server.close();
  expect(complaints).toEqual([]);
});

async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
  const watched = await watchedPage(web.browser, address.url, options);
  ({ context } = watched);
  complaints = watched.complaints;
  return watched.page;
}

async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const page = await newPage(options);
  await page.goto(address.link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  return page;
}

const n = (value: number): string => value.toLocaleString('en-GB');

const forget = (...words: string[]): void => {
  const kept = complaints.filter((complaint) => !words.some((word) => complaint.includes(word)));
  complaints.splice(0, complaints.length, ...kept);
};

test('the link opens the case once; the second browser is told how to get another', async () => {
  const page = await open();
  expect(page.url()).toBe(address.url);
  const first = context;
  const second = await newPage();
  const answer = await second.goto(address.link);
  expect(answer?.status()).toBe(401);
  await expect.poll(() => second.textContent('main')).toContain('dalil serve');
  expect(await second.textContent('main')).toContain('هذه القضية مغلقة');
  // Its style was let through by its hash: without it the page would stand at the window's edge.
  expect(await second.evaluate(() => getComputedStyle(document.body).display)).toBe('grid');
  await second.goto(address.url);
  expect(await second.textContent('main')).not.toContain('أرشيف');
  forget('401 (Unauthorized)');
  await page.reload();
  await page.getByRole('heading', { level: 1 }).waitFor();
  await first.close();
});

test('the page says what was received, what came of it, and out of what everything is counted', async () => {
  const page = await open();
  const view = cases.current;
  const text = (await page.textContent('main'))?.replaceAll(/\s+/g, ' ') ?? '';
  expect(text).toContain(view.title);
  expect(text).toContain(`received${n(view.reconciliation.received)}`);
  expect(text).toContain(`sealed${n(view.reconciliation.sealed)}`);
  expect(text).toContain(`${n(view.individuals.pictures)} of ${n(view.individuals.denominator)} detainee pictures`);
  expect(text).toContain(view.individuals.rule);
  expect(text).toContain(view.individuals.interval);
  expect(text).toContain(`Of ${n(view.pictures)} sealed pictures`);
  expect(text).toContain(view.checkpoint.root);
  expect(text).toContain('encrypted archive member: 11');
  expect(await page.getByText('It closes').count()).toBe(3);
  expect(await page.locator('img, picture, video, canvas').count()).toBe(0);
  expect(await page.locator('.stages > li').allTextContents()).toEqual([
    expect.stringMatching(/^IntakeDone/),
    expect.stringMatching(/^DescribeDone.*412 with problems$/),
    expect.stringMatching(/^ReadDone/),
    expect.stringMatching(/^GroupIn progress.*1,204 pending$/),
    expect.stringMatching(/^ReportNot started.*1 pending$/),
  ]);
});

test('what only the machine has read stands beside what is counted, in a word and a shape, and is in no count', async () => {
  const page = await open();
  const { count, provisional } = cases.current.individuals;
  const section = page.locator('.individuals');
  const text = async (): Promise<string> => ((await section.textContent()) ?? '').replaceAll(/\s+/g, ' ');
  await expect.poll(text).toContain(`${n(count)} individuals`);
  expect(await text()).toContain(
    `${n(provisional.individuals)} individuals more and ${n(provisional.pictures)} pictures, in no count`,
  );
  const row = (handle: string) => page.getByRole('row').filter({ hasText: handle });
  for (const [handle, kind, word] of [
    ['I-0001', 'done', 'counted'],
    ['I-0004', 'proposed', 'provisional'],
  ] as const) {
    const mark = row(handle).locator('td').first().locator('.mark');
    expect(await mark.textContent()).toBe(word);
    expect(await mark.getAttribute('class')).toContain(kind);
    expect(await mark.locator('svg path, svg rect').count()).toBe(1);
  }
  // A counted one says how many of its pictures are not; one that is provisional has said it.
  const pictures = (handle: string) => row(handle).locator('td').last().textContent();
  expect(await pictures('I-0007')).toMatch(/^Pictures \d1 provisional$/);
  expect(await pictures('I-0004')).toBe('Pictures 2');
  const listed = n(count + provisional.individuals);
  expect(await text()).toContain(`50 of ${listed} shown`);
  // Where nothing is counted yet, what is provisional is shown all the same.
  cases.current = { ...cases.current, individuals: { ...cases.current.individuals, count: 0 } };
  await page.reload();
  await expect.poll(text).toContain('0 individuals');
  expect(await text()).not.toContain('No individual yet');
  await page.goto(`${address.url}?lang=ar`);
  await expect.poll(text).toContain('9 أفراد آخرين و40 صورة، خارج كل عدد');
});

test('long lists come a page at a time, and the button keeps the keyboard', async () => {
  const page = await open();
  const rows = page.getByRole('table', { name: 'Individuals' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBe(50);
  const more = page.getByRole('button', { name: 'Show 50 more' });
  await more.focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => rows.count()).toBe(100);
  expect(await more.evaluate((button) => button === document.activeElement)).toBe(true);
  expect(await rows.nth(99).textContent()).toContain('I-0100');
  await page.locator('summary').first().click();
  const lines = page.getByRole('table', { name: 'By folder and archive' }).first().locator('tbody tr');
  expect(await lines.count()).toBe(25);
  await page.getByRole('button', { name: 'Show 25 more' }).click();
  expect(await lines.count()).toBe(50);
});

test('Arabic is whole: from right to left, in words and plurals of its own, remembered', async () => {
  const page = await open();
  await page.getByRole('link', { name: 'العربية' }).click();
  await expect.poll(() => page.getAttribute('html', 'dir')).toBe('rtl');
  expect(page.url()).toBe(`${address.url}?lang=ar`);
  const text = await page.innerText('main');
  expect(text).toContain('المطابقة');
  expect(text).toContain('152,411 قيدًا');
  // What is left in Latin letters comes from the case itself, or is a command or a handle.
  const own = [cases.current.title, cases.current.individuals.rule, cases.current.individuals.interval];
  const rest = [...own, cases.current.checkpoint.root, cases.current.id, 'dalil group', 'Juniper', 'UTC'].reduce(
    (left, known) => left.replaceAll(known, ''),
    text,
  );
  expect(rest.match(/[A-Za-z]{2,}/g)).toBeNull();
  const title = await page.getByRole('heading', { level: 1 }).boundingBox();
  const first = await page.locator('.stages > li').first().boundingBox();
  const last = await page.locator('.stages > li').last().boundingBox();
  expect(first?.x).toBeGreaterThan(last?.x ?? Number.POSITIVE_INFINITY);
  expect(title?.width).toBeGreaterThan(600);
  expect(await page.getByText('I-0001').evaluate((node) => getComputedStyle(node).direction)).toBe('ltr');
  await page.goto(address.url);
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.getAttribute('html', 'lang')).toBe('ar');
});

test('every letter is drawn by a font that came along', async () => {
  const page = await open();
  await page.evaluate(() => document.fonts.ready);
  const drawn = await page.evaluate(() =>
    [...document.fonts].filter((font) => font.status === 'loaded').map((font) => `${font.family} ${font.weight}`),
  );
  expect(drawn).toEqual(expect.arrayContaining(['Source Sans 3 400', 'Source Sans 3 600', 'Amiri 600']));
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 1280],
])(
  'in %s at %i pixels nothing needs to be scrolled sideways, and what is pressed is large enough',
  async (lang, width) => {
    const page = await open({ viewport: { width, height: 700 }, locale: lang });
    expect(await page.getAttribute('html', 'lang')).toBe(lang);
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await misfits(page)).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  },
);

test('the keyboard reaches everything that can be pressed, in order, and the focus shows', async () => {
  const page = await open();
  await page.getByRole('button', { name: 'Show 50 more' }).waitFor();
  const pressable = await page
    .locator('a, button, summary, select')
    .evaluateAll((nodes) =>
      nodes.filter((node) => node.checkVisibility()).map((node) => `${node.tagName} ${node.textContent}`),
    );
  const reached: string[] = [];
  for (let press = 0; press < pressable.length; press += 1) {
    await page.keyboard.press('Tab');
    const { name, outline } = await page.evaluate(() => {
      const node = document.activeElement ?? document.body;
      return { name: `${node.tagName} ${node.textContent}`, outline: getComputedStyle(node).outlineStyle };
    });
    expect([name, outline]).toEqual([name, 'solid']);
    reached.push(name);
  }
  expect(reached[0]).toBe('A Skip to the content');
  expect(reached).toEqual(pressable);
});

test('text stands out from its ground in light and dark, and more where more is asked for', async () => {
  const page = await open({ colorScheme: 'light' });
  const paper = async (): Promise<string> =>
    page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();
  expect(await faintTexts(page, 4.5)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await paper()).not.toBe(light);
  expect(await faintTexts(page, 4.5)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark', contrast: 'more' });
  await expect.poll(() => faintTexts(page, 10)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await expect.poll(() => faintTexts(page, 10)).toEqual([]);
});

test.each([1280, 900, 320])('at %i pixels nothing moves while the page fills', async (width) => {
  const page = await open({ viewport: { width, height: 700 } });
  await page.getByRole('button', { name: 'Show 50 more' }).waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  const moved = await page.evaluate(() =>
    (window as unknown as { shifts: number[] }).shifts.reduce((a, b) => a + b, 0),
  );
  expect(moved).toBeLessThan(0.02);
});

test('a commit shows by itself, and one that does not add up is said in words', async () => {
  const page = await open();
  await expect.poll(() => cases.listeners).toBe(1);
  const { reconciliation, checkpoint } = cases.current;
  cases.current = {
    ...cases.current,
    checkpoint: { ...checkpoint, size: checkpoint.size + 1 },
    reconciliation: { ...reconciliation, received: reconciliation.received + 3 },
  };
  cases.commit(checkpoint.size + 1);
  await page.getByText('It does not close').waitFor();
  expect(await page.textContent('main')).toContain('The two sides differ by 3.');
});

test('a lost line is said and found again; what was read stays', async () => {
  const page = await open();
  await expect.poll(() => cases.listeners).toBe(1);
  const { port } = address;
  await server.close();
  await page.getByText('The connection is lost.').waitFor();
  expect(await page.locator('.stages').count()).toBe(1);
  // Another server on the same port does not know this browser: nothing of the case stays in sight.
  server = createServer({ cases, token: newToken(), webRoot: web.root, clock: () => now });
  await server.listen(port);
  await page.getByText('This session has ended.').waitFor();
  expect(await page.textContent('main')).not.toContain(cases.current.title);
  forget('ERR_CONNECTION', 'ERR_INCOMPLETE', 'ERR_EMPTY', '401 (Unauthorized)');
});

test('a case without anything in it says which command comes first', async () => {
  const none = { received: 0, sealed: 0, duplicate: 0, quarantined: 0 };
  cases.current = { ...cases.current, reconciliation: none, accessions: [], next: null };
  const page = await open();
  await page.getByText('Nothing has been received yet.').waitFor();
  expect(await page.textContent('main')).toContain('dalil intake PATH --source PSEUDONYM');
});

test('an error shows its code and what to do, and is tried again', async () => {
  cases.failure = new Fault('case-damaged', { what: 'The index is not of this case.', next: 'dalil rebuild' });
  const page = await newPage();
  await page.goto(address.link);
  await page.getByText('The case could not be read.').waitFor();
  expect(await page.textContent('main')).toContain('The index is not of this case.');
  expect(await page.textContent('main')).toContain('dalil rebuild');
  expect(await page.textContent('main')).toContain('case-damaged');
  cases.failure = null;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1, name: /archive/ }).waitFor();
  forget('500 (Internal Server Error)');
});

test('names from the evidence stay text', async () => {
  const hostile = `<img src=x onerror=alert(1)>"'\u202Egnp.exe`;
  const [first] = cases.current.accessions;
  if (first === undefined) throw new Error('the fixture has deliveries');
  const line = { path: hostile, archive: false, received: 1, sealed: 1, duplicate: 0, quarantined: 0 };
  cases.current = {
    ...cases.current,
    title: hostile,
    accessions: [{ ...first, source: hostile, breakdown: [line] }],
    problems: [{ code: hostile, count: 1, stage: 'intake' }],
  };
  const page = await open();
  await page.locator('summary').click();
  expect(await page.locator('img').count()).toBe(0);
  expect((await page.textContent('main'))?.split(hostile).length).toBeGreaterThan(3);
});

test('the clipboard gets the number and the root, and the button says so', async () => {
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('button', { name: 'Copy number and root' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const { size, root } = cases.current.checkpoint;
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${String(size)} ${root}`);
});
