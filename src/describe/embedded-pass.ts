// The pass over pictures with a small one inside, in worker threads. Apart from the first pass: 27 ms a picture there
// (14 of them a second decode, at a small size) would make it half as slow again, and new rules here repeat nothing there.
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost } from '../store/workers.ts';
import { lostCodes, problem } from './description.ts';
import { defaultEmbeddedSettings, uncompared, type EmbeddedRecord } from './embedded-records.ts';
import type { EmbeddedInput } from './embedded.ts';
import { countChosen, runPass, type Looked, type PassOptions } from './pass.ts';
import { embeddedPass } from './passes.ts';

/** Compares what is chosen. Throws Fault('cancelled') with what was done kept. */
export async function compareEmbeddedPictures(
  opened: OpenCase,
  { threads, ...options }: PassOptions & { threads: number },
): Promise<Looked> {
  if ((await countChosen(opened, embeddedPass, options.choice)) === 0) return { looked: 0, written: 0 };
  const settings = defaultEmbeddedSettings;
  const module = new URL('./embedded-worker.ts', import.meta.url);
  const workers = openWorkers<EmbeddedInput, EmbeddedRecord>(module, { threads });
  const look = async (sha256: string, size: number): Promise<EmbeddedRecord> => {
    const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
    try {
      return await workers.run({ path, size, settings });
    } catch (error) {
      if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
      return uncompared(settings, [problem(lostCodes[error.reason])]);
    }
  };
  try {
    return await runPass(
      opened,
      {
        ...embeddedPass,
        window: threads * 8,
        look: async ({ sha256, size }) => (await look(sha256, size)) as unknown as Record<string, Json>,
      },
      options,
    );
  } finally {
    await workers.close();
  }
}
