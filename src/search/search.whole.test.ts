// Searching a real case: what is found, in which spelling, why, by whom; that every search is a record first; and that what
// the rows say is the same however the log is cut.
import { join } from 'node:path';
import { deaccessionKind } from '@dalil/verify';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { openPeople, type PeopleFixture } from '../server/people.fixture.ts';
import type { Thing } from './lines.ts';
import { sheetOf } from './project.ts';
import { matchesIn, parseQuery } from './query.ts';
import { fillSample, hostileName, numberRead, numberSaid } from './sample.fixture.ts';
import { find, mostRanked, readOn, search, type Hit, type Narrowed, type Why } from './search.ts';

let people: PeopleFixture;
let opened: OpenCase;
let handles: Map<string, string>;
const one = (path: string): string => handles.get(path)!;

beforeAll(async () => {
  people = await openPeople();
  opened = await people.makeCase('البحث — searching');
  handles = await fillSample(opened, join(opened.folder.path, '..'));
}, 120_000);
afterAll(() => people.close());

const hits = async (words: string, narrowed: Narrowed = {}): Promise<Hit[]> =>
  (await find(opened.index.pool, words, narrowed, null)).hits;
const found = async (words: string, narrowed: Narrowed = {}): Promise<string[]> =>
  (await hits(words, narrowed)).map(({ handle }) => handle);
const marked = ({ text, marks }: Why): string[] => marks.map(({ start, end }) => text.slice(start, end));

test('a testimony is found by words that it spells otherwise, and what is shown is as it was written', async () => {
  const item = one('testimonies/one.txt');
  for (const words of [
    'احمد',
    'أحمد',
    'الأحمد',
    'سجناء',
    'السجنا',
    'مستشفي',
    'المستشفى',
    'مدرسه',
    'شاهد',
    'ارقام',
    'نقلوا',
  ])
    expect([words, await found(words)]).toEqual([words, expect.arrayContaining([item])]);
  const [hit] = await hits('سجن*', { kinds: ['document'] });
  const why = hit!.why.filter(({ field }) => field === 'text');
  expect(why.flatMap(marked)).toEqual(expect.arrayContaining(['السجناء']));
  expect(why.map(({ page }) => page)).toContain(1);
  expect(await found('"أحمد الحموي"')).toEqual([item]);
  expect(await found('"الحموي أحمد"')).toEqual([]);
  expect(await found('أحمد -بينهم')).toEqual([]);
  expect(await found('لاشيءهنا')).toEqual([]);
});

test('a number is found in digits of either script, and it is said whether a machine read it or a person did', async () => {
  const [first, second] = [one('branch 215/DSC_0042.JPG'), one('branch 215/DSC_0043.JPG')];
  expect((await found('٥٤٤٧')).toSorted()).toEqual((await found(numberRead)).toSorted());
  const read = (await hits('٥٤٤٧', { kinds: ['picture'] })).find(({ handle }) => handle === second)!;
  expect(read.why[0]).toMatchObject({
    field: 'number',
    name: 'detainee-number',
    state: 'read',
    probability: 0.75,
    text: numberRead,
    marks: [{ start: 0, end: 4, exact: true }],
  });
  const overruled = (await hits('٥٤٤٧', { kinds: ['picture'] })).find(({ handle }) => handle === first)!;
  expect(overruled.why[0]).toMatchObject({ field: 'number', state: 'overruled', text: numberRead });
  const [said] = await hits('٣٠٢١');
  expect(said).toMatchObject({ handle: first, kind: 'picture' });
  expect(said!.why[0]).toMatchObject({ field: 'number', state: 'accepted', probability: null, text: numberSaid });
  expect(await found('5447/1132')).toEqual([one('testimonies/one.txt')]);
  expect(await found('544')).toEqual([]);
  expect(await found('544*')).toContain(second);
});

test('names in both scripts, files by parts of their names, notes, subjects, metadata, handles and sources are found', async () => {
  const list = one('lists/names.csv');
  expect(await found('yusuf haddad')).toEqual([list]);
  expect(await found('يوسف الحداد')).toEqual([list]);
  expect(await found('dsc_0042.jpg')).toEqual([one('branch 215/DSC_0042.JPG')]);
  expect(await found('0043')).toEqual([one('branch 215/DSC_0043.JPG')]);
  expect(await found('courtyard', { kinds: ['picture'] })).toEqual([one('branch 215/DSC_0043.JPG')]);
  expect(await found('"second drive"')).toEqual([one('mail/letter.eml')]);
  const handle = one('branch 227/صورة ٧.jpg');
  expect((await hits(handle))[0]).toMatchObject({ handle, why: [{ field: 'handle', text: handle }] });
  expect((await found(handle.replace(/0+/, '')))[0]).toBe(handle);
  expect((await hits('juniper'))[0]).toMatchObject({ kind: 'source', handle: 'A-0001', title: 'JUNIPER' });
});

