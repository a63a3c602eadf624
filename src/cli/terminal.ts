// How the commands talk: data to stdout, talk to stderr; a bar on a terminal, a line every few seconds elsewhere.
import type { ProgressNote } from '../case/progress.ts';

export { printable } from '@dalil/verify';

export interface Terminal {
  /** Data: text, or one JSON object. */
  out(text: string): void;
  /** Talk. */
  say(text: string): void;
  progress(note: ProgressNote): void;
  /** Takes the bar away, before something else is said. */
  clear(): void;
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** Columns to write in. */
  width: number;
}

interface Streams {
  stdout: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  stderr: NodeJS.WritableStream & { isTTY?: boolean; columns?: number };
  env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds, rising. */
  now: () => number;
}

const verbs: Record<ProgressNote['stage'], string> = {
  intake: 'receiving',
  describe: 'describing',
  read: 'reading numbers',
  group: 'grouping',
  report: 'writing',
  demo: 'making',
  verify: 'checking',
  rebuild: 'replaying',
  export: 'packing',
  fixity: 'reading again',
  backup: 'copying',
};

export function openTerminal({ stdout, stderr, env, now }: Streams): Terminal {
  const live = stderr.isTTY === true && env['TERM'] !== 'dumb';
  const colour = live && (env['NO_COLOR'] ?? '') === '';
  const paint = (code: string) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const width = Math.min(stderr.columns ?? 100, 120);
  const every = live ? 100 : 5000;
  let shown = false;
  let last = now();
  let run: { stage: ProgressNote['stage']; since: number; from: number } | null = null;

  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[2K');
    shown = false;
  };

  return {
    width,
    clear,
    out: (text) => {
      clear();
      stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    say: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (note) => {
      if (run?.stage !== note.stage || note.done < run.from)
        run = { stage: note.stage, since: now(), from: Math.max(0, note.done - 1) };
      if (now() - last < every) return;
      last = now();
      const line = progressLine(note, (now() - run.since) / 1000, note.done - run.from, live ? width : 0);
      if (live) {
        stderr.write(`\r\u001b[2K${line}`);
        shown = true;
      } else stderr.write(`${line}\n`);
    },
    bold: paint('1'),
    dim: paint('2'),
    good: paint('32'),
    bad: paint('31'),
  };
}

/** One line of progress: what, how many of how many, per second, MB/s, time left. Pure. */
export function progressLine(note: ProgressNote, seconds: number, since: number, bar: number): string {
  const { stage, done, total, bytes } = note;
  const rate = seconds > 0.2 ? since / seconds : 0;
  const parts = [
    `${verbs[stage]} ${done.toLocaleString('en')}${total === undefined ? '' : ` of ${total.toLocaleString('en')}`}`,
  ];
  if (rate > 0) parts.push(`${rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1)}/s`);
  if (bytes !== undefined && seconds > 0.2) parts.push(`${Math.round(bytes / seconds / 1e6)} MB/s`);
  if (total !== undefined && rate > 0 && total > done) parts.push(`${spanOf((total - done) / rate)} left`);
  const text = parts.join(' · ');
  const room = bar - text.length - 4;
  if (total === undefined || total === 0 || room < 10) return text;
  const cells = Math.min(room, 30);
  const full = Math.min(cells, Math.round((done / total) * cells));
  return `${'━'.repeat(full)}${'╌'.repeat(cells - full)}  ${text}`;
}

/** Seconds as a person says them. Pure. */
export function spanOf(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** Rows under each other, numbers to the right. Cells are plain text; widths in code points. Pure. */
export function columns(rows: readonly (readonly (string | number)[])[], gap = '  '): string[] {
  const text = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const widths = (text[0] ?? []).map((_, i) => Math.max(...text.map((row) => [...(row[i] ?? '')].length)));
  return text.map((row, r) =>
    row
      .map((cell, i) => {
        const pad = ' '.repeat(Math.max(0, widths[i]! - [...cell].length));
        return typeof rows[r]![i] === 'number' ? pad + cell : cell + pad;
      })
      .join(gap)
      .trimEnd(),
  );
}

/** Rows of a term and what it means; meanings are broken into lines of at most `width` columns, under each other. Pure. */
export function hanging(rows: readonly (readonly [string, string])[], width: number): string[] {
  const indent = Math.max(...rows.map(([term]) => term.length)) + (rows.some(([term]) => term !== '') ? 2 : 0);
  const room = Math.max(30, width - indent);
  return rows.flatMap(([term, meaning]) => {
    const lines = [''];
    for (const word of meaning.split(' ')) {
      const line = lines.at(-1)!;
      if (line !== '' && line.length + 1 + word.length > room) lines.push(word);
      else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
    }
    return lines.map((line, i) => `${(i === 0 ? term : '').padEnd(indent)}${line}`.trimEnd());
  });
}
