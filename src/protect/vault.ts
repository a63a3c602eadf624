// The vault: who protected sources are, and what can give them away, encrypted to a key that nobody has. Guardians join
// their shares to open it, and that they did, and for what purpose, is in the log before anything is decrypted.
import { createHash, randomBytes } from 'node:crypto';
import type { FileCitation } from '@dalil/verify';
import { z } from 'zod';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { Draft } from '../log/log.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { checkShares, joinShares, splitShares, type Guardian, type Handover, type Trust } from './guardian.ts';
import { keptRecord, vaultRecord, type GuardianEntry, type KeptKind } from './records.ts';
import { openSealed, openText, sealStream, sealText } from './sealed.ts';

/** Who opens the vault, as the newest record of it says. */
export interface Vault extends Trust {
  /** Id of that record. */
  id: string;
  at: string;
  guardians: readonly GuardianEntry[];
}

export interface VaultOptions {
  /** How many guardians open it, at least 2. */
  threshold: number;
  guardians: readonly Guardian[];
  /** Brings the shares to a safe place, before the log says that there is a vault: afterwards nobody could. */
  deliver: (files: Handover['files']) => Promise<void>;
  random?: (length: number) => Uint8Array;
}

/** One thing that an opening lets be decrypted. */
export interface Thing {
  /** Its record. */
  id: string;
  position: number;
  at: string;
  what: 'identity' | KeptKind;
}

const about = z.object({ name: z.string(), size: z.number().int(), sha256: z.string() });
/** What was sealed beside a kept file: its name, bytes and SHA-256 in the clear. */
export type About = z.infer<typeof about>;

/** The case's vault, or null where none was made. */
export async function readVault(opened: OpenCase): Promise<Vault | null> {
  const record = (await readRecords(opened, ['protect.vault', 'protect.rotation'])).at(-1);
  if (record === undefined) return null;
  return { id: record.id, at: record.at, ...vaultRecord.parse(record.fields) };
}

/** Makes the case's vault. Throws Fault('usage') where it has one, or the guardians cannot be. */
export async function makeVault(opened: OpenCase, options: VaultOptions): Promise<Vault> {
  const handover = await splitShares(options.guardians, options.threshold, options.random ?? randomBytes);
  const refuse = async (): Promise<void> => {
    if ((await readVault(opened)) === null) return;
    throw new Fault('usage', {
      what: 'This case has a vault already.',
      expected: 'a case without one',
      next: 'other guardians, or lost shares: dalil vault rotate',
    });
  };
  await refuse();
  await options.deliver(handover.files);
  const { recipient, guardians } = handover;
  await opened.log.append(opened.actor, async (turn) => {
    await refuse();
    turn.add({ kind: 'protect.vault', recipient, threshold: options.threshold, guardians });
  });
  return needVault(opened);
}

/**
 * Seals who a pseudonym is; `identity` is any text. Done again it corrects: both stay. Throws Fault('usage') without a
 * vault, or where the pseudonym or the text cannot be; no message holds either.
 */
export async function addSource(
  opened: OpenCase,
  { pseudonym, identity }: { pseudonym: string; identity: string },
): Promise<LoggedRecord> {
  checkPseudonym(pseudonym);
  const vault = await needVault(opened);
  const sealed = await sealText(opened.folder, vault.recipient, identity);
  return add(opened, { kind: 'protect.source', refs: { vault: vault.id }, files: { identity: sealed }, pseudonym });
}

/** Seals a file that can give a source away, of any size and in bounded memory. `name` is sealed too. */
export async function keepInVault(
  opened: OpenCase,
  kept: { pseudonym: string; what: KeptKind; name: string; chunks: AsyncIterable<Uint8Array> },
): Promise<LoggedRecord> {
  const { pseudonym, what, name, chunks } = kept;
  checkPseudonym(pseudonym);
  const vault = await needVault(opened);
  const hash = createHash('sha256');
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const sealed = await sealStream(opened.folder, vault.recipient, counted());
  const said: About = { name, size, sha256: hash.digest('hex') };
  const files = { sealed, about: await sealText(opened.folder, vault.recipient, JSON.stringify(said)) };
  return add(opened, { kind: 'protect.kept', refs: { vault: vault.id }, files, pseudonym, what });
}

