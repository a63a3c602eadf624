import fc from 'fast-check';
import { expect, test } from 'vitest';
import { extensionDiffers, formatOf } from './format.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)));
const typeOf = (head: Uint8Array, size = head.length, tail?: Uint8Array): string => formatOf(head, size, tail).type;
const box = (...brands: string[]): Uint8Array =>
  bytes([0, 0, 0, 8 + 4 * (brands.length + 1)], 'ftyp', brands[0]!, [0, 0, 0, 0], ...brands.slice(1));
const tgaHeader = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 0, 24, 0];

test('formats are told by their signatures', () => {
  const found = [
    bytes([0xff, 0xd8, 0xff, 0xe1]),
    bytes([0x89], 'PNG\r\n\x1a\n'),
    bytes('GIF89a'),
    bytes('II', [0x2a, 0]),
    bytes('MM', [0, 0x2a]),
    bytes(
      'BM',
      Array.from({ length: 12 }, () => 0),
      [40, 0, 0, 0],
    ),
    bytes('RIFF', [1, 2, 3, 4], 'WEBPVP8 '),
    bytes('P6\n# made by hand\n2 2\n255\n'),
    bytes('%PDF-1.7'),
    bytes('PK', [3, 4]),
    bytes([0x1f, 0x8b, 8]),
    bytes(
      'a.txt',
      Array.from({ length: 252 }, () => 0),
      'ustar',
    ),
  ].map((head) => typeOf(head));
  expect(found).toEqual([
    'image/jpeg',
    'image/png',
    'image/gif',
    'image/tiff',
    'image/tiff',
    'image/bmp',
    'image/webp',
    'image/x-portable-anymap',
    'application/pdf',
    'application/zip',
    'application/gzip',
    'application/x-tar',
  ]);
});

test('ISO base media are told by their brands, also where only a compatible brand says HEVC', () => {
  expect(typeOf(box('heic', 'mif1'))).toBe('image/heic');
  expect(typeOf(box('mif1', 'heic'))).toBe('image/heic');
  expect(typeOf(box('mif1', 'avif'))).toBe('image/avif');
  expect(typeOf(box('mif1'))).toBe('image/heif');
  expect(typeOf(box('isom', 'mp42'))).toBe('video/mp4');
  expect(typeOf(box('qt  '))).toBe('video/quicktime');
});

test('text is told from bytes, Arabic in UTF-8 and UTF-16 surely, in windows-1256 as a guess', () => {
  const arabic = new TextEncoder().encode('شهادة من المعتقل السابق، سنة ٢٠١٤\n');
  expect(formatOf(arabic, arabic.length)).toEqual({ type: 'text/plain', sure: true, charset: 'utf-8' });
  // The head may end within a character.
  expect(formatOf(arabic.subarray(0, 3), 1000).charset).toBe('utf-8');
  expect(formatOf(bytes([0xff, 0xfe, 0x34, 0x06]), 4).charset).toBe('utf-16le');
  expect(formatOf(bytes([0xd4, 0xe5, 0xc7, 0xcf, 0xc9, 0x20, 0xc7, 0xe1]), 8)).toEqual({
    type: 'text/plain',
    sure: false,
    charset: 'windows-1256',
  });
  expect(typeOf(bytes('P1 is the first witness.'))).toBe('text/plain');
  expect(typeOf(bytes('<!DOCTYPE html><title>x</title>'))).toBe('text/html');
});

test('TGA is a guess without its footer and sure with it', () => {
  expect(formatOf(bytes(tgaHeader), 30)).toMatchObject({ type: 'image/x-tga', sure: false });
  expect(typeOf(bytes(tgaHeader), 20)).toBe('application/octet-stream');
  const footer = bytes(
    Array.from({ length: 8 }, () => 0),
    'TRUEVISION-XFILE.\0',
  );
  expect(formatOf(bytes(tgaHeader), 56, footer)).toMatchObject({ type: 'image/x-tga', sure: true });
});

test('nothing is empty, and noise is unknown', () => {
  expect(typeOf(new Uint8Array(0))).toBe('inode/x-empty');
  expect(typeOf(bytes([0x80, 0, 0xff, 1, 2, 3]))).toBe('application/octet-stream');
});

test('an extension differs only where it promises a format that the content is not', () => {
  const png = formatOf(bytes([0x89], 'PNG\r\n\x1a\n'), 8);
  expect(extensionDiffers('a/b/5447.JPG', png)).toBe(true);
  expect(extensionDiffers('5447.png', png)).toBe(false);
  expect(extensionDiffers('5447.215', png)).toBe(false);
  expect(extensionDiffers('5447', png)).toBe(false);
  const notes = formatOf(bytes('notes'), 5);
  expect(extensionDiffers('5447.jpg', notes)).toBe(true);
  expect(extensionDiffers('notes.md', notes)).toBe(false);
  expect(extensionDiffers('empty.jpg', formatOf(new Uint8Array(0), 0))).toBe(false);
});

test('any bytes have a format', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 26 }), fc.nat(), (head, tail, more) => {
      const { type, charset } = formatOf(head, head.length + more, tail);
      expect(type).toMatch(/^[a-z]+\/[a-z0-9.+-]+$/);
      expect(charset !== null).toBe(type.startsWith('text/'));
    }),
    { numRuns: 500 },
  );
});
