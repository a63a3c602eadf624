// Bytes and times in words.
import { expect, test } from 'vitest';
import { bytesText, durationText } from './measure.tsx';

test('bytes take the unit that leaves one to three digits before the point', () => {
  const said = [0, 1, 999, 1000, 1536, 99_940, 123_456, 8_388_608, 55e9, 3.2e15].map((n) => bytesText(n, 'en'));
  expect(said).toEqual([
    '0 bytes',
    '1 byte',
    '999 bytes',
    '1 kB',
    '1.5 kB',
    '99.9 kB',
    '123 kB',
    '8.4 MB',
    '55 GB',
    '3,200 TB',
  ]);
  expect(bytesText(1536, 'ar')).toMatch(/^1\.5\s/);
});

test('a time is told in its two greatest units, and never as nothing', () => {
  const said = [0, 59.4, 61, 3600, 7800, 90_000].map((seconds) => durationText(seconds, 'en'));
  expect(said).toEqual(['1 sec', '59 secs', '1 min 1 sec', '1 hr', '2 hrs 10 mins', '1 day 1 hr']);
});
