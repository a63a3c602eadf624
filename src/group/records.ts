// The words of grouping: the rules a case sets, what they read, which pictures are near-duplicates, and the individuals.
// All of it is the machine's proposal until a person accepts it.
import { z } from 'zod';
import { carriers, categories, identifierRoles } from '../case/views.ts';

/** A pattern over a file's path. Named groups of `match` become identifiers. */
const pattern = z.object({
  name: z.string().min(1),
  /** ECMAScript regular expression, flag u, over the path with `/` between names and Latin digits. */
  match: z.string().min(1),
  identifiers: z.record(z.string(), z.object({ role: z.enum(identifierRoles), carrier: z.enum(carriers) })).default({}),
  category: z.enum(categories).optional(),
});

/** What a case configures: which identifiers make the key of an individual, and the patterns, in order. */
export const rulesSchema = z.object({
  individualKey: z.array(z.enum(identifierRoles)).min(1).default(['branch-number', 'detainee-number']),
  patterns: z.array(pattern),
  /** How the numbers of a role were given out, as far as the case knows; what is left out is as in `seriesOf`. */
  series: z
    .array(
      z.object({
        role: z.enum(identifierRoles),
        /** Whether each branch counts for itself. */
        perBranch: z.boolean().optional(),
        /** Whether numbers were shown to be given at death: only then does a missing one speak of a death. */
        issuedAtDeath: z.boolean().optional(),
        /** The first number of the series, where it is known. */
        start: z.number().int().nonnegative().optional(),
      }),
    )
    .optional(),
  /** The numbers that cards carry: a role's values match its pattern as a whole (Latin digits, `/` and a letter). */
  numbers: z
    .array(
      z.object({
        role: z.enum(identifierRoles),
        /** ECMAScript regular expression over the whole value, digits in Latin form. */
        pattern: z.string().min(1),
        min: z.number().int().optional(),
        max: z.number().int().optional(),
        label: z.string().optional(),
      }),
    )
    .optional(),
});
export type Rules = z.infer<typeof rulesSchema>;

/** `kind: group.rules` */
export const rulesRecord = z.object({ rules: rulesSchema });

export const identifierSchema = z.object({
  value: z.string(),
  role: z.enum(identifierRoles),
  carrier: z.enum(carriers),
  /** Name of the pattern that read it. */
  pattern: z.string(),
});
export type Identifier = z.infer<typeof identifierSchema>;

/** `kind: group.reading`, `refs.item`, `refs.rules`: what the rules read in the paths of one item. */
export const readingRecord = z.object({
  identifiers: z.array(identifierSchema),
  category: z.enum(categories),
  /** The complete key of an individual that the paths give; null where they give none, or more than one. */
  key: z.record(z.string(), z.string()).nullable(),
  /** How many receipts were read: with a further one the item is read again. */
  receipts: z.number().int(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type Reading = z.infer<typeof readingRecord>;

/** Why a picture belongs to an individual. */
export const reasonKinds = [
  'path',
  'near',
  'card',
  'sequence',
  'settled',
  'placed',
  'linked',
  'linked-to-provisional',
] as const;
export const reasonSchema = z.object({
  /**
   * `path`: the name gives the key. `near`: it is a near-duplicate of `of`. `card`: cards read together give the key.
   * `sequence`: taken between or beside `of`, by the same camera. `settled`: a person read the card. `placed`: a person put it here.
   * `linked`: a person said that it is a near-duplicate of `of`; `linked-to-provisional`: of one that is provisional itself.
   */
  reason: z.enum(reasonKinds),
  /** Of `card`: that the numbers are right; null for what is a rule or an act. */
  probability: z.number().nullable(),
  /** The picture that it follows from, where that is another. */
  of: z.string().nullable(),
});
export type Reason = z.infer<typeof reasonSchema>;
/** Reasons that rest on what a machine read or on neighbourhood: such members are in no published count. */
export const provisionalReasons: readonly Reason['reason'][] = ['card', 'sequence', 'linked-to-provisional'];

/** Whether no reason is a rule over names or the act of a person. */
export function isProvisional(reasons: readonly Reason[]): boolean {
  return reasons.every(({ reason }) => provisionalReasons.includes(reason));
}

/** `kind: group.individual`, `handle`, `refs.items`: the photographs of one body, as far as the rule tells. */
export const individualRecord = z.object({
  key: z.record(z.string(), z.string()),
  rule: z.string(),
  /** Beside `refs.items`, one for each: all that was found. Absent in records before cards were read: the path. */
  reasons: z.array(z.array(reasonSchema)).default([]),
});

/** What a number is, by the pictures that show it together. */
export const agreedSchema = z.object({
  role: z.enum(identifierRoles),
  value: z.string(),
  probability: z.number(),
  /** Pictures in which it was read, near-duplicates once. */
  witnesses: z.number().int(),
  /** The crop to show a person: the picture, and the place of the reading in it. */
  item: z.string(),
  n: z.number().int(),
});
export type Agreed = z.infer<typeof agreedSchema>;

/**
 * `kind: group.agreement`, `refs.head` (the first picture), `refs.items` (absent: withdrawn): what the cards in pictures
 * taken one after another say together. Provisional from `provisionalFrom` upward (agreement.ts), else for people.
 */
export const agreementRecord = z.object({ numbers: z.array(agreedSchema), rule: z.string() });

/** `kind: group.gathering`: that individuals were gathered, by everything up to the record at `through`. */
export const gatheringRecord = z.object({ through: z.number().int() });

/** `kind: group.settlement`, `refs.item`: a person says what a card says. The latest of an item and role stands. */
export const settlementRecord = z.object({
  role: z.enum(identifierRoles),
  /** Latin digits; null: it cannot be read. */
  value: z.string().min(1).max(40).nullable(),
  /** Which reading of the picture it answers; null where the reader found none. */
  reading: z.number().int().nullable(),
  /** Taken back: the machine's reading is open again. */
  withdrawn: z.boolean().default(false),
});

/** `kind: group.category`, `refs.items`: a person says what pictures are of; null: taken back. */
export const categoryRecord = z.object({ category: z.enum(categories).nullable(), why: z.string() });

/** `kind: group.merge`, `refs.from`, `refs.into` (their latest records): `from` is another name of `into` from now on. */
export const mergeRecord = z.object({
  from: z.string(),
  into: z.string(),
  why: z.string(),
  /** merged; parted: an earlier merge is taken back, or was proposed and refused. */
  state: z.enum(['merged', 'parted']),
});

/** `kind: group.split`, `handle` (the new one), `refs.items`: these pictures are of another body than `from`. */
export const splitRecord = z.object({ from: z.string(), key: z.record(z.string(), z.string()), why: z.string() });

/**
 * `kind: group.move`, `refs.items`: a person puts pictures to an individual. `to` null: they belong to none.
 * `released`: earlier acts on them count no more, and the machine proposes again.
 */
export const moveRecord = z.object({
  to: z.string().nullable(),
  why: z.string(),
  released: z.boolean().default(false),
});

const fraction = z.number().min(0).max(1);

/**
 * `kind: group.region`, `handle`, `refs.item`: a person marks a rectangle on a picture. A later record of the same handle
 * replaces it.
 */
export const regionRecord = z.object({
  /** Left, top, width, height as fractions of the upright picture. */
  box: z.tuple([fraction, fraction, fraction, fraction]),
  note: z.string(),
  withdrawn: z.boolean(),
});

/** `kind: group.tag`, `refs.items` (1,000 at most): a person puts a tag on items, or takes it off. The latest stands. */
export const tagRecord = z.object({ tag: z.string().min(1).max(60), removed: z.boolean() });
