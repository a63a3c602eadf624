// The independent check over the API: what it says is what `dalil verify` says of the folder, also where that was altered.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { formatKept } from '@dalil/verify';
import { receive } from '../intake/receive.ts';
import type { OpenCase } from '../log/case.ts';
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
let client: Client;

beforeAll(async () => {
  people = await openPeople();
  folder = await mkdtemp(join(tmpdir(), 'dalil-web-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>shell</title>');
  await mkdir(join(folder, 'letters'));
  for (let i = 0; i < 12; i++) await writeFile(join(folder, `letters/${i}.txt`), `letter ${i}`);
  opened = await people.makeCase('Here');
  await receive(opened, { roots: [join(folder, 'letters')], source: 'S' });
  server = createServer({
    cases: fixtureReader(),
    token: newToken(),
    webRoot: folder,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
  });
  address = await server.listen(0);
  client = openClient(address);
  const session = await people.session(opened, await people.person(opened, 'Wren', ['analyst']));
  client.cookies.set(`dalil-${address.port}`, session);
}, 120_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
  await people.close();
});

async function check(): Promise<Record<string, unknown>> {
  expect((await client.send('POST', '/api/check')).json()).toMatchObject({ state: 'running' });
  // A second asking does not begin another.
  expect((await client.send('POST', '/api/check')).status).toBe(200);
  for (let i = 0; i < 400; i++) {
    const said = (await client.get('/api/check')).json();
    if (said['state'] !== 'running') return said;
    await pause(25);
  }
  throw new Error('the check has no end');
}

test('a sound case holds, and an altered one is told of with what does not', async () => {
  expect((await client.get('/api/check')).json()).toEqual({ state: 'none' });
  const { size } = opened.log;
  const sound = await check();
  expect(sound).toMatchObject({
    state: 'done',
    ok: true,
    problems: [],
    further: 0,
    checkpoint: { size, line: formatKept(opened.log.checkpoint!) },
    checked: { records: size, files: expect.any(Number) },
    timestamped: null,
    witnessed: null,
  });
  // Asking for a check is no act in the log.
  expect(opened.log.size).toBe(size);

  const path = join(opened.folder.path, 'log/checkpoint');
  const before = await readFile(path, 'utf8');
  await writeFile(path, before.replace(/\n\d+\n/, '\n3\n'));
  try {
    expect(await check()).toMatchObject({ state: 'done', ok: false, problems: [{ where: 'log/checkpoint' }] });
  } finally {
    await writeFile(path, before);
  }
  expect(await check()).toMatchObject({ ok: true });
});
