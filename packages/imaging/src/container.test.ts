import { expect, test } from 'vitest';
import { extensionDiffers, formatOf } from './format.ts';

const zeros = (n: number): number[] => Array.from({ length: n }, () => 0);
const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : part)));
const typeOf = (...parts: (string | number[])[]): string => {
  const head = bytes(...parts);
  return formatOf(head, head.length).type;
};
/** A local header of a zip, and the bytes of its member. */
const member = (name: string, content = ''): (string | number[])[] => {
  const [length, size] = [name.length, content.length].map((n) => [n & 255, n >> 8]);
  return ['PK', [3, 4, 20, 0, 0, 0, 0, 0], zeros(8), [...size!, 0, 0, ...size!, 0, 0, ...length!, 0, 0], name, content];
};

test('recordings are told by their signatures', () => {
  expect(typeOf([0x1a, 0x45, 0xdf, 0xa3, 0x9f, 0x42, 0x82, 0x84], 'webm')).toBe('video/webm');
  expect(typeOf([0x1a, 0x45, 0xdf, 0xa3, 0xa3, 0x42, 0x82, 0x88], 'matroska')).toBe('video/x-matroska');
  expect(typeOf('OggS', zeros(24), [1], 'vorbis')).toBe('audio/ogg');
  expect(typeOf('OggS', zeros(24), [0x80], 'theora')).toBe('video/ogg');
  expect(typeOf('FLV', [1, 5, 0, 0, 0, 9])).toBe('video/x-flv');
  expect(typeOf('#!AMR\n', [4])).toBe('audio/amr');
  expect(typeOf('FORM', [0, 0, 1, 0], 'AIFF')).toBe('audio/aiff');
  expect(typeOf([0, 0, 1, 0xba, 0x44])).toBe('video/mpeg');
  expect(typeOf('ID3', [3, 0, 0])).toBe('audio/mpeg');
  expect(typeOf([0, 0, 0, 8], 'wide', [0, 0, 0, 9], 'mdat')).toBe('video/quicktime');
  expect(typeOf([0, 0, 0, 16], 'ftypM4A ', zeros(4))).toBe('audio/mp4');
  expect(typeOf(...Array.from({ length: 4 }, () => [[0x47], zeros(187)]).flat())).toBe('video/mp2t');
});

test('sound without a signature is a guess, and needs three frames that lead to one another', () => {
  // MPEG-1 layer III, 128 kbit/s at 44.1 kHz: 417 bytes.
  const frame = [[0xff, 0xfb, 0x90, 0x00], zeros(413)];
  const sound = bytes(...frame, ...frame, ...frame);
  expect(formatOf(sound, sound.length)).toEqual({ type: 'audio/mpeg', sure: false, charset: null });
  const two = bytes(...frame, ...frame, zeros(500));
  expect(formatOf(two, two.length).type).toBe('application/octet-stream');
  const adts = [[0xff, 0xf1, 0x6c, 0x40, 0x01, 0x7f, 0xfc], zeros(4)];
  expect(typeOf(...adts, ...adts, ...adts)).toBe('audio/aac');
});

test('office documents are told from other zips, by the folder of their main part or by what they state', () => {
  const parts = member('[Content_Types].xml', '<Types/>');
  expect(typeOf(...parts, ...member('word/document.xml'))).toMatch(/wordprocessingml\.document$/);
  expect(typeOf(...parts, ...member('xl/workbook.xml'))).toMatch(/spreadsheetml\.sheet$/);
  expect(typeOf(...member('_rels/.rels'), ...member('ppt/presentation.xml'))).toMatch(/presentation$/);
  expect(typeOf(...parts, ...member('docProps/thumbnail.jpeg'))).toBe('application/x-ooxml');
  const text = 'application/vnd.oasis.opendocument.text';
  expect(typeOf(...member('mimetype', text), ...member('content.xml'))).toBe(text);
  expect(typeOf(...member('mimetype', 'no type at all'))).toBe('application/zip');
  expect(typeOf(...member('word/document.xml'))).toBe('application/zip');
});

test('a mailbox is told by its first two lines, and a sentence that begins with From is a text', () => {
  const head = 'From a@example.org Mon May  6 07:08:09 2013\n';
  expect(typeOf(`${head}Subject: x\n\nbody\n`)).toBe('application/mbox');
  expect(typeOf(`${head}and nothing like a field`)).toBe('text/plain');
  expect(typeOf('From the first day of 2013\non: nothing')).toBe('text/plain');
  expect(typeOf('From then on\nSubject: x\n')).toBe('text/plain');
});

test('compound files may bear any of the names that Office gave them', () => {
  const format = formatOf(bytes([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), 512);
  expect(format.type).toBe('application/x-ole-storage');
  expect(extensionDiffers('list.doc', format)).toBe(false);
  expect(extensionDiffers('list.jpg', format)).toBe(true);
});
