// A search: from words to things, the best first, each with what matched and why; written down before anything of it is
// shown. How much is looked at is bounded, and the answer says where the bound was met.
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import { categories, type Category } from '../case/views.ts';
import type { OpenCase } from '../log/case.ts';
import { recordAct } from '../protect/acts.ts';
import { type SearchRecord } from '../protect/records.ts';
import {
  numberStates,
  readThings,
  thingKinds,
  type NumberState,
  type SearchField,
  type Thing,
  type ThingKind,
} from './lines.ts';
import { shelfBits } from './project.ts';
import { matchesIn, narrowLexeme, parseQuery, type Query, type Term } from './query.ts';

export interface Narrowed {
  /** Any of them; left out, or empty: all. */
  kinds?: ThingKind[] | undefined;
  source?: string | undefined;
  category?: Category | undefined;
}

/** Why a thing was found: one place where a word stands. */
export interface Why {
  field: SearchField;
  /** The role of a number, the name of a value of metadata; else null. */
  name: string | null;
  /** As it is written; a part of it where it is long. */
  text: string;
  /** Whether something stands before and after the part. */
  before: boolean;
  after: boolean;
  /** What matched, in UTF-16 code units of `text`. `exact` false: without an article or clitic. */
  marks: { start: number; end: number; exact: boolean }[];
  /** Which page, slide, sheet or message of a document, from 1; null where it has none. */
  page: number | null;
  /** Of a number: `accepted` by a person; by a `rule`, from a path; `read` by a machine, a proposal with its probability; or so read and `overruled`. */
  state: NumberState | null;
  probability: number | null;
  /** Position of the record that says it. */
  record: number;
}

export interface Hit {
  handle: string;
  kind: ThingKind;
  /** The name of a file, the pseudonym of a source; empty for an individual. */
  title: string;
  /** Of an individual: its numbers by their roles. */
  key: Record<string, string> | null;
  category: Category | null;
  sources: string[];
  destroyed: boolean;
  why: Why[];
}

export interface Found {
  /** Things that were found; with `more` at least so many, the newest alone. */
  count: number;
  more: boolean;
  /** Of the things in `count`: how many are of each. A thing is of one kind, of one category or none, of each of its sources. */
  facets: {
    kinds: { name: ThingKind; count: number }[];
    sources: { name: string; count: number }[];
    categories: { name: Category; count: number }[];
  };
  hits: Hit[];
  /** What to give as `after` for the next page; null on the last. */
  next: string | null;
}

/** A search as it was made, and a page of its answer. */
export interface SearchAnswer extends Found {
  /** Position of its record. */
  search: number;
  words: string;
  narrowed: Narrowed;
}

/** Things that are ranked at most: the newest of a frequent word. */
export const mostRanked = 500;
const pageSize = 20;
/** Places shown for one thing. */
const mostWhy = 4;
/** Characters shown before and after what matched. */
const around = 70;
const longestShown = 320;

/** Which page of an answer: behind this rank, place and thing. */
export const afterPattern = /^(\d+(?:\.\d+)?(?:e-?\d+)?)_(\d{1,15})_([A-Z]-\d{1,12})$/;

/** Makes a search, writes it down in the name of `opened.actor`, and gives its first page. Fault('usage') on bad words. */
export async function search(opened: OpenCase, words: string, narrowed: Narrowed): Promise<SearchAnswer> {
  const found = await find(opened.index.pool, words, narrowed, null);
  const { kinds, source, category } = narrowed;
  const said: SearchRecord = {
    words,
    narrowed: {
      ...(kinds !== undefined && kinds.length > 0 && { kinds: [...kinds] }),
      ...(source !== undefined && { source }),
      ...(category !== undefined && { category }),
    },
    found: { count: found.count, more: found.more },
  };
  const record = await recordAct(opened, { kind: 'protect.search', ...said });
  return { search: record.position, words, narrowed, ...found };
}

/** For how long pages of an answer are read under the record of its search. */
const readFor = 3_600_000;

/** A further page of a search that `actor` made, or its first again. Fault('usage') where there is none, or it is an hour old. */
export async function readOn(
  { index: { pool } }: OpenCase,
  actor: string,
  position: number,
  after: string | null,
  now: number,
): Promise<SearchAnswer> {
  const { rows } = await pool.query<{ at: string; words: string; narrowed: Narrowed }>(
    'select at, words, narrowed from search_made where position = $1 and actor = $2',
    [position, actor],
  );
  const made = rows[0];
  if (made === undefined || Date.parse(made.at) < now - readFor) {
    throw new Fault('usage', {
      what: 'There is no search of yours to read on.',
      expected: 'one that you have made within the last hour',
      next: 'search again',
    });
  }
  const { words, narrowed } = made;
  return { search: position, words, narrowed, ...(await find(pool, words, narrowed, after)) };
}

