// Numbers in the demo's pictures, read by the real detector and reader, against the truth that was drawn.
import { mkdtemp, readFile, rm, stat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemo } from '../demo/demo.ts';
import { demoRules } from '../demo/rules.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { numberGrammarSchema } from './card-records.ts';
import { readPicture, type NumbersRead } from './number.ts';

const grammar = numberGrammarSchema.parse(demoRules.numbers);
let folder: string;
let truth: DemoTruth;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-numbers-'));
  await makeDemo({ directory: join(folder, 'demo'), individuals: 12, seed: 'numbers', megapixels: 0.3 });
  truth = JSON.parse(await readFile(join(folder, 'demo/truth.json'), 'utf8')) as DemoTruth;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(path: string, cropPath: string | null = null): Promise<NumbersRead> {
  return readPicture({ path, size: (await stat(path)).size, pixelLimit: 60_000_000, grammar, cropPath });
}

test('of the detainee and branch numbers on cards, most are read exactly, and few sure ones are wrong', async () => {
  let [all, right, sure, wrong] = [0, 0, 0, 0];
  for (const { card, container, path, problems } of truth.files) {
    if (card === null || container !== null || problems.length > 0) continue;
    const { readings } = await read(join(folder, 'demo/cache', path));
    const drawn = new Set(card.lines.map(({ value }) => value));
    for (const { role, value } of card.lines) {
      if (role === 'hospital-number') continue;
      all++;
      if (readings.some((one) => one.value === value)) right++;
    }
    for (const { probability, value } of readings) {
      if (probability < 0.95) continue;
      sure++;
      if (!drawn.has(value)) wrong++;
    }
  }
  console.log(`exact ${right} of ${all}; wrong ${wrong} of ${sure} at a probability of 0.95 and more`);
  expect(all).toBeGreaterThan(40);
  expect(right / all).toBeGreaterThanOrEqual(0.8);
  expect(wrong / sure).toBeLessThanOrEqual(0.05);
}, 240_000);

test('a reading is the same twice, its crop is kept, and bytes that are no picture are a problem', async () => {
  const { path } = truth.files.find(
    ({ card, container, problems }) => card?.style === 'printed' && container === null && problems.length === 0,
  )!;
  const file = join(folder, 'demo/cache', path);
  const [first, second] = [await read(file, join(folder, 'crop')), await read(file)];
  expect(second).toEqual(first);
  expect(first.readings.length).toBeGreaterThan(0);
  const crops = (await readdir(folder)).filter((name) => name.startsWith('crop.'));
  expect(crops.length).toBe(first.readings.length);
  expect((await sharp(join(folder, crops[0]!)).metadata()).height).toBe(64);
  expect(await read(join(folder, 'demo/truth.json'))).toEqual({ readings: [], problems: ['undecodable'] });
}, 60_000);
