// The central directory of a zip file: where it is, and what it lists. Read in windows, so that a directory of a million
// members costs no memory, and leniently, so that what is odd reaches whoever has to refuse it.

import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

export interface Directory {
  /** Where its first byte stands in the file, and where the byte after its last. */
  start: number;
  end: number;
  /** How many entries it says it has. */
  count: number;
  /** What to add to every offset: bytes that stand before the zip file. */
  base: number;
  /** Bytes after its end. */
  trailing: number;
  split: boolean;
}

export interface ZipEntry {
  /** The bytes of its name, or of its UTF-8 name where the archive gives one beside an older code page's. */
  name: Buffer;
  flags: number;
  method: number;
  crc: number;
  /** Compressed bytes. */
  packed: number;
  /** Bytes, as claimed. */
  size: number;
  /** Of its local header. */
  offset: number;
  /** The file type bits of a Unix mode, or 0 where the archive was not made on Unix. */
  type: number;
  modified: string | null;
  /** A number of it needs 64 bits and they are not there, or is none. */
  broken: boolean;
}

/** How much of the file's end is searched: the longest comment, and some trailing bytes. */
const tail = 1 << 20;
const windowSize = 1 << 20;

/** Finds the directory by the record at the file's end; null where there is none that leads to one. */
export async function findDirectory(file: FileHandle, size: number): Promise<Directory | null> {
  const from = Math.max(0, size - tail);
  const bytes = await readAt(file, from, size - from);
  for (let at = bytes.length - 22; at >= 0; at--) {
    at = bytes.lastIndexOf(endMark, at);
    if (at < 0) return null;
    const directory = at + 22 <= bytes.length ? await directoryAt(file, bytes.subarray(at), from + at) : null;
    if (directory !== null) return directory;
  }
  return null;
}

const endMark = Buffer.from('PK\x05\x06', 'latin1');

async function directoryAt(file: FileHandle, record: Buffer, position: number): Promise<Directory | null> {
  const trailing = record.length - 22 - record.readUInt16LE(20);
  if (trailing < 0) return null;
  let count = record.readUInt16LE(10);
  let length = record.readUInt32LE(12);
  let offset = record.readUInt32LE(16);
  let split = record.readUInt16LE(4) !== record.readUInt16LE(6);
  let end = position;
  if (count === 0xffff || length === 0xffffffff || offset === 0xffffffff) {
    const locator = position >= 20 ? await readAt(file, position - 20, 20) : Buffer.alloc(0);
    if (locator.length === 20 && locator.readUInt32LE(0) === 0x07064b50) {
      // It stands where the locator says, or, with bytes before the archive, right before the locator.
      for (const at of [Number(locator.readBigUInt64LE(8)), position - 20 - 56]) {
        const long =
          Number.isSafeInteger(at) && at >= 0 && at < position ? await readAt(file, at, 56) : Buffer.alloc(0);
        if (long.length !== 56 || long.readUInt32LE(0) !== 0x06064b50) continue;
        split = long.readUInt32LE(16) !== long.readUInt32LE(20);
        count = Number(long.readBigUInt64LE(32));
        length = Number(long.readBigUInt64LE(40));
        offset = Number(long.readBigUInt64LE(48));
        end = at;
        break;
      }
    }
  }
  for (const start of [end - length, offset]) {
    if (!Number.isSafeInteger(start) || start < 0 || start + length > end) continue;
    const first = await readAt(file, start, 4);
    const listed = first.length === 4 && first.readUInt32LE(0) === 0x02014b50;
    if (!listed && count !== 0) continue;
    return { start, end: start + length, count, base: Math.max(0, start - offset), trailing, split };
  }
  return null;
}

