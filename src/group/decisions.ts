// What people decide, as records: nothing is edited, the latest act stands, and taking one back is an act of its own.
// Grouping respects what is in force whenever it runs again.
import { Fault } from '../case/fault.ts';
import type { Category, IdentifierRole } from '../case/views.ts';
import type { OpenCase } from '../log/case.ts';
import type { Turn } from '../log/log.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { latinDigits } from './identifier.ts';
import { aliases } from './pictures.ts';

/**
 * Called within the turn, on the state that the act is going to stand on, again where another writer was first: throws
 * where the act shall not be. What somebody saw before they answered is compared here and nowhere else.
 */
export type Guard = () => Promise<void>;
const unguarded: Guard = async () => undefined;

/** The most pictures that one act may name. */
const most = 10_000;

/** Appends one record under its guard. */
async function one({ log, actor }: OpenCase, guard: Guard, write: (turn: Turn) => void): Promise<LoggedRecord> {
  const [record] = await log.append(actor, async (turn) => {
    await guard();
    write(turn);
  });
  return record!;
}

/** The record ids of items by their handles. Fault('usage') names what is not there. */
export async function itemIds({ index }: OpenCase, items: readonly string[]): Promise<string[]> {
  if (items.length === 0 || items.length > most) {
    throw new Fault('usage', {
      what: 'An act is on pictures.',
      expected: `1 to ${most} handles of items, as E-00012`,
      got: String(items.length),
      next: 'dalil items',
    });
  }
  const { rows } = await index.pool.query<{ handle: string; id: string }>(
    'select handle, id from item where handle = any($1)',
    [items],
  );
  const ids = new Map(rows.map(({ handle, id }) => [handle, id]));
  const missing = items.find((item) => !ids.has(item));
  if (missing !== undefined) throw unknown('item', missing, 'dalil items');
  return [...new Set(items)].map((item) => ids.get(item)!);
}

const unknown = (what: string, got: string, next: string): Fault =>
  new Fault('usage', { what: `There is no such ${what}.`, expected: `a handle of this case`, got, next });

interface Known {
  handle: string;
  id: string;
  key: Record<string, string>;
}

async function individual({ index }: OpenCase, handle: string): Promise<Known> {
  const { rows } = await index.pool.query<Known>(
    'select v.handle, r.id, v.key from individual v join record r on r.position = v.position where v.handle = $1',
    [handle],
  );
  if (rows[0] === undefined) throw unknown('individual', handle, 'dalil individuals');
  return rows[0];
}

export interface Settlement {
  item: string;
  role: IdentifierRole;
  /** null: it cannot be read. */
  value: string | null;
  /** Which reading of the picture it answers. */
  reading: number | null;
}

/** A number as a settlement keeps it: Latin digits, composed, trimmed. */
export const numberText = (value: string): string => latinDigits(value.normalize('NFC').trim());

/** A person says what a card says. Arabic-Indic digits are kept as Latin ones. */
export async function settleNumber(
  opened: OpenCase,
  { item, role, value, reading }: Settlement,
  guard = unguarded,
): Promise<LoggedRecord> {
  const said = value === null ? null : numberText(value);
  if (said !== null && (said === '' || said.length > 40)) {
    throw new Fault('usage', { what: 'This is no number.', expected: '1 to 40 characters', got: `${said.length}` });
  }
  const [id] = await itemIds(opened, [item]);
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.settlement', refs: { item: id! }, role, value: said, reading, withdrawn: false });
  });
}

/** Takes back what was said of a card: the machine's reading is open again. */
export async function withdrawNumber(
  opened: OpenCase,
  item: string,
  role: IdentifierRole,
  guard = unguarded,
): Promise<LoggedRecord> {
  const [id] = await itemIds(opened, [item]);
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.settlement', refs: { item: id! }, role, value: null, reading: null, withdrawn: true });
  });
}

/** A person says what pictures are of; null takes it back. */
export async function settleCategory(
  opened: OpenCase,
  items: readonly string[],
  category: Category | null,
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  const ids = await itemIds(opened, items);
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.category', refs: { items: ids }, category, why });
  });
}

/** Two individuals are one body: `from` is another name of `into` from now on. */
export async function mergeIndividuals(
  opened: OpenCase,
  from: string,
  into: string,
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  const [first, other] = [await individual(opened, from), await individual(opened, into)];
  const { rows } = await opened.index.pool.query<{ source: string; target: string }>(
    "select source, target from merge where state = 'merged'",
  );
  const resolve = aliases(rows);
  if (resolve(from) === resolve(into)) {
    throw new Fault('usage', {
      what: 'These are one individual already.',
      expected: 'two individuals',
      got: `both are ${resolve(into)}`,
      next: 'dalil individuals',
    });
  }
  return addMerge(opened, first, other, why, 'merged', guard);
}

/** Two individuals are two bodies: takes a merge back, or refuses one that was proposed. */
export async function partIndividuals(
  opened: OpenCase,
  from: string,
  into: string,
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  return addMerge(opened, await individual(opened, from), await individual(opened, into), why, 'parted', guard);
}

function addMerge(opened: OpenCase, from: Known, into: Known, why: string, state: 'merged' | 'parted', guard: Guard) {
  return one(opened, guard, (turn) => {
    turn.add({
      kind: 'group.merge',
      refs: { from: from.id, into: into.id },
      from: from.handle,
      into: into.handle,
      why,
      state,
    });
  });
}

/** These pictures are of another body, which has the same number: the record's handle is the new individual's. */
export async function splitIndividual(
  opened: OpenCase,
  from: string,
  items: readonly string[],
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  const old = await individual(opened, from);
  const ids = await itemIds(opened, items);
  const { rows } = await opened.index.pool.query<{ item: string }>('select item from member where individual = $1', [
    from,
  ]);
  const members = new Set(rows.map(({ item }) => item));
  const stranger = items.find((item) => !members.has(item));
  if (stranger !== undefined) {
    throw new Fault('usage', {
      what: 'A picture is not of this individual.',
      expected: `pictures of ${from}`,
      got: stranger,
      next: `dalil individuals --why ${from}`,
    });
  }
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.split', handle: turn.next('I'), refs: { items: ids }, from, key: old.key, why });
  });
}

/** Puts pictures to an individual, or to none (null). */
export async function movePictures(
  opened: OpenCase,
  items: readonly string[],
  to: string | null,
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  if (to !== null) await individual(opened, to);
  const ids = await itemIds(opened, items);
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.move', refs: { items: ids }, to, why, released: false });
  });
}

/** Takes back what was decided on pictures: the machine proposes again. */
export async function releasePictures(
  opened: OpenCase,
  items: readonly string[],
  why: string,
  guard = unguarded,
): Promise<LoggedRecord> {
  const ids = await itemIds(opened, items);
  return one(opened, guard, (turn) => {
    turn.add({ kind: 'group.move', refs: { items: ids }, to: null, why, released: true });
  });
}
