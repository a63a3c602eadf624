// What lies in a case's log and was read by no step of its check: shorter tiles that a crash left are prefixes of what has
// replaced them, and everything else does not belong.
import type { Files } from './files.ts';
import type { Findings } from './findings.ts';
import { equalBytes } from './merkle.ts';
import { indexPath, parseTilePath, tilePath, tileWidth } from './tile.ts';

/** Judges one such file of a log of `size` records. `chainWhole`: every commit was read, so that one more is one too many. */
export async function checkLeftOver(
  files: Files,
  findings: Findings,
  path: string,
  { size, chainWhole }: { size: number; chainWhole: boolean },
): Promise<void> {
  const match = /^(log\/tile\/(?:entries|\d+)|records)\/(.+)$/.exec(path);
  const tile = match === null ? null : parseTilePath(match[2]!);
  if (match === null || tile === null) {
    // Behind a commit that is missing or altered, the others were not read and may be sound.
    if (path.startsWith('log/commits/') && !chainWhole) return;
    if (/^(?:log|records)\//.test(path)) findings.problem('file-unexpected', path, 'not a file of the log');
    else findings.note(path, 'not a file of the case');
    return;
  }
  const below = match[1]!;
  const level = /\d+$/.exec(below);
  const span = level === null ? 1 : tileWidth ** Number(level[0]);
  const count = Math.floor(size / span) - tile.n * tileWidth;
  if (tile.width > count) {
    findings.note(path, 'part of a commit that a crash left unfinished');
    return;
  }
  // The very tile, unread because one that comes before it is missing.
  if (tile.width === Math.min(count, tileWidth)) return;
  const whole = await files.read(tilePath(below, tile.n, Math.min(count, tileWidth)));
  const part = await files.read(path);
  if (
    whole === null ||
    part === null ||
    part.length > whole.length ||
    !equalBytes(part, whole.subarray(0, part.length))
  ) {
    findings.problem('tile-altered', path, `it is no prefix of the ${indexPath(tile.n)} that replaced it`);
  } else findings.note(path, 'an older, shorter tile that a crash left');
}
