// Describes one file in one pass: one read, one decode, and from that decode both the perceptual hash and the thumbnail.
// Runs in a worker thread; whatever the bytes are, the answer is a description with its problems, never an exception.

import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { Format, JpegWalk } from '@dalil/imaging';
import {
  extensionDiffers,
  formatOf,
  headLength,
  lumaFromPixels,
  pdq,
  textFacts,
  toHex,
  walkJpeg,
} from '@dalil/imaging';
import sharp from 'sharp';
import { Fault } from '../case/fault.ts';
import type { DescribeProblemCode, DescribeSettings, Description } from './description.ts';
import { problem, undescribed } from './description.ts';
import { decodeHeic } from './heic.ts';
import { embeddedThumbnail, readMetadata } from './metadata.ts';
import { writeThumbnail, type Pixels } from './thumbnail.ts';

// One thread of the decoder for each worker: the workers are what runs side by side. No cache: no picture comes twice.
sharp.concurrency(1);
sharp.cache(false);

export interface DescribeInput {
  /** The file on disk to read. */
  path: string;
  /** Its name or path as received: only the extension is looked at. */
  name: string;
  /** Its bytes as received. */
  size: number;
  /** Where the thumbnail goes, in a folder that exists; null for none. */
  thumbnailPath: string | null;
  settings: DescribeSettings;
}

/** The formats that sharp's own build decodes. It is given no other, so its other loaders never see evidence. */
const decodable = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/avif']);
const hevc = new Set(['image/heic', 'image/heif']);

const textLimit = 8 * 1024 * 1024;
/** Formats that decode only in full are kept in full up to this many pixels (48 MB), and so hashed canonically. */
const wholePixels = 16_000_000;
/** More scans than this no camera and no program writes. */
const mostScans = 100;
/** What a reduced decode keeps at least along the longer side. */
const reducedSide = 512;

/**
 * Describes a file and writes its thumbnail (JPEG, upright, no metadata, mode 0600; whole or absent). Throws a Fault for
 * what is no evidence: 'input-unreadable', 'case-damaged' where the file has not the size that was received, 'disk-full'
 * and 'not-writable' for the thumbnail.
 */
export async function describeFile(input: DescribeInput): Promise<Description> {
  const { size } = input;
  const { bytes, format } = await readFormatted(input);
  const description = undescribed(size);
  const codes = new Set<DescribeProblemCode>();
  description.format = format.type;
  description.formatSure = format.sure;
  if (size === 0) codes.add('empty');
  if (extensionDiffers(input.name, format)) codes.add('extension-differs');
  if (format.charset !== null) {
    description.text = { ...textFacts(bytes, format.charset), charset: format.charset, cut: bytes.length < size };
  } else if (format.type.startsWith('image/')) {
    if (bytes.length === size) await describePicture(bytes, input, description, codes);
    else refuse(description, codes, 'too-large');
  }
  description.problems = [...codes].map(problem);
  return description;
}

/** The whole of a picture, the start of a text, the head of anything else. */
async function readFormatted({ path, size, settings }: DescribeInput): Promise<{ bytes: Buffer; format: Format }> {
  let file: FileHandle | null = null;
  try {
    file = await open(path, 'r');
    const found = (await file.stat()).size;
    if (found !== size) {
      throw new Fault('case-damaged', {
        what: 'A file has not the size that was received.',
        expected: `${size} bytes`,
        got: `${found} bytes`,
        next: 'dalil verify',
      });
    }
    const bytes = Buffer.allocUnsafe(Math.min(size, settings.byteLimit));
    const head = await fill(file, bytes.subarray(0, headLength), 0);
    const tail = await fill(file, Buffer.alloc(Math.min(size, 26)), Math.max(0, size - 26));
    const format = formatOf(head, size, tail);
    let wanted = head.length;
    if (format.charset !== null) wanted = Math.min(bytes.length, textLimit);
    else if (format.type.startsWith('image/')) wanted = bytes.length;
    if (wanted > head.length) await fill(file, bytes.subarray(head.length, wanted), head.length);
    return { bytes: bytes.subarray(0, Math.max(wanted, head.length)), format };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('input-unreadable', { what: 'A file could not be read.', next: 'dalil verify', cause: error });
  } finally {
    await file?.close();
  }
}

