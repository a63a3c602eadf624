// Every route, asked by nobody and by each role: of this case, of another case that the same machine serves, of none.
// The table says what must come back; the routes are those that the server really has.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenCase } from '../log/case.ts';
import type { Person } from '../protect/accounts.ts';
import { roles, type Role } from '../protect/roles.ts';
import { provedLimit } from '../protect/sessions.ts';
import { makeToken, scopes } from '../protect/tokens.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { routeRules } from './policy.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let webRoot = '';
let here: OpenCase;
let elsewhere: OpenCase;
let server: CaseServer;
let address: Address;

beforeAll(async () => {
  people = await openPeople();
  webRoot = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>shell</title>');
  here = await people.makeCase('Here');
  elsewhere = await people.makeCase('Elsewhere');
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened: here },
  });
  address = await server.listen(0);
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(webRoot, { recursive: true });
  await people.close();
});

/** The status and the reason of an answer; streams are not waited for. */
async function ask(
  route: string,
  session: string | null,
  token?: string,
): Promise<{ status: number; reason: string | undefined }> {
  const [method, template] = route.split(' ') as [string, string];
  const path = template.replace('*', '').replaceAll(/\{\w+\}/g, 'numbers');
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: address.port,
        path,
        method,
        headers: {
          host: new URL(address.url).host,
          origin: address.url.slice(0, -1),
          ...(template === '/*' && { accept: 'text/html' }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(session !== null && { cookie: `dalil-${String(address.port)}=${session}` }),
        },
      },
      (got) => {
        const status = got.statusCode ?? 0;
        if (got.headers['content-type'] === 'text/event-stream') {
          got.destroy();
          return resolve({ status, reason: undefined });
        }
        let text = '';
        got.setEncoding('utf8');
        got.on('data', (part: string) => (text += part));
        got.on('end', () => {
          const problem = got.headers['content-type'] === 'application/problem+json';
          resolve({ status, reason: problem ? (JSON.parse(text) as { reason?: string }).reason : undefined });
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

test('the OpenAPI document has every route that the table has, and no other', async () => {
  const session = await people.session(here, await people.person(here, 'a reader', ['lead']));
  const answer = await fetch(new URL('/api/openapi.json', address.url), {
    headers: { cookie: `dalil-${String(address.port)}=${session}` },
  });
  const { paths } = (await answer.json()) as { paths: Record<string, object> };
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const ruled = Object.keys(routeRules).filter((route) => route.includes(' /api/') && !route.includes('openapi.json'));
  expect(described.toSorted()).toEqual(ruled.toSorted());
});

const refused = new Set(['sign-in', 'not-your-role', 'prove-again']);

test('route by route, role by role, case by case: in come whom the table names, and nobody else', async () => {
  const inside = new Map<Role, Person>();
  const outside = new Map<Role, Person>();
  for (const role of roles) {
    inside.set(role, await people.person(here, `here ${role}`, [role]));
    outside.set(role, await people.person(elsewhere, `elsewhere ${role}`, [role]));
  }
  const roleless = await people.person(here, 'without a role', []);
  let asked = 0;
  /** Whether an answer is the guard's no, and which. */
  const refusal = async (route: string, session: string | null, token?: string): Promise<string | null> => {
    asked++;
    const { status, reason } = await ask(route, session, token);
    if (reason === undefined || !refused.has(reason)) return null;
    expect([route, status]).toEqual([route, reason === 'sign-in' ? 401 : 403]);
    return reason;
  };
  for (const [route, rule] of Object.entries(routeRules)) {
    const open = rule.who.includes('anyone');
    const strangers = [null, newToken()];
    for (const person of outside.values()) strangers.push(await people.session(elsewhere, person));
    for (const stranger of strangers)
      expect([route, await refusal(route, stranger)]).toEqual([route, open ? null : 'sign-in']);
    for (const [role, person] of [...inside, [null, roleless] as const]) {
      const named = open || rule.who.includes('signed-in') || (role !== null && rule.who.includes(role));
      // A session of its own for each: some of these acts end sessions.
      const fresh = await refusal(route, await people.session(here, person));
      expect([route, role, fresh]).toEqual([route, role, named ? null : 'not-your-role']);
      const session = await people.session(here, person);
      people.now.at += provedLimit;
      const late = await refusal(route, session);
      const stale = rule.proved === true ? 'prove-again' : null;
      expect([route, role, 'late', late]).toEqual([route, role, 'late', named ? stale : 'not-your-role']);
      for (const scope of scopes) {
        const wanted = { name: 'script', scopes: [scope], days: 1 };
        const { token } = await makeToken(people.accounts, here.id, person.account, wanted);
        const reached = open || (named && rule.token === scope && rule.proved !== true);
        const answer = await refusal(route, null, token);
        expect([route, role, scope, answer === null]).toEqual([route, role, scope, reached]);
      }
    }
  }
  expect(asked).toBe(Object.keys(routeRules).length * (2 + roles.length + 4 * (roles.length + 1)));
});

test('a case by its cookie is a case by its server: a session of one opens nothing of another', async () => {
  const other = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened: elsewhere },
  });
  const there = await other.listen(0);
  try {
    // One account, in both cases, with other roles.
    const both = await people.person(here, 'both', ['analyst']);
    await people.person(elsewhere, 'both elsewhere', ['administrator'], both.account);
    const own = await people.session(here, both);
    expect(await ask('GET /api/case', own)).toEqual({ status: 200, reason: undefined });
    expect(await ask('GET /api/people', own)).toEqual({ status: 403, reason: 'not-your-role' });
    const before = address;
    address = there;
    expect(await ask('GET /api/people', own)).toEqual({ status: 401, reason: 'sign-in' });
    expect(await ask('GET /api/people', await people.session(elsewhere, both))).toEqual({
      status: 200,
      reason: undefined,
    });
    address = before;
  } finally {
    await other.close();
  }
});
