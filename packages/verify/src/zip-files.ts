// A case or bundle in one zip file (PKWARE APPNOTE 6.3, ZIP64 included), read where it lies. Strict: an archive that two
// readers could take for two different trees is refused, so that what was checked is what anybody will unpack.
import { hashWhole, openSha256, toHex } from '#engine';
import type { Files, Source } from './files.ts';
import { FormatError } from './problem.ts';

/** A file that is wanted whole must fit; the largest that there is, a manifest, takes some 150 bytes a file. */
const wholeLimit = 512 << 20;
/** Up to here a file is hashed in one piece: much faster in a browser, and memory stays flat all the same. */
const onePiece = 64 << 20;
const piece = 1 << 20;
const directoryLimit = 256 << 20;
/** Small reads are served from blocks: members stand in the order in which they are asked for. */
const block = 1 << 20;
const blocksKept = 16;

const linkType = 0xa000;
const fileTypes = new Set([0, 0x8000]);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

interface Member {
  path: string;
  name: Uint8Array;
  flags: number;
  method: number;
  crc: number;
  packed: number;
  size: number;
  /** Of its local header, and of whatever comes next. */
  at: number;
  next: number;
  /** A link, or another thing that is no file. */
  special: boolean;
}

const refuse = (why: string): FormatError => new FormatError('archive-malformed', why);

/** How many bytes of a file `isZip` looks at. */
export const startLength = 21;

/** Whether bytes begin as a zip file does. Throws FormatError('archive-malformed') for one that age has encrypted. */
export function isZip(start: Uint8Array): boolean {
  if (String.fromCharCode(...start.subarray(0, startLength)) === 'age-encryption.org/v1') {
    throw refuse('it is encrypted to its recipients, who open it first: age -d -i KEY -o bundle.zip FILE');
  }
  return start[0] === 0x50 && start[1] === 0x4b && start[2] === 3 && start[3] === 4;
}

/**
 * The files in a zip file, without the one folder that they may all lie in. Throws FormatError('archive-malformed') where
 * the archive as a whole is not to be believed; what is wrong with a single member is among the `problems` once it was read.
 */
export async function openZip(source: Source): Promise<Files> {
  const { read } = blockwise(source);
  const { members, folders } = await readDirectory(source);
  const below = commonFolder(members);
  const byPath = new Map(members.map((member) => [member.path.slice(below.length), member]));
  const problems = new Map<string, string>();

  /** The bytes of a member; null, and a problem, where they are not what the directory says. */
  async function open<T>(path: string, use: (chunks: AsyncIterable<Uint8Array>, member: Member) => Promise<T>) {
    const member = byPath.get(path);
    if (member === undefined || member.special) return null;
    try {
      return await use(contents(read, source, member), member);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      problems.set(path, error.message);
      return null;
    }
  }

  return {
    problems: () => [...problems].map(([where, message]) => ({ where, message })),

    async *list() {
      for (const folder of folders) {
        await demandLocal(read, folder).catch((error: unknown) => {
          if (!(error instanceof FormatError)) throw error;
          problems.set(folder.path, error.message);
        });
      }
      for (const [path, { size, special }] of byPath) yield { path, size: special ? -1 : size };
    },

    read: (path) =>
      open(path, (chunks, { size }) => {
        if (size > wholeLimit) throw refuse('it is too large for what it should be');
        return joined(chunks, size);
      }),

    hash: (path) =>
      open(path, async (chunks, { size }) => {
        if (size <= onePiece) return { sha256: toHex(await hashWhole(await joined(chunks, size))), size };
        const hash = openSha256();
        for await (const chunk of chunks) hash.update(chunk);
        return { sha256: toHex(hash.digest()), size };
      }),
  };
}

