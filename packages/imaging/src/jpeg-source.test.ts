// sharp writes with an encoder that has IJG's tables where its own extras are off: a second opinion on annex K.

import sharp from 'sharp';
import { expect, test } from 'vitest';
import { syntheticPixels } from './fixtures.ts';
import { walkJpeg } from './jpeg.ts';
import { ijgTable, jpegSource } from './jpeg-source.ts';

const picture = (quality: number, more: object = {}): Promise<Buffer> =>
  sharp(syntheticPixels(64, 48, 3, 1), { raw: { width: 64, height: 48, channels: 3 } })
    .jpeg({ quality, ...more })
    .toBuffer();

test('the quality with which libjpeg wrote a file is read from its tables', async () => {
  for (const quality of [1, 10, 49, 50, 75, 92, 100]) {
    expect(jpegSource(walkJpeg(await picture(quality))).ijgQuality).toBe(quality);
  }
});

test('other tables are of no quality, and nothing is ever said to be what it is consistent with', async () => {
  const walk = walkJpeg(await picture(75, { quantisationTable: 3 }));
  const { ijgQuality, consistentWith } = jpegSource(walk);
  expect(ijgQuality).toBeNull();
  expect(consistentWith.length).toBeGreaterThan(0);
  for (const sentence of consistentWith) expect(sentence).toMatch(/^consistent with /);
});

test('a table that differs in one element is not of that quality', async () => {
  const walk = walkJpeg(await picture(80));
  walk.tables[0]!.values[63]! += 1;
  expect(jpegSource(walk).ijgQuality).toBeNull();
});

test('a file without a frame is consistent with nothing', () => {
  expect(jpegSource(walkJpeg(new Uint8Array(0)))).toEqual({ ijgQuality: null, consistentWith: [] });
  expect(ijgTable(50, 'luminance').slice(0, 4)).toEqual([16, 11, 12, 14]);
});
