// Near-duplicates: pictures that are re-encoded or resized copies of another. A perceptual hash alone calls two frames
// of one shoot alike, so what the camera wrote must not speak against it.
import { forEachNearPair, fromHex, packHashes } from '@dalil/imaging';

/** PDQ's customary threshold. Copies at half size were seen at 20; of several near pictures the nearest is the original. */
export const nearDistance = 31;
/** PDQ quality below which a hash says little (the customary value). */
const leastQuality = 50;

export const nearRule =
  `PDQ distance at most ${nearDistance}, quality at least ${leastQuality}, same proportions within 2 %, ` +
  'and no different time of capture or camera model';

export interface Candidate {
  item: string;
  id: string;
  /** 64 hex digits. */
  pdq: string;
  quality: number;
  width: number;
  height: number;
  taken: string | null;
  model: string | null;
  /** Bytes. */
  size: number;
}

/**
 * Item -> the item it is a near-duplicate of. The original of a set is the picture with the most pixels, then the most
 * bytes, then the first received. Copies point to an original directly, never in a chain.
 */
export function nearDuplicates(candidates: readonly Candidate[]): Map<string, { of: string; distance: number }> {
  const usable = candidates.filter(({ quality }) => quality >= leastQuality);
  const order = usable
    .map((_, i) => i)
    .toSorted((a, b) => pixels(usable[b]!) - pixels(usable[a]!) || usable[b]!.size - usable[a]!.size || a - b);
  const rank = new Map(order.map((i, place) => [i, place]));
  const neighbours = new Map<number, { of: number; distance: number }[]>();
  const packed = packHashes(usable.map(({ pdq }) => fromHex(pdq)!));
  forEachNearPair(packed, nearDistance, (a, b, distance) => {
    if (!mayBeCopies(usable[a]!, usable[b]!)) return;
    const [copy, original] = rank.get(a)! > rank.get(b)! ? [a, b] : [b, a];
    const list = neighbours.get(copy);
    if (list === undefined) neighbours.set(copy, [{ of: original, distance }]);
    else list.push({ of: original, distance });
  });
  const found = new Map<string, { of: string; distance: number }>();
  for (const copy of order) {
    const originals = (neighbours.get(copy) ?? [])
      .filter(({ of }) => !found.has(usable[of]!.item))
      .toSorted((x, y) => x.distance - y.distance || rank.get(x.of)! - rank.get(y.of)!);
    const best = originals[0];
    if (best !== undefined) found.set(usable[copy]!.item, { of: usable[best.of]!.item, distance: best.distance });
  }
  return found;
}

const pixels = ({ width, height }: Candidate) => width * height;

function mayBeCopies(a: Candidate, b: Candidate): boolean {
  const proportions = (a.width * b.height) / (b.width * a.height);
  if (Math.abs(proportions - 1) > 0.02) return false;
  if (a.taken !== null && b.taken !== null && a.taken !== b.taken) return false;
  return a.model === null || b.model === null || a.model === b.model;
}
