// Fixity: whether the originals still are the bytes that were sealed. Read again oldest-checked first, so that a run that
// was broken off, or limited, goes on where it matters; one record a batch, which speaks of sound items as stretches alone.
import { availableParallelism } from 'node:os';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { asFault, Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';
import { numberOf } from './project.ts';

export interface FixityOptions {
  /** At most so many items; all by default. */
  limit?: number;
  /** Only items that were not checked within so many days. */
  days?: number;
  now?: Date;
  signal?: AbortSignal;
  progress?: Progress;
}

export type Found = 'ok' | 'damaged' | 'missing';

export interface FixityRun {
  checked: number;
  bytes: number;
  /** Items whose bytes are not those that were sealed, or are not there; in the order found. */
  unsound: { item: string; state: Exclude<Found, 'ok'> }[];
}

export interface OriginalOf {
  /** E-00001 */
  handle: string;
  id: string;
  sha256: string;
  size: number;
}

/** A batch ends after so many items or bytes: a crash costs at most reading them again. */
const batchItems = 2048;
const batchBytes = 8 * 2 ** 30;
/** Enough that the threads have work while small files are hashed here. */
const window = 64;

/** Items whose originals should be there, oldest-checked first: $1 log size at the start, $2 oldest time that counts. */
const due = `from item i left join item_fixity f on f.number = substr(i.handle, 3)::bigint
  where i.destroyed is null
    and (f.position is null or f.position < $1) and (f.at is null or f.at < $2)`;

/** Checks what is due and writes down what was found. Throws Fault('cancelled') with everything up to then kept. */
export async function checkFixity(opened: OpenCase, options: FixityOptions = {}): Promise<FixityRun> {
  const { index, folder, log } = opened;
  const { days, now = new Date(), progress } = options;
  const cancelled = (): boolean => options.signal?.aborted === true;
  // Later than any time of a record where no age is asked for.
  const before = days === undefined ? '9999' : new Date(+now - days * 86_400_000).toISOString();
  const started = log.size;
  const { rows } = await index.pool.query<{ n: number }>(`select count(*) as n ${due}`, [started, before]);
  const total = Math.min(rows[0]!.n, options.limit ?? Infinity);
  const files = nodeFiles(folder.path, { threads: availableParallelism() });
  const run: FixityRun = { checked: 0, bytes: 0, unsound: [] };
  while (run.checked < total && !cancelled()) {
    const { rows: batch } = await index.pool.query<OriginalOf>(
      `select i.handle, i.id, i.sha256, i.size ${due} order by f.at nulls first, i.position limit $3`,
      [started, before, Math.min(batchItems, total - run.checked)],
    );
    if (batch.length === 0) break;
    const found: { original: OriginalOf; state: Found }[] = [];
    let bytes = 0;
    const look = async (original: OriginalOf) => ({ original, state: await lookAt(folder.path, files, original) });
    for await (const one of inOrder(batch, window, look)) {
      found.push(one);
      if (one.state !== 'missing') bytes += one.original.size;
      progress?.({ stage: 'fixity', done: run.checked + found.length, total, bytes: run.bytes + bytes });
      if (cancelled() || bytes > batchBytes) break;
    }
    await writeDown(opened, found, bytes);
    run.checked += found.length;
    run.bytes += bytes;
    for (const { original, state } of found) {
      if (state !== 'ok') run.unsound.push({ item: original.handle, state });
    }
  }
  if (cancelled()) {
    throw new Fault('cancelled', {
      what: `Cancelled. What was found of ${run.checked} originals is written down.`,
      next: 'dalil fixity goes on with those that were checked longest ago',
    });
  }
  return run;
}

/** What stands in the place of an original now. */
export async function lookAt(
  root: string,
  files: Pick<ReturnType<typeof nodeFiles>, 'hash'>,
  { sha256, size }: Pick<OriginalOf, 'sha256' | 'size'>,
): Promise<Found> {
  const path = citedPath({ store: 'originals', sha256, size });
  try {
    // A link leads out of the case: what it leads to is not an original, whatever its bytes are.
    if (!(await lstat(join(root, path))).isFile()) return 'damaged';
    const found = await files.hash(path, size);
    return found === null ? 'missing' : found.sha256 === sha256 ? 'ok' : 'damaged';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    // What the disk cannot read is damage, and the reason why one looks.
    if (code === 'EIO' || code === 'EUCLEAN' || code === 'EBADMSG') return 'damaged';
    throw asFault(error, 'reading the originals');
  }
}

/** One record for what was found of a batch; none for an empty one. */
export async function writeDown(
  opened: OpenCase,
  found: readonly { original: OriginalOf; state: Found }[],
  bytes: number,
): Promise<void> {
  if (found.length === 0) return;
  const of = (state: Found) => found.filter((one) => one.state === state).map(({ original }) => original);
  const [damaged, missing] = [of('damaged'), of('missing')];
  const ids = (originals: readonly OriginalOf[]) => originals.map(({ id }) => id);
  const handles = (originals: readonly OriginalOf[]) => originals.map(({ handle }) => handle);
  const refs = {
    ...(damaged.length === 0 ? {} : { damaged: ids(damaged) }),
    ...(missing.length === 0 ? {} : { missing: ids(missing) }),
  };
  await opened.log.append(opened.actor, (turn) => {
    turn.add({
      kind: 'seal.fixity',
      ...(Object.keys(refs).length === 0 ? {} : { refs }),
      checked: found.length,
      bytes,
      items: stretches(found.map(({ original }) => numberOf(original.handle))),
      damaged: handles(damaged),
      missing: handles(missing),
    });
  });
}

/** Numbers as stretches from first to last, rising: 1, 2, 3, 7 -> [1, 3], [7, 7]. */
export function stretches(numbers: readonly number[]): [number, number][] {
  const all: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && number === last[1] + 1) last[1] = number;
    else all.push([number, number]);
  }
  return all;
}
