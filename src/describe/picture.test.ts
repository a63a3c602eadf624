import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, hammingDistance, lumaFromPixels, pdq, toHex } from '@dalil/imaging';
import fc from 'fast-check';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DescribeSettings, Description } from './description.ts';
import { defaultSettings, descriptionSchema, undescribed } from './description.ts';
import { describeFile } from './picture.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-picture-'));
});
afterAll(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

async function describe(
  bytes: Uint8Array,
  name = 'a.jpg',
  settings: Partial<DescribeSettings> = {},
  thumbnail = true,
): Promise<Description> {
  const path = join(folder, 'file');
  await writeFile(path, bytes);
  const description = await describeFile({
    path,
    name,
    size: bytes.length,
    thumbnailPath: thumbnail ? join(folder, 'thumbnail.jpg') : null,
    settings: { ...defaultSettings, ...settings },
  });
  expect(descriptionSchema.parse(JSON.parse(JSON.stringify(description)))).toEqual(description);
  return description;
}
const codes = (description: Description): string[] => description.problems.map(({ code }) => code);

// Four fields of colour and a gradient over them: no side is like another, and the end is far from the decoder's grey.
async function picture(width: number, height: number): Promise<Buffer> {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [right, below] = [x * 2 >= width, y * 2 >= height];
      const [u, v] = [x / width, y / height];
      let wave = 20 * Math.sin(41 * u + 13 * v * v) * Math.cos(29 * v + 3) + 15 * Math.sin(60 * u * v);
      if ((u - 0.3) ** 2 + (v - 0.6) ** 2 < 0.04) wave -= 25 * u;
      wave = Math.round(wave);
      pixels[at++] = (right ? 40 : 210) + wave;
      pixels[at++] = (below ? 40 : 190) + wave;
      pixels[at++] = (right === below ? 40 : 200) + Math.round((30 * x) / width);
    }
  }
  return pixels;
}
async function jpegOf(width: number, height: number, orientation?: number): Promise<Buffer> {
  const made = sharp(await picture(width, height), { raw: { width, height, channels: 3 } });
  return (orientation === undefined ? made : made.withMetadata({ orientation })).jpeg({ quality: 90 }).toBuffer();
}

test('a small picture is described, hashed canonically, and has an upright thumbnail of its own', async () => {
  const bytes = await sharp(await picture(640, 480), { raw: { width: 640, height: 480, channels: 3 } })
    .withExif({
      IFD0: { Make: 'Maker', Model: 'Model 1' },
      IFD2: { DateTimeOriginal: '2013:05:06 07:08:09', BodySerialNumber: 'S123', ImageNumber: '5447' },
    })
    .jpeg()
    .toBuffer();
  const description = await describe(bytes);
  const decoded = await sharp(bytes).raw().toBuffer();
  const canonical = pdq(lumaFromPixels(decoded, 640, 480, 3));
  expect(description).toMatchObject({
    format: 'image/jpeg',
    formatSure: true,
    size: bytes.length,
    picture: { width: 640, height: 480, shownWidth: 640, shownHeight: 480 },
    decode: { state: 'complete', rows: null, complaint: null },
    metadata: { taken: '2013-05-06T07:08:09', make: 'Maker', model: 'Model 1', serial: 'S123' },
    jpeg: { process: 'baseline', eoi: true, trailing: 0 },
    pdq: { hash: toHex(canonical.hash), quality: canonical.quality, method: 'full' },
    thumbnail: { width: 320, height: 240 },
    text: null,
    problems: [],
  });
  const thumbnail = await readFile(join(folder, 'thumbnail.jpg'));
  expect((await stat(join(folder, 'thumbnail.jpg'))).mode & 0o777).toBe(0o600);
  expect(await sharp(thumbnail).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 240 });
  expect((await sharp(thumbnail).metadata()).exif).toBeUndefined();
  expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
});

test('the same bytes give the same description and the same thumbnail', async () => {
  const bytes = await jpegOf(500, 300);
  const first = [await describe(bytes), await readFile(join(folder, 'thumbnail.jpg'))];
  expect([await describe(bytes), await readFile(join(folder, 'thumbnail.jpg'))]).toEqual(first);
});

