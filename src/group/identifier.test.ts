import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fault } from '../case/fault.ts';
import { compileRules, latinDigits, parseRules, readPaths } from './identifier.ts';

const rules = compileRules(
  parseRules({
    patterns: [
      {
        name: 'branch and number',
        match: String.raw`فرع (?<branch>\d+)/(?<number>\d+)/`,
        identifiers: {
          branch: { role: 'branch-number', carrier: 'folder' },
          number: { role: 'detainee-number', carrier: 'folder' },
        },
        category: 'detainee',
      },
      { name: 'soldiers', match: '^soldiers/', category: 'force' },
    ],
  }),
);

test('numbers in Arabic-Indic digits are the same numbers', () => {
  expect(latinDigits('٢١٥ ۲۱۵ 215')).toBe('215 215 215');
  expect(readPaths(['2013/فرع ٢١٥/٥٤٤٧/1.jpg'], rules).key).toEqual({
    'branch-number': '215',
    'detainee-number': '5447',
  });
});

test('a number with leading zeros is the same number, and the identifier keeps what was written', () => {
  const reading = readPaths(['x/فرع 215/0412/1.jpg'], rules);
  expect(reading.key).toEqual({ 'branch-number': '215', 'detainee-number': '412' });
  expect(reading.identifiers.find(({ role }) => role === 'detainee-number')?.value).toBe('0412');
});

test('paths of exact duplicates speak for each other', () => {
  expect(readPaths(['DCIM/1.jpg', 'x/فرع 215/412/1.jpg'], rules)).toMatchObject({ category: 'detainee', receipts: 2 });
});

test('paths that disagree leave the key open and the category unclear, with a problem each', () => {
  const numbers = readPaths(['x/فرع 215/412/1.jpg', 'x/فرع 215/413/1.jpg'], rules);
  expect(numbers.key).toBeNull();
  expect(numbers.problems.map(({ code }) => code)).toEqual(['conflicting-numbers']);
  const categories = readPaths(['x/فرع 215/412/1.jpg', 'soldiers/1.jpg'], rules);
  expect(categories.category).toBe('unclear');
  expect(categories.problems.map(({ code }) => code)).toEqual(['conflicting-categories']);
});

test('a path that no pattern matches is unreviewed, never guessed', () => {
  expect(readPaths(['DCIM/1.jpg'], rules)).toMatchObject({ category: 'unreviewed', key: null, identifiers: [] });
});

test('rules that cannot be used are refused with what is wrong', () => {
  expect(() => parseRules({ patterns: [{ name: 'x', match: '(' }] })).toThrow(Fault);
  expect(() =>
    parseRules({ patterns: [{ name: 'x', match: 'a', identifiers: { none: { role: 'name', carrier: 'folder' } } }] }),
  ).toThrow(/no group is named none/);
  expect(() => parseRules({ pattern: [] })).toThrow(/cannot be read/);
});

test('no path makes the reader throw', () => {
  fc.assert(fc.property(fc.array(fc.string()), (paths) => void readPaths(paths, rules)));
});

test('the forms of numbers are checked when rules are given: an expression that is none, or a range without a number', () => {
  const given = (number: object) => () => parseRules({ patterns: [], numbers: [{ role: 'photo-number', ...number }] });
  expect(given({ pattern: '[0-9]{3}', min: 1, max: 1 })).not.toThrow();
  expect(given({ pattern: '[0-9' })).toThrow(/photo-number.*not usable/);
  expect(given({ pattern: ')|(' })).toThrow(/not usable/);
  expect(given({ pattern: '[0-9]', min: 2, max: 1 })).toThrow(/2 to 1/);
});
