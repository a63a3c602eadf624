// Cameras as the pictures name them: bodies, their counters and clocks, and what their files look like. Every value was
// written by whoever held the file; agreement is "consistent with", never "is". Counters by DCF 2.0 (JEITA CP-3461B).
import { dcf } from '@dalil/statistics';
import type pg from 'pg';
import type { Body, BodyDay, BodyName, Cameras, Gap, Look } from '../case/authenticity.ts';

const longestAtMost = 5;

/** Eight characters of which the last four are digits (DCF), but for 0000; of any of an item's paths. */
const dcfName = String.raw`(?:^|/)[A-Z0-9_]{4}([0-9]{4})\.[A-Z0-9]{2,4}$`;

/** The numbered exposures of every body in the order of its clock, unwrapped. */
const numbered = `
  named as (
    select d.item, i.position, d.make, d.model, d.serial, left(d.taken, 23) as taken, d.software, d.counter as counted,
      (select min((m)[1]::int) from receipt c cross join lateral regexp_match(c.path, $1, 'i') m
        where c.item = d.item and (m)[1] <> '0000') as named
    from description d join item i on i.handle = d.item
    where d.format like 'image/%' and (d.make is not null or d.model is not null)),
  body as (
    select make, model, serial, count(*) as pictures, count(taken) as timed, min(taken) as first, max(taken) as last,
      case when count(counted) = 0 and count(named) = 0 then null when count(counted) >= count(named) then 'metadata' else 'file name' end as numbering
    from named group by make, model, serial),
  exposure as (
    select n.make, n.model, n.serial, n.taken, numbering, count(*) as copies,
      case numbering when 'metadata' then n.counted else n.named end as counter,
      (array_agg(n.item order by n.position))[1] as item
    from named n join body b on (n.make, n.model, n.serial) is not distinct from (b.make, b.model, b.serial)
    where n.taken is not null and case numbering when 'metadata' then n.counted else n.named end is not null
    group by n.make, n.model, n.serial, n.taken, numbering, counter),
  step as (
    select *, counter - lag(counter) over clock as change from exposure
    window clock as (partition by make, model, serial order by taken, counter)),
  numbered as (
    select make, model, serial, taken, copies, item, counter + case numbering when 'metadata' then 0 else $3 * sum(case
      when change < -$2::int then 1 when change > $2::int then -1 else 0 end) over clock end as number
    from step window clock as (partition by make, model, serial order by taken, counter)),
  falling as (
    select *, number < lag(number) over (partition by make, model, serial order by taken, number) as falls from numbered),
  distinct_number as (
    select make, model, serial, number, count(*) as exposures, (array_agg(item order by taken, item))[1] as item, min(taken) as taken
    from numbered group by make, model, serial, number),
  following as (
    select *, lead(number) over by_number as next, lead(item) over by_number as next_item, lead(taken) over by_number as next_taken
    from distinct_number window by_number as (partition by make, model, serial order by number))`;

const values = [dcfName, dcf.drop, dcf.modulus];
const same = (a: string, b: string) =>
  `(${a}.make, ${a}.model, ${a}.serial) is not distinct from (${b}.make, ${b}.model, ${b}.serial)`;