test('a large picture is hashed from a reduced decode, within the distance of the canonical hash', async () => {
  const [width, height] = [1603, 1201];
  const bytes = await jpegOf(width, height);
  const reduced = await describe(bytes);
  const full = await describe(bytes, 'a.jpg', { fullDecodePixels: 10_000_000 });
  expect([reduced.pdq!.method, full.pdq!.method]).toEqual(['reduced-512', 'full']);
  expect(hammingDistance(fromHex(reduced.pdq!.hash)!, fromHex(full.pdq!.hash)!)).toBeLessThanOrEqual(14);
});

for (let orientation = 1; orientation <= 8; orientation++) {
  test(`a picture of orientation ${orientation} is shown as the camera meant it`, async () => {
    const bytes = await jpegOf(400, 300, orientation);
    const { picture: sides, thumbnail } = await describe(bytes);
    const upright = await sharp(bytes).autoOrient().resize(320, 320, { fit: 'inside' }).raw().toBuffer();
    const shown = await sharp(join(folder, 'thumbnail.jpg')).raw().toBuffer();
    expect(sides).toMatchObject({
      width: 400,
      height: 300,
      shownWidth: orientation < 5 ? 400 : 300,
      shownHeight: orientation < 5 ? 300 : 400,
      orientation,
    });
    expect([thumbnail!.width, thumbnail!.height]).toEqual(orientation < 5 ? [320, 240] : [240, 320]);
    expect(shown.length).toBe(upright.length);
    let difference = 0;
    for (let i = 0; i < shown.length; i++) difference += Math.abs(shown[i]! - upright[i]!);
    expect(difference / shown.length).toBeLessThan(8);
  });
}

test('a picture that is cut short tells how far it decoded', async () => {
  const bytes = await jpegOf(600, 400);
  const description = await describe(bytes.subarray(0, bytes.length >> 1));
  expect(codes(description)).toEqual(['truncated']);
  expect(description.decode.state).toBe('partial');
  expect(description.decode.rows).toBeGreaterThan(0.3);
  expect(description.decode.rows).toBeLessThan(0.7);
  expect(description.thumbnail).not.toBeNull();
  const cut = await sharp(bytes).png().toBuffer();
  expect((await describe(cut.subarray(0, cut.length >> 1), 'a.png')).problems[0]!.code).toBe('truncated');
});

test('a picture that lacks only its end marker lacks nothing else', async () => {
  const bytes = await jpegOf(600, 400);
  const description = await describe(bytes.subarray(0, -2));
  expect(codes(description)).toEqual(['no-eoi']);
  expect(description.decode.rows ?? 1).toBe(1);
});

test('a picture with errors inside is decoded all the same, and said to be broken', async () => {
  const bytes = Buffer.from(await jpegOf(600, 400));
  bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 300);
  bytes.fill(0xff, (bytes.length >> 1) + 300, (bytes.length >> 1) + 301);
  bytes[(bytes.length >> 1) + 301] = 0xc8;
  const description = await describe(bytes);
  expect(description.decode.state).toBe('partial');
  expect(description.decode.complaint).not.toBeNull();
  expect(codes(description).length).toBeGreaterThan(0);
});

test('bytes after the end, a foreign extension and an empty file are told', async () => {
  const bytes = await jpegOf(64, 64);
  expect(codes(await describe(Buffer.concat([bytes, Buffer.from('hidden')])))).toEqual(['trailing-bytes']);
  expect(codes(await describe(bytes, 'x/5447.png'))).toEqual(['extension-differs']);
  const nothing = await describe(Buffer.alloc(0));
  expect([nothing.format, codes(nothing)]).toEqual(['inode/x-empty', ['empty']]);
});

