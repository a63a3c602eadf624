// Which records a bundle discloses: those that a selection means, and those that no bundle may keep silent. Read from the
// index, before anything is written.
import type { FileCitation } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { recordsOf, type Inventory } from './inventory.ts';
import { Choice, type Selection } from './selection.ts';

/** Ids of the chosen items; null where no items were chosen. Fault('usage') on a handle that no item has. */
export async function chosenItems({ index }: OpenCase, { items }: Selection): Promise<Set<string> | null> {
  if (items === undefined) return null;
  const { rows } = await index.pool.query<{ id: string; handle: string }>(
    `select id, handle from record where kind = 'intake.item' and handle = any($1)`,
    [items],
  );
  const known = new Set(rows.map(({ handle }) => handle));
  const unknown = items.filter((handle) => !known.has(handle));
  if (unknown.length > 0 || items.length === 0) {
    throw new Fault('usage', {
      what: 'Items were named that the case does not have.',
      expected: 'handles of items, as `dalil items` shows them',
      got: unknown.length === 0 ? 'none' : unknown.slice(0, 3).join(', '),
      next: 'dalil items',
    });
  }
  return new Set(rows.map(({ id }) => id));
}

/** A dossier that was built: its record, the checkpoint that it speaks of, its files. */
export interface BuiltDossier {
  id: string;
  size: number;
  files: Record<string, FileCitation>;
}

/** The newest dossier whose record stands in a log of `size` records. */
export async function newestDossier({ index }: OpenCase, size: number): Promise<BuiltDossier | null> {
  const { rows } = await index.pool.query<BuiltDossier>(
    `select r.id, d.size, d.files from dossier d join record r using (position)
     where position < $1 order by position desc limit 1`,
    [size],
  );
  return rows[0] ?? null;
}

/** Id of an item -> SHA-256 of its newest redacted copy. */
export async function redactedCopies({ index }: OpenCase): Promise<Map<string, string>> {
  const { rows } = await index.pool.query<{ item: string; sha256: string }>(
    'select distinct on (item) item, sha256 from redaction order by item, position desc',
  );
  return new Map(rows.map(({ item, sha256 }) => [item, sha256]));
}

/** What of each record is shown. `chosen`: ids of items; null for every record. `redacted`: items shown by their copies. */
export async function discloses(
  opened: OpenCase,
  inventory: Inventory,
  chosen: ReadonlySet<string> | null,
  fields: Selection['fields'],
  redacted: ReadonlySet<string>,
): Promise<Choice> {
  const necessary = new Set([0, inventory.checkpoint.size - 1, ...inventory.cites]);
  // Who signs what is never kept silent either; what was revoked the inventory cites.
  for await (const { position } of recordsOf(opened, ['seal.keys'])) necessary.add(position);
  // What outsiders signed must be checkable whatever was chosen: every token and cosignature, and whoever gave one.
  const asked = new Set<string>();
  for await (const { position, refs } of recordsOf(opened, ['seal.timestamp', 'seal.cosignature'])) {
    necessary.add(position);
    asked.add(String(refs['authority'] ?? refs['witness']));
  }
  for await (const { position, id } of recordsOf(opened, ['seal.authority', 'seal.witness']))
    if (asked.has(id)) necessary.add(position);
  return new Choice(chosen, necessary, fields, redacted);
}
