// One pass over what is sealed: every item whose standing observation is not the one that would be made now is looked at
// once, or again those that a person chooses. What was seen is signed in turns, so a crash costs at most one turn of looking.
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../case/json.ts';
import { Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';

export interface Pending {
  id: string;
  position: number;
  sha256: string;
  size: number;
  name: string;
  /** Position of the record of the observation that stands; null without one. */
  standing: number | null;
}

/** A pass as it would be made now: what it writes, and which items it concerns. All SQL is of this program alone. */
export interface Standing {
  stage: 'describe' | 'read';
  /** The tool of its observations: what a person calls the pass by. */
  tool: string;
  /** The kind of record that it writes. */
  kind: string;
  /** The key of the observation that it makes. */
  key: string;
  /** The items that it concerns: `from item i … where …`. */
  concerns: string;
  /** The row that holds the observation that stands, by its name in `concerns`: it has `observation` and `position`. */
  row: string;
  /** Whether the observation that stands has a problem of the code $1. */
  troubled: string;
  /** What this machine lacks for it, in a word; null where it can be made. */
  lacks?: () => string | null;
}

export interface Pass extends Standing {
  /** How many items are looked at side by side. */
  window: number;
  /** Records a turn; 512 without. */
  turn?: number;
  /** The fields of the record. */
  look(item: Pending): Promise<Record<string, Json>>;
}

/**
 * What is looked at: `pending`, what has no observation or one by another version or other settings; `changed`, of these
 * only what has one; or items by their handles, or by the code of a problem that was met in them. The last two add a
 * record only where it says something else than the one that stands.
 */
export type Choice = 'pending' | 'changed' | { items: readonly string[] } | { problem: string };

export interface PassOptions {
  choice?: Choice | undefined;
  signal?: AbortSignal | undefined;
  progress?: Progress | undefined;
}

/** How many items were looked at, and of how many something new was written down. */
export interface Looked {
  looked: number;
  written: number;
}

/** At 24 pictures a second a core, a turn of the first pass is some ten seconds of looking. */
const turnSize = 512;
const page = 4096;

function chosen({ concerns, row, key, troubled }: Standing, choice: Choice): { text: string; value: unknown } {
  if (choice === 'pending') return { text: `${concerns} and ${row}.observation is distinct from $1`, value: key };
  if (choice === 'changed') return { text: `${concerns} and ${row}.observation <> $1`, value: key };
  if ('items' in choice) return { text: `${concerns} and i.handle = any($1)`, value: choice.items };
  return { text: `${concerns} and ${troubled}`, value: choice.problem };
}

/** How many items a pass has before it. */
export async function countChosen({ index }: OpenCase, pass: Standing, choice: Choice = 'pending'): Promise<number> {
  const { text, value } = chosen(pass, choice);
  const { rows } = await index.pool.query<{ n: number }>(`select count(*) as n ${text}`, [value]);
  return rows[0]!.n;
}

/** Looks at what is chosen. Throws Fault('cancelled') with everything up to then kept. */
export async function runPass(opened: OpenCase, pass: Pass, options: PassOptions): Promise<Looked> {
  const { choice = 'pending', signal, progress } = options;
  const { log, actor } = opened;
  const total = await countChosen(opened, pass, choice);
  const did: Looked = { looked: 0, written: 0 };
  let turn: { item: Pending; fields: Record<string, Json> }[] = [];
  const seal = async (): Promise<void> => {
    const said = typeof choice === 'string' ? turn : await newlySaid(opened, turn);
    turn = [];
    if (said.length === 0) return;
    await log.append(actor, ({ add }) => {
      for (const { item, fields } of said) add({ kind: pass.kind, refs: { item: item.id }, ...fields });
    });
    did.written += said.length;
  };
  // The window keeps the threads at work while a turn is being sealed.
  const looked = inOrder(chosenItems(opened, pass, choice), pass.window, async (item: Pending) => ({
    item,
    fields: await pass.look(item),
  }));
  for await (const result of looked) {
    turn.push(result);
    progress?.({ stage: pass.stage, done: ++did.looked, total });
    if (signal?.aborted === true) break;
    if (turn.length >= (pass.turn ?? turnSize)) await seal();
  }
  if (turn.length > 0) await seal();
  if (signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: `Cancelled. What was ${pass.stage === 'read' ? 'read' : 'described'} is kept.`,
      next: 'the same command goes on from here',
    });
  }
  return did;
}

/** What says something else than the observation that stands: an observation repeated is none. */
async function newlySaid<T extends { item: Pending; fields: Record<string, Json> }>(
  { log }: OpenCase,
  turn: readonly T[],
): Promise<T[]> {
  const said: T[] = [];
  for (const each of turn) {
    const { standing } = each.item;
    if (standing === null) said.push(each);
    else {
      // A record holds JSON: fields without a value are none.
      const now: unknown = JSON.parse(JSON.stringify(each.fields));
      for await (const { fields } of log.read(standing, standing + 1))
        if (!isDeepStrictEqual(fields, now)) said.push(each);
    }
  }
  return said;
}

async function* chosenItems({ index }: OpenCase, pass: Standing, choice: Choice): AsyncGenerator<Pending> {
  const { text, value } = chosen(pass, choice);
  for (let after = -1; ;) {
    const { rows } = await index.pool.query<Pending>(
      `select i.id, i.position, i.sha256, i.size, i.name, ${pass.row}.position as standing ${text}
       and i.position > $2 order by i.position limit $3`,
      [value, after, page],
    );
    yield* rows;
    if (rows.length < page) return;
    after = rows.at(-1)!.position;
  }
}
