// The end of a delivery: the signed reconciliation, and the check that it closes.
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Reconciliation } from '../case/views.ts';
import type { OpenCase } from '../log/case.ts';
import type { Accession } from './accession.ts';
import type { IntakeTables } from './project.ts';
import { closes, countsOf, reconcile } from './queries.ts';
import { reconciliationRecord } from './records.ts';

/** Signs the reconciliation if it has changed; Fault('not-closed') where it does not close. */
export async function signReconciliation(
  opened: OpenCase,
  accession: Accession,
  seen: number,
): Promise<Reconciliation> {
  const { index, log, actor } = opened;
  const tables = index.kysely<IntakeTables>();
  let counts: Reconciliation = { received: 0, sealed: 0, duplicate: 0, quarantined: 0 };
  await log.append(actor, async (turn) => {
    const { reconciliation, quarantinedBy, breakdown } = await reconcile(tables, accession.handle);
    counts = reconciliation;
    const now = reconciliationRecord.parse({ ...reconciliation, quarantinedBy, breakdown });
    const last = await tables
      .selectFrom('reconciliation')
      .select('body')
      .where('accession', '=', accession.handle)
      .executeTakeFirst();
    if (last !== undefined && JSON.stringify(reconciliationRecord.parse(last.body)) === JSON.stringify(now)) return;
    turn.add({
      kind: 'intake.reconciliation',
      refs: { accession: accession.id },
      ...(now as unknown as Record<string, Json>),
    });
  });
  const { rows } = await index.pool.query<{ n: number }>(
    'select count(*) as n from receipt where accession = $1 and container is null',
    [accession.handle],
  );
  const loose = rows[0]!.n;
  if (!closes(counts) || loose < seen) {
    throw new Fault('not-closed', {
      what: `The reconciliation of ${accession.handle} does not close: a file was received and is not accounted for.`,
      expected: `received ${counts.received} = sealed ${counts.sealed} + duplicate ${counts.duplicate} + quarantined ${counts.quarantined}, and a receipt for each of ${seen} files found`,
      got: `${counts.sealed + counts.duplicate + counts.quarantined} accounted for, ${loose} receipts outside archives`,
      next: 'run the same command again; if it stays so, report it: this must not happen',
    });
  }
  return countsOf(counts);
}
