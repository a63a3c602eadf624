import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { openOriginals } from './originals.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'originals-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('contents are kept once each, found by hash, and listed in order', async () => {
  const originals = await openOriginals(join(folder, 'a/b/originals'));
  const kept = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), async (bytes) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const before = kept.has(sha256);
      expect(await originals.put(bytes)).toEqual({ sha256, size: bytes.length, existed: before });
      kept.add(sha256);
      expect(await originals.has(sha256)).toBe(bytes.length);
    }),
    { numRuns: 50 },
  );
  await originals.settle();
  const listed: string[] = [];
  for await (const sha256 of originals.list()) listed.push(sha256);
  expect(listed).toEqual([...kept].toSorted());
});

test('a file under a name that is none is not listed', async () => {
  const originals = await openOriginals(folder);
  const { sha256 } = await originals.put(Buffer.from('x'));
  writeFileSync(join(folder, 'sha256', sha256.slice(0, 2), sha256.slice(2, 4), 'notes.txt'), '');
  mkdirSync(join(folder, 'sha256/zz'));
  const listed: string[] = [];
  for await (const name of originals.list()) listed.push(name);
  expect(listed).toEqual([sha256]);
});

test('nothing but a hash becomes a path', async () => {
  const originals = await openOriginals(folder);
  for (const name of ['', '..', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(63)}/`]) {
    expect(() => originals.path(name)).toThrow(Fault);
  }
});

test('the same content from two streams at once is kept once', async () => {
  const originals = await openOriginals(folder);
  const results = await Promise.all(Array.from({ length: 20 }, () => originals.receive(twoPieces())));
  expect(new Set(results.map(({ sha256 }) => sha256)).size).toBe(1);
  expect(results.filter(({ existed }) => !existed)).toHaveLength(1);
  expect(readdirSync(join(folder, 'tmp'))).toEqual([]);
});

async function* twoPieces(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one ');
  yield Buffer.from('two');
}

test('the temporaries of dead processes are removed, those of living ones and foreign files are not', async () => {
  const { owner } = await openOriginals(folder);
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  const left = {
    mine: `${owner}-7-1`,
    dead: `${dead}-0123456789ab-0-0`,
    'same number, another start': `${process.pid}-0123456789ab-0-0`,
    foreign: 'notes.txt',
  };
  for (const name of Object.values(left)) writeFileSync(join(folder, 'tmp', name), '');
  await openOriginals(folder);
  expect(readdirSync(join(folder, 'tmp')).toSorted()).toEqual([left.mine, left.foreign].toSorted());
});

test('settling syncs folders that are there, also before anything is kept', async () => {
  const originals = await openOriginals(join(folder, 'new/originals'));
  await originals.settle();
  await originals.put(Buffer.from('x'));
  await originals.settle();
  await originals.settle();
  expect(existsSync(join(folder, 'new/originals/sha256'))).toBe(true);
});

test('a folder lost under our hands is an error of settling, and is tried again at the next', async () => {
  const originals = await openOriginals(folder);
  const { sha256 } = await originals.put(Buffer.from('x'));
  const shard = join(folder, 'sha256', sha256.slice(0, 2));
  rmSync(shard, { recursive: true });
  await expect(originals.settle()).rejects.toThrow('ENOENT');
  mkdirSync(join(shard, sha256.slice(2, 4)), { recursive: true });
  await originals.settle();
});
