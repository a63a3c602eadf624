// Time from outside, against an authority that is openssl's own: asked, refused, offline and asked again, renewed; and
// what a check makes of it all from the records alone.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { citedPath, sha256, stampedFolder, toBase64, toHex, type RecordFields } from '@dalil/verify';
import { TimestampClaims, unchangedSince, type JudgedTimestamp } from '@dalil/verify/check-timestamps';
import { policies, TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { dumpOf, noteOptions, noteProjection } from '../log/log.fixture.ts';
import { subtreeRoots } from '../log/tiles.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { addAuthority, anchorsFromPem, authorities, withdrawAuthority } from './authority.ts';
import { sealProjection } from './project.ts';
import { ageingTokens, requestTimestamps, waitingStamps, type StampOptions } from './timestamp.ts';

const skipped = withoutOpenssl();
if (skipped !== null) console.warn(`left out: the tests with a time authority (${skipped})`);

type Respond = (query: Buffer) => Uint8Array | number | Promise<Uint8Array | number>;

let scratch: string;
let authority: TestAuthority;
let server: Server;
let url: string;
/** What the server answers next; the honest authority otherwise. */
let respond: Respond;
let asked: string[];

beforeAll(async () => {
  if (skipped !== null) return;
  scratch = await mkdtemp(join(tmpdir(), 'dalil-seal-'));
  authority = new TestAuthority(join(scratch, 'authority'));
  authority.issue('old', { by: 'intermediate', from: '20200101000000Z', to: '20210101000000Z', as: 'stamps' });
  authority.issue('other-root', { by: null, from: '20200101000000Z', to: '20450101000000Z', as: 'root' });
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['content-type'] ?? ''}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      if (request.url === '/list') return response.end(authority.revocations());
      const answer = await respond(Buffer.concat(chunks));
      if (typeof answer === 'number') return response.writeHead(answer, { location: '/elsewhere' }).end();
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(answer);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
  if (skipped !== null) return;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(scratch, { recursive: true, force: true });
});

let home: TestHome;
let opened: OpenCase;
beforeEach(async () => {
  if (skipped !== null) return;
  respond = (query) => authority.reply(query);
  asked = [];
  home = await openTestHome();
  const path = await mkdtemp(join(scratch, 'case-'));
  opened = await newCase(
    path,
    'Sealed',
    await noteOptions(home.env, { projections: [noteProjection, sealProjection] }),
  );
});
afterEach(async () => {
  if (skipped !== null) return;
  await opened.close();
  await home.close();
});

const options = (more: Partial<StampOptions> = {}): StampOptions => ({
  fetch: globalThis.fetch,
  clock: () => new Date(),
  random: (n) => new Uint8Array(randomBytes(n)),
  ...more,
});
const stamp = (more?: Partial<StampOptions>) => requestTimestamps(opened, options(more));
const add = (name = 'outside', more: { url?: string; policy?: string; revocations?: string[]; root?: string } = {}) =>
  addAuthority(opened, {
    name,
    url: more.url ?? url,
    policy: more.policy ?? null,
    revocations: more.revocations ?? [],
    anchors: anchorsFromPem(authority.pem(more.root ?? 'root')),
  });
const note = (text: string) =>
  opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'note', handle: turn.next('N'), writer: 'one', number: 0, text });
  });

/** What a check sees: the records in order, the files they cite, the roots of the tree. */
async function judge(now = new Date()): Promise<{ claims: TimestampClaims; judged: JudgedTimestamp[] }> {
  const claims = new TimestampClaims();
  for await (const { position, id, kind, refs, files, fields } of opened.log.read(0)) {
    claims.see(position, id, { ...fields, kind, refs, files } as RecordFields);
  }
  const roots = subtreeRoots(opened.folder, opened.log.size);
  const judged = await claims.judge({
    now,
    key: opened.caseFile.checkpoints,
    read: (file) => opened.folder.read(citedPath(file)),
    rootAt: async (size) => (size > opened.log.size ? null : toBase64(await roots(0, size))),
  });
  return { claims, judged };
}

const whole = test.skipIf(skipped !== null);

whole('a case without an authority asks nobody', async () => {
  const fetched: unknown[] = [];
  expect(await stamp({ force: true, fetch: (async (to: unknown) => fetched.push(to)) as never })).toEqual([]);
  expect(fetched).toEqual([]);
});

