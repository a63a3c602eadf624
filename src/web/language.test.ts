// The languages: each says everything, with the plural forms and the blanks that it needs.
import { expect, test } from 'vitest';
import { cardProblems } from '../describe/card-records.ts';
import { problemMessages } from '../describe/description.ts';
import { rowProblems } from '../intake/import-queries.ts';
import { languageOf, words } from './language.tsx';
import { chooseLanguage, languages } from './languages.ts';
import type { LanguageCode } from './languages.ts';
import { en } from './messages/en.ts';
import type { Plural } from './messages/plural.ts';

type Said = { [name: string]: string | Plural | Said };
const codes = Object.keys(languages) as LanguageCode[];
const isPlural = (entry: Said | Plural): entry is Plural => Object.hasOwn(entry, 'forms');
const blanks = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g))].toSorted();

function entries(said: Said, path = ''): [string, string | Plural][] {
  return Object.entries(said).flatMap(([name, entry]): [string, string | Plural][] =>
    typeof entry === 'string' || isPlural(entry) ? [[`${path}${name}`, entry]] : entries(entry, `${path}${name}.`),
  );
}

test.each(codes)('%s has the blanks that English has, and no empty word', async (code) => {
  const own = new Map(entries(await words[code]()));
  for (const [path, english] of entries(en)) {
    const said = own.get(path);
    if (typeof english === 'string') {
      expect([path, blanks(String(said))]).toEqual([path, blanks(english)]);
      expect([path, String(said).trim()]).not.toEqual([path, '']);
    } else {
      const allowed = blanks(english.forms.other);
      for (const form of Object.values((said as Plural).forms))
        expect(allowed).toEqual(expect.arrayContaining(blanks(form)));
      expect([path, blanks((said as Plural).forms.other)]).toEqual([path, allowed]);
    }
  }
});

test.each(codes)('%s has every plural form that its numbers call for', async (code) => {
  const needed = new Intl.PluralRules(languages[code].locale).resolvedOptions().pluralCategories.toSorted();
  for (const [path, entry] of entries(await words[code]()))
    if (typeof entry !== 'string') expect([path, Object.keys(entry.forms).toSorted()]).toEqual([path, needed]);
});

test('the address chooses before the choice that was kept, and that before the browser', () => {
  expect(chooseLanguage('?lang=ar', 'en', ['en'])).toBe('ar');
  expect(chooseLanguage('?lang=xx', 'ar', ['en'])).toBe('ar');
  expect(chooseLanguage('', null, ['fr-FR', 'ar-SY', 'en'])).toBe('ar');
  expect(chooseLanguage('?lang=constructor', 'toString', ['de'])).toBe('en');
});

test('figures are the same digits in every language; shares need a whole; times say that they are UTC', async () => {
  for (const code of codes) {
    const { number, share, time } = languageOf(code, await words[code]());
    expect(number(55_000)).toBe('55,000');
    expect(share(1, 0)).toBe('');
    expect(share(539, 1000)).toContain('53.9');
    expect(time('2026-11-12T14:03:22Z')).toMatch(/14:03.*UTC|UTC.*14:03/);
  }
});

test('a number takes its form', async () => {
  const { form, m } = languageOf('ar', await words.ar());
  expect([0, 1, 2, 3, 11, 100].map((n) => form(m.case.records, n))).toEqual([
    'لا قيود',
    'قيد واحد',
    'قيدان',
    '{n} قيود',
    '{n} قيدًا',
    '{n} قيد',
  ]);
});

test('every problem that describing, reading and importing can find has words of its own', () => {
  const codes = [...Object.keys(problemMessages), ...Object.keys(cardProblems), ...rowProblems];
  expect(codes.filter((code) => !Object.hasOwn(en.codes, code))).toEqual([]);
});
