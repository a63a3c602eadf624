// dalil queue, settle, conflicts: what people are asked about numbers, categories and individuals, and what they answer.
import { shareText } from '../../case/share.ts';
import { categories, identifierRoles, type Category, type IdentifierRole } from '../../case/views.ts';
import { readConflicts } from '../../group/conflicts.ts';
import {
  mergeIndividuals,
  movePictures,
  partIndividuals,
  releasePictures,
  settleCategory,
  settleNumber,
  splitIndividual,
  withdrawNumber,
} from '../../group/decisions.ts';
import { categoryQueue, mergeQueue, numberQueue, queueNames, type QueueName } from '../../group/queue.ts';
import { text, usage, whole, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { stampAtEnd } from './stamp.ts';

export const queueCommand: Command = {
  name: 'queue',
  usage: 'numbers|merges|categories [--limit N]',
  summary: 'what waits for a person, what settles most first; numbers by their crop alone',
  options: { limit: { type: 'string' } },
  help: [
    ['numbers', 'numbers in doubt, then those used provisionally, then pictures without any; dalil settle number'],
    ['merges', 'pictures that may belong to an individual; dalil settle move'],
    ['categories', 'pictures that no rule tells the category of, by folder; dalil settle category'],
    ['--limit N', 'how many (20)'],
  ],
  async run(context, { positionals, values }) {
    const [name] = positionals;
    if (!queueNames.includes(name as QueueName) || positionals.length > 1) {
      throw usage('Which queue?', queueNames.join(', '), positionals.join(' ') || 'nothing', 'dalil queue --help');
    }
    const limit = whole(values, 'limit', 1, 100_000) ?? 20;
    const opened = await context.openCase({ write: false });
    const { out, say } = context.terminal;
    const show = <Entry>(
      { waiting, entries }: { waiting: number; entries: Entry[] },
      cells: (entry: Entry) => (string | number)[],
      next: string,
    ): number => {
      if (context.json) for (const entry of entries) out(JSON.stringify(entry));
      else for (const line of columns(entries.map(cells))) out(printable(line));
      say(`${entries.length.toLocaleString('en')} of ${waiting.toLocaleString('en')} that wait`);
      say(`next: ${next}`);
      return 0;
    };
    if (name === 'numbers') {
      return show(
        await numberQueue(opened, limit),
        ({ id, role, proposed, probability, state, pictures, crop }) => [
          id,
          role ?? 'role unknown',
          proposed ?? 'no number found',
          probability === null ? '' : shareText(probability, 1),
          state,
          pictures,
          'pictures',
          crop === null ? 'no crop' : `crop ${crop.slice(0, 12)}`,
        ],
        'dalil settle number E-00012.0 --value 5447, or --unreadable; then dalil group',
      );
    }
    if (name === 'merges') {
      return show(
        await mergeQueue(opened, limit),
        ({ id, individual, key, why, pictures, others }) => [
          id,
          pictures,
          'pictures',
          why,
          individual ?? 'no individual yet',
          Object.values(key).join(' / '),
          others.length > 0 ? `or ${others.join(', ')}` : '',
        ],
        'dalil settle move E-00012 … --to I-0001, or --to none; then dalil group',
      );
    }
    return show(
      await categoryQueue(opened, limit),
      ({ id, pictures, proposed, folder }) => [id, pictures, 'pictures', proposed ?? 'nothing proposed', folder],
      `dalil settle category E-00012 … --category ${categories.slice(0, 5).join('|')}; then dalil group`,
    );
  },
};

const forms = 'dalil settle number|category|merge|part|split|move|release …';

export const settleCommand: Command = {
  name: 'settle',
  usage: 'number|category|merge|part|split|move|release …',
  summary: 'answer what is asked; every answer is a record, and taking it back is another',
  options: {
    value: { type: 'string' },
    unreadable: { type: 'boolean' },
    withdraw: { type: 'boolean' },
    role: { type: 'string' },
    category: { type: 'string' },
    to: { type: 'string' },
    why: { type: 'string' },
  },
  help: [
    ['number E-00012.0 --value 5447', 'what the crop says; its role is the reading’s, or --role ROLE'],
    ['number E-00012.0 --unreadable', 'it cannot be read; --withdraw takes back what was said'],
    ['category E-00012 … --category NAME', `${categories.slice(0, 5).join(', ')}; --withdraw takes it back`],
    ['merge I-0002 I-0001', 'both are one body: the first is another name of the second'],
    ['part I-0002 I-0001', 'they are two bodies: takes a merge back, and it is not proposed again'],
    ['split I-0001 E-00012 …', 'these pictures are of another body with the same number'],
    ['move E-00012 … --to I-0001|none', 'these pictures belong there, or to nobody'],
    ['release E-00012 …', 'takes back what was decided on pictures'],
    ['--why TEXT', 'the reason, kept with the answer'],
  ],
  async run(context, { positionals, values }) {
    const [act, ...rest] = positionals;
    if (act === undefined || rest.length === 0) {
      throw usage('What is settled?', forms, positionals.join(' ') || 'nothing', 'dalil settle --help');
    }
    const did = await settle(context, act, rest, values);
    context.terminal.say(`${context.terminal.good('written down')}  ${did}`);
    context.terminal.say('next: dalil group, which puts it into effect');
    return 0;
  },
};

async function settle(context: Context, act: string, rest: string[], values: Values): Promise<string> {
  const why = text(values, 'why') ?? '';
  const opened = await context.openCase({ write: true });
  const pair = (): [string, string] => {
    if (rest.length === 2) return rest as [string, string];
    throw usage('Two individuals are needed.', `dalil settle ${act} I-0002 I-0001`, rest.join(' '));
  };
  const did = async (): Promise<string> => {
    switch (act) {
      case 'number':
        return number(opened, rest, values);
      case 'category': {
        const named = text(values, 'category');
        const back = values['withdraw'] === true;
        if (back === (named !== undefined) || (named !== undefined && !categories.includes(named as Category))) {
          throw usage('Which category?', `--category ${categories.join('|')}, or --withdraw`, named ?? 'nothing');
        }
        await settleCategory(opened, rest, back ? null : (named as Category), why);
        return `${rest.length} pictures: ${named ?? 'taken back'}`;
      }
      case 'merge':
        await mergeIndividuals(opened, ...pair(), why);
        return `${rest[0]} is another name of ${rest[1]}`;
      case 'part':
        await partIndividuals(opened, ...pair(), why);
        return `${rest[0]} and ${rest[1]} are two bodies`;
      case 'split':
        return `the new individual is ${(await splitIndividual(opened, rest[0]!, rest.slice(1), why)).handle}`;
      case 'move': {
        const to = text(values, 'to');
        if (to === undefined) throw usage('Where do they belong?', '--to I-0001, or --to none', 'nothing');
        await movePictures(opened, rest, to === 'none' ? null : to, why);
        return `${rest.length} pictures belong to ${to === 'none' ? 'nobody' : to}`;
      }
      case 'release':
        await releasePictures(opened, rest, why);
        return `${rest.length} pictures are open again`;
      default:
        throw usage('This cannot be settled.', forms, act, 'dalil settle --help');
    }
  };
  const said = await did();
  await stampAtEnd(context, opened);
  return said;
}

async function number(opened: Awaited<ReturnType<Context['openCase']>>, rest: string[], values: Values) {
  const [, item, place] = /^(E-\d+)(?:\.(\d+))?$/.exec(rest[0]!) ?? [];
  if (item === undefined || rest.length > 1) {
    throw usage('Which number?', 'a picture and the place of its reading, as E-00012.0', rest.join(' '));
  }
  const reading = place === undefined ? null : Number(place);
  const { rows } = await opened.index.pool.query<{ role: string | null }>(
    'select role from card_reading where item = $1 and n = $2',
    [item, reading],
  );
  const role = text(values, 'role') ?? rows[0]?.role ?? undefined;
  if (!identifierRoles.includes(role as IdentifierRole)) {
    throw usage('What kind of number is it?', `--role ${identifierRoles.join('|')}`, role ?? 'nothing');
  }
  const value = text(values, 'value');
  const answers = [value !== undefined, values['unreadable'] === true, values['withdraw'] === true];
  if (answers.filter(Boolean).length !== 1) {
    throw usage('What does it say?', 'one of --value NUMBER, --unreadable, --withdraw', 'none or several of them');
  }
  if (values['withdraw'] === true) await withdrawNumber(opened, item, role as IdentifierRole);
  else await settleNumber(opened, { item, role: role as IdentifierRole, value: value ?? null, reading });
  return `${role} of ${item}`;
}

export const conflictsCommand: Command = {
  name: 'conflicts',
  usage: '',
  summary: 'one number with two bodies, one body with two numbers or two categories: what speaks against the grouping',
  async run(context) {
    const conflicts = await readConflicts(await context.openCase({ write: false }));
    const { out, say } = context.terminal;
    for (const one of conflicts) {
      out(
        context.json
          ? JSON.stringify(one)
          : printable(`${one.kind}\t${one.subject}\t${one.what}\t${one.items.join(' ')}`),
      );
    }
    say(`${conflicts.length.toLocaleString('en')} conflicts`);
    say('next: dalil settle split I-0001 E-00012 …, or: dalil settle merge I-0002 I-0001');
    return 0;
  },
};
