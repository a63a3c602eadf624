// Claims of other tools through the command line: loose and zipped, whole and altered, arriving in several deliveries; found,
// judged once, judged again when a file arrives that they were waiting for, and counted.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runDalil, type Ran } from '../cli/dalil.fixture.ts';
import type { ItemView } from '../case/views.ts';
import { writeFiles } from '../intake/exports.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { withManifest } from './c2pa.fixture.ts';
import type { PassLine } from './passes.ts';
import type { ClaimCounts, ClaimView } from './provenance-queries.ts';
import { provenanceTool } from './provenance-records.ts';
import { altered, proofMode, tella, waczFiles, zipOf } from './provenance.fixture.ts';

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);
const dalil = (...args: string[]): Promise<Ran> => runDalil(home.env, ['-C', at('case'), ...args]);

const picture = (shade: string): Promise<Buffer> =>
  sharp({ create: { width: 64, height: 48, channels: 3, background: shade } })
    .jpeg()
    .toBuffer();

const claims = async (...item: string[]): Promise<ClaimView[]> =>
  (await dalil('items', '--claims', ...item, '--json')).lines<ClaimView>();
const stateOf = (claim: ClaimView | undefined, what: string): string | undefined =>
  claim?.checks.find((check) => check.what === what)?.state;
const counts = async (): Promise<ClaimCounts> =>
  (await dalil('status', '--json')).json<{ claims: ClaimCounts }>().claims;
const records = async (): Promise<number> =>
  (await dalil('status', '--json')).json<{ checkpoint: { size: number } }>().checkpoint.size;

let one: Buffer;
let two: Buffer;

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-claims-'));
  await chmod(folder, 0o755);
  [one, two] = [await picture('#808080'), await picture('#a0a0a0')];
  const proof = await proofMode(one, 'IMG_1.jpg');
  const wacz = await waczFiles('key');
  writeFiles(at('first'), {
    'phone.zip': await zipOf({ ...proof, 'IMG_1.jpg': one }),
    'tella/b.csv': tella(two, 'b.jpg'),
    'tella/other.csv': 'a,b\n1,2\n',
    'crawl.wacz': await zipOf(wacz),
    'altered.wacz': await zipOf({ ...wacz, 'pages/pages.jsonl': altered(wacz['pages/pages.jsonl']!) }),
    'signed.jpg': await withManifest(one, 'image/jpeg'),
    'altered.jpg': altered(await withManifest(two, 'image/jpeg'), 5700),
    'plain.jpg': await picture('#c0c0c0'),
  });
  expect((await dalil('new', at('case'), '--name', 'Claims')).code).toBe(0);
  expect((await dalil('intake', at('first'), '--source', 'S')).code).toBe(0);
  // Finished, with problems listed: two claims fail.
  const described = await dalil('describe');
  expect(described.code, described.stderr).toBe(3);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('a proof in a zip is found with its media; every check of it holds but the time that is not asked', async () => {
  const proof = (await claims()).find(({ system }) => system === 'proofmode');
  expect(proof!.path).toMatch(/^phone\.zip\/[0-9a-f]{64}\.proof\.(?:csv|json)$/);
  expect(proof!.checks.filter(({ state }) => state !== 'holds').map(({ what }) => what)).toEqual([
    'OpenTimestamps: when',
  ]);
  expect(proof!.parts.find(({ role }) => role === 'media')).toMatchObject({
    path: 'phone.zip/IMG_1.jpg',
    outcome: 'same',
  });
});

test('a package is opened as an archive and judged; the same description over one altered file fails in its own place', async () => {
  const packages = (await claims()).filter(({ system }) => system === 'wacz');
  expect(packages.map(({ path, captures }) => [path, captures])).toEqual([
    ['altered.wacz/datapackage.json', 2],
    ['crawl.wacz/datapackage.json', 2],
  ]);
  const [bad, good] = packages;
  expect(good!.checks.filter(({ state }) => state !== 'holds')).toEqual([]);
  expect(bad!.checks.filter(({ state }) => state !== 'holds').map(({ what }) => what)).toEqual([
    'SHA-256 of the files',
  ]);
  expect(bad!.parts.find(({ outcome }) => outcome === 'differs')).toMatchObject({ path: 'pages/pages.jsonl' });
  const items = (await dalil('items', '--json')).lines<ItemView>();
  const zip = items.find(({ path }) => path === 'crawl.wacz')!;
  expect((await claims(zip.id)).map(({ path }) => path)).toEqual(['crawl.wacz/datapackage.json']);
});

