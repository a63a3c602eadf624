import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exifOfHeif } from './heif.ts';

const word = (letters: string): number[] => [...letters].map((c) => c.charCodeAt(0));
const u16 = (n: number): number[] => [n >> 8, n & 255];
const u32 = (n: number): number[] => [n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255];
const box = (kind: string, body: number[]): number[] => [...u32(body.length + 8), ...word(kind), ...body];
const full = (kind: string, version: number, body: number[]): number[] => box(kind, [version, 0, 0, 0, ...body]);

const tiff = [...word('II*\0'), 8, 0, 0, 0, 0, 0, 0, 0];
const payload = [...u32(6), ...word('Exif\0\0'), ...tiff];

function file(offset: number, extents = 1, method = 0): Uint8Array {
  const plain = [u16(1), u16(0), u16(0), u16(extents), u32(9), u32(9)];
  const exif = [u16(2), u16(method), u16(0), u16(extents), u32(offset), u32(payload.length)];
  const items = [...plain, ...exif].flat();
  return Uint8Array.from([
    ...box('ftyp', word('heic\0\0\0\0mif1')),
    ...full('meta', 0, [
      ...full('hdlr', 0, word('\0\0\0\0pict')),
      ...full('iinf', 0, [
        ...u16(2),
        ...full('infe', 2, [...u16(1), ...u16(0), ...word('hvc1')]),
        ...full('infe', 2, [...u16(2), ...u16(0), ...word('Exif')]),
      ]),
      ...full('iloc', 1, [...u16(0x4400), ...u16(2), ...items]),
    ]),
    ...box('mdat', payload),
  ]);
}
const start = file(0).length - payload.length;

test('the TIFF block of the Exif item is found', () => {
  const bytes = file(start);
  const { offset, length } = exifOfHeif(bytes)!;
  expect([...bytes.subarray(offset, offset + length)]).toEqual(tiff);
});

test('an item outside of the file, in pieces or inside another item is none', () => {
  expect(exifOfHeif(file(start + 1))).toBeNull();
  expect(exifOfHeif(file(start, 1, 1))).toBeNull();
  expect(exifOfHeif(file(start, 2))).toBeNull();
  expect(exifOfHeif(Uint8Array.from(box('ftyp', word('heic'))))).toBeNull();
  // A box of length 0 within zeros: what some readers never get past.
  expect(
    exifOfHeif(Uint8Array.from([...box('ftyp', word('heic')), ...Array.from({ length: 60 }, () => 0)])),
  ).toBeNull();
});

test('any bytes end, inside the bytes', () => {
  const whole = file(start);
  const changed = fc
    .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 })
    .map((changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), whole));
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const found = exifOfHeif(bytes);
      if (found !== null) expect(found.offset + found.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2000 },
  );
});
