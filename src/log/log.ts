// The log of a case: the only way anything is written down. Records are signed, committed in turns that two writers can
// never both win, carried into tiles, bound by a signed checkpoint, and projected into the index.
import { randomBytes } from 'node:crypto';
import {
  checkpointText,
  commitPath,
  cosignNote,
  Edge,
  entryBytes,
  equalBytes,
  formatCommit,
  formatKeyChange,
  FormatError,
  issueRecord,
  keyChangePath,
  KeyHistory,
  noteKey,
  readKeyChanges,
  parseCommit,
  leafHash,
  signNote,
  toBase64,
  type CaseFile,
  type Checkpoint,
  type Commit,
  type FileCitation,
  type IssuedRecord,
  type NoteKey,
  type RecordFields,
} from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Folder } from '../store/folder.ts';
import type { IndexDatabase } from '../store/index-database.ts';
import type { CaseKeys, KeyRing } from './keys.ts';
import { loggedRecord, type LoggedRecord } from './logged.ts';
import {
  makeTables,
  projectionVersion,
  projectRecords,
  readProjected,
  type Projected,
  type Projection,
} from './projection.ts';
import { replay } from './replay.ts';
import { moveToBlobs } from './values.ts';
import { carryCommit, readEdge, subtreeRoots, newestCommit } from './tiles.ts';

/** Who does an act: a person's working name for this case, and the program that did it for them. */
export interface Actor {
  name: string;
  tool: string;
  version: string;
  /** Kinds that this actor may not cause are refused, whatever the program asks in their name. Absent: all. */
  mayCause?(kind: string): boolean;
}

/** A record before it is signed. `undefined` members are left out; at most nine beside kind, at and actor. */
export interface Draft {
  kind: string;
  handle?: string;
  refs?: Record<string, string | string[]>;
  files?: Record<string, FileCitation>;
  [field: string]: Json | undefined | Record<string, FileCitation>;
}

/** A writer's turn: the log stands still at `size`, and the index has caught up with it. */
export interface Turn {
  size: number;
  /** The next name in a series: next('E') -> 'E-00412'. */
  next(prefix: string): string;
  /** Signs a record and gives its id, so that later records of the turn can cite it. */
  add(draft: Draft): string;
  /**
   * These keys are in force from the next record on. To be called once, in a turn that adds one record, which names them;
   * they must be durable before: from the commit on nobody can do without.
   */
  changeKeys(next: CaseKeys): void;
}

export interface LogParts {
  folder: Folder;
  caseFile: CaseFile;
  /** Absent: the log can be read, not written. */
  keys?: KeyRing;
  index: IndexDatabase;
  projections: readonly Projection[];
  clock?: () => Date;
  random?: (length: number) => Uint8Array;
}

/** What a turn has added, signed and not yet written. */
interface Drafted {
  turn: Turn;
  records: IssuedRecord[];
  /** What each record says, large values included. */
  whole: RecordFields[];
  /** Large values, by the path they will lie at. */
  blobs: Map<string, Uint8Array>;
  /** The keys that come with this turn. */
  next: CaseKeys | null;
}

const handleWidths: Record<string, number> = { E: 5, D: 5 };

/** Opened by `openLog`; several may be open on one case, in several processes. */
export class CaseLog {
  readonly #parts: LogParts & Required<Pick<LogParts, 'clock' | 'random'>>;
  #edge: Edge | null = null;
  #projected: Projected | null = null;
  #checkpoint: Checkpoint | null = null;
  readonly #history: KeyHistory;
  /** Those in force, opened. */
  #keys: CaseKeys | null = null;
  /** Carried commits that still hold their records: made short together with the next, which saves two waits for the disk. */
  #unsettled: { path: string; bytes: string }[] = [];
  #queue: Promise<unknown> = Promise.resolve();

  constructor(parts: LogParts) {
    this.#parts = { ...parts, clock: parts.clock ?? (() => new Date()), random: parts.random ?? randomBytes };
    this.#history = new KeyHistory(parts.caseFile);
  }

  /** The checkpoint that this process last saw; null before the first record. */
  get checkpoint(): Checkpoint | null {
    return this.#checkpoint;
  }

  /** The keys of the case over time, as this process last saw them. */
  get history(): KeyHistory {
    return this.#history;
  }

  get size(): number {
    return this.#checkpoint?.size ?? 0;
  }

  /** The highest number given in a series of handles, as of the last projection. */
  get counters(): Readonly<Record<string, number>> {
    return this.#projected?.counters ?? {};
  }

