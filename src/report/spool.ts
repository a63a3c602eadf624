// Text that is gathered now and read later, as often as wanted: kept in memory, compressed, since the description of a
// large bundle repeats itself so much that a twentieth is left. On the disk it would lie in the clear.
import { Readable } from 'node:stream';
import { createDeflateRaw, createInflateRaw } from 'node:zlib';
import type { Source } from './zip.ts';

export class Spool {
  readonly #deflate = createDeflateRaw({ level: 1 });
  readonly #chunks: Buffer[] = [];

  constructor() {
    this.#deflate.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
  }

  async write(text: string): Promise<void> {
    if (text !== '' && !this.#deflate.write(text)) {
      await new Promise((resolve) => this.#deflate.once('drain', resolve));
    }
  }

  /** What was written, in UTF-8. */
  async end(): Promise<Source> {
    await new Promise((resolve) => this.#deflate.once('end', resolve).end());
    return () => Readable.from(this.#chunks).pipe(createInflateRaw());
  }
}
