// The whole of it, as two people go through it in a real browser, by its screens alone: from the one-time link to the
// check, once in English and once in Arabic. Nothing but the machine's own stages happens beside the screens.
import { readFile } from 'node:fs/promises';
import { fromBase64url, isIncluded, openProof } from '@dalil/verify';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDesk, type Desk } from './desk.fixture.ts';
import { ar } from './messages/ar.ts';
import { en, type Messages } from './messages/en.ts';
import { bodiesOf, groupAgain, looked, makeCache, runStages, type Cache } from './walk.fixture.ts';
import { openWeb, type Watched, type Web } from './web.fixture.ts';

let web: Web;
let cache: Cache;
beforeAll(async () => {
  [web, cache] = await Promise.all([openWeb(), makeCache()]);
}, 240_000);
afterAll(async () => {
  await web?.close();
  await cache?.close();
});

interface Walk {
  desk: Desk;
  m: Messages;
  dir: 'ltr' | 'rtl';
  /** Administrator, archivist, analyst and lead in one. */
  ada: Watched;
  /** Analyst and welfare lead, by invitation. */
  bo: Watched;
}

const heading = (page: Page, name: string): Promise<void> =>
  page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const press = (page: Page, name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();
/** By the menu, as a person goes. */
async function to(page: Page, name: string, title = name): Promise<void> {
  await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
  await heading(page, title);
}
/** What of a phrase stands before its first gap. */
const opening = (phrase: string): string => phrase.split('{')[0]!.trim();

async function recordsOf(desk: Desk, kind: string, from = 0) {
  const found = [];
  for await (const record of desk.opened.log.read(from)) if (record.kind === kind) found.push(record);
  return found;
}

test.each([
  ['en', en, 'ltr'],
  ['ar', ar, 'rtl'],
] as const)(
  'in %s two people come in, take a cache in, read, decide, look, are stopped, search, and have it checked',
  async (locale, m, dir) => {
    const desk = await openDesk(web);
    try {
      const walk: Walk = { desk, m, dir, ada: await desk.somebody({ locale }), bo: await desk.somebody({ locale }) };
      await comeIn(walk);
      await takeIn(walk);
      await runStages(desk.opened, cache.truth);
      await readNumbers(walk);
      await decide(walk);
      await look(walk);
      await seek(walk);
      await check(walk);
      expect(await desk.complaints()).toEqual([]);
    } finally {
      await desk.close();
    }
  },
  300_000,
);

/** Takes out of what a page complained of what the browser itself says of something that was done on purpose. */
function expectOnly({ complaints }: Watched, said: RegExp): void {
  expect(complaints.filter((one) => !said.test(one))).toEqual([]);
  expect(complaints.length).toBeGreaterThan(0);
  complaints.length = 0;
}

async function comeIn({ desk, m, dir, ada, bo }: Walk): Promise<void> {
  await ada.page.goto(desk.link);
  await ada.page.getByRole('link', { name: m.setUp.make }).click();
  await heading(ada.page, m.setUp.title);
  await looked(ada.page, 'set-up', dir);
  await ada.page.getByLabel(m.setUp.signInName).fill('Ada');
  await ada.page.getByLabel(m.setUp.workingName).fill('A-1');
  await ada.page.getByLabel(m.setUp.alone).check();
  await press(ada.page, m.setUp.create);
  await press(ada.page, m.recovery.kept);
  await ada.page.getByRole('navigation').getByRole('link', { name: m.people.screen, exact: true }).waitFor();

  await to(ada.page, m.people.screen, m.people.title);
  await ada.page.getByLabel(m.people.inviteName).fill('B-2');
  await ada.page.getByLabel(m.roleNames.analyst).check();
  await ada.page.getByLabel(m.roleNames['welfare-lead']).check();
  await press(ada.page, m.people.makeLink);
  const link = (await ada.page.locator('.shown-once code').textContent())!;
  await looked(ada.page, 'people', dir);

  await bo.page.goto(link);
  await heading(bo.page, m.join.title);
  await looked(bo.page, 'join', dir);
  await bo.page.getByLabel(m.setUp.signInName).fill('Bo');
  await press(bo.page, m.join.accept);
  await press(bo.page, m.recovery.kept);
  await bo.page.getByRole('navigation').getByRole('link', { name: m.queues.numbers, exact: true }).waitFor();
  // The passkey that was made opens the door again, without the link.
  await to(bo.page, m.account.screen);
  await looked(bo.page, 'account', dir);
  await press(bo.page, m.door.signOut);
  await heading(bo.page, m.door.signIn);
  await looked(bo.page, 'sign-in', dir);
  await press(bo.page, m.door.withPasskey);
  await heading(bo.page, m.account.screen);
  const logins = await recordsOf(desk, 'protect.login');
  expect(logins.map(({ actor, fields }) => [actor.name, fields['how']])).toEqual([
    ['A-1', 'passkey'],
    ['B-2', 'link'],
    ['B-2', 'passkey'],
  ]);
}

async function takeIn({ desk, m, dir, ada }: Walk): Promise<void> {
  const { page } = ada;
  const { files, bytes, truth } = cache;
  const sent = { bytes: 0 };
  await to(page, m.intake.title);
  await page.getByLabel(m.intake.source).fill('HERON');
  await page.locator('.intake-form .choose-folder').setInputFiles(cache.folder);
  await expect.poll(() => page.locator('.chosen-sum').textContent()).toContain(String(files));
  await looked(page, 'intake', dir);
  desk.line.cutAfter(Math.round(bytes / 2));
  await press(page, m.intake.send);
  await page.getByText(m.intake.cut).waitFor();
  await looked(page, 'intake, cut', dir);
  // What went over the line before it was cut is not sent again.
  page.on('request', (request) => {
    if (request.method() === 'PUT') sent.bytes += request.postDataBuffer()?.length ?? 0;
  });
  desk.line.mend();
  await page.getByText(m.intake.sent).waitFor({ timeout: 60_000 });
  expect(sent.bytes).toBeGreaterThan(0);
  expect(sent.bytes).toBeLessThan(bytes * 0.75);
  expect(await page.locator('.sending-figures').textContent()).toContain(String(files));
  await press(page, m.intake.receive);
  await page.getByText(m.intake.received).waitFor({ timeout: 60_000 });
  await looked(page, 'intake, received', dir);
  expectOnly(ada, /net::ERR_/);
  // Nothing twice and nothing lost: the reconciliation is that of the truth, and of one letter more.
  const [reconciled] = await recordsOf(desk, 'intake.reconciliation');
  const { received, sealed, duplicate } = truth.totals;
  expect(reconciled!.fields).toMatchObject({
    received: received.all + 1,
    sealed: sealed + 1,
    duplicate,
    quarantined: 0,
  });
}

async function readNumbers({ desk, m, dir, ada, bo }: Walk): Promise<void> {
  const from = desk.opened.log.size;
  const asked = (page: Page): Promise<string | null> => page.locator('.question img').first().getAttribute('src');
  const boAnswers = 3;
  for (const { page } of [ada, bo]) {
    await to(page, m.queues.numbers);
    await page.locator('.question').waitFor();
  }
  await looked(ada.page, 'numbers', dir);
  const seen = { ada: new Set<string>(), bo: new Set<string>() };
  for (let n = 0; n < 50; n++) {
    const image = (await asked(ada.page))!;
    expect(seen.bo.has(image)).toBe(false);
    expect(seen.ada.has(image)).toBe(false);
    seen.ada.add(image);
    // Every tenth is taken for unreadable, every tenth written by hand; the mouse is not touched.
    if (n % 10 === 4) await ada.page.keyboard.press('x');
    else if (n % 10 === 7) {
      await ada.page.keyboard.press('e');
      await ada.page.locator('#number-other:focus').waitFor();
      await ada.page.keyboard.type(`٤${String(100 + n)}`);
      await ada.page.keyboard.press('Enter');
    } else await ada.page.keyboard.press('Enter');
    if (n % 20 === 5) {
      const theirs = (await asked(bo.page))!;
      expect(seen.ada.has(theirs)).toBe(false);
      seen.bo.add(theirs);
      await bo.page.keyboard.press('Enter');
      await expect.poll(() => asked(bo.page), { timeout: 15_000 }).not.toBe(theirs);
    }
    if (n < 49)
      await expect.poll(() => asked(ada.page).catch(() => image), { interval: 10, timeout: 15_000 }).not.toBe(image);
  }
  await expect
    .poll(async () => (await recordsOf(desk, 'group.settlement', from)).length, { timeout: 30_000 })
    .toBe(50 + boAnswers);
  const given = await recordsOf(desk, 'group.settlement', from);
  expect(given.filter(({ actor }) => actor.name === 'A-1')).toHaveLength(50);
  expect(given.filter(({ actor }) => actor.name === 'B-2')).toHaveLength(boAnswers);
  expect(given.filter(({ fields }) => fields['value'] === null)).toHaveLength(5);
  expect(given.some(({ fields }) => fields['value'] === '4107')).toBe(true);
  await looked(ada.page, 'numbers, answered', dir);
}

async function decide({ desk, m, dir, ada }: Walk): Promise<void> {
  const { page } = ada;
  const { truth } = cache;
  // What the machine proposes and does not do by itself.
  await to(page, m.queues.merges);
  await page.locator('.question').waitFor();
  await looked(page, 'merges', dir);
  const from = desk.opened.log.size;
  await page.keyboard.press('1');
  await expect.poll(async () => (await recordsOf(desk, 'group.move', from)).length, { timeout: 15_000 }).toBe(1);

  // What no machine can see: the truth says which two are one body, and which one is two.
  const bodies = await bodiesOf(desk.opened, truth);
  const [twice, joined] = [truth.mistakes![0]!, truth.mistakes![1]!];
  const of = [...bodies].filter(([, held]) => held.has(twice.individual)).map(([handle]) => handle);
  expect(of).toHaveLength(2);
  const [mixed, held] = [...bodies].find(([, each]) => each.has(joined.individual) && each.size > 1)!;
  const open = async (handle: string): Promise<void> => {
    await page.goto(new URL(`/individuals/${handle}`, desk.url).href);
    await heading(page, handle);
  };
  const act = async (name: 'merge' | 'split'): Promise<void> => {
    await press(page, m.individual.acts[name]);
    const dialog = page.getByRole('dialog', { name: m.individual.acts[name] });
    if (name === 'merge') await dialog.getByLabel(m.individual.into).fill(of[0]!);
    await dialog.getByLabel(m.individual.why).fill('لأن العلامات نفسها — the same marks');
    await looked(page, name, dir);
    await press(page, m.individual.write);
    await page.getByText(m.individual.done).waitFor();
  };
  await open(of[1]!);
  await looked(page, 'individual', dir);
  await act('merge');
  await open(mixed);
  for (const item of held.get(joined.individual)!)
    await page.locator('.members li', { hasText: item }).getByRole('checkbox').check();
  await act('split');
  await groupAgain(desk.opened);

  const after = await bodiesOf(desk.opened, truth);
  expect([...after].filter(([, each]) => each.has(twice.individual)).map(([handle]) => handle)).toEqual([of[0]!]);
  expect([...after].filter(([, each]) => each.has(joined.individual) && each.size > 1)).toEqual([]);
  await open(of[1]!);
  await page.getByText(opening(m.individual.mergedInto)).first().waitFor();
}

async function look({ desk, m, dir, ada, bo }: Walk): Promise<void> {
  const { page } = ada;
  // The welfare lead sets how many pictures a day.
  await to(bo.page, m.viewing.name);
  await bo.page.getByLabel(m.welfare.names.perDay).fill('1');
  // No rule names the pictures of bodies here, so that all of them would be asked for twice.
  await bo.page.getByLabel(m.categories.unreviewed).uncheck();
  await press(bo.page, m.welfare.keep);
  await bo.page.getByText(m.welfare.kept).waitFor();
  await looked(bo.page, 'viewing', dir);

  const { rows } = await desk.opened.index.pool.query<{ item: string }>(
    `select t.item from timeline t join description d on d.item = t.item
     where d.format = 'image/jpeg' and t.state = 'placed' order by t.position limit 2`,
  );
  const [first, second] = rows.map(({ item }) => item) as [string, string];
  const at = (item: string): Promise<unknown> => page.goto(new URL(`/items/${item}`, desk.url).href);
  await at(first);
  await page.getByText(m.reveal.hold).waitFor();
  await looked(page, 'item', dir);
  const from = desk.opened.log.size;
  expect(await page.locator('.stage img').count()).toBe(0);
  await page.keyboard.down(' ');
  await page.locator('.stage img').waitFor();
  const [record] = await recordsOf(desk, 'protect.exposure', from);
  expect(record).toMatchObject({ actor: { name: 'A-1' }, fields: { colour: false, side: 240 } });
  await page.keyboard.up(' ');
  expect(await page.locator('.stage img').isVisible()).toBe(false);

  // Its record in the log, with a proof that a stranger can check.
  await to(page, m.activity.title);
  await page.getByRole('table').getByText(m.activity.kinds['protect.exposure']).first().waitFor();
  await looked(page, 'activity', dir);
  await page.locator(`a[href="/activity/${String(record!.position)}"]`).click();
  await page.getByRole('link', { name: m.activity.download }).waitFor();
  await looked(page, 'proof', dir);
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: m.activity.download }).click();
  const proof = await readFile(await (await download).path(), 'utf8');
  const opened = openProof(proof, desk.opened.log.history.current.checkpoints);
  expect(opened.index).toBe(record!.position);
  expect(isIncluded(fromBase64url(record!.id)!, opened)).toBe(true);

  // The one of today is seen.
  await at(second);
  await page.getByText(m.reveal.hold).waitFor();
  const size = (await recordsOf(desk, 'protect.exposure')).length;
  await page.keyboard.down(' ');
  await page.getByText(m.reveal.budgetDay).waitFor();
  await page.keyboard.up(' ');
  expect(await page.locator('.stage img').count()).toBe(0);
  expect(await recordsOf(desk, 'protect.exposure')).toHaveLength(size);
  await looked(page, 'stopped', dir);
  expectOnly(ada, /status of 403/);
}

