// Files listed and hashed while something else is being read: a check of signatures keeps one core busy, the hashing of
// originals the others.
import type { Files } from './files.ts';

export interface Listed {
  path: string;
  size: number;
  /** Its hash, for a file that was wanted. */
  found: Awaited<ReturnType<Files['hash']>> | undefined;
}

/** Every file, in the order of the listing. Starts at once and goes ahead of its reader by at most `most` files. */
export function listHashed(
  files: Files,
  wanted: (path: string, size: number) => boolean,
  most = 4096,
): AsyncIterable<Listed> {
  const ready: Promise<Listed>[] = [];
  let wake = (): void => {};
  let taken = (): void => {};
  let over = false;
  const pump = async (): Promise<void> => {
    const under: Promise<unknown>[] = [];
    for await (const { path, size } of files.list()) {
      const hash = wanted(path, size) ? files.hash(path, size) : Promise.resolve(undefined);
      const listed = hash.then((found) => ({ path, size, found }));
      // Awaited in its turn: until then a failure of the disk waits here.
      listed.catch(() => undefined);
      ready.push(listed);
      wake();
      under.push(listed.catch(() => undefined));
      if (under.length >= (files.lanes ?? 1)) await under.shift();
      while (ready.length >= most) await new Promise<void>((resolve) => (taken = resolve));
    }
  };
  const ended = pump().finally(() => {
    over = true;
    wake();
  });
  ended.catch(() => undefined);
  return {
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const head = ready.shift();
        taken();
        if (head !== undefined) yield await head;
        else if (over) break;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      await ended;
    },
  };
}
