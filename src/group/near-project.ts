// Likeness's rows: what is a near-duplicate of what, the searches, what people linked or cut; and the index by which the
// database finds hashes near to one without reading all.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { linkRecord, nearRecord, searchRecord, type NearAlignment } from './near-records.ts';

export const nearKinds = ['group.near', 'group.search', 'group.link'];

/**
 * `pdq_bands`: the sixteen 16-bit bands of a hash, each with its place, as `bandKeys` of packages/imaging numbers them.
 * `description` is describe's table, made before these.
 */
export const nearTables = `
  create table near (item text primary key, position bigint not null, of text not null, distance int not null,
    basis text not null, changes jsonb not null, turn text not null, scale float8, alignment jsonb, direction text);
  create index on near (of);
  create table search (position bigint primary key, rule text not null, through bigint not null, pictures int not null,
    hashed int not null, pairs int not null, aligned int not null, confirmed int not null, remaining int not null);
  create table link (a text not null, b text not null, position bigint not null, link text not null, why text not null,
    primary key (a, b));
  create function pdq_bands(hash text) returns int[] immutable strict parallel safe language sql as $$
    select array_agg((band << 16) | ('x' || substr(hash, (band >> 1) * 8 + case band & 1 when 0 then 5 else 1 end, 4))::bit(16)::int)
    from generate_series(0, 15) as band $$;
  create index description_bands on description using gin (pdq_bands(pdq)) where pdq_quality >= 50;
`;

/** Rows of the records of likeness in a batch. `itemOf`: id of an item's record to its handle. */
export async function projectNear(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  itemOf: ReadonlyMap<string, string>,
): Promise<void> {
  const handles = (ref: string | string[] | undefined): string[] =>
    [ref ?? []].flat().flatMap((id) => itemOf.get(id) ?? []);
  const latest = new Map<string, LoggedRecord>();
  const links = new Map<string, Record<string, unknown>>();
  const searches: Record<string, unknown>[] = [];
  for (const record of records) {
    const { kind, refs, fields, position } = record;
    const [item] = handles(refs['item']);
    if (kind === 'group.near' && item !== undefined) latest.set(item, record);
    if (kind === 'group.search') {
      const { left, ...said } = searchRecord.parse(fields);
      searches.push({ position, ...said, remaining: left });
    }
    if (kind === 'group.link') {
      const [a, b] = handles(refs['items']).toSorted();
      if (a !== undefined && b !== undefined) links.set(`${a} ${b}`, { a, b, position, ...linkRecord.parse(fields) });
    }
  }
  await client.query('delete from near where item = any($1)', [[...latest.keys()]]);
  await insertRows(
    client,
    'near',
    {
      item: 'text',
      position: 'bigint',
      of: 'text',
      distance: 'int',
      basis: 'text',
      changes: 'jsonb',
      turn: 'text',
      scale: 'float8',
      alignment: 'jsonb',
      direction: 'text',
    },
    [...latest].flatMap(([item, { refs, fields, position }]) => {
      const [of] = handles(refs['of']);
      if (of === undefined) return [];
      const { distance, basis, changes, turn, scale, alignment, direction } = nearRecord.parse(fields);
      const said = { basis: basis ?? 'hash', changes: changes ?? [], turn: turn ?? 'original' };
      return [{ item, position, of, distance, ...said, scale, alignment, direction }];
    }),
  );
  await insertRows(
    client,
    'search',
    {
      position: 'bigint',
      rule: 'text',
      through: 'bigint',
      pictures: 'int',
      hashed: 'int',
      pairs: 'int',
      aligned: 'int',
      confirmed: 'int',
      remaining: 'int',
    },
    searches,
  );
  const pairs = [...links.values()];
  await client.query('delete from link where (a, b) in (select * from unnest($1::text[], $2::text[]))', [
    pairs.map(({ a }) => a),
    pairs.map(({ b }) => b),
  ]);
  await insertRows(
    client,
    'link',
    { a: 'text', b: 'text', position: 'bigint', link: 'text', why: 'text' },
    pairs.filter(({ link }) => link !== 'open'),
  );
}

/** Likeness's tables, as queries see them. */
export interface NearTables {
  near: {
    item: string;
    position: number;
    of: string;
    distance: number;
    basis: string;
    changes: string[];
    turn: string;
    scale: number | null;
    alignment: NearAlignment | null;
    direction: string | null;
  };
  search: {
    position: number;
    rule: string;
    through: number;
    pictures: number;
    hashed: number;
    pairs: number;
    aligned: number;
    confirmed: number;
    remaining: number;
  };
  /** Pairs that a person linked or cut, a < b. */
  link: { a: string; b: string; position: number; link: 'must' | 'cannot'; why: string };
}
