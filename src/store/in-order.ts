// Many things under way at once, their results in the order they were given: so that handles and log positions do not
// depend on which thread was faster.

/**
 * The results of `act`, in the order of `items`, at most `window` of them begun and not yet taken. Goes on pulling items
 * while the consumer is busy. The first error of an item or of the source comes at its place in the order; everything
 * begun has ended when the generator has, also where the consumer leaves early.
 */
export async function* inOrder<I, O>(
  items: AsyncIterable<I> | Iterable<I>,
  window: number,
  act: (item: I) => Promise<O>,
): AsyncGenerator<O, void, undefined> {
  const begun: Promise<O>[] = [];
  let stopped = false;
  let arrived = openSignal();
  let taken = openSignal();

  const pump = (async () => {
    for await (const item of items) {
      if (stopped) return;
      // Begun before the next item is asked for: a stream that must be read in its turn is.
      const result = (async () => act(item))();
      result.catch(() => (stopped = true));
      begun.push(result);
      arrived.set();
      while (begun.length >= window) {
        taken = openSignal();
        await taken.promise;
        if (stopped) return;
      }
    }
  })();
  let over = false;
  const end = (): void => {
    over = true;
    arrived.set();
  };
  const ended = pump.then(end, end);

  try {
    for (;;) {
      const head = begun[0];
      if (head === undefined) {
        if (over) break;
        arrived = openSignal();
        await arrived.promise;
        continue;
      }
      const result = await head;
      begun.shift();
      taken.set();
      yield result;
    }
    await pump;
  } finally {
    stopped = true;
    taken.set();
    await ended;
    await Promise.allSettled(begun);
  }
}

/** Something that happens once, and can be waited for. */
export interface Signal {
  promise: Promise<void>;
  set: () => void;
}

export function openSignal(): Signal {
  const signal: Partial<Signal> = {};
  signal.promise = new Promise<void>((resolve) => (signal.set = resolve));
  return signal as Signal;
}
