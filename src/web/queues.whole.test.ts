// The queues in a real browser over a real case: numbers by keyboard only, undo, a dropped line, two people, both
// languages at three widths.
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { forgetRoles, openEvidence, type EvidenceFixture, type Worker } from '../server/evidence.fixture.ts';
import { axeFindings, misfits, openWeb, watchedPage, type Watched, type Web } from './web.fixture.ts';

let web: Web;
let evidence: EvidenceFixture;
let anna: Worker;
const watched: Watched[] = [];

beforeAll(async () => {
  web = await openWeb();
  evidence = await openEvidence({ webRoot: web.root, individuals: 5, unnamed: true });
  anna = await evidence.worker('Anna', ['analyst']);
}, 240_000);
afterAll(async () => {
  await evidence?.close();
  await web?.close();
});
afterEach(async () => {
  for (const { context } of watched) await context.close();
  const complaints = watched.splice(0).flatMap((one) => one.complaints);
  expect(complaints).toEqual([]);
});

async function open(path: string, who = anna, options: Parameters<typeof watchedPage>[2] = {}): Promise<Page> {
  const one = await watchedPage(web.browser, evidence.address.url, options);
  watched.push(one);
  await one.context.addCookies([{ ...who.cookie, url: evidence.address.url }]);
  await one.page.goto(new URL(path, evidence.address.url).href);
  await one.page.locator('.question').waitFor();
  return one.page;
}

const forget = (word: string): void => {
  for (const { complaints } of watched)
    complaints.splice(0, complaints.length, ...complaints.filter((one) => !one.includes(word)));
};
const latest = async (): Promise<{ kind: string; actor: { name: string }; fields: Record<string, unknown> }> => {
  const { size } = evidence.opened.log;
  for await (const record of evidence.opened.log.read(size - 1, size)) return record;
  throw new Error('no record');
};
const until = async (size: number): Promise<void> => {
  await expect.poll(() => evidence.opened.log.size, { timeout: 15_000 }).toBe(size);
};

test('a number is shown by its cut-out and nothing else, and answered by one key; undo is one key too', async () => {
  const page = await open('/queues/numbers');
  const images = await page
    .locator('img')
    .evaluateAll((all) => all.map((one) => new URL((one as HTMLImageElement).src).pathname));
  expect(images.length).toBeGreaterThan(0);
  for (const path of images) expect(path).toMatch(/^\/api\/crops\/E-\d+\.\d+$/);
  const proposed = await page.locator('.question strong').textContent();
  const { size } = evidence.opened.log;
  await page.keyboard.press('Enter');
  await until(size + 1);
  expect(await latest()).toMatchObject({
    kind: 'group.settlement',
    actor: { name: 'Anna' },
    fields: { value: proposed },
  });
  await page.keyboard.press('z');
  await until(size + 2);
  expect(await latest()).toMatchObject({ kind: 'group.settlement', fields: { withdrawn: true } });
  await page.getByText('Taken back.').waitFor();
  await page.keyboard.press('x');
  await until(size + 3);
  expect(await latest()).toMatchObject({ fields: { value: null, withdrawn: false } });
  await page.keyboard.press('e');
  await page.locator('input#number-other:focus').waitFor();
  // While a number is written, keys are letters.
  await page.keyboard.type('٧٧x');
  await page.keyboard.press('Backspace');
  await page.keyboard.press('Enter');
  await until(size + 4);
  expect(await latest()).toMatchObject({ fields: { value: '77' } });
});

test('answers survive a dropped line and a closed page, and arrive once each, in order', async () => {
  const page = await open('/queues/numbers');
  const { size } = evidence.opened.log;
  const { context } = watched[0]!;
  await context.setOffline(true);
  await page.keyboard.press('x');
  await page.locator('.question').waitFor();
  await page.keyboard.press('x');
  await page.getByText('2 answers are kept in this browser').waitFor();
  expect(evidence.opened.log.size).toBe(size);
  const kept = await page.evaluate(() => Object.entries(localStorage).find(([name]) => name.startsWith('outbox'))?.[1]);
  expect(kept).toContain('/api/queues/numbers/answers');
  expect(kept).not.toContain('image');
  await context.setOffline(false);
  await page.reload();
  await page.goto(new URL('/queues/numbers', evidence.address.url).href);
  await until(size + 2);
  await expect
    .poll(() => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('outbox'))))
    .toEqual([]);
  expect(await page.locator('.refused').count()).toBe(0);
  // The first may still be under way when the page that came back sends it again.
  forget('409 (Conflict)');
  forget('ERR_INTERNET_DISCONNECTED');
});

