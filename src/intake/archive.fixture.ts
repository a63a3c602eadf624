// Archives for the tests, byte by byte, with every lie that a header can tell.

import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import { defaultLimits, MemberFault, readMembers } from './archive.ts';
import type { ArchiveKind, ArchiveLimits } from './archive.ts';

export interface ZipPart {
  name: string | Buffer;
  bytes?: Buffer;
  method?: number;
  /** Overrides for what both headers say. */
  flags?: number;
  crc?: number;
  size?: number;
  packed?: Buffer;
  /** Instead of a local header and bytes of its own. */
  offset?: number;
  mode?: number;
  extra?: Buffer;
  zip64?: boolean;
}

/** A zip of these parts; `count` is what its end record says. */
export function makeZip(parts: ZipPart[], { count = parts.length } = {}): Buffer {
  const chunks: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  const add = (bytes: Buffer): void => {
    chunks.push(bytes);
    at += bytes.length;
  };
  for (const part of parts) {
    const name = Buffer.from(part.name as string);
    const bytes = part.bytes ?? Buffer.alloc(0);
    const method = part.method ?? 8;
    const packed = part.packed ?? (method === 8 ? deflateRawSync(bytes) : bytes);
    const crc = part.crc ?? crc32(bytes);
    const size = part.size ?? bytes.length;
    const offset = part.offset ?? at;
    if (part.offset === undefined) {
      const local = Buffer.alloc(30);
      local.write('PK\x03\x04', 'latin1');
      local.writeUInt16LE(20, 4);
      local.writeUInt16LE(part.flags ?? 0x800, 6);
      local.writeUInt16LE(method, 8);
      local.writeUInt32LE(crc, 14);
      local.writeUInt32LE(packed.length, 18);
      local.writeUInt32LE(size, 22);
      local.writeUInt16LE(name.length, 26);
      add(Buffer.concat([local, name, packed]));
    }
    let extra = part.extra ?? Buffer.alloc(0);
    if (part.zip64 === true) {
      const long = Buffer.alloc(28);
      long.writeUInt16LE(1, 0);
      long.writeUInt16LE(24, 2);
      long.writeBigUInt64LE(BigInt(size), 4);
      long.writeBigUInt64LE(BigInt(packed.length), 12);
      long.writeBigUInt64LE(BigInt(offset), 20);
      extra = Buffer.concat([extra, long]);
    }
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE((3 << 8) | 20, 4);
    entry.writeUInt16LE(part.flags ?? 0x800, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt16LE((10 << 11) | (20 << 5) | 15, 12);
    entry.writeUInt16LE((33 << 9) | (3 << 5) | 9, 14);
    entry.writeUInt32LE(crc, 16);
    entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : packed.length, 20);
    entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(((part.mode ?? 0o100644) << 16) >>> 0, 38);
    entry.writeUInt32LE(part.zip64 === true ? 0xffffffff : offset, 42);
    central.push(entry, name, extra);
  }
  const start = at;
  for (const bytes of central) add(bytes);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(count & 0xffff, 8);
  end.writeUInt16LE(count & 0xffff, 10);
  end.writeUInt32LE(at - start, 12);
  end.writeUInt32LE(start, 16);
  return Buffer.concat([...chunks, end]);
}

export interface TarPart {
  name: string | Buffer;
  bytes?: Buffer;
  kind?: string;
  size?: number;
  prefix?: string;
  pax?: Record<string, string | Buffer>;
}

/** A ustar file of these parts, with its end mark. */
export function makeTar(parts: TarPart[]): Buffer {
  const blocks = parts.flatMap((part) => {
    const own = tarBlock(part);
    if (part.pax === undefined) return [own];
    const bytes = Buffer.concat(
      Object.entries(part.pax).map(([key, value]) => paxRecord(key, Buffer.from(value as string))),
    );
    return [tarBlock({ name: 'pax', kind: 'x', bytes }), own];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function tarBlock({ name, bytes = Buffer.alloc(0), kind = '0', size = bytes.length, prefix = '' }: TarPart): Buffer {
  const header = Buffer.alloc(512);
  Buffer.from(name as string).copy(header, 0, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write(`${(1_300_000_000).toString(8).padStart(11, '0')}\0`, 136);
  header.write('        ', 148);
  header.write(kind, 156);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(prefix, 345);
  const sum = header.reduce((a, b) => a + b, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

function paxRecord(key: string, value: Buffer): Buffer {
  let length = 0;
  for (let next = key.length + value.length + 3; next !== length;) {
    length = next;
    next = String(length).length + key.length + value.length + 3;
  }
  return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')]);
}

export interface Reading {
  members: { path: string; size: number; sha256: string | null; reason: string | null }[];
  /** Codes, in their order. */
  problems: string[];
  count: number;
}

/** Every member with what became of it: the hash of its bytes, or the reason it was refused or failed. */
export async function readAll(
  file: string,
  archive: Buffer | null,
  kind: ArchiveKind,
  limits: Partial<ArchiveLimits> = {},
): Promise<Reading> {
  if (archive !== null) writeFileSync(file, archive);
  const reading = readMembers(file, kind, { ...defaultLimits, ...limits });
  const members: Reading['members'] = [];
  for await (const member of reading) {
    expect(member.position).toBe(members.length);
    const outcome: Reading['members'][number] = { path: member.path.text, size: 0, sha256: null, reason: null };
    members.push(outcome);
    if ('refused' in member.outcome) {
      outcome.reason = member.outcome.refused.reason;
      continue;
    }
    const hash = createHash('sha256');
    try {
      for await (const chunk of member.outcome.stream) {
        outcome.size += chunk.length;
        hash.update(chunk);
      }
      outcome.sha256 = hash.digest('hex');
    } catch (error) {
      if (!(error instanceof MemberFault)) throw error;
      outcome.reason = error.reason;
    }
  }
  expect(reading.summary.members).toBe(members.length);
  return { members, problems: reading.summary.problems.map(({ code }) => code), count: reading.summary.members };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
