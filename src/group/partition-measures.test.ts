// Measures of partitions against examples counted by hand.
import { expect, test } from 'vitest';
import { compare } from './partition-measures.ts';

const partition = (text: string) =>
  new Map(text.split(' ').flatMap((group, i) => [...group].map((item) => [item, `g${i}`] as const)));

test('the same partition under other names is right in everything', () => {
  const one = { precision: 1, recall: 1 };
  expect(compare(partition('abc de'), partition('de abc'))).toEqual({ pictures: 5, pairwise: one, bCubed: one });
});

test('counted by hand: a picture in the wrong group costs pairs and pictures', () => {
  // Truth {a b c} {d e}; ours {a b} {c d e}. Pairs: ours 1 + 3 = 4, true 3 + 1 = 4, in both ab and de: 2.
  const measured = compare(partition('ab cde'), partition('abc de'));
  expect(measured.pairwise).toEqual({ precision: 0.5, recall: 0.5 });
  // B-cubed precision: a 1, b 1, c 1/3, d 2/3, e 2/3; recall: a 2/3, b 2/3, c 1/3, d 1, e 1. Both sum to 11/3.
  expect(measured.bCubed.precision).toBeCloseTo(11 / 15, 12);
  expect(measured.bCubed.recall).toBeCloseTo(11 / 15, 12);
});

test('a picture that was left out costs recall and no precision; one that belongs to nobody costs precision', () => {
  // Truth {a b c}, ours {a b}: pairs 1 of 3.
  const less = compare(partition('ab'), partition('abc'));
  expect(less.pairwise).toEqual({ precision: 1, recall: 1 / 3 });
  // Recall: a 2/3, b 2/3, c 1/3.
  expect(less.bCubed).toEqual({ precision: 1, recall: expect.closeTo(5 / 9, 12) });
  const more = compare(partition('abz'), partition('ab'));
  expect(more.pairwise).toEqual({ precision: 1 / 3, recall: 1 });
  expect(compare(new Map(), new Map()).pairwise).toEqual({ precision: 1, recall: 1 });
});
