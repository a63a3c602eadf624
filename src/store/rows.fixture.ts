// An index that tests fill with rows, as the projections would make them: for queries, which know of rows alone.
import type pg from 'pg';
import { insertRows, openIndex, type IndexDatabase } from './index-database.ts';
import { openTestHome } from './test-database.ts';

export interface RowsIndex {
  index: IndexDatabase;
  pool: pg.Pool;
  /** Drops everything and makes the tables again. */
  empty(): Promise<void>;
  /** Adds rows. A column that may not be empty and is not given gets 0, false, {} or ''. */
  put(table: string, rows: readonly Record<string, unknown>[]): Promise<void>;
  close(): Promise<void>;
}

export async function openRowsIndex(projections: readonly { tables: string }[]): Promise<RowsIndex> {
  const place = await openTestHome();
  const index = await openIndex({ ...place, caseId: '0123456789abcdef0123456789abcdef' });
  const zero = (type: string): unknown =>
    /int/.test(type) ? 0 : type === 'boolean' ? false : type === 'jsonb' ? {} : '';
  return {
    index,
    pool: index.pool,
    empty: async () => {
      await index.dropSchema();
      await index.createSchema();
      for (const { tables } of projections) await index.pool.query(tables);
    },
    put: async (table, rows) => {
      const { rows: columns } = await index.pool.query<{ name: string; type: string; needed: boolean }>(
        `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as needed
         from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
        [table],
      );
      const base = Object.fromEntries(
        columns.flatMap(({ name, type, needed }) => (needed ? [[name, zero(type)]] : [])),
      );
      const given = new Set([...Object.keys(base), ...rows.flatMap((row) => Object.keys(row))]);
      const types = new Map(columns.map(({ name, type }) => [name, type]));
      const unknown = [...given].find((name) => !types.has(name));
      if (unknown !== undefined) throw new Error(`${table} has no column ${unknown}`);
      await insertRows(
        index.pool,
        table,
        Object.fromEntries([...given].map((name) => [name, types.get(name)!])),
        rows.map((row) => ({ ...base, ...row })),
      );
    },
    close: async () => {
      await index.close();
      await place.close();
    },
  };
}
