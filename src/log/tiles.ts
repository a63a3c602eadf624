// The log in its folder: entry bundles, hash tiles and openings, read in order or by a place, and grown by a commit.
import {
  commitPath,
  decodeEntries,
  decodeHashes,
  Edge,
  encodeEntries,
  encodeHashes,
  entryBytes,
  indexPath,
  leafHash,
  subtreeRoots as rootsFromTiles,
  tilePath,
  tileWidth,
  type Commit,
  type SubtreeRoot,
} from '@dalil/verify';
import type { Folder } from '../store/folder.ts';

export const entriesBelow = 'log/tile/entries';
export const openingsBelow = 'records';
export const hashesBelow = (level: number) => `log/tile/${level}`;

const text = new TextDecoder();

/** The tile's bytes at this width or, where a later commit has replaced it, at a greater one. */
async function readTile(folder: Folder, below: string, n: number, width: number): Promise<Uint8Array | null> {
  // A writer puts the longer tile there before it takes the shorter one away: what is gone by the time that we have its
  // name has been replaced again, and is looked for again.
  for (let attempt = 0; attempt < 20; attempt++) {
    const exact = await folder.read(tilePath(below, n, width));
    if (exact !== null) return exact;
    const full = width < tileWidth ? await folder.read(tilePath(below, n, tileWidth)) : null;
    if (full !== null) return full;
    const widths = (await folder.names(`${below}/${indexPath(n)}.p`)).map(Number).filter((other) => other > width);
    const longer = widths.length === 0 ? null : await folder.read(tilePath(below, n, Math.max(...widths)));
    if (longer !== null) return longer;
  }
  return null;
}

/** The entries of bundle `n`, `width` of them; null when they are not (any more) there. */
export async function readEntries(folder: Folder, n: number, width: number): Promise<Uint8Array[] | null> {
  const bytes = await readTile(folder, entriesBelow, n, width);
  return bytes === null ? null : decodeEntries(bytes).slice(0, width);
}

/** The openings of bundle `n`, a line of twelve for each record. */
export async function readOpenings(folder: Folder, n: number, width: number): Promise<string[] | null> {
  const bytes = await readTile(folder, openingsBelow, n, width);
  return bytes === null ? null : text.decode(bytes).split('\n').slice(0, width);
}

async function readHashes(folder: Folder, level: number, n: number, width: number): Promise<Uint8Array[] | null> {
  const bytes = await readTile(folder, hashesBelow(level), n, width);
  return bytes === null ? null : decodeHashes(bytes).slice(0, width);
}

/** The right edge of the tree of `size` records; null when its tiles are not there. */
export async function readEdge(folder: Folder, size: number): Promise<Edge | null> {
  const levels: Uint8Array[][] = [];
  for (let count = size, level = 0; count > 0; count = Math.floor(count / tileWidth), level++) {
    const width = count % tileWidth;
    const n = Math.floor(count / tileWidth);
    const hashes = width === 0 ? [] : await readHashes(folder, level, n, width);
    if (hashes === null) return null;
    levels.push(hashes);
  }
  return new Edge(levels, size);
}

/** Roots of subtrees from the tiles of a log of `size` records, for proofs. */
export function subtreeRoots(folder: Folder, size: number): SubtreeRoot {
  return rootsFromTiles((level, n, width) => readHashes(folder, level, n, width), size);
}

/**
 * Carries a won commit into the tiles, then the checkpoint: the commit point. Anybody may do this, several at once, and
 * again after a crash at any moment: the bytes are a function of the commit and of the log before it. Gives the edge
 * after it, or null when the log has moved on under us. `besides` are files to be written in the same breath, before the
 * checkpoint: older commits made short, a change of keys laid out.
 */
