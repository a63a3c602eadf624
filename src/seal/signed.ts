// What receipts and deaccessions have in common: a text over a state of the case, signed outside this program by registered
// holders with SSH keys of their own. Here the texts are bound to the case, and signatures to their holders.
import {
  checkSshSignature,
  FormatError,
  parseSshKey,
  parseSshSignature,
  SshError,
  toBase64,
  type Named,
  type SshKey,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { subtreeRoots } from '../log/tiles.ts';
import { holders } from './queries.ts';

export interface Holder {
  /** Id of the record that names the key. */
  id: string;
  name: string;
  key: SshKey;
  note: string | null;
}

/** The holder of this name; Fault('usage') where none is registered. */
export async function needHolder(opened: OpenCase, name: string): Promise<Holder> {
  const holder = (await readHolders(opened)).find((one) => one.name === name);
  if (holder !== undefined) return holder;
  throw new Fault('usage', {
    what: 'No holder of this name is registered.',
    next: 'dalil custody holder list, or: dalil custody holder add NAME --key FILE.pub',
  });
}

/** Everybody who is registered, each with the newest key. */
export async function readHolders(opened: OpenCase): Promise<Holder[]> {
  return (await holders(opened)).map(({ id, name, public_key, note }) => ({
    id,
    name,
    key: parseSshKey(public_key),
    note,
  }));
}

/** The state of the case that a text speaks of: the newest checkpoint. */
export function stateOf({ caseFile, log }: OpenCase): { case: string; checkpoint: { size: number; root: string } } {
  const { size, root } = log.checkpoint!;
  return { case: caseFile.id, checkpoint: { size, root: toBase64(root) } };
}

/** Parses a text that came back from its signatories; Fault('input-unreadable') unless it is of this case and log. */
export async function readText<T extends ReturnType<typeof stateOf>>(
  { caseFile, folder, log }: OpenCase,
  bytes: Uint8Array,
  parse: (text: string) => T,
): Promise<T> {
  const refuse = (what: string, cause?: unknown) =>
    new Fault('input-unreadable', { what, next: 'give the very file that was signed, unchanged', cause });
  let text: T;
  try {
    text = parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof FormatError) && !(error instanceof TypeError)) throw error;
    throw refuse(`This is not a text that was made to be signed: ${error.message}.`, error);
  }
  const { size, root } = text.checkpoint;
  if (text.case !== caseFile.id) throw refuse('The text is of another case.');
  if (size < 1 || size > log.size || toBase64(await subtreeRoots(folder, log.size)(0, size)) !== root) {
    throw refuse('The text speaks of a state that this log was never in.');
  }
  return text;
}

/** Accessions and items by handle, in the order given. Fault('usage') where there is no such thing, or one twice. */
export async function resolveHandles({ index }: OpenCase, handles: readonly string[]): Promise<Named[]> {
  const { rows } = await index.pool.query<Named>(
    'select handle, id from accession where handle = any($1) union all select handle, id from item where handle = any($1)',
    [handles],
  );
  const known = new Map(rows.map((row) => [row.handle, row]));
  const unknown = handles.find((handle) => !known.has(handle));
  if (unknown !== undefined || new Set(handles).size < handles.length) {
    throw new Fault('usage', {
      what: unknown === undefined ? 'One thing is named twice.' : 'There is nothing of this handle in the case.',
      expected: 'handles of accessions (A-0001) or items (E-00001)',
      ...(unknown === undefined ? {} : { got: unknown }),
      next: 'dalil items',
    });
  }
  return handles.map((handle) => known.get(handle)!);
}

/**
 * Finds for each signature whose it is, and holds it against the text. Gives them in the order of `people`, and leaves out
 * people who have not signed. Fault('wrong-key') that names the reason of the first that does not hold.
 */
export async function signaturesBy(
  people: readonly Holder[],
  text: Uint8Array,
  namespace: string,
  armoured: readonly string[],
): Promise<{ holder: Holder; armoured: string }[]> {
  const found = new Map<string, string>();
  for (const one of armoured) {
    try {
      const signature = parseSshSignature(one);
      const holder = people.find(({ key }) => key.fingerprint === signature.key.fingerprint);
      if (holder === undefined) throw new SshError('another-key', 'it is by a key of nobody who is to sign here');
      await checkSshSignature(text, signature, { key: holder.key, namespace });
      found.set(holder.name, one);
    } catch (error) {
      if (!(error instanceof SshError)) throw error;
      throw new Fault('wrong-key', {
        what: `A signature does not hold (${error.reason}): ${error.message}.`,
        next: `each signs the same file: ssh-keygen -Y sign -n ${namespace} -f KEY FILE`,
        cause: error,
      });
    }
  }
  return people.flatMap((holder) => {
    const signature = found.get(holder.name);
    return signature === undefined ? [] : [{ holder, armoured: signature }];
  });
}
