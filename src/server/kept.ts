// An answer that changes with the log alone and costs much, as the counts of the Case page: kept, and made again no more
// often than the machine can bear while many people write and many read.

/** Of the time, at most one part in so many goes into making it. */
const share = 10;

export interface Kept<T> {
  /** The answer for the log as it is; or, where the one before was made a moment ago, that one. */
  read(): Promise<T>;
  /**
   * Grows whenever an answer is there that somebody was given an older one instead of: who shows it should ask again.
   * `before`: as it was so many milliseconds ago, when whoever listens from now on may have been given theirs.
   */
  caughtUp(before?: number): number;
}

/** `size`: of the log now. `clock` in milliseconds. What `make` throws is thrown to whoever asked, and not kept. */
export function keep<T>(
  size: () => number,
  make: () => Promise<T>,
  clock: () => number = () => performance.now(),
): Kept<T> {
  let kept: { size: number; answer: Promise<T>; begun: number; ended: number | null } | null = null;
  let timer: NodeJS.Timeout | null = null;
  const caught = { times: 0, at: Number.NEGATIVE_INFINITY };

  function begin(): Promise<T> {
    const own = { size: size(), answer: make(), begun: clock(), ended: null as number | null };
    kept = own;
    own.answer.then(
      () => (own.ended = clock()),
      () => {
        if (kept === own) kept = null;
      },
    );
    return own.answer;
  }

  /** How long, in milliseconds, until it may be made again; null while it is being made. */
  function rest({ begun, ended }: { begun: number; ended: number | null }): number | null {
    return ended === null ? null : (ended - begun) * (share - 1) - (clock() - ended);
  }

  /** Makes it once more when it may be, for those who were given an older one. */
  function catchUp(): void {
    if (timer !== null || kept === null) return;
    timer = setTimeout(
      () => {
        timer = null;
        if (kept === null || (rest(kept) ?? 1) > 0) return catchUp();
        const { answer } = kept;
        const next = kept.size === size() ? answer : begin();
        next.then(
          () => Object.assign(caught, { times: caught.times + 1, at: clock() }),
          () => undefined,
        );
      },
      Math.max(5, rest(kept) ?? 50),
    );
    timer.unref();
  }

  return {
    async read() {
      if (kept === null) return begin();
      if (kept.size === size()) return kept.answer;
      if ((rest(kept) ?? 1) <= 0) return begin();
      catchUp();
      return kept.answer;
    },
    caughtUp: (before = 0) => (clock() - caught.at < before ? caught.times - 1 : caught.times),
  };
}
