// A check from beginning to end on Node: what lies at a path, its timestamps, and what became of a kept checkpoint. For the
// command `dalil verify` and for the standalone verifier, so that both say the same.
import { basename } from 'node:path';
import { judgesTimestamps } from './check-timestamps.ts';
import { check, refusedArchive } from './check.ts';
import type { CheckProgress, Report } from './files.ts';
import { openPath, type Opened } from './node-files.ts';
import { FormatError } from './problem.ts';
import { checkSince, type Since } from './since.ts';

export interface PathOptions {
  /** How many threads hash large files. */
  threads: number;
  now: Date;
  /** Trust these certificates (DER) about time, and not those that the case names. */
  roots?: readonly Uint8Array[];
  /** A checkpoint that somebody kept: see `parseKept`. */
  kept?: string;
  progress?: CheckProgress;
}

export interface PathResult {
  /** Nothing is wrong, and it extends what was kept. */
  ok: boolean;
  report: Report & { since?: Since };
}

/** Checks the case or bundle at `path`: a folder or a zip file. Throws the system's own errors. */
export async function checkPath(path: string, options: PathOptions): Promise<PathResult> {
  const { threads, now, roots, kept, progress } = options;
  let opened: Opened;
  try {
    opened = await openPath(path, { threads });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { ok: false, report: refusedArchive(basename(path), error) };
  }
  try {
    const timestamps = judgesTimestamps(roots === undefined ? { now } : { now, roots });
    const report = await check(opened.files, progress, { timestamps });
    if (kept === undefined) return { ok: report.ok, report };
    const since = await checkSince(opened.files, kept);
    return { ok: report.ok && since.ok, report: { ...report, since } };
  } finally {
    await opened.close();
  }
}
