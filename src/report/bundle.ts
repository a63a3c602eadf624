// A bundle for strangers: a BagIt 1.0 bag with the disclosed records, a proof for each that it is in the log, the signed
// checkpoint, the newest dossier, and the originals only where asked for. Streams: memory does not grow with the case.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  bagDeclaration,
  citedPath,
  consistencyPath,
  consistencyProof,
  filesOf,
  formatBundleFile,
  formatConsistency,
  formatManifest,
  formatProof,
  inclusionProof,
  openEntry,
  openRecord,
  presentation,
  proofPath,
  recordPath,
  bundleFormat,
  tileWidth,
  toBase64,
  type Checkpoint,
  type FileCitation,
} from '@dalil/verify';
import { asFault, Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import type { OpenCase } from '../log/case.ts';
import { readEntries, readOpenings, subtreeRoots } from '../log/tiles.ts';

export interface BundleOptions {
  /** A folder that does not exist yet. */
  out: string;
  /** Carry the originals as well; otherwise the records speak of them, and they are counted as withheld. */
  originals: boolean;
  /** When it is packed, for bag-info.txt. */
  date: string;
  signal?: AbortSignal;
  progress?: Progress;
}

export interface Bundle {
  path: string;
  records: number;
  carried: number;
  withheld: number;
  files: number;
  bytes: number;
}

const text = new TextDecoder();

/** Packs every record under the newest checkpoint. Throws Fault('usage') where `out` exists, ('cancelled'), ('disk-full'). */
export async function exportBundle(opened: OpenCase, options: BundleOptions): Promise<Bundle> {
  const { out } = options;
  if ((await readdir(out).catch(() => null)) !== null) {
    throw new Fault('usage', {
      what: 'The bundle would be written over something.',
      expected: 'a folder that does not exist yet',
      next: 'choose another --out, or remove the folder',
    });
  }
  // Packed beside its place and moved there when it is whole: a bundle broken off is never taken for one.
  const unfinished = join(dirname(out), `.${basename(out)}.unfinished`);
  try {
    await rm(unfinished, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true });
    const packed = await new Packing(opened, options, unfinished).pack();
    await rename(unfinished, out);
    return packed;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw asFault(error, 'writing the bundle');
  }
}

class Packing {
  readonly #opened: OpenCase;
  readonly #options: BundleOptions;
  readonly #folder: string;
  readonly #checkpoint: Checkpoint;
  readonly #manifest = new Map<string, string>();
  readonly #cited = new Map<string, FileCitation>();
  readonly #made = new Set<string>();
  /** Sizes of earlier checkpoints that the bundle speaks of: stamped, or named by the dossier. */
  readonly #older = new Set<number>();
  #bytes = 0;

  constructor(opened: OpenCase, options: BundleOptions, folder: string) {
    this.#opened = opened;
    this.#options = options;
    this.#folder = folder;
    this.#checkpoint = opened.log.checkpoint!;
  }

