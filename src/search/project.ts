// The rows that searching reads: a sheet for each thing, with the words of all that is said of it; and the long texts, cut
// into pieces from which it is shown what was found. Both are made anew whenever a record is about the thing.
import type pg from 'pg';
import { deaccessionKind } from '@dalil/verify';
import { documentRecord } from '../describe/document-set.ts';
import { entryRecord } from '../intake/records.ts';
import type { LoggedRecord } from '../log/logged.ts';
import type { Projection } from '../log/projection.ts';
import { insertRows } from '../store/index-database.ts';
import { readThings, type SearchField, type Thing } from './lines.ts';
import { handleLexeme, lexeme, bareLexeme, narrowLexeme } from './query.ts';
import { bareForms, runsOf, wordsOf } from './spelling.ts';

/**
 * `shelf`: things whose places are near each other. A frequent word is looked up shelf by shelf, the newest first, until
 * enough is found: GIN gives no order, and would otherwise gather a million rows to show twenty.
 */
const tables = `
  create table search_sheet (thing text not null, part int not null, kind text not null, place bigint not null, shelf int[] not null,
    sources text[] not null, category text, words tsvector not null, primary key (thing, part));
  create index on search_sheet (place);
  create index on search_sheet using gin (shelf, words) with (gin_pending_list_limit = 1024);
  create table search_text (thing text not null, field text not null, record bigint not null, n int not null, page int,
    body text not null, words tsvector not null, primary key (thing, field, record, n));
`;

export const shelfBits = 15;

/** What one tsvector may hold: positions up to 16,383 and 1 MiB of lexemes; and what is shown of a text is one piece. */
const wordsOfSheet = 12_000;
const bytesOfSheet = 600_000;
const pieceLength = 4000;
/** Between what does not follow on each other, so that no phrase reaches across. */
const gap = 20;

const weights: Record<SearchField, 'A' | 'B' | 'C' | 'D'> = {
  handle: 'A',
  number: 'A',
  key: 'A',
  source: 'B',
  path: 'B',
  subject: 'B',
  metadata: 'C',
  properties: 'C',
  attachment: 'C',
  note: 'C',
  claim: 'C',
  text: 'D',
};

/** Words with their positions, as one or several tsvectors. */
class Sheet {
  #parts: string[][] = [];
  #part: string[] = [];
  #at = 1;
  #bytes = 0;
  #head: string[] = [];

  add(body: string, weight: 'A' | 'B' | 'C' | 'D'): void {
    for (const { folded } of wordsOf(body)) {
      if (this.#at > wordsOfSheet || this.#bytes > bytesOfSheet) this.#turn();
      const suffix = `:${String(this.#at)}${weight === 'D' ? '' : weight}`;
      for (const one of lexemesOf(folded)) {
        this.#part.push(one + suffix);
        this.#bytes += one.length * 2 + 4;
      }
      this.#at++;
    }
    this.#at += gap;
  }

  /** Without a position: nothing that is said, only what it can be narrowed by. */
  addPlain(one: string): void {
    this.#part.push(one);
  }

  /** What was added until now stands in every part: a name and a word of the text are found together. */
  endHead(): void {
    this.#head = [...this.#part];
  }

  #turn(): void {
    this.#parts.push(this.#part);
    this.#part = [...this.#head];
    // The head keeps the first positions; what follows begins behind any of them.
    this.#at = 1 + gap;
    this.#bytes = 0;
  }

