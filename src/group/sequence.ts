// Which pictures were taken one after the other by one camera, and where in such a run one body ends and the next begins.
// Neighbourhood speaks only where it is unambiguous: between two numbers, a picture without one belongs to neither.

/** A reading of a number in a picture; alternatives with their probabilities included in `values`. */
export interface Seen {
  n: number;
  role: string;
  values: { value: string; probability: number }[];
}

export interface Picture {
  item: string;
  id: string;
  position: number;
  /** The picture that this one is a copy of, or itself. */
  cluster: string;
  /** Make, model and serial number; null where the file names no camera. */
  body: string | null;
  /** Whether the body has its own serial number. */
  serial: boolean;
  /** Local time as written, in seconds; null where there is none. */
  taken: number | null;
  counter: number | null;
  /** Where a name or a person puts it: a handle, or a key that has no handle yet; null where nothing does. */
  target: string | null;
  /** The detainee number of that target; null where it has none. */
  number: string | null;
  readings: Seen[];
}

/** Pictures of one run that are taken to show one body. */
export interface Piece {
  pictures: Picture[];
  /** Several numbers stand in the run: what single pictures say is not enough here. */
  contested: boolean;
}

/** Seconds between neighbours. A body was photographed every 6 to 75 seconds, the next began later. */
export const neighbourSeconds = 75;
/** How many pictures may be missing between neighbours (broken, deleted, without metadata). */
const missing = 2;
/** From here the number in one picture counts as seen when looking for where one body ends. */
const seenFrom = 0.9;

export const sequenceRule = `the same camera, file counters at most ${missing + 1} apart, at most ${neighbourSeconds} seconds between neighbours`;

/** Runs in the order of time. A picture without time, or without both counter and serial number, is a run alone. */
export function runsOf(pictures: readonly Picture[]): Picture[][] {
  const bodies = new Map<string, Picture[]>();
  const runs: Picture[][] = [];
  for (const picture of pictures) {
    const { body, taken, counter, serial } = picture;
    if (body === null || taken === null || (counter === null && !serial)) runs.push([picture]);
    else if (bodies.has(body)) bodies.get(body)!.push(picture);
    else bodies.set(body, [picture]);
  }
  for (const all of bodies.values()) {
    let run: Picture[] = [];
    for (const picture of all.toSorted(inTime)) {
      const last = run.at(-1);
      if (last !== undefined && !neighbours(last, picture)) {
        runs.push(run);
        run = [];
      }
      run.push(picture);
    }
    runs.push(run);
  }
  return runs.toSorted((a, b) => a[0]!.position - b[0]!.position);
}

function inTime(a: Picture, b: Picture): number {
  return a.taken! - b.taken! || (a.counter ?? 0) - (b.counter ?? 0) || a.position - b.position;
}

function neighbours(a: Picture, b: Picture): boolean {
  if (b.taken! - a.taken! > neighbourSeconds) return false;
  if (a.counter === null || b.counter === null) return true;
  const apart = b.counter - a.counter;
  return apart >= 0 && apart <= missing + 1;
}

/** A run cut where its numbers change. */
export function piecesOf(run: readonly Picture[]): Piece[] {
  const marks = run.map(markOf);
  // One odd number between two equal ones, seconds apart, is a misreading and no second body.
  const marked = marks.flatMap((mark, i) => (mark === null ? [] : [i]));
  for (let k = 1; k + 1 < marked.length; k++) {
    const [before, here, after] = [marked[k - 1]!, marked[k]!, marked[k + 1]!];
    const odd = marks[before] === marks[after] && marks[here] !== marks[before];
    if (odd && run[here]!.target === null) marks[here] = marks[before]!;
  }
  const pieces: Piece[] = [];
  const contested = new Set(marks.filter((mark) => mark !== null)).size > 1;
  let last = -1;
  let piece: Picture[] = [];
  const close = (): void => {
    if (piece.length > 0) pieces.push({ pictures: piece, contested });
    piece = [];
  };
  for (const here of marked) {
    const between = run.slice(last + 1, here);
    if (last < 0 || marks[last] === marks[here]) piece.push(...between, run[here]!);
    else {
      close();
      for (const picture of between) pieces.push({ pictures: [picture], contested });
      piece.push(run[here]!);
    }
    last = here;
  }
  piece.push(...run.slice(last + 1));
  close();
  return pieces;
}

/** What a picture shows for certain, or nearly: its detainee number, or its target where that has none. */
function markOf({ target, number, readings }: Picture): string | null {
  if (target !== null) return number ?? target;
  const said = readings.filter(({ role }) => role === 'detainee-number').flatMap(({ values }) => values.slice(0, 1));
  const [best] = said.toSorted((a, b) => b.probability - a.probability);
  return best !== undefined && best.probability >= seenFrom ? best.value : null;
}
