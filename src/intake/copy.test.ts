import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { inOrder } from '../store/in-order.ts';
import { openOriginals } from '../store/originals.ts';
import type { Originals } from '../store/originals.ts';
import { MemberFault } from './archive.ts';
import { copyWindow, createCopier } from './copy.ts';
import type { Copier, CopyOutcome } from './copy.ts';
import { walk } from './walk.ts';
import type { Found } from './walk.ts';

let folder: string;
let originals: Originals;
let copier: Copier;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'copy-'));
  mkdirSync(join(folder, 'in'));
  originals = await openOriginals(join(folder, 'originals'));
  copier = createCopier({ originals, threads: 2 });
});
afterEach(async () => {
  await copier.close();
  rmSync(folder, { recursive: true, force: true });
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function copyAll(): Promise<Map<string, CopyOutcome>> {
  const outcomes = new Map<string, CopyOutcome>();
  const copies = inOrder(
    walk([join(folder, 'in')]),
    copyWindow,
    async (found) => [found, await copier.copy(found)] as const,
  );
  for await (const [found, outcome] of copies) outcomes.set(found.path.text, outcome);
  return outcomes;
}

function given(name: string, bytes: Uint8Array): Uint8Array {
  writeFileSync(join(folder, 'in', name), bytes);
  return bytes;
}

async function only(): Promise<Found> {
  for await (const found of walk([join(folder, 'in')])) return found;
  throw new Error('nothing there');
}

test('files of every size come out byte for byte, under their hash, read-only, with the time of the file read', async () => {
  const sizes = [0, 1, 511, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3_500_000];
  const contents = sizes.map((size) => given(`f${size}`, randomBytes(size)));
  utimesSync(join(folder, 'in/f1'), 1_300_000_000, 1_300_000_000.25);
  const outcomes = await copyAll();
  await originals.settle();
  for (const [index, size] of sizes.entries()) {
    const outcome = outcomes.get(`f${size}`);
    expect(outcome).toMatchObject({ state: 'had', sha256: sha256(contents[index]!), size, existed: false });
    const path = originals.path(sha256(contents[index]!));
    expect(readFileSync(path).equals(contents[index]!)).toBe(true);
    expect(statSync(path).mode & 0o222).toBe(0);
  }
  expect(outcomes.get('f1')).toMatchObject({ modified: '2011-03-13T07:06:40.250Z' });
  expect(readdirSync(join(folder, 'originals/tmp'))).toEqual([]);
});

test('the same content under two names is one original, and a repeat finds everything there', async () => {
  const bytes = randomBytes(40_000);
  for (let i = 0; i < 200; i++) given(`same-${i}`, bytes);
  given('large-a', Buffer.alloc(2_000_000, 7));
  given('large-b', Buffer.alloc(2_000_000, 7));
  const outcomes = await copyAll();
  expect([...outcomes.values()].every((outcome) => outcome.state === 'had')).toBe(true);
  const again = await copyAll();
  expect([...again.values()].every((outcome) => outcome.state === 'had' && outcome.existed)).toBe(true);
  const listed: string[] = [];
  for await (const name of originals.list()) listed.push(name);
  expect(listed).toEqual([sha256(bytes), sha256(Buffer.alloc(2_000_000, 7))].toSorted());
  expect(readdirSync(join(folder, 'originals/tmp'))).toEqual([]);
});

test('links, fifos and what vanished are refused with their reason, and their neighbours are had', async () => {
  given('a', Buffer.from('a'));
  given('b', Buffer.from('b'));
  symlinkSync('a', join(folder, 'in/link'));
  const found: Found[] = [];
  for await (const item of walk([join(folder, 'in')])) found.push(item);
  rmSync(join(folder, 'in/b'));
  const outcomes = await Promise.all(found.map((item) => copier.copy(item)));
  expect(outcomes.map((o) => (o.state === 'had' ? 'had' : o.reason))).toEqual(['had', 'vanished', 'link']);
  // Swapped after it was listed: still not followed, not waited for.
  const [a] = found;
  rmSync(join(folder, 'in/a'));
  symlinkSync('/etc/hostname', join(folder, 'in/a'));
  expect(await copier.copy(a!)).toMatchObject({ state: 'refused', reason: 'link' });
  rmSync(join(folder, 'in/a'));
  mkdirSync(join(folder, 'in/a'));
  expect(await copier.copy(a!)).toMatchObject({ state: 'refused', reason: 'changed-while-read' });
});

test('a file that is written to while it is read is not kept', async () => {
  given('growing', Buffer.alloc(64 << 20, 1));
  const found = await only();
  const done = new AbortController();
  const writing = (async () => {
    while (!done.signal.aborted) {
      appendFileSync(join(folder, 'in/growing'), 'x');
      await new Promise((resolve) => setImmediate(resolve));
    }
  })();
  const outcome = await copier.copy(found);
  done.abort();
  await writing;
  expect(outcome).toMatchObject({ state: 'refused', reason: 'changed-while-read' });
  expect(readdirSync(join(folder, 'originals/tmp'))).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a file with bytes but no size is not kept as empty, and a failed read is unreadable',
  async () => {
    const claimsNothing = await copier.copy(await foundAt('/proc/version'));
    expect(claimsNothing).toMatchObject({ state: 'refused', reason: 'changed-while-read' });
    const failsToRead = await copier.copy(await foundAt('/proc/self/mem'));
    expect(failsToRead).toMatchObject({
      state: 'refused',
      reason: 'unreadable',
      message: expect.stringContaining('EIO'),
    });
  },
);

async function foundAt(path: string): Promise<Found> {
  for await (const found of walk([path])) return found;
  throw new Error('nothing there');
}

test('a file over the limit is refused before it is read', async () => {
  const small = createCopier({ originals, threads: 1, most: 1000 });
  try {
    given('big', Buffer.alloc(1001));
    expect(await small.copy(await only())).toMatchObject({ state: 'refused', reason: 'over-limit' });
    truncateSync(join(folder, 'in/big'), 1000);
    expect(await small.copy(await only())).toMatchObject({ state: 'had', size: 1000 });
  } finally {
    await small.close();
  }
});

test('a file without permission is refused as unreadable', async (context) => {
  given('shut', Buffer.from('x'));
  chmodSync(join(folder, 'in/shut'), 0);
  if (process.getuid?.() === 0) return context.skip('root may read every file');
  expect(await copier.copy(await only())).toMatchObject({ state: 'refused', reason: 'unreadable' });
});

test('where the originals cannot be written, it is an error and not the fault of the file', async () => {
  given('a', randomBytes(100));
  rmSync(join(folder, 'originals/tmp'), { recursive: true });
  writeFileSync(join(folder, 'originals/tmp'), 'in the way');
  await expect(copier.copy(await only())).rejects.toThrow(/ENOTDIR/);
});

test('an original of the wrong size stops the copy with case-damaged, and is not replaced', async () => {
  const bytes = given('a', randomBytes(100));
  await copyAll();
  chmodSync(originals.path(sha256(bytes)), 0o600);
  truncateSync(originals.path(sha256(bytes)), 50);
  const again = copier.copy(await only());
  await expect(again).rejects.toThrow(Fault);
  await expect(again).rejects.toMatchObject({ code: 'case-damaged' });
  expect(statSync(originals.path(sha256(bytes))).size).toBe(50);
});

test('a stream is kept to its end; one that fails, or is too long, leaves nothing', async () => {
  const bytes = randomBytes(300_000);
  async function* pieces(fails: boolean): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 70_000) yield bytes.subarray(at, at + 70_000);
    if (fails) throw new MemberFault('damaged-member', 'Broken at its end.');
  }
  expect(await copier.copyStream(pieces(true))).toEqual({
    state: 'refused',
    reason: 'damaged-member',
    message: 'Broken at its end.',
  });
  expect(await copier.copyStream(pieces(false), 299_999)).toMatchObject({ state: 'refused', reason: 'over-limit' });
  expect(await originals.has(sha256(bytes))).toBe(null);
  expect(await copier.copyStream(pieces(false))).toMatchObject({ state: 'had', sha256: sha256(bytes), size: 300_000 });
  expect(await originals.has(sha256(bytes))).toBe(300_000);
  expect(readdirSync(join(folder, 'originals/tmp'))).toEqual([]);
});
