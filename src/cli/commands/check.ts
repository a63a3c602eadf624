// dalil verify, rebuild: the independent check, and the index again.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { checkBundle, checkCase, isBundle, type CheckProgress, type Report } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { Fault } from '../../case/fault.ts';
import { indexApart } from '../../log/case.ts';
import { text, usage, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[<case>|<bundle>] [--since FILE-OR-LINE] [--anchor FILE.pem]',
  summary: 'the independent check: every file, record, signature, tile, checkpoint, citation, timestamp',
  options: { since: { type: 'string' }, anchor: { type: 'string', multiple: true } },
  help: [
    ['--since FILE-OR-LINE', 'whether it still begins with a checkpoint that you kept: see dalil checkpoint'],
    ['--anchor FILE.pem', 'trust these time authorities alone, and not those that the case names; several times'],
  ],
  async run(context, { positionals, values }) {
    const [given, ...more] = positionals;
    if (more.length > 0)
      throw usage('One case or bundle at a time.', 'dalil verify [<case>|<bundle>]', `${positionals.length} paths`);
    const path = given === undefined ? await context.casePath() : resolve(context.cwd, given);
    const roots = await readAnchors(context, values['anchor']);
    const report = await check(context, path, roots);
    context.terminal.clear();
    const kept = text(values, 'since');
    if (kept === undefined) {
      if (context.json) context.terminal.out(JSON.stringify(report));
      else sayReport(context, report, roots !== undefined);
      return report.ok ? 0 : 4;
    }
    const { saySince, since: compare } = await import('./seal.ts');
    const since = await compare(context, path, kept);
    if (context.json) context.terminal.out(JSON.stringify({ ...report, since }));
    else {
      sayReport(context, report, roots !== undefined);
      saySince(context, since);
    }
    return report.ok && since.ok ? 0 : 4;
  },
};

/** Certificates to trust instead of the case's own, DER; undefined where none were given. */
async function readAnchors({ cwd }: Context, given: Values[string]): Promise<Uint8Array[] | undefined> {
  if (!Array.isArray(given)) return undefined;
  const { anchorsFromPem } = await import('../../seal/authority.ts');
  const anchors: Uint8Array[] = [];
  for (const file of given) {
    const pem = await readFile(resolve(cwd, String(file)), 'utf8').catch((cause: unknown) => {
      throw new Fault('input-unreadable', {
        what: 'A certificate that was named cannot be read.',
        next: 'check its name',
        cause,
      });
    });
    anchors.push(...anchorsFromPem(pem));
  }
  return anchors;
}

/** Checks a case or bundle with progress; stops at once on Ctrl-C. `roots` are trusted instead of the case's own anchors. */
export async function check(
  { terminal, signal }: Pick<Context, 'terminal' | 'signal'>,
  path: string,
  roots?: readonly Uint8Array[],
): Promise<Report> {
  const files = nodeFiles(path, { threads: availableParallelism() });
  const bundle = await isBundle(files);
  const { judgesTimestamps } = await import('@dalil/verify/check-timestamps');
  const timestamps = judgesTimestamps({ now: new Date(), ...(roots === undefined ? {} : { roots }) });
  const progress: CheckProgress = ({ files: done, records, bytes }) => {
    signal.throwIfAborted();
    terminal.progress({ stage: 'verify', done: done + records, bytes });
  };
  return (bundle ? checkBundle : checkCase)(files, progress, { timestamps });
}

function sayReport({ terminal }: Context, report: Report, ownAnchors: boolean): void {
  const { out, bold, dim, good, bad } = terminal;
  const n = (count: number) => count.toLocaleString('en');
  const { files, bytes, records, signatures, tiles, checkpoints, citations } = report.checked;
  const rows = [
    [n(files), `files, ${(bytes / 1e6).toFixed(1)} MB, by their SHA-256`],
    [n(records), `records, ${n(signatures)} signatures`],
    [n(tiles), `tiles of the log, ${n(checkpoints)} checkpoints`],
    [n(citations), 'citations'],
  ].map(([count, what]) => [count!.padStart(9), what!]);
  for (const line of columns(rows)) out(line);
  for (const { where, message } of report.notes.slice(0, 10)) out(dim(`note  ${printable(where)}: ${message}`));
  if (report.notes.length > 10) out(dim(`note  and ${n(report.notes.length - 10)} more, with --json`));
  const total = report.problems.length + report.further;
  if (report.ok) {
    out(
      good(bold('holds')) +
        `  ${report.kind} at checkpoint ${n(report.checkpoint?.size ?? 0)}: nothing was changed, added or taken away under it.`,
    );
    if (sayTimestamps(report, out)) {
      if (!ownAnchors) {
        out(dim('Whom to believe about time is the word of the case itself: --anchor FILE.pem trusts yours alone.'));
      }
    } else {
      out(
        dim('Sealed alone binds the keeper of the key only from the first checkpoint that somebody else wrote down.'),
      );
    }
    return;
  }
  for (const { code, where, message } of report.problems.slice(0, 20))
    out(`${bad(code)}  ${printable(where)}: ${message}`);
  if (total > 20) out(dim(`and ${n(total - 20)} more, with --json`));
  out(bad(bold('does not hold')) + `  ${n(total)} problems; the first: ${printable(report.problems[0]!.where)}`);
}

/** The verdict on time. False where there is none. */
function sayTimestamps({ timestamps }: Report, out: (line: string) => void): boolean {
  const since = timestamps?.unchangedSince ?? null;
  if (timestamps === null || since === null) return false;
  const n = (count: number) => count.toLocaleString('en');
  out(
    `The first ${n(since.size)} records: unchanged since ${since.genTime}; this does not show where, when or by whom the pictures were taken.`,
  );
  const subjects = [...new Set(timestamps.tokens.map(({ subject }) => printable(subject)))];
  out(`${n(timestamps.tokens.length)} timestamps hold, by ${subjects.join('; ')}`);
  const bare = timestamps.tokens.filter(({ ended, coveredBy }) => ended && coveredBy === null).length;
  if (bare > 0) out(`${n(bare)} of them by certificates that have ended since, and under no newer timestamp`);
  return true;
}

export const rebuildCommand: Command = {
  name: 'rebuild',
  usage: '',
  summary: 'the index again, from the case folder',
  async run(context) {
    const replayed = (done: number, total: number) => context.terminal.progress({ stage: 'rebuild', done, total });
    let opened = await context.openCase({ write: false, stale: true });
    try {
      await opened.log.rebuild(replayed);
    } catch (error) {
      if (!(error instanceof Fault && error.code === 'index-foreign')) throw error;
      await indexApart(opened);
      context.terminal.say(
        'The index holds records that are not in this folder. It stays; this folder now has an index of its own.',
      );
      opened = await context.openCase({ write: false, stale: true });
      await opened.log.rebuild(replayed);
    }
    context.terminal.clear();
    if (context.json) context.terminal.out(JSON.stringify({ records: opened.log.size }));
    else
      context.terminal.say(`${context.terminal.good('rebuilt')}  from ${opened.log.size.toLocaleString('en')} records`);
    context.terminal.say('next: dalil status');
    return 0;
  },
};