whole(
  'the newest checkpoint is stamped, openssl agrees, and the published files are what the records cite',
  async () => {
    await add('outside', { policy: policies.other, revocations: [`${url}list`] });
    const { size, note: signed } = opened.log.checkpoint!;
    expect(await waitingStamps(opened)).toMatchObject([{ authority: 'outside', stamped: 0, records: 2 }]);
    const [stamped] = await stamp();
    expect(stamped).toMatchObject({ state: 'stamped', size, revocations: { kept: 1, missing: 0 }, failure: null });
    expect(asked).toEqual(['POST / application/timestamp-query', 'GET /list ']);
    expect(await waitingStamps(opened)).toMatchObject([{ stamped: size, records: 0, since: null }]);
    expect(await stamp()).toMatchObject([{ state: 'nothing-new' }]);

    const folder = stampedFolder(size);
    expect(await opened.folder.names(folder)).toEqual(['checkpoint', 'outside-1.tsr']);
    const message = (await opened.folder.read(`${folder}/checkpoint`))!;
    const reply = (await opened.folder.read(`${folder}/outside-1.tsr`))!;
    expect(new TextDecoder().decode(message)).toBe(signed);
    expect(authority.accepts(reply, message)).toBe(true);
    expect(authority.accepts(reply, message, 'other-root')).toBe(false);
    expect(authority.accepts(reply, Buffer.from('other bytes'))).toBe(false);

    const { claims, judged } = await judge();
    expect(judged).toMatchObject([
      { record: size, authority: 'outside', problem: null, ended: false, coveredBy: null },
    ]);
    expect(judged[0]!.timestamp).toMatchObject({ policy: policies.other, revocationLists: 1 });
    expect(unchangedSince(judged)).toEqual({ size, genTime: stamped!.genTime });
    expect(claims.isPublished(`${folder}/outside-1.tsr`, toHex(sha256(reply)))).toBe(true);
    expect(claims.isPublished(`${folder}/checkpoint`, toHex(sha256(message)))).toBe(true);
    expect(claims.isPublished(`${folder}/checkpoint`, toHex(sha256(reply)))).toBe(false);
    expect(claims.isPublished('log/checkpoints/001/checkpoint', toHex(sha256(message)))).toBe(false);
  },
);

whole('an authority that is offline stops no other; what waits is shown, and had when it is back', async () => {
  const closed = createServer();
  await new Promise<void>((done) => closed.listen(0, '127.0.0.1', done));
  const { port } = closed.address() as AddressInfo;
  await new Promise((done) => closed.close(done));
  await add('away', { url: `http://127.0.0.1:${port}/` });
  await add('there');
  const size = opened.log.size;
  const outcome = await stamp({ unasked: true });
  expect(outcome).toMatchObject([
    { authority: 'away', state: 'failed', failure: { code: 'unreachable' } },
    { authority: 'there', state: 'stamped' },
  ]);
  const [away, there] = await waitingStamps(opened);
  expect(away).toMatchObject({ stamped: 0, genTime: null, records: size });
  expect(Date.parse(away!.since!)).toBeLessThanOrEqual(Date.now());
  expect(there).toMatchObject({ stamped: size, records: 0 });

  // Unasked it is left in peace for some minutes; a person who asks is obeyed at once.
  expect(await stamp({ unasked: true, only: ['away'] })).toMatchObject([{ state: 'too-soon' }]);
  const later = new Date(Date.now() + 6 * 60_000);
  expect(await stamp({ unasked: true, only: ['away'], clock: () => later })).toMatchObject([{ state: 'failed' }]);
  closed.on('request', (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
  });
  await new Promise<void>((done) => closed.listen(port, '127.0.0.1', done));
  expect(await stamp({ only: ['away'] })).toMatchObject([{ state: 'stamped' }]);
  expect((await waitingStamps(opened))[0]).toMatchObject({ records: 0 });
  closed.closeAllConnections();
  await new Promise((done) => closed.close(done));
});

whole('a token is asked for at most every few minutes, unless it is forced', async () => {
  await add();
  await stamp();
  await note('more');
  expect(await stamp()).toMatchObject([{ state: 'too-soon' }]);
  expect(await stamp({ clock: () => new Date(Date.now() + 6 * 60_000) })).toMatchObject([{ state: 'stamped' }]);
  expect(await stamp({ force: true })).toMatchObject([{ state: 'stamped' }]);
});

