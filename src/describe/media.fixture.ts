// Small recordings made by hand, byte by byte, so that no test needs a program that encodes: QuickTime with pictures as
// JPEG (ISO/IEC 14496-12, QTFF), and RIFF WAVE.
import sharp from 'sharp';

export interface Clip {
  width: number;
  height: number;
  /** How many frames, at ten a second. */
  frames: number;
  /** Seconds since 1904, as the header states them; 0 for none. */
  created?: number;
  /** Degrees clockwise. */
  rotation?: 0 | 90;
  /** QuickTime keys ('com.apple.quicktime.make'). */
  keys?: Readonly<Record<string, string>>;
  /** Classic user data: '©mak', '©mod', '©xyz'. */
  userData?: Readonly<Record<string, string>>;
  /** 'end', as cameras write it, or 'start'. */
  index?: 'start' | 'end';
}

/** Seconds from 1904 to 1970. */
export const since1904 = (iso: string): number => Date.parse(iso) / 1000 + 2_082_844_800;

const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);
const u32 = (...all: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * all.length);
  for (const [i, n] of all.entries()) bytes.writeUInt32BE(n, 4 * i);
  return bytes;
};
const box = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};
const one = 0x10000;
const straight = u32(one, 0, 0, 0, one, 0, 0, 0, 0x40000000);

/** Shapes that differ from frame to frame: a disc that wanders over stripes. */
function frameOf(width: number, height: number, n: number): Promise<Buffer> {
  const stripes = Array.from({ length: 8 }, (_, i) => {
    const shade = ((i * 37 + n * 53) % 200) + 30;
    return `<rect x="${(i * width) / 8}" width="${width / 8}" height="${height}" fill="rgb(${shade},${255 - shade},${(shade * 3) % 255})"/>`;
  });
  const disc = `<circle cx="${((n + 1) * width) / 7}" cy="${height / 2}" r="${height / 4}" fill="white"/>`;
  return sharp(
    Buffer.from(
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${stripes.join('')}${disc}</svg>`,
    ),
  )
    .jpeg({ quality: 80 })
    .toBuffer();
}

/** A QuickTime film of JPEG pictures. */
export async function makeClip(clip: Clip): Promise<Buffer> {
  const { width, height, frames, created = 0, rotation = 0, index = 'end' } = clip;
  const pictures = await Promise.all(Array.from({ length: frames }, (_, n) => frameOf(width, height, n)));
  const type = box('ftyp', Buffer.from('qt  '), u32(0), Buffer.from('qt  '));
  const media = box('mdat', ...pictures);
  const indexAt = (offset: number): Buffer => moovOf(clip, pictures, offset, created, rotation);
  if (index === 'end') return Buffer.concat([type, media, indexAt(type.length + 8)]);
  const { length } = indexAt(0);
  return Buffer.concat([type, indexAt(type.length + length + 8), media]);
}

function moovOf(
  { width, height, keys, userData }: Clip,
  pictures: Buffer[],
  offset: number,
  created: number,
  rotation: number,
): Buffer {
  const duration = pictures.length * 10;
  const matrix = rotation === 90 ? u32(0, one, 0, 0xffff0000, 0, 0, height * one, 0, 0x40000000) : straight;
  const header = box(
    'mvhd',
    u32(0, created, created, 100, duration, one),
    u16(256),
    Buffer.alloc(10),
    straight,
    Buffer.alloc(24),
    u32(2),
  );
  const track = box(
    'tkhd',
    u32(7, created, created, 1, 0, duration),
    Buffer.alloc(16),
    matrix,
    u32(width * one, height * one),
  );
  const described = box(
    'jpeg',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(width),
    u16(height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    Buffer.alloc(32),
    u16(24),
    u16(0xffff),
  );
  const table = box(
    'stbl',
    box('stsd', u32(0, 1), described),
    box('stts', u32(0, 1, pictures.length, 10)),
    box('stsc', u32(0, 1, 1, pictures.length, 1)),
    box('stsz', u32(0, 0, pictures.length, ...pictures.map(({ length }) => length))),
    box('stco', u32(0, 1, offset)),
  );
  const references = box('dinf', box('dref', u32(0, 1), box('url ', u32(1))));
  const handler = box('hdlr', u32(0), Buffer.from('mhlrvide'), u32(0, 0, 0), Buffer.from('\0'));
  const media = box(
    'mdia',
    box('mdhd', u32(0, created, created, 100, duration), u16(0x55c4), u16(0)),
    handler,
    box('minf', box('vmhd', u32(1), Buffer.alloc(8)), references, table),
  );
  return box('moov', header, box('trak', track, media), ...keyed(keys ?? {}), ...classic(userData ?? {}));
}

function keyed(keys: Readonly<Record<string, string>>): Buffer[] {
  const entries = Object.entries(keys);
  if (entries.length === 0) return [];
  const values = entries.map(([, value], i) => {
    const data = box('data', u32(1, 0), Buffer.from(value));
    return Buffer.concat([u32(data.length + 8, i + 1), data]);
  });
  return [
    box(
      'meta',
      box('hdlr', u32(0, 0), Buffer.from('mdta'), u32(0, 0, 0), Buffer.from('\0')),
      box('keys', u32(0, entries.length), ...entries.map(([key]) => box('mdta', Buffer.from(key)))),
      box('ilst', ...values),
    ),
  ];
}

function classic(data: Readonly<Record<string, string>>): Buffer[] {
  const entries = Object.entries(data);
  if (entries.length === 0) return [];
  return [
    box('udta', ...entries.map(([name, text]) => box(name, u16(Buffer.byteLength(text)), u16(0), Buffer.from(text)))),
  ];
}

/** A second of a tone, 16 bits, one channel. */
export function makeSound(rate = 8000): Buffer {
  const samples = Buffer.alloc(rate * 2);
  for (let n = 0; n < rate; n++) samples.writeInt16LE(Math.round(Math.sin(n / 3) * 8000), n * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
