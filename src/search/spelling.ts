// Words as they are compared: a text cut into words, each folded so that spellings which readers of Arabic and of Latin
// script take for the same are the same. What is shown stays as it was written; a fold is only ever compared.
import { latinDigits } from '../group/identifier.ts';

/** A word of a text: where it stands (UTF-16 code units), and how it is compared. */
export interface Word {
  start: number;
  end: number;
  folded: string;
}

/** Letters and digits, with the marks, joiners and apostrophes that stand inside a word. */
const word = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}\u0640\u200c\u200d]|['`’‘ʼʿʾ](?=\p{L}))*/gu;
/** Vowel and reading marks of Arabic, accents of Latin; tatweel, joiners, apostrophes. */
const marks =
  /[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u0640'`’‘ʼʿʾ\u200c\u200d]/gu;
/** Hamza alone is left out as often as not; the carriers of hamza and madda come apart by decomposition. */
const letters: Readonly<Record<string, string>> = {
  ٱ: 'ا',
  ى: 'ي',
  ی: 'ي',
  ې: 'ي',
  ک: 'ك',
  ة: 'ه',
  ہ: 'ه',
  ھ: 'ه',
  ە: 'ه',
  ء: '',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ı: 'i',
};
const otherLetters = new RegExp(`[${Object.keys(letters).join('')}]`, 'gu');
/** Longer words are runs without spaces, as base64: compared by their beginning. In code points. */
const longest = 40;

/** How a word is compared: without case, marks and forms of one letter, digits as Latin ones. Empty for a lone hamza. */
export function fold(text: string): string {
  const plain = latinDigits(text.normalize('NFKC').toLowerCase().normalize('NFD').replaceAll(marks, ''))
    .replaceAll(otherLetters, (letter) => letters[letter]!)
    .normalize('NFC');
  return plain.length > longest ? [...plain].slice(0, longest).join('') : plain;
}

/** Folds of words that come again and again: a text says most of its words often. */
const folds = new Map<string, string>();
function foldOnce(text: string): string {
  let folded = folds.get(text);
  if (folded === undefined) {
    if (folds.size >= 50_000) folds.clear();
    folds.set(text, (folded = fold(text)));
  }
  return folded;
}

/** The words of a text, in order. */
export function wordsOf(text: string): Word[] {
  const found: Word[] = [];
  for (const { 0: written, index } of text.matchAll(word)) {
    const folded = foldOnce(written);
    if (folded !== '') found.push({ start: index, end: index + written.length, folded });
  }
  return found;
}

/** A word of letters and digits, as a camera names files, is found by each run of either too. */
export function runsOf(folded: string): string[] {
  return /\d/.test(folded) && /\p{L}/u.test(folded) ? (folded.match(/\d+|[^\d]+/gu) ?? []) : [];
}

const arabic = /^[\u0620-\u064a\u066e-\u06d3]+$/u;
/** The article alone, after wa-, fa-, bi- and ka-, and drawn together with li-. */
const article = /^[وف]?(?:[بك]?ال|لل)(.{2,})$/u;
/** What may stand before a word without the article. Of what is left at least three letters, as most roots have. */
const clitics = [/^[وفبلك](.{3,})$/u, /^[وف][بلك](.{3,})$/u];

/** What an Arabic word is without its article, or null. Pure, and no more than a guess: اللذان loses what is no article. */
export function withoutArticle(folded: string): string | null {
  return arabic.test(folded) ? (article.exec(folded)?.[1] ?? null) : null;
}

/**
 * What an Arabic word may be without article and clitics: every reading, since letters alone do not tell them from those of
 * the root. So a text with وليد is found by ليد too; never the other way round, where something would be missed.
 */
export function bareForms(folded: string): string[] {
  if (!arabic.test(folded)) return [];
  const rest = [article, ...clitics].flatMap((form) => form.exec(folded)?.[1] ?? []);
  return [...new Set(rest)];
}