whole('nothing is written down of a reply that does not hold, and each has its reason', async () => {
  await add();
  await add('strange', { root: 'other-root' });
  await add('strict', { policy: policies.usual });
  const { size } = opened.log;
  const first = authority.reply(authority.query(Buffer.from('x'), '-no_nonce'));
  const refused: [string, string, Respond][] = [
    ['outside', 'http-status', () => 503],
    // Sent on to another address: not followed.
    ['outside', 'unreachable', () => 302],
    ['outside', 'timestamp-malformed', () => Buffer.from('<html>')],
    ['outside', 'timestamp-imprint', () => first],
    ['outside', 'timestamp-not-valid-at-gentime', (query) => authority.forge(authority.reply(query), { name: 'old' })],
    ['strange', 'timestamp-untrusted', (query) => authority.reply(query)],
    ['strict', 'timestamp-status', (query) => swap(query, policies.usual, policies.unknown)],
    ['strict', 'timestamp-policy', (query) => swap(query, policies.usual, policies.other)],
  ];
  const swap = (query: Buffer, from: string, to: string): Buffer => {
    const last = (policy: string): number => Number(policy.split('.').at(-1));
    const bytes = Buffer.from(query);
    const at = bytes.indexOf(Buffer.from([0x2b, 6, 1, 4, 1, 0x86, 0x8d, 0x1f, last(from)]));
    expect(at).toBeGreaterThan(0);
    bytes[at + 8] = last(to);
    return authority.reply(bytes);
  };
  for (const [name, code, answer] of refused) {
    respond = answer;
    expect(await stamp({ only: [name] }), code).toMatchObject([{ state: 'failed', failure: { code } }]);
  }
  // An old reply to the same checkpoint, played again: only the nonce tells.
  let kept: Buffer | undefined;
  respond = (query) => (kept ??= authority.reply(query));
  const unsent = authority.query(new TextEncoder().encode(opened.log.checkpoint!.note), '-sha256');
  kept = authority.reply(unsent);
  expect(await stamp({ only: ['outside'] })).toMatchObject([{ failure: { code: 'timestamp-nonce' } }]);
  respond = () => new Promise(() => undefined);
  expect(await stamp({ only: ['outside'], timeout: 200 })).toMatchObject([{ failure: { code: 'too-slow' } }]);
  expect(opened.log.size).toBe(size);
  expect(await opened.folder.names('log/checkpoints')).toEqual([]);
  await expect(stamp({ only: ['nobody'] })).rejects.toMatchObject({ code: 'usage' });
});

whole('a revoked authority is refused, and a list that cannot be had is counted', async () => {
  authority.issue('lost', { by: 'intermediate', from: '20200101000000Z', to: '20450101000000Z', as: 'stamps' });
  authority.revoke('lost', 'keyCompromise');
  await add('outside', { revocations: [`${url}list`] });
  respond = (query) => authority.reply(query, 'lost');
  expect(await stamp()).toMatchObject([{ failure: { code: 'timestamp-revoked' } }]);
  await add('outside', { revocations: [`${url}list`, `${url}no-list`] });
  respond = (query) => (query.length === 0 ? 404 : authority.reply(query));
  expect(await stamp()).toMatchObject([{ state: 'stamped', revocations: { kept: 1, missing: 1 } }]);
});

whole(
  'an old token stays valid after its certificate has ended, and a newer one over its record covers it',
  async () => {
    await add();
    respond = (query) => authority.forge(authority.reply(query), { name: 'old', genTime: '20200601000000Z' });
    const { size } = opened.log;
    expect(await stamp()).toMatchObject([{ state: 'stamped', genTime: '2020-06-01T00:00:00.000Z' }]);
    expect((await judge()).judged).toMatchObject([{ problem: null, ended: true, coveredBy: null }]);
    const then = new Date('2020-11-01T00:00:00Z');
    expect(await ageingTokens(opened, new Date('2020-08-01T00:00:00Z'))).toEqual([]);
    expect(await ageingTokens(opened, then)).toMatchObject([
      { authority: 'outside', validUntil: '2021-01-01T00:00:00.000Z' },
    ]);

    respond = (query) => authority.forge(authority.reply(query), { name: 'stamps', genTime: '20201101000000Z' });
    expect(await stamp({ force: true })).toMatchObject([{ state: 'stamped' }]);
    expect(await ageingTokens(opened, then)).toEqual([]);
    const { judged } = await judge();
    expect(judged).toMatchObject([
      { checkpoint: { size }, ended: true, coveredBy: size + 1 },
      { checkpoint: { size: size + 1 }, ended: false, coveredBy: null },
    ]);
    expect(unchangedSince(judged)).toEqual({ size: size + 1, genTime: '2020-11-01T00:00:00.000Z' });
  },
);

whole('a token whose certificate ends soon is renewed although nothing waits', async () => {
  const soon = new Date(Date.now() + 30 * 86_400_000).toISOString().replaceAll(/[-:T]|\..*/g, '');
  authority.issue('ending', { by: 'intermediate', from: '20200101000000Z', to: `${soon}Z`, as: 'stamps' });
  await add();
  respond = (query) => authority.reply(query, 'ending');
  await stamp();
  expect(await ageingTokens(opened, new Date())).toHaveLength(1);
  expect(await stamp()).toMatchObject([{ state: 'nothing-new' }]);
  const clock = () => new Date(Date.now() + 8 * 86_400_000);
  respond = (query) => authority.reply(query);
  expect(await stamp({ clock })).toMatchObject([{ state: 'stamped' }]);
  expect(await ageingTokens(opened, new Date())).toEqual([]);
  expect((await judge()).judged).toMatchObject([{ coveredBy: 3 }, { coveredBy: null }]);
});

