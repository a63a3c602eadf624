// Custody: who can hold the case, who is said to have held a delivery before it came, and receipts that both sides sign
// with keys of their own. A record of a hand-over is written only with both signatures.
import {
  citedPath,
  formatReceipt,
  isStatement,
  parseReceipt,
  parseSshKey,
  receiptNamespace,
  SshError,
  type CustodyEvent,
  type Receipt,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { Draft } from '../log/log.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { blobOf } from './authority.ts';
import { needHolder, readText, resolveHandles, signaturesBy, stateOf, type Holder } from './signed.ts';
import { parsePartialDate } from './span.ts';

/** Registers a holder, or a new key for one. Fault('usage'), ('input-unreadable') on a key that is none or not taken. */
export async function addHolder(
  opened: OpenCase,
  { name, publicKey, note }: { name: string; publicKey: string; note: string | null },
): Promise<Holder> {
  statement('The name of a holder', name);
  if (note !== null) statement('The note', note);
  try {
    const key = parseSshKey(publicKey);
    const record = await append(opened, { kind: 'seal.holder', name, publicKey: key.line, note });
    return { id: record.id, name, key, note };
  } catch (error) {
    if (!(error instanceof SshError)) throw error;
    throw new Fault('input-unreadable', {
      what: `This public key cannot be used (${error.reason}): ${error.message}.`,
      expected: 'one line of a .pub file: ssh-ed25519, ecdsa-sha2-nistp256, ssh-rsa, or one of a hardware key (sk-…)',
      next: 'ssh-keygen -t ed25519 makes one; give the .pub file',
    });
  }
}

export interface CustodyClaim {
  /** A-0001 */
  accession: string;
  holder: string;
  /** Partial dates; null: unknown. */
  from: string | null;
  to: string | null;
  /** Who says so. */
  by: string;
  how: string | null;
}

/** Writes down who is said to have held a delivery before it was received. Fault('usage') on what cannot be. */
export async function claimCustody(opened: OpenCase, claim: CustodyClaim): Promise<LoggedRecord> {
  const { holder, from, to, by, how } = claim;
  statement('The holder', holder);
  statement('Who says so', by);
  if (how !== null) statement('How', how);
  const [start, end] = [from, to].map((date) => {
    const span = date === null ? null : parsePartialDate(date);
    if (span !== null || date === null) return span;
    throw new Fault('usage', {
      what: 'This is no date.',
      expected: '2013, 2013-08, 2013-08-21, 2013-08-21T09:30+03:00, or unknown',
      got: date,
    });
  });
  if (start != null && end != null && end.earliest < start.earliest && end.latest <= start.earliest) {
    throw new Fault('usage', { what: 'It would end before it began.', expected: '--from before --to' });
  }
  const [accession] = await resolveHandles(opened, [claim.accession]);
  if (!accession!.handle.startsWith('A-')) {
    throw new Fault('usage', {
      what: 'A claim is about a whole delivery.',
      expected: 'the handle of an accession: A-0001',
    });
  }
  return append(opened, {
    kind: 'seal.claimed-custody',
    refs: { accession: accession!.id },
    holder,
    from,
    to,
    by,
    how,
  });
}

export interface HandOver {
  event: CustodyEvent;
  /** Handles; none for the whole case. */
  what: readonly string[];
  from: string;
  to: string;
  /** RFC 3339 with an offset. */
  when: string;
  why: string;
}

/** The receipt that both sides sign; nothing is written down yet. Fault('usage') on what cannot be. */
export async function proposeReceipt(opened: OpenCase, handOver: HandOver, now: Date): Promise<Receipt> {
  const { event, when, why } = handOver;
  statement('Why', why);
  const span = parsePartialDate(when);
  // Some minutes: the clocks of two machines.
  if (span === null || span.earliest !== span.latest || span.earliest > +now + 600_000) {
    throw new Fault('usage', {
      what: 'A hand-over has a time, and it has happened.',
      expected: 'an instant with an offset: 2026-11-25T09:30+03:00',
      got: when,
      next: 'what was before intake is a claim: dalil custody claim',
    });
  }
  const [from, to] = [await needHolder(opened, handOver.from), await needHolder(opened, handOver.to)];
  if (from.name === to.name || from.key.fingerprint === to.key.fingerprint) {
    throw new Fault('usage', {
      what: 'Nobody hands over to themselves.',
      expected: 'two holders with two keys',
    });
  }
  const what = await resolveHandles(opened, handOver.what);
  const side = ({ name, key }: Holder) => ({ name, key: key.fingerprint });
  return { ...stateOf(opened), event, what, from: side(from), to: side(to), when, why };
}

/** The bytes of a receipt, as they are signed. */
export function receiptBytes(receipt: Receipt): Uint8Array {
  return new TextEncoder().encode(formatReceipt(receipt));
}

/**
 * Writes down a hand-over that both sides have signed. Fault('input-unreadable') on a text that is none of this log,
 * ('wrong-key') on a signature that does not hold, ('no-permission') where one is lacking, ('usage') where it was written
 * down already or a key has changed since.
 */
export async function receiveReceipt(
  opened: OpenCase,
  bytes: Uint8Array,
  armoured: readonly string[],
): Promise<LoggedRecord> {
  const receipt = await readText(opened, bytes, parseReceipt);
  const people = await Promise.all(
    [receipt.from, receipt.to].map(async ({ name, key }) => {
      const holder = await needHolder(opened, name);
      if (holder.key.fingerprint === key) return holder;
      throw new Fault('usage', {
        what: 'The receipt names a key that is not the newest one of its holder.',
        next: 'make and sign the receipt again: dalil custody transfer',
      });
    }),
  );
  const signed = await signaturesBy(people, bytes, receiptNamespace, armoured);
  if (signed.length < 2) {
    throw new Fault('no-permission', {
      what: 'A receipt needs the signatures of both sides.',
      expected: 'two signatures, by two people',
      got: `${signed.length}`,
      next: `ssh-keygen -Y sign -n ${receiptNamespace} -f KEY FILE, and a --signature for each`,
    });
  }
  const encoded = signed.map((one) => new TextEncoder().encode(one.armoured));
  const files = { receipt: blobOf(bytes), fromSignature: blobOf(encoded[0]!), toSignature: blobOf(encoded[1]!) };
  const refuse = async (): Promise<void> => {
    const { rows } = await opened.index.pool.query('select from custody_event where receipt = $1', [
      files.receipt.sha256,
    ]);
    if (rows.length > 0) {
      throw new Fault('usage', { what: 'This receipt is written down already.', next: 'dalil custody' });
    }
  };
  await refuse();
  await opened.folder.write(
    [files.receipt, files.fromSignature, files.toSignature].map((file, i) => ({
      path: citedPath(file),
      bytes: [bytes, ...encoded][i]!,
    })),
  );
  const { event, when, why, from, to, what } = receipt;
  const about = what.map(({ id }) => id);
  const [record] = await opened.log.append(opened.actor, async (turn) => {
    await refuse();
    turn.add({
      kind: 'seal.custody',
      refs: { from: people[0]!.id, to: people[1]!.id, ...(about.length === 0 ? {} : { about }) },
      files,
      event,
      when,
      from: from.name,
      to: to.name,
      why,
      covers: about.length === 0 ? ['case'] : what.map(({ handle }) => handle),
    });
  });
  return record!;
}

async function append(opened: OpenCase, draft: Draft): Promise<LoggedRecord> {
  const [record] = await opened.log.append(opened.actor, (turn) => {
    turn.add(draft);
  });
  return record!;
}

/** Fault('usage') on what cannot be printed as it is signed. */
export function statement(what: string, text: string): void {
  if (isStatement(text)) return;
  throw new Fault('usage', {
    what: `${what} cannot be this text.`,
    expected: '1 to 500 characters on one line, in composed form (NFC), none of them invisible',
  });
}
