// The records again, from the folder alone: entries and openings side by side, values in blobs fetched.
import { leafHash, type KeyHistory, openRecord, tileWidth, toBase64url, type RecordFields } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Folder } from '../store/folder.ts';
import { fetchValues } from './values.ts';
import { loggedRecord, type LoggedRecord } from './logged.ts';
import { readEntries, readOpenings } from './tiles.ts';

/**
 * Records `from` .. `to`-1 in order, in memory one bundle at a time. Digests are checked against the openings;
 * signatures are not (`verify` does), since the checkpoint's root binds the entries. Throws Fault('case-damaged').
 */
export async function* replay(
  folder: Folder,
  keys: KeyHistory,
  from: number,
  to: number,
): AsyncGenerator<LoggedRecord> {
  for (let n = Math.floor(from / tileWidth); n * tileWidth < to; n++) {
    const width = Math.min(tileWidth, to - n * tileWidth);
    const entries = await readEntries(folder, n, width);
    const openings = await readOpenings(folder, n, width);
    if (entries?.length !== width || openings?.length !== width)
      throw unreadable(n * tileWidth, 'its bundle is not whole');
    for (let i = Math.max(0, from - n * tileWidth); i < width; i++) {
      const position = n * tileWidth + i;
      let said: RecordFields;
      try {
        said = openRecord(keys.openEntry(entries[i]!, position, false), openings[i]!.split('~'), true);
      } catch (error) {
        throw unreadable(position, 'its openings do not fit its entry', error);
      }
      if (!(await fetchValues(folder, said))) throw unreadable(position, 'a value of it is missing or altered');
      yield loggedRecord(position, toBase64url(leafHash(entries[i]!)), said);
    }
  }
}

function unreadable(position: number, why: string, cause?: unknown): Fault {
  return new Fault('case-damaged', {
    what: `Record ${position} cannot be read: ${why}.`,
    next: 'run `dalil verify`, and restore the folder from a copy',
    cause,
  });
}
