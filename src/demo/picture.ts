// From a planned picture to the bytes of its file: draw, blur, light, noise, turn as the camera lay, encode, EXIF. The same
// plan gives the same bytes, in whichever thread.
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { Canvas } from './canvas.ts';
import { chanceOf, type Chance } from './chance.ts';
import { exifSegment, withSegment } from './exif.ts';
import { drawMannequin, type Quad } from './mannequin.ts';
import { drawDocument, drawIncident, drawNamePlate } from './others.ts';
import type { Content, Picture } from './plan.ts';
import { cameras } from './words.ts';

// Pictures are made side by side in threads of our own; libvips' would only fight with them.
sharp.concurrency(1);
sharp.cache(false);

let grain: Int8Array | undefined;

function grainTable(): Int8Array {
  if (grain === undefined) {
    const chance = chanceOf('grain');
    grain = Int8Array.from({ length: 65_536 }, () => Math.max(-127, Math.min(127, Math.round(chance.normal() * 40))));
  }
  return grain;
}

/** A file's bytes, and where the numbers are in it (corners in pixels of the upright picture), if anywhere. */
export interface Rendered {
  bytes: Uint8Array;
  width: number | null;
  height: number | null;
  quad: Quad | null;
}

/** The bytes of anything but an archive. */
export async function render(content: Exclude<Content, { type: 'archive' }>, seed: string): Promise<Rendered> {
  if (content.type === 'text') return { bytes: Buffer.from(content.text), width: null, height: null, quad: null };
  if (content.type === 'binary') {
    const chance = chanceOf(seed, content.key);
    const bytes = Buffer.alloc(content.length);
    Buffer.from(content.head, 'hex').copy(bytes);
    for (let k = 512; k < content.length; k++) bytes[k] = chance.whole(0, 255);
    return { bytes, width: null, height: null, quad: null };
  }
  const { picture } = content;
  const drawn = draw(picture, seed);
  const { width, height } = picture;
  const image = sharp(Buffer.from(drawn.pixels.buffer), { raw: { width, height, channels: 3 } });
  const whole = { width, height, quad: drawn.quad };
  if (content.type === 'png') return { ...whole, bytes: await image.png({ compressionLevel: 3 }).toBuffer() };
  const camera = cameras.find(({ id }) => id === picture.camera)!;
  // About 1.1 MB at 5 Mpx, as the cameras of that size wrote; 50 kB at 0.3.
  const jpeg = await image.jpeg({ quality: camera.quality + (width > 1600 ? 3 : 0) }).toBuffer();
  const segment = await exifOf(picture, drawn.pixels, seed);
  switch (content.type) {
    case 'picture':
      return { ...whole, bytes: withSegment(jpeg, segment) };
    case 'truncated': {
      const bytes = withSegment(jpeg, segment);
      const start = bytes.length - jpeg.length;
      return { ...whole, bytes: bytes.subarray(0, start + Math.floor(jpeg.length * content.keep)) };
    }
    case 're-encoded': {
      const again = await sharp(jpeg).jpeg({ quality: content.quality }).toBuffer();
      return { ...whole, bytes: content.exif ? withSegment(again, segment) : again };
    }
    case 'resized': {
      const [w, h] = [Math.round(width * content.scale), Math.round(height * content.scale)];
      const again = await sharp(jpeg).resize(w, h, { kernel: 'lanczos3' }).jpeg({ quality: 80 }).toBuffer();
      const quad = drawn.quad?.map(([x, y]): [number, number] => [x * content.scale, y * content.scale]) ?? null;
      return { bytes: content.exif ? withSegment(again, segment) : again, width: w, height: h, quad };
    }
  }
}

function draw(picture: Picture, seed: string): { pixels: Uint8ClampedArray<ArrayBuffer>; quad: Quad | null } {
  const chance = chanceOf(seed, 'picture', picture.key);
  const turned = picture.orientation === 6 || picture.orientation === 8;
  const [width, height] = turned ? [picture.height, picture.width] : [picture.width, picture.height];
  const canvas = new Canvas(width, height, grainTable(), chance.whole(0, 0x7fffffff));
  const { scene } = picture;
  let quad: Quad | null = null;
  if (scene.kind === 'detainee') quad = drawMannequin(canvas, scene, seed, chance);
  else if (scene.kind === 'force') drawNamePlate(canvas, scene, chance);
  else if (scene.kind === 'incident') drawIncident(canvas, chance);
  else drawDocument(canvas, scene, chance);
  blurred(canvas, scene.kind === 'detainee' ? scene.blur : chance.happens(0.12) ? 1 : 0, chance);
  const large = picture.width > 1600;
  canvas.expose({
    x: chance.between(0.2, 0.8),
    y: chance.between(0.2, 0.8),
    falloff: chance.between(0.15, 0.55),
    level: chance.between(0.98, 1.14),
    noise: large ? chance.between(8, 13) : chance.between(0.6, 2.4),
  });
  return { pixels: stored(canvas, picture.orientation), quad };
}