  parts(): string[] {
    return [...this.#parts, this.#part].map((part) => part.join(' '));
  }
}

const known = new Map<string, string[]>();
function lexemesOf(folded: string): string[] {
  let own = known.get(folded);
  if (own === undefined) {
    if (known.size >= 50_000) known.clear();
    own = [...new Set([folded, ...runsOf(folded)].map(lexeme)), ...bareForms(folded).map(bareLexeme)];
    known.set(folded, own);
  }
  return own;
}

/** A thing as the parts of its sheet. `texts`: its long texts, in order. */
export function sheetOf(thing: Thing, texts: readonly { field: SearchField; body: string }[]): string[] {
  const sheet = new Sheet();
  sheet.addPlain(narrowLexeme('kind', thing.kind));
  for (const source of thing.sources) sheet.addPlain(narrowLexeme('source', source));
  if (thing.category !== null) sheet.addPlain(narrowLexeme('category', thing.category));
  const handle = handleLexeme(thing.handle);
  if (handle !== null) sheet.addPlain(`${lexeme(handle)}:1A`);
  for (const { field, body } of thing.lines) sheet.add(body, weights[field]);
  sheet.endHead();
  for (const { field, body } of texts) sheet.add(body, weights[field]);
  return sheet.parts();
}

const distinctWords = (body: string): string =>
  [...new Set(wordsOf(body).flatMap(({ folded }) => lexemesOf(folded)))].join(' ');

export interface Piece {
  thing: string;
  field: SearchField;
  record: number;
  n: number;
  page: number | null;
  body: string;
  words: string;
}

/** Pages (apart by form feeds) cut into pieces between words; nothing where there is no word. */
export function piecesOf(text: string): { page: number; body: string }[] {
  return text.split('\f').flatMap((page, i) => {
    const pieces: { page: number; body: string }[] = [];
    for (let from = 0; from < page.length;) {
      let to = Math.min(page.length, from + pieceLength);
      if (to < page.length) {
        const space = page.slice(from, to).search(/\s\S*$/);
        // A run without a space is cut all the same, but not within a sign of two code units.
        if (space > 0) to = from + space + 1;
        else if (/[\ud800-\udbff]/.test(page[to - 1]!)) to--;
      }
      pieces.push({ page: i + 1, body: page.slice(from, to) });
      from = to;
    }
    return pieces.filter(({ body }) => /[\p{L}\p{N}]/u.test(body));
  });
}

/** A text as the rows from which it is shown. */
export function textPieces(thing: string, field: SearchField, record: number, text: string): Piece[] {
  const paged = field === 'text' && text.includes('\f');
  return piecesOf(text).map(({ page, body }, n) => {
    const words = distinctWords(body);
    return { thing, field, record, n, page: paged ? page : null, body, words };
  });
}

const textOf = (tags: Record<string, unknown>): string =>
  Object.entries(tags)
    .flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [`${name}: ${value}`] : []))
    .join('\n');

function documentPieces(thing: string, { position, fields }: LoggedRecord): Piece[] {
  const { text, properties, attachments } = documentRecord.parse(fields);
  const names = attachments.flatMap(({ name }) => (name === null ? [] : [name])).join('\n');
  return [
    ...textPieces(thing, 'text', position, text),
    ...textPieces(thing, 'properties', position, textOf(properties.tags)),
    ...textPieces(thing, 'attachment', position, names),
  ];
}

function claimPieces(thing: string, { position, fields }: LoggedRecord): Piece[] {
  const { title, fields: values } = entryRecord.parse(fields);
  const body = [title, ...values.map(([name, value]) => `${name}: ${value}`)].join('\n');
  return textPieces(thing, 'claim', position, body);
}

const pieceColumns = {
  thing: 'text',
  field: 'text',
  record: 'bigint',
  n: 'int',
  page: 'int',
  body: 'text',
  words: 'tsvector',
};

/** Writes rows of texts. */
export async function writePieces(client: pg.ClientBase | pg.Pool, pieces: readonly Piece[]): Promise<void> {
  await insertRows(client, 'search_text', pieceColumns, pieces as unknown as Record<string, unknown>[]);
}

const many = (ref: string | string[] | undefined): string[] => (ref === undefined ? [] : [ref].flat());

/** Kinds of records of which something is searched. Whoever may search may read each of them: src/server/policy.test.ts. */
export const searchedKinds: readonly string[] = [
  'intake.accession',
  'intake.item',
  'intake.duplicate',
  'intake.entry',
  deaccessionKind,
  'describe.item',
  'describe.metadata',
  'describe.document',
  'describe.card',
  'group.reading',
  'group.individual',
  'group.settlement',
  'group.category',
  'group.merge',
  'group.split',
  'group.move',
];

async function project(client: pg.ClientBase, records: LoggedRecord[]): Promise<void> {
  // An individual's sheet says nothing of its pictures, nor theirs of it: a gathering of thousands touches no sheet of theirs.
  const citing = records.filter(({ kind }) => !['group.individual', 'group.merge'].includes(kind));
  const cited = citing.flatMap(({ id, refs }) => [id, ...many(refs['item']), ...many(refs['items'])]);
  const { rows } = await client.query<{ id: string; handle: string }>(
    'select id, handle from item where id = any($1)',
    [[...new Set(cited)]],
  );
  const itemOf = new Map(rows.map(({ id, handle }) => [id, handle]));
  await projectTexts(client, records, itemOf);

  const others = records.flatMap(({ kind, handle, fields }) =>
    kind === 'group.merge'
      ? [fields['from'], fields['into']].filter((one) => typeof one === 'string')
      : ['intake.accession', 'group.individual', 'group.split'].includes(kind) && handle !== null
        ? [handle]
        : [],
  );
  const handles = [...new Set([...itemOf.values(), ...others])];
  for (let from = 0; from < handles.length; from += atOnce)
    await writeSheets(client, handles.slice(from, from + atOnce));
}

