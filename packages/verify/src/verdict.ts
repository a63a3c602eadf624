// The verdict in plain English, line by line, for terminals: one for the command `dalil verify` and the standalone verifier.
import type { Report } from './files.ts';
import type { Since } from './since.ts';

/** How words are marked on a terminal; plain where it has no colour. */
export interface Marks {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** What a check did, found, and what that means and does not mean. `ownAnchors`: whoever checks trusts their own. */
export function verdictLines(report: Report & { since?: Since }, marks: Marks, ownAnchors: boolean): string[] {
  const { since } = report;
  return [...reportLines(report, marks, ownAnchors), ...(since === undefined ? [] : [sinceLine(since, marks)])];
}

function reportLines(report: Report, { bold, dim, good, bad }: Marks, ownAnchors: boolean): string[] {
  const { files, bytes, records, signatures, tiles, checkpoints, citations } = report.checked;
  const lines = [
    [files, `${noun(files, 'file')}, ${(bytes / 1e6).toFixed(1)} MB, by their SHA-256`] as const,
    [records, `${noun(records, 'record')}, ${n(signatures)} ${noun(signatures, 'signature')}`] as const,
    [tiles, `${noun(tiles, 'tile')} of the log, ${n(checkpoints)} ${noun(checkpoints, 'checkpoint')}`] as const,
    [citations, noun(citations, 'citation')] as const,
  ].map(([count, what]) => `${n(count).padStart(9)}  ${what}`);
  for (const { where, message } of report.notes.slice(0, 10)) lines.push(dim(`note  ${printable(where)}: ${message}`));
  if (report.notes.length > 10) lines.push(dim(`note  and ${n(report.notes.length - 10)} more, with --json`));
  if (report.ok) {
    lines.push(...contentsLines(report));
    const size = n(report.checkpoint?.size ?? 0);
    lines.push(
      `${good(bold('holds'))}  ${report.kind} at checkpoint ${size}: nothing was changed, added or taken away under it.`,
    );
    const time = timeLines(report);
    if (time.length > 0) {
      lines.push(...time);
      if (!ownAnchors) {
        lines.push(
          dim('Whom to believe about time is the word of the case itself: --anchor FILE.pem trusts yours alone.'),
        );
      }
    }
    const watched = witnessLines(report);
    lines.push(...watched);
    if (time.length === 0 && watched.length === 0) {
      lines.push(
        dim('Sealed alone binds the keeper of the key only from the first checkpoint that somebody else wrote down.'),
      );
    }
    return lines;
  }
  const total = report.problems.length + report.further;
  for (const { code, where, message } of report.problems.slice(0, 20))
    lines.push(`${bad(code)}  ${printable(where)}: ${message}`);
  if (total > 20) lines.push(dim(`and ${n(total - 20)} more, with --json`));
  lines.push(
    `${bad(bold('does not hold'))}  ${n(total)} ${noun(total, 'problem')}; the first: ${printable(report.problems[0]!.where)}`,
  );
  return lines;
}

/** What a bundle tells of what is not in it. */
function contentsLines({ contents }: Report): string[] {
  if (contents === null) return [];
  const { items, files, destroyed } = contents;
  const withheld = [
    [items.withheld, items.withheld + items.disclosed, 'items'] as const,
    [files.withheld, files.withheld + files.carried, 'files that the records seal'] as const,
  ].filter(([some]) => some > 0);
  return [
    ...withheld.map(([some, all, what]) => `withheld  ${n(some)} of ${n(all)} ${what}`),
    ...Object.entries(destroyed).map(([reason, some]) => `destroyed  ${n(some)} items: ${printable(reason)}`),
  ];
}

/** The verdict on time; nothing where there is none. */
function timeLines({ timestamps }: Report): string[] {
  const since = timestamps?.unchangedSince ?? null;
  if (timestamps === null || since === null) return [];
  const subjects = [...new Set(timestamps.tokens.map(({ subject }) => printable(subject)))];
  const lines = [
    `The first ${n(since.size)} records: unchanged since ${since.genTime}; this does not show where, when or by whom the pictures were taken.`,
    `${n(timestamps.tokens.length)} timestamps hold, by ${subjects.join('; ')}`,
  ];
  const bare = timestamps.tokens.filter(({ ended, coveredBy }) => ended && coveredBy === null).length;
  if (bare > 0) lines.push(`${n(bare)} of them by certificates that have ended since, and under no newer timestamp`);
  return lines;
}

/** The verdict of witnesses; nothing where there is none. */
function witnessLines({ witnessed, cosignatures }: Report): string[] {
  if (witnessed === null) return [];
  const by = [...new Set(cosignatures.map(({ cosigner }) => printable(cosigner)))].join('; ');
  return [
    `The first ${n(witnessed.size)} records: witnessed at ${witnessed.time}, when no other history of this log was known; cosignatures by ${by}`,
  ];
}

/** What the comparison with a kept checkpoint shows. */
function sinceLine({ ok, code, message }: Since, { good, bad }: Marks): string {
  return `${ok ? good('unchanged') : bad(code)}  ${message}`;
}

function n(count: number): string {
  return count.toLocaleString('en');
}

/** A name out of evidence, made safe to print: control and direction-changing characters become visible. Pure. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (char) => `\\u{${char.codePointAt(0)!.toString(16)}}`);
}

/** The noun for a count of regular plural. */
function noun(count: number, one: string): string {
  return count === 1 ? one : `${one}s`;
}
