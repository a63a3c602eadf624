// Text of ECMA-376: WordprocessingML, SpreadsheetML, PresentationML, by the relationships between their parts and by local
// names of elements, since two sets of namespaces are in use. Cells are as stored: a date is the number that it is there.
import { posix } from 'node:path';
import type { GatheredText } from './document-text.ts';
import type { DocumentForm } from './document-set.ts';
import type { Parts } from './office.ts';
import { readXml, XmlRefused, type XmlEvents } from './xml.ts';

interface Relation {
  id: string;
  /** The last part of its type: 'worksheet', 'sharedStrings'. */
  type: string;
  path: string;
}

export interface Ooxml {
  /** Parts of properties, and the group that their names get. */
  properties: { path: string; group: string }[];
  text(into: GatheredText): Promise<{ form: DocumentForm; pages: number | null }>;
}

const propertyGroups: Readonly<Record<string, string>> = {
  'core-properties': 'core',
  'extended-properties': 'app',
  'custom-properties': 'custom',
};

/** Follows the relationships of a package. Throws XmlRefused where they, or the main part, are no XML or absent. */
export async function openOoxml(parts: Parts): Promise<Ooxml> {
  const top = await relationsOf(parts, '');
  const main = top.find(({ type }) => type === 'officeDocument');
  const properties = top.flatMap(({ type, path }) => {
    const group = propertyGroups[type];
    return group === undefined ? [] : [{ path, group }];
  });
  return {
    properties,
    async text(into) {
      const bytes = main === undefined ? null : await parts.read(main.path);
      if (main === undefined || bytes === null) throw new XmlRefused('the main part is missing');
      const relations = await relationsOf(parts, main.path);
      switch (rootOf(bytes)) {
        case 'document':
          return { form: 'docx', pages: await wordText(parts, bytes, relations, into) };
        case 'workbook':
          return { form: 'xlsx', pages: await sheetsText(parts, bytes, relations, into) };
        case 'presentation':
          return { form: 'pptx', pages: await slidesText(parts, bytes, relations, into) };
        default:
          throw new XmlRefused('the main part is of no known kind');
      }
    },
  };
}

/** The relationships of a part ('' for the package) that stay inside the package. */
async function relationsOf(parts: Parts, path: string): Promise<Relation[]> {
  const folder = path === '' ? '' : posix.dirname(path);
  const bytes = await parts.read(posix.join(folder, '_rels', `${posix.basename(path)}.rels`));
  const relations: Relation[] = [];
  if (bytes === null) return relations;
  readXml(bytes, {
    open(name, { Id, Type, Target, TargetMode }) {
      if (name !== 'Relationship' || Target === undefined || TargetMode === 'External') return;
      const target = Target.startsWith('/') ? Target.slice(1) : posix.join(folder, Target);
      relations.push({ id: Id ?? '', type: (Type ?? '').split('/').at(-1)!, path: target });
    },
  });
  return relations;
}

/** `r:id`, whatever its prefix is; an `id` of its own an element has without one. */
function relationId(attributes: Readonly<Record<string, string>>): string {
  return Object.entries(attributes).find(([name]) => name.endsWith(':id'))?.[1] ?? '';
}

function rootOf(bytes: Uint8Array): string | null {
  let root: string | null = null;
  readXml(bytes, { open: (name) => (root ??= name), enough: () => root !== null });
  return root;
}

/** Parts beside the text of a letter, in the order in which they are given. */
const beside = ['header', 'footer', 'footnotes', 'endnotes', 'comments'];

async function wordText(
  parts: Parts,
  main: Uint8Array,
  relations: readonly Relation[],
  into: GatheredText,
): Promise<null> {
  readXml(main, runs(into));
  const others = relations.filter(({ type }) => beside.includes(type));
  for (const { path } of others.toSorted((a, b) => beside.indexOf(a.type) - beside.indexOf(b.type))) {
    const bytes = await parts.read(path);
    if (bytes === null) continue;
    into.page();
    readXml(bytes, runs(into));
  }
  return null;
}

