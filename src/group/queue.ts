// What people are asked, in the order in which one answer settles most. Numbers are asked by their crop alone: nobody
// needs to see a body to read one.
import type { OpenCase } from '../log/case.ts';
import type { Category } from '../case/views.ts';
import { assign, type Assignment, type NumberQuestion, type Proposal } from './assign.ts';
import { isHandle, readPictures } from './pictures.ts';
import { rulesSchema } from './records.ts';

export const queueNames = ['numbers', 'merges', 'categories'] as const;
export type QueueName = (typeof queueNames)[number];

/** Open before provisional, then by the number of pictures that the answer speaks for, then as they were received. */
export function inOrder<T extends NumberQuestion | Proposal>(questions: readonly T[]): T[] {
  const later = (one: T): number => ('state' in one && one.state === 'provisional' ? 1 : 0);
  return questions
    .map((one, i) => ({ one, i }))
    .toSorted((a, b) => later(a.one) - later(b.one) || b.one.items.length - a.one.items.length || a.i - b.i)
    .map(({ one }) => one);
}

/** A number to read off its crop. `id` names picture and reading: E-00012.0 */
export interface NumberEntry {
  id: string;
  item: string;
  reading: number;
  /** null where the grammar of the case cannot tell: the answer says it. */
  role: string | null;
  /** What the pictures agree on, a proposal, with its probability. */
  proposed: string;
  probability: number;
  /** What else this reading may be, the likeliest first. */
  alternatives: { value: string; probability: number }[];
  state: 'open' | 'provisional';
  /** SHA-256 of the crop; null where a person has settled it without one. */
  crop: string | null;
  /** How many pictures the answer speaks for. */
  pictures: number;
}

/** A picture in which no number was found: `id` is the picture alone, and it has to be seen itself. */
export type UnreadPicture = Omit<NumberEntry, 'reading' | 'role' | 'proposed' | 'probability' | 'state'> & {
  [none in 'reading' | 'role' | 'proposed' | 'probability' | 'crop']: null;
} & { state: 'unread' };

/** One as it waits. */
export type WaitingNumber = NumberEntry | UnreadPicture;

/** Pictures that may belong to an individual. `id` names the first. */
export interface MergeEntry {
  id: string;
  items: string[];
  /** Its handle, or null where its own number has no individual yet. */
  individual: string | null;
  key: Record<string, string>;
  why: Proposal['why'];
  /** Other individuals that are as near. */
  others: string[];
  probability: number | null;
  pictures: number;
  /** Numbers read in the pictures, and in the pictures of the individual: what can be compared without seeing a body. */
  crops: NumberCrop[];
  theirs: NumberCrop[];
}

/** A number by its crop; `id` as of a NumberEntry. */
export interface NumberCrop {
  id: string;
  role: string | null;
  value: string;
  probability: number;
}

/** Pictures of one folder that no rule tells the category of. `id` names the first. */
export interface CategoryEntry {
  id: string;
  folder: string;
  /** detainee where a number was read in one of them; null where nothing is proposed. */
  proposed: Category | null;
  items: string[];
  pictures: number;
}

export interface Queue<Entry> {
  /** All that wait, beyond `limit` as well. */
  waiting: number;
  entries: Entry[];
}

/** What grouping makes of the case as it is: the source of two of the queues. Seconds of work at a million pictures. */
export type Assigned = Assignment & { keyOf(target: string): Record<string, string> };

export async function assigned(opened: OpenCase): Promise<Assigned> {
  const { rows } = await opened.index.pool.query<{ body: unknown }>(
    'select body from rules order by position desc limit 1',
  );
  const { individualKey } = rulesSchema.parse(rows[0]?.body ?? { patterns: [] });
  const { pictures, known, links, keyOfTarget } = await readPictures(opened, individualKey);
  return { ...assign(pictures, known, links), keyOf: keyOfTarget };
}

