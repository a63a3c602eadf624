// What a check makes of the keys of a case: reads the changes laid out, falls back on the commits where one is missing or
// altered, holds the records of changes against them, and says what a revocation leaves standing.
import { toBase64url } from '#engine';
import type { CaseFile } from './case-file.ts';
import { commitPath, parseCommit } from './commit.ts';
import type { Files, Report } from './files.ts';
import type { Findings } from './findings.ts';
import { keyChangePath, KeyHistory, type KeyPeriod } from './keys.ts';
import { formatNoteKey, openCheckpoint, type Checkpoint } from './note.ts';
import { FormatError } from './problem.ts';
import type { RecordFields } from './record.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });

/** What a `seal.revocation` says, and where. */
interface Revocation {
  where: string;
  position: number;
  n: number;
  reason: string;
  since: string | null;
}

/** One for each check. */
export class KeysCheck {
  readonly history: KeyHistory;
  readonly #files: Files;
  readonly #findings: Findings;
  readonly #below: string;
  /** Changes of whose copy it was said already what is wrong with it. */
  readonly #told = new Set<number>();
  /** Size -> the checkpoint by which a commit of the chain changes the keys. */
  readonly #committed = new Map<number, string>();
  readonly #revocations: Revocation[] = [];
  /** Position -> when it says that it was written, of records that change the keys. */
  readonly #changed = new Map<number, string>();

  constructor(card: CaseFile, files: Files, findings: Findings) {
    this.history = new KeyHistory(card);
    this.#files = files;
    this.#findings = findings;
    this.#below = findings.kind === 'case' ? 'log/keys' : 'data/keys';
  }

  path(n: number): string {
    return keyChangePath(n, this.#below);
  }

  /** Reads the changes as they are laid out, up to the first that does not hold. To be called after the newest checkpoint was read. */
  async read(): Promise<void> {
    for (;;) {
      const n = this.history.periods.length;
      const bytes = await this.#files.read(this.path(n));
      if (bytes === null) return;
      if (this.#findings.attempt(this.path(n), () => this.history.follow(text.decode(bytes))) === null) {
        this.#told.add(n);
        return;
      }
    }
  }

  /** A signed checkpoint; where changes are missing that it needs, they are looked for among the commits. */
  async openNewest(note: string): Promise<Checkpoint> {
    try {
      return openCheckpoint(note, this.history);
    } catch (error) {
      if (!(error instanceof FormatError)) throw error;
      await this.#followCommits();
      return openCheckpoint(note, this.history);
    }
  }

  /** A checkpoint of the chain of commits, in order: one that changes the keys is followed. Throws FormatError. */
  open(note: string): Checkpoint {
    const checkpoint = this.history.open(note);
    if (this.history.changeAt(checkpoint.size) !== null) this.#committed.set(checkpoint.size, note);
    return checkpoint;
  }

  async #followCommits(): Promise<void> {
    for (let size = this.history.current.from; ;) {
      const bytes = await this.#files.read(commitPath(size));
      if (bytes === null) return;
      try {
        const next = this.open(parseCommit(text.decode(bytes)).note).size;
        if (next <= size) return;
        size = next;
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        return;
      }
    }
  }

  /** An entry, by the key in force at its position. Throws FormatError. */
  openEntry(entry: Uint8Array, position: number): string[] {
    return this.history.openEntry(entry, position);
  }

