// A harmless made-up cache with its ground truth: `<directory>/cache` is what would be received, `truth.json` and
// `rules.json` lie beside it. The same bytes for the same seed, whatever the number of threads.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { asFault, Fault } from '../case/fault.ts';
import { openWorkers, WorkerLost } from '../store/workers.ts';
import { writeTarGz, writeZip, type Member } from './archive.ts';
import { planDemo, type Content, type DemoParameters, type PlannedFile } from './plan.ts';
import { demoRules } from './rules.ts';
import { truthOf, writeTruth, type DemoTruth } from './truth.ts';
import type { Made, Order } from './worker.ts';

export interface DemoOptions {
  directory: string;
  /** How many individuals; about 7.8 files come with each. */
  individuals: number;
  seed: string | number;
  /** Size of a picture, 0.3 by default. */
  megapixels?: number;
  /** Plants mistakes of people: a body under two numbers, and two bodies under one. */
  mistakes?: boolean;
  threads?: number;
  /** Files made so far, of all. */
  onProgress?: (done: number, total: number) => void;
  signal?: AbortSignal;
}

/**
 * Makes the cache, or returns the truth of the one that is there already with the same parameters. One that was broken
 * off is made again in the same folder. Throws Fault 'usage' where the folder holds anything else, 'cancelled' by signal.
 */
export async function makeDemo(options: DemoOptions): Promise<DemoTruth> {
  const { directory, individuals, megapixels = 0.3 } = options;
  if (!Number.isInteger(individuals) || individuals < 1 || !(megapixels >= 0.05 && megapixels <= 50)) {
    throw new Fault('usage', {
      what: 'These numbers make no demo.',
      expected: 'at least 1 individual, and 0.05 to 50 megapixels',
      got: `${individuals} individuals, ${megapixels} megapixels`,
    });
  }
  const mistakes = options.mistakes === true ? ({ mistakes: true } as const) : {};
  const parameters: DemoParameters = { individuals, seed: String(options.seed), megapixels, ...mistakes };
  try {
    const known = await reuse(directory, parameters);
    if (known !== null) return known;
    return await make(options, parameters);
  } catch (error) {
    if (options.signal?.aborted === true) {
      throw new Fault('cancelled', {
        what: 'Making the demo was cancelled.',
        next: 'run the same command again: it begins anew in the same folder',
        cause: error,
      });
    }
    if (error instanceof WorkerLost) {
      throw new Fault('fault', { what: 'A thread was lost while drawing the demo.', got: error.reason, cause: error });
    }
    throw asFault(error, 'making the demo');
  }
}

