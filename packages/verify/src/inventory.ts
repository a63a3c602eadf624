// What a bundle must not keep silent about: the record that every bundle ends with, and the fields that records of some
// kinds always show. So what is withheld is counted, and nothing that was destroyed can be passed over.
import type { RecordFields } from './record.ts';

/** The last record under a bundle's checkpoint: how many items there are, what was destroyed, how deliveries add up. */
export const inventoryKind = 'report.inventory';
export const reconciliationKind = 'intake.reconciliation';
export const deaccessionKind = 'seal.deaccession';
export const revocationKind = 'seal.revocation';
export const itemKind = 'intake.item';

/** Beside `kind`, which every record in a bundle shows: what a record of these kinds shows whatever was chosen. */
export const necessaryFields: Readonly<Record<string, readonly string[]>> = {
  // The card: without it the first record binds nothing.
  'case.opened': ['files'],
  [inventoryKind]: ['items', 'destroyed', 'refs'],
  // Not `breakdown`: it has the names of folders.
  [reconciliationKind]: ['received', 'sealed', 'duplicate', 'quarantined', 'quarantinedBy', 'refs'],
  // Not `refs`: which entries of a published log were items is nobody's business; not `approvals`: they are people.
  [deaccessionKind]: ['reason', 'count'],
  // Without its policy a token under another one would be accepted.
  'seal.authority': ['name', 'policy', 'files'],
  'seal.keys': ['recordKey', 'checkpointKey'],
  // Who does not know of a theft trusts what the thief signed.
  [revocationKind]: ['key', 'reason', 'since'],
  'seal.timestamp': ['authority', 'checkpoint', 'token', 'refs', 'files'],
  'seal.witness': ['name', 'key'],
  'seal.cosignature': ['witness', 'checkpoint', 'time', 'refs', 'files'],
};

/** The fields that a record must show. */
export function mustShow(kind: string | undefined): readonly string[] {
  return ['kind', ...(kind !== undefined && Object.hasOwn(necessaryFields, kind) ? necessaryFields[kind]! : [])];
}

/** The fields whose values are too large for a record, and lie in files that it cites. */
export function largeFields(said: RecordFields): string[] {
  return Object.keys(said.files ?? {}).flatMap((role) =>
    role.startsWith('value:') ? [role.slice('value:'.length)] : [],
  );
}

/**
 * Which fields of a record are shown where these are chosen. `files` is one value: it is shown where everything in it may
 * be, and the hash of a withheld value may not be, since a short value can be guessed from it. A large value is shown
 * together with `files`, which cites it, or not at all.
 */
export function shownFields(said: RecordFields, chosen: (name: string) => boolean): string[] {
  const must = mustShow(said.kind);
  const large = new Set(largeFields(said));
  const wanted = (name: string): boolean =>
    must.includes(name) || chosen(name) || (large.has(name) && must.includes('files'));
  const others = Object.keys(said.files ?? {}).length > large.size;
  const files = [...large].every(wanted) && (others || large.size === 0 ? wanted('files') : true);
  return Object.keys(said).filter((name) => (name === 'files' ? files : wanted(name) && (files || !large.has(name))));
}
