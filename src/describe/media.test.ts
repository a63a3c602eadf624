import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeClip, makeSound, since1904 } from './media.fixture.ts';
import { describeMedia, mediaOf } from './media.ts';
import { placesOf } from './media-pass.ts';
import { defaultMediaSettings, mediaInfoVersion, mediaRecord } from './media-set.ts';
import { parsePpm } from './ppm.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-media-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const { frames: _, observation: __, ...shape } = mediaRecord.shape;

async function read(bytes: Buffer, settings = {}) {
  const path = join(folder, 'recording');
  await writeFile(path, bytes);
  const all = { ...defaultMediaSettings, ...settings };
  const { said } = await describeMedia({ path, size: bytes.length, settings: all });
  for (const [name, part] of Object.entries(shape)) part.parse(said[name as keyof typeof said]);
  return said;
}

const phone = {
  width: 320,
  height: 240,
  frames: 12,
  created: since1904('2013-05-06T07:08:09Z'),
  rotation: 90,
  keys: {
    'com.apple.quicktime.make': 'Apple',
    'com.apple.quicktime.model': 'iPhone 4S',
    'com.apple.quicktime.software': '6.1.3',
    'com.apple.quicktime.creationdate': '2013-05-06T10:08:09+0300',
    'com.apple.quicktime.location.ISO6709': '+33.5138+036.2765+690.0/',
    'com.apple.quicktime.artist': 'Secret Person',
  },
} as const;

test('a film of a phone gives streams, times with the zone that is stated, device and place, and no name', async () => {
  const said = await read(await makeClip(phone));
  expect(said.media).toMatchObject({ container: 'MPEG-4', profile: 'QuickTime', duration: 1.2, streamCount: 1 });
  expect(said.media.streams).toMatchObject([
    { kind: 'video', codec: 'JPEG', codecId: 'jpeg', width: 320, height: 240, rotation: 90, frameRate: 10 },
  ]);
  expect(said.times).toMatchObject({
    recorded: { value: '2013-05-06T10:08:09', zone: '+03:00', meantUtc: false, from: 'Recorded_Date' },
    created: { value: '2013-05-06T07:08:09', zone: null, meantUtc: true, from: 'Encoded_Date' },
  });
  expect(said.device).toEqual({ make: 'Apple', model: 'iPhone 4S', system: 'iOS 6.1.3' });
  expect(said.place).toEqual({ latitude: 33.5138, longitude: 36.2765, altitude: 690, from: 'Recorded_Location' });
  expect(said.problems).toEqual([]);
  expect(said.media.withheld.join()).toMatch(/artist/i);
  expect(JSON.stringify(said)).not.toContain('Secret');
});

test('classic user data is read too, south and west are negative, and a header without a time gives none', async () => {
  const userData = { '©mak': 'Canon', '©mod': 'EOS', '©xyz': '-33.5-070.25/', '©ART': 'Secret Person' };
  const said = await read(await makeClip({ width: 64, height: 48, frames: 2, userData, index: 'start' }));
  expect(said.device).toMatchObject({ make: 'Canon', model: 'EOS' });
  expect(said.place).toMatchObject({ latitude: -33.5, longitude: -70.25, altitude: null });
  expect(said.times).toEqual({ recorded: null, created: null, modified: null });
  expect(JSON.stringify(said)).not.toContain('Secret');
});

test('sound gives its rate and channels', async () => {
  const said = await read(makeSound());
  expect(said.media).toMatchObject({ container: 'Wave', duration: 1 });
  expect(said.media.streams).toMatchObject([
    { kind: 'audio', codec: 'PCM', sampleRate: 8000, channels: 1, bitDepth: 16 },
  ]);
});

