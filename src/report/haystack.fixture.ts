// Everything that a text or a hash could stand in: bytes as they are, and what they decode to from hex, base64 and base64url
// at each alignment, also in one another. Searched by an index of every six bytes, so that millions can be tried.

const runs = /[0-9a-zA-Z+/_-]{11,}/g;
const hexRuns = /(?:[0-9a-f]{2}){8,}|(?:[0-9A-F]{2}){8,}/g;

export class Haystack {
  readonly #parts: Buffer[] = [];
  #index: Float64Array | null = null;

  add(bytes: Uint8Array, depth = 3): void {
    const buffer = Buffer.from(bytes);
    this.#parts.push(buffer);
    this.#index = null;
    if (depth === 0) return;
    const text = buffer.toString('latin1');
    // Both halves of a hex digit pair may begin a run.
    for (const start of [text, text.slice(1)]) {
      for (const [run] of start.matchAll(hexRuns)) this.add(Buffer.from(run, 'hex'), 0);
    }
    for (const [run] of text.matchAll(runs)) {
      for (let skipped = 0; skipped < 4; skipped++) {
        const decoded = Buffer.from(run.slice(skipped), 'base64');
        // What is encoded once more is text; anything else was a wrong alignment, or a hash.
        this.add(decoded, decoded.every((byte) => byte >= 0x20 && byte < 0x7f) ? depth - 1 : 0);
      }
    }
  }

  /** Whether these bytes, eight of them at least, stand anywhere. */
  has(needle: Uint8Array): boolean {
    if (needle.length < 8) throw new RangeError(`${needle.length} bytes stand anywhere by chance`);
    const index = (this.#index ??= this.#windows());
    const key = Buffer.from(needle.buffer, needle.byteOffset, needle.length).readUIntBE(0, 6);
    let [from, to] = [0, index.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (index[middle]! < key) from = middle + 1;
      else to = middle;
    }
    return index[from] === key && this.#parts.some((part) => part.includes(Buffer.from(needle)));
  }

  #windows(): Float64Array {
    const count = this.#parts.reduce((sum, { length }) => sum + Math.max(0, length - 5), 0);
    const keys = new Float64Array(count);
    let n = 0;
    for (const part of this.#parts) for (let i = 0; i + 6 <= part.length; i++) keys[n++] = part.readUIntBE(i, 6);
    return keys.toSorted();
  }
}