/** The letter is found by its text: without the article, and ya for alef maqsura. The search is in the log, its words sealed. */
async function seek({ desk, m, dir, ada }: Walk): Promise<void> {
  const { page } = ada;
  await to(page, m.verify.title);
  const from = desk.opened.log.size;
  await page.keyboard.press('/');
  await page.locator('#search-box:focus').waitFor();
  await page.keyboard.type('خريف مستشفي');
  await page.keyboard.press('Enter');
  const found = page.locator('main li', { hasText: 'رسالة' });
  await found.waitFor();
  await looked(page, 'search', dir);
  expect(await page.locator('main mark').allTextContents()).toContain('المستشفى');
  expect(await recordsOf(desk, 'protect.search', from)).toMatchObject([
    { actor: { name: 'A-1' }, fields: { words: 'خريف مستشفي', found: { count: 1, more: false } } },
  ]);
  await found.getByRole('link').click();
  await page.getByText(m.item.seal, { exact: true }).first().waitFor();
  await looked(page, 'letter', dir);
}

async function check({ desk, m, dir, ada }: Walk): Promise<void> {
  const { page } = ada;
  await to(page, m.verify.title);
  await press(page, m.verify.start);
  await page.getByText(opening(m.verify.running)).waitFor();
  await page.getByText(m.verify.holds, { exact: true }).waitFor({ timeout: 60_000 });
  await looked(page, 'verify', dir);
  const records = page.locator('.counts > div', { hasText: m.verify.counts.records });
  expect((await records.first().locator('dd').textContent())?.replaceAll(/\D/g, '')).toBe(String(desk.opened.log.size));
}
