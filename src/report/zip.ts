// Writes a zip (PKWARE APPNOTE 6.3.10, zip64 where sizes ask for it) into anything that takes bytes in order. Members are
// stored, with sizes and checksum before their bytes: any tool reads it, even from a pipe, and the same members give the
// same bytes. A package would keep every member until the end: see docs/decisions/025-a-zip-of-our-own.md.
import { crc32 } from 'node:zlib';

/** What a member holds, from its start each time it is asked for: it is read twice, for the checksum comes first. */
export type Source = () => AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** 1980-01-01 00:00, the earliest that a zip can say: when a bundle was packed is in its bag-info.txt. */
const date = 0x0021;
const regularFile = 0o100644;
const utf8Name = 0x0800;
const most32 = 0xffffffff;
const most16 = 0xffff;

export interface ZipWriter {
  /** Adds a member; the earlier one must be done. Throws a RangeError where the source gives other bytes the second time. */
  add(name: string, source: Source): Promise<void>;
  /** Writes the directory at the end. */
  end(): Promise<void>;
}

/** `write` resolves when more may come. */
export function openZip(write: (bytes: Uint8Array) => Promise<void>): ZipWriter {
  let at = 0;
  let count = 0;
  // Only the directory is kept: some 100 bytes a member.
  const directory: Buffer[] = [];
  const put = async (bytes: Uint8Array): Promise<void> => {
    at += bytes.length;
    await write(bytes);
  };
  return {
    async add(name, source) {
      const facts = await look(source);
      const path = Buffer.from(name, 'utf8');
      directory.push(centralHeader(path, facts, at));
      count++;
      await put(localHeader(path, facts));
      const start = at;
      let crc = 0;
      for await (const chunk of source()) {
        crc = sum(chunk, crc);
        await put(chunk);
      }
      if (at - start !== facts.size || crc !== facts.crc) throw new RangeError('a file changed while it was packed');
    },

    async end() {
      const start = at;
      for (const header of directory) await put(header);
      await put(endOfDirectory(count, start, at));
    },
  };
}

/** zlib takes an empty piece for the wish to begin anew. */
const sum = (chunk: Uint8Array, crc: number): number => (chunk.length === 0 ? crc : crc32(chunk, crc));

interface Facts {
  crc: number;
  size: number;
}

async function look(source: Source): Promise<Facts> {
  let [crc, size] = [0, 0];
  for await (const chunk of source()) {
    crc = sum(chunk, crc);
    size += chunk.length;
  }
  return { crc, size };
}

/** Version that a reader needs: 4.5 for zip64, else 2.0. */
const needed = (large: boolean): number => (large ? 45 : 20);

/** 4.3.7 */
function localHeader(path: Buffer, { crc, size }: Facts): Buffer {
  const large = size >= most32;
  // 4.5.3: in a local header both sizes, the packed one too.
  const extra = large ? zip64(size, size) : Buffer.alloc(0);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  common(header, 4, { large, crc, size, path, extra });
  return Buffer.concat([header, path, extra]);
}

/** 4.3.12 */
function centralHeader(path: Buffer, { crc, size }: Facts, offset: number): Buffer {
  const large = size >= most32;
  const far = offset >= most32;
  const extra = large || far ? zip64(...(large ? [size, size] : []), ...(far ? [offset] : [])) : Buffer.alloc(0);
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  // Made by: Unix, so that the mode is read.
  header.writeUInt16LE((3 << 8) | needed(large || far), 4);
  common(header, 6, { large: large || far, crc, size, path, extra });
  header.writeUInt32LE(regularFile * 0x10000, 38);
  header.writeUInt32LE(far ? most32 : offset, 42);
  return Buffer.concat([header, path, extra]);
}

/** The fields that both headers have in the same order. */
function common(
  header: Buffer,
  at: number,
  { large, crc, size, path, extra }: Facts & { large: boolean; path: Buffer; extra: Buffer },
): void {
  const shown = Math.min(size, most32);
  header.writeUInt16LE(needed(large), at);
  header.writeUInt16LE(utf8Name, at + 2);
  header.writeUInt16LE(date, at + 8);
  header.writeUInt32LE(crc, at + 10);
  header.writeUInt32LE(shown, at + 14);
  header.writeUInt32LE(shown, at + 18);
  header.writeUInt16LE(path.length, at + 22);
  header.writeUInt16LE(extra.length, at + 24);
}

/** 4.5.3, the extra field of zip64. */
function zip64(...values: number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  values.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
  return extra;
}

/** 4.3.14 to 4.3.16 */
function endOfDirectory(count: number, start: number, end: number): Buffer {
  const size = end - start;
  const tail = Buffer.alloc(22);
  tail.writeUInt32LE(0x06054b50, 0);
  tail.writeUInt16LE(Math.min(count, most16), 8);
  tail.writeUInt16LE(Math.min(count, most16), 10);
  tail.writeUInt32LE(Math.min(size, most32), 12);
  tail.writeUInt32LE(Math.min(start, most32), 16);
  if (count < most16 && size < most32 && start < most32) return tail;
  const large = Buffer.alloc(56 + 20);
  large.writeUInt32LE(0x06064b50, 0);
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE((3 << 8) | 45, 12);
  large.writeUInt16LE(45, 14);
  large.writeBigUInt64LE(BigInt(count), 24);
  large.writeBigUInt64LE(BigInt(count), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(start), 48);
  // The locator: where that record starts, on the only disk.
  large.writeUInt32LE(0x07064b50, 56);
  large.writeBigUInt64LE(BigInt(end), 64);
  large.writeUInt32LE(1, 72);
  return Buffer.concat([large, tail]);
}
