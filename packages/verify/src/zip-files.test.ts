// Zip files by other writers are read, whatever they are altered to gives the declared error or a named member, and what
// two readers could take for two different trees is refused.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ZipFile } from 'yazl';
import { bagOf, SampleCase, type Tree } from './case.fixture.ts';
import { check } from './check.ts';
import type { Source } from './files.ts';
import { FormatError } from './problem.ts';
import { openZip } from './zip-files.ts';

const sample = new SampleCase([1, 24]);
const bag = bagOf(await sample.payload(), await sample.tagFiles());
const utf8 = new TextEncoder();

const sourceOf = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  read: async (at, length) => bytes.subarray(at, at + length),
});

interface Packing {
  below?: string;
  compress?: boolean;
  zip64?: boolean;
  /** Sizes behind the bytes, as writers to a pipe must. */
  streamed?: boolean;
}

/** A zip file by a writer that is not ours. */
async function packed(tree: ReadonlyMap<string, Uint8Array>, options: Packing = {}): Promise<Buffer> {
  const { below = '', compress = true, zip64 = false, streamed = false } = options;
  const zip = new ZipFile();
  const settings = { compress, forceZip64Format: zip64, mtime: new Date(0) };
  for (const [path, bytes] of tree) {
    if (streamed) {
      zip.addReadStreamLazy(`${below}${path}`, settings, (give) => give(null, Readable.from(bytesOf(bytes))));
    } else zip.addBuffer(Buffer.from(bytes), `${below}${path}`, settings);
  }
  zip.end({ forceZip64Format: zip64, comment: '' });
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
async function* bytesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function found(bytes: Uint8Array): Promise<string[]> {
  const { problems } = await check(await openZip(sourceOf(bytes)));
  return problems.map(({ code, where }) => `${code} ${where}`);
}
const refusal = (bytes: Uint8Array): Promise<string> =>
  openZip(sourceOf(bytes)).then(
    () => 'opened',
    (error: unknown) => (error instanceof FormatError ? error.message : String(error)),
  );

test.each<Packing>([
  {},
  { below: 'bundle/' },
  { compress: false },
  { zip64: true },
  { streamed: true },
  { streamed: true, zip64: true, below: 'حزمة/' },
])('a bundle zipped with %o holds', async (options) => {
  expect(await found(await packed(bag, options))).toEqual([]);
});

test('a bundle zipped by the system’s own zip, folders and all, holds', (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'dalil-zip-'));
  try {
    for (const [path, bytes] of bag) {
      mkdirSync(dirname(join(folder, 'bundle', path)), { recursive: true });
      writeFileSync(join(folder, 'bundle', path), bytes);
    }
    try {
      execFileSync('zip', ['-qr', 'bundle.zip', 'bundle'], { cwd: folder });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      context.skip('there is no zip');
    }
    return expect(found(readFileSync(join(folder, 'bundle.zip')))).resolves.toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** A zip file whose names are then changed to others of the same length, in both places. */
async function renamed(from: string, to: string, tree: Tree = bag): Promise<Buffer> {
  const bytes = await packed(tree, { compress: false });
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at + 1)) bytes.write(to, at);
  return bytes;
}
const two = (a: string, b: string): Tree =>
  new Map([
    [a, utf8.encode('one')],
    [b, utf8.encode('two')],
  ]);

test.each([
  ['../a', 'a name that leads out'],
  ['/etc', 'a name that leads out'],
  ['a//b', 'a name that leads out'],
  ['a/./b', 'a name that leads out'],
  ['C:/a', 'a name that leads out'],
  ['a\\b', 'a name that leads out'],
  ['a\0b', 'a name that leads out'],
])('a member called %j is refused', async (name, why) => {
  expect(await refusal(await renamed('q'.repeat(name.length), name, two('q'.repeat(name.length), 'b')))).toContain(why);
});

test('what has two meanings is refused', async () => {
  expect(await refusal(await renamed('first', 'other', two('first', 'other')))).toContain('the same name');
  expect(await refusal(await packed(two('a', 'a/b')))).toContain('a file and a folder');
  const bytes = await packed(bag);
  expect(await refusal(Buffer.concat([bytes, utf8.encode('x')]))).toContain('ends where its directory ends');
  expect(await refusal(Buffer.concat([utf8.encode('x'), bytes]))).toContain('not where it says');
  expect(await refusal(bytes.subarray(0, -1))).toContain('no zip file');
  expect(await refusal(new Uint8Array())).toContain('not a zip file');
  const encrypted = Buffer.from(bytes);
  encrypted.writeUInt16LE(
    encrypted.readUInt16LE(encrypted.indexOf('PK\x01\x02') + 8) | 1,
    encrypted.indexOf('PK\x01\x02') + 8,
  );
  expect(await refusal(encrypted)).toContain('encrypted');
});

test('a member whose own header says something else than the directory is named', async () => {
  const bytes = await packed(bag, { compress: false });
  // The first local header: its name, its size, its method.
  for (const [at, value] of [
    [30, 0x5a],
    [22, 0x01],
    [8, 8],
    [26, 1],
  ] as const) {
    const altered = Buffer.from(bytes);
    altered[at] = altered[at]! ^ value;
    expect(await found(altered)).toContain(`archive-malformed ${[...bag.keys()][0]}`);
  }
});

test('a flipped bit in a member is a problem of that member, compressed or not', async () => {
  for (const compress of [true, false]) {
    const bytes = await packed(bag, { compress });
    const name = 'data/checkpoint';
    const start = bytes.indexOf(name) + name.length + 20;
    bytes[start] = bytes[start]! ^ 4;
    const said = await found(bytes);
    expect(said).toContain(`archive-malformed ${name}`);
    expect(said).toContain(`payload-missing ${name}`);
  }
});

test('links in an archive are no files', async () => {
  const zip = new ZipFile();
  for (const [path, bytes] of bag) {
    zip.addBuffer(Buffer.from(bytes), path, path === 'bagit.txt' ? { mode: 0o120777 } : {});
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  expect(await found(Buffer.concat(chunks))).toContain('payload-unexpected bagit.txt');
});

test('whatever the bytes are, the error is the declared one', async () => {
  const small = await packed(new Map([...bag].slice(0, 3)));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(small.length - 1), fc.nat(255)), { maxLength: 6 }), async (edits) => {
      const bytes = Buffer.from(small);
      for (const [at, value] of edits) bytes[at] = value;
      const files = await openZip(sourceOf(bytes)).catch((error: unknown) => {
        if (!(error instanceof FormatError)) throw error;
        return null;
      });
      for await (const { path } of files?.list() ?? []) await files!.hash(path);
    }),
    { numRuns: 400 },
  );
});
