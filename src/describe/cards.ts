// The pass that reads numbers: every picture that decodes is looked at once for each version of the reader and grammar
// of the case, in worker threads.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { cardProblems, cardReader, type CardProblemCode, type cardRecord, type CardSettings } from './card-records.ts';
import { cropPath } from './crop.ts';
import type { NumberInput, NumbersRead } from './number.ts';
import { countChosen, runPass, type Looked, type PassOptions, type Pending } from './pass.ts';
import { cardPass, cardSettings } from './passes.ts';
import type { z } from 'zod';

export interface ReadOptions extends PassOptions {
  /** Worker threads; as many as there are processors by default. */
  threads?: number;
}

/** At 4 pictures a second a core, half a minute of reading. */
const turn = 256;

/** Reads what is chosen. Throws Fault('cancelled') with everything up to then kept. */
export async function readCards(opened: OpenCase, options: ReadOptions = {}): Promise<Looked> {
  const settings = await cardSettings(opened);
  const pass = cardPass(settings);
  if ((await countChosen(opened, pass, options.choice)) === 0) return { looked: 0, written: 0 };
  const threads = options.threads ?? availableParallelism();
  const workers = openWorkers<NumberInput, NumbersRead>(new URL('./number-worker.ts', import.meta.url), { threads });
  try {
    return await runPass(
      opened,
      {
        ...pass,
        turn,
        window: threads * 16,
        look: async (item) => cardFields(await readOne(opened, workers, item, settings), settings),
      },
      options,
    );
  } finally {
    await workers.close();
  }
}

function cardFields({ readings, problems }: NumbersRead, settings: CardSettings): Record<string, Json> {
  const fields: z.infer<typeof cardRecord> = {
    observation: { tool: cardReader.name, version: cardReader.version, settings },
    readings,
    problems: problems.map((code) => ({ code, message: cardProblems[code] })),
  };
  return fields as unknown as Record<string, Json>;
}

const lost: Record<'timed-out' | 'out-of-memory' | 'exited', CardProblemCode> = {
  'timed-out': 'timed-out',
  'out-of-memory': 'out-of-memory',
  exited: 'worker-ended',
};

async function readOne(
  opened: OpenCase,
  workers: Workers<NumberInput, NumbersRead>,
  { sha256, size }: Pending,
  { pixelLimit, grammar }: CardSettings,
): Promise<NumbersRead> {
  const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
  const crops = cropPath(opened, sha256);
  await mkdir(dirname(crops), { recursive: true, mode: 0o700 });
  try {
    return await workers.run({ path, size, pixelLimit, grammar, cropPath: crops });
  } catch (error) {
    if (error instanceof WorkerLost && error.reason !== 'closed')
      return { readings: [], problems: [lost[error.reason]] };
    throw error;
  }
}
