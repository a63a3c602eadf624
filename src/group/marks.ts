// What people mark in pictures: a rectangle with a note, and tags on many at once. Each act is a record; taking one back is
// another, and a repeat adds nothing.
import { Fault } from '../case/fault.ts';
import type { RegionView } from '../case/work-views.ts';
import type { OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { itemIds } from './decisions.ts';

/** A rectangle in fractions of the upright picture: left, top, width, height. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** The most items that one record of a tag names; more go into several, in one commit. */
export const itemsOfATag = 1000;

/** A text that somebody typed, in one form. Fault('usage') where it is empty, too long, or holds what cannot be seen. */
function typed(text: string, what: string, most: number): string {
  const said = text.normalize('NFC').replaceAll(/\s+/g, ' ').trim();
  // Bidirectional overrides would show a text as another.
  if (said !== '' && said.length <= most && !/[\p{Cc}\u202A-\u202E\u2066-\u2069]/u.test(said)) return said;
  throw new Fault('usage', {
    what: `This cannot be ${what}.`,
    expected: `1 to ${most} characters, in one line`,
    got: `${said.length} characters`,
  });
}

/** A box within the picture, to four places. Fault('usage') where it is none. */
function sound(box: Box): Box {
  const [x, y, width, height] = box.map((n) => Math.round(n * 10_000) / 10_000) as [number, number, number, number];
  const inside = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.000_05 && y + height <= 1.000_05;
  if (inside) return [x, y, Math.min(width, 1 - x), Math.min(height, 1 - y)].map((n) => Number(n.toFixed(4))) as never;
  throw new Fault('usage', {
    what: 'This rectangle is not within the picture.',
    expected: 'left, top, width and height as fractions of the upright picture, at least 0.0001 wide and high',
    got: box.map((n) => n.toFixed(4)).join(', '),
  });
}

/** Marks a rectangle on a picture. Its handle names it. Fault('usage') where the item is no picture, or the box none. */
export async function markRegion(opened: OpenCase, item: string, box: Box, note: string): Promise<LoggedRecord> {
  const fields = { box: [...sound(box)], note: typed(note, 'a note', 500) };
  const [id] = await itemIds(opened, [item]);
  const { rows } = await opened.index.pool.query('select from timeline where item = $1', [item]);
  if (rows.length === 0)
    throw new Fault('usage', { what: 'Only pictures have regions.', got: item, next: 'dalil items' });
  const [record] = await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'group.region', handle: turn.next('M'), refs: { item: id! }, ...fields, withdrawn: false });
  });
  return record!;
}

/** Takes a region back. Fault('usage') where there is none of this handle, or it was taken back before. */
export async function withdrawRegion(opened: OpenCase, handle: string): Promise<LoggedRecord> {
  const [record] = await opened.log.append(opened.actor, async (turn) => {
    const { rows } = await opened.index.pool.query<{ id: string; box: number[]; note: string }>(
      'select i.id, g.box, g.note from region g join item i on i.handle = g.item where g.handle = $1',
      [handle],
    );
    if (rows[0] === undefined) {
      throw new Fault('usage', {
        what: 'There is no such region, or it was taken back.',
        expected: 'a handle as M-0001',
        got: handle,
        next: 'look at the item again',
      });
    }
    const { id, box, note } = rows[0];
    turn.add({ kind: 'group.region', handle, refs: { item: id }, box, note, withdrawn: true });
  });
  return record!;
}

/** The regions of an item that stand, in the order of their handles. */
export async function readRegions({ index }: Pick<OpenCase, 'index'>, item: string): Promise<RegionView[]> {
  const { rows } = await index.pool.query<RegionView>(
    `select g.handle as region, g.box, g.note, r.actor as by, r.at, g.position as record
     from region g join record r on r.position = g.position where g.item = $1 order by g.handle`,
    [item],
  );
  return rows;
}

export interface Tagged {
  tag: string;
  /** How many items changed, and in how many records: what has the tag already is left out, or what lacks it. */
  changed: number;
  records: number;
}

/** Puts a tag on items, or takes it off, in one commit. Fault('usage') on an item that is not there, or no tag. */
export async function tagItems(
  opened: OpenCase,
  items: readonly string[],
  tag: string,
  removed: boolean,
): Promise<Tagged> {
  const said = typed(tag, 'a tag', 60);
  await itemIds(opened, items);
  let changed = 0;
  const records = await opened.log.append(opened.actor, async (turn) => {
    const { rows } = await opened.index.pool.query<{ id: string }>(
      `select i.id from item i left join tag t on t.item = i.handle and t.tag = $2
       where i.handle = any($1) and (t.item is null) <> $3 order by i.position`,
      [items, said, removed],
    );
    changed = rows.length;
    for (let at = 0; at < rows.length; at += itemsOfATag) {
      const some = rows.slice(at, at + itemsOfATag).map(({ id }) => id);
      turn.add({ kind: 'group.tag', refs: { items: some }, tag: said, removed });
    }
  });
  return { tag: said, changed, records: records.length };
}

/** The tags that are on items, by name, each with how many carry it. */
export async function listTags({ index }: Pick<OpenCase, 'index'>): Promise<{ tag: string; items: number }[]> {
  const { rows } = await index.pool.query<{ tag: string; items: number }>(
    'select tag, count(*) as items from tag group by tag order by tag',
  );
  return rows;
}
