import sharp, { type OutputInfo } from 'sharp';
import { expect, test } from 'vitest';
import { walkJpeg } from '@dalil/imaging';
import { exifSegment } from '../demo/exif.ts';
import { redactPicture, type Operation } from './redacted-picture.ts';

const [width, height] = [320, 200];
const box = { x: 64, y: 48, width: 96, height: 64 };
const plain: Operation = { boxes: [], width: null };

/** A picture without a flat place; `secret` changes the pixels of the box and no other. */
function pixels(secret: number): Buffer {
  const rgb = Buffer.alloc(width * height * 3);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      for (const wave of [x * 2 + y, x + y * 3, x * 5 + y * 2])
        rgb[at++] = (wave + (inside ? secret * (x + y) : 0)) & 255;
    }
  }
  return rgb;
}
const raw = { raw: { width, height, channels: 3 as const } };
const png = (secret: number): Promise<Buffer> => sharp(pixels(secret), raw).png().toBuffer();
const rgbOf = (jpeg: Uint8Array): Promise<{ data: Buffer; info: OutputInfo }> =>
  sharp(jpeg).raw().toBuffer({ resolveWithObject: true });

test('pictures that differ only below a box give the same bytes, at full size and smaller', async () => {
  const [one, other] = [await png(0), await png(77)];
  for (const to of [null, 100, 33]) {
    const operation = { boxes: [box], width: to };
    const copy = await redactPicture(one, operation);
    expect(Buffer.from((await redactPicture(other, operation)).jpeg).equals(copy.jpeg)).toBe(true);
    // Without the box they do differ: it is the box that makes them alike.
    const bare = { boxes: [], width: to };
    expect(Buffer.from((await redactPicture(other, bare)).jpeg).equals((await redactPicture(one, bare)).jpeg)).toBe(
      false,
    );
  }
});

test('a box is solid and covers all its pixels, and the rest stays as it was', async () => {
  const { jpeg } = await redactPicture(await png(0), { boxes: [box], width: null });
  const { data, info } = await rgbOf(jpeg);
  expect([info.width, info.height]).toEqual([width, height]);
  const before = pixels(0);
  let [darkest, furthest] = [0, 0];
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 3) {
      const inside = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;
      for (let c = 0; c < 3; c++) {
        if (inside) darkest = Math.max(darkest, data[at + c]!);
        else furthest = Math.max(furthest, Math.abs(data[at + c]! - before[at + c]!));
      }
    }
  }
  expect(darkest).toBe(0);
  expect(furthest).toBeLessThan(70);
});

test('a box that reaches over the edge is cut; one that covers nothing is refused', async () => {
  const source = await png(0);
  const { jpeg } = await redactPicture(source, { boxes: [{ x: 300, y: 190, width: 500, height: 500 }], width: null });
  const { data } = await rgbOf(jpeg);
  expect([...data.subarray(-3)]).toEqual([0, 0, 0]);
  await expect(redactPicture(source, { boxes: [{ x: 320, y: 0, width: 5, height: 5 }], width: null })).rejects.toThrow(
    'covers nothing',
  );
});

test('metadata, profile, comment, thumbnail and what is hung on behind leave no trace', async () => {
  const marked = await sharp(pixels(3), raw)
    .withIccProfile('p3')
    .withExif({
      IFD0: { Artist: 'NADIM', Copyright: 'NADIM' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '33/1 30/1 0/1' },
    })
    .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><note>NADIM</note></x:xmpmeta>')
    .jpeg()
    .toBuffer();
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 7]), Buffer.from('NADIM')]);
  const source = Buffer.concat([marked.subarray(0, 2), comment, marked.subarray(2), Buffer.from('NADIM behind')]);
  expect(source.toString('latin1').split('NADIM').length).toBeGreaterThan(4);
  const { jpeg } = await redactPicture(source, plain);
  const found = await sharp(jpeg).metadata();
  for (const block of ['exif', 'icc', 'xmp', 'iptc', 'comments', 'orientation'] as const)
    expect(found[block]).toBeUndefined();
  const bytes = Buffer.from(jpeg).toString('latin1');
  for (const word of ['NADIM', 'Exif', 'ICC_PROFILE', 'http://ns.adobe.com', 'xmpmeta'])
    expect(bytes).not.toContain(word);
  // One picture in it, no second, and nothing behind its end.
  expect(bytes.split('\xff\xd8\xff').length).toBe(2);
  expect(walkJpeg(jpeg)).toMatchObject({ eoi: true, trailing: 0 });
});

