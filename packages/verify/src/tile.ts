// C2SP tlog-tiles, tile height 8: names of tiles, entry bundles, and hash tiles as bytes.
import { emptyRoot, nodeHash, type SubtreeRoot } from './merkle.ts';
import { FormatError } from './problem.ts';

export const tileWidth = 256;

/** `n` as a path of three-digit pieces, all but the last with an x: 1234067 -> x001/x234/067. */
export function indexPath(n: number): string {
  let path = String(n % 1000).padStart(3, '0');
  for (let rest = Math.floor(n / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, '0')}/${path}`;
  }
  return path;
}

/** Name of tile `n`, with its width where it is not yet full. `below` is 'log/tile/0', 'log/tile/entries', 'records'… */
export function tilePath(below: string, n: number, width: number): string {
  return `${below}/${indexPath(n)}${width === tileWidth ? '' : `.p/${width}`}`;
}

/** The index and width that a tile's name stands for, or null when it is no such name. `path` is relative to `below`. */
export function parseTilePath(path: string): { n: number; width: number } | null {
  const match = /^((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  if (match === null) return null;
  const n = Number(match[1]!.replaceAll(/[x/]/g, ''));
  const width = match[2] === undefined ? tileWidth : Number(match[2]);
  if (width > tileWidth || (match[2] !== undefined && width === tileWidth) || indexPath(n) !== match[1]) return null;
  return { n, width };
}

/** An entry bundle: each entry preceded by its length as a big-endian uint16. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > 65_535) throw new RangeError(`an entry has at most 65535 bytes, got ${entry.length}`);
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 255;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The entries of a bundle; throws FormatError('entry-malformed') when lengths and bytes do not meet. */
export function decodeEntries(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = at + 2 <= bytes.length ? bytes[at]! * 256 + bytes[at + 1]! : -1;
    if (length < 0 || at + 2 + length > bytes.length) {
      throw new FormatError('entry-malformed', `the bundle ends within entry ${entries.length}`);
    }
    entries.push(bytes.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return entries;
}

/** A hash tile: its hashes, 32 bytes each, one after the other. */
export function encodeHashes(hashes: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(hashes.length * 32);
  hashes.forEach((hash, i) => bytes.set(hash, i * 32));
  return bytes;
}

/** The hashes of a tile; throws FormatError('tile-altered') unless its length is a multiple of 32. */
export function decodeHashes(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length % 32 !== 0 || bytes.length > tileWidth * 32) {
    throw new FormatError('tile-altered', `a tile holds up to 256 hashes of 32 bytes, got ${bytes.length} bytes`);
  }
  return Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
}

/** The tiles (index, width) that hold numbers 0 .. count-1: all full but perhaps the last. */
export function* tilesOf(count: number): Generator<{ n: number; width: number }> {
  for (let n = 0; n * tileWidth < count; n++) yield { n, width: Math.min(tileWidth, count - n * tileWidth) };
}

/**
 * Roots of subtrees in a log of `size` records, for proofs, from the hashes of its tiles: tile `n` of a level, so many of
 * them; null where it is not there. Keeps up to 4,096 tiles with what lies above their hashes (64 MB): a proof then
 * costs look-ups where it cost some 500 hashes.
 */
export function subtreeRoots(
  hashesOf: (level: number, n: number, width: number) => Promise<Uint8Array[] | null>,
  size: number,
): SubtreeRoot {
  const kept = new Map<string, Subtrees>();
  const ragged = new Map<number, Uint8Array>();
  const widthOf = (level: number, n: number): number =>
    Math.min(tileWidth, Math.floor(size / tileWidth ** level) - n * tileWidth);

  const read = async (level: number, n: number): Promise<Subtrees> => {
    const hashes = await hashesOf(level, n, widthOf(level, n));
    if (hashes === null) throw new Error(`hash tile ${level}/${n} is missing`);
    if (kept.size >= 4096) kept.delete(kept.keys().next().value!);
    const subtrees = new Subtrees(hashes);
    kept.set(`${level}/${n}`, subtrees);
    return subtrees;
  };

  const root = (from: number, to: number): Uint8Array | Promise<Uint8Array> => {
    if (to === from) return emptyRoot();
    const depth = Math.floor(Math.log2(to - from));
    if (2 ** depth !== to - from) return raggedRoot(from, to);
    // A full subtree of 2^depth records is a run of hashes within one tile.
    const level = Math.floor(depth / 8);
    const at = from / tileWidth ** level;
    const n = Math.floor(at / tileWidth);
    const place = (at - n * tileWidth) / 2 ** (depth % 8);
    const tile = kept.get(`${level}/${n}`);
    return tile?.root(depth % 8, place) ?? read(level, n).then((one) => one.root(depth % 8, place));
  };

  /** The right end, split as the tree does; every proof over the same size needs the same few. */
  const raggedRoot = async (from: number, to: number): Promise<Uint8Array> => {
    const known = to === size ? ragged.get(from) : undefined;
    if (known !== undefined) return known;
    const middle = from + 2 ** Math.floor(Math.log2(to - from));
    const hash = nodeHash(await root(from, middle), await root(middle, to));
    if (to === size) ragged.set(from, hash);
    return hash;
  };
  return root;
}

/** The hashes of a tile and the roots of all full subtrees over them, in one piece of memory, level by level. */
class Subtrees {
  readonly #nodes: Uint8Array;
  readonly #starts: number[] = [];

  constructor(hashes: readonly Uint8Array[]) {
    let total = 0;
    for (let width = hashes.length; width > 0; width >>= 1) {
      this.#starts.push(total);
      total += width;
    }
    this.#nodes = new Uint8Array(total * 32);
    this.#nodes.set(encodeHashes(hashes));
    for (let height = 1; height < this.#starts.length; height++) {
      for (let place = 0; place < hashes.length >> height; place++) {
        const [left, right] = [this.root(height - 1, 2 * place), this.root(height - 1, 2 * place + 1)];
        this.#nodes.set(nodeHash(left, right), (this.#starts[height]! + place) * 32);
      }
    }
  }

  /** The root over the 2^height hashes from `place` * 2^height on. */
  root(height: number, place: number): Uint8Array {
    const at = (this.#starts[height]! + place) * 32;
    return this.#nodes.subarray(at, at + 32);
  }
}
