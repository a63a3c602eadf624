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

/** `kind: group.individual`, `handle`, `refs.items`: the photographs of one body, as far as the rule tells. */
export const individualRecord = z.object({
  key: z.record(z.string(), z.string()),
  rule: z.string(),
});
