// From what alignment saw to what was done to a copy, in words of the record. Pure.
import type { Turn } from '@dalil/imaging';
import { aligned, type Candidate } from './near.ts';
import type { Near, NearAlignment, NearChange } from './near-records.ts';
import type { Look } from './near-worker.ts';

/** Whether a turned or cropped copy is confirmed: by the whole, and by its weakest quarter. */
export function confirms({ alignment }: Look): boolean {
  return alignment.score >= aligned.score && (alignment.weakest ?? 0) >= aligned.weakest && alignment.covers >= 0.08;
}

/** Which of the two is the original, where the pixels tell: 'a', 'b', or null. */
export function originalOf(look: Look, a: Candidate, b: Candidate): 'a' | 'b' | null {
  const { alignment, inside } = look;
  if (alignment.covers > 0.97) return null;
  const [inner, outer] = inside === 'a-in-b' ? (['a', 'b'] as const) : (['b', 'a'] as const);
  const timed = { a: a.taken !== null, b: b.taken !== null };
  // A crop may cut off a plain wall: then only the camera's word tells it from a border.
  const border = alignment.plainBeside && !(timed[outer] && !timed[inner]);
  return border ? inner : outer;
}

/** The fields of the record of a copy, `look` having the copy as its `a`; null where nothing was looked at. */
export function explain(
  copy: Candidate,
  original: Candidate,
  look: Look | null,
): Pick<Near, 'changes' | 'scale' | 'turn' | 'alignment' | 'direction'> {
  const turn: Turn = look?.turn ?? 'original';
  const swapped = ['rotate-90', 'rotate-270', 'flip-plus-1', 'flip-minus-1'].includes(turn);
  const shown = swapped ? { width: copy.height, height: copy.width } : copy;
  const changes = new Set<NearChange>();
  let scale: number | null = shown.width / original.width;
  let alignment: NearAlignment | null = null;
  if (look !== null) {
    const found = look.alignment;
    const inside = look.inside === 'a-in-b' ? 'copy-in-original' : 'original-in-copy';
    const [inner, outer, thumbnail] =
      inside === 'copy-in-original' ? [shown, original, look.b] : [original, shown, look.a];
    const by = outer.width / thumbnail.width;
    const wide = found.region.width * by;
    alignment = {
      score: round(found.score, 4),
      weakest: found.weakest === null ? null : round(found.weakest, 4),
      inside,
      region: {
        x: Math.round(found.region.x * by),
        y: Math.round(found.region.y * by),
        width: Math.round(wide),
        height: Math.round(found.region.height * by),
      },
      scale: round(wide / inner.width, 4),
      gain: round(found.gain, 3),
      offset: round(found.offset, 1),
    };
    if (found.covers <= 0.97) {
      scale = inside === 'copy-in-original' ? inner.width / wide : wide / inner.width;
      changes.add(inside === 'copy-in-original' ? 'cropped' : 'bordered');
    }
    if (turn.startsWith('rotate')) changes.add('rotated');
    if (turn.startsWith('flip')) changes.add('mirrored');
    if (Math.abs(found.gain - 1) > 0.1 || Math.abs(found.gain * 128 + found.offset - 128) > 10)
      changes.add('brightness');
    if (look.colour.a < 3 && look.colour.b > 6) changes.add('grey');
  }
  // Alignment of thumbnails is good to about a hundredth; sides are exact.
  const cut = changes.has('cropped') || changes.has('bordered');
  if (Math.abs(scale - 1) > (cut ? 0.03 : 0.005)) changes.add('resized');
  if (changes.size === 0) changes.add(Math.abs(copy.size / original.size - 1) > 0.02 ? 'recompressed' : 'rewritten');
  return {
    changes: [...changes],
    scale: round(scale, 4),
    turn,
    alignment,
    direction: directionOf(copy, original, changes),
  };
}

function directionOf(copy: Candidate, original: Candidate, changes: ReadonlySet<NearChange>): string {
  if (changes.has('bordered')) return 'the other has a plain border';
  if (changes.has('cropped')) return 'it shows what the other cuts off';
  const pixels = ({ width, height }: Candidate) => width * height;
  if (pixels(copy) !== pixels(original))
    return pixels(original) > pixels(copy) ? 'more pixels' : 'as a person linked them';
  if ((copy.taken === null) !== (original.taken === null)) return 'it has a time of capture';
  return copy.size === original.size ? 'received first' : 'more bytes';
}

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
