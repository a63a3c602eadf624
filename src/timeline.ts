// Every picture with what several stages and people say of it, in one row and in the order of time: behind the timeline.
// The row is made anew whenever a record is about the picture, from the rows of the stages, so it says nothing of its own.
import type pg from 'pg';
import { deaccessionKind } from '@dalil/verify';
import type { PictureState, TileView, TimelineChoices, TimelineFilter, TimelineView } from './case/work-views.ts';
import type { Category } from './case/views.ts';
import { latinDigits } from './group/identifier.ts';
import type { LoggedRecord } from './log/logged.ts';
import type { Projection } from './log/projection.ts';

/**
 * `at`: to the second, as the camera wrote it; '~', which sorts behind every digit, where there is no time. `timeline_count`:
 * how many rows there are of each kind, kept with them: at a million pictures a few thousand rows to add up instead of all.
 */
const tables = `
  create table timeline (item text primary key, position bigint not null, at text collate "C" not null,
    month text collate "C" not null, sources text[] not null, category text not null, sorted boolean not null, camera text,
    individual text, number text, numbers text[] not null, state text not null, of text);
  create index on timeline (at, position) include (month, category, state, camera, sources, of);
  create index on timeline (individual);
  create index on timeline (of);
  create index on timeline using gin (numbers);
  create table timeline_count (month text collate "C" not null, sources text[] not null, category text not null,
    camera text not null, state text not null, copy boolean not null, count bigint not null,
    primary key (month, sources, category, camera, state, copy));
  create table about (item text not null, position bigint not null, primary key (item, position));
`;

const rowsOf = `
  insert into timeline
  select i.handle, i.position, t.at, case when t.at = '~' then '' else left(t.at, 7) end,
    array(select distinct a.source collate "C" from receipt x join accession a on a.handle = x.accession
      where x.item = i.handle order by 1),
    coalesce(c.category, r.category, 'unreviewed'), c.item is not null,
    nullif(concat_ws(' ', case when d.model ilike split_part(d.make, ' ', 1) || '%' then null else d.make end, d.model), ''),
    m.individual, coalesce(s.value, v.key->>'detainee-number', n.value, k.value),
    array(select distinct x.value collate "C" from (
      select value from settlement where item = i.handle and value is not null
      union all select value from card_reading where item = i.handle
      union all select e->>'value' from jsonb_array_elements(r.identifiers) e
      union all select e.value from jsonb_each_text(v.key) e) x order by 1),
    case when i.destroyed is not null then 'destroyed' when d.decode <> 'complete' then 'broken'
      when m.item is null then 'open' when m.provisional then 'provisional' else 'placed' end,
    l.of
  from item i join description d on d.item = i.handle
    cross join lateral (select coalesce(substring(d.taken from '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d'), '~') as at) t
    left join reading r on r.item = i.handle
    left join category_decision c on c.item = i.handle
    left join member m on m.item = i.handle left join individual v on v.handle = m.individual
    left join settlement s on s.item = i.handle and s.role = 'detainee-number'
    left join near l on l.item = i.handle
    left join lateral (select e->>'value' as value from jsonb_array_elements(r.identifiers) e
      where e->>'role' = 'detainee-number' limit 1) n on true
    left join lateral (select value from card_reading where item = i.handle and role = 'detainee-number'
      order by probability desc, n limit 1) k on true
  where i.handle = any($1) and d.format like 'image/%'`;

/** Which records are about which items, whatever they say of them: the history of an item. */
async function mention(client: pg.ClientBase, records: readonly LoggedRecord[]): Promise<void> {
  const pairs = records.flatMap(({ id, refs, position }) =>
    [id, ...Object.values(refs).flat()].map((cited) => [cited, position] as const),
  );
  await client.query(
    `insert into about select distinct i.handle, q.position from unnest($1::text[], $2::bigint[]) as q(id, position)
       join item i on i.id = q.id`,
    [pairs.map(([id]) => id), pairs.map(([, position]) => position)],
  );
}

/** Records that change a row of a picture. */
const changing = new Set([
  'intake.duplicate',
  deaccessionKind,
  'describe.item',
  'describe.card',
  'group.reading',
  'group.near',
  'group.individual',
  'group.settlement',
  'group.category',
]);

