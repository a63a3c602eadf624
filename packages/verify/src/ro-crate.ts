// The bundle as an RO-Crate 1.2 (https://w3id.org/ro/crate/1.2), for archives and their tools: data/ is its root, each
// disclosed item a file with the name it was received under. Written from the disclosed records alone.
import {
  baseName,
  fileOf,
  memberOf,
  refOf,
  textOf,
  timeOf,
  type BundleDescription,
  type DescribedBundle,
  type DisclosedRecord,
} from './disclosed.ts';
import { citedPath, type FileCitation } from './record.ts';

export const roCratePath = 'data/ro-crate-metadata.json';

type Entity = Record<string, unknown>;
const link = (id: string) => ({ '@id': id });

/** An item as it is gathered: its description and its copies come later in the log. Some 500 bytes each. */
interface Item {
  position: number;
  handle: string | null;
  path: string | null;
  modified: string | null;
  file: FileCitation | null;
  accession: string | null;
  /** Further places at which the same bytes were received. */
  also: string[];
  format: string | null;
}

/** Nothing is said before the end: an entity is described in one place, and its facts lie in several records. */
export function roCrate(about: DescribedBundle): BundleDescription {
  let title: string | null = null;
  const accessions = new Map<string, Entity>();
  const items = new Map<string, Item>();
  const redactions: { record: DisclosedRecord; item: string | null }[] = [];

  const entityOf = ({ file, position }: Pick<Item, 'file' | 'position'>): string => {
    const path = file === null ? null : citedPath(file);
    return path !== null && about.carries(path) ? path : `#record-${position}`;
  };

  return {
    see(record) {
      const { position, id, said } = record;
      switch (said.kind) {
        case 'case.opened':
          title = textOf(said['title']);
          break;
        case 'intake.accession':
          accessions.set(id, accessionEntity(record));
          break;
        case 'intake.item':
          items.set(id, {
            position,
            handle: textOf(said.handle),
            path: textOf(said['path']),
            modified: timeOf(said['modified']),
            file: fileOf(said, 'original'),
            accession: refOf(said, 'accession'),
            also: [],
            format: null,
          });
          break;
        case 'intake.duplicate': {
          const path = textOf(said['path']);
          if (path !== null) items.get(refOf(said, 'item') ?? '')?.also.push(path);
          break;
        }
        case 'describe.item': {
          const item = items.get(refOf(said, 'item') ?? '');
          if (item !== undefined) item.format = textOf(memberOf(said['format'], 'type')) ?? item.format;
          break;
        }
        case 'report.redaction':
          redactions.push({ record, item: refOf(said, 'item') });
          break;
      }
      return '';
    },

    *end() {
      const copies = redactions.map(({ record, item }) => redactionEntities(record, items.get(item ?? ''), entityOf));
      const own = ownFiles(about);
      const parts = own.map((entity) => entity['@id'] as string);
      const mentioned = copies.map(({ action }) => action['@id'] as string);
      for (const id of [...[...items.values()].map(entityOf), ...copies.map(({ copy }) => copy['@id'] as string)]) {
        (id.startsWith('#') ? mentioned : parts).push(id);
      }
      yield '{"@context":"https://w3id.org/ro/crate/1.2/context","@graph":[\n';
      yield line({
        '@id': 'ro-crate-metadata.json',
        '@type': 'CreativeWork',
        about: link('./'),
        conformsTo: link('https://w3id.org/ro/crate/1.2'),
      });
      const name = title === null ? `Case ${about.case}` : `${title} (case ${about.case})`;
      const root = {
        '@id': './',
        '@type': 'Dataset',
        name,
        description: `Evidence, and records of what was done with it: disclosed from the first ${about.size} records of a signed log. How to check it is in bundle.json and beside this folder.`,
        datePublished: about.date,
        license: link('#terms'),
        identifier: about.case,
      };
      // Long lists, in pieces: the rest of the crate is in memory once, and its text is not.
      yield `,\n${JSON.stringify(root).slice(0, -1)},"hasPart":[`;
      yield* links(parts);
      yield '],"mentions":[';
      yield* links(mentioned);
      yield ']}';
      yield `,\n${line(terms)}`;
      for (const entity of [...own, ...accessions.values()]) yield `,\n${line(entity)}`;
      for (const item of items.values()) yield `,\n${line(itemEntity(item, entityOf(item), accessions))}`;
      const agents = new Set<string>();
      for (const { action, copy, agent } of copies) {
        yield `,\n${line(copy)},\n${line(action)}`;
        if (agent === null || agents.has(agent['@id'] as string)) continue;
        agents.add(agent['@id'] as string);
        yield `,\n${line(agent)}`;
      }
      yield '\n]}\n';
    },
  };
}

/** The descriptor's demand of a licence, answered as it is. */
const terms: Entity = {
  '@id': '#terms',
  '@type': 'CreativeWork',
  name: 'No licence',
  description: 'Evidence, given to its recipient for their task. It is not for publication.',
};

