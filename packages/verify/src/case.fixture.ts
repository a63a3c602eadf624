// A small case and a bundle of it, made in memory for the tests of the checks: real keys, records, tiles and checkpoints.
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  bundleFormat,
  consistencyPath,
  formatBundleFile,
  formatConsistency,
  formatManifest,
  parseBundleFile,
  proofPath,
  recordPath,
  spicyPath,
  type BundleFile,
} from './bundle-file.ts';
import { formatCaseFile, parseCaseFile } from './case-file.ts';
import { caseUco, caseUcoPath } from './case-uco.ts';
import { bagDeclaration } from './check-bag.ts';
import { commitPath, formatCommit } from './commit.ts';
import type { BundleDescription, DescribedBundle } from './disclosed.ts';
import { fromBase64url, sha256, toBase64, toBase64url, toHex } from './engine-node.ts';
import type { Files } from './files.ts';
import { formatKeyChange, keyChangePath, KeyHistory } from './keys.ts';
import { consistencyProof, Edge, inclusionProof, leafHash, rootOf } from './merkle.ts';
import { checkpointText, cosignNote, formatNoteKey, noteKey, signNote, type NoteKey } from './note.ts';
import { formatProof, spicyOf } from './proof.ts';
import {
  citedPath,
  issueRecord,
  openRecord,
  presentation,
  recordKey,
  type FileCitation,
  type IssuedRecord,
  type RecordFields,
} from './record.ts';
import { roCrate, roCratePath } from './ro-crate.ts';
import { TagFiles } from './tag-files.ts';
import { encodeEntries, encodeHashes, tilePath, tilesOf, tileWidth } from './tile.ts';

const utf8 = new TextEncoder();

/** A tree of files in memory. What is in `links` stands for a link there. */
export type Tree = Map<string, Uint8Array>;

export function filesIn(tree: ReadonlyMap<string, Uint8Array>, links: readonly string[] = []): Files {
  return {
    async *list() {
      for (const [path, bytes] of tree) yield { path, size: links.includes(path) ? -1 : bytes.length };
    },
    read: async (path) => tree.get(path) ?? null,
    hash: async (path) => {
      const bytes = tree.get(path);
      return bytes === undefined ? null : { sha256: toHex(sha256(bytes)), size: bytes.length };
    },
  };
}

export interface SampleKey {
  raw: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export function makeKey(): SampleKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { x } = privateKey.export({ format: 'jwk' });
  return { raw: fromBase64url(x!)!, sign: (message: Uint8Array): Uint8Array => sign(null, message, privateKey) };
}

/** The n-th original of the sample: small, and unlike the others. */
export function originalOf(n: number): { file: FileCitation; bytes: Uint8Array } {
  const bytes = utf8.encode(`original ${n}`);
  return { file: { store: 'originals', sha256: toHex(sha256(bytes)), size: bytes.length }, bytes };
}

/** What the record of a change says of the new keys. */
export function keysSaid(recordRaw: Uint8Array, signer: NoteKey): RecordFields {
  return { recordKey: toBase64url(recordRaw), checkpointKey: formatNoteKey(signer), reason: null };
}

export interface SampleOptions {
  withoutDeaccession?: boolean;
  /** The inventory cites no revocations, as those of before did. */
  earlierInventory?: boolean;
  changes?: readonly number[];
  more?: Readonly<Record<number, RecordFields>>;
}

export class SampleCase {
  readonly #turns: readonly number[];
  readonly #deaccession: boolean;
  readonly #records: IssuedRecord[] = [];
  readonly #card: Uint8Array;
  /** The signed checkpoint after each turn. */
  readonly notes: string[] = [];
  readonly id: string;
  /** The turns, of one record each, that change the keys. */
  readonly #changes: readonly number[];
  /** The keys of each period: for records, for checkpoints. */
  readonly keys: [SampleKey, SampleKey][] = [[makeKey(), makeKey()]];

