// Witnesses of the log (C2SP tlog-witness, tlog-cosignature): who watches it, what they are asked with, and their
// cosignatures, kept only after every check has passed. Nothing is sent from here: the request is a text to carry.
import {
  citedPath,
  consistencyProof,
  cosignatureTime,
  equalBytes,
  formatSignature,
  FormatError,
  isBy,
  openCheckpoint,
  openCosignature,
  parseNoteKey,
  splitNote,
  stampedFolder,
  toBase64,
  type Checkpoint,
  type NoteKey,
  type SignatureLine,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { subtreeRoots } from '../log/tiles.ts';
import { blobOf } from './authority.ts';
import type { SealTables } from './project.ts';
import { witnessRecord } from './records.ts';

/** A witness that the case knows now. */
export interface Witness {
  /** Id of its record. */
  id: string;
  name: string;
  key: NoteKey;
  /** The newest checkpoint of the log that it has cosigned; null where there is none. */
  newest: { size: number; time: string } | null;
}

/** Writes a witness down, in place of one of the same name. Fault('usage') on what cannot be one. */
export async function addWitness(opened: OpenCase, name: string, vkey: string): Promise<void> {
  if (!witnessRecord.shape.name.safeParse(name).success) {
    throw new Fault('usage', {
      what: 'This cannot be the name of a witness: it becomes part of published file names.',
      expected: 'up to 32 lower-case letters, digits and hyphens',
    });
  }
  try {
    parseNoteKey(vkey, 'cosignature');
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Fault('usage', {
      what: "This is not a witness's key.",
      expected: 'a verifier key of type 4, Ed25519 cosignatures: <name>+<8 hex digits>+BA…',
      next: 'ask the witness for it, on a way that you trust',
      cause,
    });
  }
  await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'seal.witness', name, key: vkey, withdrawn: false });
  });
}

/** Takes no more cosignatures by this witness. Those there are stand. Fault('usage') where the case has none of the name. */
export async function withdrawWitness(opened: OpenCase, name: string): Promise<void> {
  const { rows } = await newest(opened, name);
  if (rows[0] === undefined || rows[0].withdrawn) throw noWitness();
  const { key } = rows[0];
  await opened.log.append(opened.actor, (turn) => {
    turn.add({ kind: 'seal.witness', name, key, withdrawn: true });
  });
}

function newest({ index }: OpenCase, name: string | null) {
  return index.pool.query<SealTables['witness'] & { size: number | null; time: string | null }>(
    `select distinct on (w.name collate "C") w.*, c.size, c.time from witness w
      left join lateral (select size, time from cosignature where witness_id in (select id from witness o where o.key = w.key)
        order by size desc, time collate "C" desc limit 1) c on true
      where $1::text is null or w.name = $1 order by w.name collate "C", w.position desc`,
    [name],
  );
}

/** The witnesses that the case knows now, by name. */
export async function witnesses(opened: OpenCase): Promise<Witness[]> {
  const { rows } = await newest(opened, null);
  return rows
    .filter(({ withdrawn }) => !withdrawn)
    .map(({ id, name, key, size, time }) => ({
      id,
      name,
      key: parseNoteKey(key, 'cosignature'),
      newest: size === null || time === null ? null : { size, time },
    }));
}

/**
 * What a witness is sent (`add-checkpoint` of C2SP tlog-witness): the size that it has cosigned last, as far as the case
 * knows, a proof that the log only grew since, and the newest checkpoint. Fault('usage') where the case has none of the name.
 */
export async function witnessRequest(opened: OpenCase, name: string, old?: number): Promise<string> {
  const witness = (await witnesses(opened)).find((one) => one.name === name);
  if (witness === undefined) throw noWitness();
  const { size, note } = opened.log.checkpoint!;
  const before = old ?? witness.newest?.size ?? 0;
  if (before > size) {
    throw new Fault('usage', {
      what: 'The log has fewer records than that.',
      expected: `0 to ${size}`,
      got: `${before}`,
    });
  }
  const proof = await consistencyProof(before, size, subtreeRoots(opened.folder, size));
  return [`old ${before}`, ...proof.map(toBase64), '', note].join('\n');
}

/** What became of the line of one witness. */
export interface Cosigned {
  witness: string;
  size: number;
  time: string;
  /** `known`: the case has it already. */
  state: 'kept' | 'known';
}

/**
 * Keeps the cosignatures by known witnesses under a checkpoint of this log. `given` is the checkpoint with its lines, or a
 * request with the answer behind it. Lines by others are left out. Fault('input-unreadable') unless the checkpoint is the
 * log's own, and every line by a witness of the case holds; Fault('usage') where there is none.
 */
