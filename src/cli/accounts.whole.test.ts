// `dalil serve` and `dalil accounts` as somebody at the machine uses them: the link while nobody has an account, the plain
// address afterwards, and the way back for who lost everything.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { build } from 'vite';
import { authenticator, openClient, type Client } from '../server/client.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

let home: TestHome;
let folder = '';
beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-accounts-'));
  // The application itself, where it is not built yet.
  if (!existsSync(new URL('../../dist/web/index.html', import.meta.url)))
    await build({ configFile: fileURLToPath(new URL('../../vite.config.ts', import.meta.url)), logLevel: 'error' });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await home.close();
});

const dalil = (...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', join(folder, 'case'), ...args]);

interface Served {
  link?: string;
  url?: string;
  port: number;
  client(): Client;
  stop(): Promise<number | null>;
}

/** `dalil serve`, until it is stopped as by Ctrl-C. */
async function serve(): Promise<Served> {
  const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));
  const args = [program, '-C', join(folder, 'case'), 'serve', '--port', '0', '--json'];
  const child = spawn(process.execPath, args, { env: home.env });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const said = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.on('close', () => reject(new Error('it ended')));
  });
  const shown = JSON.parse(said) as { link?: string; url?: string; port: number };
  const url = `http://localhost:${shown.port}/`;
  return {
    ...shown,
    client: () => openClient({ port: shown.port, url, link: '' }),
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

test('from the first link to the way back, over the command line', async () => {
  expect((await runDalil(home.env, ['new', join(folder, 'case'), '--name', 'A case'])).code).toBe(0);
  const nobody = await dalil('accounts');
  expect([nobody.code, nobody.stdout]).toEqual([0, '']);
  expect(nobody.stderr).toContain('Nobody has an account');

  let served = await serve();
  expect(served.link).toMatch(/^http:\/\/localhost:\d+\/open\?token=[\w-]{43}$/);
  const ada = served.client();
  await ada.get(served.link!.slice(`http://localhost:${served.port}`.length));
  expect((await ada.get('/api/case')).status).toBe(200);
  const own = await authenticator(ada, 'ada', Date.now());
  const made = await ada.send('POST', '/api/set-up', { signInName: 'ada', name: 'A-1', alone: true, offer: own.offer });
  expect(made.status).toBe(200);
  expect(await served.stop()).toBe(0);

  served = await serve();
  expect([served.link, served.url]).toEqual([undefined, `http://localhost:${served.port}/`]);
  // A session outlives the process that it was opened in.
  const back = served.client();
  for (const [name, value] of ada.cookies) back.cookies.set(name.replace(/\d+/, String(served.port)), value);
  expect((await back.get('/api/case')).status).toBe(200);

  const invited = await dalil(
    'accounts',
    'invite',
    '--roles',
    'analyst',
    '--name',
    'B-2',
    '--json',
    '--url',
    served.url!,
  );
  const secret = invited.json<{ link: string }>().link.split('#')[1]!;
  const bo = served.client();
  const theirs = await authenticator(bo, 'bo', Date.now());
  const accept = { secret, signInName: 'bo', name: 'B-2', offer: theirs.offer };
  expect((await bo.send('POST', '/api/invitation/accept', accept)).status).toBe(200);
  expect((await dalil('accounts', '--json')).lines<{ name: string; roles: string[] }>()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'A-1', roles: ['administrator', 'archivist', 'analyst', 'lead'] }),
      expect.objectContaining({ name: 'B-2', signInName: 'bo', roles: ['analyst'] }),
    ]),
  );

  // The door for who lost everything.
  const recovery = await dalil('accounts', 'recover', 'A-1');
  const again = /join#([\w-]{43})/.exec(recovery.stdout)![1]!;
  const fresh = served.client();
  const other = await authenticator(fresh, 'ada', Date.now(), 'some other unrelated words');
  expect((await fresh.send('POST', '/api/invitation/accept', { secret: again, offer: other.offer })).status).toBe(200);
  expect((await back.get('/api/case')).status).toBe(401);
  expect((await fresh.get('/api/people')).status).toBe(200);

  // Other roles, and none: at once, while the server runs, and on record in the operator's name.
  expect((await dalil('accounts', 'roles', 'bo', '--roles', 'counsel')).code).toBe(0);
  expect((await bo.get('/api/account')).status).toBe(401);
  expect((await dalil('accounts', 'revoke', 'B-2')).code).toBe(0);
  expect((await dalil('accounts')).stdout).toMatch(/B-2 +gone since/);
  expect((await dalil('accounts', 'recover', 'B-2')).code).toBe(2);
  const last = await dalil('accounts', 'roles', 'A-1', '--roles', 'analyst');
  expect([last.code, last.stderr]).toEqual([2, expect.stringContaining('Nobody would be left')]);
  for (const wrong of [
    ['invite'],
    ['invite', '--roles', 'king'],
    ['roles', 'nobody', '--roles', 'lead'],
    ['recover'],
    ['x'],
  ])
    expect([wrong, (await dalil('accounts', ...wrong)).code]).toEqual([wrong, 2]);
  expect(await served.stop()).toBe(0);

  // Another case of the same home: an account is not yet anybody there.
  expect((await runDalil(home.env, ['new', join(folder, 'other'), '--name', 'Another'])).code).toBe(0);
  const inOther = (...args: string[]) => runDalil(home.env, ['-C', join(folder, 'other'), 'accounts', ...args]);
  expect((await inOther('roles', 'ada', '--roles', 'administrator')).code).toBe(2);
  expect((await inOther('roles', 'ada', '--roles', 'administrator', '--name', 'Z-9')).code).toBe(0);
  expect((await inOther('--json')).lines<{ name: string }>().map(({ name }) => name)).toEqual(['Z-9']);
  expect((await dalil('verify')).code).toBe(0);
  for (const origin of ['http://case.example', 'https://case.example/path', 'case.example', 'https://a@case.example'])
    expect([origin, (await dalil('serve', '--origin', origin)).code]).toEqual([origin, 2]);
});
