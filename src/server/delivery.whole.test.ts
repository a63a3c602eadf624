// Deliveries over the API, as a browser on a poor line sends them: cut, sent twice, altered on the way, hostile; and received
// then into a real case in the name of who sent them.
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { namesOf, pieceSize } from '../intake/delivery.ts';
import { listItems, tablesOf } from '../overview.ts';
import type { OpenCase } from '../log/case.ts';
import { version } from '../version.ts';
import { digestOf } from './delivery-api.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let folder: string;
const cases: { opened: OpenCase; server: CaseServer; address: Address; session: string }[] = [];

beforeAll(async () => {
  people = await openPeople();
  folder = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>shell</title>');
  for (const title of ['Here', 'Elsewhere']) {
    const opened = await people.makeCase(title);
    const server = createServer({
      cases: fixtureReader(),
      token: newToken(),
      webRoot: folder,
      clock: people.accounts.clock,
      people: { accounts: people.accounts, opened },
    });
    const session = await people.session(opened, await people.person(opened, `Wren of ${title}`, ['archivist']));
    cases.push({ opened, server, address: await server.listen(0), session });
  }
}, 120_000);
afterAll(async () => {
  for (const { server } of cases) await server.close();
  await rm(folder, { recursive: true });
  await people.close();
});

interface Answer {
  status: number;
  body: any;
}

/** One request; `cut` breaks the line after so many bytes of the body were sent. */
function ask(method: string, path: string, body?: Uint8Array | object, cut?: number, at = 0): Promise<Answer | null> {
  const { address, session } = cases[at]!;
  const bytes = body instanceof Uint8Array ? body : body === undefined ? null : Buffer.from(JSON.stringify(body));
  return new Promise((done, fail) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: address.port,
        path,
        method,
        agent: false,
        headers: {
          origin: address.url.slice(0, -1),
          host: new URL(address.url).host,
          cookie: `dalil-${address.port}=${session}`,
          ...(bytes !== null && {
            'content-length': bytes.length,
            'content-type': body instanceof Uint8Array ? 'application/octet-stream' : 'application/json',
          }),
          ...(body instanceof Uint8Array && { 'content-digest': digestOf(body) }),
        },
      },
      (got) => {
        let text = '';
        got.on('data', (chunk: Buffer) => (text += chunk.toString()));
        got.on('end', () => done({ status: got.statusCode ?? 0, body: text === '' ? null : JSON.parse(text) }));
      },
    );
    // A server that refuses a body closes the line while it is still being written to.
    sent.on('socket', (socket) => socket.on('error', () => undefined));
    sent.on('error', (error) => (cut === undefined ? fail(error) : done(null)));
    if (cut === undefined) sent.end(bytes);
    else sent.write(bytes!.subarray(0, cut), () => setTimeout(() => sent.destroy(), 50));
  });
}
async function ok(method: string, path: string, body?: Uint8Array | object): Promise<any> {
  const answer = await ask(method, path, body);
  expect([answer!.status, answer!.body?.title], path).toEqual([
    expect.toSatisfy((one: number) => one < 300),
    undefined,
  ]);
  return answer!.body;
}
const begin = async (): Promise<string> =>
  `/api/deliveries/${(await ok('POST', '/api/deliveries', { source: 'HERON' })).id}`;
const fileAt = (path: string, bytes: Uint8Array, modified = 1_700_000_000_000): string =>
  `file?${new URLSearchParams({ path, size: String(bytes.length), modified: String(modified) })}`;
const put = (delivery: string, path: string, bytes: Uint8Array, from = 0, to = bytes.length): Promise<any> =>
  ok('PUT', `${delivery}/${fileAt(path, bytes)}&offset=${from}`, bytes.subarray(from, to));

async function received(delivery: string): Promise<any> {
  await ok('POST', `${delivery}/receive`);
  for (let i = 0; i < 600; i++) {
    const { receiving } = await ok('GET', delivery);
    if (receiving.state !== 'receiving') return receiving;
    await pause(50);
  }
  throw new Error('it is received for half a minute');
}

