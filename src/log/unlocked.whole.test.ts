// The process that holds a protected identity: gives it to this user, to nobody through a folder that is not private, and
// ends by itself. Nothing of it stands in arguments or variables.
import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { heldIdentity, heldUntil, holdIdentity, holdingFolder, letGo } from './unlocked.ts';

const identity = 'AGE-SECRET-KEY-1TESTONLY';
let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'dalil-held-'));
  await mkdir(join(home, 'keys'), { mode: 0o700 });
});
afterEach(async () => {
  await letGo(home);
  await rm(home, { recursive: true, force: true });
});

const folder = () => holdingFolder(home, process.getuid!());

async function gone(): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if ((await lstat(folder()).catch(() => null)) === null) return true;
    await new Promise((done) => setTimeout(done, 50));
  }
  return false;
}

/** Processes of the machine that were started to hold something, with all that others can see of them. */
async function visible(): Promise<string> {
  const seen: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const file of ['cmdline', 'environ']) {
      seen.push(await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => ''));
    }
  }
  return seen.join('\n');
}

test('it gives the identity until it is told to end, in a folder that only this user can enter', async () => {
  expect(await heldIdentity(home)).toBe(null);
  expect(await letGo(home)).toBe(false);
  const until = await holdIdentity(home, identity, 5);
  expect(await heldIdentity(home)).toBe(identity);
  expect(await heldUntil(home)).toBe(until);
  expect((await lstat(folder())).mode & 0o777).toBe(0o700);
  expect((await lstat(join(folder(), 'socket'))).mode & 0o777).toBe(0o600);
  expect(await letGo(home)).toBe(true);
  expect(await heldIdentity(home)).toBe(null);
  expect(await gone()).toBe(true);
});

test('no other process can read the identity off its arguments or variables', async (context) => {
  if (process.platform !== 'linux') return context.skip('this system has no /proc');
  await holdIdentity(home, identity, 5);
  const seen = await visible();
  expect(seen).toContain('dalil keys unlocked');
  expect(seen).not.toContain(identity);
});

test('it ends by itself when its time is up', async () => {
  await holdIdentity(home, identity, 0.02);
  expect(await heldIdentity(home)).toBe(identity);
  expect(await gone()).toBe(true);
  expect(await heldIdentity(home)).toBe(null);
});

test('a new one takes the place of one that runs', async () => {
  await holdIdentity(home, identity, 5);
  await holdIdentity(home, 'AGE-SECRET-KEY-1ANOTHER', 5);
  expect(await heldIdentity(home)).toBe('AGE-SECRET-KEY-1ANOTHER');
});

test('a folder that others can enter is neither asked nor used', async () => {
  await holdIdentity(home, identity, 5);
  await chmod(folder(), 0o755);
  expect(await heldIdentity(home)).toBe(null);
  await expect(holdIdentity(home, identity, 5)).rejects.toMatchObject({ code: 'not-writable' });
  await chmod(folder(), 0o700);
  expect(await heldIdentity(home)).toBe(identity);
});

test('the path of the socket fits into an address, however deep the home lies', () => {
  for (const path of ['/h', `/home/${'deep/'.repeat(40)}`, '/home/سجل/البيت/'.repeat(4)]) {
    expect(Buffer.byteLength(join(holdingFolder(path, 1000), 'socket'))).toBeLessThan(104);
  }
  expect(holdingFolder('/a'.repeat(90), 1)).not.toBe(holdingFolder('/b'.repeat(90), 1));
});
