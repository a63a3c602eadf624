// Made-up pictures here; the real ones of ../shared/corpus where that folder is.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import exifr from 'exifr';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { resizePlane } from './align.ts';
import { syntheticPixels } from './fixtures.ts';
import type { LumaPlane } from './pdq.ts';
import { matchThumbnail } from './thumbnail-match.ts';

const scene = (seed: number): LumaPlane => ({ data: syntheticPixels(512, 341, 1, seed), width: 512, height: 341 });

test('a thumbnail with black margins agrees with its picture, and so does one that was cut to its shape', () => {
  const picture = scene(7);
  const small = resizePlane(picture, 160, 107);
  const margins = { data: new Float32Array(160 * 120), width: 160, height: 120 };
  margins.data.set(small.data, 160 * 6);
  const cutOff = new Float32Array(142 * 107);
  for (let y = 0; y < 107; y++) for (let x = 0; x < 142; x++) cutOff[y * 142 + x] = small.data[y * 160 + x + 9]!;
  expect(matchThumbnail(small, picture)).toMatchObject({ verdict: 'agrees', shows: 'whole' });
  expect(matchThumbnail(margins, picture)).toMatchObject({ verdict: 'agrees', shows: 'whole-with-margins' });
  expect(matchThumbnail({ data: cutOff, width: 142, height: 107 }, picture)).toMatchObject({
    verdict: 'agrees',
    shows: 'part',
  });
});

test('the thumbnail of another picture differs, and of a plain one nothing can be said', () => {
  expect(matchThumbnail(resizePlane(scene(8), 160, 107), scene(9)).verdict).toBe('differs');
  const grey = { data: new Uint8Array(160 * 120).fill(80), width: 160, height: 120 };
  expect(matchThumbnail(grey, scene(9)).verdict).toBe('undecided');
});

const corpus = new URL('../../../../shared/corpus/exif-samples/jpg/', import.meta.url).pathname;
const here = existsSync(corpus);
if (!here) console.log('skipped: no corpus beside the project');

test.skipIf(!here)('thumbnails of real cameras agree with their pictures', async () => {
  const luma = async (bytes: Buffer): Promise<LumaPlane> => {
    const { data, info } = await sharp(bytes, { failOn: 'none' })
      .resize({ width: 512, height: 512, fit: 'inside', withoutEnlargement: true })
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return { data: data.filter((_, i) => i % info.channels === 0), width: info.width, height: info.height };
  };
  const verdicts: string[] = [];
  for (const name of (readdirSync(corpus, { recursive: true }) as string[]).toSorted()) {
    if (!/^(exif-org|hdr|tests)\/.*\.jpe?g$/.test(name)) continue;
    const bytes = readFileSync(join(corpus, name));
    const inside = await exifr.thumbnail(bytes).catch(() => undefined);
    if (inside !== undefined && inside.length > 0) {
      verdicts.push(matchThumbnail(await luma(Buffer.from(inside)), await luma(bytes)).verdict);
    }
  }
  expect(verdicts.length).toBeGreaterThan(15);
  expect(verdicts.filter((verdict) => verdict !== 'agrees').length).toBeLessThanOrEqual(1);
  expect(verdicts).not.toContain('differs');
});
