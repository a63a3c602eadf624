// The end of a destruction: the bytes go after the record of it is sealed, and whatever a crash left, or a copy brought
// back, goes when the case is next opened to write.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { asFault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { syncFolder } from '../store/folder.ts';

/**
 * Removes what stands of destroyed originals: their bytes, altered states of them that were kept aside, and this machine's
 * thumbnails. Gives how many originals and kept states were there. Durable when it resolves.
 */
export async function finishDestruction({ index, folder, home, id }: OpenCase): Promise<number> {
  const { rows } = await index.pool.query<{ store: 'originals' | 'derivatives'; sha256: string; size: number }>(
    `select 'originals' as store, sha256, size from item where destroyed is not null
     union all
     select 'derivatives', k.sha256, k.size from kept_aside k join item i on i.id = k.item where i.destroyed is not null`,
  );
  let removed = 0;
  for (const file of rows) {
    const path = join(folder.path, citedPath(file));
    try {
      await rm(path);
      await syncFolder(join(path, '..'));
      removed++;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') throw asFault(error, 'removing what was destroyed');
    }
    await removeLikenesses(join(home.thumbnails, id, file.sha256.slice(0, 2)), file.sha256);
  }
  return removed;
}

/** The thumbnail and the crops of numbers: whatever in the folder is named after the original. */
async function removeLikenesses(folder: string, sha256: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) if (name.startsWith(`${sha256}.`)) await rm(join(folder, name), { force: true });
}
