// Settings in a real browser: the grammar of numbers and the time authorities, read by those who work and changed by a lead;
// each change a record in their name; what cannot be is refused in words.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { demoRules } from '../demo/rules.ts';
import { settleRules } from '../group/group.ts';
import { parseRules } from '../group/identifier.ts';
import type { Rules } from '../group/records.ts';
import { addAuthority, anchorsFromPem, authorities } from '../seal/authority.ts';
import { openDesk, type Desk } from './desk.fixture.ts';
import { axeFindings, misfits, openWeb, type Web } from './web.fixture.ts';

let web: Web;
let desk: Desk;
let scratch: string;
let authority: TestAuthority | null = null;
let outside: Server;
let asked = 0;
const shots = process.env['DALIL_SHOTS'];

beforeAll(async () => {
  web = await openWeb();
  desk = await openDesk(web);
  desk.people.now.at = Date.now();
  scratch = await mkdtemp(join(tmpdir(), 'dalil-settings-'));
  await settleRules(desk.opened, parseRules(demoRules));
  outside = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      asked++;
      response.end(authority?.reply(Buffer.concat(chunks)));
    });
  });
  await new Promise<void>((done) => outside.listen(0, '127.0.0.1', done));
  if (withoutOpenssl() === null) authority = new TestAuthority(join(scratch, 'authority'));
}, 240_000);
afterAll(async () => {
  outside?.closeAllConnections();
  outside?.close();
  await desk?.close();
  await web?.close();
  await rm(scratch, { recursive: true });
});
afterEach(async () => {
  // A browser says on its console what was refused; what else it complains of is a fault.
  const complaints = await desk.complaints();
  expect(complaints.filter((one) => !/status of (?:400|403|409)/.test(one))).toEqual([]);
});

const lastRules = async (): Promise<{ rules: Rules; by: string; record: number }> => {
  const { rows } = await desk.opened.index.pool.query<{ rules: Rules; by: string; record: number }>(
    `select u.body as rules, r.actor as by, u.position as record from rules u join record r on r.position = u.position
     order by u.position desc limit 1`,
  );
  return rows[0]!;
};
/** What the server answers to somebody whose page this is. */
const answered = (page: Page, method: string, path: string, body?: unknown) =>
  page.evaluate(
    async ([how, where, text]) => {
      const answer = await fetch(where!, {
        method: how!,
        headers: { 'content-type': 'application/json' },
        ...(text !== null && { body: text! }),
      });
      const said = (await answer.json().catch(() => null)) as Record<string, unknown> | null;
      return { status: answer.status, said };
    },
    [method, path, body === undefined ? null : JSON.stringify(body)] as const,
  );

test('whoever works on evidence reads the grammar of numbers; a lead changes it, and it is a record in their name', async () => {
  const reader = await desk.open('/settings', ['analyst']);
  await reader.getByRole('heading', { name: 'Numbers of this case' }).waitFor();
  const table = reader.getByRole('table', { name: 'Numbers on cards' });
  expect(await table.textContent()).toMatch(/detainee number.*\[0-9\]\{3,4\}.*100/);
  expect(await reader.getByRole('button', { name: 'Change' }).count()).toBe(0);
  expect((await answered(reader, 'PUT', '/api/settings/rules', { rules: demoRules, seen: null })).status).toBe(403);

  const before = await lastRules();
  const page = await desk.open('/settings', ['lead']);
  await page.getByRole('button', { name: 'Change' }).click();
  const first = page.getByRole('group', { name: 'Number 1', exact: true });
  await first.getByLabel('Largest').fill('9999');
  await page.getByRole('button', { name: 'Add a pattern' }).click();
  const added = page.getByRole('group', { name: `Pattern ${String(demoRules.patterns.length + 1)}`, exact: true });
  await added.getByLabel('What it is for').fill('hospital folders');
  await added.getByLabel('Path (regular').fill('(?:^|/)H(?<hospital>[0-9]+)/[^/]+$');
  await added
    .getByRole('group', { name: 'What hospital is' })
    .getByLabel('Kind of number')
    .selectOption('hospital number');
  await added.getByRole('button', { name: 'Earlier' }).click();
  expect(await axeFindings(page)).toEqual([]);
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('Written down. It comes into effect').waitFor();
  const after = await lastRules();
  expect(after.by).toBe('Wren, lead');
  expect(after.record).toBeGreaterThan(before.record);
  expect(after.rules.numbers![0]).toMatchObject({ role: 'detainee-number', min: 100, max: 9999 });
  expect(after.rules.patterns.at(-2)).toEqual({
    name: 'hospital folders',
    match: '(?:^|/)H(?<hospital>[0-9]+)/[^/]+$',
    identifiers: { hospital: { role: 'hospital-number', carrier: 'folder' } },
  });
  // All else is as it was.
  const { patterns } = after.rules;
  expect([...patterns.slice(0, -2), patterns.at(-1)]).toEqual(before.rules.patterns);
});