  async pack(): Promise<Bundle> {
    const { folder, log, actor, id } = this.#opened;
    const { size, root, note } = this.#checkpoint;
    await this.#put('data/case.json', (await folder.read('case.json'))!);
    await this.#put('data/checkpoint', new TextEncoder().encode(note));
    await this.#records(size);
    await this.#dossier(size);
    await this.#leading(size);
    const carried = await this.#files();
    const withheld = [...this.#cited.keys()].filter((path) => path !== 'case.json').length - carried;
    const records = Array.from({ length: size }, (_, i) => i);
    const bundle = {
      format: bundleFormat,
      case: id,
      checkpoint: { size, root: toBase64(root) },
      records,
      files: { carried, withheld },
    } as const;
    await this.#put('data/bundle.json', new TextEncoder().encode(formatBundleFile(bundle)));
    const manifest = await this.#tags();
    await log.append(actor, (turn) => {
      turn.add({
        kind: 'report.bundle',
        format: 'bundle',
        checkpoint: bundle.checkpoint,
        records: size,
        carried,
        withheld,
        manifest,
      });
    });
    return {
      path: this.#options.out,
      records: size,
      carried,
      withheld,
      files: this.#manifest.size,
      bytes: this.#bytes,
    };
  }

  /** Every record as an SD-JWT with all its disclosures, and its C2SP tlog-proof. */
  async #records(size: number): Promise<void> {
    const { folder, caseFile } = this.#opened;
    const roots = subtreeRoots(folder, size);
    for (let n = 0; n * tileWidth < size; n++) {
      this.#options.signal?.throwIfAborted();
      const width = Math.min(tileWidth, size - n * tileWidth);
      const entries = (await readEntries(folder, n, width))!;
      const openings = (await readOpenings(folder, n, width))!;
      const writes: Promise<void>[] = [];
      for (let i = 0; i < width; i++) {
        const position = n * tileWidth + i;
        const said = openRecord(openEntry(entries[i]!, caseFile.records, false), openings[i]!.split('~'), true);
        const stamped = said.kind === 'seal.timestamp' ? (said['checkpoint'] as { size: number }).size : size;
        if (stamped < size) this.#older.add(stamped);
        for (const file of filesOf(said)) this.#cited.set(citedPath(file), file);
        const shown = presentation(text.decode(entries[i]), openings[i]!);
        writes.push(this.#put(recordPath(position), new TextEncoder().encode(shown)));
        const path = await inclusionProof(position, size, roots);
        writes.push(
          this.#put(proofPath(position), new TextEncoder().encode(formatProof(position, path, this.#checkpoint.note))),
        );
      }
      await Promise.all(writes);
      this.#options.progress?.({
        stage: 'export',
        done: Math.min(size, (n + 1) * tileWidth),
        total: size,
        bytes: this.#bytes,
      });
    }
  }

  /** The newest dossier that speaks of a state under this checkpoint, in a place where people find it. */
  async #dossier(size: number): Promise<void> {
    const { index, folder } = this.#opened;
    const { rows } = await index.pool.query<{ files: Record<string, FileCitation>; size: number }>(
      'select files, size from dossier where position < $1 order by position desc limit 1',
      [size],
    );
    const older = rows[0]?.size ?? size;
    // The dossier speaks of the state before the record that it was built: shown to be a prefix of what is disclosed.
    if (older < size) this.#older.add(older);
    for (const [role, file] of Object.entries(rows[0]?.files ?? {})) {
      const bytes = await folder.read(citedPath(file));
      if (bytes === null) continue;
      const name =
        role === 'content'
          ? 'dossier.json'
          : role === 'volume1'
            ? 'dossier.pdf'
            : `dossier-${role.slice('volume'.length)}.pdf`;
      await this.#put(`data/dossier/${name}`, bytes);
    }
  }

  /** For each earlier checkpoint that the bundle speaks of, the proof that it leads to the bundle's. */
  async #leading(size: number): Promise<void> {
    const roots = subtreeRoots(this.#opened.folder, size);
    for (const older of this.#older) {
      const proof = await consistencyProof(older, size, roots);
      await this.#put(consistencyPath(older), new TextEncoder().encode(formatConsistency(proof)));
    }
  }

  /** What records cite and the bundle carries: large values always, originals where asked for. */
  async #files(): Promise<number> {
    let carried = 0;
    for (const [path, file] of this.#cited) {
      // The card is carried apart, and dossiers where people find them: only the newest.
      if (file.store === 'case' || file.store === 'derivatives') continue;
      if (file.store === 'originals' && !this.#options.originals) continue;
      // What is in the vault does not leave, not even as ciphertext: keys are lost, and ciphers age.
      if (file.store === 'vault') continue;
      this.#options.signal?.throwIfAborted();
      await this.#copy(path, `data/${path}`);
      carried++;
      this.#options.progress?.({ stage: 'export', done: carried, bytes: this.#bytes });
    }
    return carried;
  }

  async #tags(): Promise<string> {
    const payload = formatManifest(this.#manifest);
    const files = this.#manifest.size;
    const info = `Bagging-Date: ${this.#options.date.slice(0, 10)}\nBag-Software-Agent: dalil\nPayload-Oxum: ${this.#bytes}.${files}\n`;
    const tags = new Map<string, string>();
    for (const [name, content] of [
      ['bagit.txt', bagDeclaration],
      ['bag-info.txt', info],
      ['manifest-sha256.txt', payload],
    ] as const) {
      await writeFile(join(this.#folder, name), content);
      tags.set(name, createHash('sha256').update(content).digest('hex'));
    }
    const tagManifest = formatManifest(tags);
    await writeFile(join(this.#folder, 'tagmanifest-sha256.txt'), tagManifest);
    return createHash('sha256').update(tagManifest).digest('hex');
  }

  async #place(path: string): Promise<string> {
    const target = join(this.#folder, path);
    const parent = dirname(target);
    if (!this.#made.has(parent)) {
      await mkdir(parent, { recursive: true });
      this.#made.add(parent);
    }
    return target;
  }

  async #put(path: string, bytes: Uint8Array): Promise<void> {
    await writeFile(await this.#place(path), bytes);
    this.#manifest.set(path, createHash('sha256').update(bytes).digest('hex'));
    this.#bytes += bytes.length;
  }

  async #copy(from: string, path: string): Promise<void> {
    const hash = createHash('sha256');
    const source = createReadStream(join(this.#opened.folder.path, from), { highWaterMark: 1 << 20 });
    const count = (bytes: number): void => void (this.#bytes += bytes);
    await pipeline(
      source,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          count(chunk.length);
          yield chunk;
        }
      },
      createWriteStream(await this.#place(path)),
    );
    this.#manifest.set(path, hash.digest('hex'));
  }
}
