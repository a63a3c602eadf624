// dalil near: which pictures were made from which, and what a person says of it.
import { linkItems } from '../../group/link.ts';
import { lastSearch, likeItem, listLinks, listNear, type NearRow } from '../../group/near-queries.ts';
import type { NearTables } from '../../group/near-project.ts';
import type { Link } from '../../group/near-records.ts';
import { text, usage, whole, type Command, type Context } from '../command.ts';
import { stampAtEnd } from './stamp.ts';

const acts: Readonly<Record<string, Link>> = { confirm: 'must', cut: 'cannot', open: 'open' };

export const nearCommand: Command = {
  name: 'near',
  usage: '[list | links | like <item> | confirm <item> <item> | cut <item> <item> | open <item> <item>]',
  summary: 'near-duplicates, what was done to each copy, and what a person says of a pair',
  options: { why: { type: 'string' }, distance: { type: 'string' } },
  help: [
    ['list', 'copies, their originals, and how they were found'],
    ['links', 'pairs that people confirmed or cut'],
    [
      'like E-00012',
      'pictures, and key frames of videos, whose hash lies near to its own, in the eight ways to turn it',
    ],
    ['confirm, cut, open', 'two pictures are near-duplicates; are not; or what was said of them is taken back'],
    ['--why TEXT', 'the reason, kept with it'],
    ['--distance N', 'for like: bits of 256, 0 to 31 (31)'],
  ],
  async run(context, { positionals, values }) {
    const [act = 'list', ...items] = positionals;
    if (act === 'list' && items.length === 0) return list(context);
    if (act === 'links' && items.length === 0) return links(context);
    if (act === 'like' && items.length === 1) return like(context, items[0]!, whole(values, 'distance', 0, 31) ?? 31);
    const link = acts[act];
    const [a, b] = items;
    if (link === undefined || a === undefined || b === undefined || items.length > 2) {
      throw usage(
        'near does not understand this.',
        `dalil near ${this.usage}`,
        positionals.join(' '),
        'dalil near --help',
      );
    }
    const why = text(values, 'why');
    if (why === undefined || why.trim() === '') {
      throw usage('A reason is kept with what a person says.', '--why TEXT', 'none');
    }
    const opened = await context.openCase({ write: true });
    await linkItems(opened, [a, b], link, why);
    if (context.json) context.terminal.out(JSON.stringify({ items: [a, b], link, why }));
    await stampAtEnd(context, opened);
    context.terminal.say('next: dalil group');
    return 0;
  },
};

async function list({ openCase, terminal, json }: Context): Promise<number> {
  const { index } = await openCase({ write: false });
  const rows = await listNear(index.pool);
  for (const row of rows) terminal.out(json ? JSON.stringify(row) : line(row));
  const search = await lastSearch(index.pool);
  terminal.say(search === null ? 'no search yet' : searchLine(search, rows.length));
  terminal.say('next: dalil near confirm|cut <item> <item> --why …');
  return 0;
}

function line({ item, of, changes, basis, distance, scale, alignment, link }: NearRow): string {
  const seen = alignment === null ? '' : `, correlation ${alignment.score.toFixed(2)}`;
  const sized = scale === null || scale === 1 ? '' : ` x ${scale}`;
  const said = link === 'must' ? 'confirmed' : 'proposed';
  return [item, `of ${of}`, `${changes.join(', ')}${sized}`, `by ${basis}, ${distance} of 256 bits${seen}`, said].join(
    '\t',
  );
}

function searchLine(search: NearTables['search'], copies: number): string {
  const n = (count: number) => count.toLocaleString('en');
  const left = search.remaining > 0 ? `; ${n(search.remaining)} further pairs left unaligned by the limit` : '';
  return (
    `${n(copies)} copies among ${n(search.pictures)} pictures, ${n(search.hashed)} of them with a hash that says enough; the last search: ` +
    `${n(search.pairs)} pairs by hash, ${n(search.aligned)} aligned, ${n(search.confirmed)} of these confirmed${left}. Rule: ${search.rule}`
  );
}

async function links({ openCase, terminal, json }: Context): Promise<number> {
  const { index } = await openCase({ write: false });
  for (const { a, b, link, why } of await listLinks(index.pool)) {
    const said = link === 'must' ? 'near-duplicates' : 'not near-duplicates';
    terminal.out(json ? JSON.stringify({ items: [a, b], link, why }) : [a, b, said, why].join('\t'));
  }
  return 0;
}

async function like({ openCase, terminal, json }: Context, item: string, distance: number): Promise<number> {
  const { index } = await openCase({ write: false });
  for (const near of await likeItem(index.pool, item, distance)) {
    const frame = near.frame === null ? [] : [`key frame at ${near.frame.at.toFixed(1)} s`];
    const said = [near.item, `${near.distance} of 256 bits`, near.turn, ...frame];
    terminal.out(json ? JSON.stringify(near) : said.join('\t'));
  }
  return 0;
}
