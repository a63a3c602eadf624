// What a check can find. A checker collects every problem and never stops at the first; parsers throw FormatError with
// one of these codes, which the checker turns into a problem with its place.
import { timestampCodes } from './timestamp-error.ts';

export const problemCodes = [
  'file-missing',
  'file-altered',
  'file-unexpected',
  'file-malformed',
  'case-unreadable',
  'checkpoint-signature',
  'checkpoint-root',
  'checkpoint-rolled-back',
  'key-change',
  'commit-altered',
  'tile-missing',
  'tile-altered',
  'entry-malformed',
  'record-signature',
  'record-malformed',
  'disclosure-missing',
  'disclosure-altered',
  'disclosure-unreferenced',
  'citation-broken',
  'custody-unsound',
  'proof-altered',
  'proof-missing',
  'bag-malformed',
  'payload-missing',
  'payload-altered',
  'payload-unexpected',
  'tag-missing',
  'tag-altered',
  'tag-unexpected',
  'inventory-missing',
  'inventory-broken',
  'record-withheld',
  'field-withheld',
  'archive-malformed',
  'cosignature-malformed',
  'cosignature-signature',
  ...timestampCodes,
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** One thing wrong, and where: a path within the case or bundle, with `#n` for record number n. */
export interface Problem {
  code: ProblemCode;
  where: string;
  message: string;
}

/** Bytes that are not what their format says. */
export class FormatError extends Error {
  readonly code: ProblemCode;
  constructor(code: ProblemCode, message: string) {
    super(message);
    this.name = 'FormatError';
    this.code = code;
  }
}
