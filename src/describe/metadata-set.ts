// The normalised set of metadata: what evidence is asked for, each value with the tag that it was taken from, so that
// it can be held against the raw tags. All of it was written by whoever held the file. docs/formats/metadata.md.
import { z } from 'zod';
import type { Json } from '../case/json.ts';

const text = z.string().nullable();

/** A time as it was written: local, never converted (metadata-time.ts). */
export const timeSchema = z.object({
  value: z.string(),
  zone: text,
  /** The tag that states the zone, where it is another one. */
  zoneFrom: text,
  precision: z.enum(['year', 'month', 'day', 'minute', 'second', 'fraction']),
  from: z.string(),
});
export type StatedTime = z.infer<typeof timeSchema>;

export const timesSchema = z.object({
  original: timeSchema.nullable(),
  digitised: timeSchema.nullable(),
  modified: timeSchema.nullable(),
  /** By satellite, in UTC. */
  gps: timeSchema.nullable(),
});

export const cameraSchema = z.object({
  make: text,
  model: text,
  serial: text,
  serialFrom: text,
  /** 'MAKE|MODEL|SERIAL' in capitals, one blank between words; null without a serial number or without a model. */
  body: text,
  firmware: text,
  lens: text,
  lensSerial: text,
});

export const pictureSchema = z.object({
  /** Exif 1 to 8. */
  orientation: z.number().int().min(1).max(8).nullable(),
  uniqueId: text,
  uniqueIdFrom: text,
  /** XMP: of this document, and of the one that it was made from. */
  documentId: text,
  originalDocumentId: text,
  software: text,
  creatorTool: text,
  /**
   * Counts that the camera keeps, as stated: `shutter` of releases, `image` of pictures, `file` the number in the
   * file's name, with its folder before the last four digits where the camera writes both (1010163 is 101-0163).
   */
  counters: z.array(
    z.object({ kind: z.enum(['shutter', 'image', 'file']), value: z.number().int(), from: z.string() }),
  ),
});

export const placeSchema = z.object({
  /** Degrees in the datum that is stated, north and east positive. */
  latitude: z.number(),
  longitude: z.number(),
  /** Metres above sea level. */
  altitude: z.number().nullable(),
  /** As stated, 'WGS-84'; null where none is, though Exif means WGS 84 as a rule. */
  datum: text,
  from: z.string(),
});

export const metadataSetSchema = z.object({
  times: timesSchema,
  camera: cameraSchema,
  picture: pictureSchema,
  place: placeSchema.nullable(),
});
export type MetadataSet = z.infer<typeof metadataSetSchema>;

export const rawSchema = z.object({
  /** Every tag that was read, 'group:name'; bytes as a text that says how many. */
  tags: z.custom<Record<string, Json>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  /** Whether the limit left something out. */
  cut: z.boolean(),
  /** Tags that name an owner, an author or who is shown: their names only, never their values. */
  withheld: z.array(z.string()),
});

export const metadataSettingsSchema = z.object({
  /** Milliseconds that a file may take. */
  timeLimit: z.number().int().positive(),
  /** Characters of raw tags that are kept. */
  rawLimit: z.number().int().nonnegative(),
});
export type MetadataSettings = z.infer<typeof metadataSettingsSchema>;
export const defaultMetadataSettings: MetadataSettings = { timeLimit: 20_000, rawLimit: 65_536 };

export const metadataTool = 'exiftool' as const;

/** `kind: describe.metadata`, `refs.item`. The second reading of an item's metadata, by exiftool. */
export const metadataRecord = z.object({
  observation: z.object({ tool: z.literal(metadataTool), version: z.string(), settings: metadataSettingsSchema }),
  ...metadataSetSchema.shape,
  raw: rawSchema,
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type MetadataRecord = z.infer<typeof metadataRecord>;

/**
 * Of exiftool, as package.json has it, and after it the number of our reading of its tags, which goes up whenever the
 * same tags may give another set.
 */
export const exiftoolVersion = '13.59';
export const metadataVersion = `${exiftoolVersion}-2`;
