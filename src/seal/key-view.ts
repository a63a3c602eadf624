// What keys there are, what each can do, and what its theft and its loss cost: of a case, and of this machine's home.
import { formatNoteKey } from '@dalil/verify';
import type { OpenCase } from '../log/case.ts';
import { protectionOf, type Protection } from '../log/identity.ts';
import { keysOf, keyFile, missingKeys, purposes, type Purpose } from '../log/keys.ts';
import { heldUntil } from '../log/unlocked.ts';
import { readVault } from '../protect/vault.ts';
import type { RevocationReason } from './records.ts';

/** One signing key of a case. */
export interface KeyView {
  n: number;
  purpose: Purpose;
  /** `kid` of a record key; verifier key of a checkpoint key. */
  id: string;
  state: 'in force' | 'retired' | 'revoked';
  /** Why it was revoked, and since when it was in other hands; null where it was not. */
  revoked: { reason: RevocationReason; since: string | null } | null;
  /** The first record under it, and the last; null while it is in force. */
  from: number;
  to: number | null;
  /** When the record that brought it was written. */
  at: string;
  /** Its file in this home; null where this home does not have it. */
  file: string | null;
}

export interface CaseKeysView {
  keys: KeyView[];
  /** Whether this home can add to the log. */
  writable: boolean;
  /** Who opens the vault; null where there is none. */
  vault: { threshold: number; guardians: number } | null;
}

/** The home's identity, to which its signing keys are encrypted; protection null where there is none yet. */
export interface HomeKeysView {
  protection: Protection | null;
  /** Until when a process holds it open. */
  heldUntil: string | null;
}

/** The keys of a case over time, the newest first, and whether this home has them. */
export async function viewCaseKeys(opened: OpenCase): Promise<CaseKeysView> {
  const { log, index, home, id } = opened;
  const folder = keysOf(home.path, id);
  const names = new Set(await folder.names('.'));
  const { rows: revocations } = await index.pool.query<{ key: number; reason: RevocationReason; since: string | null }>(
    'select distinct on (key) key, reason, since from key_revocation order by key, position desc',
  );
  const { rows: brought } = await index.pool.query<{ position: number; at: string }>(
    'select position, at from record where position = any($1)',
    [log.history.periods.map(({ from }) => Math.max(from - 1, 0))],
  );
  const keys = log.history.periods.toReversed().flatMap((period, i, newestFirst) =>
    purposes.map((purpose): KeyView => {
      const { n, from } = period;
      const file = keyFile(purpose, period[purpose].raw);
      const next = newestFirst[i - 1];
      const revoked = revocations.find(({ key }) => key === n);
      return {
        n,
        purpose,
        id: purpose === 'records' ? period.records.kid : formatNoteKey(period.checkpoints),
        state: next === undefined ? 'in force' : revoked === undefined ? 'retired' : 'revoked',
        revoked: revoked === undefined ? null : { reason: revoked.reason, since: revoked.since },
        from,
        to: next === undefined ? null : next.from - 1,
        at: brought.find(({ position }) => position === Math.max(from - 1, 0))!.at,
        file: names.has(file) ? `${folder.path}/${file}` : null,
      };
    }),
  );
  const vault = await readVault(opened);
  return {
    keys,
    writable: (await missingKeys(home.path, id, log.history.current)).length === 0,
    vault: vault === null ? null : { threshold: vault.threshold, guardians: vault.guardians.length },
  };
}

/** What this home itself holds. */
export async function viewHomeKeys(home: string): Promise<HomeKeysView> {
  const protection = await protectionOf(home);
  const held = protection === 'none' || protection === null ? null : await heldUntil(home);
  return { protection, heldUntil: held };
}

/** What a kind of key can do, and what its theft and its loss cost. */
export interface KeyMeaning {
  kind: string;
  can: string;
  stolen: string;
  lost: string;
}

/** The kinds of key, in the order in which they are told. */
export const keyMeanings: readonly KeyMeaning[] = [
  {
    kind: 'records',
    can: 'signs each record; opens nothing',
    stolen:
      'with the other: a false history can be signed from then on. Revoke both. What timestamps or copies of checkpoints bind stands',
    lost: 'nothing can be added to the case; all that is in it still verifies',
  },
  {
    kind: 'checkpoints',
    can: 'signs the state of the log after each turn; opens nothing',
    stolen: 'a second history can be signed beside the first. Whoever kept a checkpoint or a timestamp finds out',
    lost: 'as with the other: the two are used together',
  },
  {
    kind: 'retired and revoked',
    can: 'verify what they signed, by their public halves; what they sign now is refused',
    stolen: 'as above, for the records of their time',
    lost: 'nothing',
  },
  {
    kind: 'identity',
    can: "opens this home's signing keys, of all its cases; signs nothing",
    stolen: 'with the files beside it: all these keys are stolen. Change or revoke them in each case',
    lost: 'all these keys are lost, but for their backups',
  },
  {
    kind: 'vault',
    can: 'opens identities of protected sources; exists as shares alone',
    stolen: 'by as many guardians as open it: people are in danger. Nothing takes that back',
    lost: 'by more than can be spared: nobody reads what is in it again',
  },
];
