import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTar, readAll, sha256 } from './archive.fixture.ts';
import type { TarPart } from './archive.fixture.ts';
import type { ArchiveKind, ArchiveLimits } from './archive.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(folder, 'archive');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const tarReasons = (parts: TarPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  readAll(file, makeTar(parts), 'tar', limits).then(({ members }) => members.map(({ reason }) => reason));
const hello = Buffer.from('hello');

test('a tar written by a library comes out whole, plain and compressed, with long and Arabic names', async () => {
  const contents: Record<string, Buffer> = {
    'a.jpg': randomBytes(30_000),
    [`${'long/'.repeat(60)}file`]: randomBytes(512),
    'صور/٥٤٤٧.jpg': randomBytes(1_500_000),
    empty: Buffer.alloc(0),
  };
  for (const kind of ['tar', 'tar.gz'] as const) {
    const tar = pack();
    tar.entry({ name: 'folder/', type: 'directory' });
    for (const [name, bytes] of Object.entries(contents)) tar.entry({ name }, bytes);
    tar.finalize();
    if (kind === 'tar') await pipeline(tar, createWriteStream(file));
    else await pipeline(tar, createGzip(), createWriteStream(file));
    const { members, problems } = await readAll(file, null, kind);
    expect(problems).toEqual([]);
    expect(members.map(({ path, sha256: hash }) => [path, hash])).toEqual(
      Object.entries(contents).map(([name, bytes]) => [name, sha256(bytes)]),
    );
  }
});

test('links, devices and sparse members of a tar are refused, and those after them are had', async () => {
  expect(
    await tarReasons([
      { name: 'hard link with a size', kind: '1', size: 5000 },
      { name: 'link', kind: '2' },
      { name: 'device', kind: '3' },
      { name: 'fifo', kind: '6' },
      { name: 'sparse', kind: 'S', bytes: randomBytes(600) },
      { name: 'folder', kind: '5' },
      { name: 'contiguous', kind: '7', bytes: hello },
      { name: 'unknown kind', kind: 'Q', bytes: hello },
    ]),
  ).toEqual(['link', 'link', 'special-file', 'special-file', 'damaged-member', null, null]);
});

test('of a tar that is cut off, everything before the cut is had, also compressed', async () => {
  const parts = Array.from({ length: 6 }, (_, i) => ({ name: `m${i}`, bytes: randomBytes(3000) }));
  const tar = makeTar(parts);
  const cut = await readAll(file, tar.subarray(0, 512 * 7 * 4 + 600), 'tar');
  expect(cut.members.map(({ reason }) => reason)).toEqual([null, null, null, null, 'damaged-member']);
  expect(cut.problems).toEqual(['truncated-archive']);
  const atBoundary = await readAll(file, tar.subarray(0, 512 * 7 * 4), 'tar');
  expect([atBoundary.count, atBoundary.problems]).toEqual([4, ['truncated-archive']]);
  const gz = gzipSync(tar);
  const cutGz = await readAll(file, gz.subarray(0, Math.floor(gz.length * 0.6)), 'tar.gz');
  expect(cutGz.members.map(({ reason }) => reason)).toEqual([null, null, null, 'damaged-member']);
  expect(cutGz.problems).toEqual(['truncated-archive']);
});

test('after a broken header a tar is read on at the next whole one', async () => {
  const parts = ['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.alloc(2000) }));
  const tar = makeTar(parts);
  tar[512 * 5 + 3] = 0xff;
  expect(await readAll(file, tar, 'tar')).toMatchObject({
    members: [{ path: 'a' }, { path: 'c' }],
    problems: ['damaged-archive'],
  });
});

test('what follows the end of a tar is reported; padding, a second stream and zeros are not', async () => {
  const tar = makeTar([
    { name: 'a', bytes: hello },
    { name: 'a', bytes: hello },
  ]);
  const problems = async (bytes: Buffer, kind: ArchiveKind): Promise<string[]> =>
    (await readAll(file, bytes, kind)).problems;
  expect(await problems(Buffer.concat([tar, Buffer.alloc(8192)]), 'tar')).toEqual(['duplicate-member-names']);
  expect(await problems(Buffer.concat([tar, Buffer.alloc(600), hello]), 'tar')).toEqual([
    'trailing-bytes',
    'duplicate-member-names',
  ]);
  expect(
    await problems(Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]), 'tar.gz'),
  ).toEqual(['duplicate-member-names']);
  expect(await problems(Buffer.concat([gzipSync(tar), Buffer.from('what is this')]), 'tar.gz')).toEqual([
    'trailing-bytes',
    'duplicate-member-names',
  ]);
  const wrongSum = gzipSync(tar);
  wrongSum[wrongSum.length - 6]! ^= 1;
  expect(await problems(wrongSum, 'tar.gz')).toEqual(['damaged-archive', 'duplicate-member-names']);
});

test('a tar bomb is stopped at the ratio, and what came before it is had', async () => {
  const tar = makeTar([
    { name: 'good', bytes: randomBytes(1000) },
    { name: 'zeros', bytes: Buffer.alloc(200 << 20) },
    { name: 'after', bytes: hello },
  ]);
  const { members, problems } = await readAll(file, gzipSync(tar, { level: 1 }), 'tar.gz');
  expect(members.map(({ path, reason }) => [path, reason])).toEqual([
    ['good', null],
    ['zeros', 'over-limit'],
  ]);
  expect(problems).toEqual(['over-limit']);
});
