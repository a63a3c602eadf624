// A sealed file that is not in the case folder any more: which, and what to do. An item is named by its handle alone.
import { Fault } from '../case/fault.ts';

/** Of an original, whose item is `handle`. */
export function absentOriginal(handle: string, cause: unknown): Fault {
  return new Fault('case-damaged', {
    what: `The original of ${handle} is not in the case folder any more, and no record says that it was destroyed.`,
    expected: 'the bytes that were sealed',
    got: 'no file',
    next: 'run `dalil fixity restore --from <copy>`, then this command again; `dalil fixity` finds all that are missing',
    cause,
  });
}

/** Of anything else that a record cites. */
export function absentFile(store: string, cause: unknown): Fault {
  return new Fault('case-damaged', {
    what: 'A file that a record cites is not in the case folder any more.',
    expected: `a file below ${store}/`,
    got: 'no file',
    next: 'run `dalil verify`, which names it, and copy it back from another copy of the case folder',
    cause,
  });
}
