// The crop of a number: its line alone, upright, 64 pixels high, by which people are asked what it says. A cache beside the
// thumbnails; what is missing there is made again from the sealed original.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { citedPath } from '@dalil/verify';
import sharp from 'sharp';
import { asFault, Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, type Workers } from '../store/workers.ts';
import type { CropOrder } from './crop-worker.ts';

/** A decoded, upright picture: three bytes a pixel, and how many times larger the whole picture is. */
export interface Colours {
  data: Buffer;
  width: number;
  height: number;
  scale: { x: number; y: number };
}

/** Corners in pixels of the whole upright picture: top left first, clockwise as it is read. */
export type Quad = readonly (readonly number[])[];

/** The longer side of what is read: at 5 Mpx and more a reduced decode still leaves the digits of a card 30 pixels. */
const readSide = 1600;

/** Pixels of a picture's file, upright and reduced. Throws where it does not decode. */
export async function decodeUpright(bytes: Buffer, pixelLimit: number): Promise<Colours> {
  const { data, info } = await sharp(bytes, { failOn: 'none', limitInputPixels: pixelLimit, ignoreIcc: true })
    .rotate()
    .resize({ width: readSide, height: readSide, fit: 'inside', withoutEnlargement: true })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`${info.channels} channels instead of 3`);
  const { width, height, orientation } = await sharp(bytes, { failOn: 'none', limitInputPixels: false }).metadata();
  const [fullWidth, fullHeight] = (orientation ?? 1) >= 5 ? [height, width] : [width, height];
  const scale = { x: fullWidth / info.width, y: fullHeight / info.height };
  return { data, width: info.width, height: info.height, scale };
}

const rows = 64;

/** The crop as WebP, without metadata. */
export async function cutCrop({ data, width, height, scale }: Colours, quad: Quad): Promise<Buffer> {
  const [a, b, c] = quad.map(([x, y]) => [x! / scale.x, y! / scale.y]) as [
    [number, number],
    [number, number],
    [number, number],
  ];
  const [long, tall] = [Math.hypot(b[0] - a[0], b[1] - a[1]), Math.hypot(c[0] - b[0], c[1] - b[1])];
  const columns = Math.max(8, Math.min(640, Math.round((long / tall) * rows)));
  const out = Buffer.alloc(rows * columns * 3);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const [u, v] = [(x + 0.5) / columns, (y + 0.5) / rows];
      const px = Math.floor(a[0] + (b[0] - a[0]) * u + (c[0] - b[0]) * v);
      const py = Math.floor(a[1] + (b[1] - a[1]) * u + (c[1] - b[1]) * v);
      const from = (Math.max(0, Math.min(height - 1, py)) * width + Math.max(0, Math.min(width - 1, px))) * 3;
      data.copy(out, (y * columns + x) * 3, from, from + 3);
    }
  }
  return sharp(out, { raw: { width: columns, height: rows, channels: 3 } })
    .webp({ quality: 75, effort: 0 })
    .toBuffer();
}

export const cropHash = (crop: Uint8Array): string => createHash('sha256').update(crop).digest('hex');

/** Where the crops of a picture are: a path to which `.<n>.webp` is added. */
export const cropPath = ({ home, id }: Pick<OpenCase, 'home' | 'id'>, sha256: string): string =>
  join(home.thumbnails, id, sha256.slice(0, 2), sha256);

/** Keeps a crop (mode 0600): there whole, or not at all. Throws Fault 'disk-full' or 'not-writable'. */
export async function keepCrop(path: string, n: number, crop: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}-${threadId}.part`;
  try {
    await writeFile(temporary, crop, { mode: 0o600 });
    await rename(temporary, `${path}.${n}.webp`);
  } catch (error) {
    throw asFault(error, 'writing the crop of a number');
  }
}

/** One thread for all: a crop is cut again seldom, and a server decodes no evidence beside its own work. */
let cutter: Workers<CropOrder, Uint8Array> | null = null;

/**
 * The crop of a reading, WebP: from the cache if that is the one of the record, else cut again out of the sealed original
 * and kept. `asRecorded`: whether it is, byte for byte, the one of the record, which another version of the encoder need
 * not make. Throws Fault 'usage' where there is no such reading, 'case-damaged' where the original is not there.
 */
export async function cropOf(
  opened: OpenCase,
  item: string,
  n: number,
): Promise<{ bytes: Uint8Array; asRecorded: boolean }> {
  const { rows: found } = await opened.index.pool.query<{ sha256: string; size: number; crop: string; quad: Quad }>(
    `select i.sha256, i.size, c.crop, c.quad from card_reading c join item i on i.handle = c.item
     where c.item = $1 and c.n = $2 and i.destroyed is null`,
    [item, n],
  );
  const reading = found[0];
  if (reading === undefined) {
    throw new Fault('usage', {
      what: 'There is no such number.',
      expected: 'a picture and the place of its reading, as E-00012.0',
      got: `${item}.${n}`,
      next: 'dalil queue numbers',
    });
  }
  const path = cropPath(opened, reading.sha256);
  const cached = await readFile(`${path}.${n}.webp`).catch(() => null);
  if (cached !== null && cropHash(cached) === reading.crop) return { bytes: cached, asRecorded: true };
  const original = join(opened.folder.path, citedPath({ store: 'originals', ...reading }));
  cutter ??= openWorkers<CropOrder, Uint8Array>(new URL('./crop-worker.ts', import.meta.url), { threads: 1 });
  const bytes = await cutter.run({ original, quad: reading.quad }).catch((cause: unknown) => {
    throw new Fault('case-damaged', { what: 'An original could not be read again.', next: 'dalil verify', cause });
  });
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await keepCrop(path, n, bytes);
  return { bytes, asRecorded: cropHash(bytes) === reading.crop };
}
