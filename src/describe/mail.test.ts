import { createHash } from 'node:crypto';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaultDocumentSettings, documentRecord, type DocumentRecord, type Message } from './document-set.ts';
import { describeDocument } from './document.ts';
import { messagesOf } from './mail.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dalil-mail-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'mailbox');
async function read(bytes: Buffer | string, settings = {}): Promise<DocumentRecord> {
  await writeFile(path(), bytes);
  const size = Buffer.from(bytes).length;
  const all = { ...defaultDocumentSettings, ...settings };
  return documentRecord.parse(await describeDocument({ path: path(), size, settings: all }));
}
async function split(bytes: Buffer | string, limit = 1 << 20) {
  await writeFile(path(), bytes);
  const file = await open(path(), 'r');
  const messages: { at: number; size: number; whole: boolean; bytes: string }[] = [];
  for await (const one of messagesOf(file, limit)) messages.push({ ...one, bytes: one.bytes.toString('latin1') });
  await file.close();
  return messages;
}

const line = 'From a@example.org Mon May  6 07:08:09 2013\n';
const first = `From: a@example.org
Subject: One
Date: Mon, 6 May 2013 07:08:09 +0300

Body of one
From here on it is still the first
>From a quoted line

`;
const second = `From: b@example.org
Subject: =?utf-8?b?2LPYrNmG?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x

Body of two
--x
Content-Type: application/octet-stream; name=list.bin
Content-Transfer-Encoding: base64

AAEC
--x--
`;

test('a mailbox gives each message: where it stands, its hash, head, body and attachments', async () => {
  const said = await read(line + first + line + second);
  expect(said.document).toMatchObject({ form: 'mailbox', messages: 2, cut: false });
  const [one, two] = said.mail as Message[];
  const sha256 = createHash('sha256').update(first).digest('hex');
  expect(one).toMatchObject({ at: 0, size: line.length + first.length, sha256, subject: 'One', problem: null });
  expect(one!.date).toBe('Mon, 6 May 2013 07:08:09 +0300');
  expect(two).toMatchObject({ at: line.length + first.length, from: 'b@example.org', subject: 'سجن' });
  expect(said.text.split('\n\f\n').map((body) => body.trim().split('\n')[0])).toEqual(['Body of one', 'Body of two']);
  expect(said.text).toContain('From here on it is still the first');
  expect(said.attachments).toMatchObject([{ name: 'list.bin', size: 3, message: 1 }]);
  expect(said.problems).toEqual([]);
});

test('messages and bytes beyond the limits are left out, counted and said', async () => {
  const many = await read((line + first).repeat(5), { messageLimit: 3 });
  expect([many.document.messages, (many.mail as Message[]).length, many.document.cut]).toEqual([5, 3, true]);
  expect(many.problems).toMatchObject([{ code: 'document-cut' }]);
  const long = await read(`${line}Subject: long\n\n${'x'.repeat(3 << 20)}\n\n${line}${first}`, { partLimit: 1 << 20 });
  expect((long.mail as Message[]).map(({ problem }) => problem)).toEqual(['document-too-large', null]);
  expect(long.problems).toMatchObject([{ code: 'document-too-large' }]);
  expect((await read(line + first, { pieceLimit: 10 })).problems).toMatchObject([{ code: 'document-too-large' }]);
});

test('a mailbox is cut at the same places however it is read: the messages add up to it', async () => {
  const windows = `${line}Subject: x\n\n${'y'.repeat((1 << 20) - 63)}\n\n`;
  for (const before of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
    const messages = await split(windows.replace('\n\ny', `\n\n${'z'.repeat(before)}y`) + line + first, 8 << 20);
    expect(messages.map(({ whole }) => whole)).toEqual([true, true]);
    expect(messages[1]!.bytes).toBe(first);
  }
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('\n', '\r\n', 'From ', line, 'x', '\n\nFrom ', 'F')), async (parts) => {
      const bytes = line + parts.join('');
      const messages = await split(bytes, 64);
      expect(messages.reduce((sum, { size }) => sum + size, 0)).toBe(bytes.length);
      let at = 0;
      for (const one of messages) {
        expect(one.at).toBe(at);
        at += one.size;
      }
    }),
  );
});

test('ends of lines may be of either kind, and an empty message is one', async () => {
  const messages = await split(`${line}Subject: x\r\n\r\nbody\r\n\r\n${line}`);
  expect(messages.map(({ whole, bytes }) => [whole, bytes])).toEqual([
    [true, 'Subject: x\r\n\r\nbody\r\n\r\n'],
    [true, ''],
  ]);
});
