// The disclosed records as CASE/UCO 1.4 (https://caseontology.org), JSON-LD, for forensic tools: what was received, what
// was seen in it, what was made of it, by whom and when. Streams: a record is written when it is read.
import {
  baseName,
  countOf,
  fileOf,
  memberOf,
  refOf,
  textOf,
  timeOf,
  uuidOf,
  type BundleDescription,
  type DescribedBundle,
  type DisclosedRecord,
} from './disclosed.ts';
import type { FileCitation, RecordFields } from './record.ts';

export const caseUcoPath = 'data/case-uco.jsonld';

const uco = 'https://ontology.unifiedcyberontology.org/uco/';
const vocabularies = {
  'case-investigation': 'https://ontology.caseontology.org/case/investigation/',
  'uco-action': `${uco}action/`,
  'uco-core': `${uco}core/`,
  'uco-identity': `${uco}identity/`,
  'uco-observable': `${uco}observable/`,
  'uco-tool': `${uco}tool/`,
  'uco-types': `${uco}types/`,
  xsd: 'http://www.w3.org/2001/XMLSchema#',
};

type Node = Record<string, unknown>;

/** Keeps the ids of what may still be referred to, and no more. */
export function caseUco(about: DescribedBundle): BundleDescription {
  /** Record id -> node that stands for what it speaks of. */
  const things = new Map<string, string>();
  const made = new Set<string>();
  const investigation = `kb:investigation-${uuidOf(about.case, 'investigation')}`;
  let begun = false;

  /** A node that several records share is written with the first of them. */
  const once = (node: Node): { '@id': string; nodes: Node[] } => {
    const id = node['@id'] as string;
    const nodes = made.has(id) ? [] : [node];
    made.add(id);
    return { '@id': id, nodes };
  };

  /** Who did it, and with what. */
  const acted = ({ said }: DisclosedRecord): { fields: Node; nodes: Node[] } => {
    const [name, tool] = [textOf(memberOf(said.actor, 'name')), textOf(memberOf(said.actor, 'tool'))];
    const version = textOf(memberOf(said.actor, 'version'));
    const who =
      name === null
        ? null
        : once({
            '@id': `kb:identity-${uuidOf(`${about.case} ${name}`, 'identity')}`,
            '@type': 'uco-identity:Identity',
            'uco-core:name': name,
          });
    const what =
      tool === null
        ? null
        : once({
            '@id': `kb:tool-${uuidOf(`${about.case} ${tool} ${version ?? ''}`, 'tool')}`,
            '@type': 'uco-tool:Tool',
            'uco-core:name': tool,
            ...(version === null ? {} : { 'uco-tool:version': version }),
          });
    return {
      fields: {
        ...time('uco-action:endTime', said.at),
        ...(who === null ? {} : { 'uco-action:performer': { '@id': who['@id'] } }),
        ...(what === null ? {} : { 'uco-action:instrument': { '@id': what['@id'] } }),
      },
      nodes: [...(who?.nodes ?? []), ...(what?.nodes ?? [])],
    };
  };

  const action = (record: DisclosedRecord, name: string, object: string | null, results: readonly string[]): Node[] => {
    const { fields, nodes } = acted(record);
    return [
      ...nodes,
      {
        '@id': `kb:action-${uuidOf(record.id, 'action')}`,
        '@type': 'case-investigation:InvestigativeAction',
        'uco-core:name': name,
        ...fields,
        ...(object === null ? {} : { 'uco-action:object': { '@id': object } }),
        ...(results.length === 0 ? {} : { 'uco-action:result': results.map((id) => ({ '@id': id })) }),
      },
    ];
  };

  /** A file, the record of its provenance, and the act of receiving it. */
  const received = (record: DisclosedRecord): Node[] => {
    const { id, said } = record;
    const file = `kb:file-${uuidOf(id, 'file')}`;
    const provenance = `kb:provenance-${uuidOf(id, 'provenance')}`;
    const accession = things.get(refOf(said, 'accession') ?? '') ?? null;
    const handle = textOf(said.handle);
    things.set(id, file);
    return [
      {
        '@id': file,
        '@type': 'uco-observable:File',
        ...facets([fileFacet(id, said, fileOf(said, 'original')), contentFacet(id, fileOf(said, 'original'))]),
      },
      {
        '@id': provenance,
        '@type': 'case-investigation:ProvenanceRecord',
        ...(handle === null ? {} : { 'case-investigation:exhibitNumber': handle }),
        'uco-core:object': [{ '@id': file }],
      },
      ...action(record, 'received and sealed', accession, [file, provenance]),
    ];
  };

  const nodesOf = (record: DisclosedRecord): Node[] => {
    const { id, said } = record;
    switch (said.kind) {
      case 'case.opened': {
        const title = textOf(said['title']);
        return [
          ...(title === null ? [] : [{ '@id': investigation, 'uco-core:description': title }]),
          ...action(record, 'case opened', null, []),
        ];
      }
      case 'intake.accession': {
        const [handle, source] = [textOf(said.handle), textOf(said['source'])];
        const accession = `kb:provenance-${uuidOf(id, 'provenance')}`;
        things.set(id, accession);
        return [
          {
            '@id': accession,
            '@type': 'case-investigation:ProvenanceRecord',
            ...(handle === null ? {} : { 'case-investigation:exhibitNumber': handle }),
            ...(source === null ? {} : { 'uco-core:description': `One delivery by the source called ${source}.` }),
          },
          ...action(record, 'delivery accepted', null, [accession]),
        ];
      }
      case 'intake.item':
        return received(record);
      case 'intake.duplicate': {
        const same = things.get(refOf(said, 'item') ?? '') ?? null;
        const nodes = received(record);
        return same === null ? nodes : [...nodes, relationship(id, things.get(id)!, 'Same_Bytes_As', same)];
      }
      case 'intake.quarantine': {
        const message = textOf(memberOf(said['refused'], 'message'));
        const file = `kb:file-${uuidOf(id, 'file')}`;
        return [
          {
            '@id': file,
            '@type': 'uco-observable:File',
            ...(message === null ? {} : { 'uco-core:description': `Could not be had whole: ${message}` }),
            ...facets([fileFacet(id, said, null)]),
          },
          ...action(record, 'quarantined', null, [file]),
        ];
      }
      case 'describe.item':
        return described(record, things.get(refOf(said, 'item') ?? '') ?? null);
      case 'report.redaction': {
        const original = things.get(refOf(said, 'item') ?? '') ?? null;
        const copy = `kb:file-${uuidOf(id, 'file')}`;
        const file = fileOf(said, 'derivative');
        const picture = [memberOf(said['picture'], 'width'), memberOf(said['picture'], 'height')];
        const nodes: Node[] = [
          {
            '@id': copy,
            '@type': 'uco-observable:RasterPicture',
            'uco-core:description': 'A redacted copy.',
            ...facets([
              contentFacet(id, file, textOf(memberOf(said['picture'], 'type'))),
              pictureFacet(id, picture[0], picture[1]),
            ]),
          },
          ...action(record, 'redacted', original, [copy]),
        ];
        return original === null ? nodes : [...nodes, relationship(id, copy, 'Redacted_From', original)];
      }
      default:
        return [];
    }
  };

  /** What the machine saw in an item. */
  const described = (record: DisclosedRecord, item: string | null): Node[] => {
    const { id, said } = record;
    if (item === null) return [];
    const sides = memberOf(said['picture'], 'sides');
    const shown = facets([
      contentFacet(id, null, textOf(memberOf(said['format'], 'type'))),
      pictureFacet(id, memberOf(sides, 'width'), memberOf(sides, 'height')),
      exifFacet(id, said['metadata']),
    ]);
    return [
      ...action(record, 'described', item, []),
      ...('uco-core:hasFacet' in shown ? [{ '@id': item, ...shown }] : []),
    ];
  };

  const begin = (): string => {
    begun = true;
    const context = { kb: `https://dalil.invalid/${about.case}/`, ...vocabularies };
    const bundle = {
      '@id': `kb:bundle-${uuidOf(about.case, `bundle ${about.size}`)}`,
      '@type': 'uco-core:Bundle',
      'uco-core:description': `DisclosedRecord from the first ${about.size} records of the signed log of case ${about.case}.`,
    };
    const first = {
      '@id': investigation,
      '@type': 'case-investigation:Investigation',
      'uco-core:name': `Case ${about.case}`,
    };
    const open = JSON.stringify(bundle).slice(0, -1);
    return `{"@context":${JSON.stringify(context)},"@graph":[\n${open},"uco-core:object":[\n${JSON.stringify(first)}`;
  };

  return {
    see(record) {
      const nodes = nodesOf(record);
      return (begun ? '' : begin()) + nodes.map((node) => `,\n${JSON.stringify(node)}`).join('');
    },
    *end() {
      if (!begun) yield begin();
      yield '\n]}\n]}\n';
    },
  };
}

