// What can be asked, and what is marked of it.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { handleLexeme, matchesIn, parseQuery } from './query.ts';

const marked = (text: string, typed: string): string[] =>
  matchesIn(text, parseQuery(typed).terms).map(({ start, end }) => text.slice(start, end));

test('words are found in any order and spelling, phrases only as they stand, beginnings by their stars', () => {
  expect(marked('قال أحمد إن السجن كبير', 'سجن احمد')).toEqual(['أحمد', 'السجن']);
  expect(marked('branch 215 and branch 227', '"branch 227"')).toEqual(['branch 227']);
  expect(marked('prison, prisoner, imprisoned', 'prison*')).toEqual(['prison', 'prisoner']);
  expect(marked('البطاقة ٥٤٤٧/١١٣٢', '5447/1132')).toEqual(['٥٤٤٧/١١٣٢']);
  expect(marked('البطاقة ٥٤٤٧/١١٣٣', '5447/1132')).toEqual([]);
  expect(marked('DSC0042.JPG', '0042')).toEqual(['DSC0042']);
});

test('the article that was asked for need not be there, and what was not asked for may stand before the word', () => {
  expect(marked('سجن', 'السجن')).toEqual(['سجن']);
  expect(marked('والسجن', 'السجن')).toEqual(['والسجن']);
  expect(matchesIn('والسجن سجن', parseQuery('سجن').terms).map(({ exact }) => exact)).toEqual([false, true]);
  expect(marked('ليد', 'وليد')).toEqual([]);
});

test('a question that cannot be answered is refused in words that do not repeat it', () => {
  for (const typed of ['', '  ', '***', '-secret', '"secret', 'a*', 'secret '.repeat(13), 's'.repeat(201)]) {
    let refused: unknown;
    try {
      parseQuery(typed);
    } catch (error) {
      refused = error;
    }
    expect(refused, typed).toBeInstanceOf(Fault);
    expect((refused as Fault).code).toBe('usage');
    expect((refused as Fault).message).not.toContain('secret');
  }
});

test('handles are the same with and without their zeros', () => {
  expect(handleLexeme('E-00012')).toBe('#e12');
  expect(handleLexeme('e12')).toBe('#e12');
  expect(handleLexeme('E-')).toBeNull();
  expect(parseQuery('e12').all).toContain(`'#e12'`);
});

test('whatever is typed, it is a question or a Fault, and every mark lies in its text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (typed, text) => {
      try {
        let end = 0;
        for (const match of matchesIn(`${text} ${typed} ${text}`, parseQuery(typed).terms)) {
          expect(match.start).toBeGreaterThanOrEqual(end);
          end = match.end;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(Fault);
      }
    }),
  );
});
