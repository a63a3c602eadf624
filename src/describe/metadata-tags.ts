// From exiftool's tags to the normalised set: for each fact, the tags that state it, the best first. Pure.
import type { Json } from '../case/json.ts';
import type { MetadataSet, StatedTime } from './metadata-set.ts';
import { writtenTime, zoneOf } from './metadata-time.ts';

/** A tag as exiftool's long form gives it: what it prints, and the number behind it where that differs. */
export interface Tag {
  value: Json;
  shown: Json;
}
export type Tags = ReadonlyMap<string, Tag>;

/** Tags of exiftool's output (`-j -l -G1`), by 'group:name'; what is not in that form is left out. */
export function tagsOf(output: unknown): Map<string, Tag> {
  const tags = new Map<string, Tag>();
  if (typeof output !== 'object' || output === null) return tags;
  for (const [name, said] of Object.entries(output)) {
    if (typeof said !== 'object' || said === null || !('val' in said)) continue;
    tags.set(name, { value: ('num' in said ? said.num : said.val) as Json, shown: said.val as Json });
  }
  return tags;
}

const makerNotes =
  '(?:Canon|CanonCustom|CanonRaw|CIFF|Nikon|NikonCustom|Sony|Pentax|Olympus|Equipment|Panasonic|FujiFilm|Kodak|Minolta|Ricoh|Samsung|Sanyo|Casio|Sigma|Leica|Apple|Reconyx|PictureInfo|DJI|GoPro|MakerNotes)';

