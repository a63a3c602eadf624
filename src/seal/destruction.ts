// Destroying originals: for the only reasons that there are, after two registered holders have signed the same text, and
// after the record of it is sealed. What remains is the record, and every proof of everything else.
import {
  citedPath,
  deaccessionNamespace,
  formatDeaccession,
  parseDeaccession,
  type Deaccession,
  type DestructionReason,
  type FileCitation,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { blobOf } from './authority.ts';
import { statement } from './custody.ts';
import { finishDestruction } from './removal.ts';
import { readHolders, readText, resolveHandles, signaturesBy, stateOf } from './signed.ts';

/** Said before anybody signs a destruction for withdrawn consent. */
export const consentExplanation = [
  'Consent was withdrawn: destroy only where no duty to preserve stands against it; where one does, restrict access instead.',
  'What was disclosed before cannot be recalled: bundles, dossiers and copies that others have stay as they are. Whoever gave',
  'consent was to be told so before they gave it; tell them again.',
].join('\n');

/** The text that two holders sign; nothing is written down yet. Fault('usage') on what cannot be destroyed. */
export async function proposeDeaccession(
  opened: OpenCase,
  { items: handles, reason, why }: { items: readonly string[]; reason: DestructionReason; why: string },
): Promise<Deaccession> {
  statement('Why', why);
  if (handles.length === 0 || handles.some((handle) => !handle.startsWith('E-'))) {
    throw new Fault('usage', {
      what: 'Items are destroyed, one by one.',
      expected: 'handles of items: E-00001 …',
      next: 'dalil items',
    });
  }
  const items = await resolveHandles(opened, handles);
  const { rows } = await opened.index.pool.query('select from item where handle = any($1) and destroyed is not null', [
    handles,
  ]);
  if (rows.length > 0) {
    throw new Fault('usage', { what: 'One of these items was destroyed before.', next: 'dalil items' });
  }
  return { ...stateOf(opened), reason, why, items, remains: await remainsWithin(opened, handles) };
}

/** The bytes of a deaccession, as they are signed. */
export function deaccessionBytes(deaccession: Deaccession): Uint8Array {
  return new TextEncoder().encode(formatDeaccession(deaccession));
}

/**
 * Writes down a deaccession that two people have signed, and then removes the bytes. Fault('input-unreadable'),
 * ('wrong-key'), ('no-permission') as for receipts; ('usage') where the case has changed so that the text is not true.
 */
export async function approveDeaccession(
  opened: OpenCase,
  bytes: Uint8Array,
  armoured: readonly string[],
): Promise<LoggedRecord> {
  const text = await readText(opened, bytes, parseDeaccession);
  const signed = await signaturesBy(await readHolders(opened), bytes, deaccessionNamespace, armoured);
  if (signed.length < 2) {
    throw new Fault('no-permission', {
      what: 'Two people approve of a destruction.',
      expected: 'signatures by two registered holders, each with a key of their own',
      got: `${signed.length}`,
      next: `ssh-keygen -Y sign -n ${deaccessionNamespace} -f KEY FILE, and a --signature for each`,
    });
  }
  const files: Record<string, FileCitation> = { text: blobOf(bytes) };
  const blobs = [{ path: citedPath(files['text']!), bytes }];
  for (const [i, one] of signed.entries()) {
    const signature = new TextEncoder().encode(one.armoured);
    const file = (files[`approval${i + 1}`] = blobOf(signature));
    blobs.push({ path: citedPath(file), bytes: signature });
  }
  const refuse = async (): Promise<void> => {
    const now = await proposeDeaccession(opened, { ...text, items: text.items.map(({ handle }) => handle) });
    if (formatDeaccession({ ...now, checkpoint: text.checkpoint }) !== formatDeaccession(text)) {
      throw new Fault('usage', {
        what: 'The case has changed since the text was made, and it is not true any more.',
        next: 'propose and sign it again: dalil destroy propose',
      });
    }
  };
  // Before anything is written, and again in the turn: another process may have destroyed one of them meanwhile.
  await refuse();
  await opened.folder.write(blobs);
  const [record] = await opened.log.append(opened.actor, async (turn) => {
    await refuse();
    turn.add({
      kind: 'seal.deaccession',
      refs: { items: text.items.map(({ id }) => id), approvers: signed.map(({ holder }) => holder.id) },
      files,
      reason: text.reason,
      count: text.items.length,
      why: text.why,
      approvals: signed.map(({ holder }) => ({ holder: holder.name, key: holder.key.fingerprint })),
      remains: [...text.remains],
    });
  });
  // Crash point: the record is sealed, the bytes are there. Whoever opens the case to write removes them.
  await finishDestruction(opened);
  return record!;
}

/** Archives that hold bytes of these items, at any depth, and are not among them: what is destroyed alone stays there. */
async function remainsWithin({ index }: OpenCase, handles: readonly string[]): Promise<string[]> {
  const { rows } = await index.pool.query<{ handle: string }>(
    `with recursive within(item) as (
       select r.container from receipt r where r.item = any($1) and r.container is not null
       union select r.container from within w join receipt r on r.item = w.item where r.container is not null)
     select i.handle from within w join item i on i.handle = w.item
     where i.destroyed is null and i.handle <> all($1) order by i.position`,
    [handles],
  );
  return rows.map(({ handle }) => handle);
}

/** How many items came out of these, and stay: an archive is destroyed without its members. */
export async function membersOf({ index }: OpenCase, handles: readonly string[]): Promise<number> {
  const { rows } = await index.pool.query<{ n: number }>(
    `select count(distinct r.item) as n from receipt r join item i on i.handle = r.item
     where r.container = any($1) and i.destroyed is null and i.handle <> all($1)`,
    [handles],
  );
  return rows[0]!.n;
}
