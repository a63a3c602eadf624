// The queue of numbers: what no rule can name and what could not be read waits there too, after what settles more.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeDemo } from '../demo/demo.ts';
import { demoRules } from '../demo/rules.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { describe } from '../describe/describe.ts';
import { receive } from '../intake/receive.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { movePictures, settleNumber, withdrawNumber } from './decisions.ts';
import { group } from './group.ts';
import { parseRules } from './identifier.ts';
import { numberQueue } from './queue.ts';
import { simulatedCard } from './reader.fixture.ts';

let home: TestHome;
let folder: string;
let truth: DemoTruth;
let opened: OpenCase;
const limit = 10_000;

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-queue-'));
  truth = await makeDemo({ directory: join(folder, 'demo'), individuals: 12, seed: 'queue', megapixels: 0.05 });
  opened = await newCase(join(folder, 'case'), 'Queue', {
    home: await openHome(home.env['DALIL_HOME']!),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'test', version: '1' },
    write: true,
  });
  await receive(opened, { roots: [join(folder, 'demo/cache')], source: 'S', reread: false });
  await describe(opened, {});
  // Names tell nothing here: every picture waits for its number.
  await group(opened, { rules: parseRules(JSON.parse(JSON.stringify({ ...demoRules, patterns: [] }))) });
  const { rows } = await opened.index.pool.query<{ id: string; sha256: string }>('select id, sha256 from item');
  const idOf = new Map(rows.map(({ id, sha256 }) => [sha256, id]));
  const shown = [
    ...new Map(truth.files.filter(({ card }) => card !== null).map((file) => [file.sha256, file])).values(),
  ];
  await opened.log.append(opened.actor, (turn) => {
    for (const { sha256, path, individual, card } of shown) {
      const fields = simulatedCard('queue', { path, individual: individual!, card: card! });
      // Of every third individual the numbers fit no rule, of every third nothing was found.
      const k = truth.individuals.findIndex(({ key }) => key === individual) % 3;
      const readings = fields['readings'] as Record<string, unknown>[];
      const some = k === 0 ? readings : k === 1 ? [] : readings.map((one) => ({ ...one, role: null }));
      turn.add({ kind: 'describe.card', refs: { item: idOf.get(sha256)! }, ...fields, readings: some as never });
    }
  });
  await group(opened, {});
}, 120_000);
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test('numbers without a role come by their crop before what is provisional, pictures without numbers at the end', async () => {
  const { waiting, entries } = await numberQueue(opened, limit);
  expect(waiting).toBe(entries.length);
  const rankOf = ({ state, role }: (typeof entries)[number]): number =>
    state === 'unread' ? 3 : state === 'provisional' ? 2 : role === null ? 1 : 0;
  const ranks = entries.map(rankOf);
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(new Set(ranks).size).toBeGreaterThanOrEqual(3);
  for (const entry of entries) {
    if (entry.state === 'unread') {
      const none = { id: entry.item, reading: null, role: null, proposed: null, probability: null, crop: null };
      expect(entry).toMatchObject({ ...none, pictures: 1 });
    } else {
      expect(entry.crop).toMatch(/^[0-9a-f]{64}$/);
      expect(entry.id).toBe(`${entry.item}.${entry.reading}`);
    }
  }
  const firsts = await numberQueue(opened, 2);
  expect(firsts).toEqual({ waiting, entries: entries.slice(0, 2) });
});

test('what is answered is asked no more: by a number, by unreadable, or by where the picture belongs', async () => {
  const { entries } = await numberQueue(opened, limit);
  const nameless = entries.find(({ state, role }) => state === 'open' && role === null)!;
  const [first, second] = entries.filter(({ state }) => state === 'unread');
  const role = 'detainee-number';
  await settleNumber(opened, { item: nameless.item, role, value: null, reading: nameless.reading });
  await settleNumber(opened, { item: first!.item, role, value: '5447', reading: null });
  await movePictures(opened, [second!.item], null, 'nobody');
  await group(opened, {});
  const left = (await numberQueue(opened, limit)).entries;
  const items = left.map(({ item }) => item);
  expect(left.length).toBeGreaterThan(0);
  expect(left.map(({ id }) => id)).not.toContain(nameless.id);
  expect(items).not.toContain(first!.item);
  expect(items).not.toContain(second!.item);
  // The picture's other readings still wait, also where they turn out to be the same number; taking it back asks for all.
  const others = left.filter(({ item }) => item === nameless.item);
  expect(others.length).toBeGreaterThan(0);
  for (const { reading } of others) await settleNumber(opened, { item: nameless.item, role, value: null, reading });
  const waiting = async () => (await numberQueue(opened, limit)).entries.filter(({ item }) => item === nameless.item);
  expect(await waiting()).toEqual([]);
  await withdrawNumber(opened, nameless.item, role);
  expect((await waiting()).map(({ id }) => id).toSorted()).toEqual(
    [nameless, ...others].map(({ id }) => id).toSorted(),
  );
});