/** A source whose small reads come from blocks that are kept: a member costs a header and some hundred bytes. */
function blockwise(source: Source): Source {
  const kept = new Map<number, Promise<Uint8Array>>();
  const blockOf = (n: number): Promise<Uint8Array> => {
    let found = kept.get(n);
    if (found === undefined) {
      if (kept.size >= blocksKept) kept.delete(kept.keys().next().value!);
      found = source.read(n * block, Math.min(block, source.size - n * block));
    } else kept.delete(n);
    kept.set(n, found);
    return found;
  };
  return {
    size: source.size,
    async read(at, length) {
      const n = Math.floor(at / block);
      if (length > block || at + length > (n + 1) * block || at + length > source.size) return source.read(at, length);
      return (await blockOf(n)).subarray(at - n * block, at - n * block + length);
    },
  };
}

const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The members by their place in the archive. Nothing before, between or behind them is free. */
async function readDirectory(source: Source): Promise<{ members: Member[]; folders: Member[] }> {
  const { start, end, count } = await findDirectory(source);
  const bytes = await source.read(start, end - start);
  if (bytes.length !== end - start) throw refuse('the archive ends within its directory');
  const members: Member[] = [];
  const paths = new Set<string>();
  const folders = new Set<string>();
  let at = 0;
  for (let n = 0; n < count; n++) {
    const { member, length } = parseMember(bytes.subarray(at));
    at += length;
    const name = member.path.endsWith('/') ? member.path.slice(0, -1) : member.path;
    demandPlain(name);
    if (paths.has(member.path)) throw refuse('two members have the same name');
    paths.add(member.path);
    for (let cut = name.lastIndexOf('/'); cut > 0; cut = name.lastIndexOf('/', cut - 1)) {
      folders.add(name.slice(0, cut));
    }
    members.push(member);
  }
  if (at !== bytes.length) throw refuse('its directory does not list what it says it lists');
  members.sort((a, b) => a.at - b.at);
  for (const [i, member] of members.entries()) member.next = members[i + 1]?.at ?? start;
  if (members.length > 0 && members[0]!.at !== 0) throw refuse('bytes stand before its first member');
  const files = members.filter(({ path }) => !path.endsWith('/'));
  const empty = members.filter(({ path }) => path.endsWith('/'));
  if (empty.some(({ size }) => size > 0)) throw refuse('a folder has contents of its own');
  if (files.some(({ path }) => folders.has(path) || paths.has(`${path}/`))) {
    throw refuse('a member is a file and a folder');
  }
  return { members: files, folders: empty };
}

/** Where the directory is. It must end the file, without a comment, so that no other end can be found in it. */
async function findDirectory(source: Source): Promise<{ start: number; end: number; count: number }> {
  const last = source.size - 22;
  if (last < 0) throw refuse('not a zip file');
  const record = view(await source.read(last, 22));
  if (record.byteLength !== 22 || record.getUint32(0, true) !== 0x06054b50 || record.getUint16(20, true) !== 0) {
    throw refuse('no zip file that ends where its directory ends');
  }
  let count = record.getUint16(10, true);
  let length = record.getUint32(12, true);
  let start = record.getUint32(16, true);
  let end = last;
  let whole = record.getUint16(4, true) === 0 && record.getUint16(6, true) === 0 && record.getUint16(8, true) === count;
  const locator = last >= 20 ? view(await source.read(last - 20, 20)) : null;
  if (locator !== null && locator.getUint32(0, true) === 0x07064b50) {
    end = Number(locator.getBigUint64(8, true));
    const long = end + 56 === last - 20 ? view(await source.read(end, 56)) : null;
    if (long === null || long.getUint32(0, true) !== 0x06064b50 || long.getBigUint64(4, true) !== 44n) {
      throw refuse('its ZIP64 records are not where they belong');
    }
    const agrees = (short: number, full: number, all: number): boolean => short === all || short === full;
    const wide = {
      count: Number(long.getBigUint64(32, true)),
      length: Number(long.getBigUint64(40, true)),
      start: Number(long.getBigUint64(48, true)),
    };
    whole =
      long.getUint32(16, true) === 0 &&
      long.getUint32(20, true) === 0 &&
      locator.getUint32(4, true) === 0 &&
      locator.getUint32(16, true) <= 1 &&
      Number(long.getBigUint64(24, true)) === wide.count;
    if (
      !agrees(count, wide.count, 0xffff) ||
      !agrees(length, wide.length, 0xffffffff) ||
      !agrees(start, wide.start, 0xffffffff)
    ) {
      throw refuse('its two ends say different things');
    }
    ({ count, length, start } = wide);
  }
  if (!whole) throw refuse('one part of several');
  if (![count, length, start].every(Number.isSafeInteger) || start + length !== end || length > directoryLimit) {
    throw refuse('its directory is not where it says');
  }
  return { start, end, count };
}

