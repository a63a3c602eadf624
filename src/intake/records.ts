// The words of intake: what it writes down when a delivery is received. One record for each file received, whatever
// became of it.
import { z } from 'zod';

/**
 * Why a file could not be had whole. Readable bytes are never quarantined, but for those that a deaccession destroyed: they
 * are not kept again.
 */
export const quarantineReasons = [
  'unreadable',
  'vanished',
  'changed-while-read',
  'over-limit',
  'encrypted',
  'special-file',
  'link',
  'unsafe-path',
  'damaged-member',
  'destroyed',
] as const;
export type QuarantineReason = (typeof quarantineReasons)[number];

/** Where a received file stood: relative to the root given, as text, and as bytes where the name is not UTF-8. */
const place = {
  path: z.string(),
  /** base64url of the path's bytes, where they are not UTF-8. */
  pathBytes: z.string().optional(),
  /** Which of the roots given, from 0; how many archives it lies in; and in the innermost its position from 0. */
  within: z.object({ root: z.number().int(), depth: z.number().int(), member: z.number().int().optional() }),
  /** Time of last change: UTC with `Z`; without, a clock of unknown zone, as plain zip has it; null where there is none. */
  modified: z.string().nullable(),
  /** The source's pseudonym. */
  source: z.string(),
};

/** `files.original`; `refs.accession`; in an archive also `refs.container`, the item that the archive is. */
export const itemRecord = z.object({ ...place, archive: z.enum(['zip', 'tar', 'tar.gz']).nullable() });
/** `refs.item`: the item with the same bytes. A duplicate is additional provenance, never a failure. */
export const duplicateRecord = z.object(place);
/** `refs.destroyed`, where the reason is `destroyed`: the item that the same bytes were. */
export const quarantineRecord = z.object({
  ...place,
  /** In one field, so that with a path of bytes, or one so long that it becomes a blob, the record keeps to twelve. */
  refused: z.object({
    reason: z.enum(quarantineReasons),
    /** A sentence without names or contents. */
    message: z.string(),
    /** Bytes, as listed; null where it could not be looked at. */
    size: z.number().int().nullable(),
  }),
});
export const accessionRecord = z.object({
  source: z.string(),
  /** Random: ties a repeat on this machine to its accession without writing down where the files lay. */
  key: z.string(),
  /** What was deliberately not recorded. */
  withheld: z.array(z.string()),
});
/** `refs.container`: an archive that was read to its end; how many members it listed, whatever became of each. */
export const openedRecord = z.object({
  members: z.number().int(),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});

const counts = {
  received: z.number().int(),
  sealed: z.number().int(),
  duplicate: z.number().int(),
  quarantined: z.number().int(),
};
/** `refs.accession`. Cumulative over every run of the accession. */
export const reconciliationRecord = z.object({
  ...counts,
  quarantinedBy: z.record(z.string(), z.number().int()),
  breakdown: z.array(z.object({ path: z.string(), archive: z.boolean(), ...counts })),
});
export type ReconciliationRecord = z.infer<typeof reconciliationRecord>;

/** What intake never writes down unless asked for . */
export const withheldByDefault = ['absolute paths', 'owner names', 'volume names', 'serials of storage devices'];

/** What became of a file that a row of an export names. */
export const namedOutcomes = ['matched', 'unsafe-path', 'missing-file', 'quarantined-file', 'hash-differs'] as const;
/** What became of a row: the first of these that holds, so that they add up to the rows. */
export const entryOutcomes = ['ragged', 'duplicate-id', ...namedOutcomes.slice(1), 'names-no-file', 'matched'] as const;
export type NamedOutcome = (typeof namedOutcomes)[number];
export type EntryOutcome = (typeof entryOutcomes)[number];

/** A table of another tool's export. `refs.accession`, `refs.table`: the item that it is. All it says is that tool's claim. */
export const importRecord = z.object({
  system: z.enum(['bayanat', 'uwazi', 'relativity']),
  /** Where the table stood, as a received file. */
  path: z.string(),
  encoding: z.string(),
  /** As the header has them; empty where each row brings its own names. */
  columns: z.array(z.string()),
  /** Whether values of columns with names of people were left out of the entries. */
  withheld: z.boolean(),
});
/** One row; a later record of the same row stands. `refs.import`; `refs.items`: the sealed files that it names and that were found, hash agreeing or not. */
export const entryRecord = z.object({
  /** From 1, the header not counted. */
  row: z.number().int(),
  entry: z.string(),
  title: z.string(),
  fields: z.array(z.tuple([z.string(), z.string()])),
  names: z.array(
    z.object({
      role: z.string(),
      path: z.string(),
      /** As the table states it, in hexadecimal; null where it states none. */
      hash: z.string().nullable(),
      outcome: z.enum(namedOutcomes),
      /** Where it was found; null where it was not. */
      found: z.string().nullable(),
    }),
  ),
  outcome: z.enum(entryOutcomes),
  family: z.object({ begin: z.string(), end: z.string(), last: z.string() }).nullable(),
});
/** `refs.import`. */
export const importReconciliationRecord = z.object({
  rows: z.number().int(),
  /** Adds up to `rows`. */
  outcomes: z.record(z.string(), z.number().int()),
  /** Files of the accession that no row of any of its tables names; tables and opened archives are none. */
  unnamed: z.number().int(),
  families: z.object({ all: z.number().int(), incomplete: z.number().int() }),
  /** Rows that were judged again since the reconciliation before, because files that they name had come. */
  again: z.number().int().default(0),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type ImportReconciliation = z.infer<typeof importReconciliationRecord>;
