// Every route, asked by nobody and by each role: of this case, of another case that the same machine serves, of none.
// The table says what must come back; the routes are those that the server really has.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenCase } from '../log/case.ts';
import { roles, type Role } from '../protect/roles.ts';
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
async function ask(route: string, session: string | null): Promise<{ status: number; reason: string | undefined }> {
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
          origin: address.url.slice(0, -1),
          ...(template === '/*' && { accept: 'text/html' }),
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
  const sessionsOf = new Map<Role, { here: string; elsewhere: string }>();
  for (const role of roles) {
    const inside = await people.person(here, `here ${role}`, [role]);
    const outside = await people.person(elsewhere, `elsewhere ${role}`, [role]);
    sessionsOf.set(role, {
      here: await people.session(here, inside),
      elsewhere: await people.session(elsewhere, outside),
    });
  }
  const roleless = await people.session(here, await people.person(here, 'without a role', []));
  let asked = 0;
  for (const [route, rule] of Object.entries(routeRules)) {
    const open = rule.who.includes('anyone');
    for (const stranger of [null, newToken(), ...[...sessionsOf.values()].map((session) => session.elsewhere)]) {
      const answer = await ask(route, stranger);
      expect([route, answer.reason === 'sign-in', answer.status === 401]).toEqual([route, !open, !open]);
      asked++;
    }
    const known = open || rule.who.includes('signed-in');
    for (const [role, session] of [...sessionsOf].map(([role, { here: own }]) => [role, own] as const)) {
      const answer = await ask(route, session);
      const allowed = known || rule.who.includes(role);
      expect([route, role, answer.reason !== undefined && refused.has(answer.reason)]).toEqual([route, role, !allowed]);
      if (!allowed) expect([route, role, answer.status]).toEqual([route, role, 403]);
      asked++;
    }
    const answer = await ask(route, roleless);
    expect([route, answer.reason !== undefined && refused.has(answer.reason)]).toEqual([route, !known]);
  }
  expect(asked).toBe(Object.keys(routeRules).length * (2 + 2 * roles.length));
});
