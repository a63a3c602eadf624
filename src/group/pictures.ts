// What grouping knows of each picture, read from the rows of all stages, with what people have decided in force.
import type { OpenCase } from '../log/case.ts';
import type { Assignable, Known } from './assign.ts';
import { listLinks } from './near-queries.ts';
import type { PictureLink } from './near-records.ts';
import { keyText } from './project.ts';

/** A target is a handle (I-0001), or the text of a key that has none yet. */
export const isHandle = (target: string): boolean => target.startsWith('I-');

interface Row {
  item: string;
  id: string;
  position: number;
  cluster: string;
  body: string | null;
  serial: string | null;
  taken: string | null;
  counter: number | null;
  key: string | null;
  placed: boolean;
  placement: string | null;
  readings: { n: number; role: string; value: string; probability: number; alternatives: Alternative[] }[] | null;
  settled: { role: string; value: string | null }[] | null;
}
type Alternative = { value: string; probability: number };

export interface Pictures {
  pictures: Assignable[];
  known: Known;
  /** What people said of pairs. */
  links: PictureLink[];
  keyOfTarget(target: string): Record<string, string>;
}

/** Pictures that may show a detainee: of that category, or of none yet, by people first and the rules of the case then. */
export async function readPictures({ index }: OpenCase, keyRoles: readonly string[]): Promise<Pictures> {
  const { rows: individuals } = await index.pool.query<{ handle: string; key: Record<string, string>; apart: boolean }>(
    `select v.handle, v.key, p.handle is not null as apart from individual v left join apart p on p.handle = v.handle
     union all select p.handle, p.key, true from apart p where not exists (select from individual v where v.handle = p.handle)
     order by handle`,
  );
  const { rows: merges } = await index.pool.query<{ source: string; target: string }>(
    "select source, target from merge where state = 'merged'",
  );
  const resolve = aliases(merges);
  const keys = new Map(individuals.map(({ handle, key }) => [handle, key]));
  const handles = new Map(individuals.filter(({ apart }) => !apart).map(({ handle, key }) => [keyText(key), handle]));
  const targetOfKey = (text: string): string => {
    const handle = handles.get(text);
    return handle === undefined ? text : resolve(handle);
  };
  const keyOfTarget = (target: string): Record<string, string> =>
    keys.get(target) ?? (isHandle(target) ? {} : Object.fromEntries(JSON.parse(target) as [string, string][]));
  const { rows } = await index.pool.query<Row>(
    `select i.handle as item, i.id, i.position, coalesce(n.of, i.handle) as cluster, s.body, s.serial, s.taken, s.counter, r.key,
       p.item is not null as placed, p.individual as placement,
       (select json_agg(json_build_object('n', c.n, 'role', c.role, 'value', c.value, 'probability', c.probability,
          'alternatives', c.alternatives) order by c.n) from card_reading c where c.item = i.handle and c.role is not null) as readings,
       (select json_agg(json_build_object('role', t.role, 'value', t.value) order by t.role) from settlement t
          where t.item = i.handle) as settled
     from shot s join item i on i.handle = s.item join reading r on r.item = s.item left join near n on n.item = s.item
       left join placement p on p.item = s.item left join category_decision c on c.item = s.item
     where coalesce(c.category, r.category) in ('detainee', 'unreviewed')
     order by i.position`,
  );
  const numberOf = (target: string | null): string | null =>
    target === null ? null : (keyOfTarget(target)['detainee-number'] ?? null);
  const pictures = rows.map((row): Assignable => {
    const { item, id, position, cluster, body, serial, taken, counter, key, placed, placement } = row;
    const target = placed ? (placement === null ? null : resolve(placement)) : key === null ? null : targetOfKey(key);
    return {
      item,
      id,
      position,
      cluster,
      body,
      serial: serial !== null,
      taken: taken === null ? null : secondsOf(taken),
      counter,
      target,
      number: numberOf(target),
      by: target === null ? null : placed ? 'placed' : 'path',
      readings: (row.readings ?? []).map(({ n, role, value, probability, alternatives }) => ({
        n,
        role,
        values: [{ value, probability }, ...alternatives],
      })),
      settled: row.settled ?? [],
      excluded: placed && placement === null,
    };
  });
  const links = (await listLinks(index.pool)).map(({ a, b, link }) => ({ a, b, link }));
  return { pictures, links, known: { keyRoles, targetOf: (key) => targetOfKey(keyText(key)) }, keyOfTarget };
}

/** Follows merges to the individual that is in force. */
export function aliases(merges: readonly { source: string; target: string }[]): (handle: string) => string {
  const next = new Map(merges.map(({ source, target }) => [source, target]));
  return (handle) => {
    let at = handle;
    for (let step = 0; step <= next.size && next.has(at); step++) at = next.get(at)!;
    return at;
  };
}

/** Local time as the camera wrote it, as seconds on one scale: only differences mean anything. Null where it is no time. */
function secondsOf(taken: string): number | null {
  const ms = Date.parse(`${taken.slice(0, 19)}Z`);
  return Number.isNaN(ms) ? null : ms / 1000;
}
