// What describe says of a file: the one shape between the worker that looks, the record that is signed and the index.
// Every value is JSON, and a function of the file's bytes, its name and the settings alone.

import { z } from 'zod';
import type { Json } from '../case/json.ts';

/** The tool whose observation a description is. The version goes up whenever the same file may be described otherwise. */
export const describer = { name: 'dalil-describe', version: '3' } as const;

export const settingsSchema = z.object({
  /** Pictures of more pixels are refused: 60 M stops a 16000 x 16000 bomb, which the decoder's own limit lets pass. */
  pixelLimit: z.number().int().positive(),
  /** Pictures of more bytes are not read. */
  byteLimit: z.number().int().positive(),
  /** JPEG pictures up to this many pixels are decoded in full and so hashed canonically. */
  fullDecodePixels: z.number().int().nonnegative(),
  /** The longer side of a thumbnail, in pixels. */
  thumbnailSide: z.number().int().positive(),
  /** JPEG quality of a thumbnail, 1 to 100. */
  thumbnailQuality: z.number().int().min(1).max(100),
  /** Characters of raw metadata that are kept. */
  metadataLimit: z.number().int().nonnegative(),
});
export type DescribeSettings = z.infer<typeof settingsSchema>;

export const defaultSettings: DescribeSettings = {
  pixelLimit: 60_000_000,
  byteLimit: 256 * 1024 * 1024,
  fullDecodePixels: 1 << 20,
  thumbnailSide: 320,
  thumbnailQuality: 75,
  metadataLimit: 32_768,
};

/** What can be wrong with a file, and the sentence for it: without a name, a hash or any content. */
export const problemMessages = {
  empty: 'The file has no bytes.',
  'too-large': 'The file is larger than the limit for pictures, so it was not decoded.',
  'extension-differs': 'The extension of the name promises another format than the content has.',
  truncated: 'The picture is cut short: its lower part is missing.',
  'no-eoi': 'The end marker of the picture is missing, though nothing visible is.',
  'broken-picture': 'The decoder found errors in the picture; what it shows may be wrong from the first error on.',
  undecodable: 'Nothing of the picture could be decoded.',
  'no-decoder': 'There is no decoder here for this format, or for this variant of it.',
  'pixel-limit': 'The picture has more pixels than the limit, so it was not decoded.',
  'bad-exif': 'The metadata block is damaged; what could be read of it is given.',
  'trailing-bytes': 'There are bytes after the end of the picture.',
  'timed-out': 'Describing the file took longer than the limit.',
  'out-of-memory': 'Describing the file took more memory than the limit.',
  'worker-ended': 'The program that describes ended on this file.',
  'thumbnail-broken':
    'The small picture inside the file could not be decoded, so it was not compared with the picture.',
  'exiftool-error': 'exiftool cannot read the file as what it is, so it has metadata of the file itself at most.',
  'exiftool-lost': 'exiftool ended on this file.',
  'document-too-large': 'The document is larger than the limit, so it was not read.',
  'document-encrypted': 'The document is encrypted, so it was not read.',
  'document-broken': 'The document could not be read as what it is.',
  'claim-fails': 'Something that another tool claimed of this file does not hold.',
  'claim-broken': 'What another tool wrote about files could not be read as what it is.',
  'document-cut': 'The document has more pages or text than the limits; what is beyond them was left out.',
  'document-no-reader': 'There is no reader here for this kind of document.',
  'page-not-drawn': 'A page of the document could not be drawn, so it has no thumbnail.',
  'media-broken': 'The recording could not be read as what it is: no stream was found in it.',
  'media-truncated': 'The recording is cut short: it states more bytes than there are.',
  'media-cut': 'The recording has more streams than the limit; those beyond it were left out.',
} as const;
export type DescribeProblemCode = keyof typeof problemMessages;

/** The problem of an item on which a worker was lost, by how. */
export const lostCodes = {
  'timed-out': 'timed-out',
  'out-of-memory': 'out-of-memory',
  exited: 'worker-ended',
} as const;

const side = z.number().int().nonnegative();
const nullable = {
  text: z.string().nullable(),
  number: z.number().nullable(),
};