/** The normalised set. Never throws, whatever the tags are. */
export function metadataOf(tags: Tags): MetadataSet {
  const serial = first(
    tags,
    words,
    [
      'ExifIFD:SerialNumber',
      new RegExp(`^${makerNotes}:(?:Body|Camera)?SerialNumber$`),
      'XMP-exifEX:SerialNumber',
      'XMP-aux:SerialNumber',
      new RegExp(`^(?:IFD0:CameraSerialNumber|${makerNotes}:InternalSerialNumber)$`),
    ],
    (text) => (/^[0\s.#-]*$/.test(text) ? null : text.replace(/^NO[=.:]\s*/, '')),
  );
  const make = first(tags, words, ['IFD0:Make', 'XMP-tiff:Make', /^(?:Keys|UserData|QuickTime):(?:Android)?Make$/]);
  const model = first(tags, words, ['IFD0:Model', 'XMP-tiff:Model', /^(?:Keys|UserData|QuickTime):(?:Android)?Model$/]);
  const lens = first(tags, shownWords, [
    'ExifIFD:LensModel',
    'XMP-exifEX:LensModel',
    'Composite:LensID',
    'XMP-aux:Lens',
  ]);
  const uniqueId = first(tags, words, ['ExifIFD:ImageUniqueID', new RegExp(`^${makerNotes}:ImageUniqueID$`)], (id) =>
    /^0*$/.test(id) ? null : id,
  );
  const orientation = first(tags, whole, ['IFD0:Orientation', 'XMP-tiff:Orientation'])?.value ?? null;
  return {
    times: timesOf(tags),
    camera: {
      make: make?.value ?? null,
      model: model?.value ?? null,
      serial: serial?.value ?? null,
      serialFrom: serial?.from ?? null,
      body: bodyKey(make?.value ?? null, model?.value ?? null, serial?.value ?? null),
      firmware: first(tags, shownWords, [/:(?:Canon|Body)?FirmwareVersion$/])?.value ?? null,
      lens: lens?.value ?? null,
      lensSerial:
        first(tags, words, ['ExifIFD:LensSerialNumber', /:LensSerialNumber$/], (text) =>
          /^[0\s]*$/.test(text) ? null : text,
        )?.value ?? null,
    },
    picture: {
      orientation: orientation !== null && orientation >= 1 && orientation <= 8 ? orientation : null,
      uniqueId: uniqueId?.value ?? null,
      uniqueIdFrom: uniqueId?.from ?? null,
      documentId: first(tags, words, ['XMP-xmpMM:DocumentID'])?.value ?? null,
      originalDocumentId: first(tags, words, ['XMP-xmpMM:OriginalDocumentID'])?.value ?? null,
      software:
        first(tags, words, ['IFD0:Software', /^(?:Keys|ItemList|UserData):(?:Software|SoftwareVersion|Encoder)$/])
          ?.value ?? null,
      creatorTool: first(tags, words, ['XMP-xmp:CreatorTool'])?.value ?? null,
      counters: countersOf(tags),
    },
    place: placeOf(tags),
  };
}

/** One camera body's key; null where it has none. */
export function bodyKey(make: string | null, model: string | null, serial: string | null): string | null {
  return model === null || serial === null ? null : [make ?? '', model, serial].join('|').toUpperCase();
}

function timesOf(tags: Tags): MetadataSet['times'] {
  const xmp = (...names: string[]): (string | RegExp)[][] => names.map((name) => [name]);
  return {
    original:
      timeOf(
        tags,
        ['ExifIFD:DateTimeOriginal', 'IFD0:DateTimeOriginal'],
        'ExifIFD:SubSecTimeOriginal',
        'ExifIFD:OffsetTimeOriginal',
      ) ?? timeOf(tags, xmp('XMP-exif:DateTimeOriginal', 'XMP-photoshop:DateCreated', 'Keys:CreationDate').flat()),
    digitised:
      timeOf(tags, ['ExifIFD:CreateDate'], 'ExifIFD:SubSecTimeDigitized', 'ExifIFD:OffsetTimeDigitized') ??
      timeOf(tags, xmp('XMP-exif:DateTimeDigitized', 'XMP-xmp:CreateDate', 'QuickTime:CreateDate').flat()),
    modified:
      timeOf(tags, ['IFD0:ModifyDate'], 'ExifIFD:SubSecTime', 'ExifIFD:OffsetTime') ??
      timeOf(tags, xmp('XMP-xmp:ModifyDate', 'QuickTime:ModifyDate').flat()),
    gps: gpsTime(tags),
  };
}

function timeOf(tags: Tags, names: (string | RegExp)[], fraction?: string, offset?: string): StatedTime | null {
  for (const from of named(tags, names)) {
    const part = (name: string | undefined): Json | undefined =>
      name === undefined ? undefined : tags.get(name)?.shown;
    const written = writtenTime(tags.get(from)!.shown, part(fraction), part(offset));
    if (written === null) continue;
    if (written.zone !== null) return { ...written, zoneFrom: zoneOf(part(offset)) === null ? from : offset!, from };
    // A camera that keeps its zone in the maker note: with summer time on, makers differ in what they mean.
    const note = from.startsWith('ExifIFD:') ? named(tags, [/^(?:Canon|Nikon):TimeZone$/])[0] : undefined;
    const summer = note === undefined ? 0 : (number(tags.get(note.replace('TimeZone', 'DaylightSavings'))) ?? 0);
    const zone = note !== undefined && summer === 0 ? zoneOf(number(tags.get(note))) : null;
    return { ...written, zone, zoneFrom: zone === null ? null : note!, from };
  }
  return null;
}

// The date and the time of a satellite are two tags, both in UTC.
function gpsTime(tags: Tags): StatedTime | null {
  const [date, time] = [tags.get('GPS:GPSDateStamp')?.shown, tags.get('GPS:GPSTimeStamp')?.shown];
  if (typeof date !== 'string' || typeof time !== 'string') return null;
  const written = writtenTime(`${date} ${time}`);
  return written === null ? null : { ...written, zone: '+00:00', zoneFrom: null, from: 'GPS:GPSTimeStamp' };
}

const counterTags = [
  ['shutter', new RegExp(`^${makerNotes}:ShutterCount$`)],
  ['shutter', /^FujiFilm:ImageCount$/],
  ['image', new RegExp(`^(?:${makerNotes}|ExifIFD|XMP-aux):ImageNumber$`)],
  ['file', new RegExp(`^${makerNotes}:(?:FileNumber|FileIndex)$`)],
] as const;

function countersOf(tags: Tags): MetadataSet['picture']['counters'] {
  return counterTags.flatMap(([kind, pattern]) =>
    named(tags, [pattern]).flatMap((from) => {
      const value = whole(tags.get(from)!);
      return value === null || value === 0 || value >= 0xffff_ffff ? [] : [{ kind, value, from }];
    }),
  );
}

function placeOf(tags: Tags): MetadataSet['place'] {
  for (const [from, latitude, longitude, altitude] of [
    ['GPS:GPSLatitude', 'Composite:GPSLatitude', 'Composite:GPSLongitude', 'Composite:GPSAltitude'],
    ['XMP-exif:GPSLatitude', 'XMP-exif:GPSLatitude', 'XMP-exif:GPSLongitude', 'XMP-exif:GPSAltitude'],
    ['Keys:GPSCoordinates', 'Composite:GPSLatitude', 'Composite:GPSLongitude', 'Composite:GPSAltitude'],
  ] as const) {
    if (!tags.has(from)) continue;
    const [north, east] = [degrees(tags.get(latitude), 90), degrees(tags.get(longitude), 180)];
    if (north === null || east === null) continue;
    const height = number(tags.get(altitude));
    const datum = first(tags, words, ['GPS:GPSMapDatum'])?.value ?? null;
    return { latitude: north, longitude: east, altitude: height, datum, from };
  }
  return null;
}

/** The names of tags that there are, in the order asked for. */
function named(tags: Tags, names: readonly (string | RegExp)[]): string[] {
  return names.flatMap((name) =>
    typeof name === 'string' ? (tags.has(name) ? [name] : []) : [...tags.keys()].filter((tag) => name.test(tag)),
  );
}

function first<T>(
  tags: Tags,
  read: (tag: Tag) => T | null,
  names: readonly (string | RegExp)[],
  keep: (value: T) => T | null = (value) => value,
): { value: T; from: string } | null {
  for (const from of named(tags, names)) {
    const said = read(tags.get(from)!);
    const value = said === null ? null : keep(said);
    if (value !== null) return { value, from };
  }
  return null;
}

function words({ value }: Tag): string | null {
  if (typeof value !== 'string' && typeof value !== 'number') return null;
  const text = String(value)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200);
  return text === '' ? null : text;
}

const shownWords = ({ shown }: Tag): string | null => words({ value: shown, shown });

function number(tag: Tag | undefined): number | null {
  const value = typeof tag?.value === 'string' && tag.value.trim() !== '' ? Number(tag.value) : tag?.value;
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function whole(tag: Tag): number | null {
  const value = number(tag);
  return value !== null && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

function degrees(tag: Tag | undefined, largest: number): number | null {
  const value = number(tag);
  return value === null || Math.abs(value) > largest ? null : Math.round(value * 1e7) / 1e7;
}
