// Office documents made part by part, and messages of Outlook, so that no test needs a program that writes them.
import { burn, type Entry } from '@kenjiuno/msgreader/lib/Burner.js';
import yazl from 'yazl';

export type PartsOf = Readonly<Record<string, string | Buffer>>;

/** A zip of parts, in their order; those of no length are stored, others deflated. */
export async function zipOf(parts: PartsOf): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [name, content] of Object.entries(parts)) {
    zip.addBuffer(Buffer.from(content), name, { mtime: new Date(0), compress: name !== 'mimetype' });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** Relationships: id, the last part of the type, target. */
export function relationships(...all: readonly (readonly [string, string, string])[]): string {
  const each = all.map(
    ([id, type, target]) => `<Relationship Id="${id}" Type="${office}/${type}" Target="${target}"/>`,
  );
  return `${declaration}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${each.join('')}</Relationships>`;
}

const core = `${declaration}<cp:coreProperties xmlns:cp="c" xmlns:dc="d" xmlns:dcterms="t"><dc:title>The list</dc:title><dc:creator>Secret Person</dc:creator><cp:lastModifiedBy>Secret Other</cp:lastModifiedBy><dcterms:created>2013-05-06T07:08:09Z</dcterms:created></cp:coreProperties>`;
const app = `${declaration}<Properties xmlns="e"><Application>Word</Application><Company>Secret Office</Company><Pages>3</Pages></Properties>`;

/** The parts of a package whose main part is given, with the relationships of that part. */
export function packageOf(main: string, content: string, relations: string, more: PartsOf = {}): PartsOf {
  const [folder, name] = main.split('/') as [string, string];
  return {
    '[Content_Types].xml': `${declaration}<Types xmlns="t"/>`,
    '_rels/.rels': relationships(
      ['r1', 'officeDocument', main],
      ['r2', 'metadata/core-properties', 'docProps/core.xml'],
      ['r3', 'extended-properties', 'docProps/app.xml'],
    ),
    [main]: declaration + content,
    [`${folder}/_rels/${name}.rels`]: relations,
    'docProps/core.xml': core,
    'docProps/app.xml': app,
    ...more,
  };
}

export const letter = (body: string): string => `<w:document xmlns:w="w"><w:body>${body}</w:body></w:document>`;

/** A letter with a head, a foot, a comment by somebody, and a picture. */
export const aLetter = (body: string, picture: Buffer): PartsOf =>
  packageOf(
    'word/document.xml',
    letter(body),
    relationships(
      ['a', 'comments', 'comments.xml'],
      ['b', 'header', '/word/header1.xml'],
      ['c', 'image', 'media/image1.jpeg'],
    ),
    {
      'word/header1.xml': '<w:hdr xmlns:w="w"><w:p><w:r><w:t>Head</w:t></w:r></w:p></w:hdr>',
      'word/comments.xml':
        '<w:comments xmlns:w="w"><w:comment w:author="Secret Reader"><w:p><w:r><w:t>A remark</w:t></w:r></w:p></w:comment></w:comments>',
      'word/media/image1.jpeg': picture,
    },
  );

export const aTable: PartsOf = packageOf(
  'xl/workbook.xml',
  '<workbook xmlns="s" xmlns:r="r"><sheets><sheet name="Names" sheetId="1" r:id="r9"/><sheet name="Far" sheetId="2" r:id="r8" state="hidden"/></sheets></workbook>',
  relationships(
    ['r8', 'worksheet', 'worksheets/sheet2.xml'],
    ['r9', 'worksheet', 'worksheets/sheet1.xml'],
    ['r7', 'sharedStrings', 'sharedStrings.xml'],
  ),
  {
    'xl/sharedStrings.xml':
      '<sst><si><t>سجن</t></si><si><r><t>two </t></r><r><t>runs</t></r><rPh><t>sound</t></rPh></si></sst>',
    'xl/worksheets/sheet1.xml':
      '<worksheet><sheetData><row><c t="s"><v>0</v></c><c t="s"><v>1</v></c><c><v>41400</v></c></row><row><c t="inlineStr"><is><t>in line</t></is></c><c t="s"><v>99</v></c></row></sheetData></worksheet>',
    'xl/worksheets/sheet2.xml':
      '<worksheet><sheetData><row><c r="XFD1048576" t="b"><v>1</v></c></row></sheetData></worksheet>',
  },
);

const slide = (text: string): string =>
  `<p:sld xmlns:p="p" xmlns:a="a"><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:sld>`;
export const someSlides: PartsOf = packageOf(
  'ppt/presentation.xml',
  '<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst><p:sldId r:id="s2" id="256"/><p:sldId id="257" r:id="s1"/></p:sldIdLst></p:presentation>',
  relationships(['s1', 'slide', 'slides/slide1.xml'], ['s2', 'slide', 'slides/slide2.xml']),
  {
    'ppt/slides/slide1.xml': slide('Last'),
    'ppt/slides/slide2.xml': slide('First'),
    'ppt/slides/_rels/slide2.xml.rels': relationships(['n', 'notesSlide', '../notesSlides/notesSlide1.xml']),
    'ppt/notesSlides/notesSlide1.xml': slide('A note'),
  },
);

/** An ODF document of a kind ('text'), from its body. */
export const odf = (kind: string, body: string, more: PartsOf = {}): PartsOf => ({
  mimetype: `application/vnd.oasis.opendocument.${kind}`,
  'content.xml': `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:dc="d" xmlns:draw="w"><office:body>${body}</office:body></office:document-content>`,
  'meta.xml':
    '<office:document-meta xmlns:office="o" xmlns:meta="m" xmlns:dc="d"><office:meta><dc:title>T</dc:title><meta:initial-creator>Secret Person</meta:initial-creator><dc:creator>Secret Other</dc:creator><meta:printed-by>Secret Third</meta:printed-by><meta:document-statistic meta:page-count="2"/></office:meta></office:document-meta>',
  ...more,
});

type Property = readonly [tag: string, value: string | Buffer];
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');

/** Streams of MS-OXMSG: `__substg1.0_` with the property's tag and type, wide texts or bytes. */
export function outlookOf(
  properties: readonly Property[],
  recipients: readonly (readonly Property[])[] = [],
  attachments: readonly (readonly Property[])[] = [],
): Buffer {
  const entries: Entry[] = [{ name: 'Root Entry', type: 5, length: 0, children: [] }];
  const stream = (parent: number, name: string, bytes: Buffer): void => {
    entries[parent]!.children!.push(entries.length);
    // It takes the memory behind what it is given from its very start.
    entries.push({ name, type: 2, length: bytes.length, binaryProvider: () => Uint8Array.from(bytes) });
  };
  const storage = (parent: number, name: string): number => {
    entries[parent]!.children!.push(entries.length);
    entries.push({ name, type: 1, length: 0, children: [] });
    return entries.length - 1;
  };
  const fill = (parent: number, all: readonly Property[], head: number, fixed: Buffer = Buffer.alloc(0)): void => {
    stream(parent, '__properties_version1.0', Buffer.concat([Buffer.alloc(head), fixed]));
    for (const [tag, value] of all) {
      const text = typeof value === 'string';
      stream(parent, `__substg1.0_${tag}${text ? '001F' : '0102'}`, text ? wide(value) : value);
    }
  };
  fill(0, properties, 32);
  for (const [i, all] of recipients.entries()) {
    // PidTagRecipientType, 0x0C15 of type 3: 1 is "to".
    const type = Buffer.alloc(16);
    type.writeUInt32LE(0x0c150003, 0);
    type.writeUInt32LE(6, 4);
    type.writeUInt32LE(1, 8);
    fill(storage(0, `__recip_version1.0_#0000000${i}`), all, 8, type);
  }
  for (const [i, all] of attachments.entries()) fill(storage(0, `__attach_version1.0_#0000000${i}`), all, 8);
  return Buffer.from(burn(entries));
}
