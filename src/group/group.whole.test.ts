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
import type { IdentifierRole, IndividualView } from '../case/views.ts';
import { listIndividuals, readCase, tablesOf } from '../overview.ts';
import { readDossierInput } from '../dossier-input.ts';
import { dossierContent } from '../report/dossier.ts';
import { readConflicts } from './conflicts.ts';
import {
  mergeIndividuals,
  movePictures,
  partIndividuals,
  releasePictures,
  settleCategory,
  settleNumber,
  splitIndividual,
} from './decisions.ts';
import { waitsForGathering } from './gathering.ts';
import { group } from './group.ts';
import { parseRules } from './identifier.ts';
import { linkItems } from './link.ts';
import { compare } from './partition-measures.ts';
import { categoryQueue, mergeQueue, numberQueue } from './queue.ts';
import { ourPartition, readCards, truePartition } from './reader.fixture.ts';
import { whyMembers } from './why.ts';

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

test('numbers are asked by their crops, and an answer counts the pictures that agree', async () => {
  const { waiting, entries } = await numberQueue(opened, 1000);
  expect(entries).toHaveLength(waiting);
  expect(entries.length).toBeGreaterThan(0);
  for (const { crop } of entries) expect(crop).toMatch(/^[0-9a-f]{64}$/);
  const before = await readCase(opened);
  expect(before.individuals.provisional.pictures).toBeGreaterThan(0);
  const bodies = await truePartition(opened, truth);
  // An answer to a doubtful number may leave the other one of its key to be confirmed: a second round at most.
  for (const round of [1, 2]) {
    for (const { item, reading, role } of round === 1 ? entries : (await numberQueue(opened, 1000)).entries) {
      const [branch, number] = bodies.get(item)!.split('/') as [string, string];
      const value = role === 'branch-number' ? branch : number;
      await settleNumber(opened, { item, role: role as IdentifierRole, value, reading });
    }
    await group(opened, {});
  }
  const after = await readCase(opened);
  expect((await numberQueue(opened, 10)).waiting).toBe(0);
  expect(after.individuals.count).toBeGreaterThan(before.individuals.count);
  expect(after.individuals.provisional.individuals).toBe(0);
  const measured = compare(await ourPartition(opened), bodies);
  console.log('after answers', JSON.stringify(measured));
  expect(measured.pairwise.precision).toBe(1);
});

test('what people decide stands when grouping runs again, until they take it back', async () => {
  const { individuals } = await listIndividuals(tablesOf(opened), { after: null, limit: 500 });
  const [one, two] = individuals.filter(({ items }) => items.length > 3) as [IndividualView, IndividualView];
  const membersOf = async (handle: string): Promise<string[]> => {
    await group(opened, {});
    await group(opened, {});
    return (await whyMembers(opened, handle)).map(({ item }) => item);
  };
  const own = await membersOf(one.id);
  const [head, ...rest] = own as [string, ...string[]];

  for (const { items, key, pictures } of (await mergeQueue(opened, 1000)).entries) {
    expect(items).toHaveLength(pictures);
    expect(Object.keys(key).toSorted()).toEqual(['branch-number', 'detainee-number']);
  }
  await movePictures(opened, [head], two.id, 'a test');
  expect(await membersOf(one.id)).toEqual(rest);
  expect(await membersOf(two.id)).toContain(head);
  await releasePictures(opened, [head], 'a mistake');
  expect(await membersOf(one.id)).toEqual(own);

  const apart = (await splitIndividual(opened, one.id, [head], 'another body')).handle!;
  expect(await membersOf(apart)).toEqual([head]);
  expect(await membersOf(one.id)).toEqual(rest);
  expect((await readConflicts(opened)).map(({ kind, subject }) => [kind, subject])).toContainEqual([
    'one-number-two-bodies',
    one.id,
  ]);
  await mergeIndividuals(opened, apart, one.id, 'the same after all');
  expect(await membersOf(one.id)).toEqual(own);
  expect(await membersOf(apart)).toEqual([]);
  await expect(mergeIndividuals(opened, one.id, apart, 'again')).rejects.toThrow('one individual already');
  await partIndividuals(opened, apart, one.id, 'no');
  expect(await membersOf(apart)).toEqual([head]);

  const why = await whyMembers(opened, one.id);
  expect(why.every(({ reasons }) => reasons.length > 0 && reasons.every(({ records }) => records.length > 0))).toBe(
    true,
  );

  await settleCategory(opened, [rest[0]!], 'other', 'a document');
  expect(await membersOf(one.id)).not.toContain(rest[0]);
  await settleCategory(opened, [rest[0]!], null, 'a mistake');
  expect(await membersOf(one.id)).toContain(rest[0]);
});

