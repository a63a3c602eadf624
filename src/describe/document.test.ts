import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { documentRecord, defaultDocumentSettings, type DocumentRecord } from './document-set.ts';
import { describeDocument } from './document.ts';
import { looksLikeMail } from './mail.ts';
import { pdfOf } from './pdf.fixture.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-document-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function read(bytes: Buffer | string, settings = {}): Promise<DocumentRecord> {
  const path = join(folder, 'document');
  await writeFile(path, bytes);
  const size = Buffer.from(bytes).length;
  return documentRecord.parse(
    await describeDocument({ path, size, settings: { ...defaultDocumentSettings, ...settings } }),
  );
}

test('a PDF gives its text page by page, and its properties without names', async () => {
  const said = await read(pdfOf(['First page', 'Second page'], '/Title(A list)/Author(Secret Person)'));
  expect(said.document).toMatchObject({ form: 'pdf', pages: 2, characters: 24, cut: false });
  expect(said.text).toBe('First page\n\f\nSecond page');
  expect(said.properties.tags).toMatchObject({ Title: 'A list' });
  expect(said.properties.withheld).toEqual(['Author']);
  expect(said.problems).toEqual([]);
});

test('pages and characters beyond the limits are left out, and that is said', async () => {
  const pages = await read(pdfOf(['One', 'Two', 'Three']), { pageLimit: 2 });
  expect([pages.text, pages.document.pages]).toEqual(['One\n\f\nTwo', 3]);
  expect(pages.problems).toMatchObject([{ code: 'document-cut' }]);
  const text = await read('abcdef', { textLimit: 4 });
  expect(text).toMatchObject({ text: 'abcd', document: { cut: true }, problems: [{ code: 'document-cut' }] });
  expect((await read('abcdef', { byteLimit: 4 })).problems).toMatchObject([{ code: 'document-too-large' }]);
});

const mail = `From: =?utf-8?b?2LPYp9mF2Yo=?= <a@example.org>
To: b@example.org, "C" <c@example.org>
Subject: The list
Date: Mon, 6 May 2013 07:08:09 +0300
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/html; charset=utf-8

<p>See <img src="https://example.org/pixel.png"> below</p>
--x
Content-Type: application/octet-stream; name=list.bin
Content-Disposition: attachment; filename=list.bin
Content-Transfer-Encoding: base64

AAEC
--x--
`;

test('an e-mail gives its head, its body, and its attachments by their hashes', async () => {
  const said = await read(mail.replaceAll('\n', '\r\n'));
  expect(said.document.form).toBe('mail');
  expect(said.mail).toEqual({
    from: 'سامي <a@example.org>',
    to: ['b@example.org', 'C <c@example.org>'],
    cc: [],
    subject: 'The list',
    date: 'Mon, 6 May 2013 07:08:09 +0300',
    messageId: '<1@example.org>',
  });
  expect(said.text).toContain('below');
  const sha256 = createHash('sha256')
    .update(Buffer.from([0, 1, 2]))
    .digest('hex');
  expect(said.attachments).toEqual([{ name: 'list.bin', type: 'application/octet-stream', size: 3, sha256 }]);
});

test('a text is read in its own encoding, and a head of two lines makes no e-mail', async () => {
  const said = await read(Buffer.from('\u{feff}سجن', 'utf16le'));
  expect([said.document.form, said.text]).toEqual(['text', 'سجن']);
  expect(looksLikeMail(Buffer.from('From: here\nTo: there\n\nand back\n'))).toBe(false);
  expect(looksLikeMail(Buffer.from(mail))).toBe(true);
});

test('nothing that a document refers to is fetched', async () => {
  const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new Error('asked for'));
  await read(mail);
  await read(pdfOf(['A'], '', '/OpenAction<</S/URI/URI(http://127.0.0.1:9/a)>>'));
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

test('whatever the bytes are, there is a description', async () => {
  expect((await read('%PDF-1.7\nnothing of the kind')).problems).toMatchObject([{ code: 'document-broken' }]);
  const whole = pdfOf(['First page']);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), fc.string(), async (at, junk) => {
      await read(whole.slice(0, at) + junk + whole.slice(at + junk.length));
      await read(mail.slice(0, at) + junk + mail.slice(at));
    }),
    { numRuns: 40 },
  );
});