test('a folder sent in pieces over a line that breaks is received whole, in the name of who sent it', async () => {
  const delivery = await begin();
  const large = randomBytes(3_000_000);
  const files = new Map<string, Uint8Array>([
    ['صور/فرع 215/١.jpg', large],
    ['letters/a.txt', Buffer.from('a letter')],
    ['letters/b.txt', Buffer.from('a letter')],
    [`letters/${'long/'.repeat(40)}empty`, new Uint8Array(0)],
  ]);
  expect(await put(delivery, 'صور/فرع 215/١.jpg', large, 0, 1_000_000)).toEqual({ offset: 1_000_000, whole: false });
  const cut = await ask(
    'PUT',
    `${delivery}/${fileAt('صور/فرع 215/١.jpg', large)}&offset=1000000`,
    large.subarray(1e6, 2e6),
    400_000,
  );
  expect(cut).toBeNull();
  // Whatever became of the piece that was under way, what is here is asked for, and true.
  const { offset } = await ok('GET', `${delivery}/${fileAt('صور/فرع 215/١.jpg', large)}`);
  expect(offset).toBe(1_000_000);
  expect(await put(delivery, 'صور/فرع 215/١.jpg', large, offset)).toEqual({ offset: large.length, whole: true });
  for (const [path, bytes] of files) expect(await put(delivery, path, bytes)).toMatchObject({ whole: true });
  const page = await ok('GET', `${delivery}/files?limit=3`);
  // A cursor is a path, however long.
  const rest = await ok('GET', `${delivery}/files?limit=3&after=${encodeURIComponent(page.next)}`);
  expect([...page.files, ...rest.files].map(({ path }: { path: string }) => path).toSorted()).toEqual(
    [...files.keys()].toSorted(),
  );

  const done = await received(delivery);
  expect(done).toMatchObject({
    state: 'received',
    reconciliation: { received: 4, sealed: 3, duplicate: 1, quarantined: 0 },
  });
  const { opened } = cases[0]!;
  const hashes: string[] = [];
  for await (const { sha256 } of listItems(tablesOf(opened))) hashes.push(sha256);
  expect(hashes).toContain(createHash('sha256').update(large).digest('hex'));
  const { rows } = await opened.index.pool.query<{ source: string }>('select source from accession');
  expect(rows).toEqual([{ source: 'HERON' }]);
  for await (const { kind, actor } of opened.log.read(0)) {
    if (kind.startsWith('intake.'))
      expect([kind, actor]).toEqual([kind, { name: 'Wren of Here', tool: 'dalil serve', version }]);
  }
  // What was sealed is not kept twice.
  await expect.poll(() => readdir(join(opened.home.path, 'deliveries', opened.id))).toEqual([]);
});