test('manifests in pictures are judged, and pictures without one have no record', async () => {
  const found = (await claims()).filter(({ system }) => system === 'c2pa');
  expect(found.map(({ path }) => path)).toEqual(['altered.jpg', 'signed.jpg']);
  expect(stateOf(found[0], 'assertion.dataHash.mismatch')).toBe('fails');
  expect(stateOf(found[1], 'claimSignature.validated')).toBe('holds');
});

test('what fails is a problem of its item, without names or contents', async () => {
  const problems = (await dalil('status', '--problems', '--json')).lines<{
    code: string;
    path: string;
    message: string;
  }>();
  const failed = problems.filter(({ code }) => code === 'claim-fails');
  // The description of both packages is one item, and stands where it was received first.
  expect(failed.map(({ path }) => path).toSorted()).toEqual(['altered.jpg', 'altered.wacz/datapackage.json']);
});

test('the counts have their denominators, and add up', async () => {
  const said = await counts();
  expect(said).toMatchObject({ claims: 6, systems: { c2pa: 2, proofmode: 1, tella: 1, wacz: 2 } });
  expect([said.searched, said.searchable]).toEqual([4, 4]);
  const all = (await claims()).flatMap(({ checks }) => checks);
  const many = (state: string): number => all.filter((check) => check.state === state).length;
  expect(said.checks).toEqual({ holds: many('holds'), fails: many('fails'), unchecked: many('not-checked') });
  expect((await dalil('status')).stdout).toMatch(
    /claims of other tools: 6 \(c2pa 2, proofmode 1, tella 1, wacz 2\); of \d+ checks \d+ hold, \d+ fail, \d+ not checked; manifests looked for in 4 of 4/,
  );
});

const searched = async (): Promise<{ done: number; pending: number }> => {
  const { passes } = (await dalil('status', '--json')).json<{ passes: PassLine[] }>();
  const { done, pending } = passes.find(({ tool }) => tool === provenanceTool)!;
  return { done, pending };
};

test('status counts what the search for claims has looked at, and what waits for it', async () => {
  // The four files in which a manifest may lie, and what has a name that claims come under.
  const { done, pending } = await searched();
  expect(pending).toBe(0);
  expect(done).toBeGreaterThan(4);
  writeFiles(at('later'), { 'tella/late.csv': tella(one, 'late.jpg'), 'note.txt': 'no claim' });
  expect((await dalil('intake', at('later'), '--source', 'L')).code).toBe(0);
  const waits = (await dalil('status', '--json')).json<{ next: string; passes: PassLine[] }>();
  expect(await searched()).toEqual({ done, pending: 1 });
  expect(waits.next).toBe('dalil describe');
  await dalil('describe');
  expect(await searched()).toEqual({ done: done + 1, pending: 0 });
});

test('describing again adds nothing', async () => {
  const before = await records();
  await dalil('describe');
  expect(await records()).toBe(before);
});

test('a claim whose media was not here is judged again when it arrives, in another delivery', async () => {
  const before = (await claims()).find(({ system }) => system === 'tella');
  expect(stateOf(before, 'SHA-256 of the media')).toBe('not-checked');
  writeFiles(at('second'), { 'elsewhere/named otherwise.jpg': two });
  await dalil('intake', at('second'), '--source', 'S2');
  await dalil('describe');
  const after = (await claims()).find(({ system }) => system === 'tella');
  expect(stateOf(after, 'SHA-256 of the media')).toBe('holds');
  expect(after!.record).toBeGreaterThan(before!.record);
  const media = after!.parts.find(({ role }) => role === 'media')!.item!;
  expect((await claims(media)).map(({ system }) => system)).toEqual(['tella']);
});

test('printed for people: each claim with its checks, each with its outcome and why', async () => {
  const { stdout } = await dalil('items', '--claims');
  expect(stdout).toMatch(/proofmode {2}phone\.zip\/.*says: ProofMode v2\.1\.0, made 2024-05-06T07:08:10\.000Z/);
  expect(stdout).toMatch(/holds +signature of the media +By the key that came with it, .*nobody vouches/);
  expect(stdout).toMatch(/not-checked +signingCredential\.untrusted/);
  expect(stdout).toMatch(/differs {2}E-\d+ {2}pages\/pages\.jsonl/);
  const wrong = await dalil('items', '--claims', 'E-99999');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('dalil items');
});