test('rules that cannot be are refused in words, and two people who change them at once are told', async () => {
  const { record } = await lastRules();
  const page = await desk.open('/settings', ['lead']);
  const put = (rules: unknown, seen: number | null = record) =>
    answered(page, 'PUT', '/api/settings/rules', { rules, seen });
  const refused: [unknown, RegExp][] = [
    [{ patterns: [{ name: 'a', match: '(' }] }, /pattern "a".*not usable/],
    [{ patterns: [{ name: 'a', match: 'b', identifiers: { c: { role: 'name', carrier: 'folder' } } }] }, /not usable/],
    [{ patterns: [], individualKey: [] }, /cannot be read/],
    [{ patterns: [], numbers: [{ role: 'photo-number', pattern: '[' }] }, /form of the photo-number/],
    [{ patterns: [], numbers: [{ role: 'photo-number', pattern: '1', min: 2, max: 1 }] }, /form of the photo-number/],
    ['none', /cannot be read/],
  ];
  for (const [rules, title] of refused) {
    const { status, said } = await put(rules);
    expect([rules, status]).toEqual([rules, 400]);
    expect(said).toMatchObject({ code: 'usage', title: expect.stringMatching(title) as string });
    expect(String(said!['detail'])).toMatch(/expected: .*; got: /);
  }
  expect((await lastRules()).record).toBe(record);

  await page.getByRole('button', { name: 'Change' }).click();
  const form = page.getByRole('group', { name: 'Number 1', exact: true }).getByLabel('Form');
  await form.fill('[0-9');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByRole('alert').getByText('not usable').waitFor();
  expect(await page.getByRole('alert').textContent()).toContain('expected: an ECMAScript regular expression');
  await form.fill('[0-9]{3}');
  await settleRules(desk.opened, parseRules({ ...demoRules, series: [{ role: 'detainee-number', start: 1 }] }));
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByText('Somebody else has changed this').waitFor();
  await page.getByRole('button', { name: 'Leave it as it is' }).click();
  await page.getByRole('table', { name: 'How numbers were given out' }).waitFor();
  expect((await lastRules()).by).toBe('operator');
});

test('an authority is added by its public https address alone, with proof of who one is, and no request is made', async () => {
  const page = await desk.open('/settings', ['lead']);
  const pem = authority?.pem('root') ?? '';
  const add = (more: object) =>
    answered(page, 'POST', '/api/settings/authorities', {
      name: 'outside',
      url: 'https://time.example.org/tsa',
      policy: null,
      revocations: [],
      anchors: pem,
      ...more,
    });
  for (const url of [
    'http://time.example.org/',
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://[::1]/',
    'https://169.254.169.254/latest',
    'https://localhost/',
    'https://printer/',
    'https://db.internal./',
    'https://user:secret@time.example.org/',
    'file:///etc/passwd',
    'time',
  ]) {
    expect([url, (await add({ url })).status]).toEqual([url, 400]);
    expect([url, (await add({ revocations: [url] })).status]).toEqual([url, 400]);
  }
  for (const wrong of [{ anchors: 'none' }, { name: 'Out side' }, { policy: 'one' }])
    expect((await add(wrong)).status).toBe(400);
  expect(await authorities(desk.opened)).toEqual([]);
  if (authority === null) return;

  desk.people.now.at += 20 * 60_000;
  expect((await add({})).said).toMatchObject({ reason: 'prove-again' });
  expect(await authorities(desk.opened)).toEqual([]);
  desk.people.now.at -= 20 * 60_000;
  await page.getByRole('button', { name: 'Add an authority' }).click();
  await page.getByLabel('Name', { exact: true }).fill('outside');
  await page.getByLabel('Address', { exact: true }).fill('https://10.0.0.1/');
  await page.getByLabel('Its root certificate').fill(pem);
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByRole('alert').getByText('by https:// and a public name').waitFor();
  await page.getByLabel('Address', { exact: true }).fill('https://time.example.org/tsa');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.getByRole('heading', { name: 'outside' }).waitFor();
  await page.getByText('none yet').waitFor();
  expect(asked).toBe(0);
  const { rows } = await desk.opened.index.pool.query<{ actor: string; kind: string }>(
    'select actor, kind from record order by position desc limit 1',
  );
  expect(rows[0]).toEqual({ actor: 'Wren, lead', kind: 'seal.authority' });
  await page.getByRole('button', { name: 'Ask outside no more' }).click();
  await page.getByText('No authority is named').waitFor();
  expect(await authorities(desk.opened)).toEqual([]);
});

