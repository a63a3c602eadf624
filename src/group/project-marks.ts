// Rows of what people mark: the regions and the tags that stand.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { regionRecord, tagRecord } from './records.ts';

export const markKinds = ['group.region', 'group.tag'];

export const markTables = `
  create table region (handle text primary key, item text not null, position bigint not null, box jsonb not null, note text not null);
  create index on region (item);
  create table tag (item text not null, tag text collate "C" not null, position bigint not null, primary key (tag, item));
  create index on tag (item);
`;

/** `itemOf`: the handle of every item that the records cite. Records are in the order of the log. */
export async function projectMarks(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  itemOf: ReadonlyMap<string, string>,
): Promise<void> {
  const regions = new Map<string, Record<string, unknown> & { withdrawn: boolean }>();
  const tags = new Map<string, { item: string; tag: string; position: number; removed: boolean }>();
  for (const { kind, position, handle, refs, fields } of records) {
    if (kind === 'group.region') {
      const item = itemOf.get([refs['item'] ?? ''].flat()[0]!);
      regions.set(handle!, { handle, item, position, ...regionRecord.parse(fields) });
    } else if (kind === 'group.tag') {
      const { tag, removed } = tagRecord.parse(fields);
      for (const id of [refs['items'] ?? []].flat()) {
        const item = itemOf.get(id)!;
        tags.set(`${item} ${tag}`, { item, tag, position, removed });
      }
    }
  }
  await client.query('delete from region where handle = any($1)', [[...regions.keys()]]);
  await insertRows(
    client,
    'region',
    { handle: 'text', item: 'text', position: 'bigint', box: 'jsonb', note: 'text' },
    [...regions.values()].filter(({ withdrawn }) => !withdrawn),
  );
  const named = [...tags.values()];
  await client.query(
    'delete from tag t using unnest($1::text[], $2::text[]) as k(item, tag) where t.item = k.item and t.tag = k.tag',
    [named.map(({ item }) => item), named.map(({ tag }) => tag)],
  );
  await insertRows(
    client,
    'tag',
    { item: 'text', tag: 'text', position: 'bigint' },
    named.filter(({ removed }) => !removed),
  );
}