const metadataSchema = z.object({
  /** When it was taken, as the camera wrote it: 'YYYY-MM-DDTHH:MM:SS[.sss][+hh:mm]'; never converted. */
  taken: nullable.text,
  takenFrom: z.enum(['DateTimeOriginal', 'DateTimeDigitized']).nullable(),
  /** When a program last wrote it, in the same form. */
  modified: nullable.text,
  make: nullable.text,
  model: nullable.text,
  /** Of the camera's body. */
  serial: nullable.text,
  software: nullable.text,
  /** The camera's count of files or exposures, where it writes one. */
  counter: z.number().int().nullable(),
  /** WGS 84 degrees, north and east positive. */
  latitude: nullable.number,
  longitude: nullable.number,
  /** Everything that was read, by block; bytes as { bytes: n }, long lists as { values: n }. Names are data. */
  raw: z.custom<Record<string, Json>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  /** Whether the limit left something of `raw` out. */
  rawCut: z.boolean(),
  /** Tags of `raw` that name people: their names, without their values. Absent in records of version 1. */
  withheld: z.array(z.string()).optional(),
});

export const descriptionSchema = z.object({
  /** Media type by content. */
  format: z.string(),
  /** False where the format has no signature and was guessed. */
  formatSure: z.boolean(),
  size: side,
  picture: z
    .object({
      /** As stored, before any orientation is applied (of HEIC and AVIF, after: their turning is part of decoding). */
      width: side,
      height: side,
      /** As shown, with the orientation applied. */
      shownWidth: side,
      shownHeight: side,
      /** Of EXIF, 1 to 8; null where there is none or it does not apply. */
      orientation: z.number().int().min(1).max(8).nullable(),
    })
    .nullable(),
  decode: z.object({
    /**
     * complete: the strict decoder had no complaint. partial: only the tolerant one gave a picture. failed: none did.
     * no-decoder and refused say why it was not tried; none: the file is no picture.
     */
    state: z.enum(['complete', 'partial', 'failed', 'no-decoder', 'refused', 'none']),
    /**
     * Of a partial picture, the share of its rows, from the top, that are not the decoder's filler; null where that
     * cannot be told. Rows after a fault inside the data count too, so it is how much came out, not how much is right.
     */
    rows: z.number().min(0).max(1).nullable(),
    /** The strict decoder's complaint. */
    complaint: nullable.text,
  }),
  metadata: metadataSchema.nullable(),
  /** The small picture inside the file; its sides are null where it is itself broken. */
  embedded: z.object({ bytes: side, width: side.nullable(), height: side.nullable() }).nullable(),
  jpeg: z
    .object({
      process: nullable.text,
      /** Sampling and quantisation tables as one line (packages/imaging, jpeg). */
      signature: z.string(),
      jfif: z.boolean(),
      adobe: z.number().int().nullable(),
      scans: side,
      eoi: z.boolean(),
      trailing: side,
    })
    .nullable(),
  pdq: z
    .object({
      hash: z.string().regex(/^[0-9a-f]{64}$/),
      quality: z.number().int().min(0).max(100),
      /**
       * full: of a full decode, bit for bit as the reference's. reduced-512: of a decode reduced by 2, 4 or 8 that
       * keeps at least 512 pixels along the longer side; on 60 pictures over 1 Mpx median 2, p95 6, at most 8 bits off.
       */
      method: z.enum(['full', 'reduced-512']),
    })
    .nullable(),
  thumbnail: z.object({ width: side, height: side, bytes: side }).nullable(),
  text: z
    .object({
      characters: side,
      script: z.enum(['arabic', 'latin', 'mixed', 'other', 'none']),
      charset: z.string(),
      /** Whether only the first 8 MiB were looked at. */
      cut: z.boolean(),
    })
    .nullable(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});

export type Description = z.infer<typeof descriptionSchema>;
export type Metadata = z.infer<typeof metadataSchema>;

/** A problem with its sentence. */
export function problem(code: DescribeProblemCode): { code: DescribeProblemCode; message: string } {
  return { code, message: problemMessages[code] };
}

/** A description that says nothing but what was wrong, for a file whose worker was lost. */
export function undescribed(size: number, ...codes: DescribeProblemCode[]): Description {
  return {
    format: 'application/octet-stream',
    formatSure: false,
    size,
    picture: null,
    decode: { state: codes.length > 0 ? 'failed' : 'none', rows: null, complaint: null },
    metadata: null,
    embedded: null,
    jpeg: null,
    pdq: null,
    thumbnail: null,
    text: null,
    problems: codes.map(problem),
  };
}
