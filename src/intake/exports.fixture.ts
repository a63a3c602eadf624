// Small exports as Bayanat, Uwazi and Relativity write them (sources: export-systems.ts), the same bytes each time; and a
// load file in which each row is broken in a way of its own.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return folder;
}

export const dat = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map((field) => `þ${field}þ`).join('\u0014')}\r\n`).join('');

const header = ['BEGDOC', 'ENDDOC', 'BEGATTACH', 'ENDATTACH', 'CUSTODIAN', 'FILENAME', 'MD5 HASH', 'NATIVE_FILE'];
const native = (n: number): string => `.\\NATIVES\\001\\R-${n}.txt`;
const row = (n: number, family: [string, string] = ['', '']): string[] => [
  `R-${n}`,
  `R-${n}`,
  ...family,
  'A. Custodian',
  `memo ${n}`,
  md5(`native ${n}`),
  native(n),
];
const natives = (...numbers: number[]) =>
  Object.fromEntries(numbers.map((n) => [`NATIVES/001/R-${n}.txt`, `native ${n}`]));

/** Two documents of one family, and their images. */
export function relativity(encoding: 'utf8' | 'utf16le' | 'latin1' = 'utf8'): Record<string, string | Uint8Array> {
  const family: [string, string] = ['R-1', 'R-2'];
  const text = dat([header, row(1, family), row(2, family)]);
  const mark = encoding === 'latin1' ? '' : '\ufeff';
  return {
    'DATA/load.dat': Buffer.from(mark + text, encoding),
    'DATA/load.opt': 'R-1,VOL001,.\\IMAGES\\001\\R-1.tif,Y,,,1\r\nR-2,VOL001,.\\IMAGES\\001\\R-2.tif,Y,,,1\r\n',
    'IMAGES/001/R-1.tif': 'image 1',
    'IMAGES/001/R-2.tif': 'image 2',
    ...natives(1, 2),
  };
}

/** A row for each way to be wrong, one that is right, and a file that no row names. */
export function brokenRelativity(): Record<string, string> {
  const named = (n: number, path: string): string[] => [...row(n).slice(0, -1), path];
  const altered = [...row(3).slice(0, -2), md5('something else'), native(3)];
  return {
    'load.dat': dat([
      header,
      row(1),
      row(1),
      row(2),
      altered,
      named(4, '..\\..\\etc\\passwd'),
      named(5, 'C:\\NATIVES\\001\\R-1.txt'),
      named(6, '\\\\server\\share\\R-1.txt'),
      row(7).slice(0, 4),
      row(8, ['R-8', 'R-9']),
      named(10, ''),
    ]),
    ...natives(1, 3, 8),
    'NATIVES/001/stray.txt': 'stray',
  };
}

export function bayanat(): Record<string, string> {
  const media = (name: string, content: string) => ({ id: 7, filename: name, etag: md5(content), title: null });
  const bulletins = [
    { id: 11, title: 'نشرة', medias: [media('a.jpg', 'picture a')], assigned_to: { name: 'B. Analyst' } },
    { id: 12, title: 'Second', medias: [] },
  ];
  const text = bulletins.map((one) => JSON.stringify(one)).join(',');
  return { 'export.json': `{ \n"bulletins": [ \n${text}\n] \n }`, 'a.jpg': 'picture a' };
}

export function uwazi(): Record<string, string> {
  const columns = 'Title,Date added,Template,Geolocation,Documents,Attachments,Published';
  const rows = 'Judgment,2024-01-02,Case,,/files/1700.pdf,https://x.example/api/files/b.png,Published';
  return { 'entities.csv': `${columns}\n${rows}`, 'files/1700.pdf': 'document', 'b.png': 'attachment' };
}
