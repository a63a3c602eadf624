// What the rows of imports say: their sums, and what in them does not add up.
import type pg from 'pg';
import { importReconciliationRecord, type ImportReconciliation } from './records.ts';

export interface ImportView {
  accession: string;
  system: string;
  /** Where the table stood. */
  path: string;
  encoding: string;
  /** Null before it was read to its end. */
  reconciliation: ImportReconciliation | null;
}

/** The sums of an import as its entries give them now. */
export async function sumImport(pool: pg.Pool, id: string): Promise<Omit<ImportReconciliation, 'problems'>> {
  const { rows } = await pool.query<{ outcome: string; n: number }>(
    'select outcome, count(*) as n from import_entry where import = $1 group by outcome order by outcome collate "C"',
    [id],
  );
  const one = async (text: string): Promise<Record<string, number>> =>
    (await pool.query<Record<string, number>>(text, [id])).rows[0]!;
  const unnamed = await one(
    `select count(*) as n from receipt r join import m on m.id = $1 and m.accession = r.accession
     where r.state <> 'quarantined' and not exists (select from opened o where o.item = r.item)
       and not exists (select from import t where t.accession = r.accession and t.path = r.path)
       and not exists (select from import_file f join import t on t.id = f.import
         where t.accession = r.accession and f.found = r.path)`,
  );
  // A family is whole where the row that begins it is there, and the row that ends it.
  const families = await one(
    `select count(*) as all, count(*) filter (where
       not exists (select from import_entry e where e.import = $1 and e.entry = f.family_begin)
       or (f.family_end <> '' and not exists (select from import_entry e where e.import = $1 and e.family_last = f.family_end)))
       as incomplete
     from (select distinct family_begin, family_end from import_entry where import = $1 and family_begin is not null) f`,
  );
  // Each row has its latest record: of those judged again, that is younger than the reconciliation before.
  const again = await one(
    `select count(*) as n from import_entry e join import_reconciliation r on r.import = e.import
     where e.import = $1 and e.position > r.position`,
  );
  return {
    rows: rows.reduce((sum, { n }) => sum + Number(n), 0),
    outcomes: Object.fromEntries(rows.map(({ outcome, n }) => [outcome, Number(n)])),
    unnamed: Number(unnamed['n']),
    families: { all: Number(families['all']), incomplete: Number(families['incomplete']) },
    again: Number(again['n']),
  };
}

/** What can be wrong with a row, of one and of several. */
const sentences: Record<string, readonly [one: string, many: string]> = {
  ragged: ['has more or fewer fields than there are columns', 'rows have more or fewer fields than there are columns'],
  'duplicate-id': ['has an id that a row before has', 'rows have an id that a row before has'],
  'unsafe-path': [
    'names a path that is absolute or leads out of the folder; it was not looked for',
    'rows name a path that is absolute or leads out of the folder; it was not looked for',
  ],
  'missing-file': ['names a file that was not received', 'rows name a file that was not received'],
  'quarantined-file': ['names a file that is in quarantine', 'rows name a file that is in quarantine'],
  'hash-differs': [
    'states another hash than the sealed bytes have',
    'rows state another hash than the sealed bytes have',
  ],
};

/** The codes of what can be wrong with a row. */
export const rowProblems: readonly string[] = Object.keys(sentences);

/** The codes of what the sums tell, which each reconciliation says for itself. */
export const problemsOfSums: readonly string[] = [...rowProblems, 'incomplete-family', 'unnamed-file'];

/** The problem of one row, in words. */
export const rowMessage = (code: string, row: number): string =>
  `Row ${row} of the table ${sentences[code]?.[0] ?? `has the problem ${code}`}.`;

/** What does not add up, a line for each way. */
export function importProblems(sum: Omit<ImportReconciliation, 'problems'>): { code: string; message: string }[] {
  const n = (count: number): string => count.toLocaleString('en');
  const problems = Object.entries(sum.outcomes).flatMap(([code, count]) => {
    const sentence = sentences[code]?.[1];
    return sentence === undefined ? [] : [{ code, message: `${n(count)} of ${n(sum.rows)} ${sentence}.` }];
  });
  const { all, incomplete } = sum.families;
  if (incomplete > 0) {
    const message = `${n(incomplete)} of ${n(all)} families lack the row that begins or ends them.`;
    problems.push({ code: 'incomplete-family', message });
  }
  if (sum.unnamed > 0) {
    const files = sum.unnamed === 1 ? 'received file is' : 'received files are';
    problems.push({ code: 'unnamed-file', message: `${n(sum.unnamed)} ${files} named by no row.` });
  }
  return problems;
}

/** Every import, or those of an accession, in the order of the log. */
export async function listImports(pool: pg.Pool, accession?: string): Promise<ImportView[]> {
  const { rows } = await pool.query<Omit<ImportView, 'reconciliation'> & { body: unknown }>(
    `select i.accession, i.system, i.path, i.encoding, r.body from import i
     left join import_reconciliation r on r.import = i.id
     where $1::text is null or i.accession = $1 order by i.position`,
    [accession ?? null],
  );
  return rows.map(({ body, ...row }) => ({
    ...row,
    reconciliation: body === null ? null : importReconciliationRecord.parse(body),
  }));
}
