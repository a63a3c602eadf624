// The files that rows of another tool's table name: where each may lie in what was received, and what became of it there.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { OpenCase } from '../log/case.ts';
import { placesOf, type System } from './export-systems.ts';
import { entryOutcomes, type EntryOutcome, type NamedOutcome } from './records.ts';

/** A table that was received: where it stood, in which of the roots of which accession. */
export interface TablePlace {
  accession: string;
  system: System;
  path: string;
  root: number;
}

/** As a row names a file, with the hash that it states. */
export interface Name {
  role: string;
  path: string;
  hash: string | null;
}

export type Judged = Name & { outcome: NamedOutcome; found: string | null };

interface Receipt {
  state: string;
  id: string | null;
  sha256: string | null;
  size: number | null;
  destroyed: boolean;
}

/** A path as the index keeps it: PostgreSQL takes no zero character. */
export const indexed = (path: string): string => path.replaceAll('\0', '\ufffd');

/** The bytes of a sealed file, up to and with the byte at `end`. */
export const streamOf = ({ folder }: OpenCase, { sha256, size }: { sha256: string; size: number }, end?: number) =>
  createReadStream(
    join(folder.path, citedPath({ store: 'originals', sha256, size })),
    end === undefined ? { highWaterMark: 1 << 18 } : { end },
  );

/** What was received at the places of some names. */
export class NamedFiles {
  readonly #opened: OpenCase;
  readonly #table: TablePlace;
  readonly #receipts: ReadonlyMap<string, Receipt>;

  private constructor(opened: OpenCase, table: TablePlace, receipts: ReadonlyMap<string, Receipt>) {
    this.#opened = opened;
    this.#table = table;
    this.#receipts = receipts;
  }

  static async look(opened: OpenCase, table: TablePlace, paths: readonly string[]): Promise<NamedFiles> {
    const places = paths.flatMap((path) => placesOf(table.system, table.path, path) ?? []);
    const { rows } = await opened.index.pool.query<Receipt & { path: string }>(
      `select r.path, r.state, i.id, i.sha256, i.size, i.destroyed is not null as destroyed
       from receipt r left join item i on i.handle = r.item
       where r.accession = $1 and r.root = $2 and r.path = any($3)`,
      [table.accession, table.root, [...new Set(places.map(indexed))]],
    );
    return new NamedFiles(opened, table, new Map(rows.map((row) => [row.path, row])));
  }

  /** Whether something was received for this name that is still there, or is in quarantine. */
  has(path: string): boolean {
    const at = this.#at(placesOf(this.#table.system, this.#table.path, path));
    return at !== undefined && !this.#receipts.get(indexed(at))!.destroyed;
  }

  /** Judges each name of a row; `items`: the records of the files that were found, hash agreeing or not. */
  async judge(names: readonly Name[]): Promise<{ judged: Judged[]; items: string[] }> {
    const items = new Set<string>();
    const judged: Judged[] = [];
    for (const { role, path, hash } of names) {
      const places = placesOf(this.#table.system, this.#table.path, path);
      const at = this.#at(places);
      const file = at === undefined ? undefined : this.#receipts.get(indexed(at))!;
      if (file?.id != null) items.add(file.id);
      const outcome = places === null ? 'unsafe-path' : await this.#outcome(file, hash);
      judged.push({ role, path, hash, outcome, found: at ?? null });
    }
    return { judged, items: [...items] };
  }

  #at(places: readonly string[] | null): string | undefined {
    return places?.find((one) => this.#receipts.has(indexed(one)));
  }

  async #outcome(file: Receipt | undefined, stated: string | null): Promise<NamedOutcome> {
    if (file === undefined || file.destroyed) return 'missing-file';
    if (file.state === 'quarantined' || file.sha256 === null) return 'quarantined-file';
    if (stated === null) return 'matched';
    const sealed = { sha256: file.sha256, size: file.size! };
    const algorithm = { 32: 'md5', 40: 'sha1', 64: 'sha256' }[stated.length];
    if (algorithm === 'sha256') return stated === sealed.sha256 ? 'matched' : 'hash-differs';
    if (algorithm === undefined) return 'hash-differs';
    const hash = createHash(algorithm);
    for await (const piece of streamOf(this.#opened, sealed)) hash.update(piece as Buffer);
    return hash.digest('hex') === stated ? 'matched' : 'hash-differs';
  }
}

/** What became of a row, by its names and by what is wrong with the row itself. */
export function rowOutcome(names: readonly Judged[], wrong: readonly EntryOutcome[]): EntryOutcome {
  const none: EntryOutcome[] = names.length === 0 ? ['names-no-file'] : [];
  const all = new Set<EntryOutcome>([...wrong, ...none, ...names.map(({ outcome }) => outcome)]);
  return entryOutcomes.find((one) => all.has(one))!;
}
