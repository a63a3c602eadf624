// Rows that named files which had not been received: judged again once these have come. What a row says stands in its
// record, so that the table is not read again; the later record of a row replaces the earlier in the index.
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { importProblems, listImports, problemsOfSums, sumImport, type ImportView } from './import-queries.ts';
import { NamedFiles, rowOutcome, type TablePlace } from './named-files.ts';
import { entryRecord, importReconciliationRecord, type ImportReconciliation } from './records.ts';

type Summed = TablePlace & { id: string; body: unknown };

/** Rows looked at at a time. */
const turnSize = 512;

/**
 * Judges again, in tables that were read to their end, the rows whose files have come, and reconciles anew where that, or
 * what was received since, changes a sum. Gives the imports reconciled anew. Throws ('cancelled').
 */
export async function judgeAgain(
  opened: OpenCase,
  { accession, signal }: { accession?: string; signal?: AbortSignal } = {},
): Promise<ImportView[]> {
  const { rows } = await opened.index.pool.query<Summed>(
    `select m.id, m.accession, m.system, m.path, s.body, (select min(r.root) from receipt r
       where r.accession = m.accession and r.item = m.item and r.path = m.path) as root
     from import m join import_reconciliation s on s.import = m.id
     where $1::text is null or m.accession = $1 order by m.position`,
    [accession ?? null],
  );
  for (const table of rows) await judgeRows(opened, table, table.id, signal);
  // After all tables: a file that one does not name another may.
  const anew = new Set<string>();
  for (const { id, body, accession: of, path } of rows) {
    const before = importReconciliationRecord.parse(body);
    const kept = before.problems.filter(({ code }) => !problemsOfSums.includes(code));
    if (await reconcileImport(opened, id, kept, before)) anew.add(`${of} ${path}`);
  }
  const all = await listImports(opened.index.pool, accession);
  return all.filter((one) => anew.has(`${one.accession} ${one.path}`));
}

/** Writes the sums of an import down; false where they are those of `before`. */
export async function reconcileImport(
  opened: OpenCase,
  id: string,
  found: ImportReconciliation['problems'],
  before?: ImportReconciliation,
): Promise<boolean> {
  const written = await opened.log.append(opened.actor, async (turn) => {
    const sum = await sumImport(opened.index.pool, id);
    const said = { ...sum, problems: [...found, ...importProblems(sum)] };
    const same = ({ outcomes, ...one }: ImportReconciliation): string =>
      JSON.stringify([one.rows, Object.entries(outcomes).toSorted(), one.unnamed, one.families, one.problems]);
    if (before !== undefined && said.again === 0 && same(said) === same(before)) return;
    turn.add({
      kind: 'intake.import-reconciliation',
      refs: { import: id },
      ...(said as unknown as Record<string, Json>),
    });
  });
  return written.length > 0;
}

/** Judges rows of one import again whose missing files have come. */
async function judgeRows(opened: OpenCase, table: TablePlace, id: string, signal?: AbortSignal): Promise<void> {
  const { rows } = await opened.index.pool.query<{ position: number; named: string[] }>(
    `select position, array_agg(named) as named from import_file
     where import = $1 and outcome = 'missing-file' group by position order by position`,
    [id],
  );
  for (let from = 0; from < rows.length; from += turnSize) {
    signal?.throwIfAborted();
    const some = rows.slice(from, from + turnSize);
    const come = await NamedFiles.look(
      opened,
      table,
      some.flatMap(({ named }) => named),
    );
    const drafts: Record<string, Json>[] = [];
    for (const { position, named } of some) {
      if (!named.some((path) => come.has(path))) continue;
      for await (const { fields, refs } of opened.log.read(position, position + 1)) {
        const row = entryRecord.parse(fields);
        const files = await NamedFiles.look(
          opened,
          table,
          row.names.map(({ path }) => path),
        );
        const { judged, items } = await files.judge(row.names);
        // Whether the row itself is broken, or has an id that a row before has, its files do not change.
        const wrong = row.outcome === 'ragged' || row.outcome === 'duplicate-id' ? [row.outcome] : [];
        const outcome = rowOutcome(judged, wrong);
        drafts.push({ ...fields, names: judged as unknown as Json, outcome, refs: { import: refs['import']!, items } });
      }
    }
    if (drafts.length === 0) continue;
    await opened.log.append(opened.actor, (turn) => {
      for (const { refs, ...draft } of drafts)
        turn.add({ kind: 'intake.entry', refs: refs as Record<string, string | string[]>, ...draft });
    });
  }
}
