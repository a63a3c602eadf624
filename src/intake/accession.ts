// Which accession a delivery belongs to: the one named, the one that this machine began from the same roots, or a new one.
import { createHash, randomBytes } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { readCases, updateCases } from '../store/home.ts';
import { withheldByDefault } from './records.ts';
import { walk } from './walk.ts';

/** A root that holds the case would be received while it grows, and never end. */
export async function refuseOwnFolder(roots: readonly string[], own: string): Promise<void> {
  const folder = await realpath(own);
  for (const root of roots) {
    const place = await realpath(root).catch(() => root);
    const apart = relative(place, folder).split(sep)[0] === '..' && relative(folder, place).split(sep)[0] === '..';
    if (apart) continue;
    throw new Fault('usage', {
      what: 'The case folder cannot be received into itself.',
      expected: 'a folder or file apart from the case',
      got: 'one that holds the case, or lies in it',
      next: 'name the folders beside it one by one, or move the case elsewhere',
    });
  }
}

export interface Accession {
  handle: string;
  id: string;
  source: string;
}

/** The accession meant, the one that this machine began from the same roots, or a new one. */
export async function settleAccession(
  opened: OpenCase,
  { roots, source, accession }: { roots: readonly string[]; source: string; accession?: string },
): Promise<Accession> {
  const { index, log, home, actor, id } = opened;
  const find = async (column: 'handle' | 'key', value: string): Promise<Accession | undefined> =>
    (await index.pool.query<Accession>(`select handle, id, source from accession where ${column} = $1`, [value]))
      .rows[0];
  if (accession !== undefined) {
    const known = await find('handle', accession);
    if (known !== undefined) return known;
    throw new Fault('usage', {
      what: 'There is no such accession in this case.',
      got: accession,
      next: 'dalil status lists them',
    });
  }
  // Where the files lay is remembered by this machine alone, and there as a hash.
  const places = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  const begun = createHash('sha256')
    .update(JSON.stringify([source, ...places]))
    .digest('hex');
  const noted = async (): Promise<string | undefined> =>
    ((await readCases(home))[id]?.['accessions'] as Record<string, string> | undefined)?.[begun];
  const key = (await noted()) ?? randomBytes(16).toString('base64url');
  await updateCases(home, (cases) => {
    const entry = cases[id] ?? { folder: opened.folder.path };
    return {
      ...cases,
      [id]: { ...entry, accessions: { ...(entry['accessions'] as Record<string, Json>), [begun]: key } },
    };
  });
  const known = await find('key', key);
  if (known !== undefined) return known;
  // The roots are looked at before anything is written down: a mistyped path makes no accession.
  for await (const _ of walk(roots)) break;
  const [record] = await log.append(actor, (turn) => {
    turn.add({ kind: 'intake.accession', handle: turn.next('A'), source, key, withheld: withheldByDefault });
  });
  return { handle: record!.handle!, id: record!.id, source };
}
