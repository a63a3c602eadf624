// Members of a zip file (PKWARE APPNOTE 6.3.10, with zip64), by its central directory. Each is judged by itself, so that
// one encrypted, broken or lying member hides none of the others.

import type { FileHandle } from 'node:fs/promises';
import { crc32, inflateRawSync } from 'node:zlib';
import { openByteReader } from './byte-reader.ts';
import { BrokenStream, inflated } from './inflate.ts';
import { MemberFault, memberPath, openMeter, openTurn, unsafePath } from './member.ts';
import type { ArchiveLimits, ArchiveSummary, Member, MemberRefusal } from './member.ts';
import { centralEntries, findDirectory, readAt } from './zip-directory.ts';
import type { Directory, ZipEntry } from './zip-directory.ts';

/** Up to here, a member is read and unpacked in one go: 55,000 small pictures must not need as many streams. */
const smallIn = 256 << 10;
const smallOut = 4 << 20;

const wrongLength = 'The member has not the length that the directory says.';
const brokenBytes = 'The compressed bytes of the member are broken.';

/** Reads the members of the zip file of `size` bytes. Never throws for what the file says. */
export async function* zipMembers(
  file: FileHandle,
  size: number,
  limits: ArchiveLimits,
  summary: ArchiveSummary,
): AsyncGenerator<Member, void, undefined> {
  const { problems } = summary;
  const directory = await findDirectory(file, size);
  if (directory === null) {
    problems.push({ code: 'truncated-archive', message: 'The zip file has no directory at its end.' });
    return;
  }
  const { base, trailing } = directory;
  if (directory.split) problems.push({ code: 'split-archive', message: 'The zip file is one part of several.' });
  if (base > 0) problems.push({ code: 'leading-bytes', message: `${base} bytes stand before the zip file.` });
  if (trailing > 0) problems.push({ code: 'trailing-bytes', message: `${trailing} bytes follow the zip file.` });

  const overlapping = await findOverlaps(file, directory);
  if (overlapping.size > 0) {
    const message = `${overlapping.size} members claim bytes that belong to another member.`;
    problems.push({ code: 'overlapping-members', message });
  }

  let total = 0;
  const spend = (count: number): void => {
    if ((total += count) > limits.total) {
      throw new MemberFault('over-limit', `The archive unpacks to more than the limit of ${limits.total} bytes.`);
    }
  };
  const names = new Set<string>();
  let repeated = 0;
  let ordinal = -1;
  let sound = true;
  for await (const entry of centralEntries(file, directory)) {
    ordinal++;
    if (entry === null) {
      sound = false;
      break;
    }
    if (isFolder(entry)) continue;
    if (summary.members >= limits.members) {
      const message = `More than ${limits.members} members; those after the limit were not read.`;
      problems.push({ code: 'too-many-members', message });
      ordinal = directory.count - 1;
      break;
    }
    const name = entry.name.toString('latin1');
    if (names.has(name)) repeated++;
    else names.add(name);

    const head = {
      path: memberPath(entry.name),
      position: summary.members++,
      size: entry.broken ? null : entry.size,
      modified: entry.modified,
    };
    const refused =
      refusalOf(entry, limits) ??
      (overlapping.has(ordinal) ? damagedMember('The member claims bytes that belong to another member.') : null) ??
      (total > limits.total ? overTotal(limits) : null);
    if (refused !== null) {
      yield { ...head, outcome: { refused } };
      continue;
    }
    const turn = openTurn(() => contents(file, size, base, entry, limits, spend));
    yield { ...head, outcome: { stream: turn.stream } };
    await turn.over();
  }
  // Without zip64 the count has 16 bits, and some writers let it run over.
  const { count } = directory;
  if (!sound || (ordinal + 1 !== count && ((ordinal + 1) & 0xffff) !== count)) {
    const message = 'The directory of the zip file does not list what it says it lists.';
    problems.push({ code: 'damaged-archive', message });
  }
  if (repeated > 0) {
    problems.push({ code: 'duplicate-member-names', message: `${repeated} members have the name of an earlier one.` });
  }
}

