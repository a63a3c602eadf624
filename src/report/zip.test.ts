import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromBuffer, type Entry } from 'yauzl';
import { openZip as readZip } from '../../packages/verify/src/zip-files.ts';
import { openZip } from './zip.ts';

async function zipOf(members: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  const zip = openZip(async (bytes) => void pieces.push(Uint8Array.from(bytes)));
  for (const [name, bytes] of members) await zip.add(name, () => [bytes]);
  await zip.end();
  return Buffer.concat(pieces);
}

/** By a reader that is not ours: name -> bytes, in the order of the directory. */
function unzip(zip: Buffer): Promise<Map<string, Buffer>> {
  return new Promise((resolve, reject) => {
    fromBuffer(zip, { lazyEntries: true, validateEntrySizes: true }, (error, file) => {
      if (error !== null) return reject(error);
      const found = new Map<string, Buffer>();
      file.on('entry', (entry: Entry) => {
        file.openReadStream(entry, (failure, stream) => {
          if (failure !== null) return reject(failure);
          const chunks: Buffer[] = [];
          stream.on('data', (chunk: Buffer) => chunks.push(chunk));
          stream.on('end', () => {
            found.set(entry.fileName, Buffer.concat(chunks));
            file.readEntry();
          });
          stream.on('error', reject);
        });
      });
      file.on('end', () => resolve(found)).on('error', reject);
      file.readEntry();
    });
  });
}

test('whatever the members hold, another reader finds them, in order', async () => {
  const name = fc.stringMatching(/^[a-z0-9]{1,12}(\/[a-z0-9]{1,12}){0,3}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 300 }), { maxKeys: 20 }), async (members) => {
      const given = new Map(Object.entries(members));
      const found = await unzip(await zipOf(given));
      expect([...found]).toEqual([...given].map(([path, bytes]) => [path, Buffer.from(bytes)]));
    }),
    { numRuns: 50 },
  );
});

test('the same members give the same bytes, and the clock is in none', async () => {
  const members = new Map([['bundle/data/a', Buffer.from('one')]]);
  const zip = await zipOf(members);
  expect((await zipOf(members)).equals(zip)).toBe(true);
  // 1980-01-01 00:00: time, then date.
  expect(zip.readUInt32LE(10)).toBe(0x00210000);
});

test('a member may come in pieces, empty ones among them, and the strict reader of bundles takes it', async () => {
  const pieces: Uint8Array[] = [];
  const zip = openZip(async (bytes) => void pieces.push(bytes));
  await zip.add('b/a', () => [
    new TextEncoder().encode(''),
    Buffer.from('one'),
    new TextEncoder().encode(''),
    Buffer.from('two'),
  ]);
  await zip.end();
  const bytes = Buffer.concat(pieces);
  const files = await readZip({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) });
  expect(new TextDecoder().decode((await files.read('a'))!)).toBe('onetwo');
  expect(files.problems!()).toEqual([]);
});

test('a source that gives other bytes the second time is refused', async () => {
  const zip = openZip(async () => undefined);
  let n = 0;
  await expect(zip.add('a', () => [Buffer.from(String(n++))])).rejects.toThrow(RangeError);
  await expect(zip.add('b', () => [Buffer.alloc(n++)])).rejects.toThrow(RangeError);
});
