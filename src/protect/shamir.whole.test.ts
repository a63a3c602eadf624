// The same shares in libgfshare's own programs (Debian: libgfshare-bin), both ways.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { combine, split } from './shamir.ts';

const run = promisify(execFile);
const here = await run('gfcombine', ['-h']).then(
  () => true,
  (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
);
if (!here) console.log('skipped: no gfcombine here (Debian: apt-get install libgfshare-bin)');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-shamir-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shapes = [
  [2, 2],
  [2, 3],
  [3, 5],
  [7, 12],
] as const;

test.skipIf(!here).each(shapes)('gfcombine joins %i of our %i shares', async (threshold, count) => {
  const secret = randomBytes(74);
  const stem = join(folder, `ours-${threshold}-${count}`);
  const shares = split(secret, threshold, count, randomBytes).slice(-threshold);
  const paths = shares.map(({ number }) => `${stem}.${String(number).padStart(3, '0')}`);
  for (const [i, path] of paths.entries()) await writeFile(path, shares[i]!.bytes);
  await run('gfcombine', ['-o', `${stem}.out`, ...paths]);
  expect(await readFile(`${stem}.out`)).toEqual(secret);
});

test.skipIf(!here).each(shapes)('we join %i of the %i shares of gfsplit', async (threshold, count) => {
  const secret = randomBytes(74);
  const stem = `theirs-${threshold}-${count}`;
  await writeFile(join(folder, stem), secret);
  await run('gfsplit', ['-m', `${count}`, '-n', `${threshold}`, stem, stem], { cwd: folder });
  const names = (await readdir(folder)).filter((name) => name.startsWith(`${stem}.`));
  expect(names).toHaveLength(count);
  const shares = await Promise.all(
    names.slice(0, threshold).map(async (name) => ({
      number: Number(name.slice(-3)),
      bytes: new Uint8Array(await readFile(join(folder, name))),
    })),
  );
  expect(combine(shares)).toEqual(new Uint8Array(secret));
});
