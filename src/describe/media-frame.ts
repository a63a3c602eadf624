// A key frame that another program has decoded: its likeness, and a thumbnail in the home. Runs in a worker thread.
import { lumaFromPixels, pdq, toHex } from '@dalil/imaging';
import { parsePpm } from './ppm.ts';
import type { Frames } from './media-set.ts';
import { writeThumbnail } from './thumbnail.ts';

export interface FrameInput {
  /** Binary PPM. */
  ppm: Uint8Array;
  thumbnailPath: string;
  thumbnailSide: number;
}
export type FrameSaid = Pick<Frames['list'][number], 'width' | 'height' | 'pdq' | 'thumbnail'>;

const thumbnailQuality = 75;

/** Describes a frame; null where the bytes are no picture. Throws what `writeThumbnail` throws. */
export async function describeFrame({ ppm, thumbnailPath, thumbnailSide }: FrameInput): Promise<FrameSaid | null> {
  const pixels = parsePpm(ppm);
  if (pixels === null) return null;
  const { hash, quality } = pdq(lumaFromPixels(pixels.data, pixels.width, pixels.height, 3));
  return {
    width: pixels.width,
    height: pixels.height,
    pdq: { hash: toHex(hash), quality },
    thumbnail: await writeThumbnail(pixels, 1, thumbnailPath, { thumbnailSide, thumbnailQuality }),
  };
}
