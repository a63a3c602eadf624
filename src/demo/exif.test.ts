// The EXIF encoder, read back by an independent reader.
import exifr from 'exifr';
import fc from 'fast-check';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { exifSegment, withSegment, type ExifFields } from './exif.ts';

const blank = async (width: number): Promise<Buffer> =>
  sharp({ create: { width, height: 8, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();

const sample: ExifFields = {
  byteOrder: 'big',
  make: 'Canon',
  model: 'Canon EOS 1100D',
  software: 'x',
  orientation: 6,
  taken: '2013-05-14T10:22:31',
  subsecond: '07',
  width: 640,
  height: 480,
  serial: '0830',
  lens: null,
  counter: 412,
  imageId: '0'.repeat(32),
  exposure: [1, 60],
  aperture: 56,
  sensitivity: 400,
  focalLength: 35,
  flash: true,
  thumbnail: null,
};

const text = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 .-]{0,30}[A-Za-z0-9]$/u);

test('every field reads back as it was written, in both byte orders', async () => {
  const jpeg = await blank(16);
  const fields = fc.record({
    byteOrder: fc.constantFrom('little' as const, 'big' as const),
    make: text,
    model: text,
    orientation: fc.constantFrom(1, 3, 6, 8),
    serial: fc.option(text),
    counter: fc.nat(0xffffffff),
    width: fc.nat(20_000),
    aperture: fc.integer({ min: 10, max: 220 }),
  });
  await fc.assert(
    fc.asyncProperty(fields, async (some) => {
      const bytes = withSegment(jpeg, exifSegment({ ...sample, ...some }));
      const read: unknown = await exifr.parse(bytes, { reviveValues: false, translateValues: false });
      expect(read).toMatchObject({
        Make: some.make,
        Model: some.model,
        Orientation: some.orientation,
        DateTimeOriginal: '2013:05:14 10:22:31',
        ExifImageWidth: some.width,
        ImageNumber: some.counter,
        ImageUniqueID: sample.imageId,
        FNumber: some.aperture / 10,
        ...(some.serial === null ? {} : { SerialNumber: some.serial }),
      });
    }),
    { numRuns: 60 },
  );
});

test('the embedded thumbnail comes out byte for byte, and the picture still decodes', async () => {
  const thumbnail = await blank(160);
  const bytes = withSegment(await blank(640), exifSegment({ ...sample, thumbnail }));
  expect(Buffer.from((await exifr.thumbnail(bytes))!).equals(thumbnail)).toBe(true);
  expect((await sharp(bytes).metadata()).orientation).toBe(6);
  expect((await sharp(bytes).raw().toBuffer({ resolveWithObject: true })).info.width).toBe(640);
});

test('a thumbnail too large for its segment is refused', () => {
  expect(() => exifSegment({ ...sample, thumbnail: new Uint8Array(65_400) })).toThrow(RangeError);
});
