// Small pictures inside files against the pictures they stand for, in made-up files; and of real cameras where the corpus is.
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, test } from 'vitest';
import { syntheticPixels } from '../../packages/imaging/src/fixtures.ts';
import { exifSegment, withSegment } from '../demo/exif.ts';
import { defaultEmbeddedSettings as settings, embeddedRecord } from './embedded-records.ts';
import { compareEmbedded } from './embedded.ts';

const folder = mkdtempSync(join(tmpdir(), 'dalil-embedded-'));
afterAll(() => rmSync(folder, { recursive: true }));

const drawn = (seed: number) =>
  sharp(Buffer.from(syntheticPixels(640, 480, 3, seed)), { raw: { width: 640, height: 480, channels: 3 } });
const small = (seed: number): Promise<Buffer> => drawn(seed).resize(160, 120).jpeg().toBuffer();

/** A picture with these bytes as its small one. */
async function picture(seed: number, thumbnail: Buffer): Promise<Buffer> {
  const segment = exifSegment({
    byteOrder: 'little',
    make: 'Canon',
    model: 'Canon EOS 1100D',
    software: 'x',
    orientation: 6,
    taken: '2013-05-14T10:22:31',
    subsecond: '07',
    width: 640,
    height: 480,
    serial: '0830',
    lens: null,
    counter: 412,
    imageId: '0'.repeat(32),
    exposure: [1, 60],
    aperture: 56,
    sensitivity: 400,
    focalLength: 35,
    flash: true,
    thumbnail,
  });
  return withSegment(await drawn(seed).jpeg().toBuffer(), segment);
}

async function compare(bytes: Buffer, size = bytes.length) {
  const path = join(folder, 'picture.jpg');
  writeFileSync(path, bytes);
  return embeddedRecord.parse(await compareEmbedded({ path, size, settings }));
}

test('a small picture of the same scene agrees, one of another differs, and a plain one says nothing', async () => {
  const agrees = await compare(await picture(3, await small(3)));
  expect(agrees).toMatchObject({ verdict: 'agrees', shows: 'whole', sides: { width: 160, height: 120 }, problems: [] });
  expect(agrees.alignment!.score).toBeGreaterThan(0.95);
  expect(await compare(await picture(3, await small(4)))).toMatchObject({ verdict: 'differs', problems: [] });
  const grey = await sharp({ create: { width: 160, height: 120, channels: 3, background: '#777' } })
    .jpeg()
    .toBuffer();
  expect(await compare(await picture(3, grey))).toMatchObject({ verdict: 'undecided', alignment: null, problems: [] });
});

test('what does not decode whole is not compared: a broken small one is a problem, a cut picture is no difference', async () => {
  const broken = await compare(await picture(3, (await small(3)).subarray(0, 900)));
  expect(broken).toMatchObject({ verdict: 'undecided', sides: null, problems: [{ code: 'thumbnail-broken' }] });
  const whole = await picture(3, await small(3));
  const cut = await compare(whole.subarray(0, whole.length - 9000));
  expect(cut).toMatchObject({ verdict: 'undecided', sides: { width: 160 }, problems: [] });
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
  expect(await compare(await picture(3, svg))).toMatchObject({ problems: [{ code: 'thumbnail-broken' }] });
});

test('a file of another size than was received is no evidence', async () => {
  const bytes = await picture(3, await small(3));
  await expect(compare(bytes, bytes.length + 1)).rejects.toMatchObject({ code: 'case-damaged' });
});

const corpus = new URL('../../../shared/corpus/', import.meta.url).pathname;
const here = existsSync(corpus);
if (!here) console.log('skipped: no corpus beside the project');

test.skipIf(!here)(
  'of real and of malformed files each gives a record, and no file of a camera differs',
  async () => {
    const verdicts = new Map<string, number>();
    for (const name of (readdirSync(corpus, { recursive: true }) as string[]).toSorted()) {
      const path = join(corpus, name);
      if (!/\.(?:jpe?g|tiff?)$/i.test(name) || statSync(path).size > 4_000_000) continue;
      const said = embeddedRecord.parse(await compareEmbedded({ path, size: statSync(path).size, settings }));
      const kind = name.startsWith('exif-samples') ? 'real' : 'malformed';
      const what = `${kind} ${said.verdict}`;
      verdicts.set(what, (verdicts.get(what) ?? 0) + 1);
    }
    console.log(Object.fromEntries(verdicts));
    expect(verdicts.get('real agrees')).toBeGreaterThan(40);
    expect(verdicts.get('real differs') ?? 0).toBe(0);
  },
  120_000,
);
