// The second reading against exiftool asked apart, over real pictures where the shared corpus is at hand; and what it
// leaves out, over a picture made here.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { formatOf } from '@dalil/imaging';
import { exiftoolPath } from 'exiftool-vendored';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openExiftool, type Exiftool } from './exiftool.ts';
import { metadataFields } from './metadata-pass.ts';
import { defaultMetadataSettings, exiftoolVersion, type MetadataRecord } from './metadata-set.ts';
import { readMetadata } from './metadata.ts';
import { hasPerl } from './perl.ts';

const corpus = resolve(import.meta.dirname, '../../../shared/corpus');
const samples = join(corpus, 'exif-samples');
const perl = hasPerl();
if (!perl) console.log('skipped: no perl');
if (!existsSync(corpus)) console.log('skipped in part: no corpus beside the project');

let folder: string;
let exiftool: Exiftool;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-metadata-'));
  if (perl) exiftool = (await openExiftool({ processes: 2, timeLimit: defaultMetadataSettings.timeLimit }))!;
});
afterAll(async () => {
  if (perl) await exiftool.close();
  await rm(folder, { recursive: true, force: true });
});

const filesOf = async (path: string): Promise<string[]> =>
  (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.startsWith('README'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();

const readAgain = async (path: string): Promise<MetadataRecord> =>
  metadataFields(await exiftool.read(path), defaultMetadataSettings);

test.skipIf(!perl)('the exiftool that runs is the one that records name', async () => {
  const { stdout } = spawnSync('perl', [await exiftoolPath(), '-config', '', '-ver'], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(exiftoolVersion);
});

/** What a plain run of exiftool prints for a file: another process, other arguments, its own choice between tags. */
interface Printed {
  SourceFile: string;
  Make?: string;
  Model?: string;
  DateTimeOriginal?: string;
  CreateDate?: string;
  GPSLatitude?: number;
  GPSLongitude?: number;
  Orientation?: number;
  SerialNumber?: string;
  InternalSerialNumber?: string;
}

const asked = [
  'Make',
  'Model',
  'DateTimeOriginal',
  'CreateDate',
  'Orientation',
  'SerialNumber',
  'InternalSerialNumber',
];
const plainWords = (value: unknown): string | null =>
  value === undefined
    ? null
    : String(value)
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim() || null;
const plainTime = (value: string | undefined): string | null =>
  value !== undefined && /^[1-9]\d{3}:(?!00)\d\d:/.test(value)
    ? value.slice(0, 19).replace(':', '-').replace(':', '-').replace(' ', 'T')
    : null;

test.skipIf(!perl || !existsSync(samples))(
  'both readings agree with exiftool on every real picture: make, model, time, position, orientation, serial number',
  async () => {
    const { stdout } = spawnSync(
      'perl',
      [
        await exiftoolPath(),
        '-config',
        '',
        '-j',
        '-n',
        '-api',
        'StructFormat=JSONQ',
        '-r',
        ...asked.map((tag) => `-EXIF:${tag}`),
        '-MakerNotes:SerialNumber',
        '-MakerNotes:InternalSerialNumber',
        '-XMP:SerialNumber',
        '-GPSLatitude',
        '-GPSLongitude',
        samples,
      ],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    const printed = new Map((JSON.parse(stdout) as Printed[]).map((one) => [resolve(one.SourceFile), one]));
    const differences: string[] = [];
    const counted = { files: 0, make: 0, model: 0, time: 0, position: 0, orientation: 0, serial: 0, quickSerial: 0 };
    for (const path of await filesOf(samples)) {
      const expected = printed.get(path);
      if (expected === undefined) continue;
      counted.files++;
      const { times, camera, picture, place } = await readAgain(path);
      const bytes = await readFile(path);
      const format = formatOf(bytes.subarray(0, 4096), bytes.length).type;
      const { metadata: quick, orientation } = await readMetadata(bytes, format, 100_000);
      const near = (got: number | null | undefined, want: unknown): boolean =>
        want === undefined || want === '' ? got == null : got != null && Math.abs(got - Number(want)) < 1e-6;
      const check = (what: string, agrees: boolean, got: unknown, want: unknown): void => {
        if (!agrees) differences.push(`${path.slice(samples.length + 1)} ${what}: ${String(got)} for ${String(want)}`);
      };
      const [make, model] = [plainWords(expected.Make), plainWords(expected.Model)];
      const taken = plainTime(expected.DateTimeOriginal) ?? plainTime(expected.CreateDate);
      const serial = plainWords(expected.SerialNumber ?? expected.InternalSerialNumber);
      const located = expected.GPSLatitude !== undefined && `${expected.GPSLatitude}` !== '';
      const again = (times.original ?? times.digitised)?.value.slice(0, 19) ?? null;
      check('make', make === null || camera.make === make, camera.make, make);
      check('model', model === null || camera.model === model, camera.model, model);
      check('time', taken === null || again === taken, again, taken);
      check('latitude', near(place?.latitude, expected.GPSLatitude), place?.latitude, expected.GPSLatitude);
      check('longitude', near(place?.longitude, expected.GPSLongitude), place?.longitude, expected.GPSLongitude);
      check(
        'orientation',
        expected.Orientation === undefined || near(picture.orientation, expected.Orientation),
        picture.orientation,
        expected.Orientation,
      );
      check('serial', serial === null || camera.serial === serial.replace(/^NO= /, ''), camera.serial, serial);
      if (quick !== null) {
        check('quick make', make === null || quick.make === make, quick.make, make);
        check('quick model', model === null || quick.model === model, quick.model, model);
        check('quick time', taken === null || quick.taken?.slice(0, 19) === taken, quick.taken, taken);
        check(
          'quick latitude',
          !located || near(quick.latitude, expected.GPSLatitude),
          quick.latitude,
          expected.GPSLatitude,
        );
        check(
          'quick longitude',
          !located || near(quick.longitude, expected.GPSLongitude),
          quick.longitude,
          expected.GPSLongitude,
        );
        check(
          'quick orientation',
          expected.Orientation === undefined || near(orientation, expected.Orientation),
          orientation,
          expected.Orientation,
        );
        check('quick serial', quick.serial === null || quick.serial === camera.serial, quick.serial, camera.serial);
      }
      counted.make += make === null ? 0 : 1;
      counted.model += model === null ? 0 : 1;
      counted.time += taken === null ? 0 : 1;
      counted.position += located ? 1 : 0;
      counted.orientation += expected.Orientation === undefined ? 0 : 1;
      counted.serial += camera.serial === null ? 0 : 1;
      counted.quickSerial += quick?.serial == null ? 0 : 1;
    }
    console.log(`agreement: ${JSON.stringify(counted)}`);
    expect(differences).toEqual([]);
    expect(counted.serial).toBeGreaterThanOrEqual(7);
  },
);

test.skipIf(!perl || !existsSync(corpus))(
  'no broken file ends or hangs exiftool, nor is any left without a record',
  async () => {
    const codes = new Map<string, number>();
    for (const path of await filesOf(join(corpus, 'malformed'))) {
      for (const { code } of (await readAgain(path)).problems) codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    console.log(`malformed: ${JSON.stringify(Object.fromEntries(codes))}`);
    expect(codes.get('timed-out')).toBeUndefined();
    expect(codes.get('exiftool-lost')).toBeUndefined();
  },
);

test.skipIf(!perl)(
  'owners, authors and accounts in paths are left out of the record, and which tags these were is said',
  async () => {
    const path = join(folder, 'picture');
    const xmp =
      '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:aux="http://ns.adobe.com/exif/1.0/aux/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:stRef="http://ns.adobe.com/xap/1.0/sType/ResourceRef#" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/" aux:OwnerName="Secret Person" aux:SerialNumber="4711" xmp:CreatorTool="Tool 1.10" xmpMM:DocumentID="C:\\Users\\secret person\\a.psd"><dc:creator><rdf:Seq><rdf:li>Secret Person</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>';
    const head = Buffer.from(`http://ns.adobe.com/xap/1.0/\0${xmp}`);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(head.length + 2);
    await writeFile(path, Buffer.concat([Buffer.from('ffd8ffe1', 'hex'), length, head, Buffer.from('ffd9', 'hex')]));
    const fields = await readAgain(path);
    expect(JSON.stringify(fields)).not.toMatch(/secret/i);
    expect(fields.raw.withheld.toSorted()).toEqual(['XMP-aux:OwnerName', 'XMP-dc:Creator', 'XMP-xmpMM:DocumentID']);
    expect(fields.camera).toMatchObject({ serial: '4711', serialFrom: 'XMP-aux:SerialNumber', body: null });
    expect(fields.picture.creatorTool).toBe('Tool 1.10');
    const quick = await readMetadata(await readFile(path), 'image/jpeg', 100_000);
    expect(JSON.stringify(quick)).not.toMatch(/secret/i);
  },
);

test('where there is no perl, that is known before anything is started', () => {
  expect(hasPerl(folder)).toBe(false);
});
