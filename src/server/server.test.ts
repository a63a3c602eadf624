// The server over real sockets: who gets in, what is refused, what every answer carries.
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Fault, faultExitCodes } from '../case/fault.ts';
import type { FaultCode } from '../case/fault.ts';
import { fixtureReader } from './fixture.ts';
import type { Fixture } from './fixture.ts';
import { contentSecurityPolicy, loopbackOrigins, refusal } from './headers.ts';
import { routeRules } from './policy.ts';
import { problemOf } from './problem.ts';
import { caseSchema, individualsPageSchema, problemSchema } from './schemas.ts';
import { createServer } from './server.ts';
import type { Address, CaseServer } from './server.ts';
import { newToken, openSessions } from './session.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let webRoot = '';
let cases: Fixture;
let server: CaseServer | null = null;
let address: Address;
let now = new Date('2026-11-12T15:00:00Z');
const reported: unknown[] = [];

beforeAll(async () => {
  webRoot = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(webRoot, 'assets'));
  await writeFile(join(webRoot, 'index.html'), '<!doctype html><title>shell</title>');
  await writeFile(join(webRoot, 'assets', 'main-abc123.js'), 'export {};');
  await writeFile(join(webRoot, '..', 'dalil-outside.html'), 'outside');
});
afterAll(async () => {
  await rm(webRoot, { recursive: true });
  await rm(join(tmpdir(), 'dalil-outside.html'));
});
afterEach(async () => {
  await server?.close();
  server = null;
  reported.length = 0;
  now = new Date('2026-11-12T15:00:00Z');
});

async function start(): Promise<void> {
  cases = fixtureReader();
  server = createServer({
    cases,
    token: newToken(),
    webRoot,
    clock: () => now,
    report: (error) => reported.push(error),
  });
  address = await server.listen(0);
}