export async function carryCommit(
  folder: Folder,
  commit: Commit,
  before: Edge,
  besides: readonly { path: string; bytes: string }[] = [],
): Promise<Edge | null> {
  const { from } = commit;
  const edge = before.copy();
  const files: { path: string; bytes: Uint8Array | string }[] = [];
  const completed = new Map<number, number>();
  const countAt = (level: number) => Math.floor(from / tileWidth ** level);

  const entries = commit.entries.map(entryBytes);
  for (const entry of entries) {
    edge.push(leafHash(entry), (level, hashes) => {
      const done = completed.get(level) ?? 0;
      completed.set(level, done + 1);
      const n = Math.floor(countAt(level) / tileWidth) + done;
      files.push({ path: tilePath(hashesBelow(level), n, tileWidth), bytes: encodeHashes(hashes) });
    });
  }
  edge.levels.forEach((hashes, level) => {
    const count = Math.floor(edge.size / tileWidth ** level);
    if (hashes.length > 0 && count > countAt(level)) {
      const n = Math.floor(count / tileWidth);
      files.push({ path: tilePath(hashesBelow(level), n, hashes.length), bytes: encodeHashes(hashes) });
    }
  });

  const first = Math.floor(from / tileWidth);
  const width = from % tileWidth;
  const oldEntries = width === 0 ? [] : await readEntries(folder, first, width);
  const oldOpenings = width === 0 ? [] : await readOpenings(folder, first, width);
  if (oldEntries === null || oldOpenings === null) return null;
  const allEntries = [...oldEntries, ...entries];
  const allOpenings = [...oldOpenings, ...commit.openings];
  for (let at = 0; at < allEntries.length; at += tileWidth) {
    const part = allEntries.slice(at, at + tileWidth);
    const n = first + at / tileWidth;
    files.push({ path: tilePath(entriesBelow, n, part.length), bytes: encodeEntries(part) });
    const lines = allOpenings.slice(at, at + tileWidth);
    files.push({ path: tilePath(openingsBelow, n, part.length), bytes: `${lines.join('\n')}\n` });
  }

  await folder.write([...files, ...besides]);
  // Crash point: tiles without a checkpoint. The commit is there, and the next to open carries it on.
  await folder.write([{ path: 'log/checkpoint', bytes: commit.note }]);
  // A writer that stood still may just have put this checkpoint over a newer one. Whoever writes it looks for a commit
  // after it, so the last to write finds none and the newest stays.
  if ((await folder.read(commitPath(edge.size))) !== null) return null;
  // The commit point is passed. What follows tidies up; a crash in it leaves prefixes, which `verify` reads and checks.
  for (const below of [entriesBelow, openingsBelow]) {
    if (width > 0) await folder.remove(partialOf(below, first, width, allEntries.length >= tileWidth));
  }
  for (let level = 0; level < edge.levels.length; level++) {
    const old = countAt(level) % tileWidth;
    const n = Math.floor(countAt(level) / tileWidth);
    const now = Math.floor(edge.size / tileWidth ** level);
    if (old > 0 && now > countAt(level)) {
      await folder.remove(partialOf(hashesBelow(level), n, old, now >= (n + 1) * tileWidth));
    }
  }
  return edge;
}

/** A superseded partial tile, or all partials of a tile that has become full. */
function partialOf(below: string, n: number, width: number, full: boolean): string {
  return full ? `${below}/${indexPath(n)}.p` : tilePath(below, n, width);
}

/** The start of the newest commit under a log of `size` records; null where there is none within the last 8,000. */
export async function newestCommit(folder: Folder, size: number): Promise<number | null> {
  for (let thousand = Math.floor((size - 1) / 1000), looked = 0; thousand >= 0 && looked < 8; thousand--, looked++) {
    const below = commitPath(thousand * 1000).slice(0, -'/000'.length);
    const starts = (await folder.names(below))
      .filter((name) => /^\d{3}$/.test(name))
      .map((name) => thousand * 1000 + Number(name))
      .filter((from) => from < size);
    if (starts.length > 0) return Math.max(...starts);
  }
  return null;
}
