// dalil fixity: the originals read again, oldest-checked first; and those restored that were found damaged or missing.
import { resolve } from 'node:path';
import { checkFixity } from '../../seal/fixity.ts';
import { readFixity } from '../../seal/queries.ts';
import { restoreOriginals } from '../../seal/restoration.ts';
import { text, usage, whole, type Command, type Context, type Values } from '../command.ts';
import { fixityLine } from './see.ts';
import { stampAtEnd } from './stamp.ts';

export const fixityCommand: Command = {
  name: 'fixity',
  usage: '[--limit N] [--days D] | status | restore --from PATH',
  summary:
    'read the originals again, oldest-checked first; what is damaged or missing is found, and restored from a copy',
  options: { limit: { type: 'string' }, days: { type: 'string' }, from: { type: 'string' } },
  help: [
    ['--limit N', 'at most so many originals'],
    ['--days D', 'only those that were not checked within so many days'],
    ['status', 'how many were checked, and when the one checked longest ago was'],
    ['restore --from PATH', 'from a copy of the case, or a bundle with originals; altered bytes are kept aside'],
  ],
  async run(context, { positionals, values }) {
    const [act, ...more] = positionals;
    if (more.length === 0) {
      if (act === undefined) return check(context, values);
      if (act === 'status') return status(context);
      if (act === 'restore') return restore(context, values);
    }
    throw usage('What is to be done?', 'dalil fixity [status | restore --from PATH]', positionals.join(' '));
  },
};

const n = (count: number): string => count.toLocaleString('en');

async function check(context: Context, values: Values): Promise<number> {
  const { terminal, json, signal } = context;
  const limit = whole(values, 'limit', 1, 1e9);
  const days = whole(values, 'days', 0, 36_500);
  const opened = await context.openCase({ write: true });
  const run = await checkFixity(opened, {
    ...(limit === undefined ? {} : { limit }),
    ...(days === undefined ? {} : { days }),
    signal,
    progress: terminal.progress,
  });
  terminal.clear();
  if (json) terminal.out(JSON.stringify(run));
  else {
    for (const { item, state } of run.unsound) terminal.out(`${terminal.bad(state)}  ${item}`);
    const sound = run.checked - run.unsound.length;
    terminal.say(
      `${n(run.checked)} originals read, ${(run.bytes / 1e6).toFixed(1)} MB: ${n(sound)} as they were sealed`,
    );
  }
  await stampAtEnd(context, opened);
  terminal.say(`next: ${run.unsound.length > 0 ? 'dalil fixity restore --from PATH' : 'dalil fixity status'}`);
  return run.unsound.length > 0 ? 3 : 0;
}

async function status(context: Context): Promise<number> {
  const { terminal, json } = context;
  const view = await readFixity(await context.openCase({ write: false }));
  if (json) terminal.out(JSON.stringify(view));
  else {
    terminal.out(fixityLine(view));
    for (const { item, state, at, record } of view.unsound) {
      terminal.out(`${terminal.bad(state)}  ${item}  found ${at}  [r ${record}]`);
    }
  }
  terminal.say(`next: ${view.unsound.length > 0 ? 'dalil fixity restore --from PATH' : 'dalil fixity --days 90'}`);
  return view.unsound.length > 0 ? 3 : 0;
}

async function restore(context: Context, values: Values): Promise<number> {
  const { terminal, json, cwd, signal } = context;
  const from = text(values, 'from');
  if (from === undefined) throw usage('A copy is needed.', '--from PATH', 'nothing', 'dalil fixity --help');
  const opened = await context.openCase({ write: true });
  const done = await restoreOriginals(opened, { from: resolve(cwd, from), signal, progress: terminal.progress });
  terminal.clear();
  if (json) terminal.out(JSON.stringify(done));
  else {
    for (const item of done.restored) terminal.out(`${terminal.good('restored')}  ${item}`);
    for (const item of done.without)
      terminal.out(`${terminal.bad('not there')}  ${item}: no sound bytes of it in this copy`);
  }
  if (done.restored.length + done.without.length === 0) {
    terminal.say('No original is known to be damaged or missing: dalil fixity looks.');
  }
  await stampAtEnd(context, opened);
  terminal.say(`next: ${done.without.length > 0 ? 'dalil fixity restore --from ANOTHER-COPY' : 'dalil verify'}`);
  return done.without.length > 0 ? 3 : 0;
}
