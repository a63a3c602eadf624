import { randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { makeZip, readAll, sha256 } from './archive.fixture.ts';
import type { Reading, ZipPart } from './archive.fixture.ts';
import { readMembers } from './archive.ts';
import type { ArchiveLimits } from './archive.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(folder, 'archive');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const read = (archive: Buffer | null, limits?: Partial<ArchiveLimits>): Promise<Reading> =>
  readAll(file, archive, 'zip', limits);
const reasons = (parts: ZipPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  read(makeZip(parts), limits).then(({ members }) => members.map(({ reason }) => reason));
const hello = Buffer.from('hello');

test('a zip written by a library comes out whole: stored, deflated, streamed, empty, in folders, in Arabic', async () => {
  const contents: Record<string, Buffer> = {
    'folder/picture.jpg': randomBytes(30_000),
    'صور/٢٠١٣/٥٤٤٧.jpg': randomBytes(700_000),
    'text.txt': Buffer.from(randomBytes(4_500_000).toString('hex')),
    empty: Buffer.alloc(0),
  };
  const zip = new ZipFile();
  zip.addEmptyDirectory('folder');
  let compress = true;
  for (const [name, bytes] of Object.entries(contents)) {
    zip.addBuffer(bytes, name, { compress, mtime: new Date('2013-05-01T10:00:00Z') });
    compress = !compress;
  }
  zip.addReadStream(Readable.from([hello]), 'streamed');
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(file));
  const { members, problems } = await read(null);
  expect(problems).toEqual([]);
  expect(Object.fromEntries(members.slice(0, 4).map(({ path, sha256: hash }) => [path, hash]))).toEqual(
    Object.fromEntries(Object.entries(contents).map(([name, bytes]) => [name, sha256(bytes)])),
  );
  expect(members.map(({ reason }) => reason)).toEqual([null, null, null, null, null]);
});

test('zip64 numbers are read, and missing ones are damage of that member alone', async () => {
  const bytes = randomBytes(5000);
  const { members, problems } = await read(
    makeZip([
      { name: 'long', bytes, zip64: true },
      { name: 'claims', bytes, size: 0xffffffff },
      { name: 'after', bytes: hello },
    ]),
  );
  expect(members.map(({ sha256: hash }) => hash)).toEqual([sha256(bytes), null, sha256(hello)]);
  expect(members[1]).toMatchObject({ reason: 'damaged-member' });
  expect(problems).toEqual([]);
});

test('each member of a zip is judged by itself: what is encrypted, linked, special or broken hides no other', async () => {
  expect(
    await reasons([
      { name: 'good', bytes: hello },
      { name: 'encrypted', bytes: hello, flags: 1 },
      { name: 'strong', bytes: hello, flags: 0x41 },
      { name: 'aes', bytes: hello, method: 99, packed: hello },
      { name: 'link', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 },
      { name: 'fifo', mode: 0o010644 },
      { name: 'crc', bytes: hello, crc: 1 },
      { name: 'longer', bytes: hello, size: 4 },
      { name: 'shorter', bytes: hello, size: 6 },
      { name: 'bzip2', bytes: hello, method: 12, packed: hello },
      { name: 'not deflate', bytes: hello, packed: Buffer.from([0xff, 0xff, 0xff, 0xff]) },
      {
        name: 'cut deflate',
        bytes: Buffer.alloc(1000, 'abcdefg'),
        packed: deflateRawSync(randomBytes(999)).subarray(0, 500),
      },
      { name: 'nowhere', bytes: hello, offset: 5 },
      { name: 'beyond', bytes: hello, offset: 0x7fffffff },
      { name: 'folder/' },
      { name: 'hides bytes/', bytes: hello },
      { name: 'malformed extra', bytes: hello, extra: Buffer.from([1, 2, 0xff, 0xff, 0]) },
      { name: 'last', bytes: hello },
    ]),
  ).toEqual([
    null,
    'encrypted',
    'encrypted',
    'encrypted',
    'link',
    'special-file',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    'damaged-member',
    null,
    null,
    null,
  ]);
});

test('a gigabyte of zeros in a zip is refused after a few megabytes, and the next member is had', async () => {
  const packed = deflatedZeros(1 << 30);
  const { members } = await read(
    makeZip([
      { name: 'zeros', size: 1 << 30, packed, crc: 0 },
      { name: 'claims to be small', size: 1000, packed, crc: 0 },
      { name: 'good', bytes: hello },
    ]),
  );
  expect(members.map(({ reason }) => reason)).toEqual(['over-limit', 'damaged-member', null]);
  expect(members[0]!.size).toBeLessThan(300 * packed.length);
  expect(members[1]!.size).toBeLessThanOrEqual(1000);
});

/** Zeros deflate to a pattern that repeats: no need to compress a gigabyte of them. */
function deflatedZeros(size: number): Buffer {
  const piece = deflateRawSync(Buffer.alloc(1 << 22), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  return Buffer.concat([...Array.from({ length: size / (1 << 22) }, () => piece), Buffer.from([3, 0])]);
}

test('members that share their bytes are refused but for one, so that overlapping does not multiply', async () => {
  const kernel = makeZip([{ name: 'kernel', bytes: Buffer.alloc(900_000) }]);
  const bytes = Buffer.alloc(900_000);
  const parts: ZipPart[] = [{ name: 'kernel', bytes }];
  for (let i = 0; i < 500; i++) parts.push({ name: `copy-${i}`, bytes, offset: 0 });
  const { members, problems } = await read(makeZip(parts));
  expect(members.filter(({ reason }) => reason === null)).toHaveLength(1);
  expect(members.filter(({ reason }) => reason === 'damaged-member')).toHaveLength(500);
  expect(problems).toEqual(['overlapping-members']);
  expect(kernel.length).toBeLessThan(2000);
});

test('small files may compress as well as they like', async () => {
  expect(await reasons([{ name: 'empty table', bytes: Buffer.alloc(1 << 20) }])).toEqual([null]);
  expect(await reasons([{ name: 'larger', bytes: Buffer.alloc((1 << 20) + 1) }])).toEqual(['over-limit']);
});

test('a zip with bytes before or after it, a wrong count, equal names or a broken directory is read as far as it goes', async () => {
  const zip = makeZip([
    { name: 'a', bytes: hello },
    { name: 'a', bytes: hello },
  ]);
  expect((await read(Buffer.concat([zip, Buffer.alloc(3000, 'x')]))).problems).toEqual([
    'trailing-bytes',
    'duplicate-member-names',
  ]);
  const before = await read(Buffer.concat([Buffer.alloc(3000, 'x'), zip]));
  expect([before.count, before.problems]).toEqual([2, ['leading-bytes', 'duplicate-member-names']]);
  expect(before.members.map(({ sha256: hash }) => hash)).toEqual([sha256(hello), sha256(hello)]);
  expect((await read(makeZip([{ name: 'a' }], { count: 3 }))).problems).toEqual(['damaged-archive']);
  expect((await read(zip.subarray(0, -10))).problems).toEqual(['truncated-archive']);
  const broken = Buffer.from(zip);
  broken.write('XX', broken.lastIndexOf('PK\x01\x02'));
  expect(await read(broken)).toMatchObject({ count: 1, problems: ['damaged-archive'] });
});

test('a zip of 70,000 members is listed whole, though its count has only 16 bits', async () => {
  writeFileSync(file, makeZip(Array.from({ length: 70_000 }, (_, i) => ({ name: `m${i}`, method: 0 }))));
  const reading = readMembers(file, 'zip');
  let last = '';
  for await (const { path } of reading) last = path.text;
  expect([last, reading.summary]).toEqual(['m69999', { members: 70_000, problems: [] }]);
});
