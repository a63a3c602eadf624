// Attacks on the door, each as its author would try it: forged requests, frames, fixed sessions, others' things by their
// names, headers in values, slow senders, guesses, old answers, things that prove somebody else.
import { connect } from 'node:net';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenCase } from '../log/case.ts';
import type { Person } from '../protect/accounts.ts';
import { invite } from '../protect/invitations.ts';
import { roles } from '../protect/roles.ts';
import { makeToken } from '../protect/tokens.ts';
import { authenticator, openClient, type Client } from './client.fixture.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { loopback } from './place.ts';
import { routeRules } from './policy.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let webRoot = '';
let here: OpenCase;
let elsewhere: OpenCase;
const servers: CaseServer[] = [];
let address: Address;
let proxied: Address;
let admin: Person;

beforeAll(async () => {
  people = await openPeople();
  webRoot = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>shell</title>');
  here = await people.makeCase('Here');
  elsewhere = await people.makeCase('Elsewhere');
  const parts = { cases: fixtureReader(), token: newToken(), webRoot, clock: people.accounts.clock };
  const serve = async (origin?: string): Promise<Address> => {
    const server = createServer({
      ...parts,
      people: { accounts: people.accounts, opened: here },
      ...(origin !== undefined && { place: { ...loopback, origin } }),
    });
    servers.push(server);
    return server.listen(0);
  };
  admin = await people.person(here, 'admin', ['administrator', 'analyst']);
  address = await serve();
  proxied = await serve('https://case.example');
}, 60_000);
afterAll(async () => {
  for (const server of servers) await server.close();
  await rm(webRoot, { recursive: true });
  await people.close();
});

const cookieName = (): string => `dalil-${String(address.port)}`;
/** A browser in which this person is signed in. */
async function signedIn(person: Person, opened = here): Promise<Client> {
  const client = openClient(address);
  client.cookies.set(cookieName(), await people.session(opened, person));
  return client;
}

