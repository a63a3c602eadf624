// Searching over the API: for those whose roles read evidence, one record each, written before the answer; what is one
// person's own stays theirs, and the words stand in nothing that can be published.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeToken } from '../protect/tokens.ts';
import type { Role } from '../protect/roles.ts';
import type { SavedSearch } from '../search/saved.ts';
import type { SearchAnswer } from '../search/search.ts';
import { hostileName, fillSample } from '../search/sample.fixture.ts';
import type { OpenCase } from '../log/case.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { fixtureReader } from './fixture.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let opened: OpenCase;
let server: CaseServer;
let address: Address;
let anna: Ask;
let boris: Ask;

type Ask = <T>(method: string, path: string, body?: unknown) => Promise<{ status: number; headers: Headers; json: T }>;

beforeAll(async () => {
  people = await openPeople();
  opened = await people.makeCase('Searching');
  const folder = join(opened.folder.path, '..');
  await fillSample(opened, folder);
  await mkdir(join(folder, 'web'));
  await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>shell</title>');
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot: join(folder, 'web'),
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  address = await server.listen(0);
  anna = await somebody('Anna', ['analyst']);
  boris = await somebody('Boris', ['archivist']);
}, 120_000);
afterAll(async () => {
  await server.close();
  await people.close();
});

const asking =
  (headers: Record<string, string>): Ask =>
  async (method, path, body) => {
    const answer = await fetch(new URL(path, address.url), {
      method,
      headers: {
        origin: address.url.slice(0, -1),
        ...headers,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, json: (text === '' ? null : JSON.parse(text)) as never };
  };

async function somebody(name: string, roles: readonly Role[]): Promise<Ask> {
  const session = await people.session(opened, await people.person(opened, name, roles));
  return asking({ cookie: `dalil-${String(address.port)}=${session}` });
}

const made = async (): Promise<number> =>
  (await opened.index.pool.query<{ n: number }>(`select count(*) as n from record where kind = 'protect.search'`))
    .rows[0]!.n;

test('an answer has its record; a question that is refused, or whose asker may not, has none', async () => {
  const before = await made();
  const { status, headers, json } = await anna<SearchAnswer>('POST', '/api/searches', { words: 'onerror' });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toMatch(/^application\/json/);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(json).toMatchObject({ count: 1, more: false, hits: [{ title: hostileName }] });
  expect(await made()).toBe(before + 1);
  const { rows } = await opened.index.pool.query('select actor, words from search_made where position = $1', [
    json.search,
  ]);
  expect(rows).toEqual([{ actor: 'Anna', words: 'onerror' }]);

  const refused = await anna<{ code: string }>('POST', '/api/searches', { words: '"unfindable' });
  expect([refused.status, refused.json.code]).toEqual([400, 'usage']);
  expect(JSON.stringify(refused.json)).not.toContain('unfindable');
  expect((await anna('POST', '/api/searches', { words: 'x', narrowed: { kinds: ['no such kind'] } })).status).toBe(400);
  expect((await anna('POST', '/api/searches', { words: 'a\u0000b c' })).status).toBe(200);
  for (const role of ['administrator', 'examiner', 'counsel', 'welfare-lead', 'guardian'] as const)
    expect([
      role,
      (await (await somebody(role, [role]))('POST', '/api/searches', { words: 'onerror' })).status,
    ]).toEqual([role, 403]);
  expect(await made()).toBe(before + 2);
});

test('an answer is read on by whoever asked, and by nobody else', async () => {
  const { json } = await anna<SearchAnswer>('POST', '/api/searches', { words: 'branch' });
  const again = await anna<SearchAnswer>('GET', `/api/searches/${String(json.search)}`);
  expect(again.json).toEqual(json);
  expect((await boris('GET', `/api/searches/${String(json.search)}`)).status).toBe(400);
  expect((await anna('GET', `/api/searches/${String(json.search)}?after=1_2_%27`)).status).toBe(400);
});

test('a saved search is its maker’s alone, replaced under its name, forgotten, and no record', async () => {
  const size = opened.log.size;
  const mine = { name: 'Yards', words: 'courtyard', narrowed: { category: 'incident' } };
  const saved = await anna<SavedSearch>('POST', '/api/saved-searches', mine);
  expect(saved.json).toMatchObject(mine);
  const later = await anna<SavedSearch>('POST', '/api/saved-searches', { ...mine, words: 'yard*' });
  expect((await boris<{ searches: SavedSearch[] }>('GET', '/api/saved-searches')).json.searches).toEqual([]);
  await boris('DELETE', `/api/saved-searches/${later.json.id}`);
  expect((await anna<{ searches: SavedSearch[] }>('GET', '/api/saved-searches')).json.searches).toEqual([later.json]);
  expect((await anna('POST', '/api/saved-searches', { ...mine, words: '"' })).status).toBe(400);
  expect((await anna('DELETE', `/api/saved-searches/${later.json.id}`)).status).toBe(204);
  expect((await anna<{ searches: SavedSearch[] }>('GET', '/api/saved-searches')).json.searches).toEqual([]);
  expect(opened.log.size).toBe(size);
});

test('a token that may read may search, in the name of its person, and keeps nothing', async () => {
  const person = await people.person(opened, 'Clara', ['lead']);
  const { token } = await makeToken(people.accounts, opened.id, person.account, {
    name: 'script',
    scopes: ['read'],
    days: 1,
  });
  const script = asking({ authorization: `Bearer ${token}` });
  expect((await script<SearchAnswer>('POST', '/api/searches', { words: 'juniper' })).json.count).toBeGreaterThan(0);
  expect((await script('POST', '/api/saved-searches', { name: 'x', words: 'x' })).status).toBe(403);
  const { rows } = await opened.index.pool.query('select actor from search_made order by position desc limit 1');
  expect(rows).toEqual([{ actor: 'Clara' }]);
});

test('the words stand in no entry, tile or checkpoint: nothing that can be published says what was searched for', async () => {
  const word = 'quincunx';
  await anna('POST', '/api/searches', { words: word });
  const log = join(opened.folder.path, 'log');
  const files = (await readdir(log, { recursive: true, withFileTypes: true })).filter((one) => one.isFile());
  let read = 0;
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name);
    // A commit file holds the openings of what it adds until the next one shortens it; it is not published.
    if (path.includes('/commits/') || path.includes('/openings/')) continue;
    const text = (await readFile(path)).toString('latin1');
    read++;
    expect(text, name).not.toContain(word);
    // In base64url a word looks different by where it begins: what is sure to be within it, for each of the three.
    for (const before of ['', '.', '..']) {
      const coded = Buffer.from(before + word).toString('base64url');
      expect(text, name).not.toContain(coded.slice(before.length === 0 ? 0 : before.length + 1, -2));
    }
  }
  expect(read).toBeGreaterThan(2);
});
