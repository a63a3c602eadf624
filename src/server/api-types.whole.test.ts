// The OpenAPI document as others read it, and the page's types, which are made from it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { apiTypes, type OpenApi } from './api-types.fixture.ts';
import { openClient } from './client.fixture.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { createServer, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let server: CaseServer;
let webRoot = '';
let document: OpenApi & Record<string, unknown>;

beforeAll(async () => {
  people = await openPeople();
  webRoot = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '');
  const opened = await people.makeCase('A case');
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  const address = await server.listen(0);
  const client = openClient(address);
  await client.get(address.link.slice(address.url.length - 1));
  document = (await client.get('/api/openapi.json')).json();
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(webRoot, { recursive: true });
  await people.close();
});

test('the types of the page are those of the document', async () => {
  const source = await format(apiTypes(document), { parser: 'typescript', printWidth: 120, singleQuote: true });
  await expect(source).toMatchFileSnapshot('../web/api-types.ts');
});

test('each route says who may use it, and by what', () => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );
  expect(operations.length).toBeGreaterThan(30);
  for (const { route, operation } of operations) {
    const { security, 'x-who': who } = operation as unknown as { security: object[]; 'x-who': string[] };
    expect([route, Array.isArray(who), security.length === 0]).toEqual([route, true, who.includes('anyone')]);
  }
  expect(document.paths['/api/case']!['get']).toMatchObject({
    security: [{ session: ['archivist', 'analyst', 'lead'] }, { token: ['read'] }],
  });
  expect(Object.keys((document.components as unknown as { securitySchemes: object }).securitySchemes)).toEqual([
    'session',
    'token',
  ]);
});
