// What shares print at their ends.
import { expect, test } from 'vitest';
import { shareText } from './share.ts';

test('less than all is not printed as all, more than nothing not as nothing, and nothing to divide by is a dash', () => {
  expect(shareText(10_999, 11_000)).toBe('99.9 %');
  expect(shareText(11_000, 11_000)).toBe('100.0 %');
  expect(shareText(1, 11_000)).toBe('0.1 %');
  expect(shareText(0, 11_000)).toBe('0.0 %');
  expect(shareText(0.99964, 1)).toBe('99.9 %');
  expect(shareText(28_707, 53_275)).toBe('53.9 %');
  expect(shareText(0, 0)).toBe('–');
  expect(shareText(5, null)).toBe('–');
});