/** `amount` is in pixels at a width of 640: a soft focus, or a movement along one side. */
function blurred(canvas: Canvas, amount: number, chance: Chance): void {
  if (amount === 0) return;
  const radius = Math.max(1, Math.round((amount * Math.max(canvas.width, canvas.height)) / 640));
  const kind = chance.whole(0, 2);
  canvas.blur(kind === 2 ? 0 : radius, kind === 1 ? 0 : radius);
}

/** The pixels as the sensor lay: turned back by what the orientation asks a viewer to turn. */
function stored(canvas: Canvas, orientation: Picture['orientation']): Uint8ClampedArray<ArrayBuffer> {
  const { width: w, height: h, pixels } = canvas;
  if (orientation === 1) return pixels;
  const out = new Uint8ClampedArray(pixels.length);
  for (let y = 0, p = 0; y < h; y++) {
    for (let x = 0; x < w; x++, p += 3) {
      const at =
        orientation === 3
          ? (h - 1 - y) * w + (w - 1 - x)
          : orientation === 6
            ? (w - 1 - x) * h + y
            : x * h + (h - 1 - y);
      out[at * 3] = pixels[p]!;
      out[at * 3 + 1] = pixels[p + 1]!;
      out[at * 3 + 2] = pixels[p + 2]!;
    }
  }
  return out;
}

const exposures = [30, 60, 80, 100, 125, 160] as const;
const sensitivities = [100, 200, 400, 800] as const;

/** The body's serial and counter, the clock's time, and a chance of settings for this picture. */
async function exifOf(picture: Picture, pixels: Uint8ClampedArray, seed: string): Promise<Buffer> {
  const chance: Chance = chanceOf(seed, 'settings', picture.key);
  const camera = cameras.find(({ id }) => id === picture.camera)!;
  return exifSegment({
    ...camera,
    orientation: picture.orientation,
    taken: picture.taken,
    subsecond: String(chance.whole(0, 99)).padStart(2, '0'),
    width: picture.width,
    height: picture.height,
    counter: picture.counter,
    imageId: createHash('sha256')
      .update(JSON.stringify([seed, picture.key]))
      .digest('hex')
      .slice(0, 32),
    exposure: [1, chance.pick(exposures)],
    aperture: chance.whole(28, 80),
    sensitivity: chance.pick(sensitivities),
    focalLength: chance.whole(18, 55),
    flash: chance.happens(0.4),
    thumbnail: await thumbnailOf(pixels, picture.width, picture.height),
  });
}

/** 160 x 120 as cameras embed it: the mean of four pixels for each of its own. */
async function thumbnailOf(pixels: Uint8ClampedArray, width: number, height: number): Promise<Buffer> {
  const [w, h, side] = [160, 120, 2];
  const out = Buffer.alloc(w * h * 3);
  const columns = Int32Array.from({ length: w * side }, (_, k) => Math.floor(((k + 0.5) * width) / (w * side)) * 3);
  for (let y = 0, o = 0; y < h; y++) {
    const rows = Array.from(
      { length: side },
      (_, k) => Math.floor(((y * side + k + 0.5) * height) / (h * side)) * width * 3,
    );
    for (let x = 0; x < w; x++, o += 3) {
      let [red, green, blue] = [0, 0, 0];
      for (const row of rows) {
        for (let k = x * side; k < x * side + side; k++) {
          const at = row + columns[k]!;
          red += pixels[at]!;
          green += pixels[at + 1]!;
          blue += pixels[at + 2]!;
        }
      }
      out[o] = red >> 2;
      out[o + 1] = green >> 2;
      out[o + 2] = blue >> 2;
    }
  }
  return sharp(out, { raw: { width: w, height: h, channels: 3 } })
    .jpeg({ quality: 65 })
    .toBuffer();
}