export interface Opening {
  /** Texts of shares, as guardians decrypted them. */
  shares: readonly string[];
  /** Why. It is written in the log: no names. */
  purpose: string;
  /** Whose things. Absent: none, only the key, to give it other guardians. */
  pseudonym?: string;
}

/**
 * Opens the vault for one source. Every share is checked against the log, then the opening is written down, and only
 * then is the key joined: where it cannot be written, nothing opens. Throws Fault('wrong-key') that names whose share is
 * false, ('no-permission') where they are too few, ('usage') where there is nothing under the pseudonym.
 */
export async function openVault(opened: OpenCase, opening: Opening): Promise<OpenedVault> {
  const { pseudonym } = opening;
  const purpose = opening.purpose.trim();
  if (purpose === '' || purpose.length > 1000) {
    throw new Fault('usage', {
      what: 'An opening needs a purpose, for the log.',
      expected: '1 to 1000 characters, without names',
      got: `${purpose.length}`,
      next: 'dalil vault open --purpose TEXT',
    });
  }
  const vault = await needVault(opened);
  const things = pseudonym === undefined ? [] : await thingsOf(opened, pseudonym);
  if (pseudonym !== undefined && things.length === 0) {
    throw new Fault('usage', {
      what: 'Nothing is kept under this pseudonym.',
      expected: 'a pseudonym of a protected source',
      next: 'dalil vault status',
    });
  }
  const shares = checkShares(vault, opening.shares);
  const guardians = shares.map(({ guardian }) => guardian);
  const refs = { vault: vault.id, things: things.map(({ id }) => id) };
  const record = await add(opened, { kind: 'protect.opening', refs, purpose, pseudonym, guardians });
  const identities = [await joinShares(vault, shares)];
  const keys = (await readRecords(opened, ['protect.rotation'])).at(-1)?.files['keys'];
  if (keys !== undefined) identities.push(...(await openText(opened.folder, keys, identities)).split('\n'));
  return new OpenedVault(opened, vault, record, things, identities);
}

/** An opening: decrypts the things that its record cites, and no others, until it is closed. */
export class OpenedVault {
  readonly #opened: OpenCase;
  readonly #vault: Vault;
  readonly #things: ReadonlyMap<string, LoggedRecord>;
  #identities: string[];
  /** The record of it. */
  readonly record: LoggedRecord;

  constructor(
    opened: OpenCase,
    vault: Vault,
    record: LoggedRecord,
    things: readonly LoggedRecord[],
    identities: string[],
  ) {
    this.#opened = opened;
    this.#vault = vault;
    this.#things = new Map(things.map((thing) => [thing.id, thing]));
    this.#identities = identities;
    this.record = record;
  }

