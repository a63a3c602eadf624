// What is measured on: random files, pictures of 5 Mpx drawn by the demo, and many distinct files made from those.
// Made once a run and shared; the same bytes every time, apart from the random files.
import { randomFillSync } from 'node:crypto';
import { link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { planDemo, type Content } from '../src/demo/plan.ts';
import { demoRules } from '../src/demo/rules.ts';
import type { Made, Order } from '../src/demo/worker.ts';
import { openWorkers } from '../src/store/workers.ts';
import type { Size } from './benchmark.ts';

export interface Material {
  /** A folder of `count` files of 2 MiB each, all random, in folders of 32. */
  random(count: number): Promise<string>;
  /** A folder with the first `count` of the pictures of 5 Mpx, each drawn for itself. */
  pictures(count: number): Promise<string>;
  /** `count` distinct files of 5 Mpx in `folder`: the pictures again and again, each with a time of its own in its EXIF. */
  manyPictures(folder: string, count: number): Promise<void>;
  /** Folders of 1,000 small pictures each in `folder`, all of distinct content. */
  smallPictures(folder: string, thousands: number, each: number): Promise<string[]>;
  /** Rules for the paths of the small ones. */
  rules(): Promise<string>;
}

/** How many pictures are drawn; beyond that they are varied. */
export const drawn: Record<Size, number> = { full: 500, quick: 24 };
const megapixels = 5;

export function openMaterial(at: string, size: Size, say: (text: string) => void): Material {
  const there: string[] = [];
  /** The first `count` drawn pictures: each is drawn when it is first wanted. */
  const atLeast = async (count: number): Promise<string[]> => {
    if (count > drawn[size]) throw new RangeError(`only ${drawn[size]} pictures are drawn at this size`);
    if (there.length < count) {
      say(`drawing ${count - there.length} pictures of ${megapixels} Mpx`);
      there.push(...(await draw(join(at, 'drawn'), drawn[size], there.length, count)));
    }
    return there.slice(0, count);
  };
  const all = (): Promise<string[]> => atLeast(drawn[size]);
  return {
    async random(count) {
      const folder = join(at, `random-${count}`);
      if (await mkdir(folder, { recursive: true })) {
        say(`writing ${count} random files of 2 MiB`);
        const bytes = Buffer.alloc(2 << 20);
        for (let i = 0; i < count; i++) {
          if (i % 32 === 0) await mkdir(join(folder, String(i / 32)));
          await writeFile(join(folder, String(i >> 5), `${i}.bin`), randomFillSync(bytes));
        }
      }
      return folder;
    },

    async pictures(count) {
      const paths = await atLeast(count);
      const folder = join(at, `pictures-${count}`);
      if (await mkdir(folder, { recursive: true })) {
        for (const [i, path] of paths.entries()) await link(path, join(folder, `DSC_${1000 + i}.JPG`));
      }
      return folder;
    },

    async manyPictures(folder, count) {
      const paths = await all();
      say(`writing ${count} distinct files of 5 Mpx from ${paths.length} pictures`);
      for (let i = 0; i < count; i++) {
        const bytes = await readFile(paths[i % paths.length]!);
        const to = join(folder, pathOf(i));
        await mkdir(join(to, '..'), { recursive: true });
        await writeFile(to, withTime(bytes, i));
      }
    },

    async smallPictures(folder, thousands, each) {
      const paths = await all();
      say(`making ${thousands * each} small pictures`);
      await cut(paths, folder, thousands * each, each);
      return Array.from({ length: thousands }, (_, part) => join(folder, partOf(part)));
    },

    async rules() {
      const path = join(at, 'rules.json');
      await writeFile(path, JSON.stringify(demoRules));
      return path;
    },
  };
}

/** Draws some of `count` pictures of the demo: cards, plates, incidents, documents as they come; no copies, none damaged. */
async function draw(folder: string, count: number, from: number, to: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const seed = 'bench';
  const plan = planDemo({ individuals: Math.ceil(count / 4), seed, megapixels });
  const byKey = new Map<string, Exclude<Content, { type: 'archive' }>>();
  for (const { content } of plan.files) if (content.type === 'picture') byKey.set(content.picture.key, content);
  const planned = [...byKey.values()];
  const threads = availableParallelism();
  const workers = openWorkers<Order, Made[]>(new URL('../src/demo/worker.ts', import.meta.url), { threads });
  const targets = Array.from({ length: to - from }, (_, k) => join(folder, `${String(from + k).padStart(4, '0')}.jpg`));
  try {
    await eachOf(threads * 2, to - from, (k) => {
      // Spread over the whole plan, which is sorted by path.
      const content = planned[Math.floor(((from + k) * planned.length) / count)]!;
      return workers.run({ seed, files: [{ target: targets[k]!, modified: 1.3e12, content }] });
    });
  } finally {
    await workers.close();
  }
  return targets;
}

async function eachOf(lanes: number, count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** A place as the demo's rules read it: 54 in 100 in folders of individuals, four pictures to each; the rest incidents. */
function pathOf(i: number): string {
  const name = `DSC_${String(i).padStart(5, '0')}.JPG`;
  const of = Math.floor(i / 100) * 100;
  if (i - of >= 54) return `incidents/2013-05-14 ${of / 100}/${name}`;
  const number = 1000 + Math.floor(i / 4);
  return `2013-05-14/فرع ${215 + (number % 3)}/${number}/${name}`;
}

const partOf = (part: number): string => `part-${String(part).padStart(2, '0')}`;

/**
 * Windows of 480 x 360 out of the pictures at half size, each at its own place, with the EXIF of its picture and a time
 * of its own. Every 40th is the one before it, encoded again: a near-duplicate, as often as in the demo.
 */
async function cut(paths: readonly string[], folder: string, count: number, each: number): Promise<void> {
  sharp.concurrency(1);
  const [width, height] = [480, 360];
  const bases = Math.min(paths.length, Math.ceil(count / 20));
  await eachOf(availableParallelism() * 2, bases, async (base) => {
    const bytes = await readFile(paths[base]!);
    const exif = exifOf(bytes);
    const { data, info } = await sharp(bytes).resize(1296).raw().toBuffer({ resolveWithObject: true });
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const share = Array.from({ length: Math.ceil(count / bases) }, (_, k) => base * Math.ceil(count / bases) + k);
    for (const i of share.filter((one) => one < count)) {
      const copy = i % 40 === 39;
      const of = copy ? i - 1 : i;
      // Two strides without a common divisor with the room there is: no two windows of a picture are the same.
      const place = { left: (of * 367) % (info.width - width), top: (of * 151) % (info.height - height) };
      const jpeg = await sharp(data, { raw })
        .extract({ ...place, width, height })
        .jpeg({ quality: copy ? 60 : 75 })
        .toBuffer();
      const to = join(folder, partOf(Math.floor(i / each)), pathOf(i));
      await mkdir(join(to, '..'), { recursive: true });
      await writeFile(to, withTime(Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]), of));
    }
  });
}

/** The EXIF segment that follows the start of a JPEG of the demo. */
function exifOf(jpeg: Buffer): Buffer {
  if (jpeg.readUInt16BE(2) !== 0xffe1) throw new RangeError('the picture has no EXIF at its start');
  return jpeg.subarray(2, 4 + jpeg.readUInt16BE(4));
}

/** The same picture, taken at another second: other bytes, the same decode, and no near-duplicate by the camera's word. */
function withTime(jpeg: Buffer, i: number): Buffer {
  const copy = Buffer.from(jpeg);
  const head = copy.toString('latin1', 0, 4096);
  const time = new Date(Date.UTC(2011, 0, 1) + i * 61_000)
    .toISOString()
    .slice(0, 19)
    .replaceAll('-', ':')
    .replace('T', ' ');
  const places = [...head.matchAll(/\d{4}:\d\d:\d\d \d\d:\d\d:\d\d/g)];
  if (places.length === 0) throw new RangeError('the EXIF holds no time');
  for (const { index } of places) copy.write(time, index, 'latin1');
  return copy;
}

/** Every file below a folder, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}
