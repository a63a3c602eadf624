// Cameras as the pictures name them: bodies, their counters and clocks, and what their files look like. Every value was
// written by whoever held the file; agreement is "consistent with", never "is". Counters by DCF 2.0 (JEITA CP-3461B).
import { dcf } from '@dalil/statistics';
import type pg from 'pg';
import type { Body, BodyDay, BodyName, Cameras, Gap, Look, SatelliteClock } from '../case/authenticity.ts';

const longestAtMost = 5;

/** Eight characters of which the last four are digits (DCF), but for 0000; of any of an item's paths. */
const dcfName = String.raw`(?:^|/)[A-Z0-9_]{4}([0-9]{4})\.[A-Z0-9]{2,4}$`;

/**
 * The numbered exposures of every body in the order of its clock, by the counter of `shot`, or by the names of files where
 * more pictures have one. The number of a file starts again after 9999, and is run on.
 */
const numbered = `
  named as (
    select s.body, s.item, i.position, s.make, s.model, s.serial, left(s.taken, 23) as taken,
      s.numbering, s.counter,
      (select min((m)[1]::int) from receipt c cross join lateral regexp_match(c.path, $1, 'i') m
        where c.item = s.item and (m)[1] <> '0000') as name
    from shot s join item i on i.handle = s.item where s.body is not null),
  body as (
    select body, min(make) as make, min(model) as model, min(serial) as serial, count(*) as pictures, count(taken) as timed,
      min(taken) as first, max(taken) as last,
      case when count(name) > count(counter) then 'file name' else min(numbering) end as numbering
    from named group by body),
  counted as (
    select n.body, n.taken, n.item, n.position, b.numbering in ('file number', 'file name') as wraps,
      case b.numbering when 'file name' then name else counter end as counter
    from named n join body b on b.body = n.body where n.taken is not null),
  exposure as (
    select body, taken, wraps, counter, count(*) as copies, (array_agg(item order by position))[1] as item
    from counted where counter is not null group by body, taken, wraps, counter),
  step as (
    select *, counter - lag(counter) over clock as change from exposure window clock as (partition by body order by taken, counter)),
  numbered as (
    select body, taken, copies, item, counter + case when wraps then $3 * sum(case
      when change < -$2::int then 1 when change > $2::int then -1 else 0 end) over clock else 0 end as number
    from step window clock as (partition by body order by taken, counter)),
  falling as (
    select *, number < lag(number) over (partition by body order by taken, number) as falls from numbered),
  distinct_number as (
    select body, number, count(*) as exposures, (array_agg(item order by taken, item))[1] as item, min(taken) as taken
    from numbered group by body, number),
  following as (
    select *, lead(number) over by_number as next, lead(item) over by_number as next_item, lead(taken) over by_number as next_taken
    from distinct_number window by_number as (partition by body order by number))`;

const values = [dcfName, dcf.drop, dcf.modulus];

/** Reads what the sealed pictures say of their cameras: all of it in SQL, bodies with most pictures first. */
export async function readCameras(index: Pick<pg.Pool, 'query'>): Promise<Cameras> {
  const bodies = await index.query<Omit<Body, 'longest'>>(
    `with ${numbered}
     select b.*, coalesce(e.exposures, 0) as exposures, coalesce(e.copies, 0) as copies, coalesce(e.backwards, 0) as backwards,
       coalesce(f.numbers, 0) as numbers, f."from", f."to", coalesce(f.missing, 0) as missing, coalesce(f.gaps, 0) as gaps, coalesce(f.twice, 0) as twice
     from body b
     left join (select body, count(*) as exposures, sum(copies - 1)::int as copies, count(*) filter (where falls) as backwards
       from falling group by body) e on e.body = b.body
     left join (select body, count(*) as numbers, min(number)::bigint as "from", max(number)::bigint as "to",
       coalesce(sum(next - number - 1), 0)::bigint as missing, count(*) filter (where next - number > 1) as gaps,
       count(*) filter (where exposures > 1) as twice from following group by body) f on f.body = b.body
     order by b.pictures desc, b.body`,
    values,
  );
  const gaps = await index.query<Gap & { body: string }>(
    `with ${numbered}
     select body, json_build_object('item', item, 'number', number, 'taken', taken) as before,
       json_build_object('item', next_item, 'number', next, 'taken', next_taken) as after, (next - number - 1)::bigint as missing
     from (select *, row_number() over (partition by body order by next - number desc, number) as place
       from following where next - number > 1) ranked where place <= ${longestAtMost} order by body, place`,
    values,
  );
  const days = await index.query<Omit<BodyDay, 'body'> & { body: string }>(
    `with ${numbered}, daily as (
       select body, left(taken, 10) as day, number, count(*) as exposures,
         number - lag(number) over (partition by body, left(taken, 10) order by number) - 1 as missing
       from numbered group by body, day, number)
     select body, day, sum(exposures)::int as exposures, min(number)::bigint as "from", max(number)::bigint as "to",
       coalesce(sum(missing), 0)::bigint as missing
     from daily group by body, day order by body, day`,
    values,
  );
  const looks = await index.query<Look>(
    `select s.make, s.model, sum(count(*)) over (partition by s.make, s.model)::int as of, e.signature, s.software,
       count(*) as pictures, count(distinct s.serial) as bodies
     from shot s join encoding e on e.item = s.item where s.body is not null and e.signature is not null
     group by s.make, s.model, e.signature, s.software
     order by coalesce(s.make, ''), coalesce(s.model, ''), count(*) desc, e.signature, coalesce(s.software, '')`,
  );
  const sums = await index.query<Pick<Cameras, 'pictures' | 'named' | 'serial' | 'located' | 'rewritten'>>(
    `select count(*) as pictures, count(s.body) as named, count(s.serial) filter (where s.body is not null) as serial,
       count(s.latitude) as located, count(*) filter (where s.body is not null and left(s.modified, 19) > left(s.taken, 19)) as rewritten
     from shot s`,
  );
  const thumbnails = await index.query<Cameras['thumbnails']>(
    `select count(*) as held, count(*) filter (where m.verdict = 'agrees') as same, count(*) filter (where m.verdict = 'differs') as differs,
       count(*) filter (where m.verdict = 'undecided') as undecided, count(*) filter (where m.item is null) as waiting
     from shot s join encoding e on e.item = s.item and e.embedded left join embedded m on m.item = s.item`,
  );
  const longest = new Map<string, Gap[]>();
  for (const { body, ...gap } of gaps.rows) longest.set(body, [...(longest.get(body) ?? []), gap]);
  const names = new Map(bodies.rows.map(({ body, make, model, serial }) => [body, { make, model, serial }]));
  return {
    ...sums.rows[0]!,
    bodies: bodies.rows.map((body) => ({ ...body, longest: longest.get(body.body) ?? [] })),
    days: days.rows.map(({ body, ...day }) => ({ body: names.get(body)!, ...day })),
    looks: looks.rows,
    thumbnails: thumbnails.rows[0]!,
    satelliteClocks: await readSatelliteClocks(index),
  };
}

