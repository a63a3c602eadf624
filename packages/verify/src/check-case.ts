// Checks a whole case folder: its card, the chain of commits, every record with its signature and openings, every tile,
// every file cited. It reads as the checklist that it is; each step says what it defends against.
import { sha256, toBase64, toBase64url, toHex } from '#engine';
import { parseCaseFile } from './case-file.ts';
import { CustodyClaims } from './check-custody.ts';
import { Outsiders } from './check-outside.ts';
import { commitPath, entryBytes, parseCommit, type Commit } from './commit.ts';
import { KeysCheck } from './check-keys.ts';
import type { CheckOptions, CheckProgress, Files, Report } from './files.ts';
import { Findings } from './findings.ts';
import { checkLeftOver } from './left-over.ts';
import { listHashed, type Listed } from './look-ahead.ts';
import { Edge, equalBytes, leafHash } from './merkle.ts';
import type { Checkpoint } from './note.ts';
import { FormatError } from './problem.ts';
import { citedPath, filesOf, openRecord, refsOf, type FileCitation, type RecordFields } from './record.ts';
import { decodeEntries, decodeHashes, tilePath, tileWidth } from './tile.ts';

// A byte order mark is a byte like any other: kept, so that nothing can be put before a signed text.
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const entriesBelow = 'log/tile/entries';
const leavesBelow = 'log/tile/0';
const openingsBelow = 'records';

/** Checks everything in a case folder and collects all problems. Throws only where the disk itself fails. */
export async function checkCase(files: Files, progress?: CheckProgress, options: CheckOptions = {}): Promise<Report> {
  return new CaseCheck(files, new Findings('case', progress), options).run();
}

/** Where the openings of a record stand in a log of `size`. */
function openingsPath(record: number, size: number): string {
  const n = Math.floor(record / tileWidth);
  return `${tilePath(openingsBelow, n, Math.min(tileWidth, size - n * tileWidth))}#${record}`;
}

/** The lines of openings, one for each record, each ended. */
function decodeLines(bytes: Uint8Array): string[] {
  const lines = text.decode(bytes).split('\n');
  if (lines.pop() !== '') throw new FormatError('tile-altered', 'the last line does not end');
  return lines;
}

interface Card {
  id: string;
  keys: KeysCheck;
  bytes: Uint8Array;
}

/** Folders whose files are named by their hash. */
const byContent = /^(?:originals|derivatives|vault|records\/blobs)\/(?!tmp\/)/;

class CaseCheck {
  readonly #files: Files;
  readonly #findings: Findings;
  /** Path -> size, of every file that some record cites and that has not been seen yet. */
  readonly #cited = new Map<string, number>();
  /** Paths of the log and of the records that must be there, and were read. */
  readonly #read = new Set<string>(['case.json', 'log/checkpoint']);
  /** The commits, in order: size before, and the checkpoint after. */
  #chain: { from: number; checkpoint: Checkpoint; pending: Commit | null }[] = [];
  /** False where a commit is missing or altered, so that those after it were not read. */
  #chainWhole = true;
  /** A commit that was won and not carried into the tiles. */
  #unfinished: { commit: Commit; checkpoint: Checkpoint } | null = null;
  /** False where a bundle of records is missing, so that not every citation is known. */
  #recordsWhole = false;
  readonly #custody = new CustodyClaims();
  /** Path of a file that was destroyed under a sound deaccession -> position of the record of it. */
  #destroyed: ReadonlyMap<string, number> = new Map();
  readonly #outsiders: Outsiders;
  /** Size -> root (base64) that the records give, at every checkpoint of the chain. */
  readonly #roots = new Map<number, string>();

  constructor(files: Files, findings: Findings, { timestamps }: CheckOptions) {
    this.#files = files;
    this.#findings = findings;
    this.#outsiders = new Outsiders(findings, timestamps);
  }

