// Crops of numbers in a case of a made-up cache: what is lost from the cache is cut again, the very same bytes.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemo } from '../demo/demo.ts';
import { receive } from '../intake/receive.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { readCards } from './cards.ts';
import { cropHash, cropOf, cropPath } from './crop.ts';
import { describe } from './describe.ts';

let home: TestHome;
let folder: string;
let opened: OpenCase;
let rows: { item: string; n: number; sha256: string; crop: string }[];

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-crops-'));
  await makeDemo({ directory: join(folder, 'demo'), individuals: 2, seed: 'crops', megapixels: 0.3 });
  opened = await newCase(join(folder, 'case'), 'Crops', {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'test', version: '1' },
    write: true,
  });
  await receive(opened, { roots: [join(folder, 'demo/cache')], source: 'S', reread: false });
  await describe(opened, {});
  await readCards(opened, { threads: 1 });
  ({ rows } = await opened.index.pool.query(
    'select c.item, c.n, i.sha256, c.crop from card_reading c join item i on i.handle = c.item order by c.item, c.n',
  ));
}, 240_000);
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const fileOf = ({ sha256, n }: (typeof rows)[number]): string => `${cropPath(opened, sha256)}.${n}.webp`;

test('a crop that is gone, or is another, is cut again as it was recorded, and kept for this user alone', async () => {
  expect(rows.length).toBeGreaterThan(3);
  const [gone, other] = [rows[0]!, rows[1]!];
  expect(cropHash(await readFile(fileOf(gone)))).toBe(gone.crop);
  await rm(fileOf(gone));
  await writeFile(fileOf(other), 'another picture');
  for (const row of [gone, other]) {
    const { bytes, asRecorded } = await cropOf(opened, row.item, row.n);
    expect([asRecorded, cropHash(bytes)]).toEqual([true, row.crop]);
    expect(cropHash(await readFile(fileOf(row)))).toBe(row.crop);
    expect((await stat(fileOf(row))).mode & 0o777).toBe(0o600);
  }
});

test('every crop can be made again', async () => {
  for (const row of rows) {
    await rm(fileOf(row), { force: true });
    expect((await cropOf(opened, row.item, row.n)).asRecorded).toBe(true);
  }
});

test('a number that there is not is refused', async () => {
  await expect(cropOf(opened, rows[0]!.item, 99)).rejects.toMatchObject({ code: 'usage' });
});