  /**
   * Appends what `write` adds in one turn, all or nothing. `write` runs again, on newer state, where another writer was
   * first. Resolves when the records are sealed (under a signed checkpoint, durable) and projected.
   */
  async append(actor: Actor, write: (turn: Turn) => void | Promise<void>): Promise<LoggedRecord[]> {
    return this.#inTurn(async () => {
      for (let attempt = 0; ; attempt++) {
        while (this.#edge === null) await this.#synchronise();
        const drafted = this.#turn(actor);
        await write(drafted.turn);
        if (drafted.records.length === 0) return [];
        if (drafted.next !== null && drafted.records.length > 1) throw new Error('keys change in a turn of one record');
        const logged = await this.#commit(drafted);
        if (logged !== null) return logged;
        // Another writer won: read what it wrote and ask again. The pause keeps many writers from moving in step.
        this.#edge = null;
        await new Promise((done) => setTimeout(done, Math.random() * Math.min(5 * 2 ** attempt, 200)));
      }
    });
  }

  /** Finishes what a crash left, and brings the index up to the newest checkpoint. Appends nothing. */
  async catchUp(): Promise<void> {
    await this.#inTurn(() => this.#synchronise());
  }

  /**
   * Drops the case's schema and makes it again from the folder alone. Fault('index-foreign'), with the schema as it was,
   * where it holds records that are not in this folder: they may be nowhere else.
   */
  async rebuild(progress?: (done: number, total: number) => void): Promise<void> {
    await this.#inTurn(async () => {
      await this.#readHead();
      const client = await this.#parts.index.pool.connect();
      try {
        await this.#refuseForeign(await readProjected(client));
      } finally {
        client.release();
      }
      await this.#parts.index.dropSchema();
      this.#projected = null;
      await this.#synchronise(progress);
    });
  }

  /** Records `from` .. `to`-1 (to the end by default), from the folder. */
  read(from: number, to = this.size): AsyncGenerator<LoggedRecord> {
    return replay(this.#parts.folder, this.#history, from, to);
  }

  /** Leaves of the last commits only their checkpoints, as of all before. Called at the end of a command. */
  async settle(): Promise<void> {
    await this.#inTurn(async () => this.#parts.folder.write(this.#unsettled.splice(0)));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => {});
    return turn;
  }

  #turn({ mayCause, ...actor }: Actor): Drafted {
    const { clock, random } = this.#parts;
    const keys = this.#keys;
    if (keys === null) {
      throw new Fault('wrong-key', {
        what: 'This home holds no key of the case, so nothing can be added to its log.',
        next: 'set DALIL_HOME to the home in which the case was made',
      });
    }
    const counters = { ...this.#projected?.counters };
    const records: IssuedRecord[] = [];
    const whole: RecordFields[] = [];
    const blobs = new Map<string, Uint8Array>();
    const { kid } = this.#history.current.records;
    const drafted: Omit<Drafted, 'turn'> = { records, blobs, whole, next: null };
    const turn: Turn = {
      size: this.size,
      next: (prefix) => {
        const number = (counters[prefix] = (counters[prefix] ?? 0) + 1);
        return `${prefix}-${String(number).padStart(handleWidths[prefix] ?? 4, '0')}`;
      },
      add: (draft) => {
        const { kind, ...rest } = draft;
        if (mayCause?.(kind) === false) {
          throw new Fault('no-permission', {
            what: 'Your roles in this case do not allow this act.',
            next: 'ask an administrator of this case',
          });
        }
        const fields: RecordFields = { kind, at: clock().toISOString(), actor, ...rest };
        whole.push({ ...fields });
        moveToBlobs(fields, blobs);
        const issued = issueRecord(fields, kid, random, (message) => keys.records.sign(message));
        records.push(issued);
        return issued.id;
      },
      changeKeys: (next) => {
        drafted.next = next;
      },
    };
    return Object.assign(drafted, { turn });
  }

  async #commit({ records, blobs, whole, next }: Drafted): Promise<LoggedRecord[] | null> {
    const { folder } = this.#parts;
    const before = this.#edge!;
    const after = before.copy();
    for (const record of records) after.push(record.leaf);
    const note = this.#sign(after, next);
    const text = new TextDecoder();
    const commit: Commit = {
      from: before.size,
      entries: records.map((record) => text.decode(record.entry)),
      openings: records.map((record) => record.openings),
      note,
    };
    // Crash point: blobs that no record cites yet. They are found by content when the act is done again.
    if (blobs.size > 0) await folder.write([...blobs].map(([path, bytes]) => ({ path, bytes })));
    if (!(await folder.create(commitPath(before.size), formatCommit(commit)))) return null;
    // Crash point: the turn is won and its records are durable; whoever opens the case next carries them on.
    const sealed = this.#open(note);
    const edge = await carryCommit(folder, commit, before, [...this.#unsettled.splice(0), ...this.#keyChange(note)]);
    if (next !== null) await this.#takeKeys();
    this.#unsettled.push({ path: commitPath(before.size), bytes: note });
    if (edge === null) return this.#foundCarried(before.size, records.length, whole, records);
    this.#edge = edge;
    this.#checkpoint = sealed;
    const logged = records.map((record, i) => loggedRecord(before.size + i, record.id, whole[i]!));
    await this.#project(logged, toBase64(edge.root()));
    // The index was still behind: another writer has won before us, and not yet projected what it wrote.
    if (this.#edge === null) await this.#synchronise();
    return logged;
  }

  /** The checkpoint after a turn; where the keys change with it, it names the new ones and is signed by both. */
  #sign(edge: Edge, next: CaseKeys | null): string {
    const { origin } = this.#parts.caseFile;
    const signed = (key: NoteKey, extension: string) =>
      signNote(checkpointText(origin, edge.size, edge.root(), extension), key, (message) =>
        this.#keys!.checkpoints.sign(message),
      );
    if (next === null) return signed(this.#history.current.checkpoints, '');
    const key = noteKey(origin, next.checkpoints.raw);
    const note = signed(this.#history.current.checkpoints, formatKeyChange(next.records.raw, key));
    return cosignNote(note, key, (message) => next.checkpoints.sign(message));
  }

  /** The copy of a checkpoint that changed the keys: laid out before `log/checkpoint`, so that a reader finds it. */
  #keyChange(note: string): { path: string; bytes: string }[] {
    const { n, note: change } = this.#history.current;
    return change === note ? [{ path: keyChangePath(n), bytes: note }] : [];
  }

  /** Opens the keys in force, where this log is written to: another writer may have changed them. */
  async #takeKeys(): Promise<void> {
    this.#keys = (await this.#parts.keys?.(this.#history.current)) ?? null;
  }

  /** A checkpoint of this log, newer than or as old as what was read so far; one that changes the keys is followed. */
  #open(note: string): Checkpoint {
    try {
      return this.#history.open(note);
    } catch (error) {
      throw damaged(error instanceof FormatError ? error.message : 'its checkpoint cannot be read', error);
    }
  }

  /** Our commit was carried on by another process before we could: it stands, so read where the log is now. */
  async #foundCarried(
    from: number,
    count: number,
    whole: RecordFields[],
    records: IssuedRecord[],
  ): Promise<LoggedRecord[]> {
    await this.#synchronise();
    if (this.size < from + count) throw damaged('a commit was won, but its records are not in the log');
    return records.map((record, i) => loggedRecord(from + i, record.id, whole[i]!));
  }

  async #synchronise(progress?: (done: number, total: number) => void): Promise<void> {
    await this.#readHead();
    await this.#takeKeys();
    const { index, projections, folder } = this.#parts;
    await index.createSchema();
    const client = await index.pool.connect();
    try {
      await client.query('begin');
      // One process makes or moves the tables at a time; the others wait here.
      await client.query('select pg_advisory_xact_lock(hashtext($1))', [index.schema]);
      let projected = await readProjected(client);
      // Before anything is dropped: what an index of another line of history holds may be nowhere else.
      await this.#refuseForeign(projected);
      if (projected !== null && projected.version !== projectionVersion(projections)) {
        // The index of an older or newer program: made again, as every change of its shape is.
        await client.query(`drop schema ${quoteName(index.schema)} cascade; create schema ${quoteName(index.schema)}`);
        projected = null;
      }
      if (projected === null) {
        await makeTables(client, projections);
        projected = (await readProjected(client))!;
      }
      await client.query('commit');
      this.#projected = projected;
      const total = this.size;
      while (this.#projected.size < total) {
        const from: number = this.#projected.size;
        const to = Math.min(total, from + 2048);
        const records: LoggedRecord[] = [];
        for await (const record of replay(folder, this.#history, from, to)) records.push(record);
        await this.#project(records, toBase64(await subtreeRoots(folder, total)(0, to)));
        progress?.(this.#projected.size, total);
      }
    } catch (error) {
      await client.query('rollback').catch(() => {});
      throw error;
    } finally {
      client.release();
    }
  }

  /** The index must have been made from a prefix of this very log: a copy put back, or forked, is not. */
  async #refuseForeign(projected: Projected | null): Promise<void> {
    if (projected === null || projected.size === 0) return;
    const { folder } = this.#parts;
    // Another writer may have gone on, and projected, since we read the head.
    if (projected.size > this.size) await this.#readHead();
    const same =
      projected.size <= this.size &&
      toBase64(await subtreeRoots(folder, this.size)(0, projected.size)) === projected.root;
    if (same) return;
    throw new Fault('index-foreign', {
      what: 'The index holds records that are not in this case folder: the folder is an older copy, or another line of history.',
      expected: `an index made from at most ${this.size} records of this log`,
      got: `an index of ${projected.size} records`,
      next: 'compare with a checkpoint you wrote down; then `dalil rebuild` makes an index of its own for this folder',
    });
  }

  /** Reads the newest checkpoint; carries on what was won and not finished. */
  async #readHead(): Promise<void> {
    const { folder } = this.#parts;
    for (let attempt = 0; ; attempt++) {
      const bytes = await folder.read('log/checkpoint');
      // Read after the checkpoint: a change that it needs was laid out before it.
      const stopped = await readKeyChanges((path) => folder.read(path), this.#history);
      if (stopped !== null)
        throw damaged(`a change of its keys does not hold: ${stopped.error.message}`, stopped.error);
      let checkpoint = bytes === null ? null : this.#open(new TextDecoder().decode(bytes));
      let edge = await readEdge(folder, checkpoint?.size ?? 0);
      if (edge !== null && checkpoint !== null && !equalBytes(edge.root(), checkpoint.root)) {
        throw damaged('the tiles do not give the root that the checkpoint signs');
      }
      while (edge !== null) {
        const next = await folder.read(commitPath(edge.size));
        if (next === null) break;
        const commit = readCommit(new TextDecoder().decode(next));
        if ('entries' in commit) {
          this.#checkCommit(commit, edge);
          edge = await carryCommit(folder, commit, edge, this.#keyChange(commit.note));
          // Only what is carried may be made short: until then the commit is the one place of its records.
          if (edge !== null) this.#unsettled.push({ path: commitPath(commit.from), bytes: commit.note });
        } else {
          // Carried already; a process that stood still for long has put an older checkpoint over the newer one.
          await folder.write([{ path: 'log/checkpoint', bytes: commit.note }]);
          edge = await readEdge(folder, this.#open(commit.note).size);
        }
        checkpoint = this.#open(commit.note);
      }
      if (edge !== null) {
        this.#edge = edge;
        this.#checkpoint = checkpoint;
        await this.#takeOverUnsettled(edge.size);
        return;
      }
      // A tile was replaced between our reading its name and its bytes: another writer has moved on. Read again.
      if (attempt > 20) throw damaged('tiles that the checkpoint needs are missing');
      await new Promise((done) => setTimeout(done, 5 * attempt));
    }
  }

  /** A commit that another process won is carried on only if it is this case's and leads to the root that it signs. */
  #checkCommit(commit: Commit, before: Edge): void {
    const { size, root } = this.#open(commit.note);
    const edge = before.copy();
    for (const entry of commit.entries) edge.push(leafHash(entryBytes(entry)));
    if (commit.from !== before.size || size !== edge.size || !equalBytes(root, edge.root())) {
      throw damaged('a commit does not lead from the log to the root that it signs');
    }
  }

  /** A process killed between carrying its last commit and making it short has left its openings there: this one ends it. */
  async #takeOverUnsettled(size: number): Promise<void> {
    const { folder, keys } = this.#parts;
    if (keys === undefined) return;
    const from = await newestCommit(folder, size);
    const bytes = from === null ? null : await folder.read(commitPath(from));
    if (from === null || bytes === null) return;
    const commit = readCommit(new TextDecoder().decode(bytes));
    const path = commitPath(from);
    if ('entries' in commit && !this.#unsettled.some((one) => one.path === path)) {
      this.#unsettled.push({ path, bytes: commit.note });
    }
  }

  async #project(records: LoggedRecord[], root: string): Promise<void> {
    const { index, projections } = this.#parts;
    const client = await index.pool.connect();
    let behind = false;
    try {
      await client.query('begin');
      const projected = await readProjected(client, true);
      if (projected === null) {
        throw new Fault('locked', {
          what: 'Another process is making the index of this case again.',
          next: 'wait for it to end, and run the same command again: what was sealed is kept',
        });
      }
      if (projected.size === records[0]!.position) {
        this.#projected = await projectRecords(client, projections, projected, records, root);
      } else {
        // Another process has projected these already, or it is still behind.
        this.#projected = projected;
        behind = projected.size < records[0]!.position;
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => {});
      this.#edge = null;
      throw error;
    } finally {
      client.release();
    }
    if (behind || this.#projected.size < records.at(-1)!.position + 1) this.#edge = null;
  }
}

function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function damaged(why: string, cause?: unknown): Fault {
  return new Fault('case-damaged', {
    what: `The log is damaged: ${why}.`,
    next: 'run `dalil verify`, and restore the folder from a copy',
    cause,
  });
}

function readCommit(text: string): Commit | { note: string } {
  try {
    return parseCommit(text);
  } catch (error) {
    throw damaged('a commit is not whole', error);
  }
}
