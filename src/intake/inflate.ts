// Decompression in small bites. A stream of Node drops what it has ready when it fails; of a broken archive we want every
// byte before the break, and of a bomb no more than a bite before somebody counts.

import type { Gunzip, InflateRaw } from 'node:zlib';
import { openSignal } from '../store/in-order.ts';

/** Bytes given to the decompressor at a time: a bomb makes at most 1,032 times as many of them. */
export const bite = 32 << 10;

/** The decompressed bytes; then, where the input was broken or cut off, the decompressor's error. */
export async function* inflated(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  engine: Gunzip | InflateRaw,
): AsyncGenerator<Buffer, void, undefined> {
  const ready: Buffer[] = [];
  let failure: Error | null = null;
  let step = openSignal();
  engine.on('data', (chunk: Buffer) => ready.push(chunk));
  engine.on('end', () => step.set());
  engine.on('error', (error) => {
    failure = error;
    step.set();
  });
  try {
    for await (const chunk of source) {
      const taken = (step = openSignal());
      engine.write(chunk, () => taken.set());
      await taken.promise;
      yield* ready.splice(0);
      if (failure !== null) throw failure;
      // The stream said it was whole; what follows it is not its own.
      if (engine.readableEnded) return;
    }
    step = openSignal();
    engine.end();
    await step.promise;
    yield* ready.splice(0);
    if (failure !== null) throw failure;
  } finally {
    engine.destroy();
  }
}