/** What waits, before it is shown: of a question, alternatives and crop are read when it is. */
type Waiting = NumberQuestion | WaitingNumber;
export const isShown = (one: Waiting): one is WaitingNumber => 'id' in one;

/** As entries are named: the picture and the reading, or the picture alone. */
export const waitingId = (one: Waiting): string => (isShown(one) ? one.id : `${one.item}.${one.n}`);

/**
 * All numbers that wait, in the order in which they are asked: those that pictures do not agree on; those read whose role
 * the grammar cannot tell; those used provisionally; and at the end pictures in which no number was found. A picture that
 * has its individual, or that another question speaks for, is not asked about again.
 */
export async function waitingNumbers(opened: OpenCase, { questions }: Assignment): Promise<Waiting[]> {
  const rest = await unasked(
    opened,
    questions.flatMap(({ items }) => items),
  );
  const asked = inOrder(questions);
  return [
    ...asked.filter(({ state }) => state === 'open'),
    ...rest.filter(({ state }) => state === 'open'),
    ...asked.filter(({ state }) => state === 'provisional'),
    ...rest.filter(({ state }) => state === 'unread'),
  ];
}

/** Of what waits, what the queue shows, in the same order. */
export async function shownNumbers(opened: OpenCase, some: readonly Waiting[]): Promise<WaitingNumber[]> {
  const answers = await numberEntries(
    opened,
    some.filter((one): one is NumberQuestion => !isShown(one)),
  );
  return some.map((one) => (isShown(one) ? one : answers.shift()!));
}

export async function numberQueue(opened: OpenCase, limit: number): Promise<Queue<WaitingNumber>> {
  const all = await waitingNumbers(opened, await assigned(opened));
  return { waiting: all.length, entries: await shownNumbers(opened, all.slice(0, limit)) };
}

/** Of pictures that may show a detainee, have no individual and are in no question: readings without a role, or none. */
async function unasked({ index }: OpenCase, asked: readonly string[]): Promise<WaitingNumber[]> {
  const { rows } = await index.pool.query<
    Omit<NumberEntry, 'id' | 'state' | 'pictures' | 'reading'> & { reading: number | null }
  >(
    `select i.handle as item, n.n as reading, n.role, n.value as proposed, n.probability,
       coalesce(n.alternatives, '[]') as alternatives, n.crop
     from card c join item i on i.handle = c.item join reading r on r.item = c.item
       left join category_decision d on d.item = c.item left join placement p on p.item = c.item
       left join card_reading n on n.item = c.item left join number_answer a on a.item = c.item and a.reading = n.n
     where coalesce(d.category, r.category) in ('detainee', 'unreviewed') and i.destroyed is null and n.role is null
       and p.item is null and a.item is null and not exists (select from member m where m.item = c.item)
       and not exists (select from settlement s where s.item = c.item and (n.n is null or s.reading is null))
       and c.item <> all($1)
     order by i.position, n.n`,
    [asked],
  );
  return rows.map(({ reading, ...row }): WaitingNumber => {
    if (reading !== null) return { id: `${row.item}.${reading}`, ...row, reading, state: 'open', pictures: 1 };
    const none = { reading, role: null, proposed: null, probability: null, crop: null };
    return { id: row.item, item: row.item, ...none, alternatives: [], state: 'unread', pictures: 1 };
  });
}

async function numberEntries(opened: OpenCase, questions: readonly NumberQuestion[]): Promise<NumberEntry[]> {
  const { rows } = await opened.index.pool.query<{
    item: string;
    n: number;
    crop: string;
    alternatives: NumberEntry['alternatives'];
  }>(
    `select c.item, c.n, c.crop, c.alternatives from card_reading c
       join unnest($1::text[], $2::int[]) as q(item, n) on q.item = c.item and q.n = c.n`,
    [questions.map(({ item }) => item), questions.map(({ n }) => n)],
  );
  const read = new Map(rows.map((row) => [`${row.item}.${row.n}`, row]));
  return questions.map(({ item, n, role, value, probability, state, items }): NumberEntry => {
    const id = `${item}.${n}`;
    const { crop = null, alternatives = [] } = read.get(id) ?? {};
    const others = alternatives.filter((one) => one.value !== value);
    return {
      id,
      item,
      reading: n,
      role,
      proposed: value,
      probability,
      alternatives: others,
      state,
      crop,
      pictures: items.length,
    };
  });
}