test('cross-site request forgery: no write without the page’s own origin, in any of the ways a browser sends one', async () => {
  const client = await signedIn(admin);
  const writes = Object.keys(routeRules).filter((route) => !route.startsWith('GET '));
  expect(writes.length).toBeGreaterThan(15);
  const forgeries: Record<string, string>[] = [
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
    { origin: 'null', 'sec-fetch-site': 'cross-site' },
    { origin: `http://localhost:${address.port + 1}`, 'sec-fetch-site': 'same-site' },
    { origin: new URL(address.url).origin, 'sec-fetch-site': 'cross-site' },
    { origin: `http://127.0.0.1:${address.port}`, 'sec-fetch-site': 'same-origin' },
    { origin: '', 'sec-fetch-site': 'none' },
    { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': 'text/plain' },
    {
      origin: 'https://evil.example',
      'sec-fetch-site': 'cross-site',
      'content-type': 'application/x-www-form-urlencoded',
      'x-http-method-override': 'DELETE',
    },
  ];
  for (const route of writes) {
    const [method, path] = route.split(' ') as [string, string];
    for (const headers of forgeries) {
      const { status } = await client.send(method, path.replaceAll(/\{\w+\}/g, 'x'), {}, headers);
      expect([route, headers, status]).toEqual([route, headers, 403]);
    }
  }
  // None of it did anything: the session is still there.
  expect((await client.get('/api/account')).status).toBe(200);
  // A preflight gets no permission to go on.
  const preflight = await client.send('OPTIONS', '/api/sign-out', undefined, {
    origin: 'https://evil.example',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  });
  expect(preflight.status).toBe(403);
  expect(Object.keys(preflight.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('a body that is not JSON by its type is refused', async () => {
  const client = await signedIn(admin);
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp']) {
    const body = { name: 'x', scopes: ['read'], days: 1 };
    const answer = await client.send('POST', '/api/account/tokens', body, { 'content-type': type });
    expect([type, answer.status]).toEqual([type, 415]);
  }
});

test('clickjacking: every answer forbids frames, the doors and the errors too', async () => {
  const [client, stranger] = [await signedIn(admin), openClient(address)];
  const answers = [
    await stranger.get('/', { accept: 'text/html' }),
    await stranger.get('/join', { accept: 'text/html' }),
    await stranger.get('/api/door'),
    await stranger.get('/api/account'),
    await client.get('/api/account'),
    await client.send('POST', '/api/people/invitations', { name: null, roles: [] }),
    await client.send('POST', '/api/people/invitations', {}),
    await client.get('/api/nothing'),
    await client.send('POST', '/api/sign-in/password', { name: 'x', password: 'x', code: 'xxxxxx' }),
  ];
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['access-control-allow-origin']).toBeUndefined();
  }
});

test('session fixation: a secret that an enemy chose, or knew before, is nobody’s after signing in', async () => {
  const fixed = newToken();
  const victim = openClient(address);
  victim.cookies.set(cookieName(), fixed);
  const { secret } = await invite(people.accounts, here.id, { name: null, roles: ['lead'], by: 'machine' });
  const own = await authenticator(victim, 'victim', people.now.at);
  const accept = { secret, signInName: 'victim', name: 'V-1', offer: own.offer };
  expect((await victim.send('POST', '/api/invitation/accept', accept)).status).toBe(200);
  expect(victim.cookies.get(cookieName())).not.toBe(fixed);
  const enemy = openClient(address);
  enemy.cookies.set(cookieName(), fixed);
  expect((await enemy.get('/api/account')).status).toBe(401);
  // Signing in again leaves nothing of the session before.
  const before = victim.cookies.get(cookieName())!;
  people.now.at += 60_000;
  const again = { name: 'victim', password: own.password, code: own.code(people.now.at) };
  expect((await victim.send('POST', '/api/sign-in/password', again)).status).toBe(200);
  enemy.cookies.set(cookieName(), before);
  expect((await enemy.get('/api/account')).status).toBe(401);
  // In an address, or twice in one header, a secret is none.
  const now = victim.cookies.get(cookieName())!;
  expect((await openClient(address).get(`/api/account?${cookieName()}=${now}`)).status).toBe(401);
  expect((await openClient(address).get('/api/account', { 'x-session': now })).status).toBe(401);
});

test('others’ things by their names: sessions, tokens, invitations and people of another case, or another person', async () => {
  const other = await people.person(here, 'other', ['administrator']);
  const stranger = await people.person(elsewhere, 'stranger', ['administrator']);
  const [mine, theirs] = [await signedIn(admin), await signedIn(other)];
  await people.session(elsewhere, stranger);
  const idOf = async (client: Client): Promise<string> =>
    (await client.get('/api/account')).json<{ sessions: { id: string }[] }>().sessions[0]!.id;
  const { rows } = await people.accounts.pool.query<{ id: string }>('select id from session where case_id = $1', [
    elsewhere.id,
  ]);
  const foreignToken = await makeToken(people.accounts, elsewhere.id, stranger.account, {
    name: 'x',
    scopes: ['read'],
    days: 1,
  });
  const foreignInvitation = await invite(people.accounts, elsewhere.id, {
    name: null,
    roles: [...roles],
    by: 'machine',
  });
  const elses = await makeToken(people.accounts, here.id, other.account, { name: 'x', scopes: ['read'], days: 1 });
  const attempts: [string, string, unknown?][] = [
    ['DELETE', `/api/account/sessions/${await idOf(theirs)}`],
    ['DELETE', `/api/account/sessions/${rows[0]!.id}`],
    ['DELETE', `/api/account/tokens/${elses.id}`],
    ['DELETE', `/api/account/tokens/${foreignToken.id}`],
    ['DELETE', `/api/people/invitations/${foreignInvitation.id}`],
    ['GET', `/api/people/${stranger.member}`],
    ['GET', `/api/people/${stranger.account}`],
    ['GET', `/api/people/${other.account}`],
    ['GET', `/api/people/${stranger.name}`],
    ['PUT', `/api/people/${stranger.member}/roles`, { roles: [] }],
    ['DELETE', `/api/people/${stranger.member}`],
    ['GET', `/api/people/${stranger.member}/sessions`],
    ['DELETE', `/api/people/${stranger.member}/sessions/${rows[0]!.id}`],
    ['DELETE', `/api/people/${other.member}/sessions/${rows[0]!.id}`],
  ];
  for (const [method, path, body] of attempts) {
    const answer = method === 'GET' ? await mine.get(path) : await mine.send(method, path, body);
    expect([method, path, answer.status]).toEqual([method, path, 404]);
    // Whether there is such a thing anywhere is not told.
    expect(answer.text).not.toContain('stranger');
  }
  // A token and an invitation of another case open nothing here.
  const script = await openClient(address).get('/api/case', { authorization: `Bearer ${foreignToken.token}` });
  expect(script.status).toBe(401);
  const look = await openClient(address).send('POST', '/api/invitation/look', { secret: foreignInvitation.secret });
  expect(look.status).toBe(403);
  expect((await theirs.get('/api/account')).status).toBe(200);
  // A list names nobody of another case.
  expect((await mine.get('/api/people')).text).not.toContain('stranger');
});

test('headers in values, and values in headers: nothing that is sent comes back as a line of its own', async () => {
  const client = await signedIn(admin);
  const injections = [
    'x\r\nset-cookie: a=b',
    'x\nlocation: https://evil.example',
    '\u0000',
    '\u2028',
    'x%0d%0aset-cookie:a=b',
  ];
  for (const text of injections) {
    const path = encodeURIComponent(text);
    for (const answer of [
      await client.get(`/api/people/${path}`),
      await client.get(`/api/individuals?after=${path}`),
      await client.get(`/open?token=${path}`),
      await client.send('POST', '/api/people/invitations', { name: text, roles: [] }),
      await client.send('POST', '/api/passkeys/options', { signInName: text }),
    ]) {
      expect(answer.status).toBeLessThan(500);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(answer.headers.location === undefined || answer.headers.location === '/').toBe(true);
    }
  }
  // Raw, as no client library would send it.
  const raw = await new Promise<string>((resolve) => {
    const socket = connect(address.port, '127.0.0.1', () =>
      socket.write(`GET /api/door HTTP/1.1\r\nhost: localhost:${address.port}\r\nhost: evil.example\r\n\r\n`),
    );
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('close', () => resolve(text));
    setTimeout(() => socket.destroy(), 1000);
  });
  expect(raw).not.toContain('evil.example');
});

test('any text as a name, a secret or a body leads to an answer below 500, never to a fault', async () => {
  const client = await signedIn(admin);
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.jsonValue({ maxDepth: 3 }),
      async (text, json) => {
        for (const answer of [
          await client.get(`/api/people/${encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/g, ''))}`),
          await client.send('POST', '/api/invitation/look', { secret: text }),
          await client.send('POST', '/api/people/invitations', json),
          await client.send('POST', '/api/sign-in/passkey', { response: json }),
          await client.send('POST', '/api/account/prove/passkey', {
            response: { id: text, rawId: text, type: 'public-key' },
          }),
        ])
          expect(answer.status).toBeLessThan(500);
      },
    ),
    { numRuns: 25 },
  );
});

