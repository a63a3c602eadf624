// The words of reading numbers: one observation for each picture, keyed by the reader, its version and its settings. The
// latest one stands; earlier ones stay in the log. All of it is the machine's proposal until a person accepts it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { identifierRoles } from '../case/views.ts';

/** The version goes up whenever the same picture may be read otherwise. */
export const cardReader = { name: 'dalil-read', version: '3' } as const;

/** A number's role by its form: a regular expression over Latin digits, '/' and a letter, that the whole must match. */
export const numberGrammarSchema = z.array(
  z.object({
    role: z.enum(identifierRoles),
    pattern: z.string().min(1),
    min: z.number().int().optional(),
    max: z.number().int().optional(),
    label: z.string().optional(),
  }),
);
export type NumberGrammar = z.infer<typeof numberGrammarSchema>;

const probability = z.number().min(0).max(1);

export const cardReadingSchema = z.object({
  /** Digits in Latin form, with '/' and its letter where there is one. */
  value: z.string(),
  script: z.enum(['latin', 'arabic-indic']),
  style: z.enum(['print', 'hand']),
  carrier: z.enum(['card', 'tape', 'skin']),
  /** null where the grammar cannot tell. */
  role: z.enum(identifierRoles).nullable(),
  /** Pixels of the upright picture at full size: top left first, clockwise as it is read. */
  quad: z.array(z.array(z.number()).length(2)).length(4),
  /** Calibrated: that `value` is exactly right. */
  probability,
  alternatives: z.array(z.object({ value: z.string(), probability })).max(4),
  /** SHA-256 of the picture of the number alone, kept beside the thumbnails. */
  crop: z.string().regex(/^[0-9a-f]{64}$/),
});
export type CardReading = z.infer<typeof cardReadingSchema>;

export const cardProblems = {
  undecodable: 'The picture could not be decoded for reading numbers.',
  'timed-out': 'Reading numbers took longer than the limit.',
  'out-of-memory': 'Reading numbers took more memory than the limit.',
  'worker-ended': 'The program that reads numbers ended on this file.',
} as const;
export type CardProblemCode = keyof typeof cardProblems;

export const cardSettingsSchema = z.object({
  pixelLimit: z.number().int().positive(),
  /** The grammar of numbers of the case's rules in force when it was read. */
  grammar: numberGrammarSchema,
});
export type CardSettings = z.infer<typeof cardSettingsSchema>;

/** `kind: describe.card`, `refs.item` */
export const cardRecord = z.object({
  observation: z.object({ tool: z.string(), version: z.string(), settings: cardSettingsSchema }),
  readings: z.array(cardReadingSchema),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** What a reading is keyed by, beside its item. */
export function cardObservation(settings: CardSettings, version: string = cardReader.version): string {
  const { pixelLimit, grammar } = settings;
  const rules = grammar.map(({ role, pattern, min, max }) => [role, pattern, min ?? null, max ?? null]);
  const hash = createHash('sha256').update(JSON.stringify([pixelLimit, rules]));
  return `${version}:${hash.digest('hex').slice(0, 16)}`;
}
