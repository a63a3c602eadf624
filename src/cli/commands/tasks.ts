// dalil tasks: what the people of a case ask of each other.
import { Fault } from '../../case/fault.ts';
import type { OpenCase } from '../../log/case.ts';
import { findPerson } from '../../protect/accounts.ts';
import { openAccounts } from '../../protect/home-schema.ts';
import { addTask, changeTask, listTasks } from '../../protect/tasks.ts';
import { text, usage, type Command, type Context } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { stampAtEnd } from './stamp.ts';

const most = 1000;

export const tasksCommand: Command = {
  name: 'tasks',
  usage:
    '[list [--for NAME] [--done] | add WORDS [--about E-00012] [--for NAME] | done T-0001 | open T-0001 | give T-0001 --for NAME]',
  summary: 'what the team asks of each other; every act is a record, its words are in no bundle',
  options: { for: { type: 'string' }, about: { type: 'string' }, done: { type: 'boolean' } },
  help: [
    ['list', 'open tasks, the newest first; --done those that are done, --for NAME those of one person'],
    ['add WORDS', 'asks for something'],
    ['  --about NAME', 'an item (E-00012), an individual (I-0001), or a queue (numbers, merges, categories)'],
    ['  --for NAME', 'the working name of whoever is asked; left out: whoever comes first'],
    ['done, open T-0001', 'closes a task, or opens it again'],
    ['give T-0001 --for NAME', 'hands it on; --for nobody leaves it to whoever comes first'],
  ],
  async run(context, { positionals, values }) {
    const [act = 'list', what, ...more] = positionals;
    const name = text(values, 'for');
    const assignee = name === undefined || name === 'nobody' ? null : name;
    const about = text(values, 'about') ?? null;
    const refuse = (): Fault =>
      usage(
        'tasks does not understand this.',
        `dalil tasks ${this.usage}`,
        positionals.join(' '),
        'dalil tasks --help',
      );
    if (more.length > 0) throw refuse();
    if (act === 'list' && what === undefined) return list(context, assignee, values['done'] === true);
    if (what === undefined || !['add', 'done', 'open', 'give'].includes(act)) throw refuse();
    if (act === 'give' && name === undefined) throw usage('To whom?', '--for NAME, or --for nobody', 'nothing');
    const opened = await context.openCase({ write: true });
    if (assignee !== null) await refuseStranger(context, opened, assignee);
    let task = what;
    if (act === 'add') task = (await addTask(opened, { words: what, subject: about, assignee })).handle!;
    else if (act === 'give') await changeTask(opened, what, { assignee });
    else await changeTask(opened, what, { state: act as 'open' | 'done' });
    if (context.json) context.terminal.out(JSON.stringify({ task }));
    context.terminal.say(`${context.terminal.good('written down')}  ${task}`);
    await stampAtEnd(context, opened);
    context.terminal.say('next: dalil tasks');
    return 0;
  },
};

/** Refuses a name that nobody of this case has. */
async function refuseStranger({ env }: Context, { home, id }: OpenCase, name: string): Promise<void> {
  const accounts = await openAccounts({ home, env });
  try {
    const person = await findPerson(accounts, id, { name });
    if (person !== null && person.gone === null) return;
  } finally {
    await accounts.close();
  }
  throw new Fault('usage', {
    what: 'Nobody of this case has that name.',
    expected: 'the working name of somebody who can sign in to it',
    next: 'dalil accounts list',
  });
}

async function list({ openCase, terminal, json }: Context, assignee: string | null, done: boolean): Promise<number> {
  const opened = await openCase({ write: false });
  const query = { state: done ? ('done' as const) : ('open' as const), limit: most };
  const tasks = await listTasks(opened, assignee === null ? query : { ...query, assignee });
  const lines = columns(
    tasks.map((one) => [
      one.task,
      one.assignee ?? 'for nobody yet',
      one.subject ?? '',
      `by ${one.by}, ${one.asked.slice(0, 10)}`,
      one.words.replaceAll('\n', ' '),
    ]),
  );
  for (const [i, one] of tasks.entries()) terminal.out(json ? JSON.stringify(one) : printable(lines[i]!));
  terminal.say(
    `${tasks.length.toLocaleString('en')} tasks ${done ? 'done' : 'open'}${tasks.length === most ? ', and perhaps more' : ''}`,
  );
  terminal.say('next: dalil tasks done T-0001, or: dalil tasks add WORDS');
  return 0;
}