interface Candidate {
  thing: string;
  kind: ThingKind;
  place: number;
  sources: string[];
  category: Category | null;
  rank: number;
}

/** Finds, and writes nothing down: for those who do. */
export async function find(pool: pg.Pool, words: string, narrowed: Narrowed, after: string | null): Promise<Found> {
  const query = parseQuery(words);
  const all = await candidates(pool, query, narrowed);
  const more = all.length > mostRanked;
  const ranked = all
    .slice(0, mostRanked)
    .toSorted((a, b) => b.rank - a.rank || b.place - a.place || (a.thing < b.thing ? -1 : 1));
  const [, rank, place, thing] = afterPattern.exec(after ?? '') ?? [];
  const begin =
    rank === undefined
      ? 0
      : ranked.findIndex(
          (one) =>
            one.rank < Number(rank) ||
            (one.rank === Number(rank) &&
              (one.place < Number(place) || (one.place === Number(place) && one.thing > thing!))),
        );
  const shown = begin < 0 ? [] : ranked.slice(begin, begin + pageSize);
  const last = shown.at(-1);
  const isLast = last === undefined || last === ranked.at(-1);
  return {
    count: ranked.length,
    more,
    facets: facetsOf(ranked),
    hits: await showHits(pool, query, shown),
    next: isLast ? null : `${String(last.rank)}_${String(last.place)}_${last.thing}`,
  };
}

/** Up to one more than are ranked, the newest shelves first. */
async function candidates(pool: pg.Pool, query: Query, narrowed: Narrowed): Promise<Candidate[]> {
  const kinds = narrowed.kinds ?? [];
  const asked = [
    query.all,
    ...(kinds.length === 0 ? [] : [`(${kinds.map((kind) => narrowLexeme('kind', kind)).join(' | ')})`]),
    ...(narrowed.source === undefined ? [] : [narrowLexeme('source', narrowed.source)]),
    ...(narrowed.category === undefined ? [] : [narrowLexeme('category', narrowed.category)]),
  ].join(' & ');
  // A row of the outer side is a shelf; the limit ends the walk when enough is found, so that a word that is everywhere
  // costs no more than one shelf of it.
  const { rows } = await pool.query<Candidate>(
    `select thing, kind, place, sources, category,
       max(ts_rank(words, $2::tsquery) + ts_rank(words, $3::tsquery)) as rank
     from (
       select c.* from generate_series((select max(place) from search_sheet) >> ${shelfBits}, 0, -1) s(shelf)
         cross join lateral (
           select thing, kind, place, sources, category, words from search_sheet
           where shelf @> array[s.shelf::int] and words @@ $1::tsquery
           order by place desc, thing limit $4) c
       limit $4) c
     group by thing, kind, place, sources, category order by place desc, thing limit $5`,
    [asked, query.all, query.exact, mostRanked + 50, mostRanked + 1],
  );
  return rows;
}

function facetsOf(found: readonly Candidate[]): Found['facets'] {
  const counted = <Name extends string>(names: readonly Name[]): { name: Name; count: number }[] => {
    const counts = new Map<Name, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    return [...counts]
      .map(([name, count]) => ({ name, count }))
      .toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
  };
  const isCategory = (name: string | null): name is Category => categories.includes(name as Category);
  return {
    kinds: counted(found.map(({ kind }) => kind)),
    sources: counted(found.flatMap(({ sources }) => sources)),
    categories: counted(found.map(({ category }) => category).filter((name) => isCategory(name))),
  };
}

interface Piece {
  thing: string;
  field: SearchField;
  record: number;
  page: number | null;
  body: string;
}

/** What is shown of these, in their order: the lines and pieces in which a word stands. */
async function showHits(pool: pg.Pool, query: Query, found: readonly Candidate[]): Promise<Hit[]> {
  const handles = found.map(({ thing }) => thing);
  if (handles.length === 0) return [];
  const [things, { rows: pieces }] = await Promise.all([
    readThings(pool, handles),
    // For each thing the pieces with the most of the words; a piece knows no order of words, so a phrase is looked for below.
    pool.query<Piece>(
      `select p.* from unnest($1::text[]) h(thing) cross join lateral (
         select thing, field, record, page, body from search_text t where t.thing = h.thing and t.words @@ $2::tsquery
         order by ts_rank(t.words, $2::tsquery) desc, field desc, record, n limit 3) p`,
      [handles, query.any],
    ),
  ]);
  const byHandle = new Map(things.map((thing) => [thing.handle, thing]));
  return found.flatMap(({ thing }) => {
    const own = byHandle.get(thing);
    if (own === undefined) return [];
    const why = whyOf(
      query,
      own,
      pieces.filter((piece) => piece.thing === thing),
    );
    const { handle, kind, category, sources, destroyed } = own;
    return [{ handle, kind, ...titleOf(own), category: category as Category | null, sources, destroyed, why }];
  });
}