  /** In the order in which they were put in. */
  get things(): Thing[] {
    return [...this.#things.values()].map(({ id, position, at, kind, fields }) => ({
      id,
      position,
      at,
      what: kind === 'protect.source' ? 'identity' : keptRecord.parse(fields).what,
    }));
  }

  /** Who the source is, as it was sealed. */
  async identity(id: string): Promise<string> {
    return openText(this.#opened.folder, this.#file(id, 'identity'), this.#identities);
  }

  /** Name, size and hash of a kept file. */
  async about(id: string): Promise<About> {
    return about.parse(JSON.parse(await openText(this.#opened.folder, this.#file(id, 'about'), this.#identities)));
  }

  /** A kept file, piece by piece. The pieces count only when all have come: see `openSealed`. */
  contents(id: string): AsyncGenerator<Uint8Array> {
    return openSealed(this.#opened.folder, this.#file(id, 'sealed'), this.#identities);
  }

  /**
   * Makes a new key for other guardians, or again for the same ones, and leaves them the earlier keys, encrypted to it.
   * What was sealed before stays openable by the earlier guardians wherever they have its ciphertext.
   */
  async rotate(options: VaultOptions): Promise<Vault> {
    const opened = this.#opened;
    const vault = this.#vault;
    const handover = await splitShares(options.guardians, options.threshold, options.random ?? randomBytes);
    if (this.#identities.length === 0) throw closed();
    const keys = await sealText(opened.folder, handover.recipient, this.#identities.join('\n'));
    await options.deliver(handover.files);
    const { recipient, guardians } = handover;
    await opened.log.append(opened.actor, async (turn) => {
      if ((await needVault(opened)).id !== vault.id) {
        throw new Fault('locked', {
          what: 'The guardians of this vault were changed by somebody else meanwhile.',
          next: 'destroy the shares just made, and begin again with those of the new guardians',
        });
      }
      const { threshold } = options;
      const refs = { previous: vault.id };
      turn.add({ kind: 'protect.rotation', refs, files: { keys }, recipient, threshold, guardians });
    });
    return needVault(opened);
  }

  /** Lets go of the keys. JavaScript cannot wipe a string: they are gone when the process is. */
  close(): void {
    this.#identities = [];
  }

  #file(id: string, role: string): FileCitation {
    if (this.#identities.length === 0) throw closed();
    const file = this.#things.get(id)?.files[role];
    if (file !== undefined) return file;
    throw new Fault('no-permission', {
      what: 'This opening is not for that.',
      expected: 'a thing that the record of the opening cites',
      next: 'dalil vault open, with the pseudonym that it belongs to',
    });
  }
}

function closed(): Fault {
  return new Fault('no-permission', { what: 'This opening of the vault is over.', next: 'dalil vault open' });
}

/** Everything under a pseudonym, oldest first. */
async function thingsOf(opened: OpenCase, pseudonym: string): Promise<LoggedRecord[]> {
  const records = await readRecords(opened, ['protect.source', 'protect.kept']);
  return records.filter(({ fields }) => fields['pseudonym'] === pseudonym);
}

async function needVault(opened: OpenCase): Promise<Vault> {
  const vault = await readVault(opened);
  if (vault !== null) return vault;
  throw new Fault('usage', {
    what: 'This case has no vault yet.',
    next: 'dalil vault init --threshold M --guardian NAME=age1… (for each guardian)',
  });
}

function checkPseudonym(pseudonym: string): void {
  if (pseudonym.trim() === pseudonym && /^[^\p{Cc}]{1,100}$/u.test(pseudonym)) return;
  throw new Fault('usage', {
    what: 'This cannot be a pseudonym.',
    expected: '1 to 100 characters on one line, as given to --source',
    next: 'dalil vault --help',
  });
}

async function add(opened: OpenCase, draft: Draft): Promise<LoggedRecord> {
  const [record] = await opened.log.append(opened.actor, (turn) => void turn.add(draft));
  return record!;
}

/**
 * The vault's records of these kinds, oldest first, from the folder, each the one that the index knows by its id: with
 * the folder alone in their hands, nobody slips in a recipient of their own to whom the next identity would be encrypted.
 */
export async function readRecords(opened: OpenCase, kinds: readonly string[]): Promise<LoggedRecord[]> {
  const { rows } = await opened.index.pool.query<{ position: number; id: string }>(
    'select position, id from record where kind = any($1) order by position',
    [kinds],
  );
  const records: LoggedRecord[] = [];
  for (const row of rows) {
    const position = Number(row.position);
    for await (const record of opened.log.read(position, position + 1)) {
      if (record.id === row.id && kinds.includes(record.kind)) records.push(record);
    }
  }
  if (records.length === rows.length) return records;
  throw new Fault('case-damaged', {
    what: 'A record of the vault is not the one that was sealed.',
    next: 'run `dalil verify`, and restore the folder from a copy',
  });
}
