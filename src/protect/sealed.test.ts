// Ciphertexts: what goes in comes out, and what was altered or put in their place does not.
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { citedPath } from '@dalil/verify';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFolder, type Folder } from '../store/folder.ts';
import { openSealed, openText, sealStream, sealText } from './sealed.ts';

let folder: Folder;
let identity: string;
let recipient: string;
beforeAll(async () => {
  folder = openFolder(await mkdtemp(join(tmpdir(), 'dalil-sealed-')));
  identity = await generateX25519Identity();
  recipient = await identityToRecipient(identity);
});
afterAll(() => rm(folder.path, { recursive: true, force: true }));

async function* pieces(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < count; i++) yield new Uint8Array(size).fill(i);
}
async function drain(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) size += chunk.length;
  return size;
}

test.each([0, 1, 65_535, 65_536, 65_537, 1_000_003])('a file of %i bytes comes out as it went in', async (size) => {
  const file = await sealStream(folder, recipient, pieces(1, size));
  expect((await stat(join(folder.path, citedPath(file)))).size).toBe(file.size);
  expect(await drain(openSealed(folder, file, [identity]))).toBe(size);
});

test('texts of different lengths have ciphertexts of one size, and come back without the filling', async () => {
  const short = await sealText(folder, recipient, 'أحمد');
  const long = await sealText(folder, recipient, 'x\n'.repeat(2000));
  expect(long.size).toBe(short.size);
  expect(await openText(folder, short, [identity])).toBe('أحمد');
  await expect(sealText(folder, recipient, ' \n')).rejects.toMatchObject({ code: 'usage' });
  await expect(sealText(folder, recipient, 'x'.repeat(1 << 20))).rejects.toMatchObject({ code: 'usage' });
});

test('the same text sealed twice has two ciphertexts, so that nothing tells that they are the same', async () => {
  const [a, b] = [await sealText(folder, recipient, 'twice'), await sealText(folder, recipient, 'twice')];
  expect(a.sha256).not.toBe(b.sha256);
});

test('an altered ciphertext, one made by somebody else, a missing one and another key are refused', async () => {
  const file = await sealText(folder, recipient, 'the source');
  const path = join(folder.path, citedPath(file));
  const sound = await readFile(path);
  const refused = () =>
    expect(openText(folder, file, [identity])).rejects.toMatchObject({
      code: 'case-damaged',
      message: expect.not.stringContaining('the source') as string,
    });
  await expect(openText(folder, file, [await generateX25519Identity()])).rejects.toMatchObject({
    code: 'case-damaged',
  });
  await chmod(path, 0o600);
  for (const at of [3, 60, sound.length - 1]) {
    const altered = Buffer.from(sound);
    altered[at]! ^= 1;
    await writeFile(path, altered);
    await refused();
  }
  // Anybody can encrypt to the vault's public half: age alone would take this for genuine.
  const forged = await sealText(folder, recipient, 'somebody else');
  await writeFile(path, await readFile(join(folder.path, citedPath(forged))));
  await refused();
  await rm(path);
  await refused();
});

test('where the stream fails nothing is kept', async () => {
  const before = (await readdir(folder.path, { recursive: true })).length;
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield* pieces(3, 1 << 20);
    throw new Error('gone');
  }
  await expect(sealStream(folder, recipient, failing())).rejects.toThrow('gone');
  expect((await readdir(folder.path, { recursive: true })).length).toBe(before);
});

test('a large file is sealed and opened in bounded memory', async () => {
  const before = process.memoryUsage().rss;
  const began = performance.now();
  const file = await sealStream(folder, recipient, pieces(64, 1 << 20));
  const sealed = performance.now();
  expect(await drain(openSealed(folder, file, [identity]))).toBe(64 << 20);
  const speeds = [sealed - began, performance.now() - sealed].map((ms) => Math.round(67_109 / ms));
  console.log(`sealing ${speeds[0]} MB/s, opening ${speeds[1]} MB/s`);
  // 64 MiB would be there twice if it were held; measured about 20 MB.
  expect(process.memoryUsage().rss - before).toBeLessThan(64 << 20);
});
