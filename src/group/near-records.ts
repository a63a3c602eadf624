// The words of likeness: which picture was made from which, how it was seen, how far the search went, and what people
// confirm or cut. A link is a proposal of the machine unless a person has confirmed it.
import { z } from 'zod';

const region = z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() });

/** What alignment of two thumbnails found. */
export const alignmentSchema = z.object({
  /** Normalised correlation over the region, -1 to 1, and the lower quartile of its blocks (null: too plain). */
  score: z.number(),
  weakest: z.number().nullable(),
  /** Which of the two lies in the other. */
  inside: z.enum(['copy-in-original', 'original-in-copy']),
  /** Where, in pixels of the outer one as shown, at full size. */
  region,
  /** Pixels of the outer one, at full size, for one of the inner. */
  scale: z.number(),
  /** Grey levels: inner = gain * outer + offset. */
  gain: z.number(),
  offset: z.number(),
});
export type NearAlignment = z.infer<typeof alignmentSchema>;

export const nearChanges = [
  'recompressed',
  'rewritten',
  'resized',
  'rotated',
  'mirrored',
  'cropped',
  'bordered',
  'brightness',
  'grey',
] as const;
export type NearChange = (typeof nearChanges)[number];

/** How the one was found to be a near-duplicate of the other. */
export const nearBases = ['hash', 'turned-hash', 'alignment', 'person'] as const;
export type NearBasis = (typeof nearBases)[number];

/** `kind: group.near`, `refs.item`, `refs.of` (absent: withdrawn): an item is a near-duplicate of another. */
export const nearRecord = z.object({
  /** Hamming distance of the two PDQ hashes, 0 to 256. */
  distance: z.number().int(),
  rule: z.string(),
  /** Absent in records of earlier versions, like all below. */
  basis: z.enum(nearBases).optional(),
  /** What was done to the copy, as far as pixels and sides tell. */
  changes: z.array(z.enum(nearChanges)).optional(),
  /** Pixels of the copy for one of the original. */
  scale: z.number().nullable().optional(),
  /** How the copy, as shown, is turned: a name of `turns` in packages/imaging. */
  turn: z.string().optional(),
  alignment: alignmentSchema.nullable().optional(),
  /** Why the one is taken for the original, by the rule of direction. */
  direction: z.string().optional(),
});
export type Near = z.infer<typeof nearRecord>;

/** `kind: group.search`: that near-duplicates were looked for, among what, and how much of it was looked at. */
export const searchRecord = z.object({
  rule: z.string(),
  /** The last position of the log that the search knew of. */
  through: z.number().int(),
  /** Pictures with a hash, and those of them whose hash says enough. */
  pictures: z.number().int(),
  hashed: z.number().int(),
  /** Pairs within the distance that this search came upon; pairs aligned in it, confirmed by it, and left out because of the limit. */
  pairs: z.number().int(),
  aligned: z.number().int(),
  confirmed: z.number().int(),
  left: z.number().int(),
});

/**
 * `kind: group.link`, `refs.items` (two): a person says that two pictures are near-duplicates (must), are not (cannot),
 * or takes back what was said of them before (open). The latest of a pair stands.
 */
export const linkRecord = z.object({ link: z.enum(['must', 'cannot', 'open']), why: z.string() });
export type Link = z.infer<typeof linkRecord>['link'];

/** What stands of two items, by their handles. */
export interface PictureLink {
  a: string;
  b: string;
  link: Exclude<Link, 'open'>;
}
