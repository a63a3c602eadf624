import { expect, test } from 'vitest';
import { comma, concordance, decode, encodingOf, objectsOf, rowsOf, TableError, type Dialect } from './delimited.ts';

/** The bytes in pieces of this size, so that every border falls somewhere. */
async function* pieces<T extends { length: number; slice(from: number, to: number): T }>(whole: T, size: number) {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
}
async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
const rows = (text: string, dialect: Dialect, size = 1) => all(rowsOf(pieces(text, size), dialect));

test('quotes, doubled quotes, separators and line ends within a field are its own, wherever a piece ends', async () => {
  const csv = 'a,b\r\n"1,""x""\n2",\n\n"",3';
  for (const size of [1, 2, 3, 100])
    expect(await rows(csv, comma, size)).toEqual([
      ['a', 'b'],
      ['1,"x"\n2', ''],
      ['', '3'],
    ]);
  expect(await rows('þAþ\u0014þB,Cþ\r\nþ1þþ2þ\u0014þ"þ\r\n', concordance)).toEqual([
    ['A', 'B,C'],
    ['1þ2', '"'],
  ]);
});

test('a quote that is never closed is an error, not one long field', async () => {
  await expect(rows('a,b\n"1,2\n3,4\n', comma)).rejects.toThrow(TableError);
});

test('load files are read in each encoding that they are written in; other bytes are an error', async () => {
  const text = 'þIDþ\u0014þTitelþ\r\nþ1þ\u0014þGrößeþ\r\n';
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const written: [string, Buffer][] = [
    ['utf-8', Buffer.from(`\ufeff${text}`)],
    ['utf-8', Buffer.from(text)],
    ['utf-16le', little],
    ['utf-16be', Buffer.from(little).swap16()],
    ['windows-1252', Buffer.from(text, 'latin1')],
  ];
  for (const [encoding, bytes] of written) {
    expect(encodingOf(bytes)).toBe(encoding);
    for (const size of [1, 5]) {
      const read = await all(rowsOf(decode(pieces(bytes, size), encodingOf(bytes)), concordance));
      expect(read).toEqual([
        ['ID', 'Titel'],
        ['1', 'Größe'],
      ]);
    }
  }
  await expect(all(decode(pieces(Buffer.from([0x61, 0xff, 0x62]), 1), 'utf-8'))).rejects.toMatchObject({
    code: 'bad-encoding',
  });
});

test('the objects of a list are had one by one, also where a comma between batches was forgotten', async () => {
  const json = '{ \n"bulletins": [ \n{"a":"}]{\\""},{"b":[{}]}\n{"c":3}\n] \n }';
  for (const size of [1, 7])
    expect(await all(objectsOf(pieces(json, size)))).toEqual(['{"a":"}]{\\""}', '{"b":[{}]}', '{"c":3}']);
  await expect(all(objectsOf(pieces(json.slice(0, -8), 3)))).rejects.toThrow(TableError);
});
