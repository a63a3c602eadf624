// What is wrong with the evidence, as the stages have found it: every problem with its item and its reason, and the
// command that does again just what it is about. The list and the counts are made of the same rows.
import type { CaseView, StageName } from './case/views.ts';
import { rowMessage, rowProblems } from './intake/import-queries.ts';
import type { OpenCase } from './log/case.ts';

export interface ProblemLine {
  stage: StageName;
  code: string;
  /** E-00012, or Q-0003 of what is in quarantine; of a row of another tool's table, the table's. */
  item: string;
  path: string;
  message: string;
  /** Of a row of another tool's table: its number, and the path that it names where that is what is wrong. */
  row: number | null;
  named: string | null;
  /** The command that does again what has a problem of this code; null where no command helps. */
  redo: string | null;
}

/** Rows that imports have, and those that only their sums tell. */
const imported = `
  select 'intake' as stage, 2 as sort, e.position, m.item, m.path, e.outcome as code, null as message, e.row, null as named
    from import_entry e join import m on m.id = e.import where e.outcome in ('ragged', 'duplicate-id')
  union all select 'intake', 2, f.position, m.item, m.path, f.outcome, null, e.row, f.named
    from import_file f join import_entry e on e.import = f.import and e.position = f.position join import m on m.id = f.import
    where f.outcome <> 'matched'
  union all select 'intake', 3, r.position, m.item, m.path, p->>'code', p->>'message', null, null
    from import_reconciliation r join import m on m.id = r.import, jsonb_array_elements(r.body->'problems') p
    where p->>'code' <> all ($1)`;

/** Every problem, $1 being the codes of rows. */
const found = `
  select 'intake' as stage, 0 as sort, position, handle as item, path, reason as code, message, null::bigint as row, null as named
    from receipt where state = 'quarantined'
  union all select 'intake', 1, p.position, p.item, i.path, p.code, p.message, null, null
    from archive_problem p join item i on i.handle = p.item
  union all ${imported}
  union all select 'describe', 4, i.position, p.item, i.path, p.code, p.message, null, null
    from item_problem p join item i on i.handle = p.item
  union all select 'read', 5, i.position, c.item, i.path, p->>'code', p->>'message', null, null
    from card c join item i on i.handle = c.item, jsonb_array_elements(c.problems) p
  union all select 'group', 6, i.position, r.item, i.path, p->>'code', p->>'message', null, null
    from reading r join item i on i.handle = r.item, jsonb_array_elements(r.problems) p`;

/** Problems by their code, most frequent first. */
export async function countProblems({ index }: Pick<OpenCase, 'index'>): Promise<CaseView['problems']> {
  const { rows } = await index.pool.query<CaseView['problems'][number]>(
    `select code, count(*) as count, stage from (${found}) found
     group by code, stage order by count(*) desc, code collate "C", stage`,
    [rowProblems],
  );
  return rows;
}

/** Problems of every stage, or of one, by stage and code, a line each in the order received. */
export async function listProblems(
  { index }: Pick<OpenCase, 'index'>,
  stage: StageName | null = null,
): Promise<ProblemLine[]> {
  const { rows } = await index.pool.query<Omit<ProblemLine, 'message' | 'redo'> & { message: string | null }>(
    `select stage, code, item, path, message, row, named from (${found}) found where $2::text is null or stage = $2
     order by sort, code collate "C", position, row, named collate "C"`,
    [rowProblems, stage],
  );
  return rows.map(({ stage: of, code, item, path, message, row, named }) => ({
    stage: of,
    code,
    item,
    path,
    message: message ?? rowMessage(code, row ?? 0),
    row,
    named,
    redo: of === 'describe' || of === 'read' ? `dalil ${of} --again --problem ${code}` : null,
  }));
}
