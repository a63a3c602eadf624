// What intake's rows say: the reconciliation of each accession, counted two ways that must meet.
import type { Kysely } from 'kysely';
import type { AccessionView, Reconciliation, ReconciliationLine } from '../case/views.ts';
import { sql } from '../store/kysely.ts';
import type { IntakeTables } from './project.ts';
import { reconciliationRecord } from './records.ts';

type Index = Kysely<IntakeTables>;

/** Adds up reconciliations. */
export function sumReconciliations(lines: readonly Reconciliation[]): Reconciliation {
  const sum = { received: 0, sealed: 0, duplicate: 0, quarantined: 0 };
  for (const line of lines) for (const name of Object.keys(sum) as (keyof Reconciliation)[]) sum[name] += line[name];
  return sum;
}

export function closes(line: Reconciliation): boolean {
  return line.received === line.sealed + line.duplicate + line.quarantined;
}

export interface Reconciled {
  reconciliation: Reconciliation;
  quarantinedBy: Record<string, number>;
  breakdown: ReconciliationLine[];
}

/**
 * The reconciliation of an accession as its receipts give it now. `received` is counted apart from what became of each
 * file: the files found outside archives, and for each archive the members that its reader listed.
 */
export async function reconcile(index: Index, accession: string): Promise<Reconciled> {
  const lines = await sql<ReconciliationLine>`
    with listed as (
      select coalesce(a.path, r.folder) as path, r.container, r.state
      from receipt r left join item a on a.handle = r.container where r.accession = ${accession}
      union all
      -- An archive counts as opened even where none of its members has a receipt: then it does not close.
      select a.path, o.item, null from opened o join item a on a.handle = o.item where o.accession = ${accession})
    select l.path, l.container is not null as archive,
      coalesce((select o.members from opened o where o.item = l.container), count(l.state)) as received,
      count(*) filter (where l.state = 'sealed') as sealed,
      count(*) filter (where l.state = 'duplicate') as duplicate,
      count(*) filter (where l.state = 'quarantined') as quarantined
    from listed l group by l.path, l.container order by l.path collate "C", l.container nulls first`.execute(index);
  const reasons = await index
    .selectFrom('receipt')
    .select(['reason', (e) => e.fn.countAll<number>().as('n')])
    .where('accession', '=', accession)
    .where('state', '=', 'quarantined')
    .groupBy('reason')
    .orderBy('reason')
    .execute();
  return {
    reconciliation: sumReconciliations(lines.rows),
    quarantinedBy: Object.fromEntries(reasons.map(({ reason, n }) => [reason ?? '', n])),
    breakdown: lines.rows,
  };
}

/** Every accession with its newest signed reconciliation, or the counts so far where none is signed yet. */
export async function accessions(index: Index): Promise<AccessionView[]> {
  const rows = await index
    .selectFrom('accession')
    .leftJoin('reconciliation', 'reconciliation.accession', 'accession.handle')
    .select(['accession.handle', 'accession.source', 'reconciliation.position', 'reconciliation.body'])
    .orderBy('accession.handle')
    .execute();
  return Promise.all(
    rows.map(async ({ handle, source, position, body }) => {
      const signed = body === null ? null : reconciliationRecord.parse(body);
      const { reconciliation, quarantinedBy, breakdown } =
        signed === null
          ? await reconcile(index, handle)
          : { reconciliation: countsOf(signed), quarantinedBy: signed.quarantinedBy, breakdown: signed.breakdown };
      return {
        handle,
        source,
        reconciliation,
        closes: closes(reconciliation),
        quarantinedBy,
        breakdown,
        record: position,
      };
    }),
  );
}

export function countsOf({ received, sealed, duplicate, quarantined }: Reconciliation): Reconciliation {
  return { received, sealed, duplicate, quarantined };
}

/** What was wrong on receiving, a line each: what is in quarantine, and archives that were not whole. */
export async function intakeProblems(
  index: Index,
  accession?: string,
): Promise<{ path: string; code: string; message: string; item: string | null }[]> {
  const { rows } = await sql<{ path: string; code: string; message: string; item: string | null }>`
    select path, code, message, item from (
      select r.path, r.reason as code, r.message, r.handle as item, r.accession, r.position from receipt r where r.state = 'quarantined'
      union all
      select i.path, p.code, p.message, p.item, i.accession, p.position from archive_problem p join item i on i.handle = p.item) all_of
    where ${accession ?? null}::text is null or accession = ${accession ?? null} order by position, code, message`.execute(
    index,
  );
  return rows;
}