  /** To be called with every record in the order of the log. */
  see(where: string, position: number, said: RecordFields): void {
    const period = this.history.changeAt(position + 1);
    // In a bundle fields may be withheld: what is disclosed must fit.
    const withheld = this.#findings.kind === 'bundle' && said.kind === undefined;
    if (said.kind === 'seal.keys' || (period !== null && !withheld)) {
      if (period === null) this.#wrong(where, 'a record speaks of new keys, and no checkpoint changes to them');
      else if (!namesKeys(said, period, this.#findings.kind === 'case'))
        this.#wrong(where, 'keys change here, and the record names others, or none');
      if (typeof said.at === 'string') this.#changed.set(position, said.at);
    }
    if (said.kind !== 'seal.revocation') return;
    const { key, reason, since } = said as { key?: unknown; reason?: unknown; since?: unknown };
    const revoked = this.history.periods.find(({ n }) => n === key);
    const next = this.history.periods.find(({ n }) => n === Number(key) + 1);
    if (revoked === undefined || next === undefined || next.from > position) {
      this.#wrong(where, 'it revokes a key that was still in force, or that the case never had');
      return;
    }
    const told = typeof since === 'string' ? since : null;
    this.#revocations.push({ where, position, n: revoked.n, reason: String(reason), since: told });
  }

  #wrong(where: string, message: string): void {
    this.#findings.problem('key-change', where, message);
  }

  /**
   * At the end of a case: every change under the newest checkpoint is laid out, byte for byte, and is one of the commits.
   * Gives the paths that were accounted for.
   */
  async laidOut(size: number, chainWhole: boolean): Promise<string[]> {
    const paths: string[] = [];
    for (const { n, from, note } of this.history.periods.slice(1)) {
      const path = this.path(n);
      paths.push(path);
      const bytes = await this.#files.read(path);
      if (bytes === null && from <= size) {
        this.#findings.problem('file-missing', path, 'the checkpoint of a change of keys is missing here');
      } else if (bytes !== null && text.decode(bytes) !== (this.#committed.get(from) ?? note) && !this.#told.has(n)) {
        this.#findings.problem('file-altered', path, 'it is not the checkpoint that changed the keys');
      } else if (chainWhole && !this.#committed.has(from)) {
        this.#findings.problem('key-change', path, 'no commit of the log changes the keys so');
      }
    }
    // One that could not be followed, nor found among the commits, was named when it was read.
    return [...paths, ...[...this.#told].map((n) => this.path(n))];
  }

  /** What each revocation leaves standing, as notes. `tokens` are those that hold; null where none could be judged. */
  revocations(size: number, tokens: NonNullable<Report['timestamps']>['tokens'] | null): void {
    for (const { where, n, reason, since } of this.#revocations) {
      const { from } = this.history.periods[n]!;
      const to = Math.min(this.history.periods[n + 1]!.from, size);
      const [records, last] = [to - from, to - 1];
      if (reason !== 'compromised') {
        this.#findings.note(
          where,
          `${records} records (${from} to ${last}) are signed by the revoked key ${n}; it was not stolen, and they stand`,
        );
      } else {
        this.#findings.note(
          where,
          `${records} records (${from} to ${last}) are signed by the revoked key ${n}, which was stolen`,
        );
        this.#standing(where, n, from, to, since, tokens);
      }
    }
  }

  /** Of the records under a stolen key: those that something from before the theft binds, and those that rest on it alone. */
  #standing(
    where: string,
    n: number,
    from: number,
    to: number,
    since: string | null,
    tokens: NonNullable<Report['timestamps']>['tokens'] | null,
  ): void {
    if (since === null) {
      this.#findings.note(where, 'since when is not known: nothing but the key itself shows that they are older');
      return;
    }
    const before = (tokens ?? []).filter(({ genTime }) => genTime < since);
    const bound = Math.min(to, Math.max(from, ...before.map(({ checkpoint }) => checkpoint.size)));
    if (bound > from) {
      const [count, last] = [bound - from, bound - 1];
      this.#findings.note(where, `${count} (${from} to ${last}) are bound by a timestamp from before ${since}`);
    }
    // Unless it was stolen too, the later key vouches for the day on which the stolen one was laid aside.
    const later = this.#revocations.some((one) => one.n === n + 1 && one.reason === 'compromised');
    const retired = later ? undefined : this.#changed.get(this.history.periods[n + 1]!.from - 1);
    if (bound < to) {
      const [count, last] = [to - bound, to - 1];
      if (retired !== undefined && retired < since) {
        this.#findings.note(
          where,
          `${count} (${bound} to ${last}) are bound by the later key, whose record of ${retired} is from before ${since}`,
        );
      } else {
        this.#findings.note(
          where,
          `of ${count} (${bound} to ${last}) nothing but the key itself shows that they are from before ${since}`,
        );
      }
    }
    if (tokens === null) this.#findings.note(where, 'timestamps were not judged here');
  }
}

/** Whether the record of a change names the very keys that its checkpoint brings. */
function namesKeys({ kind, recordKey, checkpointKey }: RecordFields, period: KeyPeriod, whole: boolean): boolean {
  const is = (value: unknown, due: string) => value === due || (value === undefined && !whole);
  return (
    kind === 'seal.keys' &&
    is(recordKey, toBase64url(period.records.raw)) &&
    is(checkpointKey, formatNoteKey(period.checkpoints))
  );
}