/**
 * Each body's clock against the time that its own pictures state by satellite. A time that states its zone is held in
 * UTC; one that does not keeps its zone in the difference, so the two are never put together.
 */
async function readSatelliteClocks(index: Pick<pg.Pool, 'query'>): Promise<SatelliteClock[]> {
  const { rows } = await index.query<
    Omit<SatelliteClock, 'middle' | 'range'> & { quarter: number; three: number; least: number; most: number }
  >(
    // A cast beside its guard: the planner may move conditions, and no file shall end the query.
    `with said as (
       select s.body, s.make, s.model, s.serial, s.zone is not null as zoned,
         left(s.taken, 23) || coalesce(s.zone, 'Z') as clock, left(s.gps_time, 23) || 'Z' as gps
       from shot s where s.body is not null and s.taken is not null),
     apart as (
       select *, case when length(gps) >= 20 and pg_input_is_valid(clock, 'timestamptz') and pg_input_is_valid(gps, 'timestamptz')
         then extract(epoch from clock::timestamptz - gps::timestamptz)::float8 end as seconds from said)
     select min(make) as make, min(model) as model, min(serial) as serial, zoned, count(seconds) as pictures,
       sum(count(*)) over (partition by body)::int as of,
       percentile_disc(0.5) within group (order by seconds) as seconds, percentile_disc(0.25) within group (order by seconds) as quarter,
       percentile_disc(0.75) within group (order by seconds) as three, min(seconds) as least, max(seconds) as most
     from apart group by body, zoned order by body, zoned`,
  );
  return rows
    .filter(({ pictures }) => pictures > 0)
    .map(({ quarter, three, least, most, ...clock }) => ({ ...clock, middle: [quarter, three], range: [least, most] }));
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
       select i.position, i.path, s.item, s.make, s.model, s.serial, s.software, e.signature,
         count(*) over (partition by s.make, s.model, e.signature, s.software) - 1 as others, count(*) over (partition by s.make, s.model) as of
       from shot s join encoding e on e.item = s.item join item i on i.handle = s.item
       where s.body is not null and e.signature is not null),
     usual as (
       select *, first_value(signature || chr(10) || coalesce(software, '')) over (partition by make, model
         order by others desc, signature, coalesce(software, '')) as usual from look)
     select item, path, make, model, serial, software, others, of from usual
     where signature || chr(10) || coalesce(software, '') <> usual order by position`,
  );
  return rows;
}

/** A picture whose embedded thumbnail was not found in it, or of which that cannot be told. */
export interface ThumbnailQuestion {
  item: string;
  path: string;
  verdict: 'differs' | 'undecided';
  /** Correlation of the two, where they were aligned. */
  score: number | null;
}

/** What a person may want to look at, in the order received: what differs first. */
export async function listThumbnailQuestions(index: Pick<pg.Pool, 'query'>): Promise<ThumbnailQuestion[]> {
  const { rows } = await index.query<ThumbnailQuestion>(
    `select m.item, i.path, m.verdict, m.score from embedded m join item i on i.handle = m.item
     where m.verdict <> 'agrees' order by m.verdict, i.position`,
  );
  return rows;
}