/**
 * Text of runs, a line for each paragraph, of WordprocessingML and DrawingML alike. What was deleted under tracked changes
 * is not in it, nor the second form that newer parts have for older programs.
 */
function runs(into: GatheredText): XmlEvents {
  let reading = false;
  let older = 0;
  return {
    open(name) {
      if (name === 'Fallback') older++;
      reading = name === 't' && older === 0;
      if (older > 0) return;
      if (name === 'tab') into.add('\t');
      else if (name === 'br' || name === 'cr') into.add('\n');
    },
    text(piece) {
      if (reading) into.add(piece);
    },
    close(name) {
      reading = false;
      if (name === 'Fallback') older--;
      else if (name === 'p' && older === 0) into.add('\n');
    },
    enough: () => into.full,
  };
}

async function sheetsText(
  parts: Parts,
  main: Uint8Array,
  relations: readonly Relation[],
  into: GatheredText,
): Promise<number> {
  const sheets: { name: string; id: string }[] = [];
  readXml(main, {
    open(name, attributes) {
      if (name === 'sheet') sheets.push({ name: attributes['name'] ?? '', id: relationId(attributes) });
    },
  });
  const stringsPath = relations.find(({ type }) => type === 'sharedStrings')?.path;
  const strings = stringsPath === undefined ? [] : sharedStrings(await parts.read(stringsPath));
  for (const { name, id } of sheets) {
    if (into.full) break;
    const path = relations.find((one) => one.id === id)?.path;
    const bytes = path === undefined ? null : await parts.read(path);
    into.page();
    into.add(`${name}\n`);
    if (bytes !== null) readXml(bytes, cells(strings, into));
  }
  return sheets.length;
}

function sharedStrings(bytes: Uint8Array | null): string[] {
  const strings: string[] = [];
  if (bytes === null) return strings;
  let [reading, phonetic, value] = [false, 0, ''];
  readXml(bytes, {
    open(name) {
      if (name === 'si') value = '';
      if (name === 'rPh') phonetic++;
      reading = name === 't' && phonetic === 0;
    },
    text: (piece) => (value += reading ? piece : ''),
    close(name) {
      reading = false;
      if (name === 'rPh') phonetic--;
      if (name === 'si') strings.push(value);
    },
  });
  return strings;
}

/** Cells that are there, apart by tabs, a line for each row; none for those that a row leaves out. */
function cells(strings: readonly string[], into: GatheredText): XmlEvents {
  let [type, value, reading, first] = ['n', '', false, true];
  return {
    open(name, attributes) {
      if (name === 'row') first = true;
      if (name === 'c') [type, value] = [attributes['t'] ?? 'n', ''];
      reading = name === 'v' || (name === 't' && type === 'inlineStr');
    },
    text: (piece) => (value += reading ? piece : ''),
    close(name) {
      reading = false;
      if (name === 'c') {
        const said = type === 's' ? (strings[Number(value)] ?? '') : value;
        if (said !== '') into.add(first ? said : `\t${said}`);
        if (said !== '') first = false;
      } else if (name === 'row' && !first) into.add('\n');
    },
    enough: () => into.full,
  };
}

async function slidesText(
  parts: Parts,
  main: Uint8Array,
  relations: readonly Relation[],
  into: GatheredText,
): Promise<number> {
  const ids: string[] = [];
  readXml(main, {
    open(name, attributes) {
      if (name === 'sldId') ids.push(relationId(attributes));
    },
  });
  for (const id of ids) {
    if (into.full) break;
    const path = relations.find((one) => one.id === id)?.path;
    if (path === undefined) continue;
    into.page();
    for (const one of [
      path,
      ...(await relationsOf(parts, path)).filter(({ type }) => type === 'notesSlide').map((note) => note.path),
    ]) {
      const bytes = await parts.read(one);
      if (bytes !== null) readXml(bytes, runs(into));
    }
  }
  return ids.length;
}