whole('a check refuses altered replies, foreign checkpoints and records that say another time', async () => {
  await add();
  await stamp();
  const files = new Map<string, Uint8Array>();
  const seen: [number, string, RecordFields][] = [];
  for await (const { position, id, kind, refs, files: cited, fields } of opened.log.read(0)) {
    seen.push([position, id, { ...fields, kind, refs, files: cited } as RecordFields]);
    for (const file of Object.values(cited)) files.set(file.sha256, (await opened.folder.read(citedPath(file)))!);
  }
  const last = seen.at(-1)![2];
  const root = (last['checkpoint'] as { root: string }).root;
  const judgeAs = async (said: RecordFields, rootAt: string | null = root): Promise<string | undefined> => {
    const claims = new TimestampClaims();
    for (const [position, id, fields] of seen.slice(0, -1)) claims.see(position, id, fields);
    claims.see(seen.length - 1, 'last', said);
    const judged = await claims.judge({
      now: new Date(),
      key: opened.caseFile.checkpoints,
      read: async ({ sha256: hex }) => files.get(hex) ?? null,
      rootAt: () => rootAt,
    });
    return judged[0]!.problem?.code;
  };
  const token = last['token'] as Record<string, string>;
  const reply = files.get(last.files!['reply']!.sha256)!;
  const altered = new Uint8Array(reply);
  altered[altered.length - 3]! ^= 1;
  const withReply = (bytes: Uint8Array): RecordFields => {
    const hex = toHex(sha256(bytes));
    files.set(hex, bytes);
    return { ...last, files: { ...last.files, reply: { store: 'blobs', sha256: hex, size: bytes.length } } };
  };
  const none = { store: 'blobs', sha256: '0'.repeat(64), size: 1 } as const;
  expect(await judgeAs(last)).toBe(undefined);
  expect(await judgeAs(withReply(altered))).toBe('timestamp-signature');
  expect(await judgeAs(withReply(authority.reply(authority.query(Buffer.from('x'), '-no_nonce'))))).toBe(
    'timestamp-imprint',
  );
  expect(await judgeAs({ ...last, files: { ...last.files, reply: none } })).toBe('citation-broken');
  expect(await judgeAs({ ...last, refs: {} })).toBe('citation-broken');
  expect(await judgeAs({ ...last, token: { ...token, genTime: '2020-01-01T00:00:00.000Z' } })).toBe('record-malformed');
  expect(await judgeAs({ ...last, token: { ...token, nonce: '01' } })).toBe('timestamp-nonce');
  expect(await judgeAs({ ...last, checkpoint: { size: 1, root } })).toBe('record-malformed');
  expect(await judgeAs({ ...last, checkpoint: null })).toBe('record-malformed');
  expect(await judgeAs(last, 'another root')).toBe('checkpoint-root');
  expect(await judgeAs(last, null)).toBe('checkpoint-root');
});

whole('what a crash left unpublished is laid out by the next request; the index is the same made again', async () => {
  await add();
  await stamp();
  const { size } = (await opened.index.pool.query<{ size: number }>('select size from token')).rows[0]!;
  const before = await readFile(join(opened.folder.path, stampedFolder(size), 'outside-1.tsr'));
  await opened.folder.remove(`${stampedFolder(size)}/outside-1.tsr`);
  await stamp();
  expect(await readFile(join(opened.folder.path, stampedFolder(size), 'outside-1.tsr'))).toEqual(before);
  await withdrawAuthority(opened, 'outside');
  expect(await authorities(opened)).toEqual([]);
  expect(await stamp({ force: true })).toEqual([]);
  const dump = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(dump);
});

whole('settings that cannot be are refused before anything is written', async () => {
  const { size } = opened.log;
  for (const name of ['', 'Über', '../x', 'a'.repeat(40)]) {
    await expect(add(name)).rejects.toMatchObject({ code: 'usage' });
  }
  for (const bad of ['ftp://x/', 'nowhere', 'http://user:word@x/']) {
    await expect(add('outside', { url: bad })).rejects.toMatchObject({ code: 'usage' });
    await expect(add('outside', { revocations: [bad] })).rejects.toMatchObject({ code: 'usage' });
  }
  await expect(add('outside', { policy: 'any' })).rejects.toMatchObject({ code: 'usage' });
  expect(() => anchorsFromPem('no certificate')).toThrow('no certificate');
  expect(() => anchorsFromPem('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')).toThrow(
    'no certificate',
  );
  expect(opened.log.size).toBe(size);
});
