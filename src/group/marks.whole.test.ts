// Regions and tags on a real PostgreSQL: the latest word stands however the log is cut into batches; one act on thousands is
// several records in one commit; whoever takes back what is gone is told.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeProjection } from '../describe/project.ts';
import { intakeProjection } from '../intake/project.ts';
import { receive } from '../intake/receive.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { openPeople, type PeopleFixture } from '../server/people.fixture.ts';
import { openRowsIndex, type RowsIndex } from '../store/rows.fixture.ts';
import { itemsOfATag, listTags, tagItems } from './marks.ts';
import { groupProjection } from './project.ts';

let rows: RowsIndex;
let people: PeopleFixture;
const items = ['E-1', 'E-2', 'E-3'];
beforeAll(async () => {
  rows = await openRowsIndex([intakeProjection, describeProjection, groupProjection]);
  await rows.empty();
  await rows.put(
    'item',
    items.map((handle, position) => ({ handle, id: `id ${handle}`, position, sha256: handle })),
  );
  people = await openPeople();
}, 60_000);
afterAll(async () => {
  await people?.close();
  await rows?.close();
});

type Said =
  | { kind: 'group.tag'; tag: string; items: string[]; removed: boolean }
  | { kind: 'group.region'; region: string; item: string; withdrawn: boolean };

const recordOf = (said: Said, position: number): LoggedRecord => ({
  position,
  id: `record ${position}`,
  kind: said.kind,
  at: '',
  actor: { name: '', tool: '', version: '' },
  handle: said.kind === 'group.region' ? said.region : null,
  refs: said.kind === 'group.tag' ? { items: said.items.map((item) => `id ${item}`) } : { item: `id ${said.item}` },
  files: {},
  fields:
    said.kind === 'group.tag'
      ? { tag: said.tag, removed: said.removed }
      : { box: [0, 0, 0.5, 1], note: String(position), withdrawn: said.withdrawn },
});

async function projected(all: readonly Said[], cuts: ReadonlySet<number>): Promise<string[]> {
  await rows.pool.query('delete from tag');
  await rows.pool.query('delete from region');
  const client = await rows.pool.connect();
  try {
    let batch: LoggedRecord[] = [];
    for (const [position, one] of all.entries()) {
      batch.push(recordOf(one, position));
      if (!cuts.has(position) && position < all.length - 1) continue;
      await groupProjection.project(client, batch);
      batch = [];
    }
  } finally {
    client.release();
  }
  const { rows: stands } = await rows.pool.query<{ line: string }>(
    `select concat_ws(' ', 'tag', item, tag) as line from tag
     union all select concat_ws(' ', 'region', handle, item, note) from region order by 1`,
  );
  return stands.map(({ line }) => line);
}

const said: fc.Arbitrary<Said> = fc.oneof(
  fc.record({
    kind: fc.constant('group.tag' as const),
    tag: fc.constantFrom('a', 'A', 'ختم'),
    items: fc.subarray(items, { minLength: 1 }),
    removed: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('group.region' as const),
    region: fc.constantFrom('M-0001', 'M-0002'),
    item: fc.constantFrom(...items),
    withdrawn: fc.boolean(),
  }),
);

test('the latest word on an item and a tag, or on a region, stands; the batches mean nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(said, { maxLength: 12 }), fc.uniqueArray(fc.nat(12)), async (all, cuts) => {
      const stands = await projected(all, new Set(cuts));
      const tags = new Map<string, boolean>();
      const regions = new Map<string, string | null>();
      for (const [position, one] of all.entries()) {
        if (one.kind === 'group.tag') for (const item of one.items) tags.set(`tag ${item} ${one.tag}`, !one.removed);
        else regions.set(one.region, one.withdrawn ? null : `region ${one.region} ${one.item} ${position}`);
      }
      const model = [
        ...[...tags].flatMap(([line, on]) => (on ? [line] : [])),
        ...[...regions.values()].filter((line) => line !== null),
      ];
      expect(stands.toSorted()).toEqual(model.toSorted());
    }),
    { numRuns: 40 },
  );
});

test('one act on thousands is a record for each thousand, all in one commit, and its repeat is none', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dalil-many-'));
  const opened = await people.makeCase('Many');
  try {
    const many = 2 * itemsOfATag + 1;
    for (let i = 0; i < many; i++) await writeFile(join(folder, `${String(i)}.txt`), String(i));
    await receive(opened, { roots: [folder], source: 'S' });
    const { rows: all } = await opened.index.pool.query<{ handle: string }>('select handle from item');
    const handles = all.map(({ handle }) => handle);
    const { size } = opened.log;
    expect(await tagItems(opened, handles, ' ختم ', false)).toEqual({ tag: 'ختم', changed: many, records: 3 });
    const named: number[] = [];
    for await (const { kind, refs } of opened.log.read(size)) {
      expect(kind).toBe('group.tag');
      named.push([refs['items'] ?? []].flat().length);
    }
    expect(named).toEqual([itemsOfATag, itemsOfATag, 1]);
    expect(await tagItems(opened, handles, 'ختم', false)).toMatchObject({ changed: 0, records: 0 });
    expect(await tagItems(opened, handles.slice(0, 5), 'ختم', true)).toMatchObject({ changed: 5, records: 1 });
    expect(await listTags(opened)).toEqual([{ tag: 'ختم', items: many - 5 }]);
    expect(opened.log.size).toBe(size + 4);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 120_000);