/** The finished demo of these parameters in the folder; null where there is none yet, and the folder may be filled. */
async function reuse(directory: string, parameters: DemoParameters): Promise<DemoTruth | null> {
  await mkdir(directory, { recursive: true });
  const same = (found: unknown): boolean =>
    JSON.stringify((found as { parameters?: unknown } | null)?.parameters) === JSON.stringify(parameters);
  const truth = await readJson(join(directory, 'truth.json'));
  if (same(truth) && (truth as DemoTruth).demo === 1) return truth as DemoTruth;
  const names = await readdir(directory);
  if (names.length === 0 || same(await readJson(join(directory, 'unfinished.json')))) return null;
  throw new Fault('usage', {
    what: 'The folder for the demo holds something else.',
    expected: 'an empty folder, or a demo of the same individuals, seed and megapixels',
    got: truth === null ? `${names.length} other entries` : 'a demo with other parameters',
    next: 'name another folder, or delete this one',
  });
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

async function make(options: DemoOptions, parameters: DemoParameters): Promise<DemoTruth> {
  const { directory, signal } = options;
  const plan = planDemo(parameters);
  const cache = join(directory, 'cache');
  const staging = join(directory, 'members');
  // A crash from here on leaves this mark: the next run may write over what it finds.
  await writeFile(join(directory, 'unfinished.json'), JSON.stringify({ parameters }));
  await Promise.all([cache, staging].map((folder) => rm(folder, { recursive: true, force: true })));
  await mkdir(staging, { recursive: true });
  const targets = plan.files.map(({ facts, container }, index) =>
    container === null ? join(cache, facts.path) : join(staging, String(index)),
  );
  const folders = foldersOf(plan.files);
  for (const folder of folders.keys()) await mkdir(join(cache, folder), { recursive: true });

  const made = await draw(options, parameters.seed, plan.files, targets);
  signal?.throwIfAborted();
  await packArchives(plan.files, targets, made);
  options.onProgress?.(plan.files.length, plan.files.length);
  await rm(staging, { recursive: true });
  // Last, and the deepest first: every entry made in a folder has moved the folder's own time.
  for (const [folder, modified] of [...folders].toReversed()) {
    await utimes(join(cache, folder), modified / 1000, modified / 1000);
  }
  const truth = truthOf(parameters, plan, made);
  await writeFile(join(directory, 'rules.json'), `${JSON.stringify(demoRules, null, 2)}\n`);
  await writeTruth(join(directory, 'truth.json'), truth);
  await rm(join(directory, 'unfinished.json'));
  return truth;
}

/** Every folder of the cache with the time of its newest file, parents before what they hold. */
function foldersOf(files: readonly PlannedFile[]): Map<string, number> {
  const newest = new Map<string, number>([['', 0]]);
  for (const { facts, container, modified } of files) {
    if (container !== null) continue;
    for (let folder = dirname(facts.path); folder !== '.'; folder = dirname(folder)) {
      newest.set(folder, Math.max(newest.get(folder) ?? 0, modified));
    }
    newest.set('', Math.max(newest.get('')!, modified));
  }
  return new Map([...newest].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Draws and writes all that is no archive, some at a time, in threads. */
async function draw(
  options: DemoOptions,
  seed: string,
  files: readonly PlannedFile[],
  targets: readonly string[],
): Promise<Made[]> {
  const made: Made[] = [];
  const wanted = files.flatMap(({ content }, index) => (content.type === 'archive' ? [] : [index]));
  const threads = options.threads ?? availableParallelism();
  const workers = openWorkers<Order, Made[]>(new URL('./worker.ts', import.meta.url), { threads, timeLimit: 300_000 });
  const close = (): void => void workers.close();
  options.signal?.addEventListener('abort', close, { once: true });
  const batch = 8;
  let next = 0;
  let done = 0;
  const feed = async (): Promise<void> => {
    while (next < wanted.length) {
      options.signal?.throwIfAborted();
      const indices = wanted.slice(next, (next += batch));
      const results = await workers.run({
        seed,
        files: indices.map((index) => ({
          target: targets[index]!,
          modified: files[index]!.modified,
          content: files[index]!.content as Exclude<Content, { type: 'archive' }>,
        })),
      });
      indices.forEach((index, k) => (made[index] = results[k]!));
      done += indices.length;
      options.onProgress?.(done, files.length);
    }
  };
  try {
    // Two orders for each thread, so that none waits for the next one.
    await Promise.all(Array.from({ length: threads * 2 }, feed));
  } finally {
    options.signal?.removeEventListener('abort', close);
    await workers.close();
  }
  return made;
}

/** Packs the archives, the inner ones first, and fills in what became of them. */
async function packArchives(files: readonly PlannedFile[], targets: readonly string[], made: Made[]): Promise<void> {
  const archives = files.flatMap(({ content }, index) =>
    content.type === 'archive' ? [{ index, format: content.format }] : [],
  );
  const nesting = (index: number): number => files[index]!.facts.path.split(/\.zip\/|\.tar\.gz\//u).length;
  for (const { index, format } of archives.toSorted(
    (a, b) => nesting(b.index) - nesting(a.index) || a.index - b.index,
  )) {
    const { path } = files[index]!.facts;
    const members = files.flatMap(({ facts, container, modified }, member): Member[] =>
      container === path
        ? [{ name: facts.path.slice(path.length + 1), source: targets[member]!, size: made[member]!.size, modified }]
        : [],
    );
    const target = targets[index]!;
    await (format === 'zip' ? writeZip : writeTarGz)(target, members);
    const { modified } = files[index]!;
    await utimes(target, modified / 1000, modified / 1000);
    const hash = createHash('sha256');
    await pipeline(createReadStream(target), hash);
    const { size } = await stat(target);
    made[index] = { sha256: hash.digest('hex'), size, width: null, height: null, quad: null };
  }
}
