// The module that an aligning thread runs: two thumbnails in, how the one lies in the other out. Thumbnails are drawn by
// describe; they are decoded here all the same, away from the thread that writes.
import { alignInside, turnPlane, turns, undone, type Alignment, type LumaPlane, type Turn } from '@dalil/imaging';
import sharp from 'sharp';
import { serveWorker } from '../store/workers.ts';

export interface LookInput {
  /** Thumbnails, of pictures as shown. */
  a: string;
  b: string;
  /** same: whole against whole. turned: in the eight ways. part: the one within the other, upright. */
  look: 'same' | 'turned' | 'part';
}

export interface Look {
  alignment: Alignment;
  inside: 'a-in-b' | 'b-in-a';
  /** How a is turned relative to b. */
  turn: Turn;
  /** Sides of the thumbnails; those of `a` after it was turned back. */
  a: { width: number; height: number };
  b: { width: number; height: number };
  /** The mean difference between the strongest and the weakest colour, in grey levels: 0 is a grey picture. */
  colour: { a: number; b: number };
}

/** Null where nothing was found worth a closer look; 'no-thumbnail' where one of the two is not there. */
export async function lookAtPair({ a, b, look }: LookInput): Promise<Look | null | 'no-thumbnail'> {
  const [first, second] = await Promise.all([open(a), open(b)]);
  if (first === null || second === null) return 'no-thumbnail';
  const tried: Omit<Look, 'a' | 'b' | 'colour'>[] = [];
  const align = (inside: Look['inside'], turn: Turn, leastScale: number): void => {
    const one = turnPlane(first.plane, turn);
    const alignment =
      inside === 'a-in-b'
        ? alignInside(one, second.plane, { leastScale })
        : alignInside(second.plane, one, { leastScale });
    if (alignment !== null) tried.push({ alignment, inside, turn });
  };
  if (look === 'same') align('a-in-b', 'original', 0.95);
  if (look === 'turned') for (const turn of turns) align('a-in-b', turn, 0.95);
  if (look === 'part') {
    align('a-in-b', 'original', 0.3);
    align('b-in-a', 'original', 0.3);
  }
  const [best] = tried.toSorted((x, y) => y.alignment.score - x.alignment.score);
  if (best === undefined) return null;
  const { width, height } = turnPlane(first.plane, best.turn);
  return {
    ...best,
    // The plane was turned to match: what was done to the copy is the opposite.
    turn: undone(best.turn),
    a: { width, height },
    b: { width: second.plane.width, height: second.plane.height },
    colour: { a: first.colour, b: second.colour },
  };
}

async function open(path: string): Promise<{ plane: LumaPlane; colour: number } | null> {
  try {
    const { data, info } = await sharp(path)
      .toColourspace('srgb')
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const luma = new Float32Array(info.width * info.height);
    let colour = 0;
    for (let i = 0, p = 0; i < luma.length; i++, p += 3) {
      const [r, g, b] = [data[p]!, data[p + 1]!, data[p + 2]!];
      luma[i] = 0.299 * r + 0.587 * g + 0.114 * b;
      colour += Math.max(r, g, b) - Math.min(r, g, b);
    }
    return { plane: { data: luma, width: info.width, height: info.height }, colour: colour / luma.length };
  } catch {
    // Thumbnails are disposable: one that is not there, or not whole, is made again by describe.
    return null;
  }
}

serveWorker(lookAtPair);
