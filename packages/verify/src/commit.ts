// A commit: what one turn of writing adds to the log, in one file named after the size of the log before it, so that
// of two writers only one can create it. While it is being carried into the tiles it holds the records themselves,
// and anybody can finish it; afterwards only its signed checkpoint.
import { FormatError } from './problem.ts';
import { digestCount } from './record.ts';
import { indexPath } from './tile.ts';

const header = 'dalil-commit/1';
const utf8 = new TextEncoder();

/** Path of the commit that starts at `from` records. */
export function commitPath(from: number): string {
  return `log/commits/${indexPath(from)}`;
}

/** Where a checkpoint that others have signed as well is kept for publishing, with what they gave, as copies. */
export function stampedFolder(size: number): string {
  return `log/checkpoints/${indexPath(size)}`;
}

export interface Commit {
  from: number;
  entries: string[];
  /** The twelve openings of each entry, joined by `~`. */
  openings: string[];
  /** The signed checkpoint after the commit. */
  note: string;
}

export function formatCommit(commit: Commit): string {
  const lines = commit.entries.map((entry, i) => `${entry}~${commit.openings[i]!}`);
  return [`${header} ${commit.from} ${commit.entries.length}`, ...lines, '', commit.note].join('\n');
}

/** A commit still holding its records, or the note alone once they are in the tiles. Throws FormatError('commit-altered'). */
export function parseCommit(text: string): Commit | { note: string } {
  if (!text.startsWith(header)) return { note: text };
  const refuse = (why: string) => new FormatError('commit-altered', why);
  const cut = text.indexOf('\n\n');
  const [first, ...lines] = text.slice(0, Math.max(cut, 0)).split('\n');
  const match = /^dalil-commit\/1 (0|[1-9]\d{0,15}) ([1-9]\d{0,6})$/.exec(first ?? '');
  if (match === null || lines.length !== Number(match[2])) throw refuse('its length and its header differ');
  const entries: string[] = [];
  const openings: string[] = [];
  for (const line of lines) {
    const at = line.indexOf('~');
    if (at < 0 || line.split('~').length !== digestCount + 1) throw refuse('a line is not an entry and its openings');
    entries.push(line.slice(0, at));
    openings.push(line.slice(at + 1));
  }
  return { from: Number(match[1]), entries, openings, note: text.slice(cut + 2) };
}

/** Bytes of an entry kept as text. */
export function entryBytes(entry: string): Uint8Array {
  return utf8.encode(entry);
}