/** The parts of a bundle that are no evidence themselves. */
function ownFiles({ carries }: DescribedBundle): Entity[] {
  const file = (id: string, name: string, encodingFormat: string): Entity => ({
    '@id': id,
    '@type': 'File',
    name,
    encodingFormat,
  });
  return [
    file('bundle.json', 'What the bundle says of itself', 'application/json'),
    file('case.json', 'The card of the case, with its public keys', 'application/json'),
    file('checkpoint', 'The signed checkpoint of the log', 'text/plain'),
    file('case-uco.jsonld', 'The same records as CASE/UCO 1.4', 'application/ld+json'),
    {
      '@id': 'records/',
      '@type': 'Dataset',
      name: 'Records',
      description: 'Each disclosed record, signed: an SD-JWT (RFC 9901); values too large for a record in blobs.',
    },
    {
      '@id': 'proofs/',
      '@type': 'Dataset',
      name: 'Proofs',
      description: 'For each record, that it is in the log: a C2SP tlog-proof.',
    },
    ...(carries('dossier/dossier.pdf') ? [file('dossier/dossier.pdf', 'The dossier', 'application/pdf')] : []),
    ...furtherVolumes(carries).map((path, i) => file(path, `The dossier, volume ${i + 2}`, 'application/pdf')),
    ...(carries('dossier/dossier.json')
      ? [file('dossier/dossier.json', 'What the dossier says, with its citations', 'application/json')]
      : []),
  ];
}

/** Volumes after the first are numbered from 2 without a gap. */
function furtherVolumes(carries: DescribedBundle['carries']): string[] {
  const paths: string[] = [];
  for (let n = 2; carries(`dossier/dossier-${n}.pdf`); n++) paths.push(`dossier/dossier-${n}.pdf`);
  return paths;
}

function accessionEntity({ position, said }: DisclosedRecord): Entity {
  const [handle, source] = [textOf(said.handle), textOf(said['source'])];
  return {
    '@id': `#record-${position}`,
    '@type': 'Collection',
    name: handle ?? `Record ${position}`,
    ...(source === null ? {} : { description: `One delivery by the source called ${source}.` }),
    ...dated('dateCreated', said.at),
  };
}

function itemEntity(item: Item, id: string, accessions: ReadonlyMap<string, Entity>): Entity {
  const { handle, path, modified, file, also, format } = item;
  const accession = accessions.get(item.accession ?? '');
  const places = [...(path === null ? [] : [path]), ...also];
  return {
    '@id': id,
    '@type': format?.startsWith('image/') === true ? ['File', 'ImageObject'] : 'File',
    name: path === null || baseName(path) === '' ? (handle ?? `Record ${item.position}`) : baseName(path),
    ...(places.length === 0 ? {} : { alternateName: places.length === 1 ? places[0] : places }),
    ...(handle === null ? {} : { identifier: handle }),
    ...(file === null ? {} : { contentSize: String(file.size), sha256: file.sha256 }),
    ...(format === null ? {} : { encodingFormat: format }),
    ...dated('dateModified', modified),
    ...(accession === undefined ? {} : { isPartOf: link(accession['@id'] as string) }),
  };
}

/** The copy, what was done, and by whom. */
function redactionEntities(
  { position, said }: DisclosedRecord,
  item: Item | undefined,
  entityOf: (one: Pick<Item, 'file' | 'position'>) => string,
): { copy: Entity; action: Entity; agent: Entity | null } {
  const file = fileOf(said, 'derivative');
  const [handle, type] = [textOf(said.handle), textOf(memberOf(said['picture'], 'type'))];
  const carried = entityOf({ file, position });
  const id = carried.startsWith('#') ? `${carried}-copy` : carried;
  const actor = textOf(memberOf(said.actor, 'name'));
  const agent =
    actor === null ? null : { '@id': `#actor-${encodeURIComponent(actor)}`, '@type': 'Person', name: actor };
  const source = item === undefined ? {} : link(entityOf(item));
  return {
    copy: {
      '@id': id,
      '@type': ['File', 'ImageObject'],
      name: `Redacted copy ${handle ?? position}`,
      ...(handle === null ? {} : { identifier: handle }),
      ...(file === null ? {} : { contentSize: String(file.size), sha256: file.sha256 }),
      ...(type === null ? {} : { encodingFormat: type }),
      ...(item === undefined ? {} : { isBasedOn: source }),
    },
    action: {
      '@id': `#record-${position}`,
      '@type': 'CreateAction',
      name: 'Redaction',
      ...(item === undefined ? {} : { object: source }),
      result: link(id),
      ...(agent === null ? {} : { agent: link(agent['@id']) }),
      ...dated('endTime', said.at),
    },
    agent,
  };
}

function dated(name: string, value: unknown): Entity {
  const time = timeOf(value);
  return time === null ? {} : { [name]: time };
}

function* links(ids: readonly string[]): Generator<string> {
  for (const [i, id] of ids.entries()) yield `${i === 0 ? '' : ','}${JSON.stringify(link(id))}`;
}

const line = (entity: Entity): string => JSON.stringify(entity);
