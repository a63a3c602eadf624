// Where zip64 is needed, read by unzip: a member over 4 GiB and one that begins behind it, in a sparse file; and more
// members than 16 bits can count.
import { spawnSync } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openZip } from './zip.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-zip64-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});
const without = spawnSync('unzip', ['-v']).error !== undefined;

test('70,000 members are all found', async (context) => {
  if (without) return context.skip('unzip is not installed');
  const path = join(folder, 'many.zip');
  const file = await open(path, 'w');
  const pieces: Uint8Array[] = [];
  const zip = openZip(async (bytes) => void pieces.push(bytes));
  for (let i = 0; i < 70_000; i++) await zip.add(`b/${i}`, () => [Buffer.from(String(i))]);
  await zip.end();
  await file.writeFile(Buffer.concat(pieces));
  await file.close();
  const tested = spawnSync('unzip', ['-tqq', path], { encoding: 'utf8' });
  expect([tested.status, tested.stdout + tested.stderr]).toEqual([0, '']);
  expect(spawnSync('unzip', ['-p', path, 'b/69999'], { encoding: 'utf8' }).stdout).toBe('69999');
  const { stdout } = spawnSync('unzip', ['-l', path], { encoding: 'utf8', maxBuffer: 1 << 26 });
  expect(stdout.trim().split('\n').at(-1)).toContain('70000 files');
});

test('a member over 4 GiB, and one behind it, are read by unzip', async (context) => {
  if (without) return context.skip('unzip is not installed');
  const path = join(folder, 'large.zip');
  const file = await open(path, 'w');
  const zeros = Buffer.alloc(16 << 20);
  const pieces = 257;
  let at = 0;
  const zip = openZip(async (bytes) => {
    // Zeros are left out, and read as such.
    if (bytes !== zeros) await file.write(bytes, 0, bytes.length, at);
    at += bytes.length;
  });
  await zip.add('b/large', function* () {
    for (let i = 0; i < pieces; i++) yield zeros;
  });
  await zip.add('b/behind', () => [Buffer.from('behind')]);
  await zip.end();
  await file.close();
  expect(spawnSync('unzip', ['-p', path, 'b/behind'], { encoding: 'utf8' }).stdout).toBe('behind');
  const listed = spawnSync('unzip', ['-l', path], { encoding: 'utf8' }).stdout;
  expect(listed).toContain(String(pieces * (16 << 20)));
});
