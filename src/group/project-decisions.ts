// Rows of what people have decided. The latest record on an item (a role, a pair) stands; one that takes an earlier back
// removes its row, so that grouping sees what is in force and the log keeps both.
import type pg from 'pg';
import type { LoggedRecord } from '../log/logged.ts';
import { insertRows } from '../store/index-database.ts';
import { categoryRecord, mergeRecord, moveRecord, settlementRecord, splitRecord } from './records.ts';

const many = (ref: string | string[] | undefined): string[] => (ref === undefined ? [] : [ref].flat());

/** `itemOf`: the handle of every item that the records cite. Records are in the order of the log. */
export async function projectDecisions(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  itemOf: ReadonlyMap<string, string>,
): Promise<void> {
  const settled = new Map<string, Record<string, unknown> & { withdrawn: boolean }>();
  const answered = new Map<string, Map<number, Record<string, unknown> & { role: string }>>();
  const asked: { item: string; reading: number }[] = [];
  const takenBack: { item: string; role: string }[] = [];
  const sorted = new Map<string, Record<string, unknown> & { category: string | null }>();
  const placed = new Map<string, Record<string, unknown> & { released: boolean }>();
  const merged = new Map<string, Record<string, unknown>>();
  const apart: Record<string, unknown>[] = [];
  for (const { kind, position, handle, refs, fields } of records) {
    const items = [...many(refs['item']), ...many(refs['items'])].map((id) => itemOf.get(id)!);
    if (kind === 'group.settlement') {
      const said = settlementRecord.parse(fields);
      const { role, reading, withdrawn } = said;
      for (const item of items) {
        settled.set(`${item} ${role}`, { item, position, ...said });
        const answers = answered.get(item) ?? new Map<number, Record<string, unknown> & { role: string }>();
        answered.set(item, answers);
        if (withdrawn) {
          takenBack.push({ item, role });
          for (const [n, one] of answers) if (one.role === role) answers.delete(n);
        } else if (reading !== null) {
          asked.push({ item, reading });
          answers.set(reading, { item, position, ...said });
        }
      }
    } else if (kind === 'group.category') {
      const said = categoryRecord.parse(fields);
      for (const item of items) sorted.set(item, { item, position, ...said });
    } else if (kind === 'group.move') {
      const { to, why, released } = moveRecord.parse(fields);
      for (const item of items) placed.set(item, { item, position, individual: to, why, released });
    } else if (kind === 'group.split') {
      const { from, key, why } = splitRecord.parse(fields);
      apart.push({ handle, position, source: from, key });
      for (const item of items) placed.set(item, { item, position, individual: handle, why, released: false });
    } else if (kind === 'group.merge') {
      const { from, into, state, why } = mergeRecord.parse(fields);
      merged.set([from, into].toSorted().join(' '), { source: from, target: into, position, state, why });
    }
  }
  await client.query(
    'delete from settlement s using unnest($1::text[], $2::text[]) as k(item, role) where s.item = k.item and s.role = k.role',
    [[...settled.values()].map(({ item }) => item), [...settled.values()].map((one) => one['role'])],
  );
  await insertRows(
    client,
    'settlement',
    { item: 'text', role: 'text', position: 'bigint', value: 'text', reading: 'int' },
    [...settled.values()].filter(({ withdrawn }) => !withdrawn),
  );
  await client.query(
    `delete from number_answer a where exists (select from unnest($1::text[], $2::int[]) as k(item, reading)
         where k.item = a.item and k.reading = a.reading)
       or exists (select from unnest($3::text[], $4::text[]) as k(item, role) where k.item = a.item and k.role = a.role)`,
    [
      asked.map(({ item }) => item),
      asked.map(({ reading }) => reading),
      takenBack.map(({ item }) => item),
      takenBack.map(({ role }) => role),
    ],
  );
  await insertRows(
    client,
    'number_answer',
    { item: 'text', reading: 'int', role: 'text', position: 'bigint', value: 'text' },
    [...answered.values()].flatMap((answers) => [...answers.values()]),
  );
  await client.query('delete from category_decision where item = any($1)', [[...sorted.keys()]]);
  await insertRows(
    client,
    'category_decision',
    { item: 'text', position: 'bigint', category: 'text', why: 'text' },
    [...sorted.values()].filter(({ category }) => category !== null),
  );
  await client.query('delete from placement where item = any($1)', [[...placed.keys()]]);
  await insertRows(
    client,
    'placement',
    { item: 'text', position: 'bigint', individual: 'text', why: 'text' },
    [...placed.values()].filter(({ released }) => !released),
  );
  for (const { source, target } of merged.values()) {
    await client.query('delete from merge where (source, target) in (($1, $2), ($2, $1))', [source, target]);
  }
  await insertRows(
    client,
    'merge',
    { source: 'text', target: 'text', position: 'bigint', state: 'text', why: 'text' },
    [...merged.values()],
  );
  await insertRows(client, 'apart', { handle: 'text', position: 'bigint', source: 'text', key: 'jsonb' }, apart);
}
