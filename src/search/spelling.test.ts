// How words are compared, on words that people do write in more than one way.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bareForms, fold, runsOf, withoutArticle, wordsOf } from './spelling.ts';

test('spellings that readers take for the same word are compared as the same', () => {
  for (const [one, other] of [
    ['أحمد', 'احمد'],
    ['إبراهيم', 'ابراهيم'],
    ['آمنة', 'امنه'],
    ['ٱلله', 'الله'],
    ['مصطفى', 'مصطفي'],
    ['مُحَمَّد', 'محمد'],
    ['محـــمد', 'محمد'],
    ['مسؤول', 'مسوول'],
    ['شهداء', 'شهدا'],
    ['علی', 'علي'],
    ['ﻣﺤﻤﺪ', 'محمد'],
    ['José', 'jose'],
    ['Sha’bān', 'SHABAN'],
    ['٢١٥', '215'],
    ['۲۱۵', '215'],
    ['２１５', '215'],
  ] as const)
    expect(fold(one), one).toBe(fold(other));
});

test('words that differ stay apart', () => {
  for (const [one, other] of [
    ['محمد', 'محمود'],
    ['احمد', 'حمد'],
    ['215', '2150'],
    ['علي', 'عليا'],
  ] as const)
    expect(fold(one)).not.toBe(fold(other));
});

test('a text is cut into words that say where they stand; numbers of cards and names of files come apart', () => {
  const text = 'رقم ٥٤٤٧/١١٣٢, IMG_0042b.JPG';
  const words = wordsOf(text);
  expect(words.map(({ folded }) => folded)).toEqual(['رقم', '5447', '1132', 'img', '0042b', 'jpg']);
  expect(words.map(({ start, end }) => text.slice(start, end))).toEqual(['رقم', '٥٤٤٧', '١١٣٢', 'IMG', '0042b', 'JPG']);
  expect(runsOf('0042b')).toEqual(['0042', 'b']);
  expect(runsOf('0042')).toEqual([]);
});

test('an Arabic word is also what it is without article and clitics, in every way that its letters allow', () => {
  for (const written of ['السجن', 'والسجن', 'بالسجن', 'كالسجن', 'للسجن', 'وللسجن', 'وسجن', 'بسجن', 'لسجن', 'وبسجن'])
    expect(bareForms(fold(written)), written).toContain('سجن');
  expect(bareForms('سجن')).toEqual([]);
  expect(bareForms('بيت')).toEqual([]);
  expect(bareForms('branch')).toEqual([]);
  expect(withoutArticle('السجن')).toBe('سجن');
  expect(withoutArticle('وليد')).toBeNull();
});

test('folding what is folded changes nothing, and every word lies in its text, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      for (const { start, end, folded } of wordsOf(text)) {
        expect(start).toBeLessThan(end);
        expect(end).toBeLessThanOrEqual(text.length);
        expect([...folded].length).toBeLessThanOrEqual(40);
        expect(fold(folded)).toBe(folded);
      }
    }),
  );
});