  /**
   * A case of so many records a turn. Every tenth record is an item, each cites the record before it, and the last three
   * are a deaccession, a reconciliation and the inventory that cites both. Nobody has signed the deaccession: a bundle does
   * not show who approved, and a case in which it is to hold goes `withoutDeaccession`. The turns in `changes`, of one
   * record each, change the keys; `more` is said by the records at these positions.
   */
  constructor(
    turns: readonly number[],
    { withoutDeaccession = false, earlierInventory = false, changes = [], more = {} }: SampleOptions = {},
  ) {
    this.#turns = turns;
    this.#deaccession = !withoutDeaccession;
    this.#changes = changes;
    let [records, checkpoints] = this.keys[0]!;
    this.id = '5a'.repeat(16);
    this.#card = utf8.encode(formatCaseFile(this.id, records.raw, checkpoints.raw));
    const caseFile = parseCaseFile(new TextDecoder().decode(this.#card));
    const edge = new Edge();
    const size = this.#sizeAfter(turns.length);
    let seed = 0;
    const random = (length: number): Uint8Array => {
      const blocks = Array.from({ length: Math.ceil(length / 32) }, () =>
        createHash('sha256').update(String(seed++)).digest(),
      );
      return Buffer.concat(blocks).subarray(0, length);
    };
    let kid = caseFile.records.kid;
    let signer: NoteKey = caseFile.checkpoints;
    for (const [turn, count] of turns.entries()) {
      const next = changes.includes(turn) ? ([makeKey(), makeKey()] as [SampleKey, SampleKey]) : null;
      const nextSigner = next === null ? null : noteKey(caseFile.origin, next[1].raw);
      for (let i = 0; i < count; i++) {
        const n = this.#records.length;
        const last = this.#records.at(-1);
        const revoked = this.#records.flatMap(({ id }, i) => (more[i]?.kind === 'seal.revocation' ? [id] : []));
        const revocations = earlierInventory ? undefined : revoked;
        const fields: RecordFields = {
          at: '2026-01-01T00:00:00.000Z',
          ...(last === undefined ? {} : { refs: { after: last.id } }),
          ...this.#says(n, size, revocations),
          ...(next === null ? {} : { kind: 'seal.keys', ...keysSaid(next[0].raw, nextSigner!) }),
          ...more[n],
        };
        const record = issueRecord(fields, kid, random, records.sign);
        this.#records.push(record);
        edge.push(record.leaf);
      }
      const extension = next === null ? '' : formatKeyChange(next[0].raw, nextSigner!);
      const text = checkpointText(caseFile.origin, edge.size, edge.root(), extension);
      const note = signNote(text, signer, checkpoints.sign);
      this.notes.push(next === null ? note : cosignNote(note, nextSigner!, next[1].sign));
      if (next === null) continue;
      this.keys.push(next);
      [records, checkpoints] = next;
      kid = recordKey(records.raw).kid;
      signer = nextSigner!;
    }
  }

  /** What record `n` of `size` says. */
  #says(n: number, size: number, revocations: string[] | undefined): RecordFields {
    const items = Math.floor((size - 1) / 10);
    const cited = (position: number): string => this.#records[position]!.id;
    if (n === 0) {
      const card: FileCitation = { store: 'case', sha256: toHex(sha256(this.#card)), size: this.#card.length };
      return { kind: 'case.opened', title: 'A title', files: { case: card } };
    }
    if (n % 10 === 0) return { kind: 'intake.item', path: `letters/${n}.txt`, files: { original: originalOf(n).file } };
    if (n === size - 3 && this.#deaccession)
      return { kind: 'seal.deaccession', reason: 'legal-order', count: 1, refs: { items: cited(0) } };
    if (n === size - 2) {
      const counts = { received: items + 3, sealed: items, duplicate: 2, quarantined: 1 };
      return { kind: 'intake.reconciliation', ...counts, quarantinedBy: { link: 1 }, refs: { accession: cited(1) } };
    }
    if (n !== size - 1) return { kind: 'note' };
    const reconciliations = [cited(size - 2)];
    const always = { reconciliations, ...(revocations === undefined ? {} : { revocations }) };
    if (!this.#deaccession) return { kind: 'report.inventory', items, destroyed: {}, refs: always };
    const refs = { ...always, deaccessions: [cited(size - 3)] };
    return { kind: 'report.inventory', items, destroyed: { 'legal-order': 1 }, refs };
  }

  #sizeAfter(turns: number): number {
    return this.#turns.slice(0, turns).reduce((sum, count) => sum + count, 0);
  }

  /** The path of the commit that makes turn `turn`, from 0. */
  commitPath(turn: number): string {
    return commitPath(this.#sizeAfter(turn));
  }

  /** The commit of a turn as it is before it is made short. */
  commit(turn: number): Uint8Array {
    const from = this.#sizeAfter(turn);
    const records = this.#records.slice(from, this.#sizeAfter(turn + 1));
    const entries = records.map(({ entry }) => new TextDecoder().decode(entry));
    const openings = records.map((record) => record.openings);
    return utf8.encode(formatCommit({ from, entries, openings, note: this.notes[turn]! }));
  }

  /** The tiles of the log, and the openings, after so many turns. */
  tiles(turns = this.#turns.length): Tree {
    const tree: Tree = new Map();
    const records = this.#records.slice(0, this.#sizeAfter(turns));
    for (const { n, width } of tilesOf(records.length)) {
      const part = records.slice(n * tileWidth, n * tileWidth + width);
      tree.set(tilePath('log/tile/entries', n, width), encodeEntries(part.map(({ entry }) => entry)));
      tree.set(tilePath('records', n, width), utf8.encode(part.map(({ openings }) => `${openings}\n`).join('')));
    }
    let hashes: Uint8Array[] = records.map(({ leaf }) => leaf);
    for (let level = 0; hashes.length > 0; level++) {
      const above: Uint8Array[] = [];
      for (const { n, width } of tilesOf(hashes.length)) {
        const part = hashes.slice(n * tileWidth, n * tileWidth + width);
        tree.set(tilePath(`log/tile/${level}`, n, width), encodeHashes(part));
        if (width === tileWidth) above.push(rootOf(part));
      }
      hashes = above;
    }
    return tree;
  }

  /** The whole case folder after so many turns. */
  folder(turns = this.#turns.length): Tree {
    const tree: Tree = new Map([['case.json', this.#card], ...this.tiles(turns)]);
    for (let turn = 0; turn < turns; turn++) tree.set(this.commitPath(turn), utf8.encode(this.notes[turn]!));
    tree.set('log/checkpoint', utf8.encode(this.notes[turns - 1]!));
    for (const [i, turn] of this.#changes.entries()) {
      if (turn < turns) tree.set(keyChangePath(i + 1), utf8.encode(this.notes[turn]!));
    }
    for (let n = 10; n < this.#sizeAfter(turns); n += 10) {
      const { file, bytes } = originalOf(n);
      tree.set(citedPath(file), bytes);
    }
    return tree;
  }

  /** What a bundle of these records (all by default) says of itself. `carried` originals are all that they cite. */
  bundleFile(records = this.#records.map((_, n) => n)): BundleFile {
    const items = records.filter((n) => n % 10 === 0 && n > 0).length;
    return {
      format: bundleFormat,
      case: this.id,
      checkpoint: { size: this.#records.length, root: toBase64(rootOf(this.#records.map(({ leaf }) => leaf))) },
      records,
      items: { disclosed: items, withheld: Math.floor((this.#records.length - 1) / 10) - items },
      files: { carried: items, withheld: 0 },
    };
  }

  /** A record as a bundle has it, with the fields to `show`. */
  presented(n: number, show?: (name: string) => boolean): Uint8Array {
    const { entry, openings } = this.#records[n]!;
    return utf8.encode(presentation(new TextDecoder().decode(entry), openings, show));
  }

  /** The payload of a bundle of everything, originals included. */
  async payload(): Promise<Tree> {
    const size = this.#records.length;
    const note = this.notes.at(-1)!;
    const root = (from: number, to: number): Uint8Array =>
      rootOf(this.#records.slice(from, to).map(({ leaf }) => leaf));
    const tree: Tree = new Map([
      ['data/case.json', this.#card],
      ['data/checkpoint', utf8.encode(note)],
      ['data/bundle.json', utf8.encode(formatBundleFile(this.bundleFile()))],
    ]);
    for (let n = 0; n < size; n++) {
      const proof = formatProof(n, await inclusionProof(n, size, root), note);
      tree.set(recordPath(n), this.presented(n));
      tree.set(proofPath(n), utf8.encode(proof));
      tree.set(spicyPath(n), utf8.encode(spicyOf(proof)));
    }
    for (const [i, turn] of this.#changes.entries()) {
      const older = this.#sizeAfter(turn + 1);
      tree.set(keyChangePath(i + 1, 'data/keys'), utf8.encode(this.notes[turn]!));
      if (older === size) continue;
      const proof = formatConsistency(await consistencyProof(older, size, root));
      tree.set(consistencyPath(older), utf8.encode(proof));
    }
    for (let n = 10; n < size; n += 10) {
      const { file, bytes } = originalOf(n);
      tree.set(`data/${citedPath(file)}`, bytes);
    }
    return tree;
  }

  /** The tag files that tools of others read: keys, and how to check. */
  async tagFiles(): Promise<Tree> {
    const card = parseCaseFile(new TextDecoder().decode(this.#card));
    const history = new KeyHistory(card);
    for (const turn of this.#changes) history.follow(this.notes[turn]!);
    return new TagFiles(card, history, this.#records.length).make(async () => null);
  }
}

/** The descriptions for other tools that go with this payload, of the records in it that can be read. */
function descriptionsOf(payload: Tree): Tree {
  const attempt = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  const textAt = (path: string): string => new TextDecoder().decode(payload.get(path));
  const card = attempt(() => parseCaseFile(textAt('data/case.json')));
  const bundle = attempt(() => parseBundleFile(textAt('data/bundle.json')));
  if (card === null || bundle === null) return new Map();
  const about: DescribedBundle = {
    case: card.id,
    size: bundle.checkpoint.size,
    date: baggingDate,
    carries: (path) => payload.has(`data/${path}`),
  };
  const history = new KeyHistory(card);
  const followed = (note: Uint8Array | undefined): boolean =>
    note !== undefined && attempt(() => history.follow(new TextDecoder().decode(note))) !== null;
  while (followed(payload.get(keyChangePath(history.periods.length, 'data/keys'))));
  const records = bundle.records.flatMap((position) => {
    const [jwt = '', ...openings] = textAt(recordPath(position)).split('~');
    const entry = utf8.encode(jwt);
    const said = attempt(() => openRecord(history.openEntry(entry, position), openings.slice(0, -1), false));
    return said === null ? [] : [{ position, id: toBase64url(leafHash(entry)), said }];
  });
  const text = (description: BundleDescription): Uint8Array =>
    utf8.encode([...records.map((record) => description.see(record)), ...description.end()].join(''));
  return new Map([
    [roCratePath, text(roCrate(about))],
    [caseUcoPath, text(caseUco(about))],
  ]);
}

const baggingDate = '2026-01-01';

/** A bag around this payload, whatever it is, with these tag files; the descriptions that it lacks are made for it. */
export function bagOf(given: Tree, own: Tree): Tree {
  const payload: Tree = new Map([...descriptionsOf(given), ...given]);
  const bytes = [...payload.values()].reduce((sum, { length }) => sum + length, 0);
  const manifest = (tree: Tree): Uint8Array =>
    utf8.encode(formatManifest(new Map([...tree].map(([path, content]) => [path, toHex(sha256(content))]))));
  const info = `Bagging-Date: ${baggingDate}\nBag-Software-Agent: dalil\nPayload-Oxum: ${bytes}.${payload.size}\n`;
  const tags: Tree = new Map([
    ...own,
    ['bagit.txt', utf8.encode(bagDeclaration)],
    ['bag-info.txt', utf8.encode(info)],
    ['manifest-sha256.txt', manifest(payload)],
  ]);
  return new Map([...payload, ...tags, ['tagmanifest-sha256.txt', manifest(tags)]]);
}
