// The pass over other tools' claims: those that are new, or whose files are others by now, are judged in worker threads;
// that and among what was searched is a record too, so that no picture without a manifest needs one of its own.
import type { Json } from '../case/json.ts';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { inOrder } from '../store/in-order.ts';
import { openWorkers, WorkerLost } from '../store/workers.ts';
import { lostCodes } from './description.ts';
import type { PassOptions } from './pass.ts';
import { recordOf, unjudged, type Claim, type Judged } from './provenance.ts';
import {
  defaultProvenanceSettings,
  provenanceTool,
  provenanceVersion,
  type ProvenanceRecord,
  type ProvenanceSettings,
} from './provenance-records.ts';
import { findClaims, findManifests, mayHoldManifest, type FoundClaim } from './provenance-search.ts';
import { claimObservation, observationKey } from './records.ts';

export interface ClaimsJudged {
  /** Claims that were judged now. */
  judged: number;
  /** Pictures, videos, sounds and PDFs in which a manifest was looked for now. */
  searched: number;
}

/** Records a turn. */
const turnSize = 512;

/** Judges what is pending. Throws Fault('cancelled') with everything up to then kept. */
export async function judgeClaims(
  opened: OpenCase,
  { threads, signal, progress }: PassOptions & { threads: number },
): Promise<ClaimsJudged> {
  const settings = defaultProvenanceSettings;
  const { pool } = opened.index;
  const search = observationKey(provenanceVersion, settings);
  const { rows } = await pool.query<{ through: number; now: number; total: number }>(
    `select coalesce((select through from provenance_search where observation = $1), -1) as through,
       coalesce((select max(position) from receipt), -1) as now,
       (select count(*) from item i join description d on d.item = i.handle where ${mayHoldManifest}
         and i.position > coalesce((select through from provenance_search where observation = $1), -1)) as total`,
    [search],
  );
  const { through, now, total } = rows[0]!;
  const standing = await pool.query<{ key: string; observation: string }>(
    `select receipt || ' ' || system as key, observation from provenance`,
  );
  const known = new Map(standing.rows.map(({ key, observation }) => [key, observation]));
  const said: ClaimsJudged = { judged: 0, searched: 0 };
  const workers = openWorkers<{ claim: Claim; settings: ProvenanceSettings }, Judged | null>(
    new URL('./provenance-worker.ts', import.meta.url),
    { threads, timeLimit: settings.timeLimit },
  );
  const judge = async (found: FoundClaim): Promise<{ found: FoundClaim; judged: Judged | null }> => {
    try {
      return { found, judged: await workers.run({ claim: found.claim, settings }) };
    } catch (error) {
      if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
      return { found, judged: recordOf(found.claim, unjudged, [lostCodes[error.reason]]) };
    }
  };
  let turn: { found: FoundClaim; record: ProvenanceRecord }[] = [];
  const seal = async (): Promise<void> => {
    await opened.log.append(opened.actor, ({ add }) => {
      for (const { found, record } of turn) {
        const refs = { item: found.id, ...(found.about.length === 0 ? {} : { items: found.about }) };
        add({ kind: 'describe.provenance', refs, ...(record as unknown as Record<string, Json>) });
      }
    });
    turn = [];
  };
  try {
    for await (const { found, judged } of inOrder(pending(opened, through, settings, known), threads * 4, judge)) {
      if (found.claim.system === 'c2pa') progress?.({ stage: 'describe', done: ++said.searched, total });
      if (judged !== null) {
        turn.push({ found, record: { observation: observationOf(found, settings), ...judged } });
        said.judged++;
      }
      if (signal?.aborted === true) break;
      if (turn.length >= turnSize) await seal();
    }
    if (turn.length > 0) await seal();
  } finally {
    await workers.close();
  }
  if (signal?.aborted === true)
    throw new Fault('cancelled', {
      what: 'Cancelled. What was judged is kept.',
      next: 'dalil describe goes on from here',
    });
  if (now > through) await sealSearch(opened, now, settings);
  return said;
}

const observationOf = ({ inputs }: FoundClaim, settings: ProvenanceSettings): ProvenanceRecord['observation'] => ({
  tool: provenanceTool,
  version: provenanceVersion,
  settings,
  inputs,
});

async function* pending(
  opened: OpenCase,
  through: number,
  settings: ProvenanceSettings,
  known: ReadonlyMap<string, string>,
): AsyncGenerator<FoundClaim> {
  const stands = ({ claim, inputs }: FoundClaim): boolean =>
    known.get(`${claim.receipt} ${claim.system}`) === claimObservation(provenanceVersion, settings, inputs);
  for await (const found of findClaims(opened, through, settings)) if (!stands(found)) yield found;
  for await (const found of findManifests(opened, through)) if (!stands(found)) yield found;
}

/** That everything up to `through` was looked at; with what was found in all. */
async function sealSearch(opened: OpenCase, through: number, settings: ProvenanceSettings): Promise<void> {
  await opened.log.append(opened.actor, async ({ add }) => {
    const { rows } = await opened.index.pool.query<{ system: string; n: number }>(
      'select system, count(*) as n from provenance group by system order by system collate "C"',
    );
    const searched = await opened.index.pool.query<{ n: number }>(
      `select count(*) as n from item i join description d on d.item = i.handle where ${mayHoldManifest} and i.position <= $1`,
      [through],
    );
    add({
      kind: 'describe.provenance-search',
      observation: { tool: provenanceTool, version: provenanceVersion, settings },
      through,
      searched: Number(searched.rows[0]!.n),
      found: Object.fromEntries(rows.map(({ system, n }) => [system, Number(n)])),
    });
  });
}
