// What of the index is pure: names of schemas, values on their way in and out. The rest is in index-database.whole.test.ts.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { caseSchema, formatForPostgres, plainTypes, quoteName } from './index-database.ts';
import { chooseSocketFolder } from './postgres-start.ts';

test('the schema of a case is named by its id, and by nothing else', () => {
  expect(caseSchema('0123456789abcdef0123456789abcdef')).toBe('case_0123456789abcdef0123456789abcdef');
  for (const id of ['', 'x', '0123456789ABCDEF0123456789ABCDEF', `${'0'.repeat(32)}"; drop schema home; --`]) {
    expect(() => caseSchema(id)).toThrow(/id of a case/);
  }
});

test('a name cannot end its own quotes', () => {
  expect(quoteName('a"b')).toBe('"a""b"');
});

function parse(oid: number, text: string): unknown {
  return (plainTypes.getTypeParser as (oid: number) => (text: string) => unknown)(oid)(text);
}

test('bigints are numbers while they are exact, dates stay as they were written', () => {
  expect(parse(20, '9007199254740991')).toBe(9007199254740991);
  expect(parse(20, '9007199254740993')).toBe(9007199254740993n);
  expect(parse(1016, '{1,NULL,9007199254740993}')).toEqual([1, null, 9007199254740993n]);
  expect(parse(1184, '2013-05-06 10:11:12+00')).toBe('2013-05-06 10:11:12+00');
  expect(parse(1115, '{"2013-05-06 10:11:12",NULL}')).toEqual(['2013-05-06 10:11:12', null]);
  expect(parse(1082, '2013-05-06')).toBe('2013-05-06');
  expect(parse(3802, '{"a":1}')).toEqual({ a: 1 });
});

test('text that PostgreSQL cannot hold is replaced character by character, all else arrives as it was', () => {
  const units = fc.constantFrom('\0', '\ud800', '\udfff', '\\', 'u0000', 'ud800', '"', 'م', '😀', 'x');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(units).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (value) => {
      const held = Buffer.from(value).toString().replaceAll('\0', '\ufffd');
      expect(JSON.parse(formatForPostgres({ [value]: [value] }))).toEqual({ [held]: [held] });
    }),
    { numRuns: 1_000 },
  );
});

test('the socket goes where its path fits into the address of a Unix socket', () => {
  const long = `/${'x'.repeat(90)}`;
  expect(chooseSocketFolder(['/run/user/1000', '/tmp'], 'dalil', 'linux')).toBe('/run/user/1000/dalil');
  expect(chooseSocketFolder([long, '/tmp'], 'dalil', 'linux')).toBe('/tmp/dalil');
  expect(() => chooseSocketFolder([long], 'dalil', 'linux')).toThrow(/at most 107 bytes[^]*TMPDIR/);
  const exact = `/${'x'.repeat(107 - '/d/.s.PGSQL.5432'.length - 1)}`;
  expect(chooseSocketFolder([exact], 'd', 'linux')).toBe(`${exact}/d`);
  expect(() => chooseSocketFolder([`${exact}x`], 'd', 'linux')).toThrow(/108 in/);
  // Bytes, not letters.
  expect(() => chooseSocketFolder([`/${'ش'.repeat(50)}`], 'dalil', 'linux')).toThrow(/at most/);
});