test.skipIf(withoutOpenssl() !== null)(
  'the time is asked for by a press, a second press within minutes asks nobody, and the age of the reply is shown',
  async () => {
    const { port } = outside.address() as AddressInfo;
    const settings = { name: 'near', url: `http://127.0.0.1:${String(port)}/`, policy: null, revocations: [] };
    await addAuthority(desk.opened, { ...settings, anchors: anchorsFromPem(authority!.pem('root')) });
    const page = await desk.open('/settings', ['archivist']);
    await page.getByText('none yet').waitFor();
    expect(await page.getByRole('button', { name: 'Add an authority' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Stamp now' }).click();
    await page.getByText(/near has stamped [\d,]+ records/).waitFor();
    expect(asked).toBe(1);
    await page.getByText(/minutes? old/).waitFor();
    const { rows } = await desk.opened.index.pool.query<{ actor: string }>(
      `select actor from record where kind = 'seal.timestamp'`,
    );
    expect(rows).toEqual([{ actor: 'Wren, archivist' }]);
    await desk.opened.log.append(desk.opened.actor, (turn) => {
      turn.add({ kind: 'protect.login', member: 'aaaaaaaaaaaaaaaa', how: 'password' });
    });
    await page.getByRole('button', { name: 'Stamp now' }).click();
    await page.getByText('near: asked some minutes ago').waitFor();
    expect(asked).toBe(1);
    expect((await answered(page, 'POST', '/api/settings/stamps', { authority: 'nobody' })).status).toBe(400);
  },
);

test('language and look are chosen for oneself, kept in this browser, and no record', async () => {
  const page = await desk.open('/settings', ['guardian']);
  const { size } = desk.opened.log;
  const own = page.getByRole('region', { name: 'For you alone' });
  await own.getByLabel('Look').selectOption('Dark');
  expect(await page.locator('header select').inputValue()).toBe('dark');
  await own.getByLabel('Language').selectOption('العربية');
  await page.getByRole('heading', { level: 1, name: 'الإعدادات' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'الإعدادات' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
  expect(desk.opened.log.size).toBe(size);
  // A guardian has no share in the evidence, and sees none of its grammar.
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual(['مقدار المشاهدة', 'لك وحدك']);
});

test('whoever looks after people sets the limits here as well', async () => {
  const page = await desk.open('/settings', ['welfare-lead']);
  await page.getByLabel('Pictures a day').fill('77');
  await page.getByRole('button', { name: /Keep|Set/ }).click();
  await expect
    .poll(async () => (await answered(page, 'GET', '/api/viewing/mine')).said)
    .toMatchObject({
      limits: { perDay: 77 },
    });
});

test.each([
  ['en', 360],
  ['ar', 360],
  ['en', 1280],
  ['ar', 1280],
] as const)('in %s at %i pixels settings fit, read and in change, and axe finds nothing', async (lang, width) => {
  const page = await desk.open('/settings', ['lead'], { viewport: { width, height: 800 }, locale: lang });
  for (const state of ['read', 'change']) {
    if (state === 'change') await page.locator('main .section button').first().click();
    await page
      .locator(state === 'read' ? 'main table' : 'form.rules-form')
      .first()
      .waitFor();
    if (shots !== undefined)
      await page.screenshot({ path: `${shots}/settings-${state}-${lang}-${String(width)}.png`, fullPage: true });
    expect([state, await misfits(page)]).toEqual([state, []]);
    expect([state, await axeFindings(page)]).toEqual([state, []]);
  }
});
