// The rows of the timeline, on a real case: each picture once, in the order of time, whatever it is narrowed to; and the
// same whether they were made record by record or all at once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { group } from './group/group.ts';
import { settleCategory, settleNumber } from './group/decisions.ts';
import { openEvidence, type EvidenceFixture } from './server/evidence.fixture.ts';
import { listTiles, placePattern, readChoices, readTimeline, refillTimeline } from './timeline.ts';

let evidence: EvidenceFixture;
beforeAll(async () => {
  evidence = await openEvidence({ individuals: 3 });
}, 300_000);
afterAll(async () => evidence?.close());

test('pages lead through every picture once; marks lead into the middle; months add up', async () => {
  const { pool } = evidence.opened.index;
  const view = await readTimeline(pool, {});
  const { rows } = await pool.query<{ n: number }>(`select count(*) as n from description where format like 'image/%'`);
  expect(view.total).toBe(rows[0]!.n);
  expect(view.months.reduce((sum, { count }) => sum + count, 0)).toBe(view.total);
  expect(view.marks).toHaveLength(Math.ceil(view.total / view.step));
  for (const mark of view.marks) expect(mark).toMatch(placePattern);
  const seen: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await listTiles(pool, {}, { after, limit: 7 });
    seen.push(...page.items.map(({ item }) => item));
    if (page.next === null) break;
    after = page.next;
  }
  expect(new Set(seen).size).toBe(view.total);
  expect(seen).toHaveLength(view.total);
  const times = (await listTiles(pool, {}, { limit: 200 })).items.map(({ taken }) => taken ?? '~');
  expect(times).toEqual(times.toSorted());
  for (const [i, mark] of view.marks.entries()) {
    const { items } = await listTiles(pool, {}, { from: mark, limit: 1 });
    expect(items[0]!.item).toBe(seen[i * view.step]);
  }
  // Within each month, pictures without a time included; beyond the last of a month there is nothing to begin at.
  let before = 0;
  for (const { month, count } of view.months) {
    for (const n of [0, count - 1]) {
      const { items } = await listTiles(pool, {}, { from: `${month || '~'}+${n}`, limit: 1 });
      expect(items[0]!.item).toBe(seen[before + n]);
    }
    expect((await listTiles(pool, {}, { from: `${month || '~'}+${count}`, limit: 1 })).items).toEqual([]);
    before += count;
  }
});

test('each filter gives what its choice counts, and no other', async () => {
  const { pool } = evidence.opened.index;
  const choices = await readChoices(pool);
  const { total } = await readTimeline(pool, {});
  expect(choices.categories.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  expect(choices.states.reduce((sum, { count }) => sum + count, 0)).toBe(total);
  for (const { name, count } of choices.categories) {
    expect((await readTimeline(pool, { category: name })).total).toBe(count);
    for (const tile of (await listTiles(pool, { category: name }, { limit: 200 })).items)
      expect(tile.category).toBe(name);
  }
  for (const { name, count } of choices.cameras) expect((await readTimeline(pool, { camera: name })).total).toBe(count);
  for (const { name, count } of choices.states) expect((await readTimeline(pool, { state: name })).total).toBe(count);
  // What is counted beside the rows is what the rows are.
  for (const filter of [
    {},
    { collapsed: true },
    { category: 'detainee' as const, state: 'placed' as const, source: 'JUNIPER' },
  ]) {
    const { items, next } = await listTiles(pool, filter, { limit: 200 });
    expect([next, (await readTimeline(pool, filter)).total]).toEqual([null, items.length]);
  }
  expect((await readTimeline(pool, { source: 'JUNIPER' })).total).toBe(total);
  const [one] = (await listTiles(pool, {}, { limit: 1 })).items;
  const day = one!.taken!.slice(0, 10);
  const of = await listTiles(pool, { day }, { limit: 200 });
  expect(of.items.length).toBeGreaterThan(0);
  for (const { taken } of of.items) expect(taken!.slice(0, 10)).toBe(day);
  const numbered = (await listTiles(pool, { state: 'placed' }, { limit: 1 })).items[0]!;
  const arabic = numbered.number!.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x660 + Number(digit)));
  const found = await listTiles(pool, { number: arabic }, { limit: 200 });
  expect(found.items.map(({ item }) => item)).toContain(numbered.item);
});

test('rows made record by record are those made all at once, after people have decided too', async () => {
  const { opened } = evidence;
  const { pool } = opened.index;
  const [one, two] = (await listTiles(pool, { state: 'placed' }, { limit: 2 })).items;
  await settleNumber(opened, { item: one!.item, role: 'detainee-number', value: '4242', reading: null });
  await settleCategory(opened, [two!.item], 'other', 'a test');
  await group(opened, {});
  expect((await listTiles(pool, { number: '4242' }, { limit: 5 })).items.map(({ item }) => item)).toContain(one!.item);
  const all = async (): Promise<unknown[]> => [
    ...(await pool.query('select * from timeline order by item')).rows,
    ...(await pool.query('select * from timeline_count order by month, sources, category, camera, state, copy')).rows,
  ];
  const before = await all();
  await refillTimeline(pool);
  expect(await all()).toEqual(before);
});
