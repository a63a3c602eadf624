// Backup and restore with the real command line: a case comes back in another home as it was, whatever was written, killed,
// damaged or mistaken on the way.
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemView } from '../case/views.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { authenticator, openClient } from '../server/client.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';
import { serveCase } from './serve.fixture.ts';

let here: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
const passphrase = ['--passphrase-file'] as const;

async function dalil(home: TestHome, code: number, ...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, args);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}
const backUp = (code: number, to: string, ...args: string[]): Promise<Ran> =>
  dalil(here, code, '-C', at('case'), 'backup', '--out', at(to), ...passphrase, at('words'), '--json', ...args);
const letters = async (name: string, count: number, size = 20): Promise<string> => {
  await mkdir(at(name));
  for (let i = 0; i < count; i++) await writeFile(at(`${name}/${i}.txt`), `${name} ${i} `.repeat(size));
  return at(name);
};
interface Done {
  files: number;
  copied: number;
  altered: string[];
  card: { size: number; root: string };
}

beforeAll(async () => {
  here = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-backup-'));
  await writeFile(at('words'), 'apricot lantern seven doors\n');
  await writeFile(at('others'), 'another set of words altogether\n');
  await dalil(here, 0, 'new', at('case'), '--name', 'Backup');
  await dalil(here, 0, '-C', at('case'), 'intake', await letters('first', 40), '--source', 'S');
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await here.close();
});

test('a case comes back in another home with the same rows, and goes on there', async () => {
  const { card } = (await backUp(0, 'one')).json<Done>();
  const there = await openTestHome();
  try {
    const restore = ['restore', at('one'), '--to', at('back'), ...passphrase, at('words'), '--json'];
    expect((await dalil(there, 0, ...restore)).json()).toMatchObject({ keys: 2, card });
    await dalil(there, 0, '-C', at('back'), 'verify');
    expect(await dumpCase(there, at('back'))).toEqual(await dumpCase(here, at('case')));
    await dalil(there, 0, '-C', at('back'), 'intake', await letters('later', 3), '--source', 'S');
    await dalil(there, 0, '-C', at('back'), 'verify');
  } finally {
    await there.close();
  }
});

test('people come back with the case, and sign in as they did', async () => {
  const there = await openTestHome();
  try {
    const first = await serveCase(here.env, at('case'));
    const ada = openClient({ ...first, url: `http://localhost:${first.port}/`, link: '' });
    await ada.get(new URL(first.link!).pathname + new URL(first.link!).search);
    const own = await authenticator(ada, 'ada', Date.now());
    const asked = { signInName: 'ada', name: 'A-1', alone: true, offer: own.offer };
    expect((await ada.send('POST', '/api/set-up', asked)).status).toBe(200);
    await first.stop();
    await backUp(0, 'people');
    // Nobody's name, and no secret, can be read from it.
    for (const name of ['people.age', 'keys.age', 'backup.json']) {
      expect((await readFile(at(`people/${name}`))).toString('latin1')).not.toMatch(/ada|A-1/);
    }
    await dalil(there, 0, 'restore', at('people'), '--to', at('with-people'), ...passphrase, at('words'));
    const second = await serveCase(there.env, at('with-people'));
    try {
      expect(second.link).toBeUndefined();
      const back = openClient({ ...second, url: second.url!, link: '' });
      for (const [name, value] of ada.cookies) back.cookies.set(name.replace(/\d+/, String(second.port)), value);
      expect((await back.get('/api/case')).status).toBe(401);
      const later = Date.now() + 30_000;
      const signIn = { name: 'ada', password: own.password, code: own.code(later) };
      expect((await back.send('POST', '/api/sign-in/password', signIn)).status).toBe(200);
      expect((await back.get('/api/case')).status).toBe(200);
    } finally {
      await second.stop();
    }
  } finally {
    await there.close();
  }
});

test('a repeat copies what is new and nothing else', async () => {
  const first = (await backUp(0, 'two')).json<Done>();
  expect(first.copied).toBeGreaterThan(40);
  expect((await backUp(0, 'two')).json<Done>()).toMatchObject({ copied: 0, files: first.files });
  await dalil(here, 0, '-C', at('case'), 'intake', await letters('second', 5), '--source', 'S');
  const next = (await backUp(0, 'two')).json<Done>();
  expect(next.copied).toBeGreaterThan(5);
  expect(next.copied).toBeLessThan(40);
  expect(next.card.size).toBeGreaterThan(first.card.size);
});

