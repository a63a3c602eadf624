// The words of comparing a picture with the small one inside its file: one observation for each picture that has one,
// keyed by the tool, its version and its settings. A mismatch is a question for a person, and never "manipulated".
import { z } from 'zod';
import { observationKey } from './records.ts';

/** The version goes up whenever the same file may be judged otherwise. */
export const embeddedComparer = { name: 'dalil-embedded', version: '1' } as const;

export const embeddedSettingsSchema = z.object({
  /** Pictures of more pixels, and files of more bytes, are not compared. */
  pixelLimit: z.number().int().positive(),
  byteLimit: z.number().int().positive(),
  /** The longer side, in pixels, at which the two are compared. */
  side: z.number().int().positive(),
});
export type EmbeddedSettings = z.infer<typeof embeddedSettingsSchema>;
export const defaultEmbeddedSettings: EmbeddedSettings = {
  pixelLimit: 60_000_000,
  byteLimit: 256 * 1024 * 1024,
  side: 256,
};

/** `kind: describe.embedded`, `refs.item`. */
export const embeddedRecord = z.object({
  observation: z.object({
    tool: z.literal(embeddedComparer.name),
    version: z.string(),
    settings: embeddedSettingsSchema,
  }),
  /** agrees: the same scene. differs: not found in the picture. undecided: between the two, too plain, or not decoded whole. */
  verdict: z.enum(['agrees', 'differs', 'undecided']),
  /** What the small one shows of the picture; null where they were not aligned. */
  shows: z.enum(['part', 'whole-with-margins', 'whole']).nullable(),
  /** Correlation on the whole and in the weakest quarter of its blocks (null: too plain), -1 to 1; as in packages/imaging. */
  alignment: z.object({ score: z.number(), weakest: z.number().nullable(), covers: z.number() }).nullable(),
  /** Sides of the small picture in pixels; null where it was not decoded. */
  sides: z.object({ width: z.number().int(), height: z.number().int() }).nullable(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type EmbeddedRecord = z.infer<typeof embeddedRecord>;

/** The key of what is done now. */
export const currentEmbedded = observationKey(embeddedComparer.version, defaultEmbeddedSettings);

/** A record of nothing but why it is undecided. */
export function uncompared(settings: EmbeddedSettings, problems: EmbeddedRecord['problems']): EmbeddedRecord {
  const observation = { tool: embeddedComparer.name, version: embeddedComparer.version, settings };
  return { observation, verdict: 'undecided', shows: null, alignment: null, sides: null, problems };
}
