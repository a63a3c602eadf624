// What a JPEG's tables are consistent with. The Independent JPEG Group's library scales the example tables of ITU-T T.81,
// annex K, by a quality of 1 to 100; most software and some cameras write just these, so they identify nobody.

import type { JpegWalk } from './jpeg.ts';

export interface JpegSource {
  /** The quality at which the tables in use are those of the IJG library, 1 to 100; null where at none. */
  ijgQuality: number | null;
  /** Sentences that begin with "consistent with"; never more than that: one table is written by many programs. */
  consistentWith: string[];
}

// T.81 tables K.1 and K.2, row after row.
const luminance = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51,
  87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101,
  72, 92, 95, 98, 112, 100, 103, 99,
];
const chrominance = Array.from({ length: 64 }, (_, i) => {
  const corner = [
    [17, 18, 24, 47],
    [18, 21, 26, 66],
    [24, 26, 56, 99],
    [47, 66, 99, 99],
  ];
  return corner[i >> 3]?.[i & 7] ?? 99;
});
/** Row-major place of each element in zigzag order. */
const zigzag = ((): number[] => {
  const order: number[] = [];
  for (let sum = 0; sum < 15; sum++) {
    for (let k = 0; k <= sum; k++) {
      const [row, column] = sum % 2 === 0 ? [sum - k, k] : [k, sum - k];
      if (row < 8 && column < 8) order.push(row * 8 + column);
    }
  }
  return order;
})();

/** The IJG table of a quality, 1 to 100, as baseline files hold it: 1 to 255, in zigzag order. */
export function ijgTable(quality: number, of: 'luminance' | 'chrominance'): number[] {
  const scale = quality < 50 ? Math.floor(5000 / quality) : 200 - quality * 2;
  const base = of === 'luminance' ? luminance : chrominance;
  return zigzag.map((at) => Math.min(255, Math.max(1, Math.floor((base[at]! * scale + 50) / 100))));
}

/** Reads it off a walked file. Never throws. */
export function jpegSource(walk: JpegWalk): JpegSource {
  const used = walk.components.map(({ table }) => walk.tables.findLast(({ id }) => id === table));
  const [first, second] = [used[0], used[1]];
  const qualities = first === undefined ? [] : Array.from({ length: 100 }, (_, i) => 100 - i);
  const ijgQuality =
    qualities.find(
      (quality) =>
        equal(first!.values, ijgTable(quality, 'luminance')) &&
        (second === undefined || equal(second.values, ijgTable(quality, 'chrominance'))),
    ) ?? null;
  const consistentWith: string[] = [];
  if (ijgQuality !== null) {
    consistentWith.push(`consistent with the IJG library, or one with its tables, at quality ${ijgQuality}`);
  } else if (first !== undefined) consistentWith.push('consistent with an encoder that has tables of its own');
  if (walk.adobe !== null) consistentWith.push('consistent with a program that writes the Adobe segment');
  if (walk.process === 'progressive') consistentWith.push('consistent with software for the web: progressive');
  if (walk.jfif && walk.exif === null) {
    consistentWith.push('consistent with a file that software wrote or stripped: JFIF, and no Exif block');
  }
  return { ijgQuality, consistentWith };
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
