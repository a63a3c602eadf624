// The small picture inside a file against the picture itself: an editor that leaves the old one inside gives itself
// away. Makers add black margins and cut the sides off, so the two are aligned before they are compared. Pure.

import { alignInside, type Alignment } from './align.ts';
import type { LumaPlane } from './pdq.ts';

export interface ThumbnailMatch {
  /**
   * agrees: a small picture of the same content. differs: not found in the picture at any size; undecided: between, or
   * too little to see. "differs" is a reason to look, never proof of an edit: some cameras stamp dates on one only.
   */
  verdict: 'agrees' | 'differs' | 'undecided';
  /** How the one lies in the other: the thumbnail shows a part of the picture, or the picture and margins beside it. */
  shows: 'part' | 'whole-with-margins' | 'whole';
  /** Null where nothing was worth a closer look. The region is in pixels of the picture, or of the thumbnail where it has margins. */
  alignment: Alignment | null;
}

/**
 * Correlations from which a thumbnail agrees, and under which it differs. Of 54 files of real cameras and editors 53 lie
 * above the one (the last at 0.82); of 108 wrong pairs 106 lie under 0.64, and the other two are two renderings of one
 * exposure, at 0.84 and 0.98: this does not tell such apart.
 */
export const thumbnailLimits = { agrees: 0.9, weakestAgrees: 0.7, differs: 0.7 } as const;

/**
 * Compares an embedded thumbnail with its picture, both as stored, before any orientation is applied. Bring large
 * pictures to about 256 pixels first. Of 54 files of real cameras 49 are whole and agree, in 13 ms each; only where that
 * does not show are cuts and margins looked for, in 72.
 */
export function matchThumbnail(thumbnail: LumaPlane, picture: LumaPlane): ThumbnailMatch {
  if (contrast(thumbnail) < 8 || contrast(picture) < 8)
    return { verdict: 'undecided', shows: 'whole', alignment: null };
  const whole = alignInside(thumbnail, picture, { leastScale: 0.97 });
  if (whole !== null && agrees(whole) && whole.covers > 0.97) {
    return { verdict: 'agrees', shows: 'whole', alignment: whole };
  }
  // A margin makes the picture at most a third smaller (16:9 within 4:3); a cut takes as much.
  const part = alignInside(thumbnail, picture, { leastScale: 0.7 });
  const margins = alignInside(picture, thumbnail, { leastScale: 0.7 });
  const best = (margins?.score ?? -1) > (part?.score ?? -1) ? margins : part;
  const shows = best === null || best.covers > 0.97 ? 'whole' : best === margins ? 'whole-with-margins' : 'part';
  const differs = best === null || best.score < thumbnailLimits.differs;
  return { verdict: differs ? 'differs' : agrees(best) ? 'agrees' : 'undecided', shows, alignment: best };
}

const agrees = ({ score, weakest }: Alignment): boolean =>
  score >= thumbnailLimits.agrees && (weakest ?? 0) >= thumbnailLimits.weakestAgrees;

/** Standard deviation in grey levels. */
function contrast({ data }: LumaPlane): number {
  let [sum, squares] = [0, 0];
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / data.length - (sum / data.length) ** 2));
}
