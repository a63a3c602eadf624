// Why each picture belongs to an individual, with the records that say so.
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { Reason } from './records.ts';

export interface MemberWhy {
  item: string;
  path: string;
  provisional: boolean;
  /** Each reason with the records that it rests on, by position and id. */
  reasons: (Reason & { records: { position: number; id: string }[] })[];
}

/** The members of an individual in the order received. Fault('usage') where there is none of that handle. */
export async function whyMembers({ index }: OpenCase, handle: string): Promise<MemberWhy[]> {
  const { rows: known } = await index.pool.query('select from individual where handle = $1', [handle]);
  if (known.length === 0) {
    throw new Fault('usage', {
      what: 'There is no such individual.',
      expected: 'a handle, as I-0001',
      got: handle,
      next: 'dalil individuals',
    });
  }
  const { rows } = await index.pool.query<{
    item: string;
    path: string;
    provisional: boolean;
    reasons: Reason[];
    records: Record<string, { position: number; id: string }[] | null>;
  }>(
    `select m.item, i.path, m.provisional, m.reasons, (
       select json_object_agg(reason, list) from (
         select s.reason, json_agg(json_build_object('position', r.position, 'id', r.id) order by r.position) as list from (
           select distinct x->>'reason' as reason, p.position from jsonb_array_elements(m.reasons) x
             join lateral (
               select position from reading where x->>'reason' = 'path' and item = m.item
               union all select position from near where x->>'reason' = 'near' and item in (m.item, x->>'of')
               union all select position from agreement where x->>'reason' = 'card' and items @> array[m.item]
               union all select position from description where x->>'reason' = 'sequence' and item in (m.item, x->>'of')
               union all select position from settlement where x->>'reason' = 'settled' and item = coalesce(x->>'of', m.item)
               union all select position from link where x->>'reason' in ('linked', 'linked-to-provisional') and link = 'must'
                 and m.item in (a, b)
               union all select position from placement where x->>'reason' = 'placed' and item = m.item) p on true) s
         join record r on r.position = s.position group by s.reason) told) as records
     from member m join item i on i.handle = m.item where m.individual = $1 order by i.position`,
    [handle],
  );
  return rows.map(({ item, path, provisional, reasons, records }) => ({
    item,
    path,
    provisional,
    reasons: reasons.map((reason) => ({ ...reason, records: records?.[reason.reason] ?? [] })),
  }));
}
