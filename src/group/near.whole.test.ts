// Copies of pictures that the demo drew, changed in the ways people change them, against the real thing: every one found
// with what was done to it, none wrong, and what a person says stands.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ItemView } from '../case/views.ts';
import { runDalil, type Ran } from '../cli/dalil.fixture.ts';
import { makeDemo } from '../demo/demo.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import type { NearRow } from './near-queries.ts';
import type { NearChange } from './near-records.ts';

type Change = (picture: Sharp, width: number, height: number) => Sharp;
const cut: Change = (picture, width, height) =>
  picture.extract({
    left: Math.round(width * 0.2),
    top: Math.round(height * 0.1),
    width: Math.round(width * 0.65),
    height: Math.round(height * 0.7),
  });
const planted: readonly { change: Change; expected: NearChange[]; quality?: number }[] = [
  { change: (picture) => picture, expected: ['recompressed'], quality: 30 },
  { change: (picture, width) => picture.resize({ width: Math.round(width / 2) }), expected: ['resized'] },
  { change: (picture) => picture.rotate(90), expected: ['rotated'] },
  { change: (picture) => picture.flop(), expected: ['mirrored'] },
  { change: cut, expected: ['cropped'] },
  {
    change: (picture) => picture.extend({ top: 40, bottom: 40, left: 60, right: 60, background: '#000' }),
    expected: ['bordered'],
  },
  { change: (picture) => picture.greyscale(), expected: ['grey'] },
  { change: (picture) => picture.linear(0.75, 40), expected: ['brightness'] },
];

let home: TestHome;
let folder: string;
let truth: DemoTruth;
/** Path of a planted copy -> path of what it was made from, and what was done. */
const copies = new Map<string, { of: string; expected: NearChange[] }>();
let items: ItemView[];
const at = (name: string): string => join(folder, name);

async function dalil(...args: string[]): Promise<Ran> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect([0, 3], ran.stderr).toContain(ran.code);
  return ran;
}
const near = async (): Promise<NearRow[]> => (await dalil('near', 'list', '--json')).lines<NearRow>();

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-near-'));
  await makeDemo({ directory: at('demo'), individuals: 12, seed: 'likeness', megapixels: 0.4 });
  truth = JSON.parse(await readFile(at('demo/truth.json'), 'utf8')) as DemoTruth;
  const used = new Set(truth.files.flatMap(({ nearDuplicateOf }) => nearDuplicateOf?.path ?? []));
  const originals = truth.files.filter(
    ({ kind, category, container, exactDuplicateOf, nearDuplicateOf, problems, path, orientation }) =>
      kind === 'picture' &&
      category === 'detainee' &&
      (exactDuplicateOf ?? nearDuplicateOf ?? container) === null &&
      problems.length === 0 &&
      !used.has(path) &&
      (orientation ?? 1) === 1,
  );
  // Two of each, spread over the cache.
  for (let n = 0; n < planted.length * 2; n++) {
    const { change, expected, quality = 88 } = planted[n % planted.length]!;
    const original = originals[Math.floor((n * originals.length) / (planted.length * 2))]!;
    const path = original.path.replace(/[^/]+$/, `copy ${n}.jpg`);
    const source = sharp(at(`demo/cache/${original.path}`));
    const picture = change(source, original.width!, original.height!);
    await mkdir(dirname(at(`demo/cache/${path}`)), { recursive: true });
    await writeFile(at(`demo/cache/${path}`), await picture.jpeg({ quality }).toBuffer());
    copies.set(path, { of: original.path, expected });
  }
  await dalil('new', at('case'), '--name', 'Likeness');
  await dalil('intake', '--source', 'S', at('demo/cache'));
  await dalil('describe');
  await dalil('group', '--rules', at('demo/rules.json'));
  items = (await dalil('items', '--json')).lines<ItemView>();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('copies are found with what was done to each, and none is wrong', async () => {
  const shaOf = new Map(truth.files.map(({ path, sha256 }) => [path, sha256]));
  const item = new Map(items.map((one) => [one.id, one]));
  const rows = await near();
  const made = new Map<string, { of: string; expected: NearChange[] | null }>();
  for (const [path, copy] of copies) {
    const { id } = items.find((one) => one.path.endsWith(path))!;
    made.set(id, { of: shaOf.get(copy.of)!, expected: copy.expected });
  }
  for (const { path, sha256, nearDuplicateOf } of truth.files) {
    const id = items.find((one) => one.sha256 === sha256 && one.state !== 'duplicate')?.id;
    if (nearDuplicateOf !== null) made.set(id!, { of: shaOf.get(nearDuplicateOf.path)!, expected: null });
    expect(id, path).toBeDefined();
  }
  const wrong = rows.filter((row) => made.get(row.item)?.of !== item.get(row.of)!.sha256);
  const missed = [...made].filter(([id]) => !rows.some((row) => row.item === id));
  console.log(`near-duplicates: ${rows.length - wrong.length} of ${made.size} found, ${wrong.length} wrong`);
  expect(wrong).toEqual([]);
  expect(missed.map(([, { expected }]) => expected)).toEqual([]);
  for (const row of rows) {
    const expected = made.get(row.item)!.expected;
    if (expected !== null) expect(row.changes, JSON.stringify(row)).toEqual(expected);
    if (expected?.[0] === 'cropped') {
      expect(row.alignment!.inside).toBe('copy-in-original');
      const { width, height } = truth.files.find(({ sha256 }) => sha256 === made.get(row.item)!.of)!;
      expect(Math.abs(row.alignment!.region.x / width! - 0.2)).toBeLessThan(0.02);
      expect(Math.abs(row.alignment!.region.y / height! - 0.1)).toBeLessThan(0.02);
    }
  }
});

