import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { defaultDocumentSettings, documentRecord, type DocumentRecord } from './document-set.ts';
import { describeDocument } from './document.ts';
import {
  aLetter,
  aTable,
  letter,
  odf,
  outlookOf,
  packageOf,
  relationships,
  someSlides,
  zipOf,
} from './office.fixture.ts';
import { readXml } from './xml.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-office-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Buffer, settings = {}): Promise<DocumentRecord> {
  const path = join(folder, 'document');
  await writeFile(path, bytes);
  const all = { ...defaultDocumentSettings, ...settings };
  const said = documentRecord.parse(await describeDocument({ path, size: bytes.length, settings: all }));
  expect(JSON.stringify(said.properties.tags)).not.toContain('Secret');
  return said;
}
const codes = ({ problems }: DocumentRecord): string[] => problems.map(({ code }) => code);
const run = (text: string): string => `<w:p><w:r><w:t>${text}</w:t></w:r></w:p>`;
const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0]);

test('a letter gives its text, what stands beside it, its pictures by their hashes, and no author', async () => {
  const body = `${run('First &amp; سجن')}<w:p><w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:delText>gone</w:delText></w:r></w:p><AlternateContent><Choice>${run('new')}</Choice><Fallback>${run('old')}</Fallback></AlternateContent>`;
  const said = await read(await zipOf(aLetter(body, jpeg)));
  expect(said.document).toMatchObject({ form: 'docx', pictures: 1, cut: false });
  expect(said.text).toBe('First & سجن\na\tb\n\nnew\n\n\f\nHead\n\n\f\nA remark\n');
  expect(said.properties.tags).toEqual({
    'core:title': 'The list',
    'core:created': '2013-05-06T07:08:09Z',
    'app:Application': 'Word',
    'app:Pages': '3',
  });
  expect(said.properties.withheld).toEqual(['core:creator', 'core:lastModifiedBy', 'app:Company']);
  expect(said.attachments).toMatchObject([{ name: 'word/media/image1.jpeg', type: 'image/jpeg', size: 8 }]);
  expect(said.problems).toEqual([]);
});

test('a workbook gives its sheets in their order, hidden ones too, with cells as they are stored', async () => {
  const said = await read(await zipOf(aTable));
  expect(said.document).toMatchObject({ form: 'xlsx', pages: 2 });
  expect(said.text).toBe('Names\nسجن\ttwo runs\t41400\nin line\n\n\f\nFar\n1\n');
});

test('slides come in the order of the presentation, each with its notes', async () => {
  const said = await read(await zipOf(someSlides));
  expect([said.document.form, said.document.pages, said.text]).toEqual(['pptx', 2, 'First\nA note\n\n\f\nLast\n']);
});

test('ODF: letters, sheets whose repetitions are not carried out, slides; comments without who made them', async () => {
  const remark =
    '<office:annotation><dc:creator>Secret Reader</dc:creator><dc:date>2013</dc:date><text:p>remark</text:p></office:annotation>';
  const deleted = '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>';
  const text = await read(
    await zipOf(odf('text', `${deleted}<text:h>Title</text:h><text:p>a<text:s text:c="3"/>b${remark} c</text:p>`)),
  );
  expect(text.text).toBe('Title\na   bremark\n c\n');
  expect(text.properties.tags).toMatchObject({ 'meta:title': 'T', 'meta:page-count': '2' });
  expect(text.properties.withheld).toEqual(['meta:initial-creator', 'meta:creator', 'meta:printed-by']);
  const cell = (value: string, more = ''): string =>
    `<table:table-cell ${more}><text:p>${value}</text:p></table:table-cell>`;
  const sheet = `<table:table table:name="S"><table:table-row table:number-rows-repeated="1048576">${cell('a', 'table:number-columns-repeated="16384"')}${cell('b')}</table:table-row></table:table>`;
  const table = await read(await zipOf(odf('spreadsheet', sheet)));
  expect([table.document.pages, table.text]).toEqual([1, 'S\na\tb\n']);
  const slides = await read(
    await zipOf(
      odf('presentation', '<draw:page><text:p>1</text:p></draw:page><draw:page><text:p>2</text:p></draw:page>'),
    ),
  );
  expect([slides.document.form, slides.document.pages, slides.text]).toEqual(['odp', 2, '1\n\n\f\n2\n']);
});

test('a declared document type is refused, so that no entity grows and nothing is fetched', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('asked for'));
  const bomb = `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c SYSTEM "http://127.0.0.1:9/x">]>${letter(run('&b;&c;'))}`;
  const parts = aLetter('', jpeg);
  const said = await read(await zipOf({ ...parts, 'word/document.xml': bomb }));
  expect([codes(said), said.text]).toEqual([['document-broken'], '']);
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

