import fc from 'fast-check';
import { expect, test } from 'vitest';
import { namesPeople, withholdNames } from './metadata-names.ts';
import { metadataFields } from './metadata-pass.ts';
import { defaultMetadataSettings, metadataRecord } from './metadata-set.ts';
import { bodyKey, metadataOf, tagsOf } from './metadata-tags.ts';
import { writtenTime, zoneOf } from './metadata-time.ts';

const read = (tags: Record<string, string | { val: string; num: string }>) =>
  metadataOf(
    tagsOf(
      Object.fromEntries(
        Object.entries(tags).map(([name, tag]) => [name, typeof tag === 'string' ? { val: tag } : tag]),
      ),
    ),
  );

test('a time keeps the precision and the zone that were written, and no more', () => {
  expect(writtenTime('2013')).toEqual({ value: '2013', zone: null, precision: 'year' });
  expect(writtenTime('2013:05')).toEqual({ value: '2013-05', zone: null, precision: 'month' });
  expect(writtenTime('2013-05-06')).toEqual({ value: '2013-05-06', zone: null, precision: 'day' });
  expect(writtenTime('2013:05:06 07:08')).toEqual({ value: '2013-05-06T07:08', zone: null, precision: 'minute' });
  expect(writtenTime('2013:05:06 07:08:09.1234+03:00')).toEqual({
    value: '2013-05-06T07:08:09.1234',
    zone: '+03:00',
    precision: 'fraction',
  });
  expect(writtenTime('2013:05:06 07:08:09Z')?.zone).toBe('+00:00');
  for (const none of ['2013:00:00', '2013:02:30 01:02:03', 'yesterday', 20130506]) expect(writtenTime(none)).toBeNull();
});

test('a zone is a text or a number of minutes', () => {
  expect([zoneOf('+0300'), zoneOf(-210), zoneOf(180), zoneOf('+15:00'), zoneOf(32766)]).toEqual([
    '+03:00',
    '-03:30',
    '+03:00',
    null,
    null,
  ]);
});

test('the zone in a maker note counts where no summer time is on, since makers differ in what they mean by it', () => {
  const tags = { 'ExifIFD:DateTimeOriginal': '2013:05:06 07:08:09', 'Nikon:TimeZone': { val: '+03:00', num: '180' } };
  expect(read({ ...tags, 'Nikon:DaylightSavings': { val: 'No', num: '0' } }).times.original).toMatchObject({
    zone: '+03:00',
    zoneFrom: 'Nikon:TimeZone',
  });
  expect(read({ ...tags, 'Nikon:DaylightSavings': { val: 'Yes', num: '1' } }).times.original).toMatchObject({
    zone: null,
  });
  expect(read({ ...tags, 'ExifIFD:OffsetTimeOriginal': '+02:00' }).times.original).toMatchObject({
    zone: '+02:00',
    zoneFrom: 'ExifIFD:OffsetTimeOriginal',
  });
});

test('a body key needs a model and a serial number; one of zeros is none', () => {
  expect(bodyKey('NIKON CORPORATION', 'Nikon D70', '20004cc6')).toBe('NIKON CORPORATION|NIKON D70|20004CC6');
  expect(bodyKey('NIKON CORPORATION', null, '1')).toBeNull();
  expect(
    read({ 'IFD0:Model': 'X', 'ExifIFD:SerialNumber': '0000000', 'Nikon:SerialNumber': 'NO= 3105364  ' }).camera,
  ).toMatchObject({
    serial: '3105364',
    serialFrom: 'Nikon:SerialNumber',
    body: '|X|3105364',
  });
});

test('counters are told apart by what they count', () => {
  const { counters } = read({
    'Nikon:ShutterCount': '6632',
    'Canon:FileNumber': { val: '101-0163', num: '1010163' },
    'XMP-aux:ImageNumber': '77',
    'Sony:ShutterCount': '4294967295',
  }).picture;
  expect(counters).toEqual([
    { kind: 'shutter', value: 6632, from: 'Nikon:ShutterCount' },
    { kind: 'image', value: 77, from: 'XMP-aux:ImageNumber' },
    { kind: 'file', value: 1010163, from: 'Canon:FileNumber' },
  ]);
});

test('a position is that of its tags, in the datum that is stated', () => {
  const tags = {
    'GPS:GPSLatitude': { val: '33 deg', num: '33.5' },
    'Composite:GPSLatitude': { val: '33 deg S', num: '-33.5' },
    'Composite:GPSLongitude': { val: '36 deg', num: '36.29' },
    'Composite:GPSAltitude': { val: '12 m', num: '12' },
    'GPS:GPSMapDatum': 'TOKYO ',
  };
  expect(read(tags).place).toEqual({
    latitude: -33.5,
    longitude: 36.29,
    altitude: 12,
    datum: 'TOKYO',
    from: 'GPS:GPSLatitude',
  });
  expect(read({ ...tags, 'Composite:GPSLongitude': { val: '', num: '361' } }).place).toBeNull();
});

test('tags that name people are known by their names, and those that only sound so are kept', () => {
  for (const tag of [
    'IFD0:Artist',
    'Canon:OwnerName',
    'IPTC:By-line',
    'XMP-dc:Creator',
    'IFD0:XPAuthor',
    'PDF:Author',
    'XMP-iptcExt:PersonInImage',
    'IFD0:HostComputer',
    'IFD0:Copyright',
  ])
    expect(namesPeople(tag), tag).toBe(true);
  for (const tag of [
    'XMP-xmp:CreatorTool',
    'ICC-header:ProfileCreator',
    'ICC_Profile:ProfileCopyright',
    'IFD0:Model',
    'ExifIFD:SerialNumber',
    'IFD0:ImageDescription',
  ])
    expect(namesPeople(tag), tag).toBe(false);
});

test('what is withheld is named without its value, inside structures and paths too', () => {
  const { tags, withheld } = withholdNames({
    'XMP-x:List': [{ Creator: 'Nobody', Size: 3 }],
    'XMP-x:Path': '/home/nobody/a.jpg',
    'IFD0:Artist': '',
  });
  expect(tags).toEqual({ 'XMP-x:List': [{ Size: 3 }], 'XMP-x:Path': '/home/…/a.jpg', 'IFD0:Artist': '' });
  expect(withheld).toEqual(['XMP-x:List:Creator', 'XMP-x:Path']);
});

test('whatever exiftool answers becomes a record of the schema', () => {
  const names = [
    'IFD0:Make',
    'ExifIFD:DateTimeOriginal',
    'GPS:GPSLatitude',
    'Composite:GPSLatitude',
    'Composite:GPSLongitude',
    'Nikon:ShutterCount',
    '__proto__',
    'Nikon:TimeZone',
  ];
  const answer = fc.dictionary(
    fc.oneof(fc.constantFrom(...names), fc.string()),
    fc.oneof(fc.jsonValue(), fc.record({ val: fc.jsonValue(), num: fc.jsonValue() })),
  );
  fc.assert(
    fc.property(answer, (tags) => {
      metadataRecord.parse(metadataFields({ tags, lost: null }, defaultMetadataSettings));
    }),
  );
  expect(metadataFields({ tags: null, lost: 'timed-out' }, defaultMetadataSettings).problems).toMatchObject([
    { code: 'timed-out' },
  ]);
});