test('a passkey’s answer that does not hold signs nobody in, and says no more than that', async () => {
  const stranger = openClient(address);
  const response = {
    id: 'AAAA',
    rawId: 'AAAA',
    type: 'public-key',
    clientExtensionResults: {},
    response: { clientDataJSON: 'AAAA', authenticatorData: 'AAAA', signature: 'AAAA' },
  };
  await people.accounts.pool.query(
    `insert into passkey (id, account, key, counter, transports, name, synced, created) values ('AAAA', $1, $2, 0, '{}', 'x', false, 0)`,
    [admin.account, Buffer.alloc(77)],
  );
  const known = await stranger.send('POST', '/api/sign-in/passkey', { response });
  const unknown = await stranger.send('POST', '/api/sign-in/passkey', { response: { ...response, id: 'AAAB' } });
  expect([known.status, known.text]).toEqual([403, unknown.text]);
  expect(stranger.cookies.size).toBe(0);
});

test('large bodies are refused before they are read, also those that do not say how large they are', async () => {
  const client = await signedIn(admin);
  const big = 'x'.repeat(200_000);
  expect((await client.send('POST', '/api/people/invitations', { name: big, roles: [] })).status).toBe(413);
  expect((await openClient(address).send('POST', '/api/sign-in/password', { name: big })).status).toBe(413);
  const chunked = await new Promise<string>((resolve) => {
    const socket = connect(address.port, '127.0.0.1', () => {
      socket.write(
        `POST /api/sign-in/password HTTP/1.1\r\nhost: localhost:${address.port}\r\norigin: http://localhost:${address.port}\r\n` +
          'content-type: application/json\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n',
      );
      for (let i = 0; i < 20; i++) socket.write(`2710\r\n${'y'.repeat(10_000)}\r\n`);
    });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    setTimeout(() => socket.destroy(), 3000);
  });
  expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
});

test('whoever sends slowly is cut off, and holds nobody up', async () => {
  const slow = Array.from(
    { length: 20 },
    () =>
      new Promise<number>((resolve) => {
        const began = performance.now();
        const socket = connect(address.port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: localhost'));
        const drip = setInterval(() => socket.write('x'), 1000);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          clearInterval(drip);
          resolve(performance.now() - began);
        });
        socket.resume();
      }),
  );
  const quick = await openClient(address).get('/api/door');
  expect([quick.status, quick.took < 2000]).toEqual([200, true]);
  for (const took of await Promise.all(slow)) expect(took).toBeLessThan(16_000);
}, 60_000);

test('behind a proxy the cookie is bound to host and TLS, and the loopback’s own names are strangers', async () => {
  const client = openClient(proxied);
  const session = await people.session(here, admin);
  client.cookies.set('__Host-dalil', session);
  expect((await client.get('/api/account')).status).toBe(200);
  const direct = await client.get('/api/account', { host: `localhost:${proxied.port}` });
  expect(direct.status).toBe(421);
  const out = await client.send('POST', '/api/sign-out');
  expect(out.status).toBe(204);
  expect(out.headers['set-cookie']?.[0]).toMatch(/^__Host-dalil=; Max-Age=0; Path=\/; Secure/);
  const { secret } = await invite(people.accounts, here.id, { name: null, roles: [], by: 'machine' });
  const own = await authenticator(client, 'proxied', people.now.at);
  const accept = { secret, signInName: 'proxied', name: 'P-1', offer: own.offer };
  const answer = await client.send('POST', '/api/invitation/accept', accept);
  expect(answer.headers['set-cookie']?.[0]).toMatch(
    /^__Host-dalil=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  );
});