async function fill(file: FileHandle, into: Buffer, from: number): Promise<Buffer> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, from + filled);
    if (bytesRead === 0) throw new Error('the file became shorter while it was read');
    filled += bytesRead;
  }
  return into;
}

async function describePicture(
  bytes: Buffer,
  { settings, thumbnailPath }: DescribeInput,
  description: Description,
  codes: Set<DescribeProblemCode>,
): Promise<void> {
  const jpeg = description.format === 'image/jpeg' ? walkJpeg(bytes) : null;
  const found = await readMetadata(bytes, description.format, settings.metadataLimit);
  description.metadata = found.metadata;
  if (found.damaged) codes.add('bad-exif');
  if (jpeg !== null) {
    const { process, signature, jfif, adobe, scans, eoi, trailing } = jpeg;
    description.jpeg = { process, signature, jfif, adobe, scans, eoi, trailing };
    if (trailing > 0 && !jpeg.multiPicture) codes.add('trailing-bytes');
  }
  const inside = embeddedThumbnail(bytes, description.format, jpeg, found.thumbnail);
  if (inside !== null) {
    const { width, height } = walkJpeg(inside);
    description.embedded = { bytes: inside.length, width, height };
  }

  const turnedByDecoder = hevc.has(description.format) || description.format === 'image/avif';
  const orientation = turnedByDecoder ? null : found.orientation;
  const pixels = hevc.has(description.format)
    ? await decodeHevc(bytes, description, codes, settings)
    : await decodePicture(bytes, description, codes, settings, jpeg);
  if (description.picture !== null && orientation !== null) {
    description.picture.orientation = orientation;
    if (orientation >= 5) {
      const { width, height } = description.picture;
      Object.assign(description.picture, { shownWidth: height, shownHeight: width });
    }
  }
  if (pixels === null) return;
  const full = pixels.width === description.picture?.width && pixels.height === description.picture.height;
  const { hash, quality } = pdq(lumaFromPixels(pixels.data, pixels.width, pixels.height, 3));
  description.pdq = { hash: toHex(hash), quality, method: full ? 'full' : 'reduced-512' };
  if (thumbnailPath !== null) {
    description.thumbnail = await writeThumbnail(pixels, orientation ?? 1, thumbnailPath, settings);
  }
}

async function decodeHevc(
  bytes: Buffer,
  description: Description,
  codes: Set<DescribeProblemCode>,
  settings: DescribeSettings,
): Promise<Pixels | null> {
  const result = await decodeHeic(bytes, settings.pixelLimit);
  if (result.width !== null && result.height !== null) setSides(description, result.width, result.height);
  switch (result.state) {
    case 'decoded':
      description.decode = { state: 'complete', rows: null, complaint: null };
      return { data: result.pixels, width: result.width, height: result.height };
    case 'refused':
      return refuse(description, codes, 'pixel-limit');
    case 'no-decoder':
      return lacksDecoder(description, codes, result.complaint);
    case 'failed':
      return fail(description, codes, result.complaint);
  }
}

async function decodePicture(
  bytes: Buffer,
  description: Description,
  codes: Set<DescribeProblemCode>,
  settings: DescribeSettings,
  jpeg: JpegWalk | null,
): Promise<Pixels | null> {
  if (!decodable.has(description.format)) return lacksDecoder(description, codes, null);
  let { width, height } = jpeg ?? { width: null, height: null };
  if (jpeg === null) {
    try {
      // Only the header is parsed, so no limit is needed yet.
      ({ width, height } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata());
    } catch (error) {
      return fail(description, codes, complaintOf(error));
    }
  }
  // A height of 0 (DNL) is legal and nowhere decoded.
  if (width === null || height === null || width * height === 0) return fail(description, codes, 'no dimensions');
  setSides(description, width, height);
  if (width * height > settings.pixelLimit) return refuse(description, codes, 'pixel-limit');

  const size = reducedSize(width, height, jpeg === null ? wholePixels : settings.fullDecodePixels);
  try {
    const pixels = await decode(bytes, size, settings, { failOn: 'warning' });
    description.decode = { state: 'complete', rows: null, complaint: null };
    if (jpeg !== null && !jpeg.eoi) codes.add('no-eoi');
    return pixels;
  } catch (strict) {
    return decodeTolerantly(bytes, size, description, codes, settings, jpeg, complaintOf(strict));
  }
}