async function projectTexts(
  client: pg.ClientBase,
  records: readonly LoggedRecord[],
  itemOf: ReadonlyMap<string, string>,
): Promise<void> {
  const gone = records.filter(({ kind }) => kind === deaccessionKind);
  const goneItems = gone.flatMap(({ refs }) => many(refs['items']).flatMap((id) => itemOf.get(id) ?? []));
  // The last observation of an item stands: a batch may hold several.
  const documents = new Map(
    records
      .filter(({ kind }) => kind === 'describe.document')
      .map((record) => [itemOf.get(String(record.refs['item']))!, record]),
  );
  await client.query(`delete from search_text where thing = any($1) and field <> 'claim'`, [[...documents.keys()]]);
  const pieces = [...documents].flatMap(([thing, record]) => documentPieces(thing, record));
  for (const record of records) {
    if (record.kind !== 'intake.entry') continue;
    const things = new Set(many(record.refs['items']).flatMap((id) => itemOf.get(id) ?? []));
    for (const thing of things) pieces.push(...claimPieces(thing, record));
  }
  await writePieces(client, pieces);
  // Of a row that was judged again its latest record is searched.
  const claimed = new Set(pieces.flatMap(({ thing, field }) => (field === 'claim' ? [thing] : [])));
  await client.query(
    `delete from search_text t where t.thing = any($1) and t.field = 'claim'
       and not exists (select from import_entry e where e.position = t.record)`,
    [[...claimed]],
  );
  // What was described or claimed of an item whose bytes are gone is found no more, in whatever order it was written.
  await client.query(
    `delete from search_text t using item i where i.handle = t.thing and i.destroyed is not null and t.thing = any($1)`,
    [[...goneItems, ...new Set(pieces.map(({ thing }) => thing))]],
  );
}

/** Sheets that are made at once: their long texts are in memory. */
const atOnce = 256;

/** Makes the sheets of these things anew; one that says the same as before is left as it is. */
export async function writeSheets(client: pg.ClientBase | pg.Pool, handles: readonly string[]): Promise<void> {
  const things = await readThings(client, handles);
  const { rows } = await client.query<{ thing: string; field: SearchField; body: string }>(
    'select thing, field, body from search_text where thing = any($1) order by thing, field, record, n',
    [handles],
  );
  const texts = new Map<string, { field: SearchField; body: string }[]>();
  for (const { thing, ...text } of rows) texts.set(thing, [...(texts.get(thing) ?? []), text]);
  const sheets = things.flatMap((thing) =>
    sheetOf(thing, texts.get(thing.handle) ?? []).map((words, part) => ({
      thing: thing.handle,
      part,
      kind: thing.kind,
      place: thing.place,
      shelf: [Math.floor(thing.place / 2 ** shelfBits)],
      sources: thing.sources,
      category: thing.category,
      words,
    })),
  );
  const parts = new Map<string, number>();
  for (const { thing, part } of sheets) parts.set(thing, part);
  await client.query(
    `delete from search_sheet s using unnest($1::text[], $2::int[]) as k(thing, last) where s.thing = k.thing and s.part > k.last`,
    [[...parts.keys()], [...parts.values()]],
  );
  await insertRows(
    client,
    'search_sheet',
    {
      thing: 'text',
      part: 'int',
      kind: 'text',
      place: 'bigint',
      shelf: 'int[]',
      sources: 'text[]',
      category: 'text',
      words: 'tsvector',
    },
    sheets,
    `(thing, part) do update set kind = excluded.kind, place = excluded.place, shelf = excluded.shelf, sources = excluded.sources,
       category = excluded.category, words = excluded.words
     where (search_sheet.kind, search_sheet.place, search_sheet.sources, search_sheet.category, search_sheet.words)
       is distinct from (excluded.kind, excluded.place, excluded.sources, excluded.category, excluded.words)`,
  );
}

export const searchProjection: Projection = { name: 'search', tables, kinds: searchedKinds, project };
