// dalil verify, rebuild: the independent check, and the index again.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { checkBundle, checkCase, isBundle, type Report } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { Fault } from '../../case/fault.ts';
import { indexApart } from '../../log/case.ts';
import { usage, type Command, type Context } from '../command.ts';
import { columns, printable } from '../terminal.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[<case>|<bundle>]',
  summary: 'the independent check: every file, record, signature, tile, checkpoint, citation',
  async run(context, { positionals }) {
    const [given, ...more] = positionals;
    if (more.length > 0)
      throw usage('One case or bundle at a time.', 'dalil verify [<case>|<bundle>]', `${positionals.length} paths`);
    const path = given === undefined ? await context.casePath() : resolve(context.cwd, given);
    const report = await check(context, path);
    context.terminal.clear();
    if (context.json) context.terminal.out(JSON.stringify(report));
    else sayReport(context, report);
    return report.ok ? 0 : 4;
  },
};

/** Checks a case or bundle with progress; stops at once on Ctrl-C. */
export async function check({ terminal, signal }: Pick<Context, 'terminal' | 'signal'>, path: string): Promise<Report> {
  const files = nodeFiles(path, { threads: availableParallelism() });
  const bundle = await isBundle(files);
  return (bundle ? checkBundle : checkCase)(files, ({ files: done, records, bytes }) => {
    signal.throwIfAborted();
    terminal.progress({ stage: 'verify', done: done + records, bytes });
  });
}

function sayReport({ terminal }: Context, report: Report): void {
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
    out(dim('Sealed alone binds the keeper of the key only from the first checkpoint that somebody else wrote down.'));
    return;
  }
  for (const { code, where, message } of report.problems.slice(0, 20))
    out(`${bad(code)}  ${printable(where)}: ${message}`);
  if (total > 20) out(dim(`and ${n(total - 20)} more, with --json`));
  out(bad(bold('does not hold')) + `  ${n(total)} problems; the first: ${printable(report.problems[0]!.where)}`);
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
