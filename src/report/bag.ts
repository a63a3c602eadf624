// Writes a BagIt 1.0 bag (RFC 8493) into a new folder, a file at a time. The manifest's lines of records, of which there
// are many, wait on the disk in the order of their paths; only those of other files are kept in memory.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { bagDeclaration, formatManifest } from '@dalil/verify';

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

export class Bag {
  readonly #folder: string;
  readonly #payload = new Map<string, string>();
  readonly #tags = new Map<string, string>();
  /** Files whose paths come rising, by the folder that they lie in. */
  readonly #runs = new Map<string, { lines: string[]; file: string }>();
  readonly #made = new Set<string>();
  /** Sums over the payload. */
  files = 0;
  bytes = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** A file of the payload. `run`: the folder below which its path is greater than all before it. */
  async put(path: string, bytes: Uint8Array, run?: string): Promise<void> {
    this.#note(path, bytes.length, sha256(bytes), run);
    await writeFile(await this.#place(path), bytes);
  }

  /** A file of the payload of any size, from the disk. */
  async copy(from: string, path: string): Promise<void> {
    const hash = createHash('sha256');
    let size = 0;
    await pipeline(
      createReadStream(from, { highWaterMark: 1 << 20 }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(await this.#place(path)),
    );
    this.#note(path, size, hash.digest('hex'));
  }

  /** A file beside the payload. */
  async putTag(path: string, bytes: Uint8Array | string): Promise<void> {
    this.#tags.set(path, sha256(bytes));
    await writeFile(await this.#place(path), bytes);
  }

  /** Writes the lines that wait to the disk: to be called now and then. */
  async flush(): Promise<void> {
    for (const run of this.#runs.values()) {
      if (run.lines.length > 0) await appendFile(join(this.#folder, run.file), run.lines.splice(0).join(''));
    }
  }

  /** The manifests and what the standard has beside them. `date` is the day of packing. Gives the tag manifest's SHA-256. */
  async close(date: string): Promise<string> {
    await this.#manifest();
    const oxum = `${this.bytes}.${this.files}`;
    await this.putTag('bagit.txt', bagDeclaration);
    await this.putTag('bag-info.txt', `Bagging-Date: ${date}\nBag-Software-Agent: dalil\nPayload-Oxum: ${oxum}\n`);
    const manifest = formatManifest(this.#tags);
    await writeFile(join(this.#folder, 'tagmanifest-sha256.txt'), manifest);
    return sha256(manifest);
  }

  /** In the order of paths: what stands before a run, the run, and so on. */
  async #manifest(): Promise<void> {
    await this.flush();
    const hash = createHash('sha256');
    const path = join(this.#folder, 'manifest-sha256.txt');
    const add = async (bytes: Uint8Array | string): Promise<void> => {
      hash.update(bytes);
      await appendFile(path, bytes);
    };
    const others = [...this.#payload.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    const linesBefore = (limit: string | null): string => {
      const end = limit === null ? others.length : others.findIndex((other) => other >= limit);
      const part = others.splice(0, end < 0 ? others.length : end);
      return formatManifest(new Map(part.map((other) => [other, this.#payload.get(other)!])));
    };
    for (const [below, { file }] of [...this.#runs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      await add(linesBefore(below));
      for await (const chunk of createReadStream(join(this.#folder, file))) await add(chunk as Buffer);
      await rm(join(this.#folder, file));
    }
    await add(linesBefore(null));
    this.#tags.set('manifest-sha256.txt', hash.digest('hex'));
  }

  #note(path: string, size: number, hex: string, below?: string): void {
    this.files++;
    this.bytes += size;
    if (below === undefined) {
      this.#payload.set(path, hex);
      return;
    }
    let run = this.#runs.get(below);
    if (run === undefined) this.#runs.set(below, (run = { lines: [], file: `.run-${this.#runs.size}` }));
    run.lines.push(`${hex}  ${path}\n`);
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
}