/** Yields the member's bytes and fails unless length and CRC-32 are what the directory says. */
async function* contents(
  file: FileHandle,
  fileSize: number,
  base: number,
  entry: ZipEntry,
  limits: ArchiveLimits,
  spend: (count: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  // One read fetches the local header and, of a small member, all its bytes; 256 is room for the header's extra field.
  const small = entry.packed <= smallIn && entry.size <= smallOut;
  const at = base + entry.offset;
  const start = await readAt(file, at, 30 + entry.name.length + 256 + (small ? entry.packed : 0));
  if (start.length < 30 || start.readUInt32LE(0) !== 0x04034b50) {
    throw new MemberFault('damaged-member', 'The member is not where the directory says.');
  }
  const skip = 30 + start.readUInt16LE(26) + start.readUInt16LE(28);
  if (at + skip + entry.packed > fileSize)
    throw new MemberFault('damaged-member', 'The zip file ends within the member.');

  const meter = openMeter({ ratio: limits.ratio, most: limits.member }, () => entry.packed);
  let length = 0;
  let sum = 0;
  try {
    for await (const chunk of await unpacked(file, at + skip, entry, small ? start.subarray(skip) : null)) {
      length += chunk.length;
      meter(chunk.length);
      spend(chunk.length);
      if (length > entry.size) break;
      sum = crc32(chunk, sum);
      yield chunk;
    }
  } catch (error) {
    if (!(error instanceof BrokenStream)) throw error;
    throw new MemberFault('damaged-member', brokenBytes);
  }
  if (length !== entry.size) throw new MemberFault('damaged-member', wrongLength);
  if (sum !== entry.crc)
    throw new MemberFault('damaged-member', 'The member has not the checksum that the directory says.');
}

/** The member's bytes; `have` is what was read of its packed bytes already, where it is small. */
async function unpacked(
  file: FileHandle,
  at: number,
  entry: ZipEntry,
  have: Buffer | null,
): Promise<AsyncIterable<Buffer> | Iterable<Buffer>> {
  if (have === null) {
    const packed = pieces(file, at, entry.packed);
    return entry.method === 0 ? packed : inflated(openByteReader(packed), 128 << 10);
  }
  const packed = have.length >= entry.packed ? have.subarray(0, entry.packed) : await readAt(file, at, entry.packed);
  if (entry.method === 0) return [packed];
  try {
    return [inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) })];
  } catch (error) {
    const longer = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new MemberFault('damaged-member', longer ? wrongLength : brokenBytes);
  }
}

function isFolder(entry: ZipEntry): boolean {
  // A name with a slash at its end that has bytes all the same would be a place to hide them: that is a member.
  const empty = entry.size === 0 && entry.packed <= 2;
  return empty && (entry.name.at(-1) === 0x2f || entry.type === 0x4000);
}

function refusalOf(entry: ZipEntry, limits: ArchiveLimits): MemberRefusal | null {
  const unsafe = unsafePath(entry.name);
  if (unsafe !== null) return unsafe;
  if (entry.type === 0xa000) return { reason: 'link', message: 'The member is a link.' };
  if (entry.type !== 0 && entry.type !== 0x8000 && entry.type !== 0x4000) {
    return { reason: 'special-file', message: 'The member is a fifo, socket or device.' };
  }
  // Bit 0 encrypted, bit 6 strong encryption, bit 13 masked headers, method 99 AES.
  if ((entry.flags & 0x2041) !== 0 || entry.method === 99) {
    return { reason: 'encrypted', message: 'The member is encrypted.' };
  }
  if (entry.broken) return damagedMember('The directory does not say where the member is.');
  if (entry.method !== 0 && entry.method !== 8) {
    return damagedMember(`The member is compressed by method ${entry.method}, which is not read here.`);
  }
  if (entry.size > limits.member) {
    return { reason: 'over-limit', message: `Larger than the limit of ${limits.member} bytes.` };
  }
  return null;
}

function damagedMember(message: string): MemberRefusal {
  return { reason: 'damaged-member', message };
}

function overTotal(limits: ArchiveLimits): MemberRefusal {
  return { reason: 'over-limit', message: `The archive unpacks to more than the limit of ${limits.total} bytes.` };
}

/**
 * The entries, by their place in the directory, that start within an earlier one. Members that share bytes are how 40 kB
 * become 5 GB without any ratio being remarkable.
 */
async function findOverlaps(file: FileHandle, directory: Directory): Promise<Set<number>> {
  const spans: { ordinal: number; start: number; end: number }[] = [];
  let ordinal = 0;
  for await (const entry of centralEntries(file, directory)) {
    if (entry !== null && !entry.broken && !isFolder(entry)) {
      // At least so long: the local header may have a longer extra field than none.
      const end = entry.offset + 30 + entry.name.length + entry.packed;
      spans.push({ ordinal, start: entry.offset, end });
    }
    ordinal++;
  }
  spans.sort((a, b) => a.start - b.start || a.ordinal - b.ordinal);
  const overlapping = new Set<number>();
  let reach = 0;
  for (const span of spans) {
    if (span.start < reach) overlapping.add(span.ordinal);
    else reach = span.end;
  }
  return overlapping;
}

async function* pieces(file: FileHandle, start: number, length: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < length;) {
    const chunk = await readAt(file, start + at, Math.min(1 << 20, length - at));
    if (chunk.length === 0) return;
    at += chunk.length;
    yield chunk;
  }
}