test('an individual is found by its numbers, and a file by what the table of another tool says of it', async () => {
  const { rows } = await opened.index.pool.query<{ id: string; path: string }>('select id, path from item');
  const id = (path: string): string => rows.find((row) => row.path === path)!.id;
  const [accession] = (await opened.index.pool.query<{ id: string }>('select id from accession')).rows;
  const named = 'branch 227/صورة ٧.jpg';
  const [, table] = await opened.log.append(opened.actor, ({ add, next }) => {
    add({
      kind: 'group.individual',
      handle: next('I'),
      refs: { items: [id(named)] },
      key: { 'branch-number': '227', 'detainee-number': '80088' },
      rule: 'a test',
    });
    add({
      kind: 'intake.import',
      refs: { accession: accession!.id, table: id('lists/names.csv') },
      system: 'uwazi',
      path: 'lists/names.csv',
      encoding: 'utf-8',
      columns: ['title'],
      withheld: true,
    });
  });
  await opened.log.append(opened.actor, ({ add }) => {
    add({
      kind: 'intake.entry',
      refs: { import: table!.id, items: [id(named)] },
      row: 1,
      entry: 'x1',
      title: 'Zinnia checkpoint',
      fields: [['place', 'حاجز الزنبق']],
      names: [],
      outcome: 'matched',
      family: null,
    });
  });
  expect((await hits('٨٠٠٨٨'))[0]).toMatchObject({
    handle: 'I-0001',
    kind: 'individual',
    key: { 'branch-number': '227', 'detainee-number': '80088' },
    why: [{ field: 'key', name: 'detainee-number', text: '80088' }],
  });
  for (const words of ['zinnia', 'زنبق'])
    expect((await hits(words))[0]).toMatchObject({ handle: one(named), why: [{ field: 'claim' }] });
});

test('who a mail is from and to is not searched: it can be a source', async () => {
  expect(await found('hidden.sender')).toEqual([]);
  expect(await found('other@example.org')).toEqual([]);
  expect(await found('courtyard drive')).toEqual([one('mail/letter.eml')]);
});

test('what is found is counted by kind, source and category, and narrowed to any of them', async () => {
  const all = await find(opened.index.pool, 'branch', {}, null);
  expect(all).toMatchObject({ count: 3, more: false, next: null });
  expect(all.facets.kinds).toEqual([{ name: 'picture', count: 3 }]);
  expect(all.facets.sources).toEqual([{ name: 'JUNIPER', count: 3 }]);
  expect(all.facets.categories).toEqual([
    { name: 'unreviewed', count: 2 },
    { name: 'incident', count: 1 },
  ]);
  expect(await found('branch', { category: 'incident' })).toEqual([one('branch 215/DSC_0043.JPG')]);
  expect(await found('branch', { source: 'NOBODY' })).toEqual([]);
  expect(await found('branch', { source: `'\\ & !` })).toEqual([]);
  expect(await found('branch', { kinds: ['document', 'picture'], source: 'JUNIPER' })).toHaveLength(3);
});

test('a name that is markup is text, whole and marked by numbers', async () => {
  const [hit] = await hits('onerror');
  expect(hit!.title).toBe(hostileName);
  for (const { text, marks } of hit!.why)
    for (const { start, end } of marks) expect(text.slice(start, end)).toBe('onerror');
});

test('every search is a record before its answer, with the words in an opening alone; pages of it are its maker’s, for an hour', async () => {
  const before = opened.log.size;
  const answer = await search(opened, 'أحمد', { kinds: ['document'] });
  expect(answer.search).toBe(before);
  expect(opened.log.size).toBe(before + 1);
  for await (const record of opened.log.read(before, before + 1)) {
    expect(record).toMatchObject({
      kind: 'protect.search',
      refs: {},
      fields: { words: 'أحمد', narrowed: { kinds: ['document'] }, found: { count: answer.count, more: false } },
    });
  }
  await expect(search(opened, '"', {})).rejects.toThrow(Fault);
  expect(opened.log.size).toBe(before + 1);
  const now = Date.now();
  expect(await readOn(opened, 'operator', before, null, now)).toEqual(answer);
  await expect(readOn(opened, 'somebody else', before, null, now)).rejects.toThrow('no search of yours');
  await expect(readOn(opened, 'operator', before, null, now + 3_700_000)).rejects.toThrow('no search of yours');
  await expect(readOn(opened, 'operator', 0, null, now)).rejects.toThrow('no search of yours');
  expect(opened.log.size).toBe(before + 1);
});