function parseMember(bytes: Uint8Array): { member: Member; length: number } {
  if (bytes.length < 46) throw refuse('its directory breaks off');
  const entry = view(bytes);
  const nameEnd = 46 + entry.getUint16(28, true);
  const extraEnd = nameEnd + entry.getUint16(30, true);
  const length = extraEnd + entry.getUint16(32, true);
  if (entry.getUint32(0, true) !== 0x02014b50 || length > bytes.length) throw refuse('its directory breaks off');
  const name = bytes.slice(46, nameEnd);
  let path: string;
  try {
    path = utf8.decode(name);
  } catch {
    throw refuse('a name that is not UTF-8');
  }
  const flags = entry.getUint16(8, true);
  const method = entry.getUint16(10, true);
  // Bit 0 encrypted, bit 5 patched, bit 6 strong encryption, bit 13 masked headers.
  if ((flags & 0x2061) !== 0) throw refuse('a member is encrypted');
  if (method !== 0 && method !== 8) throw refuse('a member is compressed in a way that is not read here');
  const extra = extraFields(bytes.subarray(nameEnd, extraEnd));
  // The Unicode path of Info-ZIP: a second name, which some readers take and others do not.
  if (extra.has(0x7075)) throw refuse('a member has two names');
  const numbers = [24, 20, 42].map((place) => entry.getUint32(place, true));
  const [size, packed, at] = wideOf(extra.get(1), numbers);
  if (size === undefined || packed === undefined || at === undefined || (method === 0 && size !== packed)) {
    throw refuse('a size in its directory is none');
  }
  const host = entry.getUint16(4, true) >> 8;
  // 3 Unix, 19 macOS: the upper half of the attributes is st_mode.
  const type = host === 3 || host === 19 ? (entry.getUint32(38, true) >>> 16) & 0xf000 : 0;
  const special = !path.endsWith('/') && (type === linkType || !fileTypes.has(type));
  const crc = entry.getUint32(16, true);
  return { member: { path, name, flags, method, crc, packed, size, at, next: 0, special }, length };
}