/** Reads what the sealed pictures say of their cameras: all of it in SQL, bodies with most pictures first. */
export async function readCameras(index: Pick<pg.Pool, 'query'>): Promise<Cameras> {
  const order = `coalesce(make, ''), coalesce(model, ''), coalesce(serial, '')`;
  const bodies = await index.query<Omit<Body, 'longest'>>(
    `with ${numbered}
     select b.*, coalesce(e.exposures, 0) as exposures, coalesce(e.copies, 0) as copies, coalesce(e.backwards, 0) as backwards,
       coalesce(f.numbers, 0) as numbers, f."from", f."to", coalesce(f.missing, 0) as missing, coalesce(f.gaps, 0) as gaps, coalesce(f.twice, 0) as twice
     from body b
     left join (select make, model, serial, count(*) as exposures, sum(copies - 1)::int as copies, count(*) filter (where falls) as backwards
       from falling group by make, model, serial) e on ${same('e', 'b')}
     left join (select make, model, serial, count(*) as numbers, min(number)::int as "from", max(number)::int as "to",
       coalesce(sum(next - number - 1), 0)::int as missing, count(*) filter (where next - number > 1) as gaps,
       count(*) filter (where exposures > 1) as twice from following group by make, model, serial) f on ${same('f', 'b')}
     order by b.pictures desc, ${order.replaceAll(/(make|model|serial)/g, 'b.$1')}`,
    values,
  );
  const gaps = await index.query<BodyName & { before: Gap['before']; after: Gap['after']; missing: number }>(
    `with ${numbered}
     select make, model, serial, json_build_object('item', item, 'number', number, 'taken', taken) as before,
       json_build_object('item', next_item, 'number', next, 'taken', next_taken) as after, (next - number - 1)::int as missing
     from (select *, row_number() over (partition by make, model, serial order by next - number desc, number) as place
       from following where next - number > 1) ranked where place <= ${longestAtMost} order by ${order}, place`,
    values,
  );
  const days = await index.query<BodyName & Omit<BodyDay, 'body'>>(
    `with ${numbered}, daily as (
       select make, model, serial, left(taken, 10) as day, number, count(*) as exposures,
         number - lag(number) over (partition by make, model, serial, left(taken, 10) order by number) - 1 as missing
       from numbered group by make, model, serial, day, number)
     select make, model, serial, day, sum(exposures)::int as exposures, min(number)::int as "from", max(number)::int as "to", coalesce(sum(missing), 0)::int as missing
     from daily group by make, model, serial, day order by ${order}, day`,
    values,
  );
  const looks = await index.query<Look>(
    `select d.make, d.model, sum(count(*)) over (partition by d.make, d.model)::int as of, e.signature, d.software,
       count(*) as pictures, count(distinct d.serial) as bodies
     from description d join encoding e on e.item = d.item
     where d.format like 'image/%' and (d.make is not null or d.model is not null) and e.signature is not null
     group by d.make, d.model, e.signature, d.software
     order by coalesce(d.make, ''), coalesce(d.model, ''), count(*) desc, e.signature, coalesce(d.software, '')`,
  );
  const sums = await index.query<Pick<Cameras, 'pictures' | 'named' | 'serial' | 'located' | 'embedded' | 'rewritten'>>(
    `select count(*) as pictures, count(*) filter (where d.make is not null or d.model is not null) as named, count(d.serial) as serial, count(d.latitude) as located,
       count(*) filter (where e.embedded and (d.make is not null or d.model is not null)) as embedded,
       count(*) filter (where left(e.modified, 19) > left(d.taken, 19)) as rewritten
     from description d left join encoding e on e.item = d.item where d.format like 'image/%'`,
  );
  const longest = new Map<string, Gap[]>();
  for (const row of gaps.rows) {
    const { before, after, missing } = row;
    longest.set(nameOf(row), [...(longest.get(nameOf(row)) ?? []), { before, after, missing }]);
  }
  return {
    ...sums.rows[0]!,
    bodies: bodies.rows.map((body) => ({
      ...body,
      longest: longest.get(nameOf(body)) ?? [],
    })),
    days: days.rows.map(({ make, model, serial, ...day }) => ({ body: { make, model, serial }, ...day })),
    looks: looks.rows,
  };
}

/** A picture that is made otherwise than most pictures of its model. */
export interface OddPicture extends BodyName {
  item: string;
  path: string;
  software: string | null;
  /** Further pictures of the model with its tables and program, of all pictures of the model. */
  others: number;
  of: number;
}

/** The pictures whose tables or program are not the most frequent ones of their model, in the order received. */
export async function listOdd(index: Pick<pg.Pool, 'query'>): Promise<OddPicture[]> {
  const { rows } = await index.query<OddPicture>(
    `with look as (
       select i.position, i.path, d.item, d.make, d.model, d.serial, d.software, e.signature,
         count(*) over (partition by d.make, d.model, e.signature, d.software) - 1 as others, count(*) over (partition by d.make, d.model) as of
       from description d join encoding e on e.item = d.item join item i on i.handle = d.item
       where d.format like 'image/%' and (d.make is not null or d.model is not null) and e.signature is not null),
     usual as (
       select *, first_value(signature || chr(10) || coalesce(software, '')) over (partition by make, model
         order by others desc, signature, coalesce(software, '')) as usual from look)
     select item, path, make, model, serial, software, others, of from usual
     where signature || chr(10) || coalesce(software, '') <> usual order by position`,
  );
  return rows;
}

const nameOf = ({ make, model, serial }: BodyName): string => JSON.stringify([make, model, serial]);