test('a damaged original is named and not copied, and the sound copy of it stays', async () => {
  await backUp(0, 'three');
  const item = (await dalil(here, 0, '-C', at('case'), 'items', '--json')).lines<ItemView>()[0]!;
  const below = `originals/sha256/${item.sha256.slice(0, 2)}/${item.sha256.slice(2, 4)}/${item.sha256}`;
  const [original, copy] = [at(`case/${below}`), at(`three/case/${below}`)];
  const sound = await readFile(original);
  await chmod(original, 0o644);
  await writeFile(original, 'something else');
  try {
    expect((await backUp(3, 'three')).json<Done>().altered).toEqual([below]);
    expect(await readFile(copy)).toEqual(sound);
  } finally {
    await writeFile(original, sound);
    await chmod(original, 0o444);
  }
});

test('what another process writes meanwhile is in the backup whole or not at all', { timeout: 300_000 }, async () => {
  const busy = dalil(here, 0, '-C', at('case'), 'intake', await letters('busy', 1200), '--source', 'S');
  const progress = { over: false };
  void busy.then(() => (progress.over = true));
  const sizes = new Set<number>();
  // Each ends with the independent check of what was copied; exit 11 says that no one state could be had.
  for (let i = 0; !progress.over || i < 2; i++) {
    const args = ['backup', '--out', at('busy-copy'), ...passphrase, at('words'), '--json'];
    const ran = await runDalil(here.env, ['-C', at('case'), ...args]);
    expect([0, 11], ran.stdout + ran.stderr).toContain(ran.code);
    if (ran.code === 0) sizes.add(ran.json<Done>().card.size);
  }
  await busy;
  expect(sizes.size).toBeGreaterThan(0);
});

test('killed at any moment, backup and restore go on and end the same', { timeout: 300_000 }, async () => {
  const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));
  const kill = async (home: TestHome, args: string[], after: number): Promise<void> => {
    const child = spawn(process.execPath, [program, ...args], { env: home.env, stdio: 'ignore' });
    const ended = new Promise((resolve) => child.on('close', resolve));
    await pause(after);
    child.kill('SIGKILL');
    await ended;
  };
  const there = await openTestHome();
  try {
    for (let i = 0; i < 4; i++) {
      await kill(here, ['-C', at('case'), 'backup', '--out', at('killed'), ...passphrase, at('words')], 400 + 200 * i);
    }
    const { card } = (await backUp(0, 'killed')).json<Done>();
    const restore = ['restore', at('killed'), '--to', at('again'), ...passphrase, at('words'), '--json'];
    for (let i = 0; i < 4; i++) await kill(there, restore, 600 + 300 * i);
    // The last of them may have come to its end: then the case is there already.
    const last = await runDalil(there.env, restore);
    if (last.code !== 0) expect(last.stderr).toMatch(/not empty/);
    await dalil(there, 0, '-C', at('again'), 'rebuild');
    await dalil(there, 0, '-C', at('again'), 'verify');
    expect((await dalil(there, 0, '-C', at('again'), 'status', '--json')).json()).toMatchObject({
      checkpoint: { size: card.size },
    });
  } finally {
    await there.close();
  }
});

test('what cannot be restored says why, and puts nothing in place', async () => {
  await backUp(0, 'four');
  const there = await openTestHome();
  const restore = (code: number, ...args: string[]): Promise<Ran> =>
    dalil(there, code, 'restore', at('four'), '--to', at('nowhere'), ...args);
  const nothing = async (): Promise<void> => {
    expect(await stat(at('nowhere/log')).catch(() => null)).toBeNull();
  };
  try {
    expect(
      (await dalil(here, 2, 'restore', at('four'), '--to', at('nowhere'), ...passphrase, at('words'))).stderr,
    ).toMatch(/two histories/);
    await nothing();
    await restore(12, ...passphrase, at('others'));
    await nothing();
    expect((await dalil(there, 1, 'restore', at('first'), '--to', at('nowhere'))).stderr).toMatch(/no finished backup/);
    expect((await dalil(here, 2, '-C', at('case'), 'backup', '--out', at('first'), '--without-keys')).stderr).toMatch(
      /something else/,
    );
    await dalil(here, 2, '-C', at('case'), 'backup', '--out', at('five'));
    const entries = at('four/case/log/checkpoint');
    await writeFile(entries, (await readFile(entries, 'utf8')).replace(/\n\d+\n/, '\n7\n'));
    await restore(4, ...passphrase, at('words'));
    await nothing();
  } finally {
    await there.close();
  }
});

test('without its keys a case comes back to be read and verified', async () => {
  await dalil(here, 0, '-C', at('case'), 'backup', '--out', at('six'), '--without-keys', '--without-check');
  const there = await openTestHome();
  try {
    await dalil(there, 0, 'restore', at('six'), '--to', at('read'));
    await dalil(there, 0, '-C', at('read'), 'verify');
    await dalil(there, 0, '-C', at('read'), 'status');
    await dalil(there, 12, '-C', at('read'), 'intake', at('first'), '--source', 'S');
  } finally {
    await there.close();
  }
});
