import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTar, makeZip, readAll } from './archive.fixture.ts';
import type { TarPart, ZipPart } from './archive.fixture.ts';
import { archiveKind, readMembers } from './archive.ts';
import type { ArchiveKind, ArchiveLimits } from './archive.ts';
import { parsePax } from './tar.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archive-'));
  file = join(folder, 'archive');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const reasons = (parts: ZipPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  readAll(file, makeZip(parts), 'zip', limits).then(({ members }) => members.map(({ reason }) => reason));
const tarReasons = (parts: TarPart[], limits?: Partial<ArchiveLimits>): Promise<(string | null)[]> =>
  readAll(file, makeTar(parts), 'tar', limits).then(({ members }) => members.map(({ reason }) => reason));
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

test('limits on a member, on the total and on the number of members hold, and what is left is counted', async () => {
  const part = (name: string, size: number): ZipPart => ({ name, bytes: randomBytes(size) });
  expect(await reasons([part('a', 100), part('b', 101)], { member: 100 })).toEqual([null, 'over-limit']);
  expect(await reasons([part('a', 60), part('b', 60), part('c', 1)], { total: 100 })).toEqual([
    null,
    'over-limit',
    'over-limit',
  ]);
  const many = await readAll(file, makeZip([part('a', 1), part('b', 1), part('c', 1)]), 'zip', { members: 2 });
  expect([many.count, many.problems]).toEqual([2, ['too-many-members']]);
  const tar = [part('a', 60), part('b', 60), part('c', 1)];
  expect(await tarReasons(tar, { member: 59 })).toEqual(['over-limit', 'over-limit', null]);
  const manyTar = await readAll(file, makeTar(tar), 'tar', { members: 2 });
  expect([manyTar.count, manyTar.problems]).toEqual([2, ['too-many-members']]);
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
        await readAll(file, cut === null ? bytes : bytes.subarray(0, cut % bytes.length), kind);
      },
    ),
    { numRuns: 400 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => void archiveKind(bytes)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void parsePax(Buffer.from(bytes))));
});
