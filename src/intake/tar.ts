// Members of a tar file (POSIX.1-2017 pax and ustar, and GNU's long names), read as it streams past. After a broken header
// reading goes on at the next one that is whole, as GNU tar does: what can still be had is had.

import { openByteReader } from './byte-reader.ts';
import type { ByteReader } from './byte-reader.ts';
import { BrokenStream } from './inflate.ts';
import { MemberFault, memberPath, openTurn, unsafePath } from './member.ts';
import type { ArchiveLimits, ArchiveSummary, Member, MemberRefusal } from './member.ts';

const block = 512;
/** A path or a set of pax values; longer ones are passed over. */
const longestHeader = 1 << 20;

/** Whether these bytes begin with a tar header: the ustar magic and a checksum that is right. */
export function isTarHeader(bytes: Uint8Array): boolean {
  if (bytes.length < block) return false;
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, block);
  return header.toString('latin1', 257, 262) === 'ustar' && isHeader(header);
}

/** Reads the members as the bytes of a tar file arrive. An error of `source` ends the archive and becomes a problem. */
export async function* tarMembers(
  source: AsyncIterable<Buffer>,
  limits: ArchiveLimits,
  summary: ArchiveSummary,
): AsyncGenerator<Member, void, undefined> {
  const { problems } = summary;
  const bytes = openByteReader(source);
  const names = new Set<string>();
  let repeated = 0;
  let lost = false;
  let ended = false;
  try {
    for (let next = emptyHeader(); !ended;) {
      const header = await bytes.exactly(block);
      if (header.length < block) {
        problems.push({ code: 'truncated-archive', message: 'The tar file ends without its end mark.' });
        break;
      }
      if (header.every((byte) => byte === 0)) {
        const second = await bytes.exactly(block);
        // Between a broken header and the next whole one, zeros may be a file's own.
        ended = !lost && second.every((byte) => byte === 0);
        if (!ended) bytes.unread(second);
        if (!ended && second.length < block) break;
        continue;
      }
      const entry = isHeader(header) ? parseHeader(header, next) : null;
      if (entry === null) {
        if (!lost) problems.push({ code: 'damaged-archive', message: 'A header in the tar file is broken.' });
        lost = true;
        continue;
      }
      lost = false;
      if (entry.kind === 'x' || entry.kind === 'g' || entry.kind === 'L' || entry.kind === 'K') {
        const long = entry.size <= longestHeader ? await bytes.exactly(entry.size) : null;
        await bytes.skip(padded(entry.size) - (long?.length ?? 0));
        if (long !== null) applyLong(next, entry.kind, long);
        continue;
      }
      const { paxAll } = next;
      next = { ...emptyHeader(), paxAll };
      if (entry.folder) {
        await bytes.skip(entry.kind === '5' ? 0 : padded(entry.size));
        continue;
      }
      if (summary.members >= limits.members) {
        const message = `More than ${limits.members} members; those after the limit were not read.`;
        problems.push({ code: 'too-many-members', message });
        return;
      }
      const name = entry.name.toString('latin1');
      if (names.has(name)) repeated++;
      else names.add(name);

      const stored = await storedBytes(entry, bytes);
      const head = {
        path: memberPath(entry.name),
        position: summary.members++,
        size: entry.size,
        modified: entry.modified,
      };
      const refused = refusalOf(entry, limits);
      let left = padded(stored);
      if (refused !== null) {
        yield { ...head, outcome: { refused } };
      } else {
        const turn = openTurn(async function* () {
          for (let due = stored; due > 0;) {
            const chunk = await bytes.some(due).catch((error: unknown) => {
              throw error instanceof MemberFault ? error : broken('The archive is broken within the member.');
            });
            if (chunk === null) throw broken('The archive ends within the member.');
            due -= chunk.length;
            left -= chunk.length;
            yield chunk;
          }
        });
        yield { ...head, outcome: { stream: turn.stream } };
        await turn.over();
      }
      await bytes.skip(left);
    }
    if (ended) await checkTrailing(bytes, summary);
  } catch (error) {
    problems.push(problemOf(error));
  } finally {
    await bytes.close();
    if (repeated > 0) {
      problems.push({
        code: 'duplicate-member-names',
        message: `${repeated} members have the name of an earlier one.`,
      });
    }
  }
}

interface LongHeader {
  name: Buffer | null;
  pax: Map<string, Buffer>;
  /** Of the archive: holds until it is changed. */
  paxAll: Map<string, Buffer>;
}

interface TarEntry {
  name: Buffer;
  kind: string;
  folder: boolean;
  sparse: boolean;
  /** Blocks that list more pieces of a sparse member follow the header. */
  extended: boolean;
  size: number;
  modified: string | null;
}

function emptyHeader(): LongHeader {
  return { name: null, pax: new Map(), paxAll: new Map() };
}

function isHeader(header: Buffer): boolean {
  let sum = 8 * 32;
  let signed = 8 * 32;
  for (let i = 0; i < block; i++) {
    if (i === 148) i = 156;
    sum += header[i]!;
    signed += header.readInt8(i);
  }
  const claimed = parseNumber(header.subarray(148, 156));
  // Some old writers added the bytes up as signed ones.
  return claimed !== null && (claimed === sum || claimed === signed);
}

