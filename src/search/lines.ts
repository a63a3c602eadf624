// What is said of a thing in short: its handle, paths, metadata, numbers, notes. Read from the rows of the stages, by the
// projection to make a thing findable and by a search to say why it was found, so that both know the same.
import type pg from 'pg';
import { recordingFormats } from '../describe/media-set.ts';
import { documentFormats } from '../describe/document-set.ts';

/** What can be found. A picture, recording, document or file is an item by its content; a source is a delivery by its pseudonym. */
export const thingKinds = ['picture', 'recording', 'document', 'file', 'individual', 'source'] as const;
export type ThingKind = (typeof thingKinds)[number];

/** Where a word can stand. `claim`: what a table of another tool says of a file. `properties`: what a document says of itself. */
export const searchFields = [
  'handle',
  'number',
  'key',
  'source',
  'path',
  'metadata',
  'subject',
  'properties',
  'attachment',
  'note',
  'claim',
  'text',
] as const;
export type SearchField = (typeof searchFields)[number];

/**
 * How a number is known: a person said it; the rules of the case read it in a path; a machine read it in the picture, and no
 * person has said of that role what it is; or one has, and said another.
 */
export const numberStates = ['accepted', 'rule', 'read', 'overruled'] as const;
export type NumberState = (typeof numberStates)[number];

export interface Line {
  field: SearchField;
  /** The role of a number, the name of a value of metadata; else null. */
  name: string | null;
  body: string;
  /** Position of the record that says it. */
  record: number;
  state: NumberState | null;
  /** That a number which was read is right. */
  probability: number | null;
}

export interface Thing {
  handle: string;
  kind: ThingKind;
  /** Position in the log by which it is new or old. */
  place: number;
  sources: string[];
  category: string | null;
  destroyed: boolean;
  lines: Line[];
}

/** Paths of exact duplicates, and notes, that are looked at for one thing. */
const mostLines = 200;

const order = `order by thing, field, record, name, body`;

const itemLines = `
  select thing, field, name, body, record, state, probability from (
    select item as thing, 'path' as field, null as name, path as body, position as record, null as state, null::float8 as probability
      from receipt where item = any($1)
    union all
    select m.item, 'metadata', v.name, v.value, m.position, null, null from metadata m cross join lateral (values
        ('taken', coalesce(m.original, m.digitised)), ('make', m.make), ('model', m.model), ('serial', m.serial),
        ('lens', m.lens), ('lens serial', m.lens_serial), ('firmware', m.firmware), ('software', m.software),
        ('unique id', m.unique_id), ('document id', m.document_id), ('original document id', m.original_document_id),
        ('image number', m.image_number::text), ('file number', m.file_number::text), ('shutter count', m.shutter_count::text))
        v(name, value) where m.item = any($1) and v.value <> ''
    union all
    select item, 'subject', null, subject, position, null, null from document where item = any($1) and subject <> ''
    union all
    select n.item, 'number', n.role, n.value, c.position,
        case when s.item is not null and s.value is distinct from n.value then 'overruled' else 'read' end, n.probability
      from card_reading n join card c on c.item = n.item left join settlement s on s.item = n.item and s.role = n.role
      where n.item = any($1)
    union all
    select item, 'number', role, value, position, 'accepted', null from settlement where item = any($1) and value is not null
    union all
    select distinct r.item, 'number', e->>'role', e->>'value', r.position, 'rule', null::float8
      from reading r cross join lateral jsonb_array_elements(r.identifiers) e where r.item = any($1)
    union all
    select item, 'note', null, why, position, null, null from category_decision where item = any($1) and why <> ''
    union all
    select item, 'note', null, why, position, null, null from placement where item = any($1) and why <> '') l ${order}`;

const individualLines = `
  select thing, field, name, body, record, state, probability from (
    select v.handle as thing, 'key' as field, k.key as name, k.value as body, v.position as record, null as state, null::float8 as probability
      from individual v cross join lateral jsonb_each_text(v.key) k where v.handle = any($1)
    union all
    select t.thing, 'note', null, m.why, m.position, null, null from merge m cross join lateral (values (m.source), (m.target)) t(thing)
      where t.thing = any($1) and (m.source = any($1) or m.target = any($1)) and m.why <> '') l ${order}`;

interface Said extends Line {
  thing: string;
}

/** Things by their handles, with what is said of them; handles that there are not are left out. */
export async function readThings(client: pg.ClientBase | pg.Pool, handles: readonly string[]): Promise<Thing[]> {
  const of = (letter: string): string[] => handles.filter((handle) => handle.startsWith(`${letter}-`));
  const ask = async <T extends object>(sql: string, values: unknown[]): Promise<T[]> =>
    (await (client as pg.Pool).query<T & Record<string, unknown>>(sql, values)).rows;
  const things: Thing[] = [];
  const lines = new Map<string, Line[]>();
  const gather = (said: readonly Said[]): void => {
    for (const { thing, ...line } of said) {
      const own = lines.get(thing);
      if (own === undefined) lines.set(thing, [line]);
      else if (own.length < mostLines) own.push(line);
    }
  };
  const items = of('E');
  if (items.length > 0) {
    things.push(
      ...(
        await ask<Omit<Thing, 'lines'>>(
          `select i.handle, i.position as place, i.destroyed is not null as destroyed,
           case when d.format like 'image/%' then 'picture' when d.format ~ $2 then 'recording' when d.format ~ $3 then 'document'
             else 'file' end as kind,
           array(select distinct a.source collate "C" from receipt x join accession a on a.handle = x.accession
             where x.item = i.handle order by 1) as sources,
           case when d.format like 'image/%' then coalesce(c.category, r.category, 'unreviewed') end as category
         from item i left join description d on d.item = i.handle left join reading r on r.item = i.handle
           left join category_decision c on c.item = i.handle
         where i.handle = any($1)`,
          [items, recordingFormats, documentFormats],
        )
      ).map((thing) => ({ ...thing, lines: [] })),
    );
    gather(await ask<Said>(itemLines, [items]));
  }
  const individuals = of('I');
  if (individuals.length > 0) {
    things.push(
      ...(
        await ask<Pick<Thing, 'handle' | 'place'>>(
          'select handle, position as place from individual where handle = any($1)',
          [individuals],
        )
      ).map((one): Thing => ({ ...one, kind: 'individual', sources: [], category: null, destroyed: false, lines: [] })),
    );
    gather(await ask<Said>(individualLines, [individuals]));
  }
  const deliveries = of('A');
  if (deliveries.length > 0) {
    for (const { handle, place, source } of await ask<{ handle: string; place: number; source: string }>(
      'select handle, position as place, source from accession where handle = any($1)',
      [deliveries],
    )) {
      things.push({ handle, kind: 'source', place, sources: [source], category: null, destroyed: false, lines: [] });
      gather([
        { thing: handle, field: 'source', name: null, body: source, record: place, state: null, probability: null },
      ]);
    }
  }
  return things.map((thing) => ({
    ...thing,
    lines: [
      { field: 'handle', name: null, body: thing.handle, record: thing.place, state: null, probability: null },
      // Of what was destroyed it is said where it lay, and nothing of what was in it.
      ...(lines.get(thing.handle) ?? []).filter(({ field }) => !thing.destroyed || field === 'path'),
    ],
  }));
}
