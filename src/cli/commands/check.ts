// dalil verify, rebuild: the independent check, and the index again.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { verdictLines, type CheckProgress } from '@dalil/verify';
import { Fault } from '../../case/fault.ts';
import { indexApart, type OpenCase } from '../../log/case.ts';
import { readText, text, usage, type Command, type Context, type Values } from '../command.ts';

export const verifyCommand: Command = {
  name: 'verify',
  usage: '[<case>|<bundle>|<bundle>.zip] [--since FILE-OR-LINE] [--anchor FILE.pem]',
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
    const since = text(values, 'since');
    const { checkPath } = await import('@dalil/verify/node-check');
    const progress: CheckProgress = ({ files, records, bytes }) => {
      context.signal.throwIfAborted();
      context.terminal.progress({ stage: 'verify', done: files + records, bytes });
    };
    const { ok, report } = await checkPath(path, {
      threads: availableParallelism(),
      now: new Date(),
      progress,
      ...(roots === undefined ? {} : { roots }),
      ...(since === undefined ? {} : { kept: await keptText(context, since) }),
    }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? unreadable('There is nothing at this path.', error) : error;
    });
    const { terminal } = context;
    terminal.clear();
    if (context.json) terminal.out(JSON.stringify(report));
    else for (const line of verdictLines(report, terminal, roots !== undefined)) terminal.out(line);
    return ok ? 0 : 4;
  },
};

/** Certificates to trust instead of the case's own, DER; undefined where none were given. */
async function readAnchors({ cwd }: Context, given: Values[string]): Promise<Uint8Array[] | undefined> {
  if (!Array.isArray(given)) return undefined;
  const { anchorsFromPem } = await import('../../seal/authority.ts');
  const anchors: Uint8Array[] = [];
  for (const file of given) {
    anchors.push(...anchorsFromPem(await readText(resolve(cwd, String(file)))));
  }
  return anchors;
}

/** The kept checkpoint itself, or what is in the file that was named: see `parseKept`. */
async function keptText({ cwd }: Context, given: string): Promise<string> {
  return /^\s*dalil-checkpoint\//.test(given) ? given : readText(resolve(cwd, given));
}

function unreadable(what: string, cause: NodeJS.ErrnoException): Fault {
  return new Fault('input-unreadable', { what, got: cause.code ?? 'an error', next: 'check its name', cause });
}

export const rebuildCommand: Command = {
  name: 'rebuild',
  usage: '',
  summary: 'the index again, from the case folder',
  async run(context) {
    const opened = await rebuildIndex(context);
    if (context.json) context.terminal.out(JSON.stringify({ records: opened.log.size }));
    else
      context.terminal.say(`${context.terminal.good('rebuilt')}  from ${opened.log.size.toLocaleString('en')} records`);
    context.terminal.say('next: dalil status');
    return 0;
  },
};

/** The index of the case at `at`, or of the one that is meant, made again; where it is of another history, beside it. */
export async function rebuildIndex(context: Context, at?: string): Promise<OpenCase> {
  const replayed = (done: number, total: number) => context.terminal.progress({ stage: 'rebuild', done, total });
  const open = () => context.openCase({ write: false, stale: true, ...(at === undefined ? {} : { at }) });
  let opened = await open();
  try {
    await opened.log.rebuild(replayed);
  } catch (error) {
    if (!(error instanceof Fault && error.code === 'index-foreign')) throw error;
    await indexApart(opened);
    context.terminal.say(
      'The index holds records that are not in this folder. It stays; this folder now has an index of its own.',
    );
    opened = await open();
    await opened.log.rebuild(replayed);
  }
  context.terminal.clear();
  return opened;
}
