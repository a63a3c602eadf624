// The log and the sources over the API: who sees what of which record, pages and filters that tell no more than that, and
// proofs that the verifier takes.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBase64url, isIncluded, KeyHistory, openProof } from '@dalil/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describe } from '../describe/describe.ts';
import { receive } from '../intake/receive.ts';
import type { OpenCase } from '../log/case.ts';
import type { Role } from '../protect/roles.ts';
import { claimCustody } from '../seal/custody.ts';
import { openClient, type Client } from './client.fixture.ts';
import { fixtureReader } from './fixture.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

let people: PeopleFixture;
let folder: string;
let opened: OpenCase;
let server: CaseServer;
let address: Address;

beforeAll(async () => {
  people = await openPeople();
  folder = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>shell</title>');
  await mkdir(join(folder, 'letters of Somebody'));
  for (let i = 0; i < 300; i++)
    await writeFile(join(folder, `letters of Somebody/${String(i)}.txt`), `letter ${String(i)}`);
  opened = await people.makeCase('Here');
  const as = (name: string): OpenCase => ({ ...opened, actor: { ...opened.actor, name } });
  await receive(as('Wren'), { roots: [join(folder, 'letters of Somebody')], source: 'HERON' });
  await writeFile(join(folder, 'more'), 'more');
  await receive(as('Wren'), { roots: [join(folder, 'more')], source: 'BITTERN' });
  await describe(as('Robin'));
  await claimCustody(as('Wren'), {
    accession: 'A-0001',
    holder: 'courier',
    from: '2013',
    to: null,
    by: 'HERON',
    how: 'in a bag',
  });
  // What an administrator reads, and others do not.
  await opened.log.append({ ...opened.actor, name: 'Crane' }, (turn) => {
    turn.add({ kind: 'protect.login', member: 'aaaaaaaaaaaaaaaa', how: 'password' });
  });
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot: folder,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  address = await server.listen(0);
}, 240_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  await people.close();
});

async function clientOf(...roles: Role[]): Promise<Client> {
  const client = openClient(address);
  const person = await people.person(opened, `a ${roles.join(' and ')} ${Math.random().toString(36)}`, roles);
  client.cookies.set(`dalil-${String(address.port)}`, await people.session(opened, person));
  return client;
}

interface Row {
  position: number;
  at: string;
  record: { id: string; kind: string; actor: string; about: string[]; more: boolean } | null;
}
interface Page {
  size: number;
  records: Row[];
  next: number | null;
}
async function list(client: Client, query = ''): Promise<Row[]> {
  const all: Row[] = [];
  for (let next: number | null = Number.MAX_SAFE_INTEGER; next !== null;) {
    const got = await client.get(`/api/activity?limit=200&after=${String(next)}${query}`);
    expect([got.status, got.text.slice(0, 300)]).toEqual([200, expect.anything()]);
    const page: Page = got.json<Page>();
    all.push(...page.records);
    ({ next } = page);
  }
  return all;
}

test('the list is the log from its end to its beginning, each record once, with what it is about and no name of a file', async () => {
  const rows = await list(await clientOf('lead'));
  expect(rows.map(({ position }) => position)).toEqual(
    Array.from({ length: opened.log.size }, (_, i) => opened.log.size - 1 - i),
  );
  const ofLog = new Map<number, { kind: string; actor: string }>();
  const handles = new Map<string, string | null>();
  for await (const { position, id, kind, actor, handle, refs } of opened.log.read(0)) {
    handles.set(id, handle);
    ofLog.set(position, { kind, actor: actor.name });
    const { record } = rows.find((row) => row.position === position)!;
    expect(record).toMatchObject({ id, kind, actor: actor.name });
    const item = refs['item'];
    if (handle !== null) expect(record!.about).toEqual([handle]);
    else if (typeof item === 'string') expect(record!.about).toContain(handles.get(item));
  }
  expect(JSON.stringify(rows)).not.toMatch(/Somebody|letter/);
});

