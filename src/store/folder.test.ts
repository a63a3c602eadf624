import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openFolder } from './folder.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'dalil-folder-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

test('a file is written although its folder is removed under it, again and again', async () => {
  const writer = openFolder(root);
  const remover = openFolder(root);
  const written = new AbortController();
  const removing = (async () => {
    while (!written.signal.aborted) {
      await remover.remove('records/000.p');
      await new Promise((done) => setTimeout(done, 1));
    }
  })();
  for (let i = 0; i < 100; i++) {
    await writer.write([
      { path: `records/000.p/${i}`, bytes: 'superseded' },
      { path: `log/${i}`, bytes: String(i) },
    ]);
    expect(await readFile(join(root, `log/${i}`), 'utf8')).toBe(String(i));
  }
  written.abort();
  await removing;
  await writer.write([{ path: 'records/000.p/100', bytes: 'stays' }]);
  expect(await readFile(join(root, 'records/000.p/100'), 'utf8')).toBe('stays');
});

test('of two that create a file at once, one does, and its bytes stay', async () => {
  const folders = [openFolder(root), openFolder(root)];
  const won = await Promise.all(folders.map((folder, i) => folder.create('log/commits/000', `by ${i}`)));
  expect(won.toSorted()).toEqual([false, true]);
  expect(await readFile(join(root, 'log/commits/000'), 'utf8')).toBe(`by ${won.indexOf(true)}`);
});

test('what is not there is read as nothing, has no names, and may be removed', async () => {
  const folder = openFolder(root);
  expect(await folder.read('log/checkpoint')).toBeNull();
  expect(await folder.names('log')).toEqual([]);
  await folder.remove('log/tile/0/000.p');
});
