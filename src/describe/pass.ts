// One pass over what is sealed: every item whose standing observation is not the one that would be made now is looked at
// once, and what was seen is signed in turns, so a crash costs at most one turn of looking.
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
}

export interface Pass {
  /** The kind of record that it writes. */
  kind: string;
  /** The key of the observation that it makes. */
  key: string;
  /** From items `i` joined with what they were last seen as, with $1 for the key: SQL of this program alone. */
  pending: string;
  /** How many items are looked at side by side. */
  window: number;
  /** The fields of the record. */
  look(item: Pending): Promise<Record<string, Json>>;
}

export interface PassOptions {
  signal?: AbortSignal | undefined;
  progress?: Progress | undefined;
}

/** Records a turn: at 24 pictures a second a core, a turn is some ten seconds of looking. */
const turnSize = 512;
const page = 4096;

/** How many items a pass has before it. */
export async function countPending({ index }: OpenCase, { pending, key }: Pick<Pass, 'pending' | 'key'>) {
  const { rows } = await index.pool.query<{ n: number }>(`select count(*) as n ${pending}`, [key]);
  return rows[0]!.n;
}

/** Looks at what is pending; gives how many that were. Throws Fault('cancelled') with everything up to then kept. */
export async function runPass(opened: OpenCase, pass: Pass, { signal, progress }: PassOptions): Promise<number> {
  const { log, actor } = opened;
  const total = await countPending(opened, pass);
  let done = 0;
  let turn: { item: Pending; fields: Record<string, Json> }[] = [];
  const seal = async (): Promise<void> => {
    await log.append(actor, ({ add }) => {
      for (const { item, fields } of turn) add({ kind: pass.kind, refs: { item: item.id }, ...fields });
    });
    turn = [];
  };
  // The window keeps the threads at work while a turn is being sealed.
  const looked = inOrder(pendingItems(opened, pass), pass.window, async (item: Pending) => ({
    item,
    fields: await pass.look(item),
  }));
  for await (const result of looked) {
    turn.push(result);
    progress?.({ stage: 'describe', done: ++done, total });
    if (signal?.aborted === true) break;
    if (turn.length >= turnSize) await seal();
  }
  if (turn.length > 0) await seal();
  if (signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: 'Cancelled. What was described is kept.',
      next: 'dalil describe goes on from here',
    });
  }
  return done;
}

async function* pendingItems({ index }: OpenCase, { pending, key }: Pass): AsyncGenerator<Pending> {
  for (let after = -1; ;) {
    const { rows } = await index.pool.query<Pending>(
      `select i.id, i.position, i.sha256, i.size, i.name ${pending} and i.position > $2 order by i.position limit $3`,
      [key, after, page],
    );
    yield* rows;
    if (rows.length < page) return;
    after = rows.at(-1)!.position;
  }
}