test('a piece that was altered, sent twice, sent too far or at another place is not added', async () => {
  const delivery = await begin();
  const bytes = Buffer.from('0123456789');
  const at = (offset: number): string => `${delivery}/${fileAt('x', bytes)}&offset=${offset}`;
  const { address, session } = cases[0]!;
  const altered = await fetch(`${address.url.slice(0, -1)}${at(0)}`, {
    method: 'PUT',
    headers: {
      origin: address.url.slice(0, -1),
      cookie: `dalil-${address.port}=${session}`,
      'content-type': 'application/octet-stream',
      'content-digest': digestOf(Buffer.from('other')),
    },
    body: bytes,
  });
  expect([altered.status, ((await altered.json()) as { title: string }).title]).toEqual([
    400,
    expect.stringMatching(/arrived other/),
  ]);
  expect(await ok('GET', `${delivery}/${fileAt('x', bytes)}`)).toEqual({ offset: 0, whole: false });
  const twice = await Promise.all([1, 2, 3].map(() => ok('PUT', at(0), bytes.subarray(0, 4))));
  for (const answer of twice) expect(answer).toEqual({ offset: 4, whole: false });
  expect(await ok('PUT', at(7), bytes.subarray(7))).toEqual({ offset: 4, whole: false });
  expect((await ask('PUT', at(4), Buffer.alloc(20)))!.status).toBe(400);
  expect(await ok('PUT', at(4), bytes.subarray(4))).toEqual({ offset: 10, whole: true });
  expect((await ask('PUT', `${delivery}/${fileAt('x/below', bytes)}&offset=0`, bytes))!.status).toBe(409);
  expect((await ask('PUT', `${delivery}/${fileAt('x', Buffer.alloc(3))}&offset=0`, Buffer.alloc(3)))!.status).toBe(409);
  const tooLarge = Buffer.alloc(pieceSize + 1);
  expect((await ask('PUT', `${delivery}/${fileAt('y', tooLarge)}&offset=0`, tooLarge))!.status).toBe(413);
  await ok('DELETE', delivery);
  expect((await ask('GET', delivery))!.status).toBe(404);
});

test('no path leads out of a delivery, and none becomes another', async () => {
  const delivery = await begin();
  const bytes = Buffer.from('x');
  for (const path of [
    '../x',
    '/etc/x',
    'a/../../x',
    'a//b',
    '.',
    'a/.',
    '',
    'a\0b',
    'x'.repeat(256),
    'a/'.repeat(64) + 'a',
  ]) {
    const answer = await ask('PUT', `${delivery}/${fileAt(path, bytes)}&offset=0`, bytes);
    expect([path, answer!.status]).toEqual([path, 400]);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (path) => {
      let names: string[];
      try {
        names = namesOf(path);
      } catch {
        return;
      }
      const joined = join('/root/delivery', ...names);
      expect(joined).toBe(`/root/delivery/${path}`);
    }),
    { numRuns: 2000, examples: [['a/b'], ['..'], ['a/..'], ['\ud800']] },
  );
  await ok('DELETE', delivery);
});

test('who works on another case finds no delivery of this one', async () => {
  const delivery = await begin();
  const bytes = Buffer.from('x');
  for (const [method, path, body] of [
    ['GET', delivery, undefined],
    ['GET', `${delivery}/files`, undefined],
    ['PUT', `${delivery}/${fileAt('x', bytes)}&offset=0`, bytes],
    ['POST', `${delivery}/receive`, undefined],
    ['DELETE', delivery, undefined],
  ] as const) {
    expect([path, (await ask(method, path, body, undefined, 1))!.status]).toEqual([path, 404]);
  }
  for (const id of ['..', '.', 'x', '%2e%2e%2f', 'A'.repeat(22)]) {
    expect((await ask('GET', `/api/deliveries/${encodeURIComponent(id)}`))!.status).toBe(404);
  }
  await ok('DELETE', delivery);
});

test('a delivery is left alone while it is received, and a bomb in it is quarantined', async () => {
  const delivery = await begin();
  await put(delivery, 'bomb.zip', await bomb());
  for (let i = 0; i < 30; i++) await put(delivery, `${i}.txt`, Buffer.from(`text ${i}`));
  await ok('POST', `${delivery}/receive`);
  expect((await ask('DELETE', delivery))!.status).toBe(409);
  expect((await ask('POST', `${delivery}/receive`))!.status).toBe(409);
  for (;;) {
    const { receiving } = await ok('GET', delivery);
    if (receiving.state === 'receiving') {
      await pause(50);
      continue;
    }
    expect(receiving).toMatchObject({ state: 'received', reconciliation: { quarantined: 1 } });
    break;
  }
});

/** A zip of one member that grows a thousandfold. */
async function bomb(): Promise<Uint8Array> {
  const { ZipFile } = await import('yazl');
  const zip = new ZipFile();
  zip.addBuffer(Buffer.alloc(200_000_000), 'zeros');
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
