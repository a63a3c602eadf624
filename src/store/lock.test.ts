// The lock file between processes: exclusive, and let go of by the dead.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { withLock } from './lock.ts';
import { lookUpProcess, processFromPs } from './process.ts';

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-test-'));
  lock = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('only one holds it at a time, and nothing is left behind', async () => {
  let holders = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, () =>
      withLock(lock, async () => {
        most = Math.max(most, ++holders);
        await pause(2);
        holders--;
      }),
    ),
  );
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual([]);
});

test('a living holder is waited for, then named', async () => {
  await withLock(lock, async () => {
    await expect(withLock(lock, async () => 1, 40)).rejects.toThrow(`process ${process.pid}, still running`);
  });
});

test('the lock of a process that is no more is broken, by one of many', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  await writeFile(lock, JSON.stringify({ pid: child.pid, started: null, token: 'dead' }));
  let holders = 0;
  let most = 0;
  const act = async (): Promise<void> => {
    most = Math.max(most, ++holders);
    await pause(2);
    holders--;
  };
  await Promise.all(Array.from({ length: 8 }, () => withLock(lock, act)));
  expect(most).toBe(1);
});

test('the lock of an earlier process with the same pid is broken', async () => {
  await writeFile(lock, JSON.stringify({ pid: process.pid, started: 'another life', token: 'dead' }));
  expect(await withLock(lock, async () => 'mine', 1_000)).toBe('mine');
});

test('a lock without a name is waited for while it is young, and broken when it is old', async () => {
  await writeFile(lock, '');
  await expect(withLock(lock, async () => 1, 40)).rejects.toThrow(/not given its name/);
  const old = new Date(Date.now() - 10_000);
  await utimes(lock, old, old);
  expect(await withLock(lock, async () => 'mine', 1_000)).toBe('mine');
});

test('/proc and ps say the same of a process', async () => {
  const child = spawn('sleep', ['30']);
  try {
    await once(child, 'spawn');
    const facts = (await lookUpProcess(child.pid!))!;
    const fromPs = (await processFromPs(child.pid!))!;
    expect(facts.zombie).toBe(false);
    expect(fromPs.zombie).toBe(false);
    expect(facts.command ?? 'sleep 30').toBe('sleep 30');
    expect(fromPs.command ?? 'sleep 30').toBe('sleep 30');
    expect((await lookUpProcess(child.pid!))!.started).toBe(facts.started);
  } finally {
    child.kill();
    await once(child, 'exit');
  }
  expect(await lookUpProcess(child.pid!)).toBeUndefined();
  expect(await processFromPs(child.pid!)).toBeUndefined();
});

test('a process that is dead but not reaped is a zombie', async () => {
  // The shell becomes a sleep that never asks after the child it has inherited.
  const child = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30']);
  try {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    await expect.poll(async () => (await lookUpProcess(pid))?.zombie).toBe(true);
    expect((await processFromPs(pid))?.zombie ?? true).toBe(true);
  } finally {
    child.kill();
  }
});
