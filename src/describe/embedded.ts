// Compares a picture with the small one inside its file, both as stored. Runs in a worker thread; whatever the bytes are,
// the answer is a record, never an exception.
import { open } from 'node:fs/promises';
import { formatOf, headLength, matchThumbnail, walkJpeg, type LumaPlane } from '@dalil/imaging';
import sharp from 'sharp';
import { Fault } from '../case/fault.ts';
import { problem } from './description.ts';
import { uncompared, type EmbeddedRecord, type EmbeddedSettings } from './embedded-records.ts';
import { embeddedThumbnail, readMetadata } from './metadata.ts';

sharp.concurrency(1);
sharp.cache(false);

export interface EmbeddedInput {
  /** The file on disk, and its bytes as received. */
  path: string;
  size: number;
  settings: EmbeddedSettings;
}

/**
 * A picture that does not decode whole is not compared: its grey part would be taken for a difference. Throws a Fault
 * where the file cannot be read ('input-unreadable') or has another size ('case-damaged').
 */
export async function compareEmbedded({ path, size, settings }: EmbeddedInput): Promise<EmbeddedRecord> {
  const undecided = uncompared(settings, []);
  if (size > settings.byteLimit) return undecided;
  const bytes = await readWhole(path, size);
  const format = formatOf(bytes.subarray(0, headLength), size, bytes.subarray(Math.max(0, size - 26))).type;
  const jpeg = format === 'image/jpeg' ? walkJpeg(bytes) : null;
  const { thumbnail } = await readMetadata(bytes, format, 0);
  const inside = embeddedThumbnail(bytes, format, jpeg, thumbnail);
  const small = inside === null ? null : await lumaOf(inside, settings);
  if (small === null) return { ...undecided, problems: [problem('thumbnail-broken')] };
  const large = await lumaOf(bytes, settings);
  const sides = { width: small.width, height: small.height };
  if (large === null) return { ...undecided, sides };
  const { verdict, shows, alignment } = matchThumbnail(small.plane, large.plane);
  if (alignment === null) return { ...undecided, verdict, sides };
  const { score, weakest, covers } = alignment;
  const measured = { score: round(score), weakest: weakest === null ? null : round(weakest), covers: round(covers) };
  return { ...undecided, verdict, shows, alignment: measured, sides };
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

async function readWhole(path: string, size: number): Promise<Buffer> {
  let bytes: Buffer;
  const file = await open(path, 'r').catch((error: unknown) => {
    throw new Fault('input-unreadable', { what: 'A file could not be read.', next: 'dalil verify', cause: error });
  });
  try {
    bytes = await file.readFile();
  } catch (error) {
    throw new Fault('input-unreadable', { what: 'A file could not be read.', next: 'dalil verify', cause: error });
  } finally {
    await file.close();
  }
  if (bytes.length === size) return bytes;
  throw new Fault('case-damaged', {
    what: 'A file has not the size that was received.',
    expected: `${size} bytes`,
    got: `${bytes.length} bytes`,
    next: 'dalil verify',
  });
}

/** Brightness as stored, reduced to the side of the settings; null where it is no JPEG or TIFF, or does not decode whole. */
async function lumaOf(
  bytes: Buffer,
  { side, pixelLimit }: EmbeddedSettings,
): Promise<{ plane: LumaPlane; width: number; height: number } | null> {
  // The decoder is given what was recognised, so its other loaders never see evidence.
  const { type } = formatOf(
    bytes.subarray(0, headLength),
    bytes.length,
    bytes.subarray(Math.max(0, bytes.length - 26)),
  );
  if (type !== 'image/jpeg' && type !== 'image/tiff') return null;
  try {
    const picture = sharp(bytes, { failOn: 'warning', limitInputPixels: pixelLimit, ignoreIcc: true });
    const { width, height } = await picture.metadata();
    const { data, info } = await picture
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .removeAlpha()
      .toColourspace('b-w')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 1) return null;
    return { plane: { data, width: info.width, height: info.height }, width, height };
  } catch {
    return null;
  }
}
