// Checks what in a bundle speaks of earlier states of the log: the dossier's citations, and the proofs that a checkpoint
// which was stamped or cited is a prefix of the bundle's.
import { fromBase64 } from '#engine';
import { consistencyPath, parseConsistency } from './bundle-file.ts';
import type { Files } from './files.ts';
import type { Findings } from './findings.ts';
import { equalBytes, isConsistent } from './merkle.ts';
import type { Checkpoint } from './note.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * Every record that the dossier cites must be in the bundle, where all are; else those that are not are counted and told.
 * Every checkpoint that it cites must lead to the bundle's. Gives the proofs that are carried for it.
 */
export async function checkDossier(
  files: Files,
  findings: Findings,
  ids: ReadonlySet<string>,
  checkpoint: Checkpoint,
): Promise<string[]> {
  const path = 'data/dossier/dossier.json';
  const bytes = await files.read(path);
  if (bytes === null) return [];
  let dossier: unknown;
  try {
    dossier = JSON.parse(text.decode(bytes));
  } catch {
    findings.problem('file-malformed', path, 'not JSON');
    return [];
  }
  const checkpoints = new Map<string, { size: number; root: string }>();
  let outside = 0;
  const cite = (citation: unknown): void => {
    const { id, checkpoint: size, root, cites } = (citation ?? {}) as Record<string, unknown>;
    if (Array.isArray(cites)) return cites.forEach(cite);
    findings.count('citations');
    if (typeof size === 'number' && typeof root === 'string') checkpoints.set(`${size} ${root}`, { size, root });
    else if (typeof id === 'string' && ids.has(id)) return;
    else if (ids.size < checkpoint.size) outside++;
    else findings.problem('citation-broken', path, 'it cites a record that is not in the bundle');
  };
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      if (name === 'cites' && Array.isArray(member)) member.forEach(cite);
      else walk(member);
    }
  };
  walk(dossier);
  if (outside > 0) findings.note(path, `${outside} of its citations lead to records that are not disclosed here`);
  const older: string[] = [];
  for (const { size, root } of checkpoints.values()) {
    if (size !== checkpoint.size) older.push(consistencyPath(size));
    if (!(await leadsTo(files, findings, checkpoint, size, fromBase64(root)))) {
      findings.problem(
        'citation-broken',
        path,
        `it cites checkpoint ${size}, which is not shown to lead to the bundle's`,
      );
    }
  }
  return older;
}

/** Whether an earlier checkpoint is a prefix of the bundle's: it is the same, or a consistency proof says so. */
export async function leadsTo(
  files: Files,
  findings: Findings,
  checkpoint: Checkpoint,
  size: number,
  root: Uint8Array | null,
): Promise<boolean> {
  if (size === checkpoint.size) return root !== null && equalBytes(root, checkpoint.root);
  const where = consistencyPath(size);
  const bytes = await files.read(where);
  if (bytes === null) {
    findings.problem('proof-missing', where, 'an earlier checkpoint without a proof that the log only grew since');
    return false;
  }
  const proof = findings.attempt(where, () => parseConsistency(text.decode(bytes)));
  if (proof === null || root === null) return false;
  const leads = isConsistent(size, checkpoint.size, root, checkpoint.root, proof);
  if (!leads) findings.problem('proof-altered', where, "it does not lead from the earlier checkpoint to the bundle's");
  return leads;
}