export async function keepCosignatures(opened: OpenCase, given: string): Promise<Cosigned[]> {
  const { checkpoint, text, lines } = await openGiven(opened, given);
  const found: { witness: Witness; line: SignatureLine; time: string }[] = [];
  for (const witness of await witnesses(opened)) {
    for (const line of lines.filter((one) => isBy(one, witness.key))) {
      const { time } = attempt(() => openCosignature(formatSignature(line), text, witness.key));
      found.push({ witness, line, time: cosignatureTime(time) });
    }
  }
  if (found.length === 0) {
    throw new Fault('usage', {
      what: 'Under this checkpoint stands no line by a witness of the case.',
      next: 'dalil checkpoint witness list, or: dalil checkpoint witness add NAME --key KEY',
    });
  }
  const { size, root, note } = checkpoint;
  const { rows } = await opened.index.pool.query<Pick<SealTables['cosignature'], 'witness' | 'time'>>(
    'select witness, time from cosignature where size = $1',
    [size],
  );
  const cosigned = found.map(({ witness: { id, name }, line, time }) => {
    const known = rows.some((row) => row.witness === name && row.time === time);
    return { id, line, shown: { witness: name, size, time, state: known ? ('known' as const) : ('kept' as const) } };
  });
  const fresh = cosigned.filter(({ shown }) => shown.state === 'kept');
  if (fresh.length > 0) {
    const bytes = (content: string): Uint8Array => new TextEncoder().encode(content);
    const blobs = [bytes(note), ...fresh.map(({ line }) => bytes(formatSignature(line)))];
    const files = blobs.map(blobOf);
    // Crash point: blobs that no record cites yet.
    await opened.folder.write(blobs.map((blob, i) => ({ path: citedPath(files[i]!), bytes: blob })));
    await opened.log.append(opened.actor, (turn) => {
      for (const [i, { id, shown }] of fresh.entries()) {
        turn.add({
          kind: 'seal.cosignature',
          witness: shown.witness,
          checkpoint: { size, root: toBase64(root) },
          time: shown.time,
          refs: { witness: id },
          files: { checkpoint: files[0]!, cosignature: files[i + 1]! },
        });
      }
    });
  }
  // Crash point: sealed, and not yet laid out for publishing; the same command again does that.
  await publish(opened, size);
  return cosigned.map(({ shown }) => shown);
}

/** The checkpoint that was given, as the case signed it, and the lines under it. */
async function openGiven(
  opened: OpenCase,
  given: string,
): Promise<{ checkpoint: Checkpoint; text: string; lines: SignatureLine[] }> {
  const { text, lines } = attempt(() =>
    splitNote(given.startsWith('old ') ? given.slice(given.indexOf('\n\n') + 2) : given),
  );
  const keys = opened.log.history;
  const own = lines.filter((line) => keys.every.some((key) => isBy(line, key)));
  const note = `${text}\n${own.map(formatSignature).join('')}`;
  const checkpoint = attempt(() => openCheckpoint(note, keys));
  const { size, root } = checkpoint;
  const there = size > 0 && size <= opened.log.size;
  if (!there || !equalBytes(await subtreeRoots(opened.folder, opened.log.size)(0, size), root)) {
    throw new Fault('input-unreadable', {
      what: 'The case has signed this checkpoint, and it is not one of this log: there are two histories.',
      expected: `a checkpoint over at most ${opened.log.size} records, with their root`,
      next: 'keep it, and find out who signed it: dalil verify --since FILE',
    });
  }
  return { checkpoint, text, lines };
}

function attempt<T>(read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    throw new Fault('input-unreadable', {
      what: `This cannot be kept: ${cause.message}.`,
      expected: 'a checkpoint of this case with the signature lines of witnesses under it',
      next: 'cat REQUEST ANSWER > COSIGNED; dalil checkpoint cosign COSIGNED',
      cause,
    });
  }
}

/** Lays out a cosigned checkpoint and the first cosignature by each witness, where those who hold only the public log look. */
async function publish({ index, folder }: OpenCase, size: number): Promise<void> {
  const { rows } = await index.pool.query<Pick<SealTables['cosignature'], 'witness' | 'files'>>(
    'select distinct on (witness collate "C") witness, files from cosignature where size = $1 order by witness collate "C", position',
    [size],
  );
  const there = new Set(await folder.names(stampedFolder(size)));
  for (const { witness, files } of rows) {
    for (const [name, file] of [
      ['checkpoint', files['checkpoint']],
      [`${witness}.cosignature`, files['cosignature']],
    ] as const) {
      const bytes = file === undefined || there.has(name) ? null : await folder.read(citedPath(file));
      if (bytes !== null) await folder.create(`${stampedFolder(size)}/${name}`, bytes);
      there.add(name);
    }
  }
}

function noWitness(): Fault {
  return new Fault('usage', {
    what: 'The case has no witness of this name.',
    next: 'dalil checkpoint witness list, or: dalil checkpoint witness add NAME --key KEY',
  });
}
