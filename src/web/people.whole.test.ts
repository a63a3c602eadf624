// People in a real browser, with a real (virtual) authenticator: the first account, an invitation, passkeys, a password
// with its codes, roles, sessions; in English and Arabic, wide and narrow, and without a finding of axe.
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OpenCase } from '../log/case.ts';
import { provedLimit } from '../protect/sessions.ts';
import { fromBase32, stepOf, totpAt } from '../protect/totp.ts';
import { fixtureReader } from '../server/fixture.ts';
import { openPeople, type PeopleFixture } from '../server/people.fixture.ts';
import { createServer, type Address, type CaseServer } from '../server/server.ts';
import { newToken } from '../server/session.ts';
import {
  axeFindings,
  misfits,
  openWeb,
  watchedPage,
  withAuthenticator,
  type Watched,
  type Web,
} from './web.fixture.ts';

let web: Web;
let people: PeopleFixture;
let opened: OpenCase;
let server: CaseServer;
let address: Address;
let watched: Watched[] = [];

beforeAll(async () => {
  web = await openWeb();
});
afterAll(async () => web.close());
beforeEach(async () => {
  people = await openPeople();
  opened = await people.makeCase('A case');
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot: web.root,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  address = await server.listen(0);
});
afterEach(async () => {
  for (const { context } of watched) await context.close();
  const complaints = watched.flatMap((one) => one.complaints);
  watched = [];
  await server.close();
  await people.close();
  // A browser says on its console what was refused; what else it complains of is a fault.
  expect(complaints.filter((complaint) => !/status of (?:401|403|429)/.test(complaint))).toEqual([]);
});

/** Somebody's browser, with a passkey device in it that says yes to everything. */
async function someone(options: BrowserContextOptions = {}): Promise<Page> {
  const own = await watchedPage(web.browser as Browser, address.url, options);
  watched.push(own);
  await withAuthenticator(own.context, own.page);
  return own.page;
}

const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name }).waitFor();
const later = (ms: number): void => void (people.now.at += ms);

/** Ada makes the first account, with a passkey. */
async function setUp(page: Page): Promise<void> {
  await page.goto(address.link);
  await heading(page, fixtureReader().current.title);
  await page.getByRole('link', { name: 'Make the first account' }).click();
  await heading(page, 'The first account');
  await page.getByLabel('Name to sign in with').fill('Ada');
  await page.getByLabel('Working name in this case').fill('A-1');
  await page.getByLabel('I also work on the evidence myself').check();
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  expect(await page.locator('.codes li').count()).toBe(10);
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'I have written them down' }).click();
  await heading(page, fixtureReader().current.title);
}

const logins = async (): Promise<unknown[]> => {
  const found = [];
  for await (const { kind, actor, fields } of opened.log.read(0))
    if (kind === 'protect.login') found.push([actor.name, fields['how']]);
  return found;
};

test('the first account, signing out, and in again by passkey', async () => {
  const page = await someone();
  await setUp(page);
  expect(await page.getByRole('link', { name: 'Make the first account' }).count()).toBe(0);
  await page.getByRole('link', { name: 'Your account' }).click();
  await heading(page, 'Your account');
  await expect.poll(() => page.getByText('this browser').count()).toBe(1);
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await heading(page, 'Sign in');
  // Nothing of the case stays, and nothing comes.
  expect(await page.textContent('body')).not.toContain(fixtureReader().current.title);
  expect(await page.getByRole('navigation', { name: 'Screens' }).count()).toBe(0);
  expect(await axeFindings(page)).toEqual([]);
  await page.goto(address.url);
  await heading(page, 'Sign in');
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await heading(page, fixtureReader().current.title);
  expect(await logins()).toEqual([
    ['A-1', 'passkey'],
    ['A-1', 'passkey'],
  ]);
  // The link opens nothing any more: a stranger sees the door.
  const stranger = await someone();
  await stranger.goto(address.link);
  await heading(stranger, 'Sign in');
  await stranger.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await stranger.getByText('The browser made or used no passkey.').waitFor();
});