async function project(client: pg.ClientBase, all: readonly LoggedRecord[]): Promise<void> {
  await mention(client, all);
  const records = all.filter(({ kind }) => changing.has(kind));
  const ids = records.flatMap(({ refs }) => ['item', 'items', 'head'].flatMap((name) => [refs[name] ?? []].flat()));
  const individuals = records.flatMap(({ kind, handle }) =>
    kind === 'group.individual' && handle !== null ? [handle] : [],
  );
  // Pictures that belonged to an individual before, and no longer do, are found by what their rows still say.
  const { rows } = await client.query<{ handle: string }>(
    `select handle from item where id = any($1)
     union select item from timeline where individual = any($2)
     union select item from member where individual = any($2)`,
    [[...new Set(ids)], individuals],
  );
  const handles = rows.map(({ handle }) => handle);
  if (handles.length === 0) return;
  await client.query(counting('-', 'delete from timeline where item = any($1)'), [handles]);
  await client.query(counting('+', rowsOf), [handles]);
  await client.query('delete from timeline_count where count = 0');
}

/** Runs a statement that takes rows of the timeline away or adds them, and keeps their counts with it. */
const counting = (sign: '+' | '-', statement: string): string => `
  with changed as (${statement} returning ${kindColumns})
  insert into timeline_count select ${kindOf}, ${sign}count(*) from changed group by 1, 2, 3, 4, 5, 6
  on conflict (month, sources, category, camera, state, copy) do update set count = timeline_count.count + excluded.count`;
const kindColumns = 'timeline.month, timeline.sources, timeline.category, timeline.camera, timeline.state, timeline.of';
const kindOf = `month, sources, category, coalesce(camera, ''), state, of is not null`;

/** Makes the rows of all pictures, from the rows of the stages. */
export async function refillTimeline(pool: pg.Pool): Promise<void> {
  await pool.query('truncate timeline, timeline_count');
  await pool.query(counting('+', rowsOf), [
    (await pool.query<{ handle: string }>('select handle from item')).rows.map((one) => one.handle),
  ]);
}

export const timelineProjection: Projection = {
  name: 'timeline',
  tables,
  kinds: [
    ...changing,
    'intake.item',
    'describe.metadata',
    'describe.document',
    'group.link',
    'group.move',
    'group.split',
    'group.region',
    'group.tag',
    'protect.exposure',
    'protect.task',
    'report.redaction',
    'seal.restoration',
  ],
  project,
};

/** Pictures between two marks: what one request of the page brings. */
const step = 120;

/** The condition of a filter, its values from $1 on. */
function condition(filter: TimelineFilter): { where: string; values: unknown[] } {
  const parts: string[] = [];
  const values: unknown[] = [];
  const add = (sql: string, value: unknown): void => {
    values.push(value);
    parts.push(sql.replace('$', `$${String(values.length)}`));
  };
  if (filter.source !== undefined) add('$ = any(sources)', filter.source);
  if (filter.category !== undefined) add('category = $', filter.category);
  if (filter.camera !== undefined) add('camera = $', filter.camera);
  if (filter.number !== undefined) add('numbers @> array[$::text]', latinDigits(filter.number.normalize('NFC').trim()));
  if (filter.day !== undefined) {
    add('at >= $', filter.day);
    add('at < $', `${filter.day}U`); // 'U' follows 'T', which parts day and time
  }
  if (filter.state !== undefined) add('state = $', filter.state);
  if (filter.tag !== undefined) add('item in (select g.item from tag g where g.tag = $)', filter.tag.normalize('NFC'));
  if (filter.individual !== undefined) add('individual = $', filter.individual);
  if (filter.collapsed === true) parts.push('of is null');
  return { where: parts.length === 0 ? 'true' : parts.join(' and '), values };
}

/** The condition of a filter on the counts; null where it asks for what is not counted. */
function countCondition(filter: TimelineFilter): { where: string; values: unknown[] } | null {
  if (
    [filter.number, filter.day, filter.tag, filter.individual].some((one) => one !== undefined) ||
    filter.camera === ''
  )
    return null;
  const { collapsed, ...rest } = filter;
  const { where, values } = condition(rest);
  return { where: collapsed === true ? `${where} and not copy` : where, values };
}

/** The months of a filter, and the marks among its pictures. */
export async function readTimeline(pool: pg.Pool, filter: TimelineFilter): Promise<TimelineView> {
  const counted = countCondition(filter);
  const { where, values } = counted ?? condition(filter);
  const { rows: months } = await pool.query<{ month: string; count: number }>(
    `select month, ${counted === null ? 'count(*)' : 'sum(count)::bigint as count'} from ${counted === null ? 'timeline' : 'timeline_count'}
     where ${where} group by month order by month = '', month`,
    values,
  );
  return {
    total: months.reduce((sum, { count }) => sum + count, 0),
    months,
    step,
    marks: marksAmong(months),
  };
}

