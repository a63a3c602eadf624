// The built application as the server keeps it: packed as it was built, and its own script named in its policy.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readWebFiles } from './files.ts';

const script = `"use strict";document.documentElement.lang='ar';`;
const html = `<!doctype html><script>${script}</script><script type="module" src="/assets/a.js"></script>`;
let root = '';

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'dalil-files-'));
  await writeFile(join(root, 'index.html'), html);
  await writeFile(join(root, 'index.html.br'), brotliCompressSync(html));
  await writeFile(join(root, 'plain.js'), 'export {};');
});
afterAll(async () => rm(root, { recursive: true }));

test('a file goes in the best encoding that is accepted, and is the same in each', async () => {
  const page = (await readWebFiles(root)).get('/index.html')!;
  const [best, older, none] = await Promise.all(['gzip, deflate, br, zstd', 'gzip', ''].map((one) => page.packed(one)));
  expect([best!.encoding, older!.encoding, none!.encoding]).toEqual(['br', 'gzip', null]);
  expect(brotliDecompressSync(best!.bytes).toString()).toBe(html);
  expect(gunzipSync(older!.bytes).toString()).toBe(html);
  expect(Buffer.from(none!.bytes).toString()).toBe(html);
  // What the build has not packed is packed here; what it has is no file of its own.
  const files = await readWebFiles(root);
  expect((await files.get('/plain.js')!.packed('br, gzip')).encoding).toBe('gzip');
  expect([...files.keys()].toSorted()).toEqual(['/index.html', '/plain.js']);
});

test('the policy of the page names the script within it, and allows no other', async () => {
  const files = await readWebFiles(root);
  const hash = createHash('sha256').update(script).digest('base64');
  expect(files.get('/index.html')!.policy).toContain(`script-src 'self' 'sha256-${hash}'; style-src 'self';`);
  expect(files.get('/plain.js')!.policy).toBeNull();
});
