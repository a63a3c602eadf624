import { expect, test } from 'vitest';
import { bundleOf, describe, everyKind, hexOf, nodesIn, type Node } from './disclosed.fixture.ts';
import type { RecordFields } from './record.ts';
import { roCrate } from './ro-crate.ts';

const at = (store: string, n: number): string =>
  `${store}/sha256/${hexOf(n).slice(0, 2)}/${hexOf(n).slice(2, 4)}/${hexOf(n)}`;
const original = at('originals', 2);
const copy = at('derivatives', 9);

const textOf = (said: readonly RecordFields[], carried: readonly string[] = []): string =>
  describe(roCrate(bundleOf(carried)), said);

function crateOf(said: readonly RecordFields[], carried: readonly string[] = []) {
  const { '@context': context, '@graph': graph } = JSON.parse(textOf(said, carried)) as {
    '@context': string;
    '@graph': Node[];
  };
  return { context, graph, of: (id: string) => graph.find((entity) => entity['@id'] === id) };
}

/** What the specification says every crate must and, of data entities, should have (1.2: metadata, root, data entities). */
function expectSound(graph: Node[]): void {
  const ids = graph.map((entity) => entity['@id']);
  expect(new Set(ids).size).toBe(ids.length);
  for (const entity of graph) expect(entity).toMatchObject({ '@type': expect.anything(), name: expect.any(String) });
  const links = nodesIn(graph).filter((node) => Object.keys(node).length === 1);
  for (const link of links) expect(ids).toContain(link['@id']);
  const parts = (graph.find((entity) => entity['@id'] === './')!['hasPart'] as Node[]).map((part) => part['@id']);
  for (const entity of graph) {
    const isFile = [entity['@type']].flat().includes('File') && !entity['@id'].startsWith('#');
    if (isFile) expect(parts).toContain(entity['@id']);
  }
}

test('the descriptor and the root are as RO-Crate 1.2 demands', () => {
  const { context, graph, of } = crateOf(everyKind);
  expect(context).toBe('https://w3id.org/ro/crate/1.2/context');
  expect(of('ro-crate-metadata.json')).toEqual({
    '@id': 'ro-crate-metadata.json',
    '@type': 'CreativeWork',
    about: { '@id': './' },
    conformsTo: { '@id': 'https://w3id.org/ro/crate/1.2' },
  });
  expect(of('./')).toMatchObject({
    '@type': 'Dataset',
    name: 'The Branch 215 cache (case 008ba6f2c8f0fffcfb351898b9234490)',
    description: expect.stringContaining('first 9 records'),
    datePublished: '2026-11-25',
    license: { '@id': '#terms' },
  });
  expect(of('#terms')).toMatchObject({ name: expect.any(String), description: expect.any(String) });
  expectSound(graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
});

test('a carried original is a file with the names, size, hash, format and delivery that its records give', () => {
  const { of, graph } = crateOf(everyKind, [original, copy]);
  expect(of(original)).toEqual({
    '@id': original,
    '@type': ['File', 'ImageObject'],
    name: 'صورة ٤.JPG',
    alternateName: ['2013-05-14/فرع 215/1132/صورة ٤.JPG', 'copy/a.jpg'],
    identifier: 'E-00001',
    contentSize: '1002',
    sha256: hexOf(2),
    encodingFormat: 'image/jpeg',
    dateModified: '2013-05-14T10:22:31.000Z',
    isPartOf: { '@id': '#record-1' },
  });
  expect(of(copy)).toMatchObject({ identifier: 'R-0001', isBasedOn: { '@id': original } });
  expect(of('#record-7')).toMatchObject({
    '@type': 'CreateAction',
    object: { '@id': original },
    result: { '@id': copy },
  });
  // What is not carried is spoken of, and is no data entity.
  expect(of('#record-3')).toMatchObject({ '@type': 'File', name: 'notes.txt' });
  expectSound(graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
});

test('what is withheld does not appear', () => {
  const shown = everyKind.map(({ kind, refs }) => ({ kind: kind!, ...(refs === undefined ? {} : { refs }) }));
  const text = textOf(shown);
  for (const secret of [
    'صورة',
    'notes',
    'ORCHARD',
    'Branch',
    'Nadim',
    hexOf(2),
    hexOf(9),
    '1002',
    '2013',
    'E-0',
    'R-0',
  ])
    expect(text).not.toContain(secret);
  const { graph } = crateOf(shown);
  expectSound(graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
  const less = crateOf(everyKind.filter(({ kind }) => kind !== 'intake.item' && kind !== 'intake.accession'));
  expectSound(less.graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
});

test('the same records give the same bytes, and fields of any other shape no error', () => {
  expect(textOf(everyKind, [original])).toBe(textOf(everyKind, [original]));
  const odd = ['', 0, null, [], {}, [[]], { item: 7 }, true].flatMap((value) =>
    everyKind.map(
      (said) =>
        Object.fromEntries(
          Object.keys(said).map((name) => [name, name === 'kind' ? said.kind : value]),
        ) as RecordFields,
    ),
  );
  expectSound(crateOf(odd).graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
});

test('each volume of a dossier is a part of the crate, and what is not carried is none', () => {
  const paths = ['dossier/dossier.pdf', 'dossier/dossier-2.pdf', 'dossier/dossier-3.pdf'];
  const { graph, of } = crateOf(everyKind, paths);
  for (const path of paths) expect(of(path)).toMatchObject({ '@type': 'File', encodingFormat: 'application/pdf' });
  expect(of('dossier/dossier-4.pdf')).toBeUndefined();
  const parts = (of('./')!['hasPart'] as Node[]).map((part) => part['@id']);
  expect(parts).toEqual(expect.arrayContaining(paths));
  expect(parts).not.toContain('dossier/dossier-4.pdf');
  expectSound(graph.filter((entity) => entity['@id'] !== 'ro-crate-metadata.json'));
});
