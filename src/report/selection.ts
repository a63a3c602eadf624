// What a bundle discloses: any items with what speaks of them, any fields, and always what a bundle must not keep silent.
// Pure: the packing asks it about one record at a time.
import { shownFields, type RecordFields } from '@dalil/verify';

/** What was chosen. Nothing chosen: every record with all its fields. */
export interface Selection {
  /** Handles of items (E-00012). */
  items?: readonly string[];
  /** Fields of what is chosen that are shown, or those that are not. */
  fields?: { only: readonly string[] } | { without: readonly string[] };
  /** Of items that have a redacted copy, the newest copy instead of what would tell or show the original. */
  redacted?: boolean;
}

/** What tells the original of a redacted copy to whoever has it, or says of it what the copy may hide. */
const ofTheOriginal: Readonly<Record<string, readonly string[]>> = {
  'intake.item': ['files'],
  'intake.duplicate': ['files'],
  'describe.item': ['format', 'picture', 'metadata', 'encoding', 'pdq'],
  'describe.metadata': ['times', 'camera', 'picture', 'place', 'raw'],
  'describe.document': ['document', 'text', 'mail', 'properties', 'attachments'],
  'describe.embedded': ['shows', 'alignment', 'sides'],
  'describe.media': ['media', 'times', 'device', 'place', 'frames'],
  'describe.card': ['readings'],
  'describe.provenance': ['observation', 'source', 'checks', 'signers', 'claims', 'parts', 'captures'],
  'group.agreement': ['numbers'],
  'group.settlement': ['value', 'reading'],
};

/** What people say among themselves and look for, to go on with their work: it may name sources, and is in no bundle. */
const amongTheTeam: Readonly<Record<string, readonly string[]>> = {
  'protect.task': ['words', 'assignee'],
  'protect.search': ['words'],
};

/** Fields that are also chosen or withheld as `metadata`: who says it of the first reading means what the others found as well. */
const alsoMetadata: Readonly<Record<string, readonly string[]>> = {
  'describe.metadata': ['times', 'camera', 'picture', 'place', 'raw'],
  'describe.document': ['mail', 'properties'],
  'describe.provenance': ['source', 'claims', 'signers', 'captures'],
  'describe.media': ['times', 'device', 'place'],
};

/** Roles in which a record cites the items that it speaks of. `container` is not one: a member is not about its archive. */
const aboutRoles = ['item', 'items', 'of'] as const;

export class Choice {
  readonly #chosen: ReadonlySet<string> | null;
  readonly #necessary: ReadonlySet<number>;
  readonly #fields: Selection['fields'];
  readonly #redacted: ReadonlySet<string>;

  /**
   * `chosen`: ids of records, null for everything; `necessary`: positions that are disclosed in any case; `redacted`: ids
   * of items that are shown by their redacted copies.
   */
  constructor(
    chosen: ReadonlySet<string> | null,
    necessary: ReadonlySet<number>,
    fields: Selection['fields'],
    redacted: ReadonlySet<string> = new Set(),
  ) {
    this.#chosen = chosen;
    this.#necessary = necessary;
    this.#fields = fields;
    this.#redacted = redacted;
  }

  /**
   * The names of the fields that are shown of a record, its large `refs` put back; null where it is not disclosed. What is
   * chosen shows what was chosen of it; what is only necessary shows what it must.
   */
  shown(position: number, id: string, said: RecordFields): string[] | null {
    if (this.#isChosen(id, said)) {
      const hidden = this.#hidden(id, said);
      return shownFields(said, (name) => this.#isShown(name, said.kind) && !hidden.includes(name));
    }
    return this.#necessary.has(position) ? shownFields(said, () => false) : null;
  }

  /** A record that speaks of several items is disclosed only where each of them is. */
  #isChosen(id: string, said: RecordFields): boolean {
    const chosen = this.#chosen;
    if (chosen === null || chosen.has(id)) return true;
    const about = aboutRoles.flatMap((role) => said.refs?.[role] ?? []);
    return about.length > 0 && about.every((one) => chosen.has(one));
  }

  /** Fields of a record about an item that is shown by its copy alone; of several items, if one of them is. */
  #hidden(id: string, said: RecordFields): readonly string[] {
    const about = said.kind === 'intake.item' ? [id] : [said.refs?.['item'] ?? [], said.refs?.['items'] ?? []].flat();
    return about.some((one) => this.#redacted.has(one)) ? (ofTheOriginal[said.kind ?? ''] ?? []) : [];
  }

  #isShown(name: string, kind: string | undefined): boolean {
    if (amongTheTeam[kind ?? '']?.includes(name) === true) return false;
    const fields = this.#fields;
    if (fields === undefined) return true;
    const names = alsoMetadata[kind ?? '']?.includes(name) === true ? [name, 'metadata'] : [name];
    return 'only' in fields
      ? names.some((one) => fields.only.includes(one))
      : !names.some((one) => fields.without.includes(one));
  }
}