test('of a frequent word the newest are ranked, page by page without a gap, and the answer says that there are more', async () => {
  const { pool } = opened.index;
  await pool.query(
    `insert into item select 'E-' || g, g, 'made up ' || g, 'A-0001', md5(g::text), 1, 'p', 'p', 0, 0, null, null from generate_series(900001, 900700) g`,
  );
  await pool.query(
    `insert into search_sheet select handle, 0, 'file', position, array[position >> 15]::int[], array['JUNIPER'], null, '''frequent'':1'::tsvector
       from item where position > 900000`,
  );
  try {
    const seen: string[] = [];
    let after: string | null = null;
    for (;;) {
      const page = await find(pool, 'frequent', {}, after);
      expect(page).toMatchObject({ count: mostRanked, more: true });
      seen.push(...page.hits.map(({ handle }) => handle));
      if ((after = page.next) === null) break;
    }
    expect(new Set(seen).size).toBe(mostRanked);
    expect(seen).toContain('E-900700');
    expect(seen).not.toContain('E-900100');
    expect((await find(pool, 'frequent', { kinds: ['picture'] }, null)).count).toBe(0);
  } finally {
    await pool.query('delete from search_sheet where place > 900000');
    await pool.query('delete from item where position > 900000');
  }
});

test('of what was destroyed nothing is found but where it lay', async () => {
  const item = one('mail/letter.eml');
  const { rows } = await opened.index.pool.query<{ id: string }>('select id from item where handle = $1', [item]);
  expect(await found('courtyard')).toContain(item);
  await opened.log.append(opened.actor, ({ add }) => {
    add({
      kind: deaccessionKind,
      refs: { items: [rows[0]!.id] },
      files: { text: { store: 'blobs', sha256: '0'.repeat(64), size: 1 } },
      reason: 'legal-order',
      count: 1,
      why: 'a test',
      approvals: [],
      remains: [],
    });
  });
  expect(await found('courtyard')).not.toContain(item);
  expect((await hits('letter.eml'))[0]).toMatchObject({ handle: item, destroyed: true });
  const texts = await opened.index.pool.query('select from search_text where thing = $1', [item]);
  expect(texts.rowCount).toBe(0);
});

const nothing: Thing = {
  handle: 'E-00001',
  kind: 'file',
  place: 1,
  sources: [],
  category: null,
  destroyed: false,
  lines: [],
};

test('PostgreSQL takes every question and every text, and finds exactly where there is something to mark', async () => {
  const { pool } = opened.index;
  // Few letters, so that much is found; and whatever else there is in Unicode, so that nothing is broken.
  const arabic = fc.string({
    unit: fc.constantFrom('و', 'ا', 'ل', 'ب', 'س', 'أ', 'ة', '\u064e', 'ـ', 'ء'),
    maxLength: 6,
  });
  const latin = fc.string({
    unit: fc.constantFrom('a', 'B', '1', '٢', '-', '/', '_', "'", 'é', '*', '"', '\\'),
    maxLength: 5,
  });
  const one = fc.oneof(arabic, latin, fc.string({ unit: 'grapheme', maxLength: 4 }));
  const several = fc.array(one, { maxLength: 6 }).map((words) => words.join(' ').replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(several, several, async (typed, text) => {
      let query: ReturnType<typeof parseQuery>;
      try {
        query = parseQuery(typed);
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
        return;
      }
      const [sheet] = sheetOf(nothing, [{ field: 'text', body: text }]);
      const { rows } = await pool.query<{ found: boolean }>(
        'select $1::tsvector @@ $2::tsquery as found, $1::tsvector @@ $3::tsquery as exact, $1::tsvector @@ $4::tsquery as any',
        [sheet, query.all, query.exact, query.any],
      );
      // An exclusion is no mark.
      if (query.all.includes('!')) return;
      const marks = query.terms.every((term) => matchesIn(text, [term]).length > 0);
      const byHandle = query.terms.some(({ handle }) => handle === '#e1');
      if (!byHandle) expect([typed, text, marks]).toEqual([typed, text, rows[0]!.found]);
    }),
    { numRuns: 400 },
  );
});