async function decodeTolerantly(
  bytes: Buffer,
  size: Size | null,
  description: Description,
  codes: Set<DescribeProblemCode>,
  settings: DescribeSettings,
  jpeg: JpegWalk | null,
  complaint: string,
): Promise<Pixels | null> {
  let pixels: Pixels;
  try {
    // Within its limits the JPEG decoder gives up at the second warning; outside them hundreds of scans would be a bomb.
    const unlimited = jpeg !== null && jpeg.scans <= mostScans;
    pixels = await decode(bytes, size, settings, { failOn: 'none', unlimited });
  } catch (error) {
    if (jpeg !== null && rareVariant(jpeg)) return lacksDecoder(description, codes, complaint);
    return fail(description, codes, complaintOf(error));
  }
  const rows = rowsDecoded(pixels, jpeg);
  if (rows === 0) return fail(description, codes, complaint);
  description.decode = { state: 'partial', rows, complaint };
  if (rows !== null && rows < 1) codes.add('truncated');
  else if (jpeg !== null && !jpeg.eoi) codes.add('no-eoi');
  else codes.add('broken-picture');
  return pixels;
}

interface Size {
  width: number;
  height: number;
}

/**
 * The size of a picture reduced by 8, 4 or 2, which the JPEG decoder does while decoding; null where it is to be decoded
 * in full. An exact divisor leaves no second scaling: 12.8 ms for 5 Mpx against 14.6 to exactly 512, and nearer hashes.
 */
function reducedSize(width: number, height: number, fullPixels: number): Size | null {
  if (width * height <= fullPixels) return null;
  const divisor = [8, 4, 2].find((by) => Math.floor(Math.max(width, height) / by) >= reducedSide);
  if (divisor === undefined) return null;
  const reduce = (side: number): number => Math.max(1, Math.floor(side / divisor));
  return { width: reduce(width), height: reduce(height) };
}

async function decode(
  bytes: Buffer,
  size: Size | null,
  { pixelLimit }: DescribeSettings,
  tolerance: { failOn: 'warning' | 'none'; unlimited?: boolean },
): Promise<Pixels> {
  // Colour profiles are left out of it, as in the reference of the hash; a conversion would cost 8 ms.
  let picture = sharp(bytes, { ...tolerance, limitInputPixels: pixelLimit, ignoreIcc: true });
  if (size !== null) picture = picture.resize({ ...size, fit: 'fill' });
  const { data, info } = await picture
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels instead of 3`);
  return { data, width: info.width, height: info.height };
}

/**
 * The share of rows from the top down to the last one that is not the decoder's filler. libjpeg fills what it has no
 * data for with mid-grey, the others leave zeros; a picture that truly ends in flat grey or black is taken for shorter
 * than it is, which is the safe side. Null for CMYK, where the filler has no fixed colour.
 */
function rowsDecoded({ data, width, height }: Pixels, jpeg: JpegWalk | null): number | null {
  if (jpeg !== null && jpeg.components.length > 3) return null;
  const [least, most] = jpeg === null ? [0, 0] : [127, 129];
  for (let at = data.length - 1; at >= 0; at--) {
    if (data[at]! < least || data[at]! > most) {
      const rows = Math.floor(at / (width * 3)) + 1;
      return Math.floor((rows / height) * 1000) / 1000;
    }
  }
  return 0;
}

function setSides(description: Description, width: number, height: number): void {
  description.picture = { width, height, shownWidth: width, shownHeight: height, orientation: null };
}

function refuse(description: Description, codes: Set<DescribeProblemCode>, code: 'pixel-limit' | 'too-large'): null {
  description.decode.state = 'refused';
  codes.add(code);
  return null;
}

function lacksDecoder(description: Description, codes: Set<DescribeProblemCode>, complaint: string | null): null {
  description.decode = { state: 'no-decoder', rows: null, complaint };
  codes.add('no-decoder');
  return null;
}

/** Legal JPEG that no decoder here takes: 12-bit samples, lossless, hierarchical. */
function rareVariant({ precision, process }: JpegWalk): boolean {
  return precision === 12 || process === 'lossless' || process === 'hierarchical';
}

function fail(description: Description, codes: Set<DescribeProblemCode>, complaint: string): null {
  description.decode = { state: 'failed', rows: null, complaint };
  codes.add('undecodable');
  return null;
}

function complaintOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/[\s\p{Cc}\p{Surrogate}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
