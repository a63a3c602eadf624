// The files of a case or bundle, as a check reads them: from a disk, an archive, or a browser's folder picker; and what
// a check gives back.
import type { JudgedTimestamp, JudgingParts } from './check-timestamps.ts';
import type { RecordFields } from './record.ts';

/** A read-only tree of files; paths have `/` between names and are relative to its root. */
export interface Files {
  /** Every file once, in any order. Links and special files are given with size -1: they are never followed. */
  list(): AsyncIterable<{ path: string; size: number }>;
  /** A whole small file; null where it is not. */
  read(path: string): Promise<Uint8Array | null>;
  /**
   * SHA-256 (hex) and size of a file of any size, read once; null where it is not. `size` as listed helps to choose how.
   */
  hash(path: string, size?: number): Promise<{ sha256: string; size: number } | null>;
  /** How many files may be hashed at a time; one where it is not said. */
  lanes?: number;
  /** What was found wrong with the archive that they lie in, while they were read; members that it speaks of are as not there. */
  problems?(): readonly { where: string; message: string }[];
}

/** Bytes on a disk or in a browser, to be read from anywhere in them. Gives fewer where they end. */
export interface Source {
  size: number;
  read(at: number, length: number): Promise<Uint8Array>;
}

/** What a check did and found. */
export interface Report {
  /** True where there is no problem. */
  ok: boolean;
  kind: 'case' | 'bundle';
  /** The newest checkpoint that holds; null where none does. */
  checkpoint: { origin: string; size: number; root: string } | null;
  checked: Record<CheckedCount, number>;
  /** Everything wrong, in the order found; past `problemLimit` only counted. */
  problems: { code: string; where: string; message: string }[];
  /** Problems beyond those listed. */
  further: number;
  /** Not wrong, and worth knowing: what a crash left, what was withheld. */
  notes: { where: string; message: string }[];
  /** What a bundle must tell of what is not in it; null in a case, and where the bundle does not tell it. */
  contents: ReportedContents | null;
  /** Time from outside; null where the check was not given what judges it. */
  timestamps: ReportedTimestamps | null;
  /** The cosignatures by witnesses that hold, in the order of the log. One that does not is a problem. */
  cosignatures: ReportedCosignature[];
  /** The witnessed checkpoint that covers most records, and the earliest time a witness gives for it. */
  witnessed: { size: number; time: string } | null;
}

export interface ReportedCosignature {
  /** Position of its record. */
  record: number;
  /** The case's name for the witness, and the name that its key gives. */
  witness: string;
  cosigner: string;
  checkpoint: { size: number; root: string };
  /** By the witness's clock: then it had seen no other history of this log, and none longer. */
  time: string;
}

/** As the bundle says it, and as the check has counted where there is no problem. */
export interface ReportedContents {
  /** Items of the case: disclosed here, and withheld. */
  items: { disclosed: number; withheld: number };
  /** Files that disclosed records cite: carried here, and withheld. */
  files: { carried: number; withheld: number };
  /** Reason -> how many items of the case were destroyed for it. */
  destroyed: Readonly<Record<string, number>>;
}

export interface ReportedTimestamps {
  /** The tokens that hold, in the order of the log. One that does not is a problem. */
  tokens: {
    /** Position of its record. */
    record: number;
    /** The case's name for the authority, and the subject of the certificate that signed. */
    authority: string;
    subject: string;
    checkpoint: { size: number; root: string };
    /** The authority's time: these records existed then. */
    genTime: string;
    policy: string;
    /** When its chain of certificates ends, whether it has, and the size of a later stamped checkpoint that covers it. */
    validUntil: string;
    ended: boolean;
    coveredBy: number | null;
  }[];
  /** The stamped checkpoint that covers most records. Null where no token holds. */
  unchangedSince: { size: number; genTime: string } | null;
}

/** Judges tokens of time while a check reads; one for each check. See `judgesTimestamps` in check-timestamps.ts. */
export interface TimestampJudge {
  see(position: number, id: string, said: RecordFields): void;
  /** Published path -> SHA-256 (hex) of what lies there. */
  readonly published: ReadonlyMap<string, string>;
  judge(
    parts: Pick<JudgingParts, 'read' | 'key' | 'rootAt'>,
  ): Promise<{ judged: JudgedTimestamp[]; unchangedSince: ReportedTimestamps['unchangedSince'] }>;
}

export interface CheckOptions {
  /** Without it timestamps are counted in a note and not checked: reading them needs a package, checking all else none. */
  timestamps?: TimestampJudge;
}

export type CheckedCount = 'files' | 'bytes' | 'records' | 'signatures' | 'tiles' | 'checkpoints' | 'citations';

/** How far a check has come, in files and bytes. */
export type CheckProgress = (checked: Readonly<Record<CheckedCount, number>>) => void;

export const problemLimit = 10_000;
