// Judges what another tool claimed about files, in a worker thread: hostile texts, archives, signatures and manifests.
import { judgeC2pa, hasManifest } from './c2pa.ts';
import type { ClaimFile } from './claim-file.ts';
import { problem, type DescribeProblemCode } from './description.ts';
import { judgeProof } from './proofmode.ts';
import type { ClaimSystem, Judgement, ProvenanceRecord, ProvenanceSettings } from './provenance-records.ts';
import { judgeTella } from './tella.ts';
import { judgeWacz } from './wacz.ts';

/** A claim that was found, with its files; of C2PA a single item that may hold one. */
export interface Claim {
  system: ClaimSystem;
  receipt: string;
  path: string;
  /** Of ProofMode, what the names of its files begin with. */
  stem: string;
  /** Of a package, whether the files are all that there are in it. */
  whole: boolean;
  /** Media type of the first file; of C2PA. */
  format: string;
  files: ClaimFile[];
}

export type Judged = Omit<ProvenanceRecord, 'observation'>;

/** What is written down of a claim; null where it is none after all. */
export async function judgeClaim(input: { claim: Claim; settings: ProvenanceSettings }): Promise<Judged | null> {
  const judged = await judge(input.claim, input.settings);
  return judged === null ? null : recordOf(input.claim, judged);
}

async function judge(claim: Claim, settings: ProvenanceSettings): Promise<Judgement | null> {
  const { system, files, stem, whole, format } = claim;
  if (system === 'proofmode') return judgeProof(stem, files, settings);
  if (system === 'tella') return judgeTella(files, settings);
  if (system === 'wacz') return judgeWacz(files, whole, settings);
  const [file] = files;
  return file?.at != null && (await hasManifest(file.at, format)) ? judgeC2pa(file, format, settings) : null;
}

/** The fields of its record but for the observation, with the problems that they mean. */
export function recordOf(claim: Claim, judged: Judgement, codes: readonly DescribeProblemCode[] = []): Judged {
  const { software, created, ...said } = judged;
  const fails = said.checks.some(({ state }) => state === 'fails');
  return {
    source: { system: claim.system, receipt: claim.receipt, path: claim.path, software, created },
    ...said,
    problems: [...codes, ...(fails ? (['claim-fails'] as const) : [])].map(problem),
  };
}

/** Of a claim whose judge was lost, or that cannot be read as what its name says. */
export const unjudged: Judgement = {
  software: null,
  created: null,
  checks: [],
  signers: [],
  claims: { values: {}, cut: false, withheld: [] },
  parts: [],
  captures: { count: 0, listed: [] },
};
