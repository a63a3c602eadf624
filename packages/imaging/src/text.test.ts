import fc from 'fast-check';
import { expect, test } from 'vitest';
import { textFacts } from './text.ts';

const utf8 = (text: string) => textFacts(new TextEncoder().encode(text), 'utf-8');

test('a text has a length in characters and a script', () => {
  expect(utf8('شهادة 2014')).toEqual({ characters: 10, script: 'arabic' });
  expect(utf8('Testimony of a guard')).toEqual({ characters: 20, script: 'latin' });
  expect(utf8('الفرع ٢١٥, branch 215')).toEqual({ characters: 21, script: 'mixed' });
  expect(utf8('Свидетель')).toEqual({ characters: 9, script: 'other' });
  expect(utf8('215 / 5447')).toEqual({ characters: 10, script: 'none' });
  expect(utf8('\ufeff𐎀𐎁')).toEqual({ characters: 2, script: 'other' });
});

test('an old encoding and UTF-16 are read', () => {
  expect(textFacts(Uint8Array.of(0xd4, 0xe5, 0xc7, 0xcf, 0xc9), 'windows-1256')).toEqual({
    characters: 5,
    script: 'arabic',
  });
  expect(textFacts(Uint8Array.of(0xff, 0xfe, 0x34, 0x06), 'utf-16le')).toEqual({ characters: 1, script: 'arabic' });
});

test('any text is as long as its code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (text.startsWith('\ufeff')) return;
      expect(utf8(text).characters).toBe([...text].length);
    }),
  );
});
