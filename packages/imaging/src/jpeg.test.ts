import fc from 'fast-check';
import { expect, test } from 'vitest';
import { walkJpeg } from './jpeg.ts';

const segment = (code: number, body: number[]): number[] => {
  return [0xff, code, (body.length + 2) >> 8, (body.length + 2) & 255, ...body];
};
const word = (letters: string): number[] => [...letters].map((c) => c.charCodeAt(0));
const table = (id: number, divisor: number): number[] => [id, ...Array.from({ length: 64 }, () => divisor)];
const frame = (code: number): number[] => segment(code, [8, 0, 48, 0, 64, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
const scan = [...segment(0xda, [1, 1, 0, 0, 63, 0]), 1, 2, 0xff, 0, 3, 0xff, 0xd0, 4];
const soi = [0xff, 0xd8];
const eoi = [0xff, 0xd9];
const exif = segment(0xe1, [...word('Exif\0\0'), ...word('II*\0'), 8, 0, 0, 0]);
const whole = [
  ...soi,
  ...segment(0xe0, word('JFIF\0\x01\x01')),
  ...exif,
  ...segment(0xdb, [...table(0, 2), ...table(1, 17)]),
  ...frame(0xc0),
  ...scan,
  ...eoi,
];
const walk = (bytes: number[]) => walkJpeg(Uint8Array.from(bytes));

test('a whole file gives its dimensions, tables, sampling and segments, and no problem', () => {
  const found = walk(whole);
  expect(found).toMatchObject({
    width: 64,
    height: 48,
    precision: 8,
    process: 'baseline',
    jfif: true,
    adobe: null,
    multiPicture: false,
    scans: 1,
    eoi: true,
    trailing: 0,
    problems: [],
  });
  expect(found.components).toEqual([
    { id: 1, across: 2, down: 2, table: 0 },
    { id: 2, across: 1, down: 1, table: 1 },
    { id: 3, across: 1, down: 1, table: 1 },
  ]);
  expect(found.tables.map(({ id, values }) => [id, values.length, values[0]])).toEqual([
    [0, 64, 2],
    [1, 64, 17],
  ]);
  expect(found.signature).toBe(`baseline 2x2:0,1x1:1,1x1:1 0=${'02'.repeat(64)} 1=${'11'.repeat(64)}`);
  expect(Uint8Array.from(whole).subarray(found.exif!.offset, found.exif!.offset + 4)).toEqual(
    Uint8Array.from(word('II*\0')),
  );
  expect(found.exif!.length).toBe(8);
});

test('a progressive file, an Adobe transform and a multi-picture index are told', () => {
  const found = walk([
    ...soi,
    ...segment(0xee, [...word('Adobe'), 0, 100, 0, 0, 0, 0, 2]),
    ...segment(0xe2, word('MPF\0')),
    ...frame(0xc2),
    ...scan,
    ...scan,
    ...eoi,
  ]);
  expect(found).toMatchObject({ process: 'progressive', adobe: 2, multiPicture: true, scans: 2 });
});

test('bytes after the end are counted, padding is not', () => {
  expect(walk([...whole, ...word('hidden')]).trailing).toBe(6);
  expect(walk([...whole, 0, 0, 0, 0xff]).trailing).toBe(0);
});

test('a file cut anywhere tells that its end is missing', () => {
  for (let length = 0; length < whole.length; length++) {
    expect(walk(whole.slice(0, length)).problems).toContain('no-eoi');
  }
  expect(walk(whole.slice(0, 20)).problems).toEqual(['cut-segment', 'no-frame', 'no-scan', 'no-eoi']);
});

test('other bytes are no JPEG file', () => {
  expect(walk(word('GIF89a')).problems).toEqual(['no-signature', 'no-frame', 'no-scan', 'no-eoi']);
});

test('any bytes are walked without an exception, also those of a broken file', () => {
  const broken = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 12 }).map((changes) => {
    const bytes = Uint8Array.from(whole);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(broken, fc.uint8Array({ maxLength: 300 })), (bytes) => {
      const found = walkJpeg(bytes);
      if (found.exif !== null) expect(found.exif.offset + found.exif.length).toBeLessThanOrEqual(bytes.length);
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }),
    { numRuns: 1000 },
  );
});
