// What exports of Bayanat, Uwazi and Relativity write into their tables, and which files a row names. Sources:
// sjacorg/bayanat enferno/tasks/exports.py (06f6680d), admin/models/Media.py (0854f2ca); huridocs/uwazi
// app/api/csv/csvExporter.ts (015a61fd), typeFormatters.ts (04943fec); Relativity, "Load file specifications".
import { comma, concordance, opticon, objectsOf, rowsOf, type Dialect } from './delimited.ts';

export const systems = ['bayanat', 'uwazi', 'relativity'] as const;
export type System = (typeof systems)[number];

export interface NamedFile {
  role: 'native' | 'text' | 'image' | 'media' | 'document' | 'attachment';
  /** As the row has it. */
  path: string;
  /** Hexadecimal, in small letters; by its length MD5, SHA-1 or SHA-256. */
  hash: string | null;
}

/** A row as it stands: nothing in it is a fact, all of it is what the other tool says. */
export interface Entry {
  /** The id that the row gives itself; empty where it gives none. */
  id: string;
  title: string;
  fields: [string, string][];
  names: NamedFile[];
  /** First and last id of the family that it says it belongs to, and its own last. */
  family: { begin: string; end: string; last: string } | null;
  /** It has more or fewer fields than there are columns, or is no object. */
  ragged: boolean;
}

/** Columns with names of people: who kept a thing, wrote it, or worked on it. */
export const namesPeople = (column: string): boolean =>
  /custodian|owner|author|assigned|reviewer|\buser|created.?by|updated.?by|roles|^from$|^to$|^cc$|^bcc$/i.test(column);

