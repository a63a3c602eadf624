// Checks that a bundle keeps nothing silent that it must tell: its last record is the inventory, what that cites is
// disclosed, the sums close, and bundle.json counts what is here and what is not.
import type { BundleFile } from './bundle-file.ts';
import type { Findings } from './findings.ts';
import { deaccessionKind, inventoryKind, itemKind, mustShow, reconciliationKind, revocationKind } from './inventory.ts';
import { refsOf, type RecordFields } from './record.ts';

interface Seen {
  where: string;
  said: RecordFields;
}

/** Collects while the records of a bundle are read, judges at the end. Of items it keeps their number alone. */
export class InventoryCheck {
  readonly #findings: Findings;
  readonly #size: number;
  #items = 0;
  #inventory: Seen | null = null;
  readonly #reconciliations = new Map<string, Seen>();
  readonly #deaccessions = new Map<string, Seen>();
  readonly #revocations = new Map<string, Seen>();

  constructor(findings: Findings, size: number) {
    this.#findings = findings;
    this.#size = size;
  }

  /** To be called with every disclosed record, in the order of the log, large values of `refs` included. */
  see(position: number, where: string, id: string, said: RecordFields): void {
    // `refs` that are null lie in a file, and that was withheld.
    const missing = mustShow(said.kind).filter((name) => !Object.hasOwn(said, name) || (name === 'refs' && !said.refs));
    if (missing.length > 0) {
      this.#findings.problem('field-withheld', where, `it must show what is withheld: ${missing.join(', ')}`);
    }
    if (said.kind === itemKind) this.#items++;
    if (said.kind === inventoryKind && position === this.#size - 1) this.#inventory = { where, said };
    if (said.kind === reconciliationKind) this.#reconciliations.set(id, { where, said });
    if (said.kind === deaccessionKind) this.#deaccessions.set(id, { where, said });
    if (said.kind === revocationKind) this.#revocations.set(id, { where, said });
  }

  judge({ items: told, files }: BundleFile): void {
    if (this.#inventory === null) {
      const why = 'the last record under the checkpoint is no inventory that is disclosed: deletions could be hidden';
      this.#findings.problem('inventory-missing', 'data/records', why);
      return;
    }
    const { where, said } = this.#inventory;
    const items = whole(said['items']);
    if (items === null) return this.#broken(where, 'it does not say how many items there are');
    if (told.disclosed !== this.#items || told.disclosed + told.withheld !== items) {
      const why = `it counts other items than are disclosed (${this.#items}) and inventoried (${items})`;
      this.#findings.problem('bag-malformed', 'data/bundle.json', why);
    }
    this.#checkReconciliations(where, said, items);
    this.#checkRevocations(where, said);
    this.#findings.contents({ items: told, files, destroyed: this.#checkDestroyed(where, said) });
  }

  #broken(where: string, why: string): void {
    this.#findings.problem('inventory-broken', where, why);
  }

  /** The records that the inventory cites in a role; those that are not disclosed are problems. */
  #cited(where: string, said: RecordFields, role: string, seen: ReadonlyMap<string, Seen>): Map<string, Seen> {
    const ids = this.#findings.attempt(where, () => refsOf({ [role]: said.refs?.[role] ?? [] })) ?? [];
    const cited = new Map<string, Seen>();
    for (const id of ids) {
      const one = seen.get(id);
      if (one !== undefined) cited.set(id, one);
      else this.#findings.problem('record-withheld', where, `one of its ${role} is not disclosed`);
    }
    return cited;
  }

  /** received = sealed + duplicate + quarantined, for each accession once, and by its newest reconciliation. */
  #checkReconciliations(where: string, said: RecordFields, items: number): void {
    const cited = this.#cited(where, said, 'reconciliations', this.#reconciliations);
    const newest = new Map<string, string>();
    // In the order of the log: the last of an accession stands.
    for (const [id, { said: sum }] of this.#reconciliations) newest.set(String(sum.refs?.['accession']), id);
    const standing = new Set(newest.values());
    if ([...standing].some((id) => !cited.has(id)) || [...cited.keys()].some((id) => !standing.has(id))) {
      this.#broken(where, 'it does not cite the newest reconciliation that is disclosed of each accession');
    }
    let reconciled = 0;
    for (const one of cited.values()) {
      const sum = one.said;
      const [received, sealed, duplicate, quarantined] = ['received', 'sealed', 'duplicate', 'quarantined'].map(
        (name) => whole(sum[name]),
      );
      const by = Object.values((sum['quarantinedBy'] ?? {}) as Record<string, unknown>).map(whole);
      const closes =
        by.every((n) => n !== null) &&
        received === (sealed ?? NaN) + (duplicate ?? NaN) + (quarantined ?? NaN) &&
        by.reduce<number>((all, n) => all + (n ?? 0), 0) === quarantined;
      if (!closes) this.#broken(one.where, 'received is not sealed, duplicate and quarantined together');
      reconciled += sealed ?? 0;
    }
    if (reconciled > items) this.#broken(where, `${reconciled} items were reconciled, and it counts ${items}`);
    else if (reconciled < items) {
      this.#findings.note(where, `${items - reconciled} items of deliveries that are not reconciled yet`);
    }
  }

  /** Every revocation of keys is cited and disclosed. Inventories of before cite none, and cannot be told from a lie. */
  #checkRevocations(where: string, said: RecordFields): void {
    if (said.refs?.['revocations'] === undefined) {
      this.#findings.note(where, 'it does not say which keys were revoked: a revocation could have been left out');
      return;
    }
    const cited = this.#cited(where, said, 'revocations', this.#revocations);
    const uncited = this.#revocations.size - cited.size;
    if (uncited > 0) this.#broken(where, `it does not cite ${uncited} of the revocations that are disclosed`);
  }

  /** What was destroyed, by reason, is what the cited deaccessions say, and none that is disclosed is left out. Gives it. */
  #checkDestroyed(where: string, said: RecordFields): Record<string, number> {
    const cited = this.#cited(where, said, 'deaccessions', this.#deaccessions);
    const uncited = [...this.#deaccessions.keys()].filter((id) => !cited.has(id)).length;
    if (uncited > 0) this.#broken(where, `it does not cite ${uncited} of the deaccessions that are disclosed`);
    const destroyed = new Map<string, number>();
    for (const { said: one } of cited.values()) {
      const reason = String(one['reason']);
      destroyed.set(reason, (destroyed.get(reason) ?? 0) + (whole(one['count']) ?? NaN));
    }
    const told = Object.entries((said['destroyed'] ?? {}) as Record<string, unknown>);
    if (told.length !== destroyed.size || told.some(([reason, n]) => n !== destroyed.get(reason))) {
      this.#broken(where, 'it counts other destructions than the deaccessions that it cites');
    }
    return Object.fromEntries(destroyed);
  }
}

function whole(value: unknown): number | null {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
}
