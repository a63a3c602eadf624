// Fixity with the real command line: oldest-checked first, within limits; what was altered, removed or made a link is found
// and comes back from a copy or a bundle, and only from bytes that are those that were sealed.
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemView } from '../case/views.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

let home: TestHome;
let folder: string;
let items: ItemView[];
const at = (name: string): string => join(folder, name);
const count = 20;

async function dalil(code: number, ...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}
const pathOf = (number: number, below = 'case'): string => {
  const { sha256 } = items[number - 1]!;
  return at(`${below}/originals/sha256/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`);
};
const replace = async (path: string, bytes: string): Promise<void> => {
  await rm(path);
  await writeFile(path, bytes);
};
interface Status {
  items: number;
  checked: number;
  unsound: { item: string; state: string }[];
}
const status = async (code = 0): Promise<Status> => (await dalil(code, 'fixity', 'status', '--json')).json<Status>();

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-fixity-'));
  await mkdir(at('letters'));
  for (let i = 0; i < count; i++) await writeFile(at(`letters/${String(i).padStart(2, '0')}.txt`), `letter ${i}`);
  await dalil(0, 'new', at('case'), '--name', 'Fixity');
  await dalil(0, 'intake', at('letters'), '--source', 'S');
  items = (await dalil(0, 'items', '--json')).lines<ItemView>();
  await cp(at('case'), at('copy'), { recursive: true });
  await dalil(0, 'export', '--originals', '--out', at('bundle'));
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('a limited run goes on with those that were not checked yet, and a run is one record, not one for each item', async () => {
  expect(await status()).toMatchObject({ items: count, checked: 0 });
  const records = async (): Promise<number> =>
    (await dalil(0, 'status', '--json')).json<{ checkpoint: { size: number } }>().checkpoint.size;
  const before = await records();
  expect((await dalil(0, 'fixity', '--limit', '8', '--json')).json()).toMatchObject({ checked: 8, unsound: [] });
  expect(await status()).toMatchObject({ checked: 8 });
  expect((await dalil(0, 'fixity', '--days', '30', '--json')).json()).toMatchObject({ checked: count - 8 });
  expect(await status()).toMatchObject({ checked: count });
  expect(await records()).toBe(before + 2);
  expect((await dalil(0, 'fixity', '--days', '30', '--json')).json()).toMatchObject({ checked: 0 });
  expect(await records()).toBe(before + 2);
  expect((await dalil(0, 'status')).stdout).toMatch(/fixity: 20 of 20 originals read again, all since 20/);
});

test('what was altered, cut, removed or made a link is found, and nothing else is', async () => {
  await replace(pathOf(3), 'letter 2, altered');
  await replace(pathOf(5), 'letter X');
  await rm(pathOf(7));
  await rm(pathOf(9));
  await symlink(pathOf(9, 'copy'), pathOf(9));
  const { stdout, stderr } = await dalil(3, 'fixity');
  expect(stdout.trim().split('\n')).toEqual([
    'damaged  E-00003',
    'damaged  E-00005',
    'missing  E-00007',
    'damaged  E-00009',
  ]);
  expect(stderr).toContain(`${count} originals read`);
  expect(stderr).toContain('16 as they were sealed');
  expect((await dalil(4, 'verify')).stdout).toContain('file-altered');
  expect((await status(3)).unsound.map(({ item }) => item)).toEqual(['E-00003', 'E-00005', 'E-00007', 'E-00009']);
});

test('only sound bytes come back, and a copy that is damaged as well changes nothing', async () => {
  await replace(pathOf(3, 'copy'), 'letter 2, altered too');
  await rm(pathOf(7, 'copy'));
  await dalil(1, 'fixity', 'restore', '--from', at('nothing'));
  const { stdout } = await dalil(3, 'fixity', 'restore', '--from', at('copy'));
  expect(stdout).toContain('restored  E-00005\nrestored  E-00009\n');
  expect(stdout).toContain('not there  E-00003');
  expect(stdout).toContain('not there  E-00007');
  expect(await readFile(pathOf(3), 'utf8')).toBe('letter 2, altered');
  expect(await readFile(pathOf(5), 'utf8')).toBe('letter 4');
});

test('a bundle with originals restores the rest; the altered bytes stay, cited, and the case verifies', async () => {
  const { stdout } = await dalil(0, 'fixity', 'restore', '--from', at('bundle'));
  expect(stdout).toBe('restored  E-00003\nrestored  E-00007\n');
  expect(await status()).toMatchObject({ checked: count, unsound: [] });
  const report = (await dalil(0, 'verify', '--json')).json<{ notes: unknown[] }>();
  expect(report.notes).toEqual([]);
  for (const bytes of ['letter 2, altered', 'letter X']) {
    const hash = createHash('sha256').update(bytes).digest('hex');
    const kept = at(`case/derivatives/sha256/${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`);
    expect(await readFile(kept, 'utf8')).toBe(bytes);
  }
  expect(await readdir(at('case/originals/tmp'))).toEqual([]);
  expect((await dalil(0, 'fixity', 'restore', '--from', at('bundle'))).stderr).toContain('No original is known');
  expect((await dalil(0, 'fixity', '--json')).json()).toMatchObject({ checked: count, unsound: [] });
});

test('an original that was put back by hand is seen to be sound, and that is written down', async () => {
  const bytes = await readFile(pathOf(11));
  await rm(pathOf(11));
  await dalil(3, 'fixity');
  await writeFile(pathOf(11), bytes);
  await chmod(pathOf(11), 0o444);
  expect((await dalil(0, 'fixity', 'restore', '--from', at('copy'))).stdout).toBe('restored  E-00011\n');
  expect((await status()).unsound).toEqual([]);
});

test('the index is the same after a rebuild', async () => {
  const dump = await dumpCase(home, at('case'));
  await dalil(0, 'rebuild');
  expect(await dumpCase(home, at('case'))).toEqual(dump);
});