test('a recording that is cut short says so, and one without its index has no stream', async () => {
  const [late, early] = [await makeClip(phone), await makeClip({ ...phone, index: 'start' })];
  const codes = async (bytes: Buffer) => (await read(bytes)).problems.map(({ code }) => code);
  expect(await codes(early.subarray(0, early.length - 2000))).toEqual(['media-truncated']);
  expect(await codes(late.subarray(0, late.length / 2))).toEqual(['media-broken', 'media-truncated']);
  expect(await codes(Buffer.alloc(5000, 7))).toEqual(['media-broken']);
  expect(await codes(makeSound().subarray(0, 9000))).toEqual(['media-truncated']);
});

test('streams beyond the limit are left out, counted and said', () => {
  const tracks = [{ '@type': 'General', Format: 'X' }, ...Array.from({ length: 9 }, () => ({ '@type': 'Audio' }))];
  const said = mediaOf(tracks, { ...defaultMediaSettings, streamLimit: 4 });
  expect([said.media.streams.length, said.media.streamCount]).toEqual([4, 9]);
  expect(said.problems).toMatchObject([{ code: 'media-cut' }]);
});

test('times are as stated: what a writer leaves where it knows none is no time, an impossible place no place', () => {
  const of = (general: object) => mediaOf([{ '@type': 'General', ...general }], defaultMediaSettings);
  for (const none of ['1904-01-01 00:00:00 UTC', '1970-01-01 00:00:00 UTC', '2013-02-30 10:00:00', 'yesterday']) {
    expect(of({ Encoded_Date: none }).times.created).toBeNull();
  }
  expect(of({ Encoded_Date: 'UTC 2013-05-06 07:08:09' }).times.created).toMatchObject({ zone: null, meantUtc: true });
  expect(of({ Recorded_Location: '91.5°N 36.2°E' }).place).toBeNull();
  expect(of({ Recorded_Location: '0.0°N 0.0°E' }).place).toBeNull();
});

test('whatever MediaInfo says, the words hold', () => {
  const value = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.object(), fc.constant('2013-05-06 07:08:09'));
  const name = fc.constantFrom('Format', 'Duration', 'Width', 'Rotation', 'extra', 'Recorded_Location', 'Encoded_Date');
  const track = fc
    .dictionary(name, value)
    .chain((fields) =>
      fc.constantFrom('General', 'Video', 'Audio', 'Menu', 'Thing').map((type) => ({ ...fields, '@type': type })),
    );
  fc.assert(
    fc.property(fc.array(track), (tracks) => {
      const said = mediaOf(tracks, defaultMediaSettings);
      for (const [part, schema] of Object.entries(shape)) schema.parse(said[part as keyof typeof said]);
    }),
  );
});

test('a film with bytes changed anywhere gives a description all the same', async () => {
  const whole = await makeClip({ ...phone, width: 64, height: 48, frames: 2 });
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 12 }), async (at, junk) => {
      const bytes = Buffer.from(whole);
      bytes.set(junk.subarray(0, bytes.length - at), at);
      await read(bytes);
    }),
    { numRuns: 40 },
  );
}, 60_000);

test('places for key frames are the middles of equal parts', () => {
  expect(placesOf(null, 6)).toEqual([0]);
  expect(placesOf(0.4, 6)).toEqual([0]);
  expect(placesOf(1.9, 6)).toEqual([0.95]);
  expect(placesOf(12, 6)).toEqual([1, 3, 5, 7, 9, 11]);
  expect(placesOf(1e9, 2)).toEqual([250_000_000, 750_000_000]);
});

test('a PPM is read whole or not at all', () => {
  expect(parsePpm(Buffer.from('P6\n1 1\n255\nabc'))).toMatchObject({ width: 1, height: 1, data: Buffer.from('abc') });
  expect(parsePpm(Buffer.from('P6\n1 2\n255\nabc'))).toBeNull();
  expect(parsePpm(Buffer.from('P6\n0 2\n255\n'))).toBeNull();
  expect(parsePpm(Buffer.from('P5\n1 1\n255\nabc'))).toBeNull();
});

test('the version that records name is that of the package', async () => {
  const path = createRequire(import.meta.url).resolve('mediainfo.js/package.json');
  expect((JSON.parse(await readFile(path, 'utf8')) as { version: string }).version).toBe(mediaInfoVersion);
});
