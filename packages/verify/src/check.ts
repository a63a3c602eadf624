// One check for whatever somebody was given: a case or a bundle, in a folder or an archive.
import { checkBundle, isBundle } from './check-bundle.ts';
import { checkCase } from './check-case.ts';
import type { CheckOptions, CheckProgress, Files, Report } from './files.ts';
import { Findings } from './findings.ts';
import type { FormatError } from './problem.ts';

/** What these files are; null where nothing in them is of a case or a bundle. */
export async function kindOf(files: Files): Promise<Report['kind'] | null> {
  if (await isBundle(files)) return 'bundle';
  for (const path of ['case.json', 'log/checkpoint', 'log/commits/000']) {
    if ((await files.read(path)) !== null) return 'case';
  }
  return null;
}

/** Checks a case or bundle, and the archive that it lies in. Throws only where the disk itself fails. */
export async function check(files: Files, progress?: CheckProgress, options: CheckOptions = {}): Promise<Report> {
  const report = await ((await isBundle(files)) ? checkBundle : checkCase)(files, progress, options);
  const archive = (files.problems?.() ?? []).map((problem) => ({ code: 'archive-malformed', ...problem }));
  return { ...report, ok: report.ok && archive.length === 0, problems: [...archive, ...report.problems] };
}

/** The report on an archive that could not even be opened: see `openZip`. */
export function refusedArchive(where: string, { code, message }: FormatError): Report {
  const findings = new Findings('bundle');
  findings.problem(code, where, message);
  return findings.finish(null);
}
