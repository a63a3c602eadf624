import { expect, test } from 'vitest';
import { caseUco } from './case-uco.ts';
import { bundleOf, describe, everyKind, hexOf, nodesIn, type Node } from './disclosed.fixture.ts';
import type { RecordFields } from './record.ts';

const textOf = (said: readonly RecordFields[]): string => describe(caseUco(bundleOf()), said);

interface Document {
  '@context': Record<string, string>;
  '@graph': Node[];
}
const documentOf = (said: readonly RecordFields[]) => JSON.parse(textOf(said)) as Document;

/** Every term has a known prefix, every node an id that ends with a UUID, every reference a node with a type. */
function expectSound(document: Document): void {
  const nodes = nodesIn(document['@graph']);
  const typed = new Set(nodes.filter((node) => '@type' in node).map((node) => node['@id']));
  for (const node of nodes) {
    expect(typed).toContain(node['@id']);
    // UCO 1.4, UcoThing-identifier-regex-shape.
    expect(node['@id']).toMatch(/^kb:[a-z-]+-[0-9a-f]{8}-[0-9a-f]{4}-[0-5][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    for (const term of [...Object.keys(node), ...[node['@type'] ?? []].flat()].filter((one) => !one.startsWith('@'))) {
      expect(Object.keys(document['@context'])).toContain(term.split(':')[0]);
    }
  }
  const once = nodes.filter((node) => '@type' in node).map((node) => node['@id']);
  expect(new Set(once).size).toBe(once.length);
}

test('the vocabularies are those of CASE and UCO, and everything lies in one bundle', () => {
  const document = documentOf(everyKind);
  expect(document['@context']).toMatchObject({
    'case-investigation': 'https://ontology.caseontology.org/case/investigation/',
    'uco-core': 'https://ontology.unifiedcyberontology.org/uco/core/',
    'uco-observable': 'https://ontology.unifiedcyberontology.org/uco/observable/',
    'uco-types': 'https://ontology.unifiedcyberontology.org/uco/types/',
    xsd: 'http://www.w3.org/2001/XMLSchema#',
  });
  expect(document['@graph'].map((node) => node['@type'])).toEqual(['uco-core:Bundle']);
  expectSound(document);
});

test('an item is a file with its name, size, hash, type, picture and EXIF, an exhibit number and the act of receiving it', () => {
  const nodes = nodesIn(documentOf(everyKind)['@graph']);
  const provenance = nodes.find((node) => node['case-investigation:exhibitNumber'] === 'E-00001')!;
  const file = (provenance['uco-core:object'] as Node[])[0]!['@id'];
  const facets = nodes
    .filter((node) => node['@id'] === file)
    .flatMap((node) => (node['uco-core:hasFacet'] ?? []) as Node[]);
  const facet = (type: string) => facets.find((one) => one['@type'] === `uco-observable:${type}`);
  expect(facet('FileFacet')).toMatchObject({
    'uco-observable:fileName': 'صورة ٤.JPG',
    'uco-observable:filePath': '2013-05-14/فرع 215/1132/صورة ٤.JPG',
    'uco-observable:sizeInBytes': 1002,
  });
  expect(JSON.stringify(facet('ContentDataFacet'))).toContain(hexOf(2));
  expect(facet('RasterPictureFacet')).toMatchObject({ 'uco-observable:pictureWidth': 2592 });
  expect(JSON.stringify(facet('EXIFFacet'))).toContain('"uco-types:key":"BodySerialNumber","uco-types:value":"4711"');
  const act = nodes.find((node) => JSON.stringify(node['uco-action:result'] ?? '').includes(file))!;
  expect(act).toMatchObject({
    '@type': 'case-investigation:InvestigativeAction',
    'uco-core:name': 'received and sealed',
  });
  const who = nodes.find((node) => node['@id'] === (act['uco-action:performer'] as Node)['@id'] && '@type' in node);
  expect(who).toMatchObject({ '@type': 'uco-identity:Identity', 'uco-core:name': 'Nadim' });
  const related = nodes.filter((node) => node['@type'] === 'uco-observable:ObservableRelationship');
  expect(related.map((node) => node['uco-core:kindOfRelationship'])).toEqual(['Same_Bytes_As', 'Redacted_From']);
  for (const node of related) expect(node['uco-core:target']).toEqual({ '@id': file });
});

test('what is withheld does not appear, and a reference to what is not disclosed neither', () => {
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
    '4711',
    'E-0',
  ])
    expect(text).not.toContain(secret);
  expectSound(documentOf(shown));
  expectSound(documentOf(everyKind.filter(({ kind }) => kind !== 'intake.item' && kind !== 'intake.accession')));
  expectSound(documentOf([]));
});

test('the same records give the same bytes, and fields of any other shape no error', () => {
  expect(textOf(everyKind)).toBe(textOf(everyKind));
  const odd = ['', 0, null, [], {}, [[]], { item: 7 }, true].flatMap((value) =>
    everyKind.map(
      (said) =>
        Object.fromEntries(
          Object.keys(said).map((name) => [name, name === 'kind' ? said.kind : value]),
        ) as RecordFields,
    ),
  );
  expectSound(documentOf(odd));
});
