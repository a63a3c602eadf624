import { expect, test } from 'vitest';
import type { Files } from './files.ts';
import { listHashed } from './look-ahead.ts';

/** `count` files; says how many hashes were under way at once. */
function manyFiles(count: number, lanes: number) {
  const seen = { listed: 0, under: 0, most: 0 };
  const files: Files = {
    lanes,
    async *list() {
      for (let n = 0; n < count; n++) {
        seen.listed++;
        yield { path: `f${n}`, size: n };
      }
    },
    read: () => Promise.resolve(null),
    async hash(path) {
      seen.most = Math.max(seen.most, ++seen.under);
      await new Promise((resolve) => setTimeout(resolve, path === 'f3' ? 20 : 1));
      seen.under--;
      if (path === 'f7') throw new Error('the disk failed');
      return { sha256: path, size: 1 };
    },
  };
  return { files, seen };
}

test('files come in the order of the listing, each with its hash where one was wanted', async () => {
  const { files, seen } = manyFiles(6, 3);
  const found: (string | undefined)[] = [];
  for await (const one of listHashed(files, (path) => path !== 'f2')) found.push(one.found?.sha256);
  expect(found).toEqual(['f0', 'f1', undefined, 'f3', 'f4', 'f5']);
  expect(seen.most).toBeLessThanOrEqual(3);
});

test('it goes ahead of its reader, and only so far', async () => {
  const { files, seen } = manyFiles(7, 2);
  const listed = listHashed(files, () => true, 4);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(seen.listed).toBeGreaterThanOrEqual(4);
  expect(seen.listed).toBeLessThanOrEqual(5);
  let count = 0;
  for await (const _ of listed) count++;
  expect(count).toBe(7);
});

test('a disk that fails is heard of by the reader, at its file', async () => {
  const { files } = manyFiles(9, 2);
  const read = async (): Promise<number> => {
    let count = 0;
    try {
      for await (const _ of listHashed(files, () => true)) count++;
    } catch {
      return count;
    }
    return -1;
  };
  expect(await read()).toBe(7);
});
