// What is known of other tools' claims: for each claim its checks and files, and how many there are, out of what.
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import type { Check, ClaimedFile, ClaimSystem } from './provenance-records.ts';

export interface ClaimView {
  /** The item that makes the claim, and where that was received. */
  item: string;
  receipt: string;
  system: ClaimSystem;
  path: string;
  software: string | null;
  /** As it says. */
  created: string | null;
  checks: Check[];
  parts: Pick<ClaimedFile, 'role' | 'path' | 'item' | 'outcome'>[];
  /** How many addresses a web archive holds. */
  captures: number;
  /** Position in the log of the record that says so, with the claim's raw values. */
  record: number;
}

/** Claims in the order of receipts: all, or those that an item makes or that are about it. Fault('usage') where there is no such item. */
export async function listClaims(pool: pg.Pool, item?: string): Promise<ClaimView[]> {
  if (item !== undefined) {
    const { rowCount } = await pool.query('select from item where handle = $1', [item]);
    if (rowCount === 0)
      throw new Fault('usage', {
        what: 'The case has no such item.',
        expected: 'a handle as `dalil items` shows it: E-00001',
        got: item,
        next: 'dalil items',
      });
  }
  const { rows } = await pool.query<ClaimView>(
    `select p.item, p.receipt, p.system, p.path, p.software, p.created, p.captures, p.position as record,
       (select coalesce(json_agg(json_build_object('what', c.what, 'state', c.state, 'why', c.why) order by c.n), '[]')
         from provenance_check c where (c.receipt, c.system) = (p.receipt, p.system)) as checks,
       (select coalesce(json_agg(json_build_object('role', f.role, 'path', f.path, 'item', f.item, 'outcome', f.outcome) order by f.n), '[]')
         from provenance_file f where (f.receipt, f.system) = (p.receipt, p.system)) as parts
     from provenance p join receipt r on r.handle = p.receipt
     where $1::text is null or p.item = $1
       or exists (select from provenance_file f where (f.receipt, f.system) = (p.receipt, p.system) and f.item = $1)
       or exists (select from receipt w where w.handle = p.receipt and p.system = 'wacz' and w.container = $1)
     order by r.position, p.system`,
    [item ?? null],
  );
  return rows;
}

export interface ClaimCounts {
  /** Claims by system; they add up to `claims`. */
  systems: Record<string, number>;
  claims: number;
  /** Checks of all claims: holds + fails + unchecked. */
  checks: { holds: number; fails: number; unchecked: number };
  /** Pictures, videos, sounds and PDFs in which a manifest was looked for, of those sealed. */
  searched: number;
  searchable: number;
}

export async function countClaims(pool: pg.Pool): Promise<ClaimCounts> {
  const systems = await pool.query<{ system: string; n: number; holds: number; fails: number; unchecked: number }>(
    `select system, count(*) as n, sum(holds) as holds, sum(fails) as fails, sum(unchecked) as unchecked
     from provenance group by system order by system collate "C"`,
  );
  const { rows } = await pool.query<{ searched: number; searchable: number }>(
    `select coalesce((select searched from provenance_search order by position desc limit 1), 0) as searched,
       (select count(*) from description d join item i on i.handle = d.item
         where i.destroyed is null and d.format ~ '^(image/|video/|audio/|application/pdf$)') as searchable`,
  );
  const sum = (of: 'n' | 'holds' | 'fails' | 'unchecked'): number =>
    systems.rows.reduce((all, row) => all + Number(row[of]), 0);
  return {
    systems: Object.fromEntries(systems.rows.map(({ system, n }) => [system, Number(n)])),
    claims: sum('n'),
    checks: { holds: sum('holds'), fails: sum('fails'), unchecked: sum('unchecked') },
    searched: Number(rows[0]!.searched),
    searchable: Number(rows[0]!.searchable),
  };
}
