// Reads the tables of another tool's export from the sealed bytes of its accession, row by row, and holds each row against
// what was received. Nothing in a table is a fact: an entry is that tool's claim, and whether its files are there.
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { decode, encodingOf, TableError } from './delimited.ts';
import { isTable, namesPeople, openTable, systemOf, type Entry, type System } from './export-systems.ts';
import { judgeAgain, reconcileImport } from './import-again.ts';
import { type ImportView, listImports } from './import-queries.ts';
import { indexed, NamedFiles, rowOutcome, streamOf } from './named-files.ts';

export interface ImportOptions {
  /** A-0001 */
  accession: string;
  system: System;
  /** Write down the values of columns with names of people as well. */
  names?: boolean;
  signal?: AbortSignal;
}

interface Sealed {
  id: string;
  item: string;
  sha256: string;
  size: number;
  path: string;
  root: number;
}

/** Entries a turn. */
const turnSize = 512;

/**
 * Imports what was not yet, and judges again the rows whose files have come since. Another call goes on where one broke off. Throws Fault('usage') where the accession has no
 * table of the system, ('cancelled').
 */
export async function importExport(opened: OpenCase, options: ImportOptions): Promise<ImportView[]> {
  const tables = await tablesOf(opened, options);
  const problems = new Map<string, { code: string; message: string }[]>();
  for (const table of tables) {
    const run = new Importing(opened, options, table);
    if (await run.read()) problems.set(run.id, run.problems);
  }
  // After all tables: a file that one does not name another may.
  for (const [id, found] of problems) await reconcileImport(opened, id, found);
  await judgeAgain(opened, options);
  return listImports(opened.index.pool, options.accession);
}

/** The system whose export an accession looks like, by the first bytes of its tables; null where none is unmistakable. */
export async function proposeSystem(opened: OpenCase, accession: string): Promise<System | null> {
  for (const table of await sealedTables(opened, accession)) {
    const system = systemOf(table.path, await startOf(opened, table));
    if (system !== null) return system;
  }
  return null;
}

async function tablesOf(opened: OpenCase, { accession, system }: ImportOptions): Promise<Sealed[]> {
  const all = (await sealedTables(opened, accession)).filter(({ path }) => isTable(system, path));
  const known: Sealed[] = [];
  for (const table of all) {
    const certain = system === 'relativity' || systemOf(table.path, await startOf(opened, table)) === system;
    if (certain) known.push(table);
  }
  // Headers may be translated: then what lies highest is the table, and other tables are material.
  const depth = ({ path }: Sealed): number => path.split('/').length;
  const highest = Math.min(...all.map(depth));
  const tables = known.length > 0 ? known : all.filter((table) => depth(table) === highest);
  if (tables.length > 0) return tables;
  throw new Fault('usage', {
    what: `The files were received as ${accession}, and no table of such an export is among them.`,
    expected: system === 'relativity' ? 'a load file (.dat)' : system === 'uwazi' ? 'a .csv' : 'a .csv or .json',
    got: 'none',
    next: 'name another system with --from, or go on without',
  });
}

async function sealedTables({ index }: OpenCase, accession: string): Promise<Sealed[]> {
  const { rows } = await index.pool.query<Sealed>(
    `select i.id, i.handle as item, i.sha256, i.size, r.path, r.root from receipt r join item i on i.handle = r.item
     where r.accession = $1 and r.state <> 'quarantined' and i.destroyed is null and r.path ~* '\\.(dat|opt|csv|json)$'
     order by r.path collate "C", r.root`,
    [accession],
  );
  return rows;
}

