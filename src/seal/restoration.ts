// Restoring originals that a fixity check found damaged or missing, from a copy of the case or a bundle: only bytes with
// the sealed hash come back, and the altered ones are kept as evidence of what happened.
import { createReadStream } from 'node:fs';
import { link, lstat, mkdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { citedPath, type FileCitation } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { asFault, Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { syncFolder } from '../store/folder.ts';
import { openOriginals, type Originals } from '../store/originals.ts';
import { lookAt, writeDown, type OriginalOf } from './fixity.ts';

export interface Restored {
  /** Handles of items whose originals are sound again. */
  restored: string[];
  /** Handles of those of which this copy has no sound bytes either. */
  without: string[];
}

export interface RestoreOptions {
  /** A folder: a copy of the case, or a bundle with originals. */
  from: string;
  signal?: AbortSignal;
  progress?: Progress;
}

/** Restores what is known to be unsound. Throws Fault('input-unreadable') where `from` is no folder, ('cancelled'). */
export async function restoreOriginals(opened: OpenCase, options: RestoreOptions): Promise<Restored> {
  const { index, folder } = opened;
  const { from, signal, progress } = options;
  if ((await stat(from).catch(() => null))?.isDirectory() !== true) {
    throw new Fault('input-unreadable', {
      what: 'The copy to restore from is no folder.',
      expected: 'a copy of the case, or a bundle with originals',
      next: 'dalil fixity restore --from FOLDER',
    });
  }
  const { rows } = await index.pool.query<OriginalOf & { state: 'damaged' | 'missing' }>(
    `select i.handle, i.id, i.sha256, i.size, f.state from item_fixity f join item i on substr(i.handle, 3)::bigint = f.number
     where f.state <> 'ok' and i.destroyed is null order by i.position`,
  );
  const originals = await openOriginals(join(folder.path, 'originals'));
  const files = nodeFiles(folder.path);
  const done: Restored = { restored: [], without: [] };
  for (const [i, original] of rows.entries()) {
    signal?.throwIfAborted();
    // Put back by hand, or by a run that ended before it was written down.
    if ((await lookAt(folder.path, files, original)) === 'ok') {
      await writeDown(opened, [{ original, state: 'ok' }], original.size);
      done.restored.push(original.handle);
    } else if (await restore(opened, originals, original, from)) done.restored.push(original.handle);
    else done.without.push(original.handle);
    progress?.({ stage: 'fixity', done: i + 1, total: rows.length });
  }
  return done;
}

/** False where the copy has no bytes of this hash; then nothing was changed. */
async function restore(
  opened: OpenCase,
  originals: Originals,
  original: OriginalOf & { state: 'damaged' | 'missing' },
  from: string,
): Promise<boolean> {
  const { handle, id, sha256, size, state } = original;
  const file: FileCitation = { store: 'originals', sha256, size };
  for (const [kind, below] of [
    ['case', ''],
    ['bundle', 'data'],
  ] as const) {
    const source = join(from, below, citedPath(file));
    if ((await lstat(source).catch(() => null))?.isFile() !== true) continue;
    const chunks = createReadStream(source, { highWaterMark: 1 << 20 });
    let damaged: FileCitation | null = null;
    const before = async (): Promise<void> => {
      damaged = await keepAside(opened.folder.path, citedPath(file));
    };
    if (!(await originals.replace(sha256, chunks, before))) continue;
    await originals.settle();
    // Crash point: sound, and not yet written down. The next run sees that it is sound, and says so.
    await opened.log.append(opened.actor, (turn) => {
      turn.add({
        kind: 'seal.restoration',
        refs: { item: id },
        files: { original: file, ...(damaged === null ? {} : { damaged }) },
        item: handle,
        was: state,
        from: kind,
      });
    });
    return true;
  }
  return false;
}

/** Gives the altered bytes a second name, by their own hash, before the first goes. null where there are none to be had. */
async function keepAside(root: string, path: string): Promise<FileCitation | null> {
  const stats = await lstat(join(root, path)).catch(() => null);
  if (stats?.isFile() !== true) return null;
  // What the disk does not give cannot be kept.
  const found = await nodeFiles(root)
    .hash(path)
    .catch(() => null);
  if (found === null) return null;
  const kept: FileCitation = { store: 'derivatives', ...found };
  const target = join(root, citedPath(kept));
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await link(join(root, path), target).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    for (let up = dirname(target); up.length >= root.length; up = dirname(up)) await syncFolder(up);
  } catch (error) {
    throw asFault(error, 'keeping damaged bytes aside');
  }
  return kept;
}
