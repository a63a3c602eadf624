// Decompression in small bites (deflate RFC 1951, gzip RFC 1952). A stream of Node drops what it has ready when it fails;
// of a broken archive we want the bytes before the break, and of a bomb no more than a bite before somebody counts.

import type { InflateRaw } from 'node:zlib';
import { crc32, createInflateRaw } from 'node:zlib';
import { openSignal } from '../store/in-order.ts';
import type { ByteReader } from './byte-reader.ts';

/** Why a compressed stream ended before its end, or is not alone. Given after every byte that could be had. */
export class BrokenStream extends Error {
  readonly how: 'cut-off' | 'damaged' | 'trailing';
  constructor(how: BrokenStream['how']) {
    super(`The compressed stream is ${how}.`);
    this.name = 'BrokenStream';
    this.how = how;
  }
}

/** Bytes given to the decompressor at a time: a bomb makes at most 1,032 times as many of them. */
const bite = 32 << 10;

/**
 * The bytes of one deflate stream; what follows it stays in `source`. Then throws BrokenStream where it does not end well.
 * `chunkSize` is how many bytes before a damaged place may be lost with it.
 */
export async function* inflated(source: ByteReader, chunkSize: number): AsyncGenerator<Buffer, void, undefined> {
  const engine: InflateRaw = createInflateRaw({ chunkSize });
  const ready: Buffer[] = [];
  const end: { failed: boolean } = { failed: false };
  let step = openSignal();
  engine.on('data', (chunk: Buffer) => ready.push(chunk));
  engine.on('end', () => step.set());
  engine.on('error', () => {
    end.failed = true;
    step.set();
  });
  let given = 0;
  try {
    for (let chunk = await source.some(bite); chunk !== null; chunk = await source.some(bite)) {
      const taken = (step = openSignal());
      given += chunk.length;
      engine.write(chunk, () => taken.set());
      await taken.promise;
      yield* ready.splice(0);
      if (end.failed) throw new BrokenStream('damaged');
      if (engine.readableEnded || engine.bytesWritten < given) {
        source.unread(chunk.subarray(chunk.length - (given - engine.bytesWritten)));
        return;
      }
    }
    step = openSignal();
    engine.end();
    await step.promise;
    yield* ready.splice(0);
    if (end.failed) throw new BrokenStream('cut-off');
  } finally {
    engine.destroy();
  }
}

/** The bytes of a gzip file, all its members; `taken` is told how many compressed bytes were used so far. */
export async function* gunzipped(source: ByteReader): AsyncGenerator<Buffer, void, undefined> {
  for (let first = true; ; first = false) {
    const magic = await source.exactly(2);
    if (magic.length === 0 && !first) return;
    source.unread(magic);
    if (!first && (magic[0] !== 0x1f || magic[1] !== 0x8b)) {
      if (await onlyZeros(source)) return;
      throw new BrokenStream('trailing');
    }
    await skipHeader(source);
    let sum = 0;
    let length = 0;
    for await (const chunk of inflated(source, 16 << 10)) {
      sum = crc32(chunk, sum);
      length = (length + chunk.length) % 2 ** 32;
      yield chunk;
    }
    const trailer = await source.exactly(8);
    if (trailer.length < 8) throw new BrokenStream('cut-off');
    if (trailer.readUInt32LE(0) !== sum || trailer.readUInt32LE(4) !== length) throw new BrokenStream('damaged');
  }
}

async function skipHeader(source: ByteReader): Promise<void> {
  const header = await source.exactly(10);
  if (header.length < 10) throw new BrokenStream('cut-off');
  if (header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8) throw new BrokenStream('damaged');
  const flags = header[3]!;
  if ((flags & 4) !== 0) {
    const length = await source.exactly(2);
    await source.skip(length.length === 2 ? length.readUInt16LE(0) : 0);
  }
  // A name and a comment, each up to a NUL.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    for (let byte = await source.exactly(1); byte.length === 1 && byte[0] !== 0; byte = await source.exactly(1));
  }
  if ((flags & 2) !== 0) await source.skip(2);
}

async function onlyZeros(source: ByteReader): Promise<boolean> {
  for (let chunk = await source.some(bite); chunk !== null; chunk = await source.some(bite)) {
    if (!chunk.every((byte) => byte === 0)) return false;
  }
  return true;
}
