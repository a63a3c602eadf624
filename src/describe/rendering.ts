// A picture as somebody is shown it: drawn anew from its pixels, small, in greys, without a byte of its file and without
// metadata. Runs in a worker thread; nothing of it is kept anywhere.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import sharp, { type Sharp } from 'sharp';
import { Fault } from '../case/fault.ts';
import { decodeHeic } from './heic.ts';

sharp.concurrency(1);
sharp.cache(false);

export interface RenderingOrder {
  /** Where the original lies, and what its record seals. */
  path: string;
  sha256: string;
  /** The longer side at most, in pixels. */
  side: number;
  colour: boolean;
}

export interface Rendering {
  webp: Uint8Array;
  width: number;
  height: number;
}

/** The formats that sharp's own build decodes. It is given no other: no SVG, no PDF, nothing that could say what to load. */
const decodable = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/tiff', 'image/webp', 'image/avif']);
const hevc = new Set(['image/heic', 'image/heif']);
const pixelLimit = 60_000_000;

/** Throws Fault('input-unreadable') where it does not decode, ('case-damaged') where its bytes are not the sealed ones. */
export async function renderOriginal({ path, sha256, side, colour }: RenderingOrder): Promise<Rendering> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new Fault('input-unreadable', { what: 'The original is not in the case.', next: 'dalil verify', cause });
  });
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) {
    throw new Fault('case-damaged', {
      what: 'The original has not the bytes that were sealed.',
      next: 'dalil verify, and restore it from a copy',
    });
  }
  const { type } = formatOf(bytes.subarray(0, headLength), bytes.length, bytes.subarray(-26));
  try {
    const picture = await decode(bytes, type);
    const small = picture
      .resize({ width: side, height: side, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#808080' });
    const { data, info } = await (colour ? small.toColourspace('srgb') : small.greyscale())
      .webp({ quality: 80, effort: 2 })
      .toBuffer({ resolveWithObject: true });
    return { webp: new Uint8Array(data), width: info.width, height: info.height };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw undecodable(error);
  }
}

async function decode(bytes: Buffer, type: string): Promise<Sharp> {
  if (decodable.has(type)) return sharp(bytes, { failOn: 'none', limitInputPixels: pixelLimit }).autoOrient();
  if (!hevc.has(type)) throw undecodable();
  const decoded = await decodeHeic(bytes, pixelLimit);
  if (decoded.state !== 'decoded') throw undecodable();
  const { width, height, pixels } = decoded;
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

const undecodable = (cause?: unknown): Fault =>
  new Fault('input-unreadable', {
    what: 'This cannot be shown: it does not decode as a picture here.',
    next: 'the item page says what is known of it',
    cause,
  });
