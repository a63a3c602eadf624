// What speaks against the grouping, listed and never resolved by the machine: one number on two bodies, one body with two
// numbers. Numbers were re-used and reset, so both happen in truth as well as by mistake.
import type { OpenCase } from '../log/case.ts';
import { provisionalFrom } from './agreement.ts';
import { sameBodyDays } from './assign.ts';

export interface Conflict {
  /** one-number-two-bodies, or one-body-two-numbers */
  kind: 'one-number-two-bodies' | 'one-body-two-numbers';
  /** The individual, or the picture, that it is about. */
  subject: string;
  what: string;
  /** The pictures that show it: a few, not all. */
  items: string[];
}

export async function readConflicts({ index }: OpenCase): Promise<Conflict[]> {
  // Pictures of one individual, farther apart in time than one body is photographed.
  const apart = await index.pool.query<{ individual: string; days: number; before: string; after: string }>(
    `with timed as (
       select m.individual, m.item, left(d.taken, 10)::date as day, lag(left(d.taken, 10)::date) over w as last, lag(m.item) over w as other
       from member m join description d on d.item = m.item where d.taken ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
         and left(d.taken, 4) > '1900' and pg_input_is_valid(left(d.taken, 10), 'date')
       window w as (partition by m.individual order by d.taken, m.item))
     select individual, day - last as days, other as before, item as after from timed
     where day - last > $1 order by length(individual), individual, item`,
    [sameBodyDays],
  );
  // Individuals of one key that a person has set apart.
  const split = await index.pool.query<{ handles: string[] }>(
    `select array_agg(handle order by length(handle), handle) as handles from individual where members > 0
     group by key_text having count(*) > 1 order by min(position)`,
  );
  // Near-duplicates in two individuals.
  const like = await index.pool.query<{ item: string; of: string; a: string; b: string }>(
    `select n.item, n.of, m.individual as a, o.individual as b from near n join member m on m.item = n.item
       join member o on o.item = n.of where m.individual <> o.individual order by n.item`,
  );
  // Names that give several keys.
  const named = await index.pool.query<{ item: string; message: string }>(
    `select r.item, p->>'message' as message from reading r, jsonb_array_elements(r.problems) p
     where p->>'code' = 'conflicting-numbers' order by r.item`,
  );
  // Cards that agree on a number that is not the one of their individual.
  const cards = await index.pool.query<{ individual: string; head: string; value: string; key: string; item: string }>(
    `select distinct m.individual, a.head, x->>'value' as value, v.key->>(x->>'role') as key, x->>'item' as item
     from agreement a, jsonb_array_elements(a.numbers) x, member m join individual v on v.handle = m.individual
     where m.item = any(a.items) and (x->>'probability')::float8 >= $1 and v.key ? (x->>'role')
       and ltrim(v.key->>(x->>'role'), '0') <> ltrim(x->>'value', '0') order by m.individual, a.head, value`,
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
    ...named.rows.map(({ item, message }): Conflict => {
      return { kind: 'one-body-two-numbers', subject: item, what: message, items: [item] };
    }),
    ...cards.rows.map(({ individual, value, key, item }): Conflict => {
      const what = `its number is ${key}, cards read by the machine say ${value}`;
      return { kind: 'one-body-two-numbers', subject: individual, what, items: [item] };
    }),
  ];
}
