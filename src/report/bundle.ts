// A bundle for strangers: a BagIt 1.0 bag with the disclosed records, a proof for each that it is in the log, the signed
// checkpoint, and what else was chosen. Streams: memory grows with the files that records cite, not with what they say.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleFormat,
  caseUco,
  caseUcoPath,
  citedPath,
  consistencyPath,
  consistencyProof,
  encodePieces,
  filesOf,
  formatBundleFile,
  formatConsistency,
  formatProof,
  inclusionProof,
  itemKind,
  keyChangePath,
  leafHash,
  openRecord,
  presentation,
  programs,
  proofPath,
  recordPath,
  roCrate,
  roCratePath,
  signedOutside,
  spicyOf,
  spicyPath,
  TagFiles,
  tileWidth,
  toBase64,
  toBase64url,
  type BundleDescription,
  type BundleFile,
  type Checkpoint,
  type DescribedBundle,
  type FileCitation,
  type RecordFields,
} from '@dalil/verify';
import { asFault, Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { readEntries, readOpenings, subtreeRoots } from '../log/tiles.ts';
import { absentFile, absentOriginal } from './absent.ts';
import { Bag } from './bag.ts';
import { fileSource, openSink, type SinkOptions } from './bundle-sink.ts';
import { chosenItems, discloses, newestDossier, redactedCopies, type BuiltDossier } from './disclosure.ts';
import { takeInventory, type Inventory } from './inventory.ts';
import type { Choice, Selection } from './selection.ts';
import { Spool } from './spool.ts';

export interface BundleOptions extends SinkOptions {
  /** What is disclosed; everything by default. */
  selection?: Selection;
  /** Carry the newest dossier: by default where everything is disclosed, since it says things of all items. */
  dossier?: boolean;
  /** Carry the originals as well; otherwise the records speak of them, and they are counted as withheld. */
  originals: boolean;
  /** When it is packed, for bag-info.txt. */
  date: string;
  /** Where the programs for the root of a bundle were built, if they were. */
  programs?: string;
  signal?: AbortSignal;
  progress?: Progress;
}

export interface Bundle {
  path: string;
  records: number;
  items: BundleFile['items'];
  carried: number;
  withheld: number;
  files: number;
  bytes: number;
}

const text = new TextDecoder();
const utf8 = new TextEncoder();

/** Where the build of the verifier leaves verify.html and verify.mjs. */
export const builtPrograms = fileURLToPath(new URL('../../dist/verify/', import.meta.url));

/** Packs what was selected under a checkpoint made for it. Throws Fault('usage') where `out` exists, ('cancelled'), ('disk-full'). */
export async function exportBundle(opened: OpenCase, options: BundleOptions): Promise<Bundle> {
  const sink = await openSink(options);
  try {
    // Before anything is written down: an item may be named that there is not.
    const chosen = await chosenItems(opened, options.selection ?? {});
    const inventory = await takeInventory(opened);
    const { items, fields, redacted } = options.selection ?? {};
    const wanted = options.dossier ?? (items === undefined && fields === undefined && redacted !== true);
    const dossier = wanted ? await newestDossier(opened, inventory.checkpoint.size) : null;
    if (dossier !== null) chosen?.add(dossier.id);
    const copies = redacted === true ? await redactedCopies(opened) : new Map<string, string>();
    const choice = await discloses(opened, inventory, chosen, fields, new Set(copies.keys()));
    const contents = { inventory, choice, dossier, copies: new Set(copies.values()) };
    const packed = await new Packing(opened, options, new Bag(sink), contents).pack();
    await sink.finish();
    return { path: sink.path, ...packed };
  } catch (error) {
    await sink.discard();
    throw asFault(error, 'writing the bundle');
  }
}

/** What was settled before anything is packed. */
interface Contents {
  inventory: Inventory;
  choice: Choice;
  dossier: BuiltDossier | null;
  /** SHA-256 of the redacted copies that are carried. */
  copies: ReadonlySet<string>;
}

class Packing {
  readonly #opened: OpenCase;
  readonly #options: BundleOptions;
  readonly #bag: Bag;
  readonly #contents: Contents;
  readonly #checkpoint: Checkpoint;
  readonly #tagFiles: TagFiles;
  readonly #positions: number[] = [];
  readonly #cited = new Map<string, FileCitation>();
  /** Sizes of earlier checkpoints that the bundle speaks of: stamped, or named by the dossier. */
  readonly #older = new Set<number>();
  /** What other tools read of the same records. */
  readonly #crate: BundleDescription;
  readonly #caseUco: BundleDescription;
  readonly #caseUcoText = new Spool();
  #items = 0;

  constructor(opened: OpenCase, options: BundleOptions, bag: Bag, contents: Contents) {
    this.#opened = opened;
    this.#options = options;
    this.#bag = bag;
    this.#contents = contents;
    this.#checkpoint = contents.inventory.checkpoint;
    this.#tagFiles = new TagFiles(opened.caseFile, opened.log.history, this.#checkpoint.size);
    const about: DescribedBundle = {
      case: opened.id,
      size: this.#checkpoint.size,
      date: options.date.slice(0, 10),
      carries: (path) => bag.has(`data/${path}`),
    };
    this.#crate = roCrate(about);
    this.#caseUco = caseUco(about);
  }

  async pack(): Promise<Omit<Bundle, 'path'>> {
    const { folder, id } = this.#opened;
    const { size, root, note } = this.#checkpoint;
    await this.#bag.put('data/case.json', (await folder.read('case.json'))!);
    await this.#bag.put('data/checkpoint', utf8.encode(note));
    await this.#keys(size);
    await this.#records(size);
    await this.#dossier();
    await this.#leading(size);
    const carried = await this.#files();
    await this.#descriptions();
    const withheld = [...this.#cited.keys()].filter((path) => path !== 'case.json').length - carried;
    const items = { disclosed: this.#items, withheld: this.#contents.inventory.items - this.#items };
    const bundle: BundleFile = {
      format: bundleFormat,
      case: id,
      checkpoint: { size, root: toBase64(root) },
      records: this.#positions,
      items,
      files: { carried, withheld },
    };
    await this.#bag.put('data/bundle.json', utf8.encode(formatBundleFile(bundle)));
    await this.#tags();
    const manifest = await this.#bag.close(this.#options.date.slice(0, 10));
    await this.#writeDown(bundle, manifest);
    const { files, bytes } = this.#bag;
    return { records: this.#positions.length, items, carried, withheld, files, bytes };
  }

  /** The checkpoints at which keys changed: by them the card's keys lead to those that signed the rest. */
  async #keys(size: number): Promise<void> {
    for (const { n, from, note } of this.#opened.log.history.periods.slice(1)) {
      if (from > size) continue;
      await this.#bag.put(keyChangePath(n, 'data/keys'), utf8.encode(note!));
      if (from < size) this.#older.add(from);
    }
  }

  /** Every disclosed record as an SD-JWT with the disclosures that are shown, and its proof in two forms. */
  async #records(size: number): Promise<void> {
    const { folder } = this.#opened;
    const roots = subtreeRoots(folder, size);
    for (let n = 0; n * tileWidth < size; n++) {
      this.#options.signal?.throwIfAborted();
      const width = Math.min(tileWidth, size - n * tileWidth);
      const entries = (await readEntries(folder, n, width))!;
      const openings = (await readOpenings(folder, n, width))!;
      const writes: Promise<void>[] = [];
      for (let i = 0; i < width; i++) {
        const position = n * tileWidth + i;
        const shown = await this.#shown(position, entries[i]!, openings[i]!);
        if (shown === null) continue;
        const path = await inclusionProof(position, size, roots);
        const proof = formatProof(position, path, this.#checkpoint.note);
        writes.push(
          this.#bag.put(recordPath(position), utf8.encode(shown), 'data/records/'),
          this.#bag.put(spicyPath(position), utf8.encode(spicyOf(proof)), 'data/proofs/'),
          this.#bag.put(proofPath(position), utf8.encode(proof), 'data/proofs/'),
        );
      }
      await Promise.all(writes);
      this.#bag.flush();
      this.#options.progress?.({
        stage: 'export',
        done: Math.min(size, (n + 1) * tileWidth),
        total: size,
        bytes: this.#bag.bytes,
      });
    }
  }

  /** A record as it is presented; null where it is not disclosed. */
  async #shown(position: number, entry: Uint8Array, openings: string): Promise<string | null> {
    const { history } = this.#opened.log;
    const said = openRecord(history.openEntry(entry, position, false), openings.split('~'), true);
    const id = toBase64url(leafHash(entry));
    const names = this.#contents.choice.shown(position, id, await this.#whole(said));
    if (names === null) return null;
    const told = Object.fromEntries(names.map((name) => [name, said[name]])) as RecordFields;
    this.#positions.push(position);
    if (told.kind === itemKind) this.#items++;
    const signed = signedOutside(told, this.#checkpoint.size)?.size ?? this.#checkpoint.size;
    if (signed < this.#checkpoint.size) this.#older.add(signed);
    for (const file of filesOf(told)) this.#cited.set(citedPath(file), file);
    this.#tagFiles.see(id, told);
    const record = { position, id, said: told };
    await this.#caseUcoText.write(this.#caseUco.see(record) + this.#crate.see(record));
    return presentation(text.decode(entry), openings, (name) => names.includes(name));
  }

  /** A record with its references, where they are too many for it and lie in a file. */
  async #whole(said: RecordFields): Promise<RecordFields> {
    const file = said.files?.['value:refs'];
    const bytes = file === undefined ? null : await this.#opened.folder.read(citedPath(file));
    if (bytes === null) return said;
    return { ...said, refs: JSON.parse(text.decode(bytes)) as NonNullable<RecordFields['refs']> };
  }

  /** The dossier in a place where people find it, if a disclosed record seals it. */
  async #dossier(): Promise<void> {
    const { dossier } = this.#contents;
    if (dossier === null) return;
    // It speaks of the state before the record that it was built: shown to be a prefix of what is disclosed.
    if (dossier.size < this.#checkpoint.size) this.#older.add(dossier.size);
    for (const [role, file] of Object.entries(dossier.files)) {
      if (!this.#cited.has(citedPath(file))) {
        throw new Fault('usage', {
          what: 'The dossier is known by what its record says in `files`, and that was not chosen.',
          next: 'leave out --dossier, or disclose `files` as well',
        });
      }
      const bytes = await this.#opened.folder.read(citedPath(file));
      if (bytes === null) continue;
      const volume = role === 'volume1' ? 'dossier' : `dossier-${role.slice('volume'.length)}`;
      await this.#bag.put(`data/dossier/${role === 'content' ? 'dossier.json' : `${volume}.pdf`}`, bytes);
    }
  }

  /** For each earlier checkpoint that the bundle speaks of, the proof that it leads to the bundle's. */
  async #leading(size: number): Promise<void> {
    const roots = subtreeRoots(this.#opened.folder, size);
    for (const older of this.#older) {
      const proof = await consistencyProof(older, size, roots);
      await this.#bag.put(consistencyPath(older), utf8.encode(formatConsistency(proof)));
    }
  }

  /** What disclosed records cite and the bundle carries: large values always, originals where asked for. */
  async #files(): Promise<number> {
    let carried = 0;
    const { rows } = await this.#opened.index.pool.query<{ sha256: string; handle: string; destroyed: boolean }>(
      'select sha256, handle, destroyed is not null as destroyed from item',
    );
    const items = new Map(rows.map((row) => [row.sha256, row]));
    for (const [path, file] of this.#cited) {
      // The card is carried apart, and dossiers where people find them: only the newest. Copies where they were asked for.
      if (file.store === 'case' || (file.store === 'derivatives' && !this.#contents.copies.has(file.sha256))) continue;
      const item = file.store === 'originals' ? items.get(file.sha256) : undefined;
      if (file.store === 'originals' && (!this.#options.originals || item?.destroyed === true)) continue;
      // What is in the vault does not leave, not even as ciphertext: keys are lost, and ciphers age.
      if (file.store === 'vault') continue;
      this.#options.signal?.throwIfAborted();
      const from = join(this.#opened.folder.path, path);
      await this.#bag.put(`data/${path}`, fileSource(from), undefined, file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' || error.path !== from) throw error;
        throw item === undefined ? absentFile(file.store, error) : absentOriginal(item.handle, error);
      });
      carried++;
      this.#options.progress?.({ stage: 'export', done: carried, bytes: this.#bag.bytes });
    }
    return carried;
  }

  /** The same records in the words of archives and of laboratories; after the files, since one says which are there. */
  async #descriptions(): Promise<void> {
    for (const piece of this.#caseUco.end()) await this.#caseUcoText.write(piece);
    await this.#bag.put(caseUcoPath, await this.#caseUcoText.end());
    await this.#bag.put(roCratePath, () => encodePieces(this.#crate.end()));
  }

  /** What is beside the payload, for people and for tools that are not ours. */
  async #tags(): Promise<void> {
    const made = await this.#tagFiles.make((file) => this.#opened.folder.read(citedPath(file)));
    for (const [path, bytes] of made) await this.#bag.putTag(path, bytes);
    const built = this.#options.programs ?? builtPrograms;
    for (const name of programs) {
      const bytes = await readFile(join(built, name)).catch(() => null);
      if (bytes !== null) await this.#bag.putTag(name, bytes);
    }
  }

  /** That it was given away, and what: in the log, after it. */
  async #writeDown({ checkpoint, records, files }: BundleFile, manifest: string): Promise<void> {
    const { log, actor } = this.#opened;
    const { items, fields, redacted } = this.#options.selection ?? {};
    const chosen = { items, fields, redacted };
    const selection = Object.values(chosen).every((one) => one === undefined) ? undefined : (chosen as unknown as Json);
    await log.append(actor, (turn) => {
      turn.add({
        kind: 'report.bundle',
        format: 'bundle',
        checkpoint,
        records: records.length,
        selection,
        ...files,
        manifest,
      });
    });
  }
}