function titleOf({ kind, lines, sources }: Thing): Pick<Hit, 'title' | 'key'> {
  if (kind === 'source') return { title: sources.join(', '), key: null };
  const own = lines.filter(({ field }) => field === (kind === 'individual' ? 'key' : 'path'));
  if (kind === 'individual') return { title: '', key: Object.fromEntries(own.map(({ name, body }) => [name, body])) };
  const path = own[0]?.body ?? '';
  return { title: path.slice(path.lastIndexOf('/') + 1), key: null };
}

/** What a person said stands first, then what is short and said of the thing itself. */
const fieldOrder: readonly SearchField[] = [
  'handle',
  'number',
  'key',
  'source',
  'subject',
  'text',
  'note',
  'claim',
  'path',
  'properties',
  'attachment',
  'metadata',
];
const stateOrder: readonly (NumberState | null)[] = [...numberStates, null];

/** The places to show, each word of the query in one of them as far as possible. */
function whyOf({ terms }: Query, thing: Thing, pieces: readonly Piece[]): Why[] {
  const places = [
    ...thing.lines.map((line) => ({ ...line, page: null as number | null })),
    ...pieces.map((piece) => ({ ...piece, name: null, state: null, probability: null })),
  ].flatMap((place) => {
    const matches = place.field === 'handle' ? handleMatches(place.body, terms) : matchesIn(place.body, terms);
    return matches.length === 0 ? [] : [{ place, matches }];
  });
  places.sort(
    (a, b) =>
      fieldOrder.indexOf(a.place.field) - fieldOrder.indexOf(b.place.field) ||
      stateOrder.indexOf(a.place.state) - stateOrder.indexOf(b.place.state) ||
      b.matches.length - a.matches.length,
  );
  const said = new Set<number>();
  const first = places.filter(({ matches }) => {
    const adds = matches.some(({ term }) => !said.has(term));
    for (const { term } of matches) said.add(term);
    return adds;
  });
  const rest = places.filter((place) => !first.includes(place));
  return [...first, ...rest].slice(0, mostWhy).map(({ place, matches }) => {
    const { field, name, page, state, probability, record } = place;
    return { field, name, ...cut(place.body, matches), page, state, probability, record };
  });
}

/** A handle is found without its zeros too, and marked whole. */
function handleMatches(handle: string, terms: readonly Term[]): ReturnType<typeof matchesIn> {
  const short = `#${handle[0]!.toLowerCase()}${String(Number(handle.slice(2)))}`;
  const term = terms.findIndex((one) => one.handle === short);
  return term < 0 ? matchesIn(handle, terms) : [{ start: 0, end: handle.length, term, exact: true }];
}

/** The part of a text around its first match, cut where no sign is cut through, and the marks in it. */
function cut(text: string, matches: ReturnType<typeof matchesIn>): Pick<Why, 'text' | 'before' | 'after' | 'marks'> {
  const first = matches[0]!;
  const isInside = (at: number): boolean => at > 0 && at < text.length && /[\udc00-\udfff\p{M}\u200d]/u.test(text[at]!);
  let from = Math.max(0, first.start - around);
  // From the beginning of a word on, where there is one near.
  if (from > 0) from += Math.max(0, text.slice(from, first.start).search(/(?<=\s)\S/));
  while (isInside(from)) from--;
  const end = matches.findLast((match) => match.end <= from + longestShown - around)?.end ?? first.end;
  let to = Math.min(text.length, Math.max(end, first.end) + around, from + longestShown);
  to = Math.max(to, first.end);
  if (to < text.length) {
    const space = text.slice(end, to).search(/\s\S*$/);
    if (space > 0) to = end + space;
  }
  while (isInside(to)) to++;
  const marks = matches
    .filter((match) => match.start >= from && match.end <= to)
    .map(({ start, end: until, exact }) => ({ start: start - from, end: until - from, exact }));
  return { text: text.slice(from, to), before: from > 0, after: to < text.length, marks };
}

/** Parses names of kinds as a door is given them. Fault('usage') names what there is. */
export function parseKinds(names: readonly string[]): ThingKind[] {
  const unknown = names.find((name) => !thingKinds.includes(name as ThingKind));
  if (unknown === undefined) return names as ThingKind[];
  throw new Fault('usage', {
    what: 'There is no such kind to search for.',
    expected: thingKinds.join(', '),
    got: unknown,
    next: 'dalil search --help',
  });
}
