// What a bundle says of itself, in data/bundle.json: which case, which checkpoint, which records are disclosed, and how
// many items and files were withheld; and where everything in it lies. BagIt 1.0 (RFC 8493) carries it.
import { fromBase64, toBase64 } from '#engine';
import { FormatError } from './problem.ts';

export const bundleFormat = 'dalil-bundle/1';

export interface BundleFile {
  format: typeof bundleFormat;
  /** The case's identifier. */
  case: string;
  checkpoint: { size: number; root: string };
  /** Positions of the disclosed records, rising. */
  records: number[];
  /** Items of the case: their records disclosed, and not. Together they are what the inventory says. */
  items: { disclosed: number; withheld: number };
  /** Files cited by disclosed records: carried in the bundle, and withheld from it. */
  files: { carried: number; withheld: number };
}

/** Path of a disclosed record in a bundle, a thousand a folder. */
export function recordPath(position: number): string {
  return `data/records/${String(Math.floor(position / 1000)).padStart(4, '0')}/${String(position).padStart(7, '0')}.sd-jwt`;
}

/** Path of a disclosed record's C2SP tlog-proof. */
export function proofPath(position: number): string {
  return recordPath(position).replace('data/records/', 'data/proofs/').replace('.sd-jwt', '.tlog-proof');
}

/** Path of the same proof without its first line: what `spicy-litetlog -verify` reads beside the record's entry. */
export function spicyPath(position: number): string {
  return proofPath(position).replace('.tlog-proof', '.spicy');
}

/** Path of the proof that an earlier checkpoint, which a dossier speaks of, leads to the bundle's. */
export function consistencyPath(size: number): string {
  return `data/checkpoints/${size}.consistency`;
}

/** RFC 6962 consistency proof as text: one hash a line, base64. */
export function formatConsistency(path: readonly Uint8Array[]): string {
  return path.map((hash) => `${toBase64(hash)}\n`).join('');
}

/** Throws FormatError('proof-altered'). */
export function parseConsistency(text: string): Uint8Array[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new FormatError('proof-altered', 'the last line of a proof does not end');
  return lines.map((line) => {
    const hash = fromBase64(line);
    if (hash === null || hash.length !== 32) throw new FormatError('proof-altered', 'a malformed hash');
    return hash;
  });
}

export function formatBundleFile(bundle: BundleFile): string {
  return `${JSON.stringify(bundle)}\n`;
}

/** Throws FormatError('bag-malformed'). */
export function parseBundleFile(text: string): BundleFile {
  let bundle: BundleFile;
  try {
    bundle = JSON.parse(text) as BundleFile;
  } catch {
    throw new FormatError('bag-malformed', 'bundle.json is not JSON');
  }
  const rising = (positions: unknown): boolean =>
    Array.isArray(positions) &&
    positions.every(
      (at: unknown, i) => Number.isSafeInteger(at) && (at as number) > (i === 0 ? -1 : (positions[i - 1] as number)),
    );
  const counts = (...numbers: unknown[]): boolean =>
    numbers.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  const sound =
    bundle?.format === bundleFormat &&
    typeof bundle.case === 'string' &&
    typeof bundle.checkpoint?.root === 'string' &&
    counts(bundle.checkpoint.size, bundle.items?.disclosed, bundle.items?.withheld) &&
    counts(bundle.files?.carried, bundle.files?.withheld) &&
    rising(bundle.records);
  if (!sound) throw new FormatError('bag-malformed', `bundle.json is not of format ${bundleFormat}`);
  const { format, records, checkpoint, items, files } = bundle;
  const known: BundleFile = {
    format,
    case: bundle.case,
    checkpoint: { size: checkpoint.size, root: checkpoint.root },
    records,
    items: { disclosed: items.disclosed, withheld: items.withheld },
    files: { carried: files.carried, withheld: files.withheld },
  };
  if (formatBundleFile(known) !== text)
    throw new FormatError('bag-malformed', 'bundle.json is not in its canonical form');
  return known;
}

/** A BagIt manifest: one line a file, `<hex>  <path>`, in the order of paths. */
export function formatManifest(files: ReadonlyMap<string, string>): string {
  return [...files]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, hex]) => `${hex}  ${path}\n`)
    .join('');
}

/** Path -> hex. Throws FormatError('bag-malformed') on a malformed line, an unsafe path, or a path named twice. */
export function parseManifest(text: string): Map<string, string> {
  const files = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new FormatError('bag-malformed', 'the last line of a manifest does not end');
  for (const line of lines) {
    const match = /^([0-9a-f]{64}) {2}([A-Za-z0-9._/-]+)$/.exec(line);
    const path = match?.[2] ?? '';
    if (match === null || path.split('/').some((name) => name === '' || name === '.' || name === '..')) {
      throw new FormatError('bag-malformed', 'a line of a manifest is not a hash and a plain path');
    }
    if (files.has(path)) throw new FormatError('bag-malformed', 'a manifest names a path twice');
    files.set(path, match[1]!);
  }
  return files;
}
