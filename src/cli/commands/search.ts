// dalil search: the same search as on the screen, written down as any other.
import { categories, type Category } from '../../case/views.ts';
import { thingKinds } from '../../search/lines.ts';
import { mostRanked, parseKinds, readOn, search, type Hit, type SearchAnswer, type Why } from '../../search/search.ts';
import { text, texts, usage, whole, type Command, type Context } from '../command.ts';
import { printable } from '../terminal.ts';

export const searchCommand: Command = {
  name: 'search',
  usage: '<words…> [--kind KIND…] [--source PSEUDONYM] [--category CATEGORY] [--limit N]',
  summary: 'texts, names of files, metadata, numbers, handles, notes: what matched, and why; each search is a record',
  options: {
    kind: { type: 'string', multiple: true },
    source: { type: 'string' },
    category: { type: 'string' },
    limit: { type: 'string' },
  },
  help: [
    ['<words…>', 'all must be there; "these in this order"; beginning*; in one argument also -without'],
    ['--kind KIND', `only things of this kind, again for each: ${thingKinds.join(', ')}`],
    ['--source PSEUDONYM', 'only what this source gave'],
    ['--category CATEGORY', `only pictures of this category: ${categories.join(', ')}`],
    ['--limit N', `how many are shown, 1 to ${String(mostRanked)} (20)`],
  ],
  async run(context, { positionals, values }) {
    const category = text(values, 'category');
    if (category !== undefined && !categories.includes(category as Category))
      throw usage('There is no such category.', categories.join(', '), category, 'dalil search --help');
    const limit = whole(values, 'limit', 1, mostRanked) ?? 20;
    const narrowed = {
      kinds: parseKinds(texts(values, 'kind')),
      source: text(values, 'source'),
      category: category as Category | undefined,
    };
    const opened = await context.openCase({ write: true });
    const answer = await search(opened, positionals.join(' '), narrowed);
    const hits = [...answer.hits];
    for (let next = answer.next; next !== null && hits.length < limit;) {
      const page = await readOn(opened, opened.actor.name, answer.search, next, Date.now());
      hits.push(...page.hits);
      next = page.next;
    }
    hits.length = Math.min(hits.length, limit);
    if (context.json) context.terminal.out(JSON.stringify({ ...answer, hits, next: undefined }));
    else sayHits(context, answer, hits);
    const [first] = hits;
    context.terminal.say(
      first === undefined
        ? 'next: dalil search with another spelling, or a beginning*'
        : hits.length < answer.count
          ? `next: dalil search with more words, or --limit ${String(answer.count)}`
          : first.kind === 'individual'
            ? 'next: dalil individuals'
            : 'next: dalil items',
    );
    return 0;
  },
};

function sayHits({ terminal }: Context, { count, more, search: record }: SearchAnswer, hits: readonly Hit[]): void {
  for (const { handle, kind, title, key, destroyed, why } of hits) {
    const called = key === null ? title : Object.entries(key).flat().join(' ');
    terminal.out(
      `${terminal.bold(handle)}  ${kind}  ${printable(called)}${destroyed ? `  ${terminal.bad('destroyed')}` : ''}`,
    );
    for (const one of why) terminal.out(`  ${terminal.dim(nameOf(one))}  ${shown(one, terminal.bold)}`);
  }
  const n = count.toLocaleString('en');
  const all = more ? `more than ${n} found: the newest ${n} are ranked` : `${n} found`;
  terminal.say(`${all}; ${String(hits.length)} shown; record ${String(record)}`);
}

function nameOf({ field, name, page, state, probability }: Why): string {
  const how =
    state === 'read'
      ? `read by the machine, proposed${probability === null ? '' : ` at ${(100 * probability).toFixed(0)} %`}`
      : state === 'accepted'
        ? 'accepted by a person'
        : state === 'overruled'
          ? 'read by the machine; a person said otherwise'
          : state === 'rule'
            ? 'in a path, by the rules'
            : null;
  return [field, name, page === null ? null : `part ${String(page)}`, how].filter((part) => part !== null).join(', ');
}

/** On one line, what matched in bold; nothing of it can move the cursor. */
function shown({ text: whole, before, after, marks }: Why, bold: (text: string) => string): string {
  const plain = (from: number, to?: number): string => printable(whole.slice(from, to).replaceAll(/\s+/g, ' '));
  let at = 0;
  let line = before ? '…' : '';
  for (const { start, end } of marks) {
    line += plain(at, start) + bold(plain(start, end));
    at = end;
  }
  return line + plain(at) + (after ? '…' : '');
}
