// The series of numbers of a case: reads them from the index with their days and individuals, and has each one tested.
import type pg from 'pg';
import type { Sequences, SeriesName, SeriesNumber, Shared } from '../case/authenticity.ts';
import { rulesSchema } from './records.ts';
import { seriesOf, testSeries } from './series.ts';

const roles = ['detainee-number', 'hospital-number'];

interface Row extends SeriesNumber {
  role: string;
  branch: string | null;
  suffix: string;
}

// What the rules read in paths, and the keys of individuals, which may come from elsewhere; a folder's date before the
// camera's, whose clock nobody has checked. ISO days only. What is provisional is in no count.
const said = `
  counted as (select item, individual from member where not provisional),
  said as (
    select r.item, x->>'role' as role, x->>'value' as value,
      (select min(y->>'value') from jsonb_array_elements(r.identifiers) y where y->>'role' = 'branch-number') as branch
    from reading r cross join lateral jsonb_array_elements(r.identifiers) x where x->>'role' = any($1)
    union
    select m.item, k.key, k.value, v.key->>'branch-number'
    from individual v join counted m on m.individual = v.handle cross join lateral jsonb_each_text(v.key) k where k.key = any($1)),
  dated as (
    select i.handle as item,
      (select min(y->>'value') from jsonb_array_elements(r.identifiers) y
        where y->>'role' = 'folder-date' and y->>'value' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$') as folder, left(d.taken, 10) as camera
    from item i left join reading r on r.item = i.handle left join description d on d.item = i.handle),
  parts as (
    select s.item, s.role, s.branch, regexp_match(s.value, '^0*([0-9]{1,9})[ /.-]*([^0-9 /.-]{0,4})$') as part from said s)`;

/** Tests every series of detainee and examination numbers. 6 s for 28,707 pictures, measured at twelve times the load of the machine. */
export async function readSequences(index: Pick<pg.Pool, 'query'>): Promise<Sequences> {
  const settings = await readSettings(index);
  const perBranch = roles.filter((role) => settings(role).perBranch);
  const { rows } = await index.query<Row>(
    `with ${said}
     select p.role, case when p.role = any($2) then p.branch end as branch, p.part[2] as suffix, p.part[1]::int as number,
       coalesce(min(d.folder), min(d.camera)) as day,
       case when min(d.folder) is not null then 'folder' when min(d.camera) is not null then 'camera' end as "datedBy",
       count(distinct p.item) as pictures, array_remove(array_agg(distinct m.individual), null) as individuals, min(p.item) as item
     from parts p join dated d on d.item = p.item left join counted m on m.item = p.item
     where p.part is not null group by 1, 2, 3, 4 order by 1, 2 nulls first, 3, 4`,
    [roles, perBranch],
  );
  const unreadable = await index.query<{ n: number }>(
    `with ${said} select count(distinct (role, item)) as n from parts where part is null`,
    [roles],
  );
  const series = new Map<string, Row[]>();
  for (const row of rows) {
    const name = JSON.stringify([row.role, row.branch, row.suffix]);
    const known = series.get(name);
    if (known === undefined) series.set(name, [row]);
    else known.push(row);
  }
  const segments = [...series.values()].flatMap((numbers) => {
    const { role, branch, suffix } = numbers[0]!;
    const name: SeriesName = { role, branch, suffix: suffix === '' ? null : suffix };
    return testSeries(
      name,
      settings(role),
      numbers.map(({ number, day, datedBy, pictures, individuals, item }) => ({
        number,
        day,
        datedBy,
        pictures,
        individuals,
        item,
      })),
    );
  });
  return {
    segments,
    shared: await readShared(index, settings),
    unreadable: unreadable.rows[0]!.n,
    undated: rows.length - segments.reduce((sum, { numbers }) => sum + numbers, 0),
  };
}

async function readShared(index: Pick<pg.Pool, 'query'>, settings: (role: string) => { perBranch: boolean }) {
  const { rows } = await index.query<{ role: string; number: string; individuals: Shared['individuals'] }>(
    `with ${said}, carried as (
       select distinct p.role, p.part[1] || p.part[2] as number, m.individual as handle, p.branch
       from parts p join counted m on m.item = p.item where p.part is not null)
     select role, number, json_agg(json_build_object('handle', handle, 'branch', branch) order by handle, branch) as individuals
     from carried group by role, number having count(distinct handle) > 1 order by role, length(number), number`,
    [roles],
  );
  return rows.map((row): Shared => {
    const branches = row.individuals.map(({ branch }) => branch);
    return { ...row, conflict: !settings(row.role).perBranch || new Set(branches).size < branches.length };
  });
}

async function readSettings(index: Pick<pg.Pool, 'query'>) {
  const { rows } = await index.query<{ body: unknown }>('select body from rules order by position desc limit 1');
  const series = rows[0] === undefined ? undefined : rulesSchema.parse(rows[0].body).series;
  return (role: string) => seriesOf(role, series);
}

/** Distinct numbers of a role whose day lies within `within` days of this one; with a branch, those of that branch. */
export async function countCandidates(
  index: Pick<pg.Pool, 'query'>,
  { role, day, within, branch }: { role: string; day: string; within: number; branch: string | null },
): Promise<{ candidates: number; numbers: Set<number> }> {
  const { rows } = await index.query<{ number: number }>(
    `with ${said}
     select distinct p.part[1]::int as number from parts p join dated d on d.item = p.item
     where p.part is not null and p.role = any($1) and abs(coalesce(d.folder, d.camera)::date - $2::date) <= $3
       and ($4::text is null or p.branch = $4) order by number`,
    [[role], day, within, branch],
  );
  return { candidates: rows.length, numbers: new Set(rows.map(({ number }) => number)) };
}

/** The smallest and largest number of a role that were seen, or null. */
export async function seenRange(
  index: Pick<pg.Pool, 'query'>,
  role: string,
): Promise<{ from: number; to: number } | null> {
  const { rows } = await index.query<{ from: number | null; to: number | null }>(
    `with ${said} select min(part[1]::int) as "from", max(part[1]::int) as "to" from parts where part is not null`,
    [[role]],
  );
  const { from, to } = rows[0]!;
  return from === null || to === null ? null : { from, to };
}
