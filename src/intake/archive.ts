// Which files are archives, by their content, and their members, by one contract for zip, tar and tar.gz. A document that
// happens to be a zip (office, e-book, program) is a document: its parts mean nothing apart.

import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { constants, gunzipSync } from 'node:zlib';
import { asFault } from '../case/fault.ts';
import { openByteReader } from './byte-reader.ts';
import { gunzipped } from './inflate.ts';
import { defaultLimits, openMeter } from './member.ts';
import type { ArchiveLimits, ArchiveSummary, Member } from './member.ts';
import { isTarHeader, tarMembers } from './tar.ts';
import { zipMembers } from './zip.ts';

export { defaultLimits, MemberFault } from './member.ts';
export type { ArchiveLimits, ArchiveSummary, Member } from './member.ts';

export type ArchiveKind = 'zip' | 'tar' | 'tar.gz';

/** How much of a file's beginning is looked at. */
const headBytes = 64 << 10;

/** A zip whose first members include one of these is a document: OOXML, ODF and EPUB, JAR, APK. */
const documentParts = /^(\[Content_Types\]\.xml|_rels\/\.rels|mimetype|META-INF\/.*|AndroidManifest\.xml)$/;

/**
 * Which archive a file is, by its first bytes (64 KiB are looked at; 512 suffice for a tar). Zip: a local header, or the
 * end record of an empty zip, at the very start, and no document. Tar: ustar magic and a right checksum. tar.gz: a gzip
 * stream that begins with such a header; any other gzip is a file like others.
 */
export function archiveKind(head: Uint8Array): ArchiveKind | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, headBytes));
  if (bytes.length < 22) return null;
  const magic = bytes.readUInt32LE(0);
  if (magic === 0x04034b50) return isDocument(bytes) ? null : 'zip';
  if (magic === 0x06054b50) return 'zip';
  // The mark of an archive that was meant to be split and did not need to be.
  if ((magic === 0x08074b50 || magic === 0x30304b50) && bytes.readUInt32LE(4) === 0x04034b50) return 'zip';
  if (isTarHeader(bytes)) return 'tar';
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8 && isTarHeader(gunzipHead(bytes)) ? 'tar.gz' : null;
}

function isDocument(bytes: Buffer): boolean {
  for (let at = 0; at + 30 <= bytes.length && bytes.readUInt32LE(at) === 0x04034b50;) {
    const nameEnd = at + 30 + bytes.readUInt16LE(at + 26);
    if (documentParts.test(bytes.toString('latin1', at + 30, nameEnd))) return true;
    // Where the sizes follow the data, only the first name can be known without unpacking.
    if ((bytes.readUInt16LE(at + 6) & 8) !== 0) return false;
    at = nameEnd + bytes.readUInt16LE(at + 28) + bytes.readUInt32LE(at + 18);
  }
  return false;
}

function gunzipHead(bytes: Buffer): Buffer {
  try {
    // 4 KiB give at most 4 MiB; without Z_SYNC_FLUSH a cut-off stream would be an error.
    return gunzipSync(bytes.subarray(0, 4096), { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

/** The members in the archive's order, and what is known of the archive itself once the last one was given. */
export interface MemberReading extends AsyncIterable<Member> {
  readonly summary: ArchiveSummary;
}

/**
 * Reads the archive in a file (an original: it does not change while read). Iterate once. Nothing that an archive says
 * is an exception: a member is refused, its stream fails with MemberFault, or the summary has a problem. Throws a Fault
 * where the file itself cannot be read.
 */
export function readMembers(path: string, kind: ArchiveKind, limits: ArchiveLimits = defaultLimits): MemberReading {
  const summary: ArchiveSummary = { members: 0, problems: [] };
  return {
    summary,
    async *[Symbol.asyncIterator]() {
      let file: FileHandle | null = null;
      try {
        file = await open(path, 'r');
        const { size } = await file.stat();
        if (kind === 'zip') yield* zipMembers(file, size, limits, summary);
        else yield* tarMembers(tarBytes(file, kind, limits), limits, summary);
      } catch (error) {
        throw asFault(error, 'reading an archive');
      } finally {
        await file?.close();
      }
    },
  };
}

/** The bytes of the tar file, counted against the limits as they are unpacked. */
async function* tarBytes(
  file: FileHandle,
  kind: 'tar' | 'tar.gz',
  limits: ArchiveLimits,
): AsyncGenerator<Buffer, void, undefined> {
  let taken = 0;
  async function* raw(): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      // In small pieces where they are unpacked, so that what came out is measured against what went in.
      const length = kind === 'tar' ? 1 << 20 : 64 << 10;
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, taken);
      if (bytesRead === 0) return;
      taken += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
  const meter = openMeter({ ratio: limits.ratio, most: limits.total }, () => taken);
  for await (const chunk of kind === 'tar' ? raw() : gunzipped(openByteReader(raw()))) {
    meter(chunk.length);
    yield chunk;
  }
}