test('boxes are of the picture as it is shown: its orientation is applied first', async () => {
  // Orientation 6: the stored picture is turned clockwise, so its lower left corner is shown as the upper left one.
  const turned = await sharp(pixels(0), raw).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
  const corner = { x: 0, y: 0, width: 32, height: 16 };
  const { jpeg, width: shown } = await redactPicture(turned, { boxes: [corner], width: null });
  expect(shown).toBe(height);
  const { data, info } = await rgbOf(jpeg);
  expect([...data.subarray(0, 3)]).toEqual([0, 0, 0]);
  const expected = await sharp(pixels(0), raw).rotate(90).raw().toBuffer();
  const at = (150 * info.width + 150) * 3;
  expect(Math.abs(data[at]! - expected[at]!)).toBeLessThan(40);
});

test('what lies below transparent pixels does not show', async () => {
  const rgba = Buffer.alloc(64 * 64 * 4);
  const hidden = (value: number) => rgba.map((_, i) => (i % 4 === 3 ? 0 : value));
  const of = (data: Uint8Array) =>
    sharp(data, { raw: { width: 64, height: 64, channels: 4 } })
      .png()
      .toBuffer();
  const [one, other] = [
    await redactPicture(await of(hidden(10)), plain),
    await redactPicture(await of(hidden(200)), plain),
  ];
  expect(Buffer.from(one.jpeg).equals(other.jpeg)).toBe(true);
  expect([...(await rgbOf(one.jpeg)).data.subarray(0, 3)]).toEqual([255, 255, 255]);
});

test('the same picture gives the same bytes, and a copy is never larger than its picture', async () => {
  const source = await png(5);
  const operation = { boxes: [box], width: 5000 };
  const [one, other] = [await redactPicture(source, operation), await redactPicture(source, operation)];
  expect(Buffer.from(one.jpeg).equals(other.jpeg)).toBe(true);
  expect(one.width).toBe(width);
});

test('what is no picture is refused, without its contents', async () => {
  await expect(redactPicture(Buffer.from('a text of NADIM'), plain)).rejects.toMatchObject({
    code: 'input-unreadable',
  });
  const broken = (await sharp(pixels(0), raw).jpeg().toBuffer()).subarray(0, 40);
  await expect(redactPicture(broken, plain)).rejects.toThrow(/^(?!.*NADIM)/);
});

test('a HEIC picture is refused with the way that leads to a redacted copy of it', async () => {
  const heic = Buffer.from('0000001c6674797068656963000000006d696631686569636d696166', 'hex');
  await expect(redactPicture(heic, plain)).rejects.toThrow(
    /got: image\/heic\n {2}next: make a JPEG .* with another program .*`dalil intake .*redact that item/,
  );
});

test('the small picture that a camera leaves in its file, and its serial number, are not in the copy', async () => {
  const thumbnail = await sharp(pixels(9), raw).resize(80).jpeg().toBuffer();
  const exif = exifSegment({
    byteOrder: 'little',
    make: 'Maker',
    model: 'Model',
    software: 'Firmware',
    orientation: 1,
    taken: '2013-05-14T10:22:31',
    subsecond: '07',
    width,
    height,
    serial: 'SERIAL-4711',
    lens: null,
    counter: 12,
    imageId: 'ab'.repeat(16),
    exposure: [1, 60],
    aperture: 56,
    sensitivity: 400,
    focalLength: 35,
    flash: false,
    thumbnail,
  });
  const jpeg = await sharp(pixels(0), raw).jpeg().toBuffer();
  const source = Buffer.concat([jpeg.subarray(0, 2), exif, jpeg.subarray(2)]);
  const scan = thumbnail.subarray(-64);
  expect(source.includes(scan)).toBe(true);
  const copy = Buffer.from((await redactPicture(source, plain)).jpeg);
  expect(copy.includes(scan)).toBe(false);
  expect(copy.toString('latin1')).not.toMatch(/SERIAL|2013:05|Maker|Firmware/);
});
