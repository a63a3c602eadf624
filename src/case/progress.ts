// Progress of long work, from real counts.
import type { StageName } from './views.ts';

export interface ProgressNote {
  stage: StageName | 'demo' | 'verify' | 'rebuild' | 'export' | 'fixity' | 'backup';
  done: number;
  /** Absent while it is not known. */
  total?: number;
  /** Bytes read so far, where that says more. */
  bytes?: number;
}

export type Progress = (note: ProgressNote) => void;
