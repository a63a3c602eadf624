import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Decrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileSource, openSink, type BundleSink } from './bundle-sink.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-sink-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const secret = 'the name in the clear';
const large = Buffer.alloc(3 << 20, secret);

async function fill(sink: BundleSink): Promise<void> {
  const source = join(folder, 'source');
  await writeFile(source, large);
  // Asked for at once, as an export does.
  const packed = await Promise.all([
    sink.put('bagit.txt', Buffer.from('bag')),
    sink.put('data/records/0000/0000000.sd-jwt', Buffer.from(secret)),
    sink.put('data/originals/a', fileSource(source)),
  ]);
  await rm(source);
  expect(packed[0]).toEqual({ sha256: createHash('sha256').update('bag').digest('hex'), size: 3 });
  expect(packed[2]).toEqual({ sha256: createHash('sha256').update(large).digest('hex'), size: large.length });
}

test('a folder appears when it is whole, and not before', async () => {
  const sink = await openSink({ out: join(folder, 'out') });
  await fill(sink);
  expect(await readdir(folder)).toEqual(['.out.unfinished']);
  await sink.finish();
  expect(await readdir(folder)).toEqual(['out']);
  expect(await readFile(join(folder, 'out/data/records/0000/0000000.sd-jwt'), 'utf8')).toBe(secret);
  expect((await readFile(join(folder, 'out/data/originals/a'))).equals(large)).toBe(true);
});

test('a zip holds one folder of its own name, and is the same bytes each time', async () => {
  const bytes: Buffer[] = [];
  for (const out of ['one', 'one']) {
    const sink = await openSink({ out: join(folder, out), zip: true });
    expect(sink.path).toBe(join(folder, 'one.zip'));
    await fill(sink);
    await sink.finish();
    bytes.push(await readFile(sink.path));
    await rm(sink.path);
  }
  expect(bytes[0]!.equals(bytes[1]!)).toBe(true);
  expect(bytes[0]!.toString('latin1')).toContain('one/data/records/0000/0000000.sd-jwt');
});

test('encrypted, it opens with the key of each recipient and no other, and nothing in the clear is ever on the disk', async () => {
  const keys = [await generateX25519Identity(), await generateX25519Identity()];
  const recipients = await Promise.all(keys.map((key) => identityToRecipient(key)));
  const sink = await openSink({ out: join(folder, 'to-court.zip'), recipients });
  expect(sink.path).toBe(join(folder, 'to-court.zip.age'));
  await sink.put('data/a', Buffer.from(secret));
  await sink.put('data/b', () => [large]);
  for (const name of await readdir(folder)) expect(await readFile(join(folder, name), 'latin1')).not.toContain(secret);
  await sink.finish();
  expect(await readdir(folder)).toEqual(['to-court.zip.age']);
  const sealed = await readFile(sink.path);
  expect(sealed.toString('latin1')).not.toContain(secret);
  const plain = await openSink({ out: join(folder, 'to-court.zip') });
  await plain.put('data/a', Buffer.from(secret));
  await plain.put('data/b', () => [large]);
  await plain.finish();
  for (const key of keys) {
    const decrypter = new Decrypter();
    decrypter.addIdentity(key);
    expect(Buffer.from(await decrypter.decrypt(sealed)).equals(await readFile(plain.path))).toBe(true);
  }
  const stranger = new Decrypter();
  stranger.addIdentity(await generateX25519Identity());
  await expect(stranger.decrypt(sealed)).rejects.toThrow();
});

test.each([{}, { zip: true }, { encrypted: true }])('broken off, nothing is left: %o', async (kind) => {
  const recipients = 'encrypted' in kind ? [await identityToRecipient(await generateX25519Identity())] : [];
  const sink = await openSink({ out: join(folder, 'out'), zip: 'zip' in kind, recipients });
  await sink.put('data/a', large);
  await expect(sink.put('data/b', fileSource(join(folder, 'is-not-there')))).rejects.toThrow();
  await sink.discard();
  expect(await readdir(folder)).toEqual([]);
});

test('nothing is written over, and a recipient that is none is refused and not repeated', async () => {
  await writeFile(join(folder, 'there.zip'), '');
  await expect(openSink({ out: join(folder, 'there'), zip: true })).rejects.toMatchObject({ code: 'usage' });
  const identity = await generateX25519Identity();
  const refused = openSink({ out: join(folder, 'out'), recipients: [identity] });
  await expect(refused).rejects.toMatchObject({ code: 'usage' });
  await expect(refused).rejects.not.toThrow(identity.slice(-20));
  expect(await readdir(folder)).toEqual(['there.zip']);
});