test('whoever may not read a kind sees that there is a record, and when; no filter tells them more', async () => {
  const admin = await clientOf('administrator');
  const rows = await list(admin);
  expect(rows).toHaveLength(opened.log.size);
  const seen = rows.filter(({ record }) => record !== null);
  expect(seen.map(({ record }) => record!.kind)).toEqual(['protect.login']);
  for (const row of rows.filter(({ record }) => record === null))
    expect(Object.keys(row).toSorted()).toEqual(['at', 'position', 'record']);
  expect((await admin.get('/api/activity/filters')).json()).toEqual({ kinds: ['protect.login'], actors: ['Crane'] });
  expect(await list(admin, '&actor=Wren')).toEqual([]);
  expect(await list(admin, '&kind=intake.item')).toEqual([]);
  expect(await list(admin, '&actor=Crane')).toHaveLength(1);
  const hidden = await admin.get('/api/activity/1');
  expect([hidden.status, hidden.json()['reason']]).toEqual([403, 'not-your-role']);

  const analyst = await clientOf('analyst');
  const filters = (await analyst.get('/api/activity/filters')).json<{ kinds: string[]; actors: string[] }>();
  expect(filters.actors).toEqual(['Robin', 'Wren', 'operator']);
  expect(filters.kinds).not.toContain('protect.login');
  for (const name of ['welfare-lead', 'examiner'] as const)
    expect((await (await clientOf(name)).get('/api/activity')).status).toBe(403);
});

test('by kind and by actor, page by page', async () => {
  const lead = await clientOf('lead');
  const described = await list(lead, '&kind=describe.item');
  expect(described).toHaveLength(301);
  expect(new Set(described.map(({ record }) => record!.actor))).toEqual(new Set(['Robin']));
  const wren = await list(lead, '&actor=Wren');
  expect(new Set(wren.map(({ record }) => record!.actor))).toEqual(new Set(['Wren']));
  const all = await list(lead);
  expect(wren.map(({ position }) => position)).toEqual(
    all.filter(({ record }) => record?.actor === 'Wren').map(({ position }) => position),
  );
  expect(await list(lead, '&actor=Wren&kind=describe.item')).toEqual([]);
});

test('the proof of each record leads from its id to the checkpoint that the case signed, and of no other', async () => {
  const lead = await clientOf('lead');
  const { size } = opened.log;
  const history = new KeyHistory(opened.caseFile);
  const ids: string[] = [];
  for (const position of [0, 1, 255, 256, 257, size - 1]) {
    const said = (await lead.get(`/api/activity/${String(position)}`)).json<{
      record: Row;
      proof: string;
      checkpoint: string;
    }>();
    const proof = openProof(said.proof, history);
    expect(proof.index).toBe(position);
    expect(proof.checkpoint.size).toBe(size);
    expect(said.proof.endsWith(`\n\n${said.checkpoint}`)).toBe(true);
    expect(isIncluded(fromBase64url(said.record.record!.id)!, proof)).toBe(true);
    for (const other of ids) expect(isIncluded(fromBase64url(other)!, proof)).toBe(false);
    ids.push(said.record.record!.id);
  }
  expect((await lead.get(`/api/activity/${String(size)}`)).status).toBe(400);
});

test('sources by their pseudonyms: what each gave, whether it closes, and what is claimed of the time before', async () => {
  const client = await clientOf('analyst');
  const first = (await client.get('/api/sources?limit=1')).json<{ sources: { source: string }[]; next: string }>();
  expect(first).toMatchObject({
    sources: [{ source: 'BITTERN', accessions: [{ handle: 'A-0002', claims: [] }] }],
    next: 'BITTERN',
  });
  const second = (await client.get(`/api/sources?after=${first.next}`)).json();
  expect(second).toMatchObject({
    sources: [
      {
        source: 'HERON',
        closes: true,
        reconciliation: { received: 300, sealed: 300, duplicate: 0, quarantined: 0 },
        accessions: [
          {
            handle: 'A-0001',
            by: 'Wren',
            claims: [{ holder: 'courier', from: '2013', to: null, by: ['HERON'], note: 'in a bag' }],
          },
        ],
      },
    ],
    next: null,
  });
});