test('entities but the five are refused, elements may not lie ever deeper, and a mark tells UTF-16', () => {
  const seen: string[] = [];
  readXml(Buffer.from('\u{feff}<a>&lt;&#x633;</a>', 'utf16le'), { text: (text) => seen.push(text) });
  expect(seen.join('')).toBe('<س');
  for (const bad of [
    '<a>&nbsp;</a>',
    '<a>',
    '<a></b>',
    '',
    'text',
    '<a/><b/>',
    '<a>'.repeat(600) + '</a>'.repeat(600),
  ]) {
    expect(() => readXml(Buffer.from(bad), {}), bad.slice(0, 20)).toThrow('refused');
  }
});

test('what unpacks beyond the limits is left out, and that is said', async () => {
  const blanks = Buffer.from(letter(run(' '.repeat(8 << 20))));
  const bomb = await zipOf({ ...aLetter('', jpeg), 'word/header1.xml': blanks });
  expect(bomb.length).toBeLessThan(50_000);
  const said = await read(bomb, { partLimit: 4 << 20 });
  expect([codes(said), said.text.includes('A remark')]).toEqual([['document-cut'], true]);
  const all = await read(bomb, { unpackLimit: 8 << 20 });
  expect(codes(all)).toEqual(['document-cut']);
  const text = await read(bomb, { textLimit: 100 });
  expect([text.document.cut, text.text.length]).toEqual([true, 100]);
  expect(codes(await read(bomb, { pieceLimit: 100 }))).toEqual(['document-too-large']);
  const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`word/media/image${n}.jpeg`, jpeg]));
  const pictures = await read(await zipOf({ ...aLetter('', jpeg), ...many }), { attachmentLimit: 4 });
  expect([pictures.attachments.length, codes(pictures)]).toEqual([4, ['document-cut']]);
});

test('a document without a main part, cut short, or encrypted says so', async () => {
  const whole = await zipOf(aLetter(run('x'), jpeg));
  expect(codes(await read(whole.subarray(0, whole.length - 40)))).toEqual(['document-broken']);
  const lost = packageOf('word/document.xml', letter(''), relationships());
  expect(codes(await read(await zipOf({ ...lost, '_rels/.rels': relationships() })))).toEqual(['document-broken']);
  const outside = relationships(['r1', 'officeDocument', '../../../etc/passwd']);
  expect(codes(await read(await zipOf({ ...lost, '_rels/.rels': outside })))).toEqual(['document-broken']);
  const manifest = { 'META-INF/manifest.xml': '<m:manifest><m:encryption-data/></m:manifest>' };
  const encrypted = await read(await zipOf(odf('text', '', manifest)));
  expect([encrypted.document.form, codes(encrypted)]).toEqual(['odt', ['document-encrypted']]);
  const mark = Buffer.from('EncryptedPackage', 'utf16le');
  const compound = Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600), mark]);
  expect(codes(await read(compound))).toEqual(['document-encrypted']);
  expect(codes(await read(compound.subarray(0, 600)))).toEqual([]);
  const old = Buffer.concat([compound.subarray(0, 600), Buffer.from('WordDocument', 'utf16le')]);
  expect(codes(await read(old))).toEqual(['document-no-reader']);
});

test('a message of Outlook gives its head, body, recipients and attachments', async () => {
  const bytes = outlookOf(
    [
      ['001A', 'IPM.Note'],
      ['0037', 'The list'],
      ['0C1A', 'سامي'],
      ['5D01', 'a@example.org'],
      ['1000', 'See below'],
      ['007D', 'Date: Mon, 6 May 2013 07:08:09 +0300\r\nX: y'],
    ],
    [
      [
        ['3001', 'B'],
        ['39FE', 'b@example.org'],
      ],
    ],
    [
      [
        ['3707', 'list.txt'],
        ['3701', Buffer.from('1 2 3')],
      ],
    ],
  );
  const said = await read(bytes);
  expect(said.document.form).toBe('outlook');
  expect(said.mail).toMatchObject({
    from: 'سامي <a@example.org>',
    to: ['B <b@example.org>'],
    subject: 'The list',
    date: 'Mon, 6 May 2013 07:08:09 +0300',
  });
  expect(said.text).toBe('See below');
  expect(said.attachments).toMatchObject([{ name: 'list.txt', type: 'text/plain', size: 5 }]);
});

test('a document with bytes changed, or cut, anywhere gives a description all the same', async () => {
  const wholes = [
    await zipOf(aLetter(run('x'), jpeg)),
    await zipOf(aTable),
    await zipOf(odf('text', '<text:p>x</text:p>')),
    outlookOf([
      ['0037', 'The list'],
      ['1000', 'body'],
    ]),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...wholes),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.uint8Array({ maxLength: 8 }),
      async (whole, where, junk) => {
        const at = Math.floor(where * whole.length);
        const bytes = Buffer.from(whole);
        bytes.set(junk.subarray(0, bytes.length - at), at);
        await read(bytes);
        await read(whole.subarray(0, at));
      },
    ),
    { numRuns: 60 },
  );
});