export async function mergeQueue(opened: OpenCase, limit: number): Promise<Queue<MergeEntry>> {
  const { proposals, keyOf } = await assigned(opened);
  const all = inOrder(proposals);
  return { waiting: all.length, entries: await mergeEntries(opened, all.slice(0, limit), keyOf) };
}

function grouped<T>(rows: readonly T[], key: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group === undefined) groups.set(key(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** Crops shown of one side of a comparison: as many as can be compared at a glance. */
const mostCrops = 6;

export async function mergeEntries(
  opened: OpenCase,
  proposals: readonly Proposal[],
  keyOf: Assigned['keyOf'],
): Promise<MergeEntry[]> {
  const handle = (target: string): string | null => (isHandle(target) ? target : null);
  const { rows } = await opened.index.pool.query<NumberCrop & { item: string; individual: string | null }>(
    `select c.item || '.' || c.n as id, c.item, m.individual, c.role, c.value, c.probability
     from card_reading c left join member m on m.item = c.item
     where c.role is not null and (c.item = any($1) or m.individual = any($2)) order by c.probability desc, c.item, c.n`,
    [proposals.flatMap(({ items }) => items), proposals.map(({ target }) => target).filter((one) => isHandle(one))],
  );
  const some = (of: typeof rows): NumberCrop[] =>
    of.slice(0, mostCrops).map(({ id, role, value, probability }) => ({ id, role, value, probability }));
  const byItem = grouped(rows, ({ item }) => item);
  const byIndividual = grouped(rows, ({ individual }) => individual ?? '');
  return proposals.map(({ items, target, why, others, probability }): MergeEntry => ({
    id: items[0]!,
    items,
    individual: handle(target),
    key: keyOf(target),
    why,
    others: others.filter((one) => isHandle(one)),
    probability,
    pictures: items.length,
    crops: some(items.flatMap((item) => byItem.get(item) ?? [])),
    theirs: some((byIndividual.get(target) ?? []).filter(({ item }) => !items.includes(item))),
  }));
}

export async function categoryQueue({ index }: OpenCase, limit: number): Promise<Queue<CategoryEntry>> {
  const { rows } = await index.pool.query<CategoryEntry & { waiting: number }>(
    `with waiting as (
       select i.handle, i.position, regexp_replace(i.path, '[^/]*$', '') as folder,
         exists (select from member m where m.item = i.handle)
           or exists (select from card_reading c where c.item = i.handle and c.role = 'detainee-number') as numbered
       from description d join item i on i.handle = d.item left join reading r on r.item = d.item
         left join category_decision c on c.item = d.item
       where d.format like 'image/%' and coalesce(c.category, r.category, 'unreviewed') in ('unreviewed', 'unclear')
         and (c.category is null or c.category = 'unreviewed')),
     asked as (
       select (array_agg(handle order by position))[1] as id, folder, case when numbered then 'detainee' end as proposed,
         array_agg(handle order by position) as items, count(*) as pictures, min(position) as first
       from waiting group by folder, numbered)
     select id, folder, proposed, items, pictures, count(*) over () as waiting from asked
     order by pictures desc, first limit $1`,
    [limit],
  );
  return {
    waiting: rows[0]?.waiting ?? 0,
    entries: rows.map(({ id, folder, proposed, items, pictures }) => ({ id, folder, proposed, items, pictures })),
  };
}