async function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = new URL(address.url).host;
    const options = { host: '127.0.0.1', port: address.port, path, method, headers: { host, ...headers } };
    const sent = request(options, (got) => {
      let text = '';
      got.setEncoding('utf8');
      got.on('data', (part: string) => (text += part));
      got.on('end', () => resolve({ status: got.statusCode ?? 0, headers: got.headers, text }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

const linkPath = (): string => address.link.slice(address.url.length - 1);
const cookieOf = (answer: Answer): string => answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';

/** As a page of the server's own sends it. */
const from = (headers: Record<string, string>): Record<string, string> => ({
  ...headers,
  origin: address.url.slice(0, -1),
});

async function open(): Promise<Record<string, string>> {
  await start();
  return { cookie: cookieOf(await ask(linkPath())) };
}

test('the link opens the case once, by a cookie that scripts cannot read and other sites cannot send', async () => {
  await start();
  const first = await ask(linkPath());
  expect([first.status, first.headers.location]).toEqual([303, '/']);
  expect(first.headers['set-cookie']).toHaveLength(1);
  expect(first.headers['set-cookie']?.[0]).toMatch(/^dalil-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  expect((await ask('/api/case', { cookie: cookieOf(first) })).status).toBe(200);

  const second = await ask(linkPath(), { accept: 'text/html' });
  expect(second.status).toBe(401);
  expect(second.headers['set-cookie']).toBeUndefined();
  expect(second.text).toContain('dalil serve');
  expect(second.text).toContain('هذه القضية مغلقة');
  // The browser that is in already is let through, as when its reader goes back a page.
  expect((await ask(linkPath(), { cookie: cookieOf(first) })).status).toBe(303);
});

test('of many that use the link at once, one gets in', async () => {
  await start();
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(linkPath())));
  expect(answers.filter(({ status }) => status === 303)).toHaveLength(1);
});

test('a wrong token, a look ahead and a HEAD do not use the link up', async () => {
  await start();
  expect((await ask(`/open?token=${newToken()}`)).status).toBe(401);
  expect((await ask('/open')).status).toBe(401);
  expect((await ask(linkPath(), { 'sec-purpose': 'prefetch;prerender' })).status).toBe(401);
  expect((await ask(linkPath(), {}, 'HEAD')).status).toBe(401);
  expect((await ask(linkPath())).status).toBe(303);
});

test('without a session nothing answers: not the API, not its description, not the application', async () => {
  await start();
  for (const path of [
    '/api/case',
    '/api/individuals',
    '/api/queues/numbers',
    '/api/changes',
    '/api/openapi.json',
    '/assets/main-abc123.js',
  ]) {
    const { status, headers, text } = await ask(path, { cookie: `dalil-${String(address.port)}=${newToken()}` });
    expect([path, status, headers['content-type']]).toEqual([path, 401, 'application/problem+json']);
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({ code: 'no-permission', status: 401 });
  }
  const page = await ask('/', { accept: 'text/html' });
  expect([page.status, page.text.includes('shell')]).toEqual([401, false]);
});

test('a session ends after twelve hours', async () => {
  const session = await open();
  now = new Date('2026-11-13T02:59:59Z');
  expect((await ask('/api/case', session)).status).toBe(200);
  now = new Date('2026-11-13T03:00:00Z');
  expect((await ask('/api/case', session)).status).toBe(401);
});

test('a token with less than 256 bits is not served', () => {
  expect(() => openSessions('short', () => now)).toThrow(Fault);
  expect(new Set(Array.from({ length: 50 }, () => newToken())).size).toBe(50);
});

test('a name that was pointed at this machine is turned away, whatever the session', async () => {
  const session = await open();
  for (const host of ['evil.example', `evil.example:${String(address.port)}`, '127.0.0.1', 'localhost:1', '[::1]']) {
    const { status, text } = await ask('/api/case', { ...session, host });
    expect([host, status]).toEqual([host, 421]);
    expect(text).not.toContain('checkpoint');
  }
  expect((await ask('/api/case', { ...session, host: `LOCALHOST:${String(address.port)}` })).status).toBe(200);
});

test('what another page sends is turned away, another port of this machine included', async () => {
  const session = await open();
  const own = address.url.slice(0, -1);
  const strangers: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'http://127.0.0.1:1' },
    { origin: own.replace('http:', 'https:') },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
    { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  ];
  for (const headers of strangers) expect((await ask('/api/case', { ...session, ...headers })).status).toBe(403);
  expect((await ask('/api/case', { ...session, origin: own, 'sec-fetch-site': 'same-origin' })).status).toBe(200);
});

test('the guard never throws, and lets no foreign host by', () => {
  const text = fc.option(fc.string(), { nil: undefined });
  fc.assert(
    fc.property(text, text, text, text, text, (host, origin, fetchSite, fetchMode, fetchDest) => {
      const facts = { method: 'GET', host, origin, fetchSite, fetchMode, fetchDest };
      const verdict = refusal(facts, loopbackOrigins(4780));
      if (host !== '127.0.0.1:4780' && host !== 'localhost:4780') expect(verdict).toBe('host');
    }),
  );
  const bare = { origin: undefined, fetchSite: undefined, fetchMode: undefined, fetchDest: undefined };
  const at = (method: string, host: string, rest = {}) =>
    refusal({ ...bare, method, host, ...rest }, loopbackOrigins(80));
  expect([at('GET', '127.0.0.1'), at('GET', 'localhost:80')]).toEqual([null, null]);
  // What changes anything says where it comes from, or carries a token of its own.
  expect(at('POST', 'localhost')).toBe('origin');
  expect(at('POST', 'localhost', { origin: 'http://127.0.0.1' })).toBe('origin');
  expect(at('POST', 'localhost', { origin: 'http://localhost' })).toBeNull();
  expect(at('POST', 'localhost', { token: true })).toBeNull();
  const behind = { ...bare, method: 'GET', host: 'case.example' };
  expect(refusal(behind, ['https://case.example'])).toBeNull();
  expect(refusal({ ...behind, host: '127.0.0.1:4780' }, ['https://case.example'])).toBe('host');
});

test('every answer carries the policy, refusals and errors too', async () => {
  const session = await open();
  const answers = await Promise.all([
    ask('/api/case', session),
    ask('/', { ...session, accept: 'text/html' }),
    ask('/assets/main-abc123.js', session),
    ask('/nowhere', session),
    ask('/api/case'),
    ask('/api/case', { host: 'evil.example' }),
    ask('/api/individuals?limit=0', session),
    ask('/', { accept: 'text/html' }),
  ]);
  for (const { headers } of answers) {
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src /);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https?:|data:|\*/);
    expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
    expect(headers).toMatchObject({
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'permissions-policy': expect.stringContaining('camera=()') as string,
    });
  }
  expect(answers.map(({ headers }) => headers['cache-control'])).toEqual([
    'no-store',
    'no-store',
    'private, max-age=31536000, immutable',
    ...Array.from({ length: 5 }, () => 'no-store'),
  ]);
  expect(contentSecurityPolicy()).toContain("style-src 'self'");
});

