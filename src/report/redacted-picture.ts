// A picture with solid boxes over what may not be seen. Pixels are decoded, turned upright, painted and encoded anew, so
// that nothing of the file but its visible pixels outside the boxes has any way into the copy. Runs in a worker thread.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import sharp, { type OutputInfo } from 'sharp';
import { Fault } from '../case/fault.ts';
import { absentOriginal } from './absent.ts';

/** Pixels of the picture as it is shown, upright and at full size; x and y are of the upper left corner. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is done to a picture. */
export interface Operation {
  boxes: Box[];
  /** Width of the copy in pixels, no larger than the picture's; null keeps it. */
  width: number | null;
}

export interface RedactedPicture {
  jpeg: Uint8Array;
  width: number;
  height: number;
}

/** What reads and writes pixels here; in the record, since another version may give other bytes. */
export const encoder = `sharp ${sharp.versions.sharp}, libvips ${sharp.versions.vips}`;

/** Formats that sharp's own build decodes; it is given no other. */
const decodable = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/avif']);
/** As in describing: beyond it a small file may be a bomb. */
const pixelLimit = 60_000_000;
const quality = 90;

// One thread, so that the same picture gives the same bytes on every machine.
sharp.concurrency(1);
sharp.cache(false);

/**
 * The copy as JPEG without metadata. A function of the operation and of what shows outside the boxes: two pictures that
 * differ only below a box give the same bytes. Throws Fault('usage') where a box covers nothing of the picture, and
 * ('input-unreadable') where it cannot be decoded.
 */
export async function redactPicture(bytes: Uint8Array, { boxes, width }: Operation): Promise<RedactedPicture> {
  const { type } = formatOf(bytes.subarray(0, headLength), bytes.length, bytes.subarray(-26));
  if (!decodable.has(type))
    throw undecodable('There is no decoder here for pictures of this format.', type, nextFor(type));
  try {
    const { data, info } = await sharp(bytes, { failOn: 'none', limitInputPixels: pixelLimit })
      .autoOrient()
      // What lies below transparent pixels does not show, and must not begin to.
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    // Before it is made smaller: scaled first, what is below a box would bleed over its edge.
    for (const box of boxes) paint(data, info, box);
    const made = await sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
      .resize({ width: width ?? info.width, withoutEnlargement: true })
      .jpeg({ quality, chromaSubsampling: '4:4:4' })
      .toBuffer({ resolveWithObject: true });
    return { jpeg: made.data, width: made.info.width, height: made.info.height };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw undecodable('The picture cannot be decoded.', (error as Error).message.split('\n')[0]!, onlyDecoded, error);
  }
}

function paint(pixels: Buffer, { width, height, channels }: OutputInfo, box: Box): void {
  const [left, right] = [Math.max(0, box.x), Math.min(width, box.x + box.width)];
  const [top, bottom] = [Math.max(0, box.y), Math.min(height, box.y + box.height)];
  // A mistyped box must not pass for a redaction.
  if (left >= right || top >= bottom) {
    throw new Fault('usage', {
      what: 'A box covers nothing of the picture.',
      expected: `a box within ${width} x ${height} pixels, the picture upright`,
      got: `${box.x},${box.y},${box.width},${box.height}`,
      next: 'give the box in pixels of the picture as it is shown at full size',
    });
  }
  for (let y = top; y < bottom; y++) pixels.fill(0, (y * width + left) * channels, (y * width + right) * channels);
}

const onlyDecoded = 'only pictures that decode can be redacted';

/** sharp's own build decodes no HEVC, for patents' sake; other programs do. */
const nextFor = (type: string): string =>
  /^image\/hei[cf]/.test(type)
    ? 'make a JPEG from a copy of it with another program (heif-convert, or a viewer), receive that with `dalil intake <file> --source PSEUDONYM`, which seals it as an item of its own, and redact that item; say in the dossier with what it was made'
    : onlyDecoded;

function undecodable(what: string, got: string, next: string, cause?: unknown): Fault {
  return new Fault('input-unreadable', { what, got, next, cause });
}

/** One original, by where it lies and what its record seals. */
export interface RedactionOrder {
  path: string;
  sha256: string;
  /** E-00012 */
  item: string;
  operation: Operation;
}

/** Reads an original and redacts it. Throws Fault('case-damaged') where its bytes are not the sealed ones. */
export async function redactOriginal({ path, sha256, item, operation }: RedactionOrder): Promise<RedactedPicture> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw absentOriginal(item, cause);
    throw new Fault('input-unreadable', { what: `The original of ${item} cannot be read.`, got: String(code), cause });
  });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Fault('case-damaged', {
      what: `The original of ${item} has not the bytes that were sealed.`,
      next: 'run `dalil fixity restore --from <copy>`, then this command again',
    });
  }
  return redactPicture(bytes, operation);
}