  async run(): Promise<Report> {
    const card = await this.#card();
    let head: Checkpoint | null = null;
    if (card !== null) {
      head = await this.#head(card.keys);
    }
    // Listed after the checkpoint is read: what it covers was there by then, also beside a writer.
    const listed = listHashed(this.#files, (path, size) => size >= 0 && byContent.test(path));
    if (card !== null && head !== null) {
      await this.#records(card, head);
      await this.#judgeCustody(card.id, head);
      for (const path of await card.keys.laidOut(head.size, this.#chainWhole)) this.#read.add(path);
    }
    await this.#everyFile(listed, head?.size ?? null);
    return this.#findings.finish(head);
  }

  /** The card: without it no signature means anything. */
  async #card(): Promise<Card | null> {
    const bytes = await this.#files.read('case.json');
    if (bytes === null) {
      this.#findings.problem('file-missing', 'case.json', 'the card of the case is missing');
      return null;
    }
    const file = this.#findings.attempt('case.json', () => parseCaseFile(text.decode(bytes)));
    return file === null ? null : { id: file.id, keys: new KeysCheck(file, this.#files, this.#findings), bytes };
  }

  /** The newest checkpoint, against the chain of commits: an older one in its place is a rollback. */
  async #head(keys: KeysCheck): Promise<Checkpoint | null> {
    const bytes = await this.#files.read('log/checkpoint');
    if (bytes === null) this.#findings.problem('file-missing', 'log/checkpoint', 'the newest checkpoint is missing');
    // Read after the checkpoint: a change that it needs is laid out before it.
    await keys.read();
    const claimed =
      bytes === null
        ? null
        : await this.#findings.attemptLong('log/checkpoint', () => keys.openNewest(text.decode(bytes)));
    if (claimed !== null) this.#findings.count('checkpoints');
    await this.#commits(keys, claimed);
    return claimed ?? this.#chain.at(-1)?.checkpoint ?? null;
  }

  async #commits(keys: KeysCheck, head: Checkpoint | null): Promise<void> {
    for (let size = 0; ;) {
      const path = commitPath(size);
      const bytes = await this.#files.read(path);
      if (bytes === null) {
        if (head === null || size < head.size) {
          // Without a checkpoint there is no telling whether the chain should go on.
          if (head !== null) this.#findings.problem('file-missing', path, 'a commit is missing from the chain');
          this.#chainWhole = false;
        } else if (size > head.size) {
          this.#findings.problem(
            'checkpoint-rolled-back',
            'log/checkpoint',
            `an older checkpoint: it signs ${head.size} records, the commits ${size}`,
          );
        }
        return;
      }
      this.#read.add(path);
      const commit = this.#findings.attempt(path, () => parseCommit(text.decode(bytes)));
      const checkpoint = commit === null ? null : this.#findings.attempt(path, () => keys.open(commit.note));
      const pending = commit !== null && 'entries' in commit ? commit : null;
      if (commit === null || checkpoint === null) {
        this.#chainWhole = false;
        return;
      }
      if (
        checkpoint.size <= size ||
        (pending !== null && (pending.from !== size || checkpoint.size !== size + pending.entries.length))
      ) {
        this.#findings.problem('commit-altered', path, 'the commit is not the one that belongs at this place');
        this.#chainWhole = false;
        return;
      }
      this.#findings.count('checkpoints');
      // Only right behind the checkpoint: a crash leaves one commit, and an older checkpoint several.
      if (pending !== null && head !== null && size === head.size) {
        if ((await this.#files.read(commitPath(checkpoint.size))) === null) {
          this.#unfinished = { commit: pending, checkpoint };
          this.#findings.note(
            path,
            'a commit that a crash left unfinished; the next command that writes carries it on',
          );
          return;
        }
      }
      this.#chain.push({ from: size, checkpoint, pending });
      size = checkpoint.size;
    }
  }

  /** Every record: bytes, signature, openings, citations; every hash tile; the root at every checkpoint. */
  async #records(card: Card, head: Checkpoint): Promise<void> {
    const edge = new Edge();
    // The tree as the lowest tiles give it: where the two trees part, the signed root says which one is the altered one.
    const tiles = new Edge();
    const parted: { n: number; width: number; positions: number[] }[] = [];
    const ids = new Set<string>();
    const upper: Promise<void>[] = [];
    const roots = new Map(this.#chain.map((link) => [link.checkpoint.size, link]));
    const full = (level: number, hashes: Uint8Array[]) => {
      const n = Math.floor(edge.size / tileWidth ** (level + 1));
      if (level > 0) upper.push(this.#upperTile(level, n, [...hashes]));
    };
    this.#recordsWhole = true;
    let bound = true;
    for (let n = 0; n * tileWidth < head.size; n++) {
      const width = Math.min(tileWidth, head.size - n * tileWidth);
      const entries = await this.#bundle(entriesBelow, n, width, decodeEntries);
      const openings = await this.#bundle(openingsBelow, n, width, decodeLines);
      const leaves = await this.#bundle(leavesBelow, n, width, decodeHashes);
      if (openings === null) this.#recordsWhole = false;
      if (entries === null) {
        // Without its entry a record has no hash, and nothing after it can be bound to the root.
        bound = this.#recordsWhole = false;
        continue;
      }
      const positions: number[] = [];
      for (let i = 0; i < width; i++) {
        const position = n * tileWidth + i;
        const leaf = leafHash(entries[i]!);
        if (bound) edge.push(leaf, full);
        tiles.push(leaves?.[i] ?? leaf);
        if (leaves !== null && !equalBytes(leaf, leaves[i]!)) positions.push(position);
        await this.#record(
          `${tilePath(entriesBelow, n, width)}#${position}`,
          `${tilePath(openingsBelow, n, width)}#${position}`,
          entries[i]!,
          openings?.[i],
          card,
          ids,
          position,
          toBase64url(leaf),
        );
        ids.add(toBase64url(leaf));
        const link = bound ? roots.get(edge.size) : undefined;
        if (link !== undefined) this.#rootAt(link, edge);
      }
      if (positions.length > 0) parted.push({ n, width, positions });
      for (const link of this.#chain) {
        // Said once, also where the commit reaches over several bundles.
        if (link.pending !== null && !this.#pending(link.pending, n, entries, openings)) link.pending = null;
      }
      await Promise.all(upper.splice(0));
    }
    if (!bound) return;
    for (const [level, hashes] of edge.levels.entries()) {
      if (level > 0 && hashes.length > 0) {
        await this.#upperTile(level, Math.floor(head.size / tileWidth ** (level + 1)), hashes);
      }
    }
    const holds = equalBytes(edge.root(), head.root);
    if (!holds) {
      this.#findings.problem('checkpoint-root', 'log/checkpoint', 'the records do not give the root that it signs');
    }
    this.#parted(parted, holds, equalBytes(tiles.root(), head.root));
    if (this.#unfinished !== null) this.#carriedOn(this.#unfinished, edge, card.keys);
    await this.#judgeOutside(card.keys, head);
    card.keys.revocations(head.size, this.#findings.tokens);
  }

  /** What people signed, receipts and deaccessions; before files are looked for, since a deaccession explains an absence. */
  async #judgeCustody(id: string, head: Checkpoint): Promise<void> {
    const { signatures, problems, destroyed } = await this.#custody.judge({
      case: id,
      read: (file) => this.#files.read(citedPath(file)),
      rootAt: (size) => this.#roots.get(size) ?? null,
    });
    this.#findings.count('signatures', signatures);
    for (const { record, message } of problems) {
      this.#findings.problem('custody-unsound', openingsPath(record, head.size), message);
    }
    this.#destroyed = destroyed;
  }

  /** Where the records and the lowest tiles part: what gives the signed root is as it was, the other is altered. */
  #parted(
    parted: readonly { n: number; width: number; positions: number[] }[],
    recordsHold: boolean,
    tilesHold: boolean,
  ): void {
    for (const { n, width, positions } of parted) {
      if (!recordsHold) {
        for (const position of positions) {
          const where = `${tilePath(entriesBelow, n, width)}#${position}`;
          this.#findings.problem('tile-altered', where, 'another record stands here than the one that was sealed');
        }
      }
      if (!tilesHold) {
        const path = tilePath(leavesBelow, n, width);
        this.#findings.problem('tile-altered', path, 'the tile does not hold the hashes of the records');
      }
    }
  }

