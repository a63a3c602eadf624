// A few disclosed records of each kind that a description speaks of, and every node of a JSON-LD document.
import { toBase64url } from '#engine';
import type { BundleDescription, DescribedBundle, DisclosedRecord } from './disclosed.ts';
import type { RecordFields } from './record.ts';

export const idAt = (position: number): string => toBase64url(new Uint8Array(32).fill(position + 1));
export const hexOf = (n: number): string => n.toString(16).padStart(2, '0').repeat(32);

const actor = { name: 'Nadim', tool: 'dalil intake', version: '0.1.0' };
const at = '2026-11-23T06:28:16.464Z';
const file = (n: number) => ({ store: 'originals', sha256: hexOf(n), size: 1000 + n }) as const;

/** Record 0 opens the case, 1 is a delivery, 2 and 3 items, 4 a copy of 2, 5 in quarantine, 6 describes 2, 7 is a redacted 2. */
export const everyKind: readonly RecordFields[] = [
  { kind: 'case.opened', at, actor, title: 'The Branch 215 cache' },
  { kind: 'intake.accession', at, actor, handle: 'A-0001', source: 'ORCHARD' },
  {
    kind: 'intake.item',
    at,
    actor,
    handle: 'E-00001',
    path: '2013-05-14/فرع 215/1132/صورة ٤.JPG',
    modified: '2013-05-14T10:22:31.000Z',
    refs: { accession: idAt(1) },
    files: { original: file(2) },
  },
  {
    kind: 'intake.item',
    at,
    actor,
    handle: 'E-00002',
    path: 'notes.txt',
    refs: { accession: idAt(1) },
    files: { original: file(3) },
  },
  {
    kind: 'intake.duplicate',
    at,
    actor,
    handle: 'D-00001',
    path: 'copy/a.jpg',
    refs: { item: idAt(2) },
    files: { original: file(2) },
  },
  {
    kind: 'intake.quarantine',
    at,
    actor,
    handle: 'Q-0001',
    path: 'locked',
    refused: { reason: 'unreadable', message: 'It could not be read.', size: null },
  },
  {
    kind: 'describe.item',
    at,
    actor,
    refs: { item: idAt(2) },
    format: { type: 'image/jpeg', sure: true, size: 1002, text: null },
    picture: { sides: { width: 2592, height: 1944 }, decode: {} },
    metadata: {
      taken: '2013-05-14T10:22:31',
      make: 'Maker',
      serial: '4711',
      counter: 12,
      latitude: 33.5,
      longitude: null,
    },
  },
  {
    kind: 'report.redaction',
    at,
    actor,
    handle: 'R-0001',
    refs: { item: idAt(2) },
    files: { derivative: { store: 'derivatives', sha256: hexOf(9), size: 77 } },
    picture: { type: 'image/jpeg', width: 800, height: 600 },
  },
  { kind: 'report.inventory', at, actor, items: 2 },
];

function inPlace(said: readonly RecordFields[]): DisclosedRecord[] {
  return said.map((fields, position) => ({ position, id: idAt(position), said: fields }));
}

export function bundleOf(carried: readonly string[] = []): DescribedBundle {
  return {
    case: '008ba6f2c8f0fffcfb351898b9234490',
    size: 9,
    date: '2026-11-25',
    carries: (path) => carried.includes(path),
  };
}

/** The whole text of a description of these records. */
export function describe(description: BundleDescription, said: readonly RecordFields[]): string {
  return [...inPlace(said).map((record) => description.see(record)), ...description.end()].join('');
}

export type Node = { '@id': string; '@type'?: string | string[]; [name: string]: unknown };

/** Every object with an `@id`, at any depth. */
export function nodesIn(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  if (typeof value !== 'object' || value === null) return [];
  const below = Object.values(value).flatMap(nodesIn);
  return '@id' in value ? [value as Node, ...below] : below;
}