test('what is decided is said to wait until grouping has taken it in, and then no more', async () => {
  const next = async (): Promise<string | null> => (await readCase(opened)).next;
  await group(opened, {});
  // Nobody has read the cards by this machine: that comes first.
  expect(await waitsForGathering(opened)).toBe(false);
  const { entries } = await categoryQueue(opened, 1);
  await settleCategory(opened, [entries[0]!.items[0]!], 'other', 'a test');
  expect(await waitsForGathering(opened)).toBe(true);
  await settleCategory(opened, [entries[0]!.items[0]!], null, 'taken back');
  expect(await waitsForGathering(opened)).toBe(true);
  await group(opened, {});
  expect(await waitsForGathering(opened)).toBe(false);
  expect(await next()).not.toBe('dalil group');
});

test('a person links two pictures: the one without a number goes where the other is, for that reason, and back', async () => {
  await group(opened, {});
  const { rows } = await opened.index.pool.query<{ item: string }>(
    `select d.item from description d join reading r on r.item = d.item left join member m on m.item = d.item
     where d.pdq is not null and m.item is null and r.category in ('detainee', 'unreviewed') order by r.position limit 1`,
  );
  const { individuals } = await listIndividuals(tablesOf(opened), { after: null, limit: 500 });
  const body = individuals.find(({ items }) => items.some(({ provisional }) => !provisional))!;
  const [stray, anchor] = [rows[0]!.item, body.items.find(({ provisional }) => !provisional)!.id];
  await linkItems(opened, [stray, anchor], 'must', 'the same picture');
  await group(opened, {});
  const member = (await whyMembers(opened, body.id)).find(({ item }) => item === stray)!;
  expect(member.provisional).toBe(false);
  const linked = member.reasons.find(({ reason }) => reason === 'linked')!;
  expect(linked.records).toHaveLength(1);
  await linkItems(opened, [stray, anchor], 'open', 'a mistake');
  await group(opened, {});
  expect((await whyMembers(opened, body.id)).map(({ item }) => item)).not.toContain(stray);
});

test('a dossier lists every conflict with its records, and tells by what pictures were put to individuals', async () => {
  await group(opened, {});
  const conflicts = await readConflicts(opened);
  expect(conflicts.length).toBeGreaterThan(0);
  const input = await readDossierInput(opened, { edition: 1, checkpoint: null });
  expect(input.conflicts.map(({ kind, subject, what }) => [kind, subject, what])).toEqual(
    conflicts.map(({ kind, subject, what }) => [kind, subject, what]),
  );
  for (const { records } of input.conflicts) {
    expect(records.length).toBeGreaterThan(0);
    for (const record of records) expect(input.recordIds.has(record)).toBe(true);
  }
  const { grouping, view } = input;
  expect(grouping.read).toBeGreaterThan(0);
  expect(grouping.read).toBeLessThanOrEqual(grouping.readable);
  expect(grouping.counted.path).toBeGreaterThan(0);
  expect(grouping.counted.settled).toBeGreaterThan(0);
  expect(grouping.settled).toBeGreaterThan(0);
  expect(Math.max(...Object.values(grouping.counted))).toBeLessThanOrEqual(view.individuals.pictures);
  expect(input.outside).toEqual({
    authorities: [],
    size: null,
    time: null,
    later: 0,
    witnesses: 0,
    witnessed: null,
  });
  expect(dossierContent(input).templateVersion).toBeGreaterThan(3);
});

test('pictures that no rule tells the category of wait by folder', async () => {
  const { waiting, entries } = await categoryQueue(opened, 1000);
  expect(entries).toHaveLength(waiting);
  const { categories } = await readCase(opened);
  expect(entries.reduce((sum, { pictures }) => sum + pictures, 0)).toBe(categories.unreviewed + categories.unclear);
});

test('an index made again from the log has the same rows', async () => {
  const before = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(before);
});
