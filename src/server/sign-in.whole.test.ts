// The life of accounts over the real server, database and log: the first one, invitations, signing in, recovery, roles,
// sessions, tokens; and that each coming in is a record.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { OpenCase } from '../log/case.ts';
import { countAttempt, freeFromOneAddress } from '../protect/attempts.ts';
import { invite } from '../protect/invitations.ts';
import { absoluteLimit, idleLimit, provedLimit } from '../protect/sessions.ts';
import { authenticator, openClient, type Authenticator, type Client } from './client.fixture.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { routeRules } from './policy.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let webRoot = '';
let opened: OpenCase;
let server: CaseServer;
let address: Address;

beforeEach(async () => {
  people = await openPeople();
  webRoot = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>shell</title>');
  opened = await people.makeCase('A case');
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  address = await server.listen(0);
});
afterEach(async () => {
  await server.close();
  await rm(webRoot, { recursive: true });
  await people.close();
});

const minute = 60_000;
const later = (ms: number): void => void (people.now.at += ms);

/** The records of people, oldest first. */
async function records(): Promise<{ kind: string; actor: string; [field: string]: unknown }[]> {
  const found = [];
  for await (const record of opened.log.read(0))
    if (/^protect\.(?:member|login)$/.test(record.kind))
      found.push({ ...record.fields, kind: record.kind, actor: record.actor.name });
  return found;
}

interface Entered {
  client: Client;
  member: string;
  recoveryCodes: string[];
  own: Authenticator;
}

/** The first account: Ada, who works alone. */
async function setUp(alone = true): Promise<Entered> {
  const client = openClient(address);
  expect((await client.get(address.link.slice(address.url.length - 1))).status).toBe(303);
  const own = await authenticator(client, 'ada', people.now.at);
  const answer = await client.send('POST', '/api/set-up', { signInName: 'Ada', name: 'A-1', alone, offer: own.offer });
  expect(answer.status).toBe(200);
  return { client, own, ...answer.json<{ member: string; recoveryCodes: string[] }>() };
}

/** Somebody by an invitation of Ada's. */
async function join_(ada: Client, signInName: string, name: string, roles: string[]): Promise<Entered> {
  const invited = await ada.send('POST', '/api/people/invitations', { name, roles });
  const { link } = invited.json<{ link: string }>();
  const secret = link.split('#')[1]!;
  const client = openClient(address);
  const own = await authenticator(client, signInName, people.now.at);
  const answer = await client.send('POST', '/api/invitation/accept', { secret, signInName, name, offer: own.offer });
  expect([answer.status, answer.text.includes('recoveryCodes')]).toEqual([200, true]);
  return { client, own, ...answer.json<{ member: string; recoveryCodes: string[] }>() };
}

const signIn = (client: Client, name: string, own: Authenticator, code = own.code(people.now.at)) =>
  client.send('POST', '/api/sign-in/password', { name, password: own.password, code });

