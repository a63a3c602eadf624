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
       select d.make, d.model, d.serial, left(d.taken, 10)::date - (select min(x->>'value') from jsonb_array_elements(r.identifiers) x
         where x->>'role' = 'folder-date' and x->>'value' ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$')::date as days
       from description d join reading r on r.item = d.item
       where d.taken is not null and d.taken !~ '^0000' and (d.make is not null or d.model is not null)),
     middle as (
       select make, model, serial, count(days) as pictures, percentile_disc(0.5) within group (order by days) as days
       from both_dates where days is not null group by make, model, serial)
     select m.*, (select count(*) from both_dates b where b.days = m.days
       and (b.make, b.model, b.serial) is not distinct from (m.make, m.model, m.serial)) as agreeing
     from middle m order by coalesce(make, ''), coalesce(model, ''), coalesce(serial, '')`,
  );
  const pairs = await index.pool.query<PairClock>(
    `with shown as (
       select m.individual, json_build_object('make', d.make, 'model', d.model, 'serial', d.serial)::text as body,
         percentile_disc(0.5) within group (order by left(d.taken, 19)::timestamp) as at
       from member m join description d on d.item = m.item
       where not m.provisional and d.taken is not null and d.taken !~ '^0000' and (d.make is not null or d.model is not null) group by 1, 2)
     select a.body::json as a, b.body::json as b, count(*) as individuals,
       percentile_disc(0.5) within group (order by extract(epoch from a.at - b.at)::float8) as seconds
     from shown a join shown b on b.individual = a.individual and a.body < b.body group by a.body, b.body order by a.body, b.body`,
  );
  return { folderClocks: folders.rows, pairClocks: pairs.rows };
}