test('the other formats that have a decoder are decoded in full, transparent and grey ones too', async () => {
  const pixels = await picture(300, 200);
  const made = () => sharp(pixels, { raw: { width: 300, height: 200, channels: 3 } });
  const files = {
    'image/png': await made().ensureAlpha(0.5).png().toBuffer(),
    'image/gif': await made().gif().toBuffer(),
    'image/tiff': await made().tiff().toBuffer(),
    'image/webp': await made().webp().toBuffer(),
    'image/avif': await made().avif({ effort: 0 }).toBuffer(),
    'image/jpeg': await made().greyscale().jpeg().toBuffer(),
  };
  const hashes = [];
  for (const [format, bytes] of Object.entries(files)) {
    const description = await describe(bytes, 'a');
    expect([format, description.decode.state, codes(description)]).toEqual([format, 'complete', []]);
    expect(description).toMatchObject({ format, picture: { width: 300, height: 200 }, pdq: { method: 'full' } });
    hashes.push(fromHex(description.pdq!.hash)!);
  }
  for (const hash of hashes) expect(hammingDistance(hash, hashes[0]!)).toBeLessThanOrEqual(31);
});

test('formats without a decoder say so', async () => {
  const bitmap = Buffer.alloc(70);
  bitmap.write('BM');
  bitmap[14] = 40;
  const description = await describe(bitmap, 'a.bmp');
  expect([description.format, description.decode.state, codes(description)]).toEqual([
    'image/bmp',
    'no-decoder',
    ['no-decoder'],
  ]);
  const anymap = await describe(Buffer.from('P6\n1 1\n255\nabc'), 'a.ppm');
  expect([anymap.format, codes(anymap)]).toEqual(['image/x-portable-anymap', ['no-decoder']]);
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic\0\0\0\0mif1heic'), Buffer.alloc(50)]);
  const broken = await describe(heic, 'a.heic');
  expect(['failed', 'no-decoder']).toContain(broken.decode.state);
});

test('a picture over the limits is refused, with its sides where they are known', async () => {
  const bytes = await jpegOf(400, 300);
  const many = await describe(bytes, 'a.jpg', { pixelLimit: 119_999 });
  expect([many.decode.state, codes(many), many.picture?.width]).toEqual(['refused', ['pixel-limit'], 400]);
  const png = await sharp(bytes).png().toBuffer();
  expect(codes(await describe(png, 'a.png', { pixelLimit: 119_999 }))).toEqual(['pixel-limit']);
  const long = await describe(bytes, 'a.jpg', { byteLimit: 1000 });
  expect([long.decode.state, codes(long)]).toEqual(['refused', ['too-large']]);
});

test('a text is counted and its script told', async () => {
  const description = await describe(new TextEncoder().encode('شهادة عن الفرع'), 'testimony.txt');
  expect(description).toMatchObject({
    format: 'text/plain',
    text: { characters: 14, script: 'arabic', charset: 'utf-8', cut: false },
    decode: { state: 'none' },
    problems: [],
  });
});

test('what is no evidence is a fault: a file that is gone, of another size, a folder that is not there', async () => {
  const path = join(folder, 'file');
  await writeFile(path, 'four');
  const input = { path, name: 'a', size: 4, thumbnailPath: null, settings: defaultSettings };
  await expect(describeFile({ ...input, size: 5 })).rejects.toMatchObject({ code: 'case-damaged' });
  await expect(describeFile({ ...input, path: `${path}-gone` })).rejects.toMatchObject({ code: 'input-unreadable' });
  await writeFile(path, await jpegOf(64, 64));
  const size = (await stat(path)).size;
  await expect(describeFile({ ...input, size, thumbnailPath: join(folder, 'none', 'thumbnail.jpg') })).rejects.toThrow(
    /ENOENT/,
  );
});

test('any change to the bytes of a picture leaves a description', async () => {
  const bytes = await jpegOf(48, 40, 6);
  const changes = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 10 });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(changes, fc.nat(bytes.length), async (changed, length) => {
      const broken = Buffer.from(bytes);
      for (const [at, value] of changed) broken[at] = value;
      seen.add((await describe(broken.subarray(0, Math.max(length, 400)), 'a.jpg', {}, false)).decode.state);
    }),
    { numRuns: 150 },
  );
  expect(seen.size).toBeGreaterThan(1);
});

test('a lost file has a description that says why', () => {
  const lost = undescribed(12, 'timed-out');
  expect(descriptionSchema.parse(lost)).toEqual(lost);
  expect([lost.decode.state, codes(lost)]).toEqual(['failed', ['timed-out']]);
});
