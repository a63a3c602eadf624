// The log as a list, newest first, by what the index knows of each record: never what a record says. And the proof that one
// is under the latest checkpoint (C2SP tlog-proof), from the tiles.
import { formatNoteKey, formatProof, fromBase64url, inclusionProof, isIncluded, openProof } from '@dalil/verify';
import type pg from 'pg';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from './case.ts';
import { subtreeRoots } from './tiles.ts';

/** A record as the list has it. */
export interface ActivityRow {
  position: number;
  /** base64url of the hash of its entry: the leaf of the log. */
  id: string;
  kind: string;
  at: string;
  actor: string;
  handle: string | null;
  /** Handles of what it cites, five at most; null where it has a handle itself, or cites nothing that has one. */
  about: string[] | null;
}

const columns = 'position, id, kind, at, actor, handle, about';

/** The newest `limit` records before `before`; of these kinds alone, and by this actor, where `only` says so. */
export async function readActivity(
  pool: pg.Pool,
  asked: { before: number | null; limit: number; only?: { kinds: readonly string[]; actor?: string } },
): Promise<ActivityRow[]> {
  const until = asked.before ?? Number.MAX_SAFE_INTEGER;
  if (asked.only === undefined) {
    const { rows } = await pool.query<ActivityRow>(
      `select ${columns} from record where position < $1 order by position desc limit $2`,
      [until, asked.limit],
    );
    return rows;
  }
  const { kinds, actor } = asked.only;
  // A probe of an index for each kind: the rows of other kinds, be they a million, are not read.
  const { rows } = await pool.query<ActivityRow>(
    `select r.* from unnest($3::text[]) as k(kind) cross join lateral (
       select ${columns} from record where kind = k.kind ${actor === undefined ? '' : 'and actor = $4'} and position < $1
       order by position desc limit $2) r
     order by r.position desc limit $2`,
    [until, asked.limit, kinds, ...(actor === undefined ? [] : [actor])],
  );
  return rows;
}

/** One record. Fault('usage') where there is none at this position. */
export async function readActivityRow({ pool }: { pool: pg.Pool }, position: number): Promise<ActivityRow> {
  const { rows } = await pool.query<ActivityRow>(`select ${columns} from record where position = $1`, [position]);
  if (rows[0] !== undefined) return rows[0];
  throw new Fault('usage', { what: 'There is no record at this position.', next: 'read the list again' });
}

/** Who has written which kinds, each pair once, by a walk from pair to pair through an index. */
export async function actorsAndKinds(pool: pg.Pool): Promise<{ actor: string; kind: string }[]> {
  const { rows } = await pool.query<{ actor: string; kind: string }>(
    `with recursive pair as (
       (select actor, kind from record order by actor, kind limit 1)
       union all
       select n.actor, n.kind from pair p cross join lateral (
         select actor, kind from record where (actor, kind) > (p.actor, p.kind) order by actor, kind limit 1) n)
     select actor, kind from pair`,
  );
  return rows;
}

export interface RecordProof {
  /** The text of a `.tlog-proof`: index, audit path, and the latest signed checkpoint. */
  proof: string;
  /** That checkpoint alone. */
  checkpoint: string;
  size: number;
  /** The keys that must have signed it, as C2SP verifier keys. */
  keys: string[];
}

/**
 * The proof that the record of this id stands at this position under the latest checkpoint. Fault('case-damaged') where the
 * folder's own tiles do not show it.
 */
export async function proveRecord(
  { folder, log }: Pick<OpenCase, 'folder' | 'log'>,
  { position, id }: Pick<ActivityRow, 'position' | 'id'>,
): Promise<RecordProof> {
  const { size, note } = log.checkpoint!;
  const path = position < size ? await inclusionProof(position, size, subtreeRoots(folder, size)) : [];
  const proof = formatProof(position, path, note);
  const leaf = fromBase64url(id);
  if (leaf === null || !isIncluded(leaf, openProof(proof, log.history))) {
    throw new Fault('case-damaged', {
      what: `The log does not show that record ${String(position)} is in it.`,
      next: 'run `dalil verify`, and `dalil rebuild` where it holds',
    });
  }
  return { proof, checkpoint: note, size, keys: log.history.dueAt(size).signers.map(formatNoteKey) };
}
