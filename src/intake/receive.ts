// Receiving a delivery: walk, copy, hash, write down, reconcile. Every file found gets one receipt; a crash at any moment
// costs the turn under way, and the same command goes on from there.
import { join } from 'node:path';
import { citedPath, type FileCitation } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { Reconciliation } from '../case/views.ts';
import type { OpenCase } from '../log/case.ts';
import type { Draft, Turn } from '../log/log.ts';
import { inOrder } from '../store/in-order.ts';
import { openOriginals, type Originals } from '../store/originals.ts';
import { refuseOwnFolder, settleAccession, type Accession } from './accession.ts';
import { readMembers } from './archive.ts';
import { copyWindow, createCopier, type Copier, type CopyOutcome } from './copy.ts';
import { defaultLimits, type ArchiveLimits, type Member } from './member.ts';
import type { IntakeTables } from './project.ts';
import { intakeProblems } from './queries.ts';
import { pathBytes, type ReceivedPath, receivedPath } from './received-path.ts';
import { signReconciliation } from './reconciliation.ts';
import { walk, type Found } from './walk.ts';

export interface ReceiveOptions {
  /** Folders and files, absolute. */
  roots: readonly string[];
  /** The source's pseudonym. */
  source: string;
  /** Go on with this accession, wherever its files lie now. */
  accession?: string;
  /** Read again also what has the size and time that its receipt gives. */
  reread?: boolean;
  limits?: ArchiveLimits;
  signal?: AbortSignal;
  progress?: Progress;
}

export interface Received {
  /** A-0001 */
  accession: string;
  reconciliation: Reconciliation;
  problems: { path: string; code: string; message: string }[];
}

/** Receipts a turn: at 55,000 files the cost of 55 commits is about a second. */
const turnSize = 1024;

/** Receives what is new under the roots. Throws Fault('not-closed'), ('cancelled'), ('input-unreadable'), ('disk-full')… */
export async function receive(opened: OpenCase, options: ReceiveOptions): Promise<Received> {
  await refuseOwnFolder(options.roots, opened.folder.path);
  const accession = await settleAccession(opened, options);
  const originals = await openOriginals(join(opened.folder.path, 'originals'));
  const run = new Receiving(opened, options, accession, originals);
  try {
    await run.files();
    await run.archives();
  } finally {
    await run.close();
  }
  const reconciliation = await signReconciliation(opened, accession, run.seen);
  const index = opened.index.kysely<IntakeTables>();
  return { accession: accession.handle, reconciliation, problems: await intakeProblems(index, accession.handle) };
}

/** One file on its way in: where it stood, and what became of it. */
interface Arrival {
  path: ReceivedPath;
  root: number;
  depth: number;
  /** Position in the archive, or -1. */
  member: number;
  size: number | null;
  modified: string | null;
  outcome: CopyOutcome;
}

/** Bytes that a deaccession has destroyed come back in a delivery: they are accounted for, and not kept again. */
const destroyedBefore: CopyOutcome = {
  state: 'refused',
  reason: 'destroyed',
  message: 'The same bytes were destroyed under a deaccession, and are not kept again.',
};

/** What the index knows of a place. */
interface Known {
  root: number;
  path: string;
  path_bytes: string;
  member: number;
  state: string;
  sha256: string | null;
  size: number | null;
  modified: string | null;
  reason: string | null;
}

const placeOf = (root: number, path: string, bytes: string, member: number): string =>
  JSON.stringify([root, path, bytes, member]);
/** PostgreSQL's text holds no NUL, so the index knows such a path by its replacement. */
const indexed = (path: string): string => path.replaceAll('\0', '\ufffd');

class Receiving {
  readonly #opened: OpenCase;
  readonly #options: ReceiveOptions;
  readonly #accession: Accession;
  readonly #originals: Originals;
  readonly #copier: Copier;
  #arrivals: Arrival[] = [];
  #container: { id: string } | null = null;
  #done = 0;
  #bytes = 0;
  #total: number | undefined;
  /** Files found outside archives in this run. */
  seen = 0;

  constructor(opened: OpenCase, options: ReceiveOptions, accession: Accession, originals: Originals) {
    this.#opened = opened;
    this.#options = options;
    this.#accession = accession;
    this.#originals = originals;
    this.#copier = createCopier({ originals });
  }

  close(): Promise<void> {
    return this.#copier.close();
  }

