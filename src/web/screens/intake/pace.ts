// How much goes in one piece, how long to wait for a line, and how fast it goes: sums alone, without a line or a clock.

const KiB = 1024;
/** Bytes. The server takes no more than the greatest. */
export const pieceSizes = { first: 512 * KiB, least: 16 * KiB, most: 8 * 1024 * KiB } as const;
/** What a piece should take: long enough that the way there and back does not count, short enough that a cut costs little. */
export const pieceMs = 5000;

/**
 * The size of the next piece, in bytes, after one of `sent` bytes that took `ms`. Grows at most twofold; a piece that was
 * smaller than `size`, as the end of a file is, says nothing for shrinking it.
 */
export function nextPiece(size: number, sent: number, ms: number): number {
  const fitting = (sent / Math.max(ms, 1)) * pieceMs;
  if (sent < size && fitting < size) return size;
  return bounded(Math.min(fitting, 2 * size));
}

/** The size after a piece that did not arrive: half; a quarter where it took longer than anybody waits. */
export function pieceAfterFailure(size: number, tooSlow: boolean): number {
  return bounded(size / (tooSlow ? 4 : 2));
}

function bounded(size: number): number {
  const whole = Math.floor(size / KiB) * KiB;
  return Math.min(pieceSizes.most, Math.max(pieceSizes.least, whole));
}

/** How long to wait before the line is tried again, in ms: from one second, twofold each time, to half a minute. */
export function waitMs(failures: number): number {
  return Math.min(30_000, 1000 * 2 ** failures);
}

const windowMs = 15_000;

/** Bytes a second over the last quarter of a minute. */
export class Rate {
  readonly #arrivals: { at: number; bytes: number }[] = [];
  readonly #since: number;

  /** Times are milliseconds of one clock. */
  constructor(since: number) {
    this.#since = since;
  }

  add(at: number, bytes: number): void {
    this.#arrivals.push({ at, bytes });
  }

  /** null in the first second, and where nothing has arrived. */
  at(now: number): number | null {
    while (this.#arrivals[0] !== undefined && this.#arrivals[0].at < now - windowMs) this.#arrivals.shift();
    const bytes = this.#arrivals.reduce((sum, one) => sum + one.bytes, 0);
    const ms = Math.min(windowMs, now - this.#since);
    return bytes === 0 || ms < 1000 ? null : (bytes * 1000) / ms;
  }
}
