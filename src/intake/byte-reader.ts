// Bytes asked for by number from a source that gives them in chunks of its own.

export interface ByteReader {
  /** The next bytes, one to `most` of them; null at the end. */
  some(most: number): Promise<Buffer | null>;
  /** `length` bytes, fewer only at the end. */
  exactly(length: number): Promise<Buffer>;
  skip(length: number): Promise<void>;
  /** Puts bytes back in front. */
  unread(bytes: Buffer): void;
  close(): Promise<void>;
}

/** Reads from `source`; an error of it is thrown at every read after the bytes before it. */
export function openByteReader(source: AsyncIterable<Buffer>): ByteReader {
  const chunks = source[Symbol.asyncIterator]();
  let ready: Buffer = Buffer.alloc(0);
  // Kept, so that whoever reads next learns it too: a member's stream is often the first to meet it.
  let failure: { error: unknown } | null = null;

  async function some(most: number): Promise<Buffer | null> {
    while (ready.length === 0) {
      if (failure !== null) throw failure.error;
      try {
        const { value, done } = await chunks.next();
        if (done === true) return null;
        ready = value;
      } catch (error) {
        failure = { error };
      }
    }
    const bytes = ready.subarray(0, most);
    ready = ready.subarray(bytes.length);
    return bytes;
  }

  return {
    some,
    async exactly(length) {
      if (ready.length >= length) return (await some(length)) ?? ready;
      const parts: Buffer[] = [];
      for (let due = length; due > 0;) {
        const part = await some(due);
        if (part === null) break;
        parts.push(part);
        due -= part.length;
      }
      return Buffer.concat(parts);
    },
    async skip(length) {
      for (let due = length; due > 0;) {
        const part = await some(due);
        if (part === null) return;
        due -= part.length;
      }
    },
    unread(bytes) {
      ready = Buffer.concat([bytes, ready]);
    },
    async close() {
      await chunks.return?.();
    },
  };
}
