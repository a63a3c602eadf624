// bench/RESULTS.md: a section for each benchmark. A run of some of them replaces only their sections.
import type { Benchmark, Figure, Outcome } from './benchmark.ts';

/** When and how busy: each section says it for itself. */
export interface Circumstance {
  /** ISO 8601, to the minute. */
  at: string;
  /** Seconds that the benchmark took. */
  took: number;
  /** Load average before it began: above 0.3, others were at work. */
  load: number;
  /** Milliseconds of a durable write of 4 kB before it began. */
  durable: number;
}

const verdict = ({ met, target }: Figure): string =>
  target === null ? '' : met === null ? 'no peer' : met ? 'met' : 'NOT MET';
const ratioOf = ({ ratio }: Figure): string => (ratio === null ? '' : ratio.toFixed(2));
const header = ['what', 'measured', 'peer', 'ratio', 'target', ''];
const cells = (figure: Figure): string[] => [
  figure.what,
  figure.ours,
  figure.peer ?? '',
  ratioOf(figure),
  figure.target ?? '',
  verdict(figure),
];

/** The figures as columns, for a terminal. */
export function table(figures: readonly Figure[]): string {
  const rows = [header, ...figures.map(cells)];
  const widths = header.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A benchmark's section. */
export function section(
  { name, title }: Benchmark,
  { figures, notes }: Outcome,
  { at, took, load, durable }: Circumstance,
): string {
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    `## ${name}: ${title}`,
    '',
    line(header),
    line(header.map((_, i) => (i === 3 ? '--:' : '---'))),
    ...figures.map((figure) => line(cells(figure))),
    '',
    ...notes.map((note) => `- ${note}`),
    `- ${at}, ${Math.round(took)} s in all; before it: load average ${load.toFixed(2)}, a durable write of 4 kB in ${durable.toFixed(2)} ms.`,
    '',
  ].join('\n');
}

const opening = (machine: readonly string[]): string =>
  [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; not edited by hand. Every peer was measured in the same run as what stands beside it.',
    'All files were in the page cache; everything was done once before it was measured; before each command, all that',
    'was written earlier had gone to the disk. Ratios are ours over the peer: below 1 is better than the peer.',
    '',
    ...machine.map((line) => `- ${line}`),
    '',
  ].join('\n');

/**
 * The file with the new sections in the order given. Sections of other benchmarks stay as they were, if they were measured
 * on the same machine, disk and versions; else they go, so that nothing stands under a description that is not its own.
 */
export function mergeResults(
  before: string | null,
  machine: readonly string[],
  order: readonly string[],
  fresh: ReadonlyMap<string, string>,
): string {
  const sections = new Map<string, string>();
  const kept = before?.startsWith(opening(machine)) === true ? before : '';
  for (const part of kept.split(/^(?=## )/m).slice(1)) {
    sections.set(/^## ([^:\n]*)/.exec(part)![1]!, part.trimEnd() + '\n');
  }
  for (const [name, text] of fresh) sections.set(name, text);
  return [opening(machine), ...order.flatMap((name) => sections.get(name) ?? [])].join('\n');
}
