// dalil tag: a word of one's own on many items at once, and what carries it.
import { listTags, tagItems } from '../../group/marks.ts';
import { usage, type Command, type Context } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { stampAtEnd } from './stamp.ts';

export const tagCommand: Command = {
  name: 'tag',
  usage: '[list [TAG] | put TAG <item…> | off TAG <item…>]',
  summary: 'put a tag on many items in one act, or take it off; every act is a record',
  options: {},
  help: [
    ['list', 'the tags, and on how many items each is'],
    ['list TAG', 'the items that carry it'],
    ['put TAG E-00012 …', 'on these items; those that have it are left as they are'],
    ['off TAG E-00012 …', 'off these items'],
  ],
  async run(context, { positionals }) {
    const [act = 'list', tag, ...items] = positionals;
    if (act === 'list' && items.length === 0) return list(context, tag);
    if ((act !== 'put' && act !== 'off') || tag === undefined || items.length === 0) {
      throw usage(
        'tag does not understand this.',
        `dalil tag ${this.usage}`,
        positionals.join(' '),
        'dalil tag --help',
      );
    }
    const { terminal, json } = context;
    const opened = await context.openCase({ write: true });
    const did = await tagItems(opened, items, tag, act === 'off');
    if (json) terminal.out(JSON.stringify(did));
    terminal.say(
      `${terminal.good('written down')}  ${did.changed.toLocaleString('en')} of ${new Set(items).size.toLocaleString('en')} items changed, in ${did.records === 1 ? '1 record' : `${did.records.toLocaleString('en')} records`}`,
    );
    await stampAtEnd(context, opened);
    terminal.say(`next: dalil tag list ${printable(did.tag)}`);
    return 0;
  },
};

async function list({ openCase, terminal, json }: Context, tag: string | undefined): Promise<number> {
  const opened = await openCase({ write: false });
  if (tag === undefined) {
    const tags = await listTags(opened);
    const lines = columns(tags.map((one) => [one.tag, one.items]));
    for (const [i, one] of tags.entries()) terminal.out(json ? JSON.stringify(one) : printable(lines[i]!));
    terminal.say(`${tags.length.toLocaleString('en')} tags`);
  } else {
    const { rows } = await opened.index.pool.query<{ item: string }>(
      'select t.item from tag t join item i on i.handle = t.item where t.tag = $1 order by i.position',
      [tag.normalize('NFC')],
    );
    for (const { item } of rows) terminal.out(json ? JSON.stringify({ item }) : item);
    terminal.say(`${rows.length.toLocaleString('en')} items`);
  }
  terminal.say('next: dalil tag put TAG E-00012 …');
  return 0;
}