test('the link sees the case and makes the first account, once; after that the link is gone', async () => {
  const visitor = openClient(address);
  const link = address.link.slice(address.url.length - 1);
  await visitor.get(link);
  expect((await visitor.get('/api/door')).json()).toEqual({ state: 'set-up', person: null });
  expect((await visitor.get('/api/case')).status).toBe(200);
  // What else there is, is not the link's to open.
  for (const [route, { who }] of Object.entries(routeRules)) {
    if (who.includes('anyone') || who.includes('set-up')) continue;
    const [method, path] = route.split(' ') as [string, string];
    const named = path.replaceAll(/\{\w+\}/g, 'numbers');
    const { status } = method === 'GET' ? await visitor.get(named) : await visitor.send(method, named, {});
    expect([route, status]).toEqual([route, 403]);
  }
  const before = new Map(visitor.cookies);
  const own = await authenticator(visitor, 'ada', people.now.at);
  const ask = { signInName: 'Ada', name: 'A-1', alone: false, offer: own.offer };
  // Two at once, as by a double click: one account.
  const both = await Promise.all([visitor.send('POST', '/api/set-up', ask), visitor.send('POST', '/api/set-up', ask)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  const { member, recoveryCodes } = both.find(({ status }) => status === 200)!.json<Entered>();
  expect(recoveryCodes).toHaveLength(10);
  for (const code of recoveryCodes) expect(code).toMatch(/^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);

  // Administrator alone: no evidence.
  expect((await visitor.get('/api/door')).json()).toEqual({
    state: 'in',
    person: { member, name: 'A-1', roles: ['administrator'], proved: true },
  });
  expect((await visitor.get('/api/case')).status).toBe(403);
  expect((await visitor.get('/api/people')).status).toBe(200);
  expect((await visitor.send('POST', '/api/set-up', ask)).status).toBe(403);

  // What the link opened is closed, and the link opens nothing.
  const old = openClient(address);
  for (const [name, value] of before) old.cookies.set(name, value);
  expect((await old.get('/api/case')).status).toBe(401);
  const again = await openClient(address).get(link);
  expect([again.status, again.headers.location, again.headers['set-cookie']]).toEqual([303, '/', undefined]);
  expect(await records()).toEqual([
    { kind: 'protect.member', actor: 'A-1', member, name: 'A-1', roles: ['administrator'], state: 'here' },
    { kind: 'protect.login', actor: 'A-1', member, how: 'password' },
  ]);
  // Neither what somebody signs in with nor the account's own name is in the log.
  const log = JSON.stringify(await records());
  expect(log).not.toMatch(/ada/i);
});

test('whoever works alone says so, and it is on record', async () => {
  const { client, member } = await setUp(true);
  const roles = ['administrator', 'archivist', 'analyst', 'lead'];
  expect((await client.get('/api/case')).status).toBe(200);
  expect((await records())[0]).toMatchObject({ kind: 'protect.member', member, roles });
});

test('an invitation lets one person in, in the roles it says, until it is used, withdrawn or stale', async () => {
  const ada = await setUp();
  const invited = await ada.client.send('POST', '/api/people/invitations', { name: 'B-2', roles: ['analyst'] });
  const { link, id } = invited.json<{ link: string; id: string }>();
  expect(link).toMatch(new RegExp(`^${address.url}join#[\\w-]{43}$`));
  const secret = link.split('#')[1]!;
  const bo = openClient(address);
  const look = (client: Client, given: string) => client.send('POST', '/api/invitation/look', { secret: given });
  expect((await look(bo, secret)).json()).toMatchObject({
    kind: 'invitation',
    name: 'B-2',
    roles: ['analyst'],
    by: 'A-1',
  });
  const own = await authenticator(bo, 'bo', people.now.at);
  const accept = { secret, signInName: 'bo', name: 'B-2', offer: own.offer };
  // Taken names, a wrong code and a weak password use nothing up.
  const wrongs: Record<string, unknown>[] = [
    { ...accept, signInName: 'ADA' },
    { ...accept, name: 'a-1' },
    { ...accept, offer: { ...own.offer, code: '000000' } },
    { ...accept, offer: { ...own.offer, password: 'bo' } },
    { ...accept, name: 'B\u202e2' },
    { secret, offer: own.offer },
  ];
  for (const [i, wrong] of wrongs.entries())
    expect([i, (await bo.send('POST', '/api/invitation/accept', wrong)).status]).toEqual([i, 400]);
  const many = await Promise.all(Array.from({ length: 5 }, () => bo.send('POST', '/api/invitation/accept', accept)));
  expect(many.filter(({ status }) => status === 200)).toHaveLength(1);
  expect((await look(bo, secret)).status).toBe(403);
  expect((await bo.get('/api/door')).json()).toMatchObject({ person: { name: 'B-2', roles: ['analyst'] } });
  expect((await bo.get('/api/people')).status).toBe(403);
  const found = await records();
  expect(found.at(-2)).toMatchObject({ kind: 'protect.member', actor: 'A-1', name: 'B-2', roles: ['analyst'] });
  expect(found.at(-1)).toMatchObject({ kind: 'protect.login', actor: 'B-2', how: 'link' });

  const second = await ada.client.send('POST', '/api/people/invitations', { name: null, roles: ['lead'] });
  const open = (await ada.client.get('/api/people')).json<{ invitations: { id: string }[] }>();
  expect(open.invitations.map((one) => one.id)).toEqual([second.json<{ id: string }>().id]);
  expect(id).not.toBe(second.json<{ id: string }>().id);
  expect((await ada.client.send('DELETE', `/api/people/invitations/${open.invitations[0]!.id}`)).status).toBe(204);
  expect((await look(bo, second.json<{ link: string }>().link.split('#')[1]!)).status).toBe(403);
  const third = await ada.client.send('POST', '/api/people/invitations', { name: null, roles: [] });
  later(7 * 24 * 60 * minute + 1);
  expect((await look(bo, third.json<{ link: string }>().link.split('#')[1]!)).status).toBe(403);
});

test('a password needs its code, a code is good once, and a recovery code once', async () => {
  const { own, recoveryCodes } = await setUp();
  const client = openClient(address);
  // The code with which the account was made is used up.
  expect((await signIn(client, 'ada', own)).status).toBe(403);
  later(minute);
  const code = own.code(people.now.at);
  const twice = await Promise.all([signIn(client, 'Ada ', own, code), signIn(openClient(address), 'ada', own, code)]);
  expect(twice.map(({ status }) => status).toSorted()).toEqual([200, 403]);
  expect((await signIn(openClient(address), 'ada', own, code)).status).toBe(403);
  const recover = (given: string, password = own.password) =>
    openClient(address).send('POST', '/api/sign-in/password', { name: 'ada', password, code: given });
  expect((await recover(recoveryCodes[0]!, 'not the password')).status).toBe(403);
  expect((await recover(recoveryCodes[0]!.toUpperCase().replaceAll('-', ' '))).status).toBe(200);
  expect((await recover(recoveryCodes[0]!)).status).toBe(403);
  expect((await records()).filter(({ kind }) => kind === 'protect.login').map(({ how }) => how)).toEqual([
    'password',
    'password',
    'recovery-code',
  ]);
});

test('a name that nobody has is answered with the same words, after the same time, as a wrong password', async () => {
  const { own } = await setUp();
  later(minute);
  const times: Record<string, number[]> = { ada: [], nobody: [] };
  const texts = new Set<string>();
  for (let i = 0; i < 4; i++) {
    for (const name of ['ada', 'nobody']) {
      const client = openClient(address);
      const answer = await client.send('POST', '/api/sign-in/password', { name, password: 'wrong', code: own.code(0) });
      expect([answer.status, client.cookies.size]).toEqual([403, 0]);
      texts.add(answer.text);
      times[name]!.push(answer.took);
    }
  }
  expect(texts.size).toBe(1);
  // Both are the hash's time, which is hundreds of times that of a look into the database.
  const least = (name: string): number => Math.min(...times[name]!);
  expect(least('nobody')).toBeGreaterThan(30);
  expect(least('nobody') / least('ada')).toBeGreaterThan(0.5);
  expect(least('nobody') / least('ada')).toBeLessThan(2);
});

test('one guess at each of many names is slowed by where they come from, except for browsers that are known', async () => {
  const { own, client: known } = await setUp();
  later(minute);
  for (let i = 0; i < freeFromOneAddress - 1; i++)
    await countAttempt(people.accounts, 'address 127.0.0.1', freeFromOneAddress);
  const stranger = openClient(address);
  const guess = (name: string) =>
    stranger.send('POST', '/api/sign-in/password', { name, password: 'a guess', code: '123456' });
  expect((await guess('nobody-1')).status).toBe(403);
  expect((await guess('nobody-2')).status).toBe(429);
  await known.send('POST', '/api/sign-out');
  expect((await signIn(known, 'ada', own)).status).toBe(200);
});

test('guessing is slowed for strangers, and never for the browser of its person', async () => {
  const { own, client: known } = await setUp();
  later(minute);
  const attempt = (client: Client) =>
    client.send('POST', '/api/sign-in/password', { name: 'ada', password: 'a guess', code: '123456' });
  const stranger = openClient(address);
  // Twenty at once are heard no more often than twenty in a row.
  const burst = await Promise.all(Array.from({ length: 10 }, () => attempt(stranger)));
  expect(burst.filter(({ status }) => status === 403)).toHaveLength(5);
  const refused = burst.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(5);
  expect(refused[0]!.headers['retry-after']).toBe('1');
  expect(refused[0]!.json()).toMatchObject({ code: 'locked' });
  // The right password waits as well: whether it was right is not told.
  expect((await signIn(stranger, 'ada', own)).status).toBe(429);
  let heard = 0;
  for (let s = 0; s < 120; s++) {
    later(1000);
    if ((await attempt(stranger)).status === 403) heard++;
  }
  expect(heard).toBeLessThanOrEqual(7);
  expect(heard).toBeGreaterThanOrEqual(5);
  // Her own browser, which has signed in before, is not kept out by them.
  await known.send('POST', '/api/sign-out');
  expect((await known.get('/api/account')).status).toBe(401);
  expect((await signIn(known, 'ada', own)).status).toBe(200);
  // But who guesses from it is slowed too.
  later(minute);
  await known.send('POST', '/api/sign-out');
  const own5 = await Promise.all(Array.from({ length: 8 }, () => attempt(known)));
  expect(own5.filter(({ status }) => status === 429)).toHaveLength(3);
  // The longest wait is a quarter of an hour, and a day without attempts forgets.
  later(16 * minute);
  expect((await signIn(stranger, 'ada', own)).status).toBe(200);
});

test('a session ends when it is idle, when it is old, when its person or an administrator ends it', async () => {
  const ada = await setUp();
  const bo = await join_(ada.client, 'bo', 'B-2', ['analyst']);
  const alive = async (client: Client): Promise<boolean> => (await client.get('/api/account')).status === 200;
  later(idleLimit - 1);
  expect(await alive(ada.client)).toBe(true);
  later(minute);
  expect([await alive(ada.client), await alive(bo.client)]).toEqual([true, false]);
  for (let passed = idleLimit; passed < absoluteLimit; passed += idleLimit / 2) {
    later(idleLimit / 2);
    await alive(ada.client);
  }
  expect(await alive(ada.client)).toBe(false);

  const [one, two] = [openClient(address), openClient(address)];
  await signIn(one, 'bo', bo.own);
  later(minute);
  await signIn(two, 'bo', bo.own);
  const mine = (await one.get('/api/account')).json<{ sessions: { id: string; own: boolean; program: string }[] }>();
  expect(mine.sessions).toHaveLength(2);
  const other = mine.sessions.find((session) => !session.own)!;
  expect((await one.send('DELETE', `/api/account/sessions/${other.id}`)).status).toBe(204);
  expect([await alive(one), await alive(two)]).toEqual([true, false]);
  later(minute);
  await signIn(two, 'bo', bo.own);
  await one.send('DELETE', '/api/account/sessions');
  expect([await alive(one), await alive(two)]).toEqual([true, false]);

  await signIn(ada.client, 'ada', ada.own);
  const sessions = (await ada.client.get(`/api/people/${bo.member}/sessions`)).json<{ sessions: { id: string }[] }>();
  expect(sessions.sessions).toHaveLength(1);
  const path = `/api/people/${bo.member}/sessions/${sessions.sessions[0]!.id}`;
  expect((await ada.client.send('DELETE', path)).status).toBe(204);
  expect(await alive(one)).toBe(false);
  await ada.client.send('POST', '/api/sign-out');
  expect(await alive(ada.client)).toBe(false);
});

test('what could let somebody in later needs proof of the last minutes, and proving changes the secret', async () => {
  const { client, own } = await setUp();
  later(provedLimit);
  const invitation = { name: null, roles: ['lead'] };
  const refused = await client.send('POST', '/api/people/invitations', invitation);
  expect([refused.status, refused.json()['reason']]).toEqual([403, 'prove-again']);
  const before = new Map(client.cookies);
  const prove = (code: string) => client.send('POST', '/api/account/prove/password', { password: own.password, code });
  expect((await prove('000000')).status).toBe(403);
  expect((await prove(own.code(people.now.at))).status).toBe(204);
  expect((await client.send('POST', '/api/people/invitations', invitation)).status).toBe(200);
  const old = openClient(address);
  for (const [name, value] of before) old.cookies.set(name, value);
  expect((await old.get('/api/account')).status).toBe(401);
});

test('other roles end what was open, and the last administrator stays', async () => {
  const ada = await setUp();
  const bo = await join_(ada.client, 'bo', 'B-2', ['analyst']);
  const person = await ada.client.get(`/api/people/${bo.member}`);
  const etag = person.headers.etag!;
  const give = (roles: string[], headers: Record<string, string> = {}) =>
    ada.client.send('PUT', `/api/people/${bo.member}/roles`, { roles }, headers);
  expect((await give(['lead', 'counsel'], { 'if-match': etag })).json()).toMatchObject({ roles: ['lead', 'counsel'] });
  expect((await bo.client.get('/api/account')).status).toBe(401);
  // As somebody else saw it before.
  expect((await give(['analyst'], { 'if-match': etag })).status).toBe(412);
  expect((await give(['no-such-role'])).status).toBe(400);
  const self = await ada.client.send('PUT', `/api/people/${ada.member}/roles`, { roles: ['analyst'] });
  expect([self.status, self.json()['title']]).toEqual([400, 'Nobody would be left who may give roles in this case.']);
  expect((await ada.client.send('DELETE', `/api/people/${ada.member}`)).status).toBe(400);
  expect((await ada.client.get('/api/account')).status).toBe(200);
  expect((await records()).at(-1)).toMatchObject({ actor: 'A-1', name: 'B-2', roles: ['lead', 'counsel'] });

  // An administrator who goes takes their open invitations along.
  await give(['administrator']);
  later(minute);
  await signIn(bo.client, 'bo', bo.own);
  const link = (await bo.client.send('POST', '/api/people/invitations', { name: null, roles: ['lead'] })).json<{
    link: string;
  }>().link;
  expect((await ada.client.send('DELETE', `/api/people/${bo.member}`)).status).toBe(204);
  expect((await bo.client.get('/api/account')).status).toBe(401);
  const secret = link.split('#')[1];
  expect((await bo.client.send('POST', '/api/invitation/look', { secret })).status).toBe(403);
  later(minute);
  expect((await signIn(bo.client, 'bo', bo.own)).status).toBe(403);
  expect((await records()).at(-1)).toMatchObject({ actor: 'A-1', name: 'B-2', roles: [], state: 'gone' });
});

test('a token reads within the roles of its person, until it is revoked, stale, or its person another', async () => {
  const ada = await setUp();
  const bo = await join_(ada.client, 'bo', 'B-2', ['analyst']);
  const make = async (scopes: string[]): Promise<{ id: string; token: string }> =>
    (await bo.client.send('POST', '/api/account/tokens', { name: 'script', scopes, days: 30 })).json();
  const { token, id } = await make(['read']);
  expect(token).toMatch(/^dalil_[\w-]{43}$/);
  const script = openClient(address);
  const by = (value: string) => ({ authorization: `Bearer ${value}` });
  expect((await script.get('/api/case', by(token))).status).toBe(200);
  expect((await script.get('/api/case', by(`${token}x`))).status).toBe(401);
  expect((await script.get('/api/case', by((await make(['write'])).token))).status).toBe(403);
  expect((await script.get('/api/account', by(token))).status).toBe(403);
  // A token that is wrong is not helped by a cookie that is right.
  expect((await bo.client.get('/api/case', by('dalil_wrong'))).status).toBe(401);
  const listed = (await bo.client.get('/api/account')).json<{ tokens: { used: string | null }[] }>().tokens;
  expect(listed.map(({ used }) => used !== null)).toEqual([true, true]);
  expect(JSON.stringify(listed)).not.toContain(token.slice(6));
  // Nobody revokes another's.
  expect((await ada.client.send('DELETE', `/api/account/tokens/${id}`)).status).toBe(404);
  expect((await bo.client.send('DELETE', `/api/account/tokens/${id}`)).status).toBe(204);
  expect((await script.get('/api/case', by(token))).status).toBe(401);
  const next = await make(['read', 'write']);
  await ada.client.send('PUT', `/api/people/${bo.member}/roles`, { roles: ['lead'] });
  expect((await script.get('/api/case', by(next.token))).status).toBe(401);
});

test('who lost everything comes back by the machine’s link, and whoever had it is out', async () => {
  const { client, member, own } = await setUp();
  const { rows } = await people.accounts.pool.query<{ id: string }>('select id from account');
  const { secret } = await invite(people.accounts, opened.id, {
    account: rows[0]!.id,
    name: 'A-1',
    roles: [],
    by: 'machine',
  });
  const fresh = openClient(address);
  expect((await fresh.send('POST', '/api/invitation/look', { secret })).json()).toMatchObject({
    kind: 'recovery',
    name: 'A-1',
    by: 'machine',
  });
  const offered = await authenticator(fresh, 'ada', people.now.at, 'some other unrelated words');
  const answer = await fresh.send('POST', '/api/invitation/accept', { secret, offer: offered.offer });
  expect([answer.status, answer.json<Entered>().member]).toEqual([200, member]);
  expect((await client.get('/api/account')).status).toBe(401);
  later(minute);
  expect((await signIn(openClient(address), 'ada', own)).status).toBe(403);
  expect((await signIn(openClient(address), 'ada', offered)).status).toBe(200);
  expect((await records()).at(-2)).toMatchObject({ kind: 'protect.login', how: 'link' });
});

test('a write that is sent again under its key is done once; another under the same key is refused', async () => {
  const ada = await setUp();
  const bo = await join_(ada.client, 'bo', 'B-2', ['analyst']);
  const give = (roles: string[], key: string) =>
    ada.client.send('PUT', `/api/people/${bo.member}/roles`, { roles }, { 'idempotency-key': key });
  const before = (await records()).length;
  const answers = await Promise.all(Array.from({ length: 4 }, () => give(['lead'], 'key-one-1')));
  expect(answers.map(({ status }) => status).every((status) => status === 200 || status === 409)).toBe(true);
  const again = await give(['lead'], 'key-one-1');
  expect([again.status, again.headers['idempotency-replayed']]).toEqual([200, 'true']);
  expect(again.text).toBe(answers.find(({ status }) => status === 200)!.text);
  expect((await records()).length).toBe(before + 1);
  expect((await give(['counsel'], 'key-one-1')).status).toBe(422);
  expect((await give(['counsel'], 'short')).status).toBe(400);
  expect((await give(['counsel'], 'key-two-2')).headers['idempotency-replayed']).toBeUndefined();
  expect((await records()).length).toBe(before + 2);
  // An answer with a secret is never kept.
  const token = { name: 'script', scopes: ['read'], days: 1 };
  const first = await ada.client.send('POST', '/api/account/tokens', token, { 'idempotency-key': 'key-three' });
  const second = await ada.client.send('POST', '/api/account/tokens', token, { 'idempotency-key': 'key-three' });
  expect(first.text).not.toBe(second.text);
  const { rows } = await people.accounts.pool.query<{ n: number }>('select count(*) as n from idempotent');
  expect(rows[0]!.n).toBe(2);
});

test('nothing that opens anything is in the database as it is given', async () => {
  const { client, own, recoveryCodes } = await setUp();
  const { link } = (await client.send('POST', '/api/people/invitations', { name: null, roles: [] })).json<{
    link: string;
  }>();
  const made = await client.send('POST', '/api/account/tokens', { name: 's', scopes: ['read'], days: 1 });
  const secrets = [
    ...client.cookies.values(),
    ...recoveryCodes.flatMap((code) => [code, code.replaceAll('-', '')]),
    own.password,
    own.secret,
    link.split('#')[1]!,
    made.json<{ token: string }>().token,
  ];
  const { rows } = await people.accounts.pool.query<{ table: string }>(
    `select relname as table from pg_class where relnamespace = 'home'::regnamespace and relkind = 'r'`,
  );
  let dump = '';
  for (const { table } of rows) {
    const all = await people.accounts.pool.query<{ row: string }>(`select t::text as row from "${table}" t`);
    dump += all.rows.map(({ row }) => row).join('\n');
  }
  expect(dump).toContain('argon2id');
  for (const secret of secrets) {
    expect(dump).not.toContain(secret);
    expect(dump).not.toContain(Buffer.from(secret).toString('hex'));
  }
});
