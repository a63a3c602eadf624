import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { makeTar, makeZip } from './archive.fixture.ts';
import type { TarPart, ZipPart } from './archive.fixture.ts';
import { archiveKind, defaultLimits, MemberFault, readMembers } from './archive.ts';
import type { ArchiveKind, ArchiveLimits } from './archive.ts';
import { parsePax } from './tar.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(folder, 'archive');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  path: string;
  size: number;
  sha256: string | null;
  reason: string | null;
}

/** Every member with what became of it: the hash of its bytes, or the reason it was refused or failed. */
async function read(
  archive: Buffer | null,
  limits: Partial<ArchiveLimits> = {},
  kind: ArchiveKind = 'zip',
): Promise<{ members: Outcome[]; problems: string[]; count: number }> {
  if (archive !== null) writeFileSync(file, archive);
  const reading = readMembers(file, kind, { ...defaultLimits, ...limits });
  const members: Outcome[] = [];
  for await (const member of reading) {
    expect(member.position).toBe(members.length);
    const outcome: Outcome = { path: member.path.text, size: 0, sha256: null, reason: null };
    members.push(outcome);
    if ('refused' in member.outcome) {
      outcome.reason = member.outcome.refused.reason;
      continue;
    }
    const hash = createHash('sha256');
    try {
      for await (const chunk of member.outcome.stream) {
        outcome.size += chunk.length;
        hash.update(chunk);
      }
      outcome.sha256 = hash.digest('hex');
    } catch (error) {
      if (!(error instanceof MemberFault)) throw error;
      outcome.reason = error.reason;
    }
  }
  expect(reading.summary.members).toBe(members.length);
  return { members, problems: reading.summary.problems.map(({ code }) => code), count: reading.summary.members };
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const reasons = (parts: ZipPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  read(makeZip(parts), limits).then(({ members }) => members.map(({ reason }) => reason));
const tarReasons = (parts: TarPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  read(makeTar(parts), limits, 'tar').then(({ members }) => members.map(({ reason }) => reason));
const hello = Buffer.from('hello');

test('what a zip, a tar and a tar.gz is, is told by content; documents that are zips are not archives', () => {
  expect(archiveKind(makeZip([{ name: 'a.jpg', bytes: hello }]))).toBe('zip');
  expect(archiveKind(makeZip([]))).toBe('zip');
  expect(archiveKind(makeTar([{ name: 'a', bytes: hello }]))).toBe('tar');
  expect(archiveKind(gzipSync(makeTar([{ name: 'a', bytes: hello }])))).toBe('tar.gz');
  // A beginning is enough, as it is of a large file.
  expect(archiveKind(gzipSync(makeTar([{ name: 'a', bytes: randomBytes(100_000) }])).subarray(0, 65_536))).toBe(
    'tar.gz',
  );
  expect(archiveKind(gzipSync(Buffer.alloc(50_000, 'text ')))).toBe(null);
  for (const first of [
    '[Content_Types].xml',
    'mimetype',
    '_rels/.rels',
    'META-INF/MANIFEST.MF',
    'AndroidManifest.xml',
  ]) {
    expect(
      archiveKind(
        makeZip([
          { name: first, bytes: hello },
          { name: 'word/document.xml', bytes: hello },
        ]),
      ),
    ).toBe(null);
  }
  expect(
    archiveKind(
      makeZip([
        { name: 'xl/workbook.xml', bytes: hello },
        { name: '[Content_Types].xml', bytes: hello },
      ]),
    ),
  ).toBe(null);
  const notTar = makeTar([{ name: 'a', bytes: hello }]);
  notTar[0] = 0x62;
  expect(archiveKind(notTar)).toBe(null);
  expect(archiveKind(Buffer.from('PK'))).toBe(null);
  expect(archiveKind(Buffer.from([0xff, 0xd8, 0xff, 0xe0, ...Buffer.alloc(600)]))).toBe(null);
});

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

const climbing = [
  '../x',
  'a/../../x',
  '/etc/x',
  '\\\\host\\x',
  '..\\x',
  'a\\..\\x',
  'C:\\x',
  'c:x',
  'a\0b',
  '',
  'a/..',
];

test('a name that would climb out of a folder is refused in zip and tar; one that only looks odd is not', async () => {
  expect(await reasons(climbing.map((name) => ({ name, bytes: hello })))).toEqual(climbing.map(() => 'unsafe-path'));
  const odd = ['...', 'a..b', 'dir\\file.jpg', 'a//b', './a', '-rf', 'con', '\u202egpj.exe', 'a\nb'];
  expect(await reasons(odd.map((name) => ({ name, bytes: hello })))).toEqual(odd.map(() => null));
  expect(await tarReasons(odd.map((name) => ({ name, bytes: hello })))).toEqual(odd.map(() => null));
  // A NUL ends a name in a tar's header, but not in its pax values.
  expect(await tarReasons(climbing.map((name) => ({ name: 'x', bytes: hello, pax: { path: name } })))).toEqual(
    climbing.map(() => 'unsafe-path'),
  );
});

test('names are kept as bytes: UTF-8, an older code page, and its UTF-8 name beside it', async () => {
  const raw = Buffer.from([0xd5, 0xe6, 0xd1, 0x2e, 0x6a, 0x70, 0x67]);
  writeFileSync(
    file,
    makeZip([
      { name: raw, bytes: hello, flags: 0 },
      { name: './صور.jpg', bytes: hello, flags: 0 },
    ]),
  );
  const paths = [];
  for await (const member of readMembers(file, 'zip')) paths.push(member.path);
  expect(paths).toEqual([
    { text: '\ufffd\ufffd\ufffd.jpg', bytes: raw.toString('base64url') },
    { text: 'صور.jpg', bytes: null },
  ]);
  writeFileSync(
    file,
    makeTar([
      { name: raw, bytes: hello },
      { name: 'x', bytes: hello, pax: { path: raw } },
    ]),
  );
  const tarPaths = [];
  for await (const member of readMembers(file, 'tar')) tarPaths.push(member.path.bytes);
  expect(tarPaths).toEqual([raw.toString('base64url'), raw.toString('base64url')]);
});

test('times are moments where the archive holds moments, and clock readings where it holds those', async () => {
  const unix = Buffer.from([0x55, 0x54, 5, 0, 1, 0, 0, 0, 0]);
  unix.writeInt32LE(1_300_000_000, 5);
  writeFileSync(file, makeZip([{ name: 'a', extra: unix }, { name: 'b' }]));
  const times = [];
  for await (const member of readMembers(file, 'zip')) times.push(member.modified);
  expect(times).toEqual(['2011-03-13T07:06:40.000Z', '2013-03-09T10:20:30']);
  writeFileSync(
    file,
    makeTar([{ name: 'a' }, { name: 'b', pax: { mtime: '1300000000.5' } }, { name: 'c', pax: { mtime: 'x' } }]),
  );
  const tarTimes = [];
  for await (const member of readMembers(file, 'tar')) tarTimes.push(member.modified);
  expect(tarTimes).toEqual(['2011-03-13T07:06:40.000Z', '2011-03-13T07:06:40.500Z', null]);
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

test('limits on a member, on the total and on the number of members hold, and what is left is counted', async () => {
  const part = (name: string, size: number): ZipPart => ({ name, bytes: randomBytes(size) });
  expect(await reasons([part('a', 100), part('b', 101)], { member: 100 })).toEqual([null, 'over-limit']);
  expect(await reasons([part('a', 60), part('b', 60), part('c', 1)], { total: 100 })).toEqual([
    null,
    'over-limit',
    'over-limit',
  ]);
  const many = await read(makeZip([part('a', 1), part('b', 1), part('c', 1)]), { members: 2 });
  expect([many.count, many.problems]).toEqual([2, ['too-many-members']]);
  const tar = [part('a', 60), part('b', 60), part('c', 1)];
  expect(await tarReasons(tar, { member: 59 })).toEqual(['over-limit', 'over-limit', null]);
  const manyTar = await read(makeTar(tar), { members: 2 }, 'tar');
  expect([manyTar.count, manyTar.problems]).toEqual([2, ['too-many-members']]);
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
    const { members, problems } = await read(null, {}, kind);
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
  const cut = await read(tar.subarray(0, 512 * 7 * 4 + 600), {}, 'tar');
  expect(cut.members.map(({ reason }) => reason)).toEqual([null, null, null, null, 'damaged-member']);
  expect(cut.problems).toEqual(['truncated-archive']);
  const atBoundary = await read(tar.subarray(0, 512 * 7 * 4), {}, 'tar');
  expect([atBoundary.count, atBoundary.problems]).toEqual([4, ['truncated-archive']]);
  const gz = gzipSync(tar);
  const cutGz = await read(gz.subarray(0, Math.floor(gz.length * 0.6)), {}, 'tar.gz');
  expect(cutGz.members.map(({ reason }) => reason)).toEqual([null, null, null, 'damaged-member']);
  expect(cutGz.problems).toEqual(['truncated-archive']);
});

test('after a broken header a tar is read on at the next whole one', async () => {
  const parts = ['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.alloc(2000) }));
  const tar = makeTar(parts);
  tar[512 * 5 + 3] = 0xff;
  expect(await read(tar, {}, 'tar')).toMatchObject({
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
    (await read(bytes, {}, kind)).problems;
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
  const { members, problems } = await read(gzipSync(tar, { level: 1 }), {}, 'tar.gz');
  expect(members.map(({ path, reason }) => [path, reason])).toEqual([
    ['good', null],
    ['zeros', 'over-limit'],
  ]);
  expect(problems).toEqual(['over-limit']);
});

test('members may be read later than they were given, one after the other; those passed over cost nothing', async () => {
  for (const [kind, archive] of [
    ['zip', makeZip(['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.from(name) })))],
    ['tar', makeTar(['a', 'b', 'c'].map((name) => ({ name, bytes: Buffer.from(name) })))],
  ] as const) {
    writeFileSync(file, archive);
    const begun: Promise<string>[] = [];
    for await (const { path, outcome } of readMembers(file, kind)) {
      if ('stream' in outcome && path.text !== 'b') begun.push(text(outcome.stream));
    }
    expect(await Promise.all(begun)).toEqual(['a', 'c']);
  }
});

test('a stream begun after its turn fails loudly instead of giving the bytes of another member', async () => {
  writeFileSync(
    file,
    makeTar([
      { name: 'a', bytes: hello },
      { name: 'b', bytes: hello },
    ]),
  );
  const streams: AsyncIterable<Uint8Array>[] = [];
  for await (const { outcome } of readMembers(file, 'tar')) if ('stream' in outcome) streams.push(outcome.stream);
  await expect(text(streams[0]!)).rejects.toThrow('after its turn');
});

test('whatever is done to an archive, reading it ends, counts each member once and throws nothing', async () => {
  const bases: [ArchiveKind, Buffer][] = [
    [
      'zip',
      makeZip([
        { name: 'a', bytes: randomBytes(300) },
        { name: 'b', bytes: hello, zip64: true },
        { name: 'c', bytes: hello, method: 0 },
      ]),
    ],
    [
      'tar',
      makeTar([
        { name: 'a', bytes: randomBytes(700) },
        { name: 'b', bytes: hello, pax: { path: 'long', size: '5' } },
      ]),
    ],
    [
      'tar.gz',
      gzipSync(
        makeTar([
          { name: 'a', bytes: randomBytes(700) },
          { name: 'b', bytes: hello },
        ]),
      ),
    ],
  ];
  const change = fc.record({ at: fc.nat(4000), byte: fc.integer({ min: 0, max: 255 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...bases),
      fc.array(change, { maxLength: 8 }),
      fc.option(fc.nat(4000)),
      async ([kind, base], changes, cut) => {
        const bytes = Buffer.from(base);
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte;
        archiveKind(bytes);
        await read(cut === null ? bytes : bytes.subarray(0, cut % bytes.length), {}, kind);
      },
    ),
    { numRuns: 400 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => void archiveKind(bytes)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void parsePax(Buffer.from(bytes))));
});
