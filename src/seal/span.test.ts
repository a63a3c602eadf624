// Partial dates, and what a list of holders leaves open: gaps, overlaps, and what the dates do not tell.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePartialDate, uncovered, type Period } from './span.ts';

const iso = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z');
const read = (text: string): [string, string] | null => {
  const span = parsePartialDate(text);
  return span === null ? null : [iso(span.earliest), iso(span.latest)];
};

test('a year, a month, a day and an instant are the times that they may mean', () => {
  expect(read('2013')).toEqual(['2013-01-01T00:00:00Z', '2014-01-01T00:00:00Z']);
  expect(read('2012-02')).toEqual(['2012-02-01T00:00:00Z', '2012-03-01T00:00:00Z']);
  expect(read('2012-12-31')).toEqual(['2012-12-31T00:00:00Z', '2013-01-01T00:00:00Z']);
  expect(read('2013-08-21T09:30+03:00')).toEqual(['2013-08-21T06:30:00Z', '2013-08-21T06:30:00Z']);
  expect(read('0099')).toEqual(['0099-01-01T00:00:00Z', '0100-01-01T00:00:00Z']);
});

test('what no calendar has, or has no offset, is no date', () => {
  for (const text of [
    '',
    '13',
    '2013-13',
    '2013-00',
    '2013-02-29',
    '2013-06-31T10:00Z',
    '2013-08-21T09:30',
    '2013-08-21T25:00Z',
    'May',
  ]) {
    expect(read(text), text).toBeNull();
  }
});

const until = Date.UTC(2014, 0, 1);
/** holder, from, to: one letter each; `?` is unknown. */
const held = (...list: [string, string, string][]): string[] => {
  const span = (text: string) => (text === '?' ? null : parsePartialDate(text)!);
  const periods = list.map(([holder, from, to], record): Period => ({
    holder,
    record,
    start: span(from),
    end: span(to),
  }));
  return uncovered(periods, until).map(({ kind, from, to, holders }) =>
    `${kind} ${from === null ? '…' : iso(from).slice(0, 10)} ${iso(to).slice(0, 10)} ${holders.join('+')}`.trim(),
  );
};

test('holders who follow on each other leave nothing open', () => {
  expect(held(['a', '2013-01-01', '2013-05'], ['b', '2013-05', '2014-01-01T00:00Z'])).toEqual([
    // The first day itself: from which hour on is not said.
    'unknown 2013-01-01 2013-01-02 a',
  ]);
  expect(
    held(['a', '2013-01-01T00:00Z', '2013-05-05T10:00Z'], ['b', '2013-05-05T10:00Z', '2014-01-01T00:00Z']),
  ).toEqual([]);
});

test('a time with nobody is a gap, with two an overlap, and a margin of the dates is unknown', () => {
  expect(held(['a', '2012-01-01T00:00Z', '2013-02'], ['b', '2013-05-01T00:00Z', '2014-01-01T00:00Z'])).toEqual([
    'unknown 2013-02-01 2013-03-01 a',
    'gap 2013-03-01 2013-05-01',
  ]);
  expect(held(['a', '2012-01-01T00:00Z', '2013-06'], ['b', '2013-03', '2014-01-01T00:00Z'])).toEqual([
    'overlap 2013-04-01 2013-06-01 a+b',
  ]);
});

test('a holder who ends before they begin meets nobody, and hides no gap', () => {
  expect(held(['a', '2013', '2012-01-01T00:00Z'], ['b', '2013-02-01T00:00Z', '2013'])).toContain('gap … 2013-02-01');
});

test('what is unknown is said to be unknown', () => {
  expect(held(['a', '?', '?'])).toEqual(['unknown … 2014-01-01 a']);
  expect(held(['a', '?', '2013-05-01T00:00Z'])).toEqual(['unknown … 2013-05-01 a', 'gap 2013-05-01 2014-01-01']);
  expect(held(['a', '2013-01-01T00:00Z', '?'], ['b', '2013-05-01T00:00Z', '2014-01-01T00:00Z'])).toEqual([
    'unknown 2013-01-01 2013-05-01 a',
  ]);
  expect(held()).toEqual(['gap … 2014-01-01']);
});

test('every moment before the end is accounted for exactly once, whatever the dates', () => {
  const instant = fc.integer({ min: 0, max: 40 }).map((n) => n * 10);
  const span = fc.oneof(
    fc.constant(null),
    fc.tuple(instant, instant).map(([a, b]) => ({ earliest: Math.min(a, b), latest: Math.max(a, b) })),
  );
  const period = fc.record({ holder: fc.constantFrom('a', 'b'), record: fc.nat(), start: span, end: span });
  fc.assert(
    fc.property(fc.array(period, { maxLength: 5 }), (periods) => {
      const end = 500;
      const found = uncovered(periods, end);
      for (const [i, { from, to }] of found.entries()) {
        expect((from ?? -1) < to).toBe(true);
        expect(from === null ? i : (found[i - 1]?.to ?? -Infinity) <= from ? 0 : 1).toBe(0);
      }
      const at = (moment: number) => found.find(({ from, to }) => (from ?? -Infinity) <= moment && moment < to)?.kind;
      for (let moment = 5; moment < end; moment += 10) {
        const sure = periods.filter(
          ({ start, end: last }) => start !== null && last !== null && start.latest <= moment && moment < last.earliest,
        ).length;
        if (sure === 1) expect(at(moment)).toBeUndefined();
        if (sure > 1) expect(at(moment)).toBe('overlap');
        const possible = periods.some(
          ({ start, end: last }) => (start?.earliest ?? -Infinity) <= moment && moment < (last?.latest ?? Infinity),
        );
        const begins = Math.min(
          ...periods
            .flatMap(({ start, end: last }) => [start, last])
            .flatMap((one) => (one === null ? [] : [one.earliest])),
        );
        if (!possible && (moment > begins || periods.length === 0)) expect(at(moment)).toBe('gap');
      }
    }),
  );
});