function facets(some: readonly (Node | null)[]): Node {
  const there = some.filter((facet) => facet !== null);
  return there.length === 0 ? {} : { 'uco-core:hasFacet': there };
}

function fileFacet(id: string, said: RecordFields, file: FileCitation | null): Node | null {
  const path = textOf(said['path']);
  const modified = time('uco-observable:modifiedTime', said['modified']);
  if (path === null && file === null && Object.keys(modified).length === 0) return null;
  return {
    '@id': `kb:file-facet-${uuidOf(id, 'file-facet')}`,
    '@type': 'uco-observable:FileFacet',
    ...(path === null ? {} : { 'uco-observable:fileName': baseName(path), 'uco-observable:filePath': path }),
    ...(file === null ? {} : { 'uco-observable:sizeInBytes': file.size }),
    ...modified,
  };
}

function contentFacet(id: string, file: FileCitation | null, type: string | null = null): Node | null {
  if (file === null && type === null) return null;
  return {
    '@id': `kb:content-data-facet-${uuidOf(id, 'content-data-facet')}`,
    '@type': 'uco-observable:ContentDataFacet',
    ...(type === null ? {} : { 'uco-observable:mimeType': type }),
    ...(file === null
      ? {}
      : {
          'uco-observable:sizeInBytes': file.size,
          'uco-observable:hash': [
            {
              '@id': `kb:hash-${uuidOf(id, 'hash')}`,
              '@type': 'uco-types:Hash',
              'uco-types:hashMethod': 'SHA256',
              'uco-types:hashValue': { '@type': 'xsd:hexBinary', '@value': file.sha256 },
            },
          ],
        }),
  };
}

