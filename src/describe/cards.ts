// The reading stage: every picture that decodes is looked at for numbers once for each version of the reader and grammar
// of the case, in worker threads; what is read is signed in turns, so a crash costs at most one turn of reading.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import {
  cardObservation,
  cardProblems,
  cardReader,
  numberGrammarSchema,
  type CardProblemCode,
  type cardRecord,
  type CardSettings,
} from './card-records.ts';
import { defaultSettings } from './description.ts';
import type { NumberInput, NumbersRead } from './number.ts';
import type { z } from 'zod';

export interface ReadOptions {
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
}

/** Records a turn: at 4 pictures a second a core, half a minute of reading. */
const turnSize = 256;
const page = 4096;

/** The settings in force: the grammar is that of the case's rules, empty where they give none. */
export async function cardSettings({ index }: Pick<OpenCase, 'index'>): Promise<CardSettings> {
  const { rows } = await index.pool.query<{ numbers: unknown }>(
    `select body->'numbers' as numbers from rules order by position desc limit 1`,
  );
  const grammar = numberGrammarSchema.parse(rows[0]?.numbers ?? []);
  return { pixelLimit: defaultSettings.pixelLimit, grammar };
}

/** Reads what is pending; gives how many pictures were. Throws Fault('cancelled') with everything up to then kept. */
export async function readCards(opened: OpenCase, options: ReadOptions = {}): Promise<number> {
  const settings = await cardSettings(opened);
  const key = cardObservation(settings);
  const total = await countPending(opened, key);
  if (total === 0) return 0;
  const threads = options.threads ?? availableParallelism();
  const workers = openWorkers<NumberInput, NumbersRead>(new URL('./number-worker.ts', import.meta.url), { threads });
  const { log, actor } = opened;
  let done = 0;
  let turn: { item: Pending; read: NumbersRead }[] = [];
  const seal = async (): Promise<void> => {
    await log.append(actor, ({ add }) => {
      for (const { item, read } of turn) {
        add({ kind: 'describe.card', refs: { item: item.id }, ...cardFields(read, settings) });
      }
    });
    turn = [];
  };
  try {
    for await (const result of inOrder(pending(opened, key), threads * 16, async (item: Pending) => ({
      item,
      read: await readOne(opened, workers, item, settings),
    }))) {
      turn.push(result);
      options.progress?.({ stage: 'read', done: ++done, total });
      if (options.signal?.aborted === true) break;
      if (turn.length >= turnSize) await seal();
    }
    if (turn.length > 0) await seal();
  } finally {
    await workers.close();
  }
  if (options.signal?.aborted === true) {
    throw new Fault('cancelled', { what: 'Cancelled. What was read is kept.', next: 'dalil read goes on from here' });
  }
  return done;
}

function cardFields({ readings, problems }: NumbersRead, settings: CardSettings): Record<string, Json> {
  const fields: z.infer<typeof cardRecord> = {
    observation: { tool: cardReader.name, version: cardReader.version, settings },
    readings,
    problems: problems.map((code) => ({ code, message: cardProblems[code] })),
  };
  return fields as unknown as Record<string, Json>;
}

/** What the decoder here takes; HEIC is not read for numbers yet. */
export const readableFormats = [
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/tiff',
  'image/webp',
  'image/avif',
] as const;

/** Pictures that describe could decode, in part at least, and that have no reading by this reader and grammar. */
const pendingItems = `from item i join description d on d.item = i.handle left join card c on c.item = i.handle
  where d.format = any('{${readableFormats.join(',')}}') and d.decode in ('complete', 'partial')
    and i.destroyed is null and c.observation is distinct from $1`;

async function countPending({ index }: OpenCase, key: string): Promise<number> {
  const { rows } = await index.pool.query<{ n: number }>(`select count(*) as n ${pendingItems}`, [key]);
  return rows[0]!.n;
}

async function* pending({ index }: OpenCase, key: string): AsyncGenerator<Pending> {
  for (let after = -1; ;) {
    const { rows } = await index.pool.query<Pending>(
      `select i.id, i.position, i.sha256, i.size ${pendingItems} and i.position > $2 order by i.position limit $3`,
      [key, after, page],
    );
    yield* rows;
    if (rows.length < page) return;
    after = rows.at(-1)!.position;
  }
}

const lost: Record<'timed-out' | 'out-of-memory' | 'exited', CardProblemCode> = {
  'timed-out': 'timed-out',
  'out-of-memory': 'out-of-memory',
  exited: 'worker-ended',
};

async function readOne(
  { folder, home, id }: OpenCase,
  workers: Workers<NumberInput, NumbersRead>,
  { sha256, size }: Pending,
  { pixelLimit, grammar }: CardSettings,
): Promise<NumbersRead> {
  const path = join(folder.path, citedPath({ store: 'originals', sha256, size }));
  const cropPath = join(home.thumbnails, id, sha256.slice(0, 2), sha256);
  await mkdir(dirname(cropPath), { recursive: true, mode: 0o700 });
  try {
    return await workers.run({ path, size, pixelLimit, grammar, cropPath });
  } catch (error) {
    if (error instanceof WorkerLost && error.reason !== 'closed')
      return { readings: [], problems: [lost[error.reason]] };
    throw error;
  }
}