/** null where a number in it is none. */
function parseHeader(header: Buffer, { name: long, pax, paxAll }: LongHeader): TarEntry | null {
  const kind = header[156] === 0 ? '0' : String.fromCharCode(header[156]!);
  const value = (key: string): Buffer | undefined => pax.get(key) ?? paxAll.get(key);
  const meta = 'xgLK'.includes(kind);
  const paxSize = meta ? undefined : value('size')?.toString('latin1');
  const size = paxSize === undefined ? parseNumber(header.subarray(124, 136)) : parseDecimal(paxSize);
  if (size === null || !Number.isSafeInteger(size) || size < 0) return null;

  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? text(header.subarray(345, 500)) : Buffer.alloc(0);
  const short = text(header.subarray(0, 100));
  const plain = prefix.length > 0 ? Buffer.concat([prefix, Buffer.from('/'), short]) : short;
  const name = value('path') ?? long ?? plain;

  const seconds = Number(value('mtime')?.toString('latin1') ?? parseNumber(header.subarray(136, 148)) ?? NaN);
  const date = new Date(Math.floor(seconds * 1000));
  return {
    name: Buffer.from(name),
    kind,
    // D lists the names of a folder in GNU's incremental archives.
    folder: kind === '5' || kind === 'D' || (kind === '0' && size === 0 && name.at(-1) === 0x2f),
    sparse: kind === 'S' || value('GNU.sparse.major') !== undefined || value('GNU.sparse.size') !== undefined,
    extended: kind === 'S' && header[482] !== 0,
    size,
    modified: Number.isNaN(date.getTime()) ? null : date.toISOString(),
  };
}

function applyLong(next: LongHeader, kind: 'x' | 'g' | 'L' | 'K', bytes: Buffer): void {
  if (kind === 'L') next.name = text(bytes);
  if (kind === 'x') next.pax = parsePax(bytes);
  if (kind === 'g') next.paxAll = new Map([...next.paxAll, ...parsePax(bytes)]);
}

/** Records of "length key=value\n", the length counting the whole record; what follows a malformed one is left out. */
export function parsePax(bytes: Buffer): Map<string, Buffer> {
  const values = new Map<string, Buffer>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(0x20, at);
    const length = space < 0 ? null : parseDecimal(bytes.toString('latin1', at, space));
    if (length === null || length <= space + 1 - at || at + length > bytes.length) break;
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (equals > 0) values.set(record.toString('latin1', 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return values;
}

function parseDecimal(digits: string): number | null {
  return /^\d{1,16}$/.test(digits) ? Number(digits) : null;
}

/** Octal digits, or GNU's base 256 where the first bit is set. */
function parseNumber(field: Buffer): number | null {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first === 0xff ? -1n : BigInt(first & 0x7f);
    for (const byte of field.subarray(1)) value = value * 256n + BigInt(byte);
    return Number(value);
  }
  const digits = text(field).toString('latin1').trim();
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : null;
}

function text(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

function padded(size: number): number {
  return Math.ceil(size / block) * block;
}

function refusalOf(entry: TarEntry, limits: ArchiveLimits): MemberRefusal | null {
  const unsafe = unsafePath(entry.name);
  if (unsafe !== null) return unsafe;
  if (entry.kind === '1' || entry.kind === '2') return { reason: 'link', message: 'The member is a link.' };
  if ('346VM'.includes(entry.kind)) return { reason: 'special-file', message: 'The member is no file with a content.' };
  if (entry.sparse) {
    return { reason: 'damaged-member', message: 'The member is stored in pieces (sparse), which is not read here.' };
  }
  if (entry.size > limits.member) {
    return { reason: 'over-limit', message: `Larger than the limit of ${limits.member} bytes.` };
  }
  return null;
}

/** How many bytes follow the header. A link's size is sometimes that of the file it leads to, which is elsewhere. */
async function storedBytes(entry: TarEntry, bytes: ByteReader): Promise<number> {
  for (let more = entry.extended; more;) {
    const pieces = await bytes.exactly(block);
    more = pieces.length === block && pieces[504] !== 0;
  }
  if ('2346'.includes(entry.kind)) return 0;
  if (entry.kind !== '1' || entry.size === 0) return entry.size;
  const next = await bytes.exactly(block);
  bytes.unread(next);
  return next.length === block && (isHeader(next) || next.every((byte) => byte === 0)) ? 0 : entry.size;
}

async function checkTrailing(bytes: ByteReader, { problems }: ArchiveSummary): Promise<void> {
  const trailing = { code: 'trailing-bytes', message: 'Bytes follow the end mark of the tar file.' } as const;
  try {
    for (let chunk = await bytes.some(block); chunk !== null; chunk = await bytes.some(1 << 20)) {
      if (!chunk.every((byte) => byte === 0)) {
        problems.push(trailing);
        return;
      }
    }
  } catch (error) {
    problems.push(problemOf(error));
  }
}

function problemOf(error: unknown): ArchiveSummary['problems'][number] {
  if (error instanceof MemberFault) return { code: 'over-limit', message: `${error.message} The rest was not read.` };
  if (!(error instanceof BrokenStream)) throw error;
  switch (error.how) {
    case 'cut-off':
      return { code: 'truncated-archive', message: 'The compressed stream is cut off.' };
    case 'damaged':
      return { code: 'damaged-archive', message: 'The compressed stream is broken.' };
    case 'trailing':
      return { code: 'trailing-bytes', message: 'Bytes follow the end of the compressed stream.' };
  }
}

function broken(message: string): MemberFault {
  return new MemberFault('damaged-member', message);
}