function pictureFacet(id: string, width: unknown, height: unknown): Node | null {
  const [w, h] = [countOf(width), countOf(height)];
  if (w === null || h === null) return null;
  return {
    '@id': `kb:raster-picture-facet-${uuidOf(id, 'raster-picture-facet')}`,
    '@type': 'uco-observable:RasterPictureFacet',
    'uco-observable:pictureWidth': w,
    'uco-observable:pictureHeight': h,
  };
}

/** What describing reads of a camera's metadata, under EXIF's own names. */
const exifNames = {
  taken: 'DateTimeOriginal',
  modified: 'DateTime',
  make: 'Make',
  model: 'Model',
  serial: 'BodySerialNumber',
  software: 'Software',
  counter: 'ImageNumber',
  latitude: 'GPSLatitude',
  longitude: 'GPSLongitude',
};

function exifFacet(id: string, metadata: unknown): Node | null {
  const entries = Object.entries(exifNames).flatMap(([name, key]) => {
    const value = memberOf(metadata, name);
    if (typeof value !== 'string' && typeof value !== 'number') return [];
    return [
      {
        '@id': `kb:entry-${uuidOf(id, `exif ${name}`)}`,
        '@type': 'uco-types:ControlledDictionaryEntry',
        'uco-types:key': key,
        'uco-types:value': String(value),
      },
    ];
  });
  if (entries.length === 0) return null;
  return {
    '@id': `kb:exif-facet-${uuidOf(id, 'exif-facet')}`,
    '@type': 'uco-observable:EXIFFacet',
    'uco-observable:exifData': [
      {
        '@id': `kb:dictionary-${uuidOf(id, 'exif')}`,
        '@type': 'uco-types:ControlledDictionary',
        'uco-types:entry': entries,
      },
    ],
  };
}

function relationship(id: string, source: string, kind: string, target: string): Node {
  return {
    '@id': `kb:relationship-${uuidOf(id, 'relationship')}`,
    '@type': 'uco-observable:ObservableRelationship',
    'uco-core:source': [{ '@id': source }],
    'uco-core:target': { '@id': target },
    'uco-core:kindOfRelationship': kind,
    'uco-core:isDirectional': true,
  };
}

function time(name: string, value: unknown): Node {
  const at = timeOf(value);
  return at === null ? {} : { [name]: { '@type': 'xsd:dateTime', '@value': at } };
}