/** Every `step`th picture by its month and its place in it. */
function marksAmong(months: readonly { month: string; count: number }[]): string[] {
  const marks: string[] = [];
  let before = 0;
  for (const { month, count } of months) {
    for (let n = marks.length * step; n < before + count; n += step)
      marks.push(`${month || '~'}+${String(n - before)}`);
    before += count;
  }
  return marks;
}

/** A place among the pictures: a picture by its time and position, as `next` holds it; or one of a month, as `marks` do. */
export const placePattern = /^(?:(~|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)_(\d{1,15})|(~|\d{4}-\d\d)\+(\d{1,9}))$/;

/** The condition of lying beyond a place; `more` are its values, after those of the filter. */
function beyond(place: string, from: boolean, where: string, n: number): { sql: string; more: unknown[] } {
  const [, at, position, month, skipped] = placePattern.exec(place) ?? [];
  const sign = from ? '>=' : '>';
  if (at !== undefined) return { sql: `(at, position) ${sign} ($${n + 1}, $${n + 2}::bigint)`, more: [at, position] };
  if (month === undefined) return { sql: 'true', more: [] };
  // '.' follows '-', which parts month and day. A million in one month are passed by in an index alone.
  return {
    sql: `(at, position) ${sign} (select at, position from timeline
      where ${where} and at >= $${n + 1} and at < $${n + 2} order by at, position offset $${n + 3}::bigint limit 1)`,
    more: [month, month === '~' ? '~~' : `${month}.`, skipped],
  };
}

const tileColumns = `t.item, nullif(t.at, '~') as taken, t.category, t.sorted, t.number, t.individual, t.camera, t.state,
  (select count(*) from timeline x where x.of = t.item) as copies`;

/** Pictures from a place on (`from`, that one included) or after it, at most `limit`; `next` is what to give as `after`. */
export async function listTiles(
  pool: pg.Pool,
  filter: TimelineFilter,
  { from, after, limit }: { from?: string | undefined; after?: string | undefined; limit: number },
): Promise<{ items: TileView[]; next: string | null }> {
  const { where, values } = condition(filter);
  const { sql, more } = beyond(from ?? after ?? '', from !== undefined, where, values.length);
  const { rows } = await pool.query<TileView & { position: number }>(
    `select ${tileColumns}, t.position from (select * from timeline where ${where} and ${sql}
       order by at, position limit ${String(limit + 1)}) t order by t.at, t.position`,
    [...values, ...more],
  );
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item, taken, category, sorted, number, individual, camera, state, copies }): TileView => ({
      item,
      taken,
      category,
      sorted,
      number,
      individual,
      camera,
      state,
      copies,
    })),
    next: rows.length > limit && last !== undefined ? `${last.taken ?? '~'}_${String(last.position)}` : null,
  };
}

/** Tiles by their handles, in the order of time. */
export async function tilesOf(pool: pg.Pool, items: readonly string[]): Promise<TileView[]> {
  const { rows } = await pool.query<TileView>(
    `select ${tileColumns} from timeline t where t.item = any($1) order by t.at, t.position`,
    [items],
  );
  return rows;
}

/** What the pictures can be narrowed to, the most frequent first. */
export async function readChoices(pool: pg.Pool): Promise<TimelineChoices> {
  const { rows } = await pool.query<{ of: string; name: string; count: number }>(
    `select case when category is not null then 'category' when state is not null then 'state' else 'camera' end as of,
       coalesce(category, state, camera) as name, sum(count)::bigint as count
     from timeline_count group by grouping sets ((category), (state), (camera)) having coalesce(category, state, camera) <> ''
     union all select 'source', s, sum(count)::bigint from timeline_count, unnest(sources) s group by s
     union all select 'tag', g.tag, count(*) from tag g join timeline t on t.item = g.item group by g.tag
     order by 3 desc, 2`,
  );
  const of = <Name extends string>(kind: string): { name: Name; count: number }[] =>
    rows.filter((row) => row.of === kind).map(({ name, count }) => ({ name: name as Name, count }));
  return {
    sources: of('source'),
    cameras: of('camera'),
    categories: of<Category>('category'),
    states: of<PictureState>('state'),
    tags: of('tag'),
  };
}
