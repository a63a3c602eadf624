// Writes the EXIF of a made-up camera (Exif 2.3, JEITA CP-3451C; TIFF 6.0) with an embedded thumbnail, and puts it into a
// JPEG that has none. An encoder of its own: the demo must say exactly what each file holds, and no library writes all of it.

export interface ExifFields {
  byteOrder: 'little' | 'big';
  make: string;
  model: string;
  software: string;
  /** EXIF orientation, 1 to 8. */
  orientation: number;
  /** Local time as the camera's clock had it, "2013-05-14T10:22:31". */
  taken: string;
  /** Two digits of the second's fraction. */
  subsecond: string;
  width: number;
  height: number;
  /** The body's serial number; cameras that write none have null. */
  serial: string | null;
  lens: string | null;
  /** The camera's file counter (TIFF/EP ImageNumber). */
  counter: number;
  /** 32 hexadecimal digits. */
  imageId: string;
  /** Seconds as a fraction, for example [1, 60]. */
  exposure: readonly [number, number];
  /** f-number times ten. */
  aperture: number;
  sensitivity: number;
  /** Millimetres. */
  focalLength: number;
  flash: boolean;
  /** A small JPEG; null for none. */
  thumbnail: Uint8Array | null;
}

type Value =
  | { tag: number; type: 'ascii'; value: string }
  | { tag: number; type: 'short' | 'long'; value: number }
  | { tag: number; type: 'rational'; value: readonly [number, number] }
  | { tag: number; type: 'undefined'; value: Uint8Array };

const types = { ascii: 2, short: 3, long: 4, rational: 5, undefined: 7 } as const;

/** The APP1 segment (marker, length, "Exif", TIFF) of these fields. Throws RangeError where it would pass 65,535 bytes. */
export function exifSegment(fields: ExifFields): Buffer {
  const little = fields.byteOrder === 'little';
  const clock = fields.taken.replaceAll('-', ':').replace('T', ' ');
  const exif: Value[] = [
    { tag: 0x829a, type: 'rational', value: fields.exposure },
    { tag: 0x829d, type: 'rational', value: [fields.aperture, 10] },
    { tag: 0x8827, type: 'short', value: fields.sensitivity },
    { tag: 0x9000, type: 'undefined', value: Buffer.from('0230') },
    { tag: 0x9003, type: 'ascii', value: clock },
    { tag: 0x9004, type: 'ascii', value: clock },
    { tag: 0x9209, type: 'short', value: fields.flash ? 1 : 16 },
    { tag: 0x920a, type: 'rational', value: [fields.focalLength, 1] },
    { tag: 0x9211, type: 'long', value: fields.counter },
    { tag: 0x9291, type: 'ascii', value: fields.subsecond },
    { tag: 0xa001, type: 'short', value: 1 },
    { tag: 0xa002, type: 'long', value: fields.width },
    { tag: 0xa003, type: 'long', value: fields.height },
    { tag: 0xa420, type: 'ascii', value: fields.imageId },
  ];
  if (fields.serial !== null) exif.push({ tag: 0xa431, type: 'ascii', value: fields.serial });
  if (fields.lens !== null) exif.push({ tag: 0xa434, type: 'ascii', value: fields.lens });
  const main: Value[] = [
    { tag: 0x010f, type: 'ascii', value: fields.make },
    { tag: 0x0110, type: 'ascii', value: fields.model },
    { tag: 0x0112, type: 'short', value: fields.orientation },
    { tag: 0x011a, type: 'rational', value: [72, 1] },
    { tag: 0x011b, type: 'rational', value: [72, 1] },
    { tag: 0x0128, type: 'short', value: 2 },
    { tag: 0x0131, type: 'ascii', value: fields.software },
    { tag: 0x0132, type: 'ascii', value: clock },
    { tag: 0x0213, type: 'short', value: 1 },
    { tag: 0x8769, type: 'long', value: 0 },
  ];
  const { thumbnail } = fields;
  const mainAt = 8;
  const exifAt = mainAt + directory(main, mainAt, 0, little).length;
  const smallAt = exifAt + directory(exif, exifAt, 0, little).length;
  main[main.length - 1] = { tag: 0x8769, type: 'long', value: exifAt };
  const head = Buffer.alloc(8);
  head.write(little ? 'II' : 'MM', 'latin1');
  write16(head, 42, 2, little);
  write32(head, mainAt, 4, little);
  const parts: Uint8Array[] = [
    head,
    directory(main, mainAt, thumbnail === null ? 0 : smallAt, little),
    directory(exif, exifAt, 0, little),
  ];
  if (thumbnail !== null) {
    const length = directory(small(0, 0), smallAt, 0, little).length;
    parts.push(directory(small(smallAt + length, thumbnail.length), smallAt, 0, little), thumbnail);
  }
  const body = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), ...parts]);
  if (body.length + 2 > 0xffff) throw new RangeError('An APP1 segment holds at most 65,535 bytes');
  return Buffer.concat([Buffer.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 0xff]), body]);
}

