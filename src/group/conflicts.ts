// What speaks against the grouping, listed and never resolved by the machine: one number on two bodies, one body with two
// numbers, one picture in two categories. Numbers were re-used and reset, so both happen in truth as well as by mistake.
import type { OpenCase } from '../log/case.ts';
import { provisionalFrom } from './agreement.ts';
import { sameBodyDays } from './assign.ts';

/** one-body-two-branches: folder and card name two. one-picture-two-categories: its paths do. */
export const conflictKinds = [
  'one-number-two-bodies',
  'one-body-two-numbers',
  'one-body-two-branches',
  'one-picture-two-categories',
] as const;
export type ConflictKind = (typeof conflictKinds)[number];

export interface Conflict {
  kind: ConflictKind;
  /** The individual, or the picture, that it is about. */
  subject: string;
  what: string;
  /** The pictures that show it: a few, not all. */
  items: string[];
}

/** The branch that folders and names give to a picture, several where they disagree. */
const branchFolders = `folder as (
  select distinct r.item, x->>'value' as value from reading r, jsonb_array_elements(r.identifiers) x where x->>'role' = 'branch-number')`;

export async function readConflicts({ index }: Pick<OpenCase, 'index'>): Promise<Conflict[]> {
  // Pictures of one individual, farther apart in time than one body is photographed.
  const apart = await index.pool.query<{ individual: string; days: number; before: string; after: string }>(
    `with timed as (
       select m.individual, m.item, left(s.taken, 10)::date as day, lag(left(s.taken, 10)::date) over w as last, lag(m.item) over w as other
       from member m join shot s on s.item = m.item where s.taken ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
         and left(s.taken, 4) > '1900' and pg_input_is_valid(left(s.taken, 10), 'date')
       window w as (partition by m.individual order by s.taken, m.item))
     select individual, day - last as days, other as before, item as after from timed
     where day - last > $1 order by length(individual), individual, item`,
    [sameBodyDays],
  );
  // Individuals of one key that a person has set apart.
  const split = await index.pool.query<{ handles: string[] }>(
    `select array_agg(handle order by length(handle), handle) as handles from individual where members > 0
     group by key_text having count(*) > 1 order by min(position)`,
  );
  // Near-duplicates in two individuals; of what a person linked, below.
  const like = await index.pool.query<{ item: string; of: string; a: string; b: string }>(
    `select n.item, n.of, m.individual as a, o.individual as b from near n join member m on m.item = n.item
       join member o on o.item = n.of where m.individual <> o.individual and not exists (
         select from link l where l.link = 'must' and l.a = least(n.item, n.of) and l.b = greatest(n.item, n.of)) order by n.item`,
  );
  // What people said of pairs, against the numbers.
  const linked = await index.pool.query<{ link: 'must' | 'cannot'; one: string; other: string; a: string; b: string }>(
    `select l.link, l.a as one, l.b as other, m.individual as a, o.individual as b
     from link l join member m on m.item = l.a join member o on o.item = l.b
     where (l.link = 'must') = (m.individual <> o.individual) order by l.a, l.b`,
  );
  // Pictures of one individual in folders of several branches: each branch counts for itself.
  const branches = await index.pool.query<{ individual: string; values: string[]; items: string[] }>(
    `with ${branchFolders}, shown as (
       select m.individual, ltrim(f.value, '0') as value, min(m.item) as item from member m join folder f on f.item = m.item group by 1, 2)
     select individual, array_agg(value order by value) as values, array_agg(item order by value) as items
     from shown group by individual having count(*) > 1 order by length(individual), individual`,
  );
  // A branch on a card, by a person or as pictures agree, that is not the one of the picture's folder.
  const cardBranches = await index.pool.query<{
    item: string;
    folder: string;
    card: string;
    by: string;
    many: number;
    items: string[];
  }>(
    `with ${branchFolders}, settled as (
       select item, value from settlement where role = 'branch-number' and value is not null),
     said as (
       select item as head, item, value, 'a person reads' as by from settled
       union all
       select x->>'item', i.item, x->>'value', 'cards read by the machine say' from agreement a, jsonb_array_elements(a.numbers) x, unnest(a.items) i(item)
       where x->>'role' = 'branch-number' and (x->>'probability')::float8 >= $1
         and not exists (select from settled s where s.item = any(a.items)))
     select s.head as item, f.value as folder, s.value as card, s.by, count(*) as many, (array_agg(s.item order by s.item))[1:4] as items
     from said s join folder f on f.item = s.item
     where ltrim(f.value, '0') <> ltrim(s.value, '0')
       and not exists (select from folder g where g.item = s.item and ltrim(g.value, '0') = ltrim(s.value, '0'))
     group by s.head, f.value, s.value, s.by order by s.head, f.value, s.value`,
    [provisionalFrom],
  );
  // Names that give several keys, or several categories.
  const named = await index.pool.query<{ item: string; code: string; message: string }>(
    `select r.item, p->>'code' as code, p->>'message' as message from reading r, jsonb_array_elements(r.problems) p
     where p->>'code' in ('conflicting-numbers', 'conflicting-categories') order by r.item, code desc`,
  );
  // Cards that agree on a number that is not the one of their individual.
  const cards = await index.pool.query<{ individual: string; head: string; value: string; key: string; item: string }>(
    `with ${branchFolders}
     select distinct m.individual, a.head, x->>'value' as value, v.key->>(x->>'role') as key, x->>'item' as item
     from agreement a, jsonb_array_elements(a.numbers) x, member m join individual v on v.handle = m.individual
     where m.item = any(a.items) and (x->>'probability')::float8 >= $1 and v.key ? (x->>'role')
       and ltrim(v.key->>(x->>'role'), '0') <> ltrim(x->>'value', '0')
       and not (x->>'role' = 'branch-number' and exists (select from folder f where f.item = m.item)) order by m.individual, a.head, value`,
    [provisionalFrom],
  );
  return [
    ...apart.rows.map(({ individual, days, before, after }): Conflict => {
      const what = `its pictures lie ${days} days apart`;
      return { kind: 'one-number-two-bodies', subject: individual, what, items: [before, after] };
    }),
    ...split.rows.map(({ handles }): Conflict => {
      const what = `a person has set ${handles.slice(1).join(', ')} apart, of the same number`;
      return { kind: 'one-number-two-bodies', subject: handles[0]!, what, items: [] };
    }),
    ...like.rows.map(({ item, of, a, b }): Conflict => {
      const what = `near-duplicates of one picture belong to ${a} and ${b}`;
      return { kind: 'one-body-two-numbers', subject: a, what, items: [item, of] };
    }),
    ...linked.rows.map(({ link, one, other, a, b }): Conflict => {
      const items = [one, other];
      return link === 'must'
        ? {
            kind: 'one-body-two-numbers',
            subject: a,
            what: `a person has linked two pictures, of ${a} and ${b}`,
            items,
          }
        : {
            kind: 'one-number-two-bodies',
            subject: a,
            what: 'a person has cut two of its pictures from each other',
            items,
          };
    }),
    ...branches.rows.map(({ individual, values, items }): Conflict => {
      const what = `its pictures lie in folders of ${values.length} branches: ${values.join(', ')}`;
      return { kind: 'one-number-two-bodies', subject: individual, what, items };
    }),
    ...cardBranches.rows.map(({ item, folder, card, by, many, items }): Conflict => {
      const what = `its folder is of branch ${folder}, ${by} ${card}${many > 1 ? `, of ${many} pictures` : ''}`;
      return { kind: 'one-body-two-branches', subject: item, what, items };
    }),
    ...named.rows.map(({ item, code, message }): Conflict => {
      const kind = code === 'conflicting-numbers' ? 'one-body-two-numbers' : 'one-picture-two-categories';
      return { kind, subject: item, what: message, items: [item] };
    }),
    ...cards.rows.map(({ individual, value, key, item }): Conflict => {
      const what = `its number is ${key}, cards read by the machine say ${value}`;
      return { kind: 'one-body-two-numbers', subject: individual, what, items: [item] };
    }),
  ];
}
