// Writes a BagIt 1.0 bag (RFC 8493) into a sink, a file at a time. The manifest's lines of records, of which there are
// many, wait outside the heap in the order of their paths: some 120 bytes a file.
import { bagDeclaration, formatManifest } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { BundleSink, Packed } from './bundle-sink.ts';
import type { Source } from './zip.ts';

const utf8 = new TextEncoder();

export class Bag {
  readonly #sink: BundleSink;
  readonly #payload = new Map<string, string>();
  readonly #tags = new Map<string, string>();
  /** Files whose paths come rising, by the folder that they lie in: lines that are not final yet, and those that are. */
  readonly #runs = new Map<string, { lines: string[]; text: Uint8Array[] }>();
  /** Sums over the payload. */
  files = 0;
  bytes = 0;

  constructor(sink: BundleSink) {
    this.#sink = sink;
  }

  /**
   * A file of the payload. `run`: the folder below which its path is greater than all before it. Throws
   * Fault('case-damaged') where the bytes that went by are not the `expected` ones.
   */
  async put(path: string, content: Uint8Array | Source, run?: string, expected?: Packed): Promise<void> {
    const place = run === undefined ? null : this.#place(run);
    const { sha256, size } = await this.#sink.put(path, content);
    if (expected !== undefined && (sha256 !== expected.sha256 || size !== expected.size)) throw damaged();
    this.files++;
    this.bytes += size;
    if (place === null) this.#payload.set(path, sha256);
    else place(`${sha256}  ${path}\n`);
  }

  /** Whether the payload has this file; of those put in a run it is not known. */
  has(path: string): boolean {
    return this.#payload.has(path);
  }

  /** A file beside the payload. */
  async putTag(path: string, content: Uint8Array | Source): Promise<void> {
    this.#tags.set(path, (await this.#sink.put(path, content)).sha256);
  }

  /** Lets go of lines that are final: to be called now and then, while no file is under way. */
  flush(): void {
    for (const run of this.#runs.values()) run.text.push(utf8.encode(run.lines.splice(0).join('')));
  }

  /** The manifests and what the standard has beside them. `date` is the day of packing. Gives the tag manifest's SHA-256. */
  async close(date: string): Promise<string> {
    this.flush();
    await this.putTag('manifest-sha256.txt', () => this.#manifest());
    const oxum = `${this.bytes}.${this.files}`;
    const info = `Bagging-Date: ${date}\nBag-Software-Agent: dalil\nPayload-Oxum: ${oxum}\n`;
    await this.putTag('bagit.txt', utf8.encode(bagDeclaration));
    await this.putTag('bag-info.txt', utf8.encode(info));
    const manifest = utf8.encode(formatManifest(this.#tags));
    return (await this.#sink.put('tagmanifest-sha256.txt', manifest)).sha256;
  }

  /** In the order of paths: what stands before a run, the run, and so on. */
  *#manifest(): Generator<Uint8Array> {
    const others = [...this.#payload.keys()].toSorted((a, b) => (a < b ? -1 : 1));
    const linesBefore = (limit: string | null): Uint8Array => {
      const end = limit === null ? others.length : others.findIndex((other) => other >= limit);
      const part = others.splice(0, end < 0 ? others.length : end);
      return utf8.encode(formatManifest(new Map(part.map((other) => [other, this.#payload.get(other)!]))));
    };
    for (const [below, { text }] of [...this.#runs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
      yield linesBefore(below);
      yield* text;
    }
    yield linesBefore(null);
  }

  /** A place for a line in its run, taken now and filled when the file is packed. */
  #place(below: string): (line: string) => void {
    let run = this.#runs.get(below);
    if (run === undefined) this.#runs.set(below, (run = { lines: [], text: [] }));
    const { lines } = run;
    const at = lines.push('') - 1;
    return (line) => (lines[at] = line);
  }
}

/** Found while the bytes stream by: the bundle is given up, since a stranger could not use what does not check. */
function damaged(): Fault {
  return new Fault('case-damaged', {
    what: 'A file of the case is not what its record says, so it was not packed, and no bundle was written.',
    expected: 'the bytes that the record cites',
    got: 'other bytes',
    next: 'run `dalil fixity` to see which, and `dalil fixity restore --from <copy>`; then export again',
  });
}
