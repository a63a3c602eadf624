import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dossierFaces } from './fonts.ts';
import type { Run } from './typeset.ts';
import { pathRuns, positions, runsOf, visible } from './typeset.ts';

const faces = dossierFaces();
const joined = (runs: readonly Run[]): string =>
  runs
    .map((run) => (run === 0 ? '' : typeof run === 'string' ? run : run.r))
    .join('')
    .replaceAll('\u200b', '');

test('what reorders or hides text is printed as its code point', () => {
  expect(visible('gpj.\u202eevil\u202c', faces)).toBe('gpj.‹U+202E›evil‹U+202C›');
  expect(visible('a\u200bb\u00a0c\nd\u0000', faces)).toBe('a‹U+200B›b‹U+00A0›c‹U+000A›d‹U+0000›');
  expect(visible('\ud800', faces)).toBe('‹U+D800›');
});

test('what no font has is printed as its code point, with its marks', () => {
  expect(visible('漢 😀', faces)).toBe('‹U+6F22› ‹U+1F600›');
  expect(visible('Zoë مُحتجز', faces)).toBe('Zoë مُحتجز');
  expect(visible('漢\u0301', faces)).toBe('‹U+6F22›‹U+0301›');
});

test('markup is text like any other', () => {
  expect(runsOf('#import "x" ]] $x$ @cite', faces)).toEqual(['#import "x" ]] $x$ @cite']);
});

test('an Arabic string is one run, an Arabic word in a Latin string is a run of its own', () => {
  expect(runsOf('قضية 5447/1132', faces)).toEqual([{ r: 'قضية 5447/1132' }]);
  expect(runsOf('abc صور 5447 def', faces)).toEqual(['abc ', { r: 'صور' }, ' 5447 def']);
});

test('a path reads from left to right, folder by folder', () => {
  expect(pathRuns('2013/صور/محتجز 5447/1132.jpg', faces)).toEqual([
    '2013',
    '/',
    0,
    { r: 'صور' },
    '/',
    0,
    { r: 'محتجز 5447' },
    '/',
    0,
    '1132.jpg',
  ]);
  expect(pathRuns('رقم ٥٤٤٧.jpg', faces)).toEqual([{ r: 'رقم ٥٤٤٧' }, '.jpg']);
  expect(pathRuns('بطاقة ب.tar.gz', faces)).toEqual([{ r: 'بطاقة ب' }, '.tar.gz']);
});

test('no string loses a character, and none comes out with an invisible one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const safe = visible(text, faces);
      expect(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(safe)).toBe(false);
      expect(joined(runsOf(text, faces))).toBe(safe);
      expect(joined(pathRuns(text, faces))).toBe(
        text
          .split('/')
          .map((name) => visible(name, faces))
          .join('/'),
      );
    }),
  );
});

test('positions are printed as stretches, and a long list as how many more', () => {
  expect(positions([20, 13, 12, 14, 20])).toBe('12–14, 20');
  expect(positions([1, 3, 5, 7, 9, 11, 13, 14, 15])).toBe('1, 3, 5, 7, 9, 11 and 3 more');
});
