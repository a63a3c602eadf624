// Office documents: ECMA-376 (docx, xlsx, pptx) and ODF (odt, ods, odp). A zip of XML parts, read part by part by the same
// reader that checks bundles; text, what the document states of itself without people's names, and what lies inside it.
import type { FileHandle } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import { openZip, type Files } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { DocumentForm } from './document-set.ts';
import { GatheredText, saidOf, sha256Of, stated, type Attachment, type Reading, type Said } from './document-text.ts';
import { withholdNames } from './metadata-names.ts';
import { odfText } from './office-odf.ts';
import { openOoxml } from './office-ooxml.ts';
import { readXml } from './xml.ts';

/** The parts of a document by their names, each read within the limits. */
export interface Parts {
  has(path: string): boolean;
  names(): string[];
  /** Null where it is absent, damaged or over a limit; the last two are problems by then. */
  read(path: string): Promise<Uint8Array | null>;
}

/** Throws FormatError where the zip as a whole is not to be believed, XmlRefused where its main part is none. */
export async function describeOffice(file: FileHandle, size: number, reading: Reading): Promise<Said> {
  const read = async (at: number, length: number): Promise<Uint8Array> => {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
    return buffer.subarray(0, bytesRead);
  };
  const parts = await openParts(await openZip({ size, read }), reading);
  const text = new GatheredText(reading);
  const found = parts.has('mimetype') ? await readOdf(parts, text, reading) : await readOoxml(parts, text);
  const inside = await listInside(parts, reading);
  const said = saidOf(found.form, found.pages, text);
  return {
    ...said,
    document: { ...said.document, pictures: inside.pictures },
    properties: withholdNames(found.properties),
    attachments: inside.listed,
  };
}

async function openParts(files: Files, { settings, codes }: Reading): Promise<Parts> {
  const sizes = new Map<string, number>();
  for await (const { path, size } of files.list()) sizes.set(path, size);
  let unpacked = 0;
  return {
    has: (path) => sizes.has(path),
    names: () => [...sizes.keys()],
    async read(path) {
      const size = sizes.get(path);
      if (size === undefined || size < 0) return null;
      // By what the directory claims: the reader gives no byte beyond it.
      if (size > settings.partLimit || (unpacked += size) > settings.unpackLimit) {
        codes.add('document-cut');
        return null;
      }
      const bytes = await files.read(path);
      if (bytes === null) codes.add('document-broken');
      return bytes;
    },
  };
}

interface Found {
  form: DocumentForm;
  pages: number | null;
  properties: Record<string, Json>;
}

const odfForms: Readonly<Record<string, DocumentForm>> = { text: 'odt', spreadsheet: 'ods', presentation: 'odp' };

async function readOdf(parts: Parts, text: GatheredText, { codes }: Reading): Promise<Found> {
  const mimetype = Buffer.from((await parts.read('mimetype')) ?? []).toString('latin1');
  const form = odfForms[/opendocument\.(\w+)/.exec(mimetype)?.[1] ?? ''] ?? 'none';
  const manifest = await parts.read('META-INF/manifest.xml');
  if (manifest !== null && Buffer.from(manifest).includes('encryption-data')) {
    codes.add('document-encrypted');
    return { form, pages: null, properties: {} };
  }
  const content = await parts.read('content.xml');
  if (content === null || form === 'none') codes.add(content === null ? 'document-broken' : 'document-no-reader');
  const pages = content === null || form === 'none' ? null : odfText(content, form, text);
  const meta = await parts.read('meta.xml');
  return { form, pages, properties: meta === null ? {} : leavesOf(meta, 'meta') };
}

async function readOoxml(parts: Parts, text: GatheredText): Promise<Found> {
  const package_ = await openOoxml(parts);
  const { form, pages } = await package_.text(text);
  const properties: Record<string, Json> = {};
  for (const { path, group } of package_.properties) {
    const bytes = await parts.read(path);
    if (bytes !== null) Object.assign(properties, leavesOf(bytes, group));
  }
  return { form, pages, properties };
}

const mostProperties = 200;

/** Elements that hold text and nothing else, by their names: what a document states of itself. Broken XML gives some. */
function leavesOf(bytes: Uint8Array, group: string): Record<string, Json> {
  const found: Record<string, Json> = {};
  let [name, given, value] = ['', null as string | null, ''];
  try {
    readXml(bytes, {
      open(opened, attributes) {
        // What a person has defined bears its name in an attribute, with the value in an element of its type.
        given = opened === 'property' || opened === 'user-defined' ? (attributes['name'] ?? null) : given;
        [name, value] = [opened, ''];
        if (opened === 'document-statistic') Object.assign(found, prefixed(attributes, group));
      },
      text: (piece) => (value = (value + piece).slice(0, 1000)),
      close(closed) {
        const key = `${group}:${given ?? closed}`;
        if (closed === name && value.trim() !== '' && Object.keys(found).length < mostProperties) {
          found[stated(key, 100)!] = stated(value.trim(), 1000);
        }
        if (closed === 'property' || closed === 'user-defined') given = null;
        name = '';
      },
    });
  } catch {
    return found;
  }
  return found;
}

const prefixed = (attributes: Readonly<Record<string, string>>, group: string): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(attributes)
      .slice(0, 20)
      .map(([key, value]) => [`${group}:${stated(key, 100)}`, stated(value, 100)]),
  );

/** Folders of pictures and of embedded files. */
const insideFolders = /^(?:[^/]+\/(?:media|embeddings)|Pictures)\/[^/]+$/;

/** What lies inside a document: how many pictures, and each thing with its hash, up to the limits. */
async function listInside(parts: Parts, reading: Reading): Promise<{ pictures: number; listed: Attachment[] }> {
  const { settings, codes } = reading;
  const paths = parts.names().filter((path) => insideFolders.test(path));
  if (paths.length > settings.attachmentLimit) codes.add('document-cut');
  const listed: Attachment[] = [];
  for (const path of paths.slice(0, settings.attachmentLimit)) {
    const bytes = await parts.read(path);
    if (bytes === null) continue;
    const { type } = formatOf(bytes.subarray(0, headLength), bytes.length);
    listed.push({ name: stated(path, 500), type, size: bytes.length, sha256: sha256Of(bytes) });
  }
  return { pictures: listed.filter(({ type }) => type.startsWith('image/')).length, listed };
}
