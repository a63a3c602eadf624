// The words of describing: one observation for each item, keyed by the tool, its version and its settings. The latest
// one stands; earlier ones stay in the log.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../case/json.ts';
import { carriers, identifierRoles } from '../case/views.ts';
import {
  describer,
  descriptionSchema,
  settingsSchema,
  type DescribeSettings,
  type Description,
} from './description.ts';

const parts = descriptionSchema.shape;

/** `kind: describe.item`, `refs.item`. A description, gathered into the few fields that can be disclosed apart. */
export const describeRecord = z.object({
  observation: z.object({ tool: z.string(), version: z.string(), settings: settingsSchema }),
  format: z.object({ type: parts.format, sure: parts.formatSure, size: parts.size, text: parts.text }),
  picture: z.object({ sides: parts.picture, decode: parts.decode }),
  metadata: parts.metadata,
  encoding: z.object({ jpeg: parts.jpeg, embedded: parts.embedded, thumbnail: parts.thumbnail }),
  pdq: parts.pdq,
  problems: parts.problems,
});

/** A number as the reader of cards read it: a proposal, with a calibrated probability. */
export const cardReadingSchema = z.object({
  /** Latin digits, with the letter of a series where there is one. */
  value: z.string(),
  script: z.enum(['latin', 'arabic-indic']),
  style: z.enum(['print', 'hand']),
  carrier: z.enum(carriers),
  /** null where the grammar of the case's numbers cannot tell. */
  role: z.enum(identifierRoles).nullable(),
  /** Corners [x, y] in pixels of the upright picture: top left first, clockwise as it is read. */
  quad: z.array(z.tuple([z.number(), z.number()])).length(4),
  /** That `value` is exactly right. */
  probability: z.number().min(0).max(1),
  alternatives: z.array(z.object({ value: z.string(), probability: z.number().min(0).max(1) })).max(4),
  /** SHA-256 of the crop, an image of the number alone, in the home. */
  crop: z.string(),
});

/** `kind: describe.card`, `refs.item`: what the cards in a picture say. */
export const cardRecord = z.object({
  observation: z.object({ tool: z.string(), version: z.string(), settings: z.record(z.string(), z.unknown()) }),
  readings: z.array(cardReadingSchema),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});

/** A description as the fields of its record. */
export function describeFields(said: Description, settings: DescribeSettings): Record<string, Json> {
  const fields: z.infer<typeof describeRecord> = {
    observation: { tool: describer.name, version: describer.version, settings },
    format: { type: said.format, sure: said.formatSure, size: said.size, text: said.text },
    picture: { sides: said.picture, decode: said.decode },
    metadata: said.metadata,
    encoding: { jpeg: said.jpeg, embedded: said.embedded, thumbnail: said.thumbnail },
    pdq: said.pdq,
    problems: said.problems,
  };
  return fields as unknown as Record<string, Json>;
}

/** What an observation is keyed by, beside its item: the tool's version and its settings. */
export function observationKey(version: string, settings: object): string {
  const sorted = JSON.stringify(Object.entries(settings).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return `${version}:${createHash('sha256').update(sorted).digest('hex').slice(0, 16)}`;
}

/** The key of what `dalil describe` does when nothing else is asked for. */
export const currentObservation = (settings: DescribeSettings): string => observationKey(describer.version, settings);