test('the case comes as its schema says, and not again while the checkpoint stays', async () => {
  const session = await open();
  const first = await ask('/api/case', session);
  expect(caseSchema.parse(JSON.parse(first.text))).toEqual(cases.current);
  const etag = first.headers.etag ?? '';
  expect(etag).toMatch(/^"152411-/);
  const again = await ask('/api/case', { ...session, 'if-none-match': etag });
  expect([again.status, again.text]).toEqual([304, '']);
  cases.current = { ...cases.current, checkpoint: { ...cases.current.checkpoint, size: 152_412 } };
  expect((await ask('/api/case', { ...session, 'if-none-match': etag })).status).toBe(200);
});

test('what the schema does not name is not sent', async () => {
  const session = await open();
  cases.current = Object.assign(cases.current, { secret: 'vault' });
  expect((await ask('/api/case', session)).text).not.toContain('vault');
});

test('seven thousand individuals come page by page, each once, in order', async () => {
  const session = await open();
  const seen: string[] = [];
  let after: string | null = null;
  do {
    const query: string = after === null ? 'limit=200' : `limit=200&after=${after}`;
    const page = individualsPageSchema.parse(JSON.parse((await ask(`/api/individuals?${query}`, session)).text));
    seen.push(...page.individuals.map(({ id }) => id));
    after = page.next;
  } while (after !== null);
  expect(seen).toHaveLength(7000);
  expect(new Set(seen).size).toBe(7000);
  expect(seen.toSorted()).toEqual(seen);
});

test('a question that is not understood is a usage error that names the part', async () => {
  const session = await open();
  for (const query of ['limit=0', 'limit=201', 'limit=x', 'after=', `after=${'x'.repeat(101)}`]) {
    const { status, text } = await ask(`/api/individuals?${query}`, session);
    expect(status).toBe(400);
    expect(problemSchema.parse(JSON.parse(text))).toMatchObject({
      code: 'usage',
      detail: `got: ${query.split('=')[0] ?? ''}`,
    });
  }
  expect((await ask('/api/case', from(session), 'POST')).status).toBe(405);
  expect((await ask('/api/nothing', { ...session, accept: 'text/html' })).status).toBe(404);
});

test('a Fault keeps its code and its next step; any other error tells nothing of itself', async () => {
  const session = await open();
  cases.failure = new Fault('database-unavailable', { what: 'The index does not answer.', next: 'dalil rebuild' });
  const fault = await ask('/api/case', session);
  expect(problemSchema.parse(JSON.parse(fault.text))).toEqual({
    type: 'urn:dalil:fault:database-unavailable',
    title: 'The index does not answer.',
    status: 503,
    code: 'database-unavailable',
    next: 'dalil rebuild',
  });
  expect(reported).toEqual([]);
  cases.failure = new Error('select secret_name from persons');
  const other = await ask('/api/case', session);
  expect([other.status, other.text.includes('secret_name')]).toEqual([500, false]);
  expect(reported).toEqual([cases.failure]);
  // A view that is not what the schema says is our own broken promise, and is not sent.
  cases.failure = null;
  cases.current = { ...cases.current, pictures: -1 };
  expect((await ask('/api/case', session)).status).toBe(500);
});

test('every fault code makes a valid problem', () => {
  for (const code of Object.keys(faultExitCodes) as FaultCode[]) {
    const problem = problemOf(new Fault(code, { what: 'What.', expected: 'a', got: 'b', next: 'do' }));
    expect(problemSchema.parse(problem)).toMatchObject({ code, detail: 'expected: a; got: b', next: 'do' });
    expect(problem.status).toBeGreaterThanOrEqual(400);
  }
});

test('a queue shows what its schema names and nothing else; one that there is not is refused', async () => {
  const session = await open();
  const entry = { id: 'E-00012.0', item: 'E-00012', reading: 0, role: 'detainee-number', proposed: '5447' };
  const shown = { ...entry, probability: 0.8, alternatives: [], state: 'open' as const, crop: null, pictures: 4 };
  const asked: unknown[] = [];
  cases.queue = async (name, limit) => {
    asked.push([name, limit]);
    return { name: 'numbers', waiting: 7, entries: [{ ...shown, path: 'secret' } as typeof shown] };
  };
  const { status, text } = await ask('/api/queues/numbers?limit=1', session);
  expect([status, JSON.parse(text)]).toEqual([200, { name: 'numbers', waiting: 7, entries: [shown] }]);
  expect(asked).toEqual([['numbers', 1]]);
  expect((await ask('/api/queues/names', session)).status).toBe(400);
  expect((await ask('/api/queues/numbers', from(session), 'POST')).status).toBe(405);
});

test('the OpenAPI document names every route, its answers and their schemas', async () => {
  const session = await open();
  const document = JSON.parse((await ask('/api/openapi.json', session)).text) as {
    openapi: string;
    paths: Record<string, { get: { responses: Record<string, unknown> } }>;
    components: { schemas: Record<string, { required?: string[] }> };
  };
  expect(document.openapi).toBe('3.1.0');
  // Every route here has a rule; that every rule has a route is walk.whole.test.ts's, where people can have accounts.
  const routes = Object.keys(routeRules);
  const described = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(routes).toEqual(expect.arrayContaining(described));
  expect(described).toContain('GET /api/door');
  expect(Object.keys(document.paths['/api/case']?.get.responses ?? {})).toEqual(['200', '304', 'default']);
  expect(document.components.schemas['Case']?.required).toEqual(Object.keys(cases.current));
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['Case', 'Accession', 'Reconciliation', 'Individual', 'IndividualsPage', 'Problem']),
  );
});

