// The words of verify.html: whole in both languages, every plural form there, every note known.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ar } from './ar.ts';
import { en } from './en.ts';
import type { Plural } from './words.ts';

/** Every text of some words, by its path; plural forms by their category. */
function* textsOf(words: unknown, path = ''): Generator<[path: string, text: string]> {
  if (typeof words === 'string') yield [path, words];
  else if (typeof words === 'object' && words !== null && !(words instanceof RegExp)) {
    for (const [name, below] of Object.entries(words)) yield* textsOf(below, path === '' ? name : `${path}.${name}`);
  }
}
const isPlural = (words: unknown): words is Plural =>
  typeof words === 'object' && words !== null && typeof (words as Plural).other === 'string' && 'one' in words;
function* pluralsOf(words: unknown, path = ''): Generator<[path: string, plural: Plural]> {
  if (isPlural(words)) yield [path, words];
  else if (typeof words === 'object' && words !== null) {
    for (const [name, below] of Object.entries(words)) yield* pluralsOf(below, `${path}.${name}`);
  }
}

test('every plural of a language has all the forms that it counts with', () => {
  for (const lang of [en, ar]) {
    const categories = new Intl.PluralRules(lang.code).resolvedOptions().pluralCategories.toSorted();
    const plurals = [...pluralsOf(lang.words)];
    expect(plurals.length).toBeGreaterThan(5);
    for (const [path, forms] of plurals) expect([path, Object.keys(forms).toSorted()]).toEqual([path, categories]);
  }
});

test('both languages fill in the same values', () => {
  const places = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();
  const english = new Map(textsOf(en.words));
  for (const [path, text] of textsOf(ar.words)) {
    const other = english.get(path);
    // One and two are words in Arabic, and have no figure; notes are known by their pattern.
    if (other === undefined || /\.(?:zero|one|two)$/.test(path)) continue;
    expect([path, places(text)]).toEqual([path, places(other)]);
  }
});

test('what is said in Arabic is said in Arabic', () => {
  const latin = /bagit\.txt|case\.json|SHA-256|PEM|zip|\{\w+\}|\$\d/g;
  for (const [path, text] of textsOf(ar.words)) {
    expect([path, text.replaceAll(latin, '').match(/[A-Za-z]+/g)]).toEqual([path, null]);
  }
});

test('every note that a check can make has its words in Arabic', () => {
  const folder = new URL('../', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.startsWith('check-') && !name.includes('.test.'));
  const messages = sources.flatMap((name) => {
    const source = readFileSync(new URL(name, folder), 'utf8');
    const calls = source.split('indings.note(').slice(1);
    return calls.map(
      (call) => /['`]([^'`]{12,})['`]\s*,?\s*\)/.exec(call.slice(0, 400))?.[1] ?? `unread: ${call.slice(0, 80)}`,
    );
  });
  expect(messages.length).toBeGreaterThan(7);
  const unknown = messages
    .map((message) => message.replaceAll(/\$\{[^}]*\}/g, '7'))
    .filter((message) => !ar.words.notes.known.some(([pattern]) => pattern.test(message)));
  expect(unknown).toEqual([]);
});
