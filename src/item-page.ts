// One item, and why what is said of it can be believed: when it came and from whom, what seals it, who held it, what its
// metadata says by two readers, what it is like, and every record that is about it.
import type { ItemPage } from './case/work-views.ts';
import { Fault } from './case/fault.ts';
import { readNumbers } from './individual-page.ts';
import { readRegions } from './group/marks.ts';
import type { OpenCase } from './log/case.ts';
import { readCustody } from './seal/queries.ts';
import { tilesOf } from './timeline.ts';

interface Sealed {
  handle: string;
  id: string;
  position: number;
  sha256: string;
  size: number;
  accession: string;
  destroyed: number | null;
}

/** `now`: until when custody is told (RFC 3339). Throws Fault('usage') where there is no such item. */
export async function readItem(opened: OpenCase, handle: string, now: string): Promise<ItemPage> {
  const { pool } = opened.index;
  const { rows } = await pool.query<Sealed>(
    'select handle, id, position, sha256, size, accession, destroyed from item where handle = $1',
    [handle],
  );
  const sealed = rows[0];
  if (sealed === undefined) {
    throw new Fault('usage', {
      what: 'There is no such item.',
      expected: 'a handle of this case, as E-00012',
      got: handle,
      next: 'dalil items',
    });
  }
  const list = async <T extends object>(sql: string, ...values: unknown[]): Promise<T[]> =>
    (await pool.query<T & Record<string, unknown>>(sql, values)).rows;
  const { position } = sealed;
  const [
    tile,
    looks,
    received,
    destroyed,
    tokens,
    witnesses,
    fixity,
    custody,
    metadata,
    problems,
    likeness,
    history,
    tags,
  ] = await Promise.all([
    tilesOf(pool, [handle]),
    list<{ format: string; width: number | null; height: number | null }>(
      'select format, width, height from description where item = $1',
      handle,
    ),
    list<ItemPage['received'][number]>(
      `select t.path, t.state, t.accession, a.source, t.modified, t.position as record
         from receipt t join accession a on a.handle = t.accession where t.item = $1 order by t.position`,
      handle,
    ),
    list<NonNullable<ItemPage['destroyed']>>(
      'select reason, at, position as record from deaccession where position = $1',
      sealed.destroyed,
    ),
    // The earliest outside word over this record: the first checkpoint of each authority that holds it.
    list<ItemPage['seal']['tokens'][number]>(
      `select distinct on (authority) authority, gen_time as time, size, position as record from token
         where size > $1 order by authority, size`,
      position,
    ),
    list<ItemPage['seal']['witnesses'][number]>(
      `select distinct on (witness) witness, time, size from cosignature where size > $1 order by witness, size`,
      position,
    ),
    list<NonNullable<ItemPage['fixity']>>(
      'select state, at, position as record from item_fixity where number = $1',
      Number(handle.slice(2)),
    ),
    readCustody(opened, now),
    list<ItemPage['metadata'][number]>(
      `select v.name, v.first, v.second from description d left join metadata m on m.item = d.item
           cross join lateral (values ('taken', d.taken, m.original), ('make', d.make, m.make), ('model', d.model, m.model),
             ('serial', d.serial, m.serial), ('software', d.software, m.software),
             ('counter', d.counter::text, coalesce(m.image_number, m.shutter_count, m.file_number)::text),
             ('latitude', d.latitude::text, m.latitude::text), ('longitude', d.longitude::text, m.longitude::text),
             ('modified', null, m.modified)) v(name, first, second)
         where d.item = $1 and (v.first is not null or v.second is not null)`,
      handle,
    ),
    list<ItemPage['problems'][number]>(
      'select code, message, position as record from item_problem where item = $1 order by position, code',
      handle,
    ),
    list<ItemPage['likeness'][number]>(
      `select of as item, distance, basis, 'original' as direction, position as record from near where item = $1
         union all select item, distance, basis, 'copy', position from near where of = $1 order by item limit 100`,
      handle,
    ),
    list<ItemPage['history'][number]>(
      `select r.position, r.kind, r.at, r.actor as by from about a join record r on r.position = a.position
         where a.item = $1 order by r.position`,
      handle,
    ),
    list<ItemPage['tags'][number]>(
      `select g.tag, r.actor as by, r.at, g.position as record from tag g join record r on r.position = g.position
         where g.item = $1 order by g.tag`,
      handle,
    ),
  ]);
  const checkpoint = opened.log.checkpoint!;
  const own = custody.find(({ accession }) => accession === sealed.accession);
  const covers = new Set(['case', sealed.accession, handle]);
  const { format = null, width = null, height = null } = looks[0] ?? {};
  return {
    tile: tile[0] ?? null,
    item: handle,
    sha256: sealed.sha256,
    size: sealed.size,
    format,
    width,
    height,
    record: position,
    id: sealed.id,
    received,
    destroyed: destroyed[0] ?? null,
    seal: { size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('base64'), tokens, witnesses },
    fixity: fixity[0] ?? null,
    custody: (own?.lines ?? [])
      .filter(
        (line) => line.event === 'claimed' || line.covers.length === 0 || line.covers.some((one) => covers.has(one)),
      )
      .map(({ record, event, holder, from, to, by }) => ({ record, event, holder, from, to, by })),
    gaps: (own?.gaps ?? []).map(({ kind, from, to }) => ({ kind, from, to })),
    metadata,
    problems,
    likeness,
    numbers: await readNumbers(opened, [handle]),
    regions: await readRegions(opened, handle),
    tags,
    history,
  };
}
