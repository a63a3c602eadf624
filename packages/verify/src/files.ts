// The files of a case or bundle, as a check reads them: from a disk, an archive, or a browser's folder picker.

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
}

export type CheckedCount = 'files' | 'bytes' | 'records' | 'signatures' | 'tiles' | 'checkpoints' | 'citations';

/** How far a check has come, in files and bytes. */
export type CheckProgress = (checked: Readonly<Record<CheckedCount, number>>) => void;

export const problemLimit = 10_000;
