// From plan to bytes: the same ones each time, turned as the EXIF says, with the numbers in the frame.
import { createHash } from 'node:crypto';
import exifr from 'exifr';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { lettering } from './fonts.ts';
import { render } from './picture.ts';
import { planDemo, type Content } from './plan.ts';

const { files } = planDemo({ individuals: 12, seed: 'pictures', megapixels: 0.1 });
type Drawable = Exclude<Content, { type: 'archive' }>;
const drawables = files.filter(({ content }) => content.type !== 'archive');
const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a picture is the same bytes whenever it is drawn, and other bytes with another seed', async () => {
  const some = drawables.filter((_, index) => index % 9 === 0).map(({ content }) => content as Drawable);
  const first = [];
  for (const content of some) first.push(digest((await render(content, 's')).bytes));
  const again = [];
  for (const content of some.toReversed()) again.unshift(digest((await render(content, 's')).bytes));
  expect(again).toEqual(first);
  const picture = some.find(({ type }) => type === 'picture')!;
  expect(digest((await render(picture, 't')).bytes)).not.toBe(digest((await render(picture, 's')).bytes));
});

test('EXIF says what the truth says, with a thumbnail of the same view', async () => {
  for (const { content, facts } of drawables.filter(({ content }) => content.type === 'picture').slice(0, 40)) {
    const { bytes, width, height } = await render(content as Drawable, 's');
    const read = (await exifr.parse(bytes, { reviveValues: false, translateValues: false })) as Record<string, unknown>;
    expect(String(read['DateTimeOriginal']).replace(' ', 'T').replace(':', '-').replace(':', '-')).toBe(facts.taken);
    expect(read['Orientation']).toBe(facts.orientation);
    const small = await sharp(Buffer.from((await exifr.thumbnail(bytes))!)).stats();
    const whole = await sharp(bytes).stats();
    small.channels.forEach((channel, k) => expect(Math.abs(channel.mean - whole.channels[k]!.mean)).toBeLessThan(4));
    const { info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([width, height]);
  }
});

test('the numbers lie inside the upright picture', async () => {
  for (const { content, facts } of drawables) {
    if (facts.card === null || !('picture' in content)) continue;
    const { quad, width, height } = await render(content, 's');
    const turned = content.picture.orientation > 4;
    const [w, h] = turned ? [height!, width!] : [width!, height!];
    expect(quad).toHaveLength(4);
    for (const [x, y] of quad!) {
      expect(x).toBeGreaterThan(-0.03 * w);
      expect(x).toBeLessThan(1.03 * w);
      expect(y).toBeGreaterThan(-0.03 * h);
      expect(y).toBeLessThan(1.03 * h);
    }
  }
});

test('planted faults are what they are called', async () => {
  for (const { content, facts } of drawables) {
    if (facts.problems.length === 0) continue;
    const { bytes } = await render(content as Drawable, 's');
    if (facts.problems.includes('empty')) expect(bytes).toHaveLength(0);
    if (facts.problems.includes('truncated')) {
      await expect(sharp(bytes, { failOn: 'truncated' }).raw().toBuffer()).rejects.toThrow();
      expect((await sharp(bytes).metadata()).format).toBe('jpeg');
    }
    if (facts.problems.includes('extension-differs') && facts.kind === 'picture') {
      expect((await sharp(bytes).metadata()).format).toBe('png');
    }
    if (facts.problems.includes('foreign')) await expect(sharp(bytes).metadata()).rejects.toThrow();
  }
});

const alone = (text: string): number => lettering(text, 'cairo').width;

test('lettering reads from the right where it should, with digits in their own order', () => {
  const line = lettering('فرع ٢١٥', 'cairo', { rightToLeft: true });
  const digits = lettering('٢١٥', 'cairo');
  // The number comes first from the left, unchanged, and the word after it.
  expect(line.shape.slice(0, digits.shape.length)).toEqual(digits.shape);
  expect(line.width).toBeCloseTo(digits.width + alone(' ') + alone('فرع'), 6);
  // Joined letters are other shapes than single ones.
  expect(alone('فرع')).not.toBeCloseTo(alone('ف') + alone('ر') + alone('ع'), 3);
});