test('an open page hears of each commit, and closing the server ends its stream', async () => {
  const session = await open();
  const heard: string[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: address.port, path: '/api/changes', headers: { ...session } },
      (got) => {
        expect(got.headers['content-type']).toBe('text/event-stream');
        got.setEncoding('utf8');
        got.on('data', (part: string) => heard.push(part));
        got.on('end', resolve);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
  await expect.poll(() => cases.listeners).toBe(1);
  cases.commit(152_412);
  cases.commit(152_415);
  await expect.poll(() => heard.join('')).toContain('event: change\ndata: {"size":152415}\n\n');
  expect(heard.join('')).toContain('event: change\ndata: {"size":152412}\n\n');
  const began = performance.now();
  await server?.close();
  await ended;
  expect(performance.now() - began).toBeLessThan(900);
  expect(cases.listeners).toBe(0);
});

test('a page that leaves is no longer listened for', async () => {
  const session = await open();
  const sent = request({ host: '127.0.0.1', port: address.port, path: '/api/changes', headers: { ...session } });
  sent.on('error', () => undefined);
  sent.end();
  await expect.poll(() => cases.listeners).toBe(1);
  sent.destroy();
  await expect.poll(() => cases.listeners).toBe(0);
});

test('where nothing can tell of changes, the answer says so and stays closed', async () => {
  const { view, individuals } = fixtureReader();
  server = createServer({ cases: { view, individuals }, token: newToken(), webRoot, clock: () => now });
  address = await server.listen(0);
  expect((await ask('/api/changes', { cookie: cookieOf(await ask(linkPath())) })).status).toBe(204);
});

test('what was built goes packed to whoever can unpack it, and is the same', async () => {
  const headers = await open();
  const plain = await ask('/', { ...headers, accept: 'text/html' });
  expect(plain.headers['content-encoding']).toBeUndefined();
  // fetch unpacks by itself.
  const got = await fetch(new URL('/', address.url), {
    headers: { ...headers, accept: 'text/html', 'accept-encoding': 'gzip' },
  });
  expect([got.headers.get('content-encoding'), got.headers.get('vary')]).toEqual(['gzip', 'accept-encoding']);
  expect(await got.text()).toBe(plain.text);
});

test('lists go packed too, their length telling nothing that another page could ask for', async () => {
  const session = await open();
  const packed = await ask('/api/individuals?limit=50', { ...session, 'accept-encoding': 'gzip' });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect((await ask('/api/individuals?limit=50', session)).headers['content-encoding']).toBeUndefined();
  const etag = (await ask('/api/case', { ...session, 'accept-encoding': 'gzip' })).headers.etag ?? '';
  expect((await ask('/api/case', { ...session, 'if-none-match': etag })).status).toBe(304);
});

test('the case comes beside the page to whoever may read it, and is no word to others', async () => {
  const session = await open();
  const page = await ask('/', { ...session, accept: 'text/html' });
  expect(page.headers.link).toBe('</api/case>; rel=preload; as=fetch; crossorigin');
  expect((await ask('/', { accept: 'text/html' })).headers.link).toBeUndefined();
  expect((await ask('/assets/main-abc123.js', session)).headers.link).toBeUndefined();
});

test('only what was built is served: no path leads out of the folder', async () => {
  const session = await open();
  expect((await ask('/assets/main-abc123.js', session)).text).toBe('export {};');
  expect((await ask('/some/screen', { ...session, accept: 'text/html' })).text).toContain('shell');
  for (const path of [
    '/../dalil-outside.html',
    '/..%2fdalil-outside.html',
    '/%2e%2e/dalil-outside.html',
    '/assets/..%5c..%5cdalil-outside.html',
    '//etc/passwd',
    '/assets/%00',
    '/assets/main-abc123.js/../../../dalil-outside.html',
  ]) {
    const { status, text } = await ask(path, session);
    expect([path, status, text.includes('outside')]).toEqual([path, 404, false]);
  }
});

test('it listens on the loopback alone, and a taken port says which command goes on', async () => {
  await open();
  const other = createServer({ cases, token: newToken(), webRoot, clock: () => now });
  const error = await other.listen(address.port).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Fault);
  expect(error).toMatchObject({ code: 'port-taken' });
  expect((error as Fault).message).toContain(`next: dalil serve --port ${String(address.port + 1)}`);
  // Another address of the same machine finds nobody.
  const elsewhere = await new Promise<string>((resolve) => {
    const sent = request({ host: '127.0.0.2', port: address.port }, () => resolve('answered'));
    sent.on('error', (reason: NodeJS.ErrnoException) => resolve(reason.code ?? ''));
    sent.end();
  });
  expect(elsewhere).toBe('ECONNREFUSED');
});

test('a folder without the built application is a fault that names the command', async () => {
  const unbuilt = createServer({ cases: fixtureReader(), token: newToken(), webRoot: '/nowhere', clock: () => now });
  await expect(unbuilt.listen(0)).rejects.toThrow(/npm run build/);
});