test('what another has answered meanwhile is shown, and nothing is written over it', async () => {
  const page = await open('/queues/categories');
  const boris = await evidence.worker('Boris', ['analyst']);
  const item = (await page.locator('.question a').first().textContent())!;
  const { settleCategory } = await import('../group/decisions.ts');
  await settleCategory({ ...evidence.opened, actor: { ...evidence.opened.actor, name: 'Boris' } }, [item], 'force', '');
  const { size } = evidence.opened.log;
  await page.keyboard.press('4');
  await page.getByText(`${item}: force, by Boris`).waitFor();
  expect(evidence.opened.log.size).toBe(size);
  expect(boris.person.name).toBe('Boris');
  await page.getByRole('button', { name: 'Seen' }).click();
  forget('409 (Conflict)');
});

const shots = process.env['DALIL_SHOTS'];

const cropOf = (page: Page) => page.locator('.question .crop img').getAttribute('src');

/** Puts off what has a role, which comes first. */
async function untilRoleless(page: Page): Promise<void> {
  const crop = () => cropOf(page);
  while ((await page.locator('.question [role=group]').count()) === 0) {
    const before = await crop();
    await page.keyboard.press('l');
    await expect.poll(crop).not.toBe(before);
  }
}

test('a number without a role is answered by one key for the role and one for the value, in either order', async () => {
  await forgetRoles(evidence);
  // What pages before have held would come first.
  await anna.ask('DELETE', '/api/queues/numbers/claims');
  const page = await open('/queues/numbers');
  await page.getByText(/In \d+ more pictures? no number was found/).waitFor();
  const kinds = page.getByRole('group', { name: 'Which of the numbers is this?' });
  await untilRoleless(page);
  const { size } = evidence.opened.log;
  const proposed = () => page.locator('.question strong').textContent();
  const first = await proposed();
  const crop = await cropOf(page);
  await page.keyboard.press('d');
  await page.locator('button[aria-pressed=true]', { hasText: 'detainee number' }).waitFor();
  await page.keyboard.press('Enter');
  await until(size + 1);
  expect(await latest()).toMatchObject({
    kind: 'group.settlement',
    fields: { role: 'detainee-number', value: first, withdrawn: false },
  });
  await page.getByText(`Answered: detainee number: ${String(first)}`).waitFor();
  await page.keyboard.press('z');
  await page.getByText('Taken back.').waitFor();
  await until(size + 2);
  expect(await latest()).toMatchObject({ fields: { role: 'detainee-number', withdrawn: true } });
  await expect.poll(() => cropOf(page)).toBe(crop);

  // The value first: it is kept until the role is said, and nothing is written before.
  await page.keyboard.press('e');
  await page.locator('input#number-other:focus').waitFor();
  await page.keyboard.type('٢١٥');
  await page.keyboard.press('Enter');
  await page.getByText('say which of the numbers it is').waitFor();
  expect(evidence.opened.log.size).toBe(size + 2);
  await page.keyboard.press('b');
  await until(size + 3);
  expect(await latest()).toMatchObject({ fields: { role: 'branch-number', value: '215' } });
  await kinds.waitFor();
  await page.keyboard.press('x');
  await until(size + 4);
  expect(await latest()).toMatchObject({ fields: { role: 'illegible', value: null, withdrawn: false } });
});

test.each(['en', 'ar'])('in %s the question which number it is fits, and axe finds nothing', async (locale) => {
  for (const width of [320, 1280]) {
    const page = await open('/queues/numbers', anna, { viewport: { width, height: 800 }, locale });
    await untilRoleless(page);
    await page.keyboard.press('Enter');
    await page.locator('[role=group] [role=status]:not(:empty)').waitFor();
    if (shots !== undefined) {
      await mkdir(shots, { recursive: true });
      await page.screenshot({ path: `${shots}/kinds-${locale}-${String(width)}.png` });
    }
    expect(await misfits(page)).toEqual([]);
    expect(await axeFindings(page)).toEqual([]);
  }
});

test.each([
  ['en', 320],
  ['ar', 320],
  ['en', 768],
  ['ar', 768],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels the queues fit, and axe finds nothing', async (lang, width) => {
  for (const name of ['numbers', 'categories']) {
    const page = await open(`/queues/${name}`, anna, { viewport: { width, height: 800 }, locale: lang });
    if (shots !== undefined) {
      await mkdir(shots, { recursive: true });
      await page.waitForTimeout(300);
      await page.screenshot({ path: `${shots}/${name}-${lang}-${String(width)}.png` });
    }
    expect(await misfits(page)).toEqual([]);
    if (width !== 768) expect(await axeFindings(page)).toEqual([]);
  }
});
