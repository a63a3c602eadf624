// From names and cards to individuals, on a made-up cache with a simulated reader: how many are right before anybody has
// looked, what people's answers change, and that nothing is done twice.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemo } from '../demo/demo.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { describe } from '../describe/describe.ts';
import { receive } from '../intake/receive.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { dumpOf } from '../log/log.fixture.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { group } from './group.ts';
import { parseRules } from './identifier.ts';
import { compare } from './partition-measures.ts';
import { ourPartition, readCards, truePartition } from './reader.fixture.ts';

let home: TestHome;
let folder: string;
let truth: DemoTruth;
let opened: OpenCase;

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-group-'));
  truth = await makeDemo({ directory: join(folder, 'demo'), individuals: 40, seed: 'unseen forty', megapixels: 0.05 });
  opened = await newCase(join(folder, 'case'), 'Forty', {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'test', version: '1' },
    write: true,
  });
  await receive(opened, { roots: [join(folder, 'demo/cache')], source: 'S', reread: false });
  await describe(opened, {});
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('before anybody has looked, no pair of pictures is wrong and 97 of 100 true pairs are found', async () => {
  const rules = parseRules(JSON.parse(await readFile(join(folder, 'demo/rules.json'), 'utf8')));
  await group(opened, { rules });
  const names = compare(await ourPartition(opened), await truePartition(opened, truth));
  await readCards(opened, truth, 'unseen reader');
  await group(opened, {});
  const cards = compare(await ourPartition(opened), await truePartition(opened, truth));
  console.log('by names', JSON.stringify(names), 'with cards', JSON.stringify(cards));
  expect(cards.pairwise.precision).toBeGreaterThanOrEqual(0.999);
  expect(cards.pairwise.recall).toBeGreaterThanOrEqual(0.97);
  expect(cards.pairwise.recall).toBeGreaterThan(names.pairwise.recall);
});

test('a repeat adds no record, and the rows are the same', async () => {
  const size = opened.log.size;
  const before = await dumpOf(opened);
  await group(opened, {});
  expect(opened.log.size).toBe(size);
  expect(await dumpOf(opened)).toEqual(before);
});