/** The directory of the embedded thumbnail, which lies at `start`. */
const small = (start: number, length: number): Value[] => [
  { tag: 0x0103, type: 'short', value: 6 },
  { tag: 0x011a, type: 'rational', value: [72, 1] },
  { tag: 0x011b, type: 'rational', value: [72, 1] },
  { tag: 0x0128, type: 'short', value: 2 },
  { tag: 0x0201, type: 'long', value: start },
  { tag: 0x0202, type: 'long', value: length },
];

/** The JPEG with this segment right after its start, and without the JFIF segment that cameras do not write. */
export function withSegment(jpeg: Uint8Array, segment: Uint8Array): Buffer {
  const jfif = jpeg[2] === 0xff && jpeg[3] === 0xe0;
  const rest = jfif ? 4 + ((jpeg[4]! << 8) | jpeg[5]!) : 2;
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(rest)]);
}

/** One image file directory at `at`, its longer values right behind it, padded to even lengths as TIFF asks. */
function directory(values: Value[], at: number, next: number, little: boolean): Buffer {
  const table = Buffer.alloc(2 + values.length * 12 + 4);
  const far: Uint8Array[] = [];
  let end = at + table.length;
  write16(table, values.length, 0, little);
  values.forEach((value, index) => {
    const bytes = encoded(value, little);
    const entry = 2 + index * 12;
    write16(table, value.tag, entry, little);
    write16(table, types[value.type], entry + 2, little);
    write32(table, value.type === 'ascii' || value.type === 'undefined' ? bytes.length : 1, entry + 4, little);
    if (bytes.length <= 4) {
      table.set(bytes, entry + 8);
    } else {
      write32(table, end, entry + 8, little);
      const even = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
      far.push(even);
      end += even.length;
    }
  });
  write32(table, next, table.length - 4, little);
  return Buffer.concat([table, ...far]);
}

function encoded(value: Value, little: boolean): Uint8Array {
  switch (value.type) {
    case 'ascii':
      return Buffer.from(`${value.value}\0`, 'latin1');
    case 'undefined':
      return value.value;
    case 'short':
      return write16(Buffer.alloc(2), value.value, 0, little);
    case 'long':
      return write32(Buffer.alloc(4), value.value, 0, little);
    case 'rational':
      return write32(write32(Buffer.alloc(8), value.value[0], 0, little), value.value[1], 4, little);
  }
}

function write16(buffer: Buffer, value: number, at: number, little: boolean): Buffer {
  if (little) buffer.writeUInt16LE(value, at);
  else buffer.writeUInt16BE(value, at);
  return buffer;
}

function write32(buffer: Buffer, value: number, at: number, little: boolean): Buffer {
  if (little) buffer.writeUInt32LE(value, at);
  else buffer.writeUInt32BE(value, at);
  return buffer;
}
