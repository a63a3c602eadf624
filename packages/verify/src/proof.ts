// C2SP tlog-proof: one record's place in the log as a text of its own: index, audit path, signed checkpoint.
import { fromBase64, toBase64 } from '#engine';
import { equalBytes, rootFromInclusion } from './merkle.ts';
import { openCheckpoint, type Checkpoint, type CheckpointKeys, type NoteKey } from './note.ts';
import { FormatError } from './problem.ts';

const header = 'c2sp.org/tlog-proof@v1';

export function formatProof(index: number, path: readonly Uint8Array[], checkpoint: string): string {
  return [header, `index ${index}`, ...path.map(toBase64), '', checkpoint].join('\n');
}

/** The same proof as a `.spicy` file of litetlog: it lacks the first line. */
export function spicyOf(proof: string): string {
  return proof.slice(header.length + 1);
}

export interface Proof {
  index: number;
  path: Uint8Array[];
  checkpoint: Checkpoint;
}

/**
 * Parses a proof and checks its checkpoint's signature, once where many proofs lead to the `known` one. Throws
 * FormatError('proof-altered' | 'checkpoint-signature').
 */
export function openProof(text: string, keys: NoteKey | CheckpointKeys, known?: Checkpoint): Proof {
  const cut = text.indexOf('\n\n');
  const lines = text.slice(0, Math.max(cut, 0)).split('\n');
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines[1] ?? '');
  if (cut < 0 || lines[0] !== header || index === null) throw new FormatError('proof-altered', 'not a tlog-proof');
  const path = lines.slice(2).map((line) => {
    const hash = fromBase64(line);
    if (hash === null || hash.length !== 32) throw new FormatError('proof-altered', 'a malformed hash');
    return hash;
  });
  const note = text.slice(cut + 2);
  return { index: Number(index[1]), path, checkpoint: note === known?.note ? known : openCheckpoint(note, keys) };
}

/** Whether the proof leads from this leaf to the root of its checkpoint. */
export function isIncluded(leaf: Uint8Array, proof: Proof): boolean {
  const root = rootFromInclusion(leaf, proof.index, proof.checkpoint.size, proof.path);
  return root !== null && equalBytes(root, proof.checkpoint.root);
}
