import { expect, test } from 'vitest';
import { rolesOf } from './roles.ts';

const grammar = [
  { role: 'detainee', pattern: '[0-9]{3,4}', min: 100 },
  { role: 'branch', pattern: '2[0-9]{2}', max: 260 },
  { role: 'hospital', pattern: '[0-9]+/[أب]' },
] as const;

test('on one card the larger of two lines that fit a role takes the earlier one', () => {
  const lines = [
    { value: '215', height: 20 },
    { value: '241', height: 31 },
    { value: '7/أ', height: 12 },
  ];
  expect(rolesOf(lines, grammar)).toEqual(['branch', 'detainee', 'hospital']);
});

test('what fits nothing, and a line alone that two roles would take, has no role', () => {
  expect(rolesOf([{ value: '12', height: 9 }], grammar)).toEqual([null]);
  expect(rolesOf([{ value: '215', height: 9 }], grammar)).toEqual([null]);
  expect(rolesOf([{ value: '5447', height: 9 }], grammar)).toEqual(['detainee']);
  expect(rolesOf([{ value: '099', height: 9 }], grammar)).toEqual([null]);
  expect(rolesOf([{ value: '5447', height: 9 }], [])).toEqual([null]);
});

test('where the largest line was not read, the next does not pass for it', () => {
  const left = [
    { value: '215', height: 20 },
    { value: '7/أ', height: 12 },
  ];
  expect(rolesOf(left, grammar)).toEqual([null, 'hospital']);
});

test('what can be one thing only takes its role first, be it no larger than what it leaves the other to', () => {
  const lines = [
    { value: '2431', height: 64 },
    { value: '248', height: 65 },
  ];
  expect(rolesOf(lines, grammar)).toEqual(['detainee', 'branch']);
});
