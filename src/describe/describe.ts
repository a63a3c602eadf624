// The describing stage: every item that has no observation by this tool, version and settings is looked at once, in
// worker threads; what is seen is signed in turns, so a crash costs at most one turn of looking.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { defaultSettings, undescribed, type DescribeSettings, type Description } from './description.ts';
import type { DescribeInput } from './picture.ts';
import { currentObservation, describeFields } from './records.ts';

export interface DescribeOptions {
  settings?: DescribeSettings;
  /** Worker threads; as many as there are processors by default. */
  threads?: number;
  signal?: AbortSignal;
  progress?: Progress;
}

interface Pending {
  id: string;
  position: number;
  sha256: string;
  size: number;
  name: string;
}

/** Records a turn: at 24 pictures a second a core, a turn is some ten seconds of looking. */
const turnSize = 512;
const page = 4096;

/** Describes what is pending; gives how many were. Throws Fault('cancelled') with everything up to then kept. */
export async function describe(opened: OpenCase, options: DescribeOptions = {}): Promise<number> {
  const settings = options.settings ?? defaultSettings;
  const key = currentObservation(settings);
  const total = await countPending(opened, key);
  if (total === 0) return 0;
  const threads = options.threads ?? availableParallelism();
  const workers = openWorkers<DescribeInput, Description>(new URL('./picture-worker.ts', import.meta.url), { threads });
  const { log, actor } = opened;
  let done = 0;
  let turn: { item: Pending; said: Description }[] = [];
  const seal = async (): Promise<void> => {
    await log.append(actor, ({ add }) => {
      for (const { item, said } of turn)
        add({ kind: 'describe.item', refs: { item: item.id }, ...describeFields(said, settings) });
    });
    turn = [];
  };
  try {
    const look = (item: Pending) => describeOne(opened, workers, item, settings);
    // The window keeps the threads at work while a turn is being sealed.
    for await (const result of inOrder(pending(opened, key), threads * 16, async (item: Pending) => ({
      item,
      said: await look(item),
    }))) {
      turn.push(result);
      options.progress?.({ stage: 'describe', done: ++done, total });
      if (options.signal?.aborted === true) break;
      if (turn.length >= turnSize) await seal();
    }
    if (turn.length > 0) await seal();
  } finally {
    await workers.close();
  }
  if (options.signal?.aborted === true) {
    throw new Fault('cancelled', {
      what: 'Cancelled. What was described is kept.',
      next: 'dalil describe goes on from here',
    });
  }
  return done;
}

const pendingItems = `from item i left join description d on d.item = i.handle where d.observation is distinct from $1 and i.destroyed is null`;

async function countPending({ index }: OpenCase, key: string): Promise<number> {
  const { rows } = await index.pool.query<{ n: number }>(`select count(*) as n ${pendingItems}`, [key]);
  return rows[0]!.n;
}

async function* pending({ index }: OpenCase, key: string): AsyncGenerator<Pending> {
  for (let after = -1; ;) {
    const { rows } = await index.pool.query<Pending>(
      `select i.id, i.position, i.sha256, i.size, i.name ${pendingItems} and i.position > $2 order by i.position limit $3`,
      [key, after, page],
    );
    yield* rows;
    if (rows.length < page) return;
    after = rows.at(-1)!.position;
  }
}

const lost = {
  'timed-out': 'timed-out',
  'out-of-memory': 'out-of-memory',
  exited: 'worker-ended',
  closed: 'worker-ended',
} as const;

async function describeOne(
  { folder, home, id }: OpenCase,
  workers: Workers<DescribeInput, Description>,
  item: Pending,
  settings: DescribeSettings,
): Promise<Description> {
  const path = join(folder.path, citedPath({ store: 'originals', sha256: item.sha256, size: item.size }));
  const thumbnailPath = join(home.thumbnails, id, item.sha256.slice(0, 2), `${item.sha256}.jpg`);
  await makeOnce(dirname(thumbnailPath));
  try {
    return await workers.run({ path, name: item.name, size: item.size, thumbnailPath, settings });
  } catch (error) {
    if (error instanceof WorkerLost && error.reason !== 'closed') return undescribed(item.size, lost[error.reason]);
    throw error;
  }
}

const made = new Map<string, Promise<unknown>>();
function makeOnce(folder: string): Promise<unknown> {
  let making = made.get(folder);
  if (making === undefined) made.set(folder, (making = mkdir(folder, { recursive: true, mode: 0o700 })));
  return making;
}