  /** Everything below the roots that is not known yet. */
  async files(): Promise<void> {
    void this.#count();
    try {
      for await (const arrival of inOrder(this.#unknown(), copyWindow, (found: Found) => this.#copy(found))) {
        await this.#arrived(arrival);
      }
    } finally {
      // Also where the person cancels: what was copied is written down.
      await this.#seal();
    }
  }

  /** How many there are, while they are already being received: only for the progress line. */
  async #count(): Promise<void> {
    let total = 0;
    try {
      for await (const _ of walk(this.#options.roots, this.#signal())) total++;
      this.#total = total;
    } catch {
      // The walk that receives says what is wrong.
    }
  }

  #signal(): { signal?: AbortSignal } {
    return this.#options.signal === undefined ? {} : { signal: this.#options.signal };
  }

  async #copy(found: Found): Promise<Arrival> {
    const outcome = await this.#copier.copy(found);
    const { path, root, size, modified } = found;
    return {
      path,
      root,
      depth: 0,
      member: -1,
      size: outcome.state === 'had' ? outcome.size : size,
      modified: outcome.state === 'had' ? outcome.modified : modified,
      outcome,
    };
  }

  async *#unknown(): AsyncGenerator<Found> {
    let some: Found[] = [];
    for await (const found of walk(this.#options.roots, this.#signal())) {
      this.seen++;
      some.push(found);
      if (some.length === turnSize) yield* await this.#withoutKnown(some.splice(0));
    }
    yield* await this.#withoutKnown(some);
  }

