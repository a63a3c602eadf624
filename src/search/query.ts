// What somebody asks for, taken apart: words, "phrases", beginnings*, -exclusions. The same terms make the question to the
// index and, afterwards, the marks in what is shown, so that what matched and what is marked cannot differ.
import { Fault } from '../case/fault.ts';
import { bareForms, runsOf, withoutArticle, wordsOf } from './spelling.ts';

/** Words that stand next to each other; one of them alone, mostly. */
export interface Term {
  words: readonly string[];
  /** The last of them is only a beginning. */
  beginning: boolean;
  /** What it is found by beside its words: a handle without its leading zeros. */
  handle: string | null;
}

export interface Query {
  /** What must be there, each of it. */
  terms: readonly Term[];
  /** The same as a tsquery, with what must not be there. */
  all: string;
  /** Only as it was written, but for the fold: what matches it stands first. */
  exact: string;
  /** Any of the words, for a tsvector without positions. */
  any: string;
}

/** Characters, and words of what must be there. */
export const longestQuery = 200;
const mostWords = 12;
const shortestBeginning = 2;

/** A text as a lexeme of tsvector and tsquery. */
export const lexeme = (text: string): string => `'${text.replaceAll(/['\\]/g, '$&$&')}'`;
/** What an Arabic word may be without its article or clitics is another lexeme than the word as it stands. */
export const bareLexeme = (folded: string): string => lexeme(`~${folded}`);
/** E-00012 and e12 alike. */
export const handleLexeme = (handle: string): string | null => {
  const [, letter, number] = /^([a-z])-?0*(\d{1,12})$/i.exec(handle) ?? [];
  return letter === undefined ? null : `#${letter.toLowerCase()}${number!}`;
};
/** What a thing can be narrowed by is a lexeme as well, so that one index answers both at once. */
export const narrowLexeme = (by: 'kind' | 'source' | 'category', value: string): string => lexeme(`@${by}/${value}`);

const refuse = (what: string, expected: string): Fault =>
  new Fault('usage', { what, expected, next: 'write it otherwise, and search again' });

/** Parses what was typed. Fault('usage') where it asks for nothing, or for more than can be answered. Never repeats the words. */
export function parseQuery(typed: string): Query {
  const plain = typed.normalize('NFC').replaceAll(/[“”„«»]/g, '"');
  if ([...plain].length > longestQuery) throw refuse('This search is too long.', `at most ${longestQuery} characters`);
  if ((plain.split('"').length - 1) % 2 === 1)
    throw refuse('A quotation mark of this search has no second one.', 'words, or "words that follow each other"');
  const terms: Term[] = [];
  const without: Term[] = [];
  for (const [, minus, quoted, bare] of plain.matchAll(/(?<![^\s])(-?)(?:"([^"]*)"|([^\s"]+))/gu)) {
    const written = quoted ?? bare!;
    const words = wordsOf(written).map(({ folded }) => folded);
    if (words.length === 0) continue;
    const beginning = quoted === undefined && written.endsWith('*');
    if (beginning && [...words.at(-1)!].length < shortestBeginning)
      throw refuse(
        'A beginning of a word is too short to search for.',
        `at least ${shortestBeginning} letters before *`,
      );
    const handle = quoted === undefined && !beginning ? handleLexeme(written) : null;
    (minus === '' ? terms : without).push({ words, beginning, handle });
  }
  if (terms.length === 0)
    throw refuse(
      'There is no word or number to search for.',
      'a word, a number, a name of a file, or a handle as E-00012',
    );
  if (terms.flatMap(({ words }) => words).length > mostWords)
    throw refuse('This search has too many words.', `at most ${mostWords}`);
  const all = [...terms.map((term) => asked(term, true)), ...without.map((term) => `!(${asked(term, true)})`)];
  return {
    terms,
    all: all.join(' & '),
    exact: terms.map((term) => asked(term, false)).join(' & '),
    any: terms
      .flatMap(({ words, beginning }) => words.map((one, i) => choices(one, beginning && i === words.length - 1, true)))
      .join(' | '),
  };
}

/** `loosely`: with or without the article and clitics. */
function asked({ words, beginning, handle }: Term, loosely: boolean): string {
  const phrase = words.map((one, i) => choices(one, beginning && i === words.length - 1, loosely)).join(' <-> ');
  return handle === null ? `(${phrase})` : `(${phrase} | ${lexeme(handle)})`;
}

function choices(folded: string, beginning: boolean, loosely: boolean): string {
  const rest = withoutArticle(folded);
  const named = loosely ? [folded, ...(rest === null ? [] : [rest])] : [folded];
  const lexemes = named.flatMap((one) => (loosely && isArabic(one) ? [lexeme(one), bareLexeme(one)] : [lexeme(one)]));
  return `(${lexemes.map((one) => (beginning ? `${one}:*` : one)).join(' | ')})`;
}

const isArabic = (folded: string): boolean => /^[\u0600-\u06ff]/u.test(folded);

/** A place in a text that a term found. UTF-16 code units. */
export interface Match {
  start: number;
  end: number;
  /** Which term. */
  term: number;
  /** Whether it is spelt as asked, but for marks and forms of letters; else without article or clitics. */
  exact: boolean;
}

/** Where the terms stand in a text: in order, without overlaps. */
export function matchesIn(text: string, terms: readonly Term[]): Match[] {
  const words = wordsOf(text);
  const found: Match[] = [];
  for (const [term, { words: wanted, beginning }] of terms.entries()) {
    for (let at = 0; at + wanted.length <= words.length; at++) {
      let exact = true;
      const here = wanted.every((one, i) => {
        const how = compare(words[at + i]!.folded, one, beginning && i === wanted.length - 1);
        if (how === 'bare') exact = false;
        return how !== null;
      });
      if (here) found.push({ start: words[at]!.start, end: words[at + wanted.length - 1]!.end, term, exact });
    }
  }
  let end = 0;
  return found
    .toSorted((a, b) => a.start - b.start || b.end - a.end)
    .filter((match) => {
      if (match.start < end) return false;
      end = match.end;
      return true;
    });
}

function compare(written: string, wanted: string, beginning: boolean): 'exact' | 'bare' | null {
  const is = (one: string, other: string): boolean => (beginning ? one.startsWith(other) : one === other);
  if (is(written, wanted) || runsOf(written).some((run) => is(run, wanted))) return 'exact';
  const rest = withoutArticle(wanted);
  const bare = bareForms(written);
  const loosely = [wanted, ...(rest === null ? [] : [rest])];
  return loosely.some((one) => is(written, one) || bare.some((form) => is(form, one))) ? 'bare' : null;
}