async function firstBytes(opened: OpenCase, table: Sealed): Promise<Uint8Array> {
  const pieces: Buffer[] = [];
  for await (const piece of streamOf(opened, table, 1023)) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function startOf(opened: OpenCase, table: Sealed): Promise<string> {
  const bytes = await firstBytes(opened, table);
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

class Importing {
  readonly #opened: OpenCase;
  readonly #options: ImportOptions;
  readonly #table: Sealed;
  id = '';
  readonly problems: { code: string; message: string }[] = [];

  constructor(opened: OpenCase, options: ImportOptions, table: Sealed) {
    this.#opened = opened;
    this.#options = options;
    this.#table = table;
  }

  /** False where it was read to its end and summed before. */
  async read(): Promise<boolean> {
    const { index } = this.#opened;
    const { accession, system } = this.#options;
    const { rows } = await index.pool.query<{ id: string; done: boolean; had: number }>(
      `select i.id, r.import is not null as done, (select coalesce(max(row), 0) from import_entry e where e.import = i.id) as had
       from import i left join import_reconciliation r on r.import = i.id
       where i.accession = $1 and i.item = $2 and i.path = $3`,
      [accession, this.#table.item, indexed(this.#table.path)],
    );
    const before = rows[0];
    if (before?.done === true) return false;
    const encoding = encodingOf(await firstBytes(this.#opened, this.#table));
    const bytes = streamOf(this.#opened, this.#table) as AsyncIterable<Uint8Array>;
    let entries: AsyncIterable<Entry> = none();
    let columns: string[] = [];
    try {
      ({ columns, entries } = await openTable(system, this.#table.path, decode(bytes, encoding)));
    } catch (error) {
      this.#note(error);
    }
    if (columns.length === 1) {
      const message =
        'The header is one column: the table has other separators than such exports have, and was not read.';
      this.problems.push({ code: 'wrong-separators', message });
      entries = none();
    }
    this.id = before?.id ?? (await this.#begin(encoding, columns));
    await this.#entries(entries, Number(before?.had ?? 0));
    return true;
  }

  #note(error: unknown): void {
    if (!(error instanceof TableError)) throw error;
    this.problems.push({ code: error.code, message: error.message });
  }

  async #begin(encoding: string, columns: string[]): Promise<string> {
    const { log, actor, index } = this.#opened;
    const { accession, system, names = false } = this.#options;
    const { rows } = await index.pool.query<{ id: string }>('select id from accession where handle = $1', [accession]);
    const refs = { accession: rows[0]!.id, table: this.#table.id };
    const [record] = await log.append(actor, (turn) => {
      const { path } = this.#table;
      turn.add({ kind: 'intake.import', refs, system, path, encoding, columns, withheld: !names });
    });
    return record!.id;
  }

  async #entries(entries: AsyncIterable<Entry>, had: number): Promise<void> {
    let row = 0;
    let some: (Entry & { row: number })[] = [];
    try {
      for await (const entry of entries) {
        if (++row <= had) continue;
        some.push({ ...entry, row });
        if (some.length === turnSize) await this.#seal(some.splice(0));
      }
    } catch (error) {
      this.#note(error);
    }
    some = some.splice(0);
    if (some.length > 0) await this.#seal(some);
  }

  async #seal(entries: readonly (Entry & { row: number })[]): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const { log, actor } = this.#opened;
    const { accession, system } = this.#options;
    const { path, root } = this.#table;
    const paths = entries.flatMap(({ names }) => names.map((name) => name.path));
    const files = await NamedFiles.look(this.#opened, { accession, system, path, root }, paths);
    const seen = await this.#seen(entries.map(({ id }) => id));
    const drafts: (Record<string, Json> & { items: string[] })[] = [];
    for (const { row, id, title, fields, names, family, ragged } of entries) {
      const { judged, items } = await files.judge(names);
      const again = id !== '' && seen.has(id);
      seen.add(id);
      const outcome = rowOutcome(judged, [
        ...(ragged ? (['ragged'] as const) : []),
        ...(again ? (['duplicate-id'] as const) : []),
      ]);
      const told = this.#options.names === true ? fields : fields.filter(([column]) => !namesPeople(column));
      const said = judged as unknown as Json;
      drafts.push({ row, entry: id, title, fields: told, names: said, outcome, family, items });
    }
    await log.append(actor, (turn) => {
      for (const { items, ...draft } of drafts)
        turn.add({ kind: 'intake.entry', refs: { import: this.id, items }, ...draft });
    });
  }

  async #seen(ids: string[]): Promise<Set<string>> {
    const { rows } = await this.#opened.index.pool.query<{ entry: string }>(
      'select distinct entry from import_entry where import = $1 and entry = any($2)',
      [this.id, ids.map(indexed)],
    );
    return new Set(rows.map(({ entry }) => entry));
  }
}

async function* none(): AsyncGenerator<Entry> {
  yield* [];
}