  /** An unfinished commit must be what a writer can carry on: whole, signed, and leading to its own root. */
  #carriedOn({ commit, checkpoint }: { commit: Commit; checkpoint: Checkpoint }, edge: Edge, keys: KeysCheck): void {
    const path = commitPath(commit.from);
    const after = edge.copy();
    commit.entries.forEach((entry, i) => {
      const bytes = entryBytes(entry);
      after.push(leafHash(bytes));
      this.#findings.attempt(`${path}#${commit.from + i}`, () =>
        openRecord(keys.openEntry(bytes, commit.from + i), commit.openings[i]!.split('~'), true),
      );
    });
    if (!equalBytes(after.root(), checkpoint.root)) {
      this.#findings.problem('checkpoint-root', path, 'its records do not lead to the root that it signs');
    }
  }

  #rootAt({ from, checkpoint }: { from: number; checkpoint: Checkpoint }, edge: Edge): void {
    const root = edge.root();
    this.#roots.set(checkpoint.size, toBase64(root));
    if (!equalBytes(root, checkpoint.root)) {
      this.#findings.problem(
        'checkpoint-root',
        commitPath(from),
        'the records up to here do not give the root that it signs',
      );
    }
  }

  /** What outsiders signed, against the roots that the records give. Where the log is not whole, that is the problem named. */
  async #judgeOutside({ history }: KeysCheck, head: Checkpoint): Promise<void> {
    this.#outsiders.noteUnread('records');
    if (!this.#recordsWhole || !this.#chainWhole) return;
    const parts = {
      key: history,
      read: (file: FileCitation) => this.#files.read(citedPath(file)),
      rootAt: (size: number) => this.#roots.get(size) ?? null,
    };
    await this.#outsiders.judge(parts, (record) => openingsPath(record, head.size));
  }

  /** A tile's bytes, and whether they are of just this width or of a greater one that a writer has put there since. */
  async #tileBytes(below: string, n: number, width: number): Promise<{ bytes: Uint8Array; exact: boolean } | null> {
    const path = tilePath(below, n, width);
    this.#read.add(path);
    const bytes = await this.#files.read(path);
    if (bytes !== null) return { bytes, exact: true };
    const full = width < tileWidth ? await this.#files.read(tilePath(below, n, tileWidth)) : null;
    return full === null ? null : { bytes: full, exact: false };
  }

  async #bundle<T>(below: string, n: number, width: number, decode: (bytes: Uint8Array) => T[]): Promise<T[] | null> {
    const path = tilePath(below, n, width);
    const found = await this.#tileBytes(below, n, width);
    if (found === null) {
      this.#findings.problem('tile-missing', path, 'a tile of the log, or what its records say, is missing');
      return null;
    }
    this.#findings.count('tiles');
    const items = this.#findings.attempt(path, () => decode(found.bytes));
    if (items === null) return null;
    if (found.exact ? items.length !== width : items.length < width) {
      this.#findings.problem('tile-altered', path, `expected ${width} of them, got ${items.length}`);
      return null;
    }
    return items.slice(0, width);
  }

  /** A tile above the lowest level: hashes of hashes, bound to the records below it. */
  async #upperTile(level: number, n: number, hashes: Uint8Array[]): Promise<void> {
    const below = `log/tile/${level}`;
    const found = await this.#bundle(below, n, hashes.length, decodeHashes);
    if (found === null || hashes.every((hash, i) => equalBytes(hash, found[i]!))) return;
    const path = tilePath(below, n, hashes.length);
    this.#findings.problem('tile-altered', path, 'the tile does not hold the hashes of the tiles below it');
  }

  /** A commit that still holds its records must hold those that are in the log. */
  #pending(commit: Commit, n: number, entries: Uint8Array[], openings: string[] | null): boolean {
    for (let i = 0; i < entries.length; i++) {
      const at = n * tileWidth + i - commit.from;
      const entry = commit.entries[at];
      if (entry === undefined) continue;
      if (!equalBytes(entryBytes(entry), entries[i]!) || (openings !== null && commit.openings[at] !== openings[i])) {
        this.#findings.problem('commit-altered', commitPath(commit.from), 'it holds other records than the log');
        return false;
      }
    }
    return true;
  }

  async #record(
    where: string,
    openingsWhere: string,
    entry: Uint8Array,
    line: string | undefined,
    card: Card,
    ids: ReadonlySet<string>,
    position: number,
    id: string,
  ): Promise<void> {
    this.#findings.count('records');
    const digests = this.#findings.attempt(where, () => card.keys.openEntry(entry, position));
    if (digests === null) return;
    this.#findings.count('signatures');
    if (line === undefined) return;
    const said = this.#findings.attempt(openingsWhere, () => openRecord(digests, line.split('~'), true));
    if (said === null) return;
    if (position === 0 && !this.#opensCase(said, card.bytes)) {
      this.#findings.problem('citation-broken', openingsWhere, 'the first record does not hold the hash of case.json');
    }
    card.keys.see(openingsWhere, position, said);
    if (!(await this.#citations(openingsWhere, said, ids))) return;
    this.#outsiders.see(position, id, said);
    this.#custody.see(position, id, said);
  }

  #opensCase(said: RecordFields, card: Uint8Array): boolean {
    const cited = said.files?.['case'];
    return cited?.store === 'case' && cited.sha256 === toHex(sha256(card));
  }

  /** False where what it says of files cannot be read. */
  async #citations(where: string, said: RecordFields, ids: ReadonlySet<string>): Promise<boolean> {
    const files = this.#findings.attempt(where, () => filesOf(said));
    for (const file of files ?? []) {
      this.#findings.count('citations');
      if (file.store !== 'case') this.#cited.set(citedPath(file), file.size);
    }
    const moved = said.files?.['value:refs'];
    const refs = moved === undefined ? said.refs : await this.#movedRefs(where, moved);
    for (const id of this.#findings.attempt(where, () => refsOf(refs)) ?? []) {
      this.#findings.count('citations');
      if (!ids.has(id) && this.#recordsWhole)
        this.#findings.problem('citation-broken', where, 'it cites a record that is not in the log before it');
    }
    return files !== null;
  }

  async #movedRefs(where: string, file: FileCitation): Promise<unknown> {
    const bytes = await this.#files.read(citedPath(file));
    // A missing or altered blob is reported where files are checked.
    if (bytes === null || toHex(sha256(bytes)) !== file.sha256) return undefined;
    return this.#findings.attempt(where, () => JSON.parse(text.decode(bytes)) as unknown);
  }

  /** Every file there is, and every file there should be. `size` is null where the log could not be read. */
  async #everyFile(listed: AsyncIterable<Listed>, size: number | null): Promise<void> {
    const laidOut = this.#outsiders.published();
    const missing = new Set(laidOut.keys());
    for await (const { path, size: bytes, found } of listed) {
      if (/^(?:originals\/|vault\/)?tmp\//.test(path)) {
        this.#findings.note(path, 'a temporary file that a crash left');
      } else if (bytes < 0) {
        // Reading follows a link out of the folder, so what stands here today says nothing.
        this.#findings.problem('file-unexpected', path, 'a link or a special file, which no case holds');
      } else if (found !== undefined) {
        this.#contentAddressed(path, found);
      } else if (path.startsWith('log/checkpoints/')) {
        missing.delete(path);
        await this.#published(path, laidOut.get(path), size !== null);
      } else if (!this.#read.has(path) && size !== null) {
        await checkLeftOver(this.#files, this.#findings, path, { size, chainWhole: this.#chainWhole });
      }
    }
    for (const path of missing) {
      this.#findings.note(path, 'a copy for publishing is not there; the next timestamp or cosignature lays it out');
    }
    for (const path of this.#cited.keys()) {
      if (!this.#destroyed.has(path))
        this.#findings.problem('file-missing', path, 'a file that a record cites is missing');
    }
  }

  /** A checkpoint that others have signed as well, or what they gave, laid out for publishing: byte for byte what a record cites. */
  async #published(path: string, cited: string | undefined, known: boolean): Promise<void> {
    if (cited === undefined) {
      // Where records could not be read, it may be what one of them cites.
      if (known && this.#recordsWhole && !this.#outsiders.unread)
        this.#findings.problem('file-unexpected', path, 'no record speaks of it');
      return;
    }
    this.#findings.count('files');
    if ((await this.#files.hash(path))?.sha256 !== cited) {
      this.#findings.problem('file-altered', path, 'its bytes are not those that a record cites');
    }
  }

  #contentAddressed(path: string, found: Awaited<ReturnType<Files['hash']>>): void {
    const hex =
      /^(?:originals|derivatives|vault|records\/blobs)\/sha256\/([0-9a-f]{2})\/([0-9a-f]{2})\/(\1\2[0-9a-f]{60})$/.exec(
        path,
      )?.[3];
    if (hex === undefined) {
      this.#findings.problem('file-unexpected', path, 'not a file that belongs in this folder');
      return;
    }
    this.#findings.count('files');
    this.#findings.count('bytes', found?.size ?? 0);
    const cited = this.#cited.get(path);
    this.#cited.delete(path);
    const destroyed = this.#destroyed.get(path);
    if (destroyed !== undefined) {
      const message = `destroyed by record ${destroyed}, and its bytes are here: the next command that writes removes them`;
      this.#findings.problem('file-unexpected', path, message);
      return;
    }
    if (found?.sha256 !== hex) this.#findings.problem('file-altered', path, 'its bytes are not those that were sealed');
    else if (cited !== undefined && cited !== found.size) {
      this.#findings.problem('citation-broken', path, `a record gives its size as ${cited}, it has ${found.size}`);
    } else if (cited === undefined && this.#recordsWhole) {
      this.#findings.note(path, 'no record cites it: received, and not yet written down when a crash came');
    }
  }
}
