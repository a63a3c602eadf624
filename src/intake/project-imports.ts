// Rows of exports from other tools: the tables, their entries, and the files that these name.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { entryRecord, importReconciliationRecord, importRecord } from './records.ts';

export const importKinds = ['intake.import', 'intake.entry', 'intake.import-reconciliation'];

export const importTables = `
  create table import (id text primary key, position bigint not null, accession text not null, item text not null,
    system text not null, path text not null, encoding text not null);
  create table import_entry (import text not null, row bigint not null, position bigint not null, entry text not null,
    title text not null, outcome text not null, family_begin text, family_end text, family_last text,
    primary key (import, row));
  create index on import_entry (import, entry);
  create index on import_entry (position);
  create table import_file (position bigint not null, import text not null, role text not null, named text not null,
    found text, outcome text not null, stated text);
  create index on import_file (import, found);
  create table import_reconciliation (import text primary key, position bigint not null, body jsonb not null);
`;

/** `handles`: of accessions and items, by the ids of their records. */
export async function projectImports(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  handles: { accession: ReadonlyMap<string, string>; item: ReadonlyMap<string, string> },
): Promise<void> {
  const of = (kind: string): LoggedRecord[] => records.filter((record) => record.kind === kind);
  await insertRows(
    client,
    'import',
    { id: 'text', position: 'bigint', accession: 'text', item: 'text', system: 'text', path: 'text', encoding: 'text' },
    of('intake.import').map(({ id, position, refs, fields }) => {
      const { system, path, encoding } = importRecord.parse(fields);
      const accession = handles.accession.get(String(refs['accession']));
      return { id, position, accession, item: handles.item.get(String(refs['table'])), system, path, encoding };
    }),
  );
  const judged = of('intake.entry').map(({ position, refs, fields }) => ({
    position,
    import: String(refs['import']),
    ...entryRecord.parse(fields),
  }));
  // Judged again, a row has its latest record: a batch may hold several.
  const entries = [...new Map(judged.map((entry) => [`${entry.import} ${entry.row}`, entry])).values()];
  const { rows: replaced } = await client.query<{ position: number; import: string }>(
    `delete from import_entry e using unnest($1::text[], $2::bigint[]) as k(import, row)
     where e.import = k.import and e.row = k.row returning e.position, e.import`,
    [entries.map((entry) => entry.import), entries.map(({ row }) => row)],
  );
  await client.query('delete from import_file where import = any($1) and position = any($2)', [
    [...new Set(replaced.map((entry) => entry.import))],
    replaced.map(({ position }) => position),
  ]);
  await insertRows(
    client,
    'import_entry',
    {
      import: 'text',
      row: 'bigint',
      position: 'bigint',
      entry: 'text',
      title: 'text',
      outcome: 'text',
      family_begin: 'text',
      family_end: 'text',
      family_last: 'text',
    },
    entries.map(({ family, ...entry }) => ({
      ...entry,
      family_begin: family?.begin,
      family_end: family?.end,
      family_last: family?.last,
    })),
  );
  await insertRows(
    client,
    'import_file',
    { position: 'bigint', import: 'text', role: 'text', named: 'text', found: 'text', outcome: 'text', stated: 'text' },
    entries.flatMap(({ position, import: from, names }) =>
      names.map(({ role, path, hash, outcome, found }) => {
        const stated = hash;
        return { position, import: from, role, named: path, found, outcome, stated };
      }),
    ),
  );
  const reconciled = of('intake.import-reconciliation').map(({ position, refs, fields }) => ({
    import: String(refs['import']),
    position,
    body: importReconciliationRecord.parse(fields),
  }));
  const latest = new Map(reconciled.map((one) => [one.import, one]));
  await client.query('delete from import_reconciliation where import = any($1)', [[...latest.keys()]]);
  await insertRows(client, 'import_reconciliation', { import: 'text', position: 'bigint', body: 'jsonb' }, [
    ...latest.values(),
  ]);
}