test('somebody is invited, comes in with a passkey in Arabic, and sees what their roles allow', async () => {
  const ada = await someone();
  await setUp(ada);
  await ada.getByRole('link', { name: 'People' }).click();
  await heading(ada, 'People of this case');
  await ada.getByLabel('Working name, if you have one in mind').fill('B-2');
  await ada.getByLabel('Welfare lead').check();
  await ada.getByRole('button', { name: 'Make a link' }).click();
  const link = await ada.locator('.shown-once code').textContent();
  expect(link).toContain('/join#');
  await expect.poll(() => ada.getByRole('button', { name: 'Withdraw' }).count()).toBe(1);
  expect(await axeFindings(ada)).toEqual([]);

  const bo = await someone({ locale: 'ar', viewport: { width: 320, height: 700 } });
  await bo.goto(link!);
  await heading(bo, 'أنت مدعوّ');
  // The secret is out of the address, and not in the history.
  expect(bo.url()).toBe(`${address.url}join`);
  expect(await bo.textContent('main')).toContain('A-1');
  expect(await bo.textContent('main')).toContain('مسؤول الرعاية');
  expect(await axeFindings(bo)).toEqual([]);
  expect(await misfits(bo)).toEqual([]);
  await bo.getByLabel('اسم الدخول').fill('bo');
  await bo.getByRole('button', { name: 'ادخل' }).click();
  await bo.getByRole('button', { name: 'كتبتُها' }).click();
  // A welfare lead has no share in the evidence: what is theirs comes first.
  await expect.poll(() => bo.getByRole('heading', { level: 1, name: 'أنت مدعوّ' }).count()).toBe(0);
  await bo.getByRole('heading', { level: 1 }).waitFor();
  expect(await bo.textContent('body')).not.toContain(fixtureReader().current.title);
  await bo.goto(`${address.url}account`);
  await heading(bo, 'حسابك');
  expect(await axeFindings(bo)).toEqual([]);
  expect(await misfits(bo)).toEqual([]);
  await bo.goto(`${address.url}people`);
  await heading(bo, 'لا توجد صفحة كهذه.');
  await bo.goto(link!);
  await heading(bo, 'هذه الدعوة لا تفتح شيئًا.');

  // Other roles: their session ends, and the open page shows the door.
  await bo.goto(`${address.url}account`);
  await heading(bo, 'حسابك');
  await ada.reload();
  await ada.getByRole('button', { name: 'Change B-2' }).click();
  const dialog = ada.getByRole('dialog', { name: 'Change B-2' });
  await dialog.getByLabel('Analyst').check();
  expect(await axeFindings(ada)).toEqual([]);
  await dialog.getByRole('button', { name: 'Give these roles' }).click();
  await expect.poll(() => ada.getByRole('dialog').count()).toBe(0);
  await expect.poll(() => ada.textContent('table')).toContain('Analyst, Welfare lead');
  await bo.reload();
  await heading(bo, 'الدخول');
  await bo.getByRole('button', { name: 'الدخول بمفتاح مرور' }).click();
  await heading(bo, 'حسابك');
  await bo.goto(address.url);
  await heading(bo, fixtureReader().current.title);
});

test('a password is set with its authenticator, after proof; it signs in, wrong ones do not', async () => {
  const page = await someone();
  await setUp(page);
  await page.goto(`${address.url}account`);
  await heading(page, 'Your account');
  later(provedLimit);
  await page.getByRole('button', { name: 'Set a password' }).click();
  await page.locator('input[autocomplete=new-password]').fill('four quite unrelated words');
  await expect.poll(() => page.locator('.authenticator code').textContent()).not.toBe('');
  const secret = fromBase32((await page.locator('.authenticator code').textContent()) ?? '')!;
  const code = (): string => totpAt(secret, stepOf(people.now.at));
  expect(await axeFindings(page)).toEqual([]);
  await page.getByLabel('The six digits that it shows now').fill(code());
  await page.getByRole('button', { name: 'Save' }).click();
  const dialog = page.getByRole('dialog', { name: 'Is it you?' });
  await dialog.waitFor();
  expect(await axeFindings(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'With a passkey' }).click();
  await page.getByText('You have a password, with an authenticator application.').waitFor();

  const other = await someone();
  await other.goto(address.url);
  await heading(other, 'Sign in');
  const signIn = async (password: string): Promise<void> => {
    await other.getByLabel('Name to sign in with').fill('ada');
    await other.locator('input[autocomplete=current-password]').fill(password);
    await other.getByLabel('Code').fill(code());
    await other.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  await signIn('something else entirely');
  await other.getByText('This did not sign you in.').waitFor();
  later(60_000);
  await signIn('four quite unrelated words');
  await heading(other, fixtureReader().current.title);
  await other.goto(`${address.url}account`);
  await expect.poll(() => other.getByRole('button', { name: 'End all others' }).count()).toBe(1);
  await other.getByRole('button', { name: 'End all others' }).click();
  await page.reload();
  await heading(page, 'Sign in');

  // A token, shown once.
  await other.getByLabel('What it is for').fill('a script');
  await other.getByRole('button', { name: 'Make a token' }).click();
  const token = await other.locator('.shown-once code').textContent();
  const answer = await fetch(new URL('/api/case', address.url), { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  await other.getByRole('button', { name: 'Revoke' }).click();
  await expect.poll(() => other.getByRole('button', { name: 'Revoke' }).count()).toBe(0);
});

test.each(['en', 'ar'])('%s: the screens of people fit 320, 768 and 1280 pixels, light and dark', async (lang) => {
  const page = await someone({ locale: lang });
  await page.goto(address.link);
  await page.getByRole('heading', { level: 1 }).waitFor();
  const at = async (path: string): Promise<void> => {
    await page.goto(`${address.url}${path}?lang=${lang}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  const look = async (name: string): Promise<void> => {
    for (const width of [320, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect([name, width, await misfits(page)]).toEqual([name, width, []]);
      const folder = process.env['DALIL_SHOTS'];
      if (folder !== undefined)
        await page.screenshot({ path: `${folder}/${name}-${lang}-${width}.png`, fullPage: true });
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    expect([name, await axeFindings(page)]).toEqual([name, []]);
    await page.emulateMedia({ colorScheme: 'light' });
    expect([name, await axeFindings(page)]).toEqual([name, []]);
  };
  await at('set-up');
  await look('set-up');
  await page.getByRole('radio').nth(1).check();
  await page.locator('.qr path').waitFor();
  await expect.poll(() => page.locator('.authenticator code').textContent()).not.toBe('');
  await look('set-up-password');
  const person = await people.person(opened, 'A-1', ['administrator', 'analyst']);
  await people.person(opened, 'باء-2', ['examiner']);
  const secret = await people.session(opened, person);
  await page.context().addCookies([{ name: `dalil-${address.port}`, value: secret, url: address.url }]);
  await at('people');
  await page.locator('tbody tr').first().waitFor();
  await look('people');
  await at('account');
  await look('account');
  await page.context().clearCookies();
  await at('');
  await look('sign-in');
});