test('the database finds a turned copy by its hash, and the same pictures as looking at each would', async () => {
  const rows = await near();
  const turned = rows.find(({ changes }) => changes.includes('rotated'))!;
  const like = (await dalil('near', 'like', turned.of, '--json')).lines<{ item: string; turn: string }>();
  expect(like.find(({ item }) => item === turned.item)?.turn).toMatch(/^rotate-/);
});

test('what a person cuts stays cut, what a person confirms is joined, and another record takes it back', async () => {
  const before = await near();
  const [first] = before;
  const pair = [first!.item, first!.of] as const;
  await dalil('near', 'cut', ...pair, '--why', 'a test');
  await dalil('group');
  expect((await near()).some(({ item, of }) => item === pair[0] && of === pair[1])).toBe(false);
  const clash = await runDalil(home.env, ['-C', at('case'), 'near', 'confirm', pair[0], before[1]!.item, '--why', 'a']);
  expect(clash.code).toBe(0);
  const refused = await runDalil(home.env, [
    '-C',
    at('case'),
    'near',
    'confirm',
    before[1]!.item,
    pair[1],
    '--why',
    'a',
  ]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('contradicts');
  await dalil('group');
  const joined = (await near()).find(({ basis }) => basis === 'person');
  expect(joined).toBeDefined();
  await dalil('near', 'open', pair[0], before[1]!.item, '--why', 'a test');
  await dalil('near', 'open', ...pair, '--why', 'a test');
  await dalil('group');
  expect(await near()).toEqual(before);
});

test('a repeat without anything new looks at nothing and adds nothing', async () => {
  const size = async (): Promise<number> =>
    (await dalil('status', '--json')).json<{ checkpoint: { size: number } }>().checkpoint.size;
  const before = await size();
  await dalil('group');
  expect(await size()).toBe(before);
});

test('pairs that are no pictures, are one, or come without a reason are refused', async () => {
  for (const args of [['E-99999', items[0]!.id, '--why', 'a'], ['E-00001'], ['E-00001', 'E-00002']]) {
    expect((await runDalil(home.env, ['-C', at('case'), 'near', 'cut', ...args])).code).toBe(2);
  }
});