  async #withoutKnown(some: readonly Found[]): Promise<Found[]> {
    if (some.length === 0) return [];
    const known = await this.#known(
      some.map(({ path }) => path.text),
      null,
    );
    return some.filter(({ root, path, size, modified, kind }) => {
      const receipts = known.get(placeOf(root, indexed(path.text), path.bytes ?? '', -1)) ?? [];
      const had = receipts.some(
        (receipt) => receipt.state !== 'quarantined' && receipt.size === size && receipt.modified === modified,
      );
      const isKnown = kind === 'file' ? had && this.#options.reread !== true : receipts.length > 0;
      if (isKnown) this.#tell(1, 0);
      return !isKnown;
    });
  }

  /** Receipts of this accession at these paths, by place. */
  async #known(paths: readonly string[], container: string | null): Promise<Map<string, Known[]>> {
    const { rows } = await this.#opened.index.pool.query<Known>(
      `select r.root, r.path, r.path_bytes, r.member, r.state, i.sha256, r.size, r.modified, r.reason
       from receipt r left join item i on i.handle = r.item left join item c on c.handle = r.container
       where r.accession = $1 and r.path = any($2) and c.id is not distinct from $3`,
      [this.#accession.handle, paths.map(indexed), container],
    );
    const known = new Map<string, Known[]>();
    for (const row of rows) {
      const place = placeOf(row.root, row.path, row.path_bytes, row.member);
      known.set(place, [...(known.get(place) ?? []), row]);
    }
    return known;
  }

  async #arrived(arrival: Arrival): Promise<void> {
    this.#arrivals.push(arrival);
    this.#tell(1, arrival.outcome.state === 'had' ? arrival.outcome.size : 0);
    if (this.#arrivals.length >= turnSize) await this.#seal();
  }

  #tell(files: number, bytes: number): void {
    this.#done += files;
    this.#bytes += bytes;
    const total = this.#total === undefined || this.#total < this.#done ? {} : { total: this.#total };
    this.#options.progress?.({ stage: 'intake', done: this.#done, bytes: this.#bytes, ...total });
  }

  /** Originals durable under their names, then the records that speak of them: never the other way round. */
  async #seal(): Promise<void> {
    const arrivals = this.#arrivals.splice(0);
    if (arrivals.length === 0) return;
    await this.#originals.settle();
    const container = this.#container?.id ?? null;
    const { log, actor, index } = this.#opened;
    let destroyed: string[] = [];
    await log.append(actor, async (turn) => {
      const known = await this.#known(
        arrivals.map(({ path }) => path.text),
        container,
      );
      const hashes = arrivals.flatMap(({ outcome }) => (outcome.state === 'had' ? [outcome.sha256] : []));
      const { rows } = await index.pool.query<{ sha256: string; id: string; destroyed: boolean }>(
        'select sha256, id, destroyed is not null as destroyed from item where sha256 = any($1)',
        [hashes],
      );
      const items = new Map(rows.map(({ sha256, ...item }) => [sha256, item]));
      destroyed = rows.filter((row) => row.destroyed).map(({ sha256 }) => sha256);
      for (const arrival of arrivals) this.#writeDown(turn, arrival, container, known, items);
    });
    // Crash point: said to be destroyed, and here again. The next command that writes removes them.
    for (const sha256 of destroyed) await this.#originals.remove(sha256);
  }

  #writeDown(
    turn: Turn,
    arrival: Arrival,
    container: string | null,
    known: Map<string, Known[]>,
    items: Map<string, { id: string; destroyed: boolean }>,
  ): void {
    const { path, root, depth, member, modified, size } = arrival;
    const receipts = known.get(placeOf(root, indexed(path.text), path.bytes ?? '', member)) ?? [];
    const had = receipts.filter(({ state }) => state !== 'quarantined');
    const came = arrival.outcome.state === 'had' ? arrival.outcome.sha256 : null;
    if (came !== null && had.some(({ sha256 }) => sha256 === came)) return;
    const item = came === null ? undefined : items.get(came);
    const outcome = item?.destroyed === true ? destroyedBefore : arrival.outcome;
    const refs: Record<string, string> = { accession: this.#accession.id };
    if (container !== null) refs['container'] = container;
    const place: Omit<Draft, 'kind'> = {
      path: path.text,
      ...(path.bytes === null ? {} : { pathBytes: path.bytes }),
      within: member < 0 ? { root, depth } : { root, depth, member },
      modified,
      source: this.#accession.source,
    };
    if (outcome.state === 'refused') {
      // What was had before stays had; what was refused for the same reason is known.
      if (had.length > 0 || receipts.some(({ reason }) => reason === outcome.reason)) return;
      const { reason, message } = outcome;
      turn.add({
        kind: 'intake.quarantine',
        handle: turn.next('Q'),
        ...place,
        refused: { reason, message, size },
        refs: item === undefined ? refs : { ...refs, destroyed: item.id },
      });
      return;
    }
    const original: FileCitation = { store: 'originals', sha256: outcome.sha256, size: outcome.size };
    if (item === undefined) {
      const { archive } = outcome;
      const id = turn.add({
        kind: 'intake.item',
        handle: turn.next('E'),
        ...place,
        archive,
        refs,
        files: { original },
      });
      items.set(outcome.sha256, { id, destroyed: false });
    } else {
      turn.add({
        kind: 'intake.duplicate',
        handle: turn.next('D'),
        ...place,
        refs: { ...refs, item: item.id },
        files: { original },
      });
    }
  }

  /** Archives among the sealed items that were not read yet, outer ones first; each content is opened once. */
  async archives(): Promise<void> {
    for (;;) {
      const { rows } = await this.#opened.index.pool.query<Archive>(
        `select i.id, i.sha256, i.size, i.path, i.root, i.depth, i.archive, r.path_bytes as bytes from item i
         join receipt r on r.handle = i.handle left join opened o on o.item = i.handle
         where i.accession = $1 and i.archive is not null and i.destroyed is null and o.item is null order by i.depth, i.position limit 64`,
        [this.#accession.handle],
      );
      if (rows.length === 0) return;
      for (const archive of rows) await this.#open(archive);
    }
  }

  async #open(archive: Archive): Promise<void> {
    const { log, actor, folder } = this.#opened;
    const limits = this.#options.limits ?? defaultLimits;
    const refs = { accession: this.#accession.id, container: archive.id };
    if (archive.depth >= limits.nesting) {
      const message = `The archive lies in ${archive.depth} others: it is sealed, and not opened.`;
      await log.append(actor, (turn) => {
        turn.add({ kind: 'intake.opened', refs, members: 0, problems: [{ code: 'nested-too-deep', message }] });
      });
      return;
    }
    this.#container = archive;
    const file = join(folder.path, citedPath({ store: 'originals', sha256: archive.sha256, size: archive.size }));
    const members = readMembers(file, archive.archive, limits);
    const known = await this.#membersOf(archive.id);
    try {
      for await (const member of members) {
        this.#options.signal?.throwIfAborted();
        if (this.#total !== undefined) this.#total++;
        if (known.has(member.position)) this.#tell(1, 0);
        else await this.#arrived(await this.#member(archive, member));
      }
    } finally {
      await this.#seal();
      this.#container = null;
    }
    await log.append(actor, (turn) => {
      turn.add({
        kind: 'intake.opened',
        refs,
        members: members.summary.members,
        problems: members.summary.problems as unknown as Json,
      });
    });
  }

  async #membersOf(container: string): Promise<Set<number>> {
    const { rows } = await this.#opened.index.pool.query<{ member: number }>(
      'select r.member from receipt r join item i on i.handle = r.container where i.id = $1 and r.accession = $2',
      [container, this.#accession.handle],
    );
    return new Set(rows.map(({ member }) => member));
  }

  async #member(archive: Archive, { path, position, size, modified, outcome }: Member): Promise<Arrival> {
    const kept: CopyOutcome =
      'refused' in outcome ? { state: 'refused', ...outcome.refused } : await this.#copier.copyStream(outcome.stream);
    const outer = pathBytes({ text: archive.path, bytes: archive.bytes === '' ? null : archive.bytes });
    return {
      path: receivedPath(Buffer.concat([outer, Buffer.from('/'), pathBytes(path)])),
      root: archive.root,
      depth: archive.depth + 1,
      member: position,
      size: kept.state === 'had' ? kept.size : size,
      modified,
      outcome: kept,
    };
  }
}

interface Archive {
  id: string;
  sha256: string;
  size: number;
  path: string;
  bytes: string;
  root: number;
  depth: number;
  archive: 'zip' | 'tar' | 'tar.gz';
}
