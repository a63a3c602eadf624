// Small pictures for finding one's way, kept in the home beside the case: disposable, no evidence, never shown unasked.
// JPEG, upright, without metadata, mode 0600; whole or absent.
import { rename, rm, writeFile } from 'node:fs/promises';
import { threadId } from 'node:worker_threads';
import sharp from 'sharp';
import { asFault } from '../case/fault.ts';
import type { DescribeSettings, Description } from './description.ts';

/** Pixels of a decode, three bytes each. */
export interface Pixels {
  data: Buffer;
  width: number;
  height: number;
}

/**
 * Writes a thumbnail into a folder that exists, turned as Exif 2.32 says for `orientation` (1 to 8). Throws
 * Fault('disk-full') and Fault('not-writable').
 */
export async function writeThumbnail(
  { data, width, height }: Pixels,
  orientation: number,
  path: string,
  { thumbnailSide, thumbnailQuality }: Pick<DescribeSettings, 'thumbnailSide' | 'thumbnailQuality'>,
): Promise<NonNullable<Description['thumbnail']>> {
  // Mirrored first, then turned clockwise (Exif 2.32, tag 274).
  const [mirrored, angle] = (
    [
      [false, 0],
      [true, 0],
      [false, 180],
      [true, 180],
      [true, 270],
      [false, 90],
      [true, 90],
      [false, 270],
    ] as const
  )[orientation - 1]!;
  const { data: jpeg, info } = await sharp(data, { raw: { width, height, channels: 3 } })
    .flop(mirrored)
    .rotate(angle)
    .resize({ width: thumbnailSide, height: thumbnailSide, fit: 'inside', withoutEnlargement: true })
    .jpeg({ quality: thumbnailQuality })
    .toBuffer({ resolveWithObject: true });
  const temporary = `${path}.${process.pid}-${threadId}.part`;
  try {
    await writeFile(temporary, jpeg, { mode: 0o600 });
    // A crash before this line leaves a .part file that the next attempt of the same worker writes over.
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw asFault(error, 'writing a thumbnail');
  }
  return { width: info.width, height: info.height, bytes: jpeg.length };
}
