// The words of describing: one observation for each item, keyed by the tool, its version and its settings. The latest
// one stands; earlier ones stay in the log.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json } from '../case/json.ts';
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

/** What a judgement of another tool's claim is keyed by: the hash of the files that it was made from as well. */
export const claimObservation = (version: string, settings: object, inputs: string | null): string =>
  observationKey(version, { ...settings, inputs });