/** The entries in their order; null, as the last, where the directory breaks off or turns into something else. */
export async function* centralEntries(
  file: FileHandle,
  { start, end }: Directory,
): AsyncGenerator<ZipEntry | null, void, undefined> {
  let bytes: Buffer = Buffer.alloc(0);
  let at = 0;
  let position = start;
  while (position + at < end) {
    // The longest entry is 46 bytes and three fields of 65,535.
    if (bytes.length - at < 46 + 3 * 0xffff && position + bytes.length < end) {
      position += at;
      bytes = await readAt(file, position, Math.min(windowSize, end - position));
      at = 0;
    }
    const length = entryLength(bytes, at);
    if (length === null) {
      yield null;
      return;
    }
    yield parseEntry(bytes.subarray(at, at + length));
    at += length;
  }
}

function entryLength(bytes: Buffer, at: number): number | null {
  if (bytes.length - at < 46 || bytes.readUInt32LE(at) !== 0x02014b50) return null;
  const length = 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  return at + length <= bytes.length ? length : null;
}

function parseEntry(bytes: Buffer): ZipEntry {
  const nameEnd = 46 + bytes.readUInt16LE(28);
  // A copy: a name outlives the window it was read in.
  let name = Buffer.from(bytes.subarray(46, nameEnd));
  const extra = extraFields(bytes.subarray(nameEnd, nameEnd + bytes.readUInt16LE(30)));
  const host = bytes.readUInt16LE(4) >> 8;
  const entry: ZipEntry = {
    name,
    flags: bytes.readUInt16LE(8),
    method: bytes.readUInt16LE(10),
    crc: bytes.readUInt32LE(16),
    packed: bytes.readUInt32LE(20),
    size: bytes.readUInt32LE(24),
    offset: bytes.readUInt32LE(42),
    // 3 Unix, 19 macOS: the upper half of the attributes is st_mode.
    type: host === 3 || host === 19 ? (bytes.readUInt32LE(38) >>> 16) & 0xf000 : 0,
    modified: modifiedOf(bytes.readUInt16LE(14), bytes.readUInt16LE(12), extra),
    broken: false,
  };

  const unicode = extra.get(0x7075);
  if (unicode !== undefined && unicode.length > 5 && unicode[0] === 1 && unicode.readUInt32LE(1) === crc32(name)) {
    name = Buffer.from(unicode.subarray(5));
    entry.name = name;
  }
  const long = extra.get(0x0001);
  let at = 0;
  for (const field of ['size', 'packed', 'offset'] as const) {
    if (entry[field] !== 0xffffffff) continue;
    const value = long !== undefined && at + 8 <= long.length ? Number(long.readBigUInt64LE(at)) : NaN;
    at += 8;
    entry[field] = value;
    entry.broken ||= !Number.isSafeInteger(value);
  }
  return entry;
}

/** The first field of each number; what is malformed is left out. */
function extraFields(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  for (let at = 0; at + 4 <= bytes.length;) {
    const id = bytes.readUInt16LE(at);
    const end = at + 4 + bytes.readUInt16LE(at + 2);
    if (end > bytes.length) break;
    if (!fields.has(id)) fields.set(id, bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function modifiedOf(date: number, time: number, extra: Map<number, Buffer>): string | null {
  const unix = extra.get(0x5455);
  if (unix !== undefined && unix.length >= 5 && (unix[0]! & 1) === 1) {
    return new Date(unix.readInt32LE(1) * 1000).toISOString();
  }
  const ntfs = extra.get(0x000a);
  if (ntfs !== undefined && ntfs.length >= 32 && ntfs.readUInt16LE(4) === 1) {
    // 100-nanosecond steps since 1601.
    const moment = new Date(Number(ntfs.readBigInt64LE(8) / 10_000n) - 11_644_473_600_000);
    if (!Number.isNaN(moment.getTime())) return moment.toISOString();
  }
  const month = (date >> 5) & 15;
  const day = date & 31;
  if (month < 1 || month > 12 || day < 1) return null;
  const clock = [time >> 11, (time >> 5) & 63, (time & 31) * 2].map(two).join(':');
  return `${1980 + (date >> 9)}-${two(month)}-${two(day)}T${clock}`;
}

/** Up to `length` bytes from `position`; fewer where the file ends. */
export async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return buffer.subarray(0, at);
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
