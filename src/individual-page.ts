// One individual with everything its screen shows: its pictures as tiles, its numbers with their readings, why each picture
// is there, and what people have decided about it.
import { createHash } from 'node:crypto';
import type { IndividualPage, NumberView } from './case/work-views.ts';
import { whyMembers } from './group/why.ts';
import type { OpenCase } from './log/case.ts';
import { tilesOf } from './timeline.ts';

/** Throws Fault('usage') where there is no such individual. */
export async function readIndividual(opened: OpenCase, handle: string): Promise<IndividualPage> {
  const { pool } = opened.index;
  const whys = await whyMembers(opened, handle);
  const items = whys.map(({ item }) => item);
  const [tiles, numbers, standing, decided] = await Promise.all([
    tilesOf(pool, items),
    readNumbers(opened, items),
    pool.query<{ key: Record<string, string>; rule: string; position: number; into: string | null; others: string[] }>(
      `select v.key, v.rule, v.position,
         (select target from merge where source = v.handle and state = 'merged') as into,
         array(select source from merge where target = v.handle and state = 'merged' order by source) as others
       from individual v where v.handle = $1`,
      [handle],
    ),
    readDecided(opened, handle, items),
  ]);
  const tileOf = new Map(tiles.map((tile) => [tile.item, tile]));
  const { key, rule, position, into, others } = standing.rows[0]!;
  return {
    id: handle,
    key,
    rule,
    record: position,
    state: stateOf(
      position,
      items,
      decided.map((one) => one.position),
    ),
    mergedInto: into,
    others,
    members: whys.flatMap(({ item, path, provisional, reasons }) => {
      const tile = tileOf.get(item);
      if (tile === undefined) return [];
      const told = reasons.map(({ records, ...reason }) => ({
        ...reason,
        records: records.map((one) => one.position),
      }));
      return [{ ...tile, path, provisional, reasons: told }];
    }),
    numbers,
    decided,
  };
}

function stateOf(position: number, items: readonly string[], decided: readonly number[]): string {
  return createHash('sha256')
    .update(JSON.stringify([position, items, decided]))
    .digest('base64url')
    .slice(0, 16);
}

/** The state alone: what an act compares under its turn. Null where there is no such individual. */
export async function individualState(opened: OpenCase, handle: string): Promise<string | null> {
  const { rows } = await opened.index.pool.query<{ position: number; items: string[] }>(
    `select v.position, array(select m.item from member m join item i on i.handle = m.item
       where m.individual = v.handle order by i.position) as items from individual v where v.handle = $1`,
    [handle],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const decided = await readDecided(opened, handle, row.items);
  return stateOf(
    row.position,
    row.items,
    decided.map(({ position }) => position),
  );
}

/** Numbers read in these pictures or said of them, what people say first. */
export async function readNumbers({ index }: OpenCase, items: readonly string[]): Promise<NumberView[]> {
  const { rows } = await index.pool.query<NumberView>(
    `select null as crop, s.item, s.role, s.value, null::float8 as probability, r.actor as by
       from settlement s join record r on r.position = s.position where s.item = any($1)
     union all
     select c.item || '.' || c.n, c.item, c.role, c.value, c.probability, null from card_reading c where c.item = any($1)
     order by by nulls last, item, crop`,
    [items],
  );
  return rows;
}

async function readDecided(
  { index }: OpenCase,
  handle: string,
  items: readonly string[],
): Promise<IndividualPage['decided']> {
  const { rows } = await index.pool.query<IndividualPage['decided'][number]>(
    `select d.kind, d.said, r.actor as by, r.at, d.position, d.why from (
       select m.state as kind, m.source || ' → ' || m.target as said, m.position, m.why from merge m
         where $1 in (m.source, m.target)
       union all select 'split', a.source || ' → ' || a.handle, a.position, '' from apart a
         where $1 in (a.source, a.handle)
       union all select 'moved', p.item || ' → ' || coalesce(p.individual, '–'), p.position, p.why from placement p
         where p.item = any($2) or p.individual = $1) d
     join record r on r.position = d.position order by d.position desc`,
    [handle, items],
  );
  return rows;
}
