// A record as everything above the log reads it.
import type { FileCitation, RecordFields } from '@dalil/verify';

/** A record as the projections read it: its place, its id, and all it says (values that lie in blobs included). */
export interface LoggedRecord {
  /** Position in the log, from 0. */
  position: number;
  id: string;
  kind: string;
  at: string;
  actor: { name: string; tool: string; version: string };
  handle: string | null;
  refs: Record<string, string | string[]>;
  files: Record<string, FileCitation>;
  fields: Record<string, unknown>;
}

/** From what a record says to what a projection reads. */
export function loggedRecord(position: number, id: string, said: RecordFields): LoggedRecord {
  const { kind, at, actor, handle, refs, files, ...fields } = said;
  return {
    position,
    id,
    kind: kind ?? '',
    at: at ?? '',
    actor: actor ?? { name: '', tool: '', version: '' },
    handle: handle ?? null,
    refs: refs ?? {},
    files: files ?? {},
    fields,
  };
}
