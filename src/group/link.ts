// What a person says of two pictures: near-duplicates, or not. Machine and person are kept apart: the search goes on
// from this record and never over it, and another record takes it back.
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { listLinks, notAPicture } from './near-queries.ts';
import type { Link } from './near-records.ts';

/**
 * Links (must), cuts (cannot) or leaves open again two items. Throws Fault('usage') where one of them is no picture, they
 * are one, or it contradicts what people have said before.
 */
export async function linkItems(
  opened: OpenCase,
  items: readonly [string, string],
  link: Link,
  why: string,
): Promise<void> {
  const { index, log, actor } = opened;
  await log.append(actor, async (turn) => {
    const { rows } = await index.pool.query<{ handle: string; id: string }>(
      'select i.handle, i.id from item i join description d on d.item = i.handle where i.handle = any($1) and d.pdq is not null',
      [items],
    );
    const idOf = new Map(rows.map(({ handle, id }) => [handle, id]));
    for (const item of items) if (!idOf.has(item)) throw notAPicture(item);
    if (items[0] === items[1])
      throw new Fault('usage', { what: 'Two pictures are needed.', got: 'the same one twice' });
    const others = (await listLinks(index.pool)).filter(({ a, b }) => !(items.includes(a) && items.includes(b)));
    const [a, b] = items.toSorted() as [string, string];
    const clash = contradiction([...others, ...(link === 'open' ? [] : [{ a, b, link }])]);
    if (clash !== null) {
      throw new Fault('usage', {
        what: 'This contradicts what people have said before: two pictures would be linked through others, and cut.',
        expected: 'links and cuts that can hold together',
        got: `${clash.a} and ${clash.b}`,
        next: `dalil near open ${clash.a} ${clash.b} --why …  or see them all: dalil near links`,
      });
    }
    turn.add({ kind: 'group.link', refs: { items: items.map((item) => idOf.get(item)!) }, link, why });
  });
}

/** A pair that is cut and yet linked, directly or through others; null where there is none. */
export function contradiction(
  links: readonly { a: string; b: string; link: 'must' | 'cannot' }[],
): { a: string; b: string } | null {
  const head = new Map<string, string>();
  const root = (item: string): string => {
    let at = item;
    while (head.has(at)) at = head.get(at)!;
    return at;
  };
  for (const { a, b, link } of links) {
    const [x, y] = [root(a), root(b)];
    if (link === 'must' && x !== y) head.set(x, y);
  }
  return links.find(({ a, b, link }) => link === 'cannot' && root(a) === root(b)) ?? null;
}
