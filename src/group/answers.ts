// Answering what a queue asks: the records of decisions.ts, under the condition that nothing has been decided since the
// entry was served. What an entry stands on is its state; an answer carries it back, and another state is a conflict.
import { createHash } from 'node:crypto';
import { Fault } from '../case/fault.ts';
import { identifierRoles, type Category, type IdentifierRole } from '../case/views.ts';
import type { OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import {
  movePictures,
  numberText,
  releasePictures,
  settleCategory,
  settleNumber,
  withdrawNumber,
  type Settlement,
} from './decisions.ts';
import type { CategoryEntry, MergeEntry, NumberEntry } from './queue.ts';

/** An entry as it was served, with its queue. */
export type Served =
  | { queue: 'numbers'; entry: NumberEntry }
  | { queue: 'merges'; entry: MergeEntry }
  | { queue: 'categories'; entry: CategoryEntry };

/** `value` null: it cannot be read. `role`: of an entry that has none. `to` null: the pictures belong to nobody. */
export type Answer =
  | { queue: 'numbers'; role?: IdentifierRole; value: string | null }
  | { queue: 'merges'; to: string | null }
  | { queue: 'categories'; category: Category };

/** What a person has said of one of an entry's pictures. */
export interface Decided {
  item: string;
  said: string | null;
  by: string;
  at: string;
  position: number;
}

export interface Standing {
  /** Changes whenever anything that the entry stands on does. */
  state: string;
  /** What is in force on its pictures; more than twenty are not listed. */
  decided: Decided[];
}

const itemsOf = (served: Served): string[] => (served.queue === 'numbers' ? [served.entry.item] : served.entry.items);

/** What is asked of each picture of an entry: what the answer would stand on, and what a person has said since. */
const questions = {
  numbers: `select i.handle as item, c.position as base, s.position, s.value as said
    from item i left join card c on c.item = i.handle
      left join settlement s on s.item = i.handle and s.role = $2 where i.handle = any($1)`,
  readings: `select i.handle as item, c.position as base, a.position, a.value as said
    from item i left join card c on c.item = i.handle
      left join number_answer a on a.item = i.handle and a.reading = $2::int where i.handle = any($1)`,
  merges: `select i.handle as item, m.individual as base, p.position, p.individual as said
    from item i left join member m on m.item = i.handle left join placement p on p.item = i.handle
    where i.handle = any($1) and $2::text is null`,
  categories: `select i.handle as item, r.position as base, c.position, c.category as said
    from item i left join reading r on r.item = i.handle left join category_decision c on c.item = i.handle
    where i.handle = any($1) and $2::text is null`,
} as const;

/** The question of an entry, and its parameters. A reading without a role is asked for itself, whatever role it is given. */
function asked(served: Served): [sql: string, parameters: unknown[]] {
  const items = itemsOf(served);
  if (served.queue !== 'numbers') return [questions[served.queue], [items, null]];
  const { role, reading } = served.entry;
  return role === null ? [questions.readings, [items, reading]] : [questions.numbers, [items, role]];
}

/** What an entry stands on now. */
export async function standingOf({ index }: OpenCase, served: Served): Promise<Standing> {
  const [sql, parameters] = asked(served);
  const { rows } = await index.pool.query<Omit<Decided, 'position'> & { base: unknown; position: number | null }>(
    `select q.*, r.actor as by, r.at from (${sql}) q left join record r on r.position = q.position order by q.item`,
    parameters,
  );
  const hash = createHash('sha256').update(
    JSON.stringify([served.entry.id, rows.map(({ item, base, position }) => [item, base, position])]),
  );
  const decided = rows.flatMap(({ item, said, by, at, position }) =>
    position === null ? [] : [{ item, said, by, at, position }],
  );
  return { state: hash.digest('base64url').slice(0, 16), decided: decided.slice(0, 20) };
}

const conflict = (what: string): Fault =>
  new Fault('conflict', { what, next: 'look at what has changed, and answer again if it still needs an answer' });

/**
 * Writes an answer down. Throws Fault('conflict') where the entry no longer stands as it did in `state`, and what the acts
 * throw.
 */
export async function answerEntry(
  opened: OpenCase,
  served: Served,
  state: string,
  answer: Answer,
  why: string,
): Promise<LoggedRecord> {
  const guard = async (): Promise<void> => {
    if ((await standingOf(opened, served)).state !== state)
      throw conflict('This was answered, or has changed, since it was asked.');
  };
  if (served.queue === 'numbers' && answer.queue === 'numbers') {
    const { item, reading } = served.entry;
    const settlement = { item, role: roleOf(served.entry, answer.role), value: answer.value, reading };
    return settleNumber(opened, settlement, async () => {
      await guard();
      if (served.entry.role === null) await unopposed(opened, settlement);
    });
  }
  if (served.queue === 'merges' && answer.queue === 'merges') {
    const { individual, others, items } = served.entry;
    if (answer.to !== null && answer.to !== individual && !others.includes(answer.to)) {
      throw new Fault('usage', {
        what: 'The pictures may not go there by this answer.',
        expected: [individual, ...others, 'nobody'].filter((one) => one !== null).join(', '),
        got: answer.to,
        next: 'dalil settle move, which asks nothing',
      });
    }
    return movePictures(opened, items, answer.to, why, guard);
  }
  if (served.queue === 'categories' && answer.queue === 'categories')
    return settleCategory(opened, served.entry.items, answer.category, why, guard);
  throw new Fault('usage', { what: 'This is no answer to that queue.', expected: served.queue, got: answer.queue });
}

/** The role that is asked about, or that the answer says where none is. */
function roleOf({ role }: NumberEntry, said: IdentifierRole | undefined): IdentifierRole {
  const is = role ?? said;
  if (is !== undefined && (said === undefined || said === is)) return is as IdentifierRole;
  throw new Fault('usage', {
    what: role === null ? 'The answer does not say which number this is.' : 'Another number was asked for.',
    expected: role ?? identifierRoles.join(', '),
    got: said ?? 'nothing',
    next: role === null ? 'answer with a role' : `dalil settle number E-00012 --role ${said}, which asks nothing`,
  });
}

/** Of a role and a picture one word stands: another reading's is not written over. */
async function unopposed({ index }: OpenCase, { item, role, value, reading }: Settlement): Promise<void> {
  const { rows } = await index.pool.query(
    `select from settlement where item = $1 and role = $2 and reading is distinct from $3
       and value is distinct from $4`,
    [item, role, reading, value === null ? null : numberText(value)],
  );
  if (rows.length > 0)
    throw conflict('Another reading of this picture was settled as this number, with another value.');
}

/**
 * Takes an answer back by another record. Throws Fault('conflict') where it is no longer what stands on every picture, or
 * is another person's.
 */
export async function undoAnswer(opened: OpenCase, served: Served, position: number): Promise<LoggedRecord> {
  const guard = async (): Promise<void> => {
    const items = itemsOf(served);
    const [sql, parameters] = asked(served);
    const { rows } = await opened.index.pool.query<{ standing: number; mine: number }>(
      `select count(q.position) as standing, count(*) filter (where r.actor = $4) as mine
       from (${sql}) q join record r on r.position = q.position where q.position = $3`,
      [...parameters, position, opened.actor.name],
    );
    const { standing, mine } = rows[0]!;
    if (standing !== items.length || mine !== items.length) throw notInForce();
  };
  switch (served.queue) {
    case 'numbers':
      return withdrawNumber(opened, served.entry.item, await roleAt(opened, served.entry, position), guard);
    case 'merges':
      return releasePictures(opened, served.entry.items, '', guard);
    case 'categories':
      return settleCategory(opened, served.entry.items, null, '', guard);
  }
}

const notInForce = (): Fault =>
  conflict('This answer is no longer in force, or is another person’s, so it cannot be taken back here.');

/** The role under which the settlement at `position` stands. Throws Fault('conflict') where it does not stand. */
async function roleAt({ index }: OpenCase, { item, role }: NumberEntry, position: number): Promise<IdentifierRole> {
  if (role !== null) return role as IdentifierRole;
  const { rows } = await index.pool.query<{ role: IdentifierRole }>(
    'select role from settlement where item = $1 and position = $2',
    [item, position],
  );
  if (rows[0] === undefined) throw notInForce();
  return rows[0].role;
}
