// The first pass of describing, in worker threads: format, picture, likeness, thumbnail, and what metadata a quick look
// gives. A file that hangs or ends its thread costs only itself.
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { defaultSettings, lostCodes, undescribed, type DescribeSettings, type Description } from './description.ts';
import type { DescribeInput } from './picture.ts';
import { countChosen, runPass, type Looked, type PassOptions, type Pending } from './pass.ts';
import { descriptionPass } from './passes.ts';
import { describeFields } from './records.ts';

export interface DescribeOptions extends PassOptions {
  settings?: DescribeSettings;
  /** Worker threads; as many as there are processors by default. */
  threads?: number;
}

/** Describes what is chosen. Throws Fault('cancelled') with everything up to then kept. */
export async function describe(opened: OpenCase, options: DescribeOptions = {}): Promise<Looked> {
  const settings = options.settings ?? defaultSettings;
  const threads = options.threads ?? availableParallelism();
  const pass = descriptionPass(settings);
  if ((await countChosen(opened, pass, options.choice)) === 0) return { looked: 0, written: 0 };
  const workers = openWorkers<DescribeInput, Description>(new URL('./picture-worker.ts', import.meta.url), { threads });
  try {
    return await runPass(
      opened,
      {
        ...pass,
        window: threads * 16,
        look: async (item) => describeFields(await describeOne(opened, workers, item, settings), settings),
      },
      options,
    );
  } finally {
    await workers.close();
  }
}

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
    if (error instanceof WorkerLost && error.reason !== 'closed')
      return undescribed(item.size, lostCodes[error.reason]);
    throw error;
  }
}

const made = new Map<string, Promise<unknown>>();
function makeOnce(folder: string): Promise<unknown> {
  let making = made.get(folder);
  if (making === undefined) made.set(folder, (making = mkdir(folder, { recursive: true, mode: 0o700 })));
  return making;
}
