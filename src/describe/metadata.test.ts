import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localTime, normaliseMetadata, readMetadata } from './metadata.ts';

test('a camera time stays the local time that it wrote, with fractions and offset where given', () => {
  expect(localTime('2013:05:06 07:08:09')).toBe('2013-05-06T07:08:09');
  expect(localTime('2013:05:06 07:08:09', '5')).toBe('2013-05-06T07:08:09.500');
  expect(localTime('2013:05:06 07:08:09\0', ' 123456 ', '+03:00')).toBe('2013-05-06T07:08:09.123+03:00');
  expect(localTime('2013-05-06 07:08:09', '', 'Z')).toBe('2013-05-06T07:08:09+00:00');
  expect(localTime('2012:02:29 23:59:60')).toBe('2012-02-29T23:59:60');
});

test('what is no time is none', () => {
  for (const time of [
    '0000:00:00 00:00:00',
    '    :  :     :  :  ',
    '2013:13:01 00:00:00',
    '2013:02:29 00:00:00',
    '2013:05:06 24:00:00',
    '2013:05:06',
    '',
    20130506,
    undefined,
  ]) {
    expect(localTime(time)).toBeNull();
  }
  expect(localTime('2013:05:06 07:08:09', 'x', '+99:00')).toBe('2013-05-06T07:08:09');
});

test('the facts that evidence is asked for are taken from where they belong', () => {
  const { metadata, orientation, thumbnail } = normaliseMetadata(
    {
      ifd0: {
        Make: ' Nikon \0',
        Model: 'D70',
        Software: 'Ver.1.0\n',
        ModifyDate: '2014:01:02 03:04:05',
        Orientation: 6,
      },
      ifd1: { ThumbnailOffset: 566, ThumbnailLength: 1700 },
      exif: {
        DateTimeOriginal: '2013:05:06 07:08:09',
        SubSecTimeOriginal: '70',
        CreateDate: '2013:05:06 07:08:10',
        SerialNumber: '3001234',
        ImageNumber: 5447,
        MakerNote: new Uint8Array(90),
      },
      gps: { latitude: 33.513_888_888_8, longitude: 36.29 },
    },
    10_000,
  );
  expect(metadata).toMatchObject({
    taken: '2013-05-06T07:08:09.700',
    takenFrom: 'DateTimeOriginal',
    modified: '2014-01-02T03:04:05',
    make: 'Nikon',
    model: 'D70',
    serial: '3001234',
    software: 'Ver.1.0',
    counter: 5447,
    latitude: 33.513_888_9,
    longitude: 36.29,
    rawCut: false,
  });
  expect(metadata!.raw).toMatchObject({ exif: { MakerNote: { bytes: 90 } } });
  expect([orientation, thumbnail]).toEqual([6, { offset: 566, length: 1700 }]);
});

test('nothing is made of nonsense', () => {
  const { metadata, orientation } = normaliseMetadata(
    {
      ifd0: { Make: [1], Model: '', Orientation: 9 },
      exif: { SerialNumber: '000000', ImageNumber: 0xffffffff, DateTimeOriginal: '0000:00:00 00:00:00' },
      gps: { latitude: 91, longitude: Number.NaN },
    },
    1000,
  );
  expect(metadata).toMatchObject({
    taken: null,
    takenFrom: null,
    make: null,
    model: null,
    serial: null,
    counter: null,
    latitude: null,
    longitude: null,
  });
  expect(orientation).toBeNull();
});

test('hostile names stay data, and text becomes fit for a database', () => {
  const hostile = JSON.parse('{"ifd0":{"__proto__":{"polluted":true},"constructor":"c"}}') as Record<string, unknown>;
  const { metadata } = normaliseMetadata({ ...hostile, xmp: 'a\0b\ud800' }, 1000);
  expect(JSON.stringify(metadata!.raw)).toBe(
    '{"ifd0":{"__proto__":{"polluted":true},"constructor":"c"},"xmp":"a\ufffdb\ufffd"}',
  );
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('raw values are cut at the limit, and it is said', () => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`Tag${i}`, 'x'.repeat(100)]));
  const { metadata } = normaliseMetadata({ ifd0: many }, 2000);
  expect(metadata!.rawCut).toBe(true);
  expect(JSON.stringify(metadata!.raw).length).toBeLessThan(4000);
});

test('anything at all becomes plain JSON that comes back the same', () => {
  const anything = fc.dictionary(
    fc.constantFrom('ifd0', 'ifd1', 'exif', 'gps', 'xmp', '__proto__'),
    fc.anything({ withBigInt: true, withDate: true, withTypedArray: true, withNullPrototype: true }),
  );
  fc.assert(
    fc.property(anything, fc.nat(500), (blocks, limit) => {
      const { metadata } = normaliseMetadata(blocks, limit);
      const json = JSON.stringify(metadata);
      expect(JSON.stringify(JSON.parse(json))).toBe(json);
      expect(json).not.toMatch(/\\u0000|\\ud[89a-f]/);
    }),
    { numRuns: 500 },
  );
});

test('broken bytes are damage or nothing, never an exception', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('image/jpeg', 'image/tiff', 'image/png', 'image/heic', 'image/gif'),
      fc.constantFrom(
        [0xff, 0xd8, 0xff, 0xe1, 0, 60, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x49, 0x49, 0x2a, 0],
        [0x49, 0x49, 0x2a, 0],
        [],
      ),
      fc.uint8Array({ maxLength: 200 }),
      async (format, start, rest) => {
        const result = await readMetadata(Buffer.from([...start, ...rest]), format, 1000);
        expect(typeof result.damaged).toBe('boolean');
      },
    ),
    { numRuns: 300 },
  );
});