function extraFields(bytes: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  for (let at = 0; at < bytes.length;) {
    const head = bytes.length - at < 4 ? null : view(bytes.subarray(at, at + 4));
    const end = head === null ? Infinity : at + 4 + head.getUint16(2, true);
    if (head === null || end > bytes.length || fields.has(head.getUint16(0, true))) {
      throw refuse('an extra field is malformed');
    }
    fields.set(head.getUint16(0, true), bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

/** Numbers of 32 bits, each with its 64 bits from the ZIP64 field where it is full; undefined where they are not there. */
function wideOf(field: Uint8Array | undefined, short: readonly number[]): (number | undefined)[] {
  let at = 0;
  return short.map((value) => {
    if (value !== 0xffffffff) return value;
    if (field === undefined || field.length < at + 8) return undefined;
    const full = Number(view(field).getBigUint64(at, true));
    at += 8;
    return Number.isSafeInteger(full) ? full : undefined;
  });
}

function demandPlain(path: string): void {
  const plain =
    !path.includes('\\') &&
    !path.includes('\0') &&
    !/^[A-Za-z]:/.test(path) &&
    path.split('/').every((name) => name !== '' && name !== '.' && name !== '..');
  if (!plain) throw refuse('a name that leads out of the folder, or is none');
}

/** The folder, with its slash, in which every member lies; nothing where there is none, or it is part of a bag. */
function commonFolder(members: readonly Member[]): string {
  const first = members[0]?.path ?? '';
  const folder = first.slice(0, first.indexOf('/') + 1);
  return folder !== 'data/' && members.every(({ path }) => path.startsWith(folder)) ? folder : '';
}

/** A member's bytes, held to its local header, its length and its checksum. */
async function* contents(read: Source['read'], source: Source, member: Member): AsyncGenerator<Uint8Array> {
  const start = await demandLocal(read, member);
  const packed = stored(read, source, start, member.packed);
  let length = 0;
  let sum = 0xffffffff;
  for await (const chunk of member.method === 0 ? packed : inflated(packed)) {
    length += chunk.length;
    if (length > member.size) break;
    sum = crcOf(chunk, sum);
    yield chunk;
  }
  if (length !== member.size) throw refuse('it has another length than the directory says');
  if (~sum >>> 0 !== member.crc) throw refuse('it has another checksum than the directory says');
}

/** Where the member's bytes begin. What stands before them must say what the directory says. */
async function demandLocal(read: Source['read'], member: Member): Promise<number> {
  const head = await read(member.at, 30);
  const local = head.length === 30 ? view(head) : null;
  if (local === null || local.getUint32(0, true) !== 0x04034b50) throw refuse('it is not where the directory says');
  const nameLength = local.getUint16(26, true);
  const extraLength = local.getUint16(28, true);
  const names = await read(member.at + 30, nameLength + extraLength);
  const name = names.subarray(0, nameLength);
  const extra = extraFields(names.subarray(nameLength));
  const [size, packed] = wideOf(extra.get(1), [local.getUint32(22, true), local.getUint32(18, true)]);
  const later = (member.flags & 8) !== 0;
  const says = (value: number | undefined, wanted: number): boolean => value === wanted || (later && value === 0);
  const same =
    name.length === member.name.length &&
    name.every((byte, i) => byte === member.name[i]) &&
    !extra.has(0x7075) &&
    local.getUint16(6, true) === member.flags &&
    local.getUint16(8, true) === member.method &&
    says(local.getUint32(14, true), member.crc) &&
    says(size, member.size) &&
    says(packed, member.packed);
  if (!same) throw refuse('its own header says something else than the directory');
  const start = member.at + 30 + nameLength + extraLength;
  // A descriptor behind the bytes has 12 bytes, 8 more for ZIP64, 4 more with its mark; it repeats what is checked here.
  const behind = member.next - start - member.packed;
  if (!(later ? [12, 16, 20, 24] : [0]).includes(behind)) throw refuse('bytes stand between it and the next');
  return start;
}

async function* stored(read: Source['read'], source: Source, at: number, length: number): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length;) {
    const wanted = Math.min(piece, length - done);
    const chunk = await (length <= 64 << 10 ? read : source.read)(at + done, wanted);
    if (chunk.length !== wanted) throw refuse('the archive ends within it');
    done += chunk.length;
    yield chunk;
  }
}

/** Deflate (RFC 1951) by the platform's own decompressor. */
async function* inflated(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  // What the disk says is passed on; everything else that goes wrong here is the decompressor's word on the bytes.
  let failure: unknown = null;
  const stream = new ReadableStream<BufferSource>({
    async pull(controller) {
      try {
        const { value, done } = await packed.next();
        if (done === true) controller.close();
        else controller.enqueue(value as Uint8Array<ArrayBuffer>);
      } catch (error) {
        failure = error;
        throw error;
      }
    },
  });
  const reader = stream.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const next = () =>
    reader.read().catch(() => {
      throw failure ?? refuse('its compressed bytes are damaged');
    });
  try {
    for (let read = await next(); !read.done; read = await next()) yield read.value as Uint8Array;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function joined(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32, carried on; begins as 0xffffffff and is inverted at the end. */
function crcOf(bytes: Uint8Array, sum: number): number {
  let crc = sum;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!;
  return crc;
}
