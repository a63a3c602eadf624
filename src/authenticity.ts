// "One camera, one place, no edits?" answered with what the case has: cameras, clocks and numbers together. It stands
// above the stages because clocks are held against folders and bodies, which only grouping knows.
import type { Authenticity, FolderClock, PairClock } from './case/authenticity.ts';
import { readCameras } from './describe/cameras.ts';
import { readSequences } from './group/read-series.ts';
import type { OpenCase } from './log/case.ts';

/** Everything at once, from the index. */
export async function readAuthenticity(opened: Pick<OpenCase, 'index'>): Promise<Authenticity> {
  const { pool } = opened.index;
  return {
    cameras: await readCameras(pool),
    ...(await readClocks(opened)),
    sequences: await readSequences(pool),
  };
}

/** Clocks against folders' dates and against each other. */
export async function readClocks({
  index,
}: Pick<OpenCase, 'index'>): Promise<Pick<Authenticity, 'folderClocks' | 'pairClocks'>> {
  const folders = await index.pool.query<FolderClock>(
    `with both_dates as (
       select s.body, s.make, s.model, s.serial, left(s.taken, 10)::date - (select min(x->>'value') from jsonb_array_elements(r.identifiers) x
         where x->>'role' = 'folder-date' and x->>'value' ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
           and pg_input_is_valid(x->>'value', 'date'))::date as days
       from shot s join reading r on r.item = s.item where s.taken !~ '^0000' and s.body is not null),
     middle as (
       select body, min(make) as make, min(model) as model, min(serial) as serial, count(days) as pictures,
         percentile_disc(0.5) within group (order by days) as days
       from both_dates where days is not null group by body)
     select m.make, m.model, m.serial, m.pictures, m.days,
       (select count(*) from both_dates b where b.days = m.days and b.body = m.body) as agreeing
     from middle m order by m.body`,
  );
  const pairs = await index.pool.query<PairClock>(
    `with named as (
       select body, json_build_object('make', min(make), 'model', min(model), 'serial', min(serial)) as name
       from shot where body is not null group by body),
     shown as (
       select m.individual, s.body, percentile_disc(0.5) within group (order by left(s.taken, 19)::timestamp) as at
       from member m join shot s on s.item = m.item
       where not m.provisional and s.taken !~ '^0000' and s.body is not null group by 1, 2)
     select (select name from named where body = a.body) as a, (select name from named where body = b.body) as b, count(*) as individuals,
       percentile_disc(0.5) within group (order by extract(epoch from a.at - b.at)::float8) as seconds
     from shown a join shown b on b.individual = a.individual and a.body < b.body group by a.body, b.body order by a.body, b.body`,
  );
  return { folderClocks: folders.rows, pairClocks: pairs.rows };
}