/** The system whose table this is, by its first bytes as text and its name; null where that is not unmistakable. */
export function systemOf(name: string, start: string): System | null {
  if (/\.dat$/i.test(name) && /^\u00fe[^\u00fe\r\n]*\u00fe\u0014\u00fe/.test(start)) return 'relativity';
  if (/\.csv$/i.test(name) && /^"?Title"?,"?Date added"?,"?Template"?,/.test(start)) return 'uwazi';
  if (/\.json$/i.test(name) && /^\{\s*"(?:bulletins|actors|incidents)"\s*:\s*\[/.test(start)) return 'bayanat';
  return null;
}

/** Whether a file of this name is a table of the system's. Uwazi and Bayanat have theirs at the top of the export. */
export function isTable(system: System, path: string): boolean {
  if (system === 'relativity') return /\.(?:dat|opt)$/i.test(path);
  return system === 'uwazi' ? /(?:^|\/)[^/]+\.csv$/i.test(path) : /(?:^|\/)[^/]+\.(?:csv|json)$/i.test(path);
}

export interface Table {
  columns: string[];
  entries: AsyncGenerator<Entry>;
}

/** The columns, and then the rows as they come. Throws TableError while reading. */
export async function openTable(system: System, path: string, text: AsyncIterable<string>): Promise<Table> {
  if (/\.json$/i.test(path)) return { columns: [], entries: bayanatEntries(objectsOf(text)) };
  if (/\.opt$/i.test(path)) {
    const columns = ['image', 'volume', 'path', 'document', 'folder', 'box', 'pages'];
    return { columns, entries: entriesOf(system, columns, rowsOf(text, opticon)) };
  }
  const dialect: Dialect = system === 'relativity' ? concordance : comma;
  const rows = rowsOf(text, dialect);
  const first = await rows.next();
  const columns = first.done === true ? [] : first.value;
  return { columns, entries: entriesOf(system, columns, rows) };
}

async function* entriesOf(system: System, columns: string[], rows: AsyncGenerator<string[]>): AsyncGenerator<Entry> {
  for await (const row of rows) {
    const of = (pattern: RegExp): string => row[columns.findIndex((column) => pattern.test(column))]?.trim() ?? '';
    const fields = row.map((value, i): [string, string] => [columns[i] ?? `column ${i + 1}`, value]);
    const ragged = row.length !== columns.length;
    const common = { fields, ragged, family: null };
    if (system === 'uwazi') {
      // Rows have no id of their own: titles may repeat.
      const names = [...listed(of(/^documents$/i), 'document'), ...listed(of(/^attachments$/i), 'attachment')];
      yield { ...common, id: '', title: of(/^title$/i), names };
    } else if (system === 'bayanat') {
      // Its CSV has `media.media-1` = "<id>-<title>": it names no file.
      yield { ...common, id: of(/^id$/i), title: of(/^(?:title|name)$/i), names: [] };
    } else yield relativityEntry(columns, of, common);
  }
}

const listed = (value: string, role: NamedFile['role']): NamedFile[] =>
  value.split('|').flatMap((path) => (path.trim() === '' ? [] : [{ role, path: uwaziName(path.trim()), hash: null }]));

/** `/files/<name>`, `https://<host>/api/files/<name>`: addresses of its server, not places on a disk. */
const uwaziName = (path: string): string => path.replace(/^(?:https?:\/\/[^/]+\/api)?\/files\//, '');

function relativityEntry(
  columns: readonly string[],
  of: (pattern: RegExp) => string,
  common: Pick<Entry, 'fields' | 'ragged'>,
): Entry {
  const named = (role: NamedFile['role'], path: string, hash: string | null): NamedFile[] =>
    path === '' ? [] : [{ role, path, hash }];
  if (columns[0] === 'image') {
    return { ...common, id: of(/^image$/), title: '', names: named('image', of(/^path$/), null), family: null };
  }
  const hash = [/^sha-?256/i, /^sha-?1/i, /^md5/i].map(of).find((value) => value !== '') ?? null;
  const native = of(/^(?:native.?(?:file|link|path|file.?path)|file.?path|doc.?link)$/i);
  const text = of(/^(?:text.?(?:file|link|path|precedence)|extracted.?text|ocr.?path|text)$/i);
  const [begin, end] = [of(/^(?:prod)?beg(?:in)?.?att(?:ach)?/i), of(/^(?:prod)?end.?att(?:ach)?/i)];
  const id = of(/^(?:(?:prod)?beg(?:in)?.?(?:doc|bates|no|prod)?|control.?number|doc.?id)$/i);
  return {
    ...common,
    id,
    title: of(/^(?:title|subject|file.?name|email.?subject)$/i),
    names: [...named('native', native, hash?.toLowerCase() ?? null), ...named('text', text, null)],
    family: begin === '' ? null : { begin, end, last: of(/^(?:prod)?end.?(?:doc|bates|no|prod)?$/i) || id },
  };
}

async function* bayanatEntries(objects: AsyncGenerator<string>): AsyncGenerator<Entry> {
  for await (const text of objects) {
    const said = parsed(text);
    const medias = Array.isArray(said?.['medias']) ? (said['medias'] as unknown[]) : [];
    const names = medias.flatMap((media): NamedFile[] => {
      const { filename, etag } = (media ?? {}) as { filename?: unknown; etag?: unknown };
      if (typeof filename !== 'string' || filename === '') return [];
      // An etag of S3 in several parts has a dash and is no hash of the file.
      const hash = typeof etag === 'string' && /^[0-9a-f]{32}$/i.test(etag) ? etag.toLowerCase() : null;
      return [{ role: 'media', path: filename, hash }];
    });
    yield {
      id: said === null ? '' : plain(said['id']),
      title: said === null ? '' : plain(said['title'] ?? said['name']),
      fields: said === null ? [] : Object.entries(said).map(([name, value]) => [name, plain(value)]),
      names,
      family: null,
      ragged: said === null,
    };
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

const plain = (value: unknown): string =>
  typeof value === 'string' ? value : value === null || value === undefined ? '' : JSON.stringify(value);

/**
 * Where in the accession a path of the table may lie, the likeliest first: beside the table, or beside a folder above it.
 * null where the path is absolute or leads out: it is not looked for. Windows' backslashes are slashes.
 */
export function placesOf(system: System, table: string, named: string): string[] | null {
  const path = named.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const parts = path.split('/');
  if (path.startsWith('/') || /^[a-z]:/i.test(path) || path.includes('\0') || parts.includes('..')) return null;
  const places: string[] = [];
  for (let above = table.split('/').slice(0, -1); ; above = above.slice(0, -1)) {
    // Uwazi's table comes without its files: whoever saved them put them beside it, or into a folder.
    const folders = system === 'uwazi' ? [[], ['files'], ['documents'], ['attachments']] : [[]];
    for (const folder of folders) places.push([...above, ...folder, ...parts].join('/'));
    if (above.length === 0) return places;
  }
}
