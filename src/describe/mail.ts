// E-mails (RFC 5322, MIME) and mailboxes of them (RFC 4155 and its kin): heads as they state them, bodies, attachments by
// their hashes. A remote picture in a mail is text here and nothing else.
import type { FileHandle } from 'node:fs/promises';
import PostalMime, { type Email } from 'postal-mime';
import type { MailHead, Message } from './document-set.ts';
import {
  clean,
  GatheredText,
  saidOf,
  sha256Of,
  stated,
  type Attachment,
  type Reading,
  type Said,
} from './document-text.ts';

const mailFields =
  /^(?:from|to|cc|date|subject|message-id|mime-version|received|return-path|delivered-to|content-type):/i;

/** An e-mail has no signature: its head is lines of RFC 5322, three of them or more with names that e-mails have. */
export function looksLikeMail(bytes: Uint8Array): boolean {
  const lines = Buffer.from(bytes.subarray(0, 8192)).toString('latin1').split(/\r?\n/);
  const end = lines.indexOf('');
  const head = end < 0 ? lines.slice(0, -1) : lines.slice(0, end);
  return (
    head.every((line) => /^(?:[!-9;-~]+:|[ \t])/.test(line)) && head.filter((line) => mailFields.test(line)).length >= 3
  );
}

export async function describeMail(bytes: Uint8Array, reading: Reading): Promise<Said> {
  const mail = await parseMail(bytes);
  const text = new GatheredText(reading);
  text.add(bodyOf(mail));
  return { ...saidOf('mail', null, text), mail: headOf(mail), attachments: listed(attachmentsOf(mail), reading) };
}

/**
 * Describes a mailbox, message by message, as its file is read. A line `From …` after an empty line begins a message; `>`
 * before a quoted one is taken away by nobody, since writers differ in whether they put it there.
 */
export async function describeMailbox(file: FileHandle, reading: Reading): Promise<Said> {
  const { settings } = reading;
  const text = new GatheredText(reading);
  const messages: Message[] = [];
  const attachments: Attachment[] = [];
  let found = 0;
  for await (const { at, size, whole, bytes } of messagesOf(file, settings.partLimit)) {
    if (++found > settings.messageLimit) continue;
    const nothing = { from: null, to: [], cc: [], subject: null, date: null, messageId: null };
    const place = { at, size, sha256: sha256Of(bytes) };
    if (!whole) {
      reading.codes.add('document-too-large');
      messages.push({ ...nothing, ...place, problem: 'document-too-large' });
      continue;
    }
    const mail = await parseMail(bytes).catch(() => null);
    if (mail === null) reading.codes.add('document-broken');
    messages.push({
      ...(mail === null ? nothing : headOf(mail)),
      ...place,
      problem: mail === null ? 'document-broken' : null,
    });
    if (mail === null) continue;
    text.page();
    text.add(bodyOf(mail));
    attachments.push(...attachmentsOf(mail).map((one) => ({ ...one, message: messages.length - 1 })));
  }
  if (found > messages.length) text.leaveOut();
  const said = saidOf('mailbox', null, text);
  return {
    ...said,
    document: { ...said.document, messages: found },
    mail: messages,
    attachments: listed(attachments, reading),
  };
}

/** Attachments up to the limit. */
export function listed(attachments: readonly Attachment[], { settings, codes }: Reading): Attachment[] {
  if (attachments.length > settings.attachmentLimit) codes.add('document-cut');
  return attachments.slice(0, settings.attachmentLimit);
}

const parseMail = (bytes: Uint8Array): Promise<Email> =>
  PostalMime.parse(bytes, { maxNestingDepth: 20, maxHeadersSize: 1 << 20, attachmentEncoding: 'arraybuffer' });

const bodyOf = (mail: Email): string => mail.text ?? mail.html ?? '';

function headOf(mail: Email): MailHead {
  return {
    from: addressOf(mail.from),
    to: (mail.to ?? []).slice(0, 200).map((one) => addressOf(one) ?? ''),
    cc: (mail.cc ?? []).slice(0, 200).map((one) => addressOf(one) ?? ''),
    subject: stated(mail.subject, 1000),
    date: mail.headers.find(({ key }) => key === 'date')?.value.slice(0, 100) ?? null,
    messageId: stated(mail.messageId, 500),
  };
}

/** `Name <address>`, or whichever of the two there is. */
export function addressOf(one: { name?: string; address?: string } | undefined): string | null {
  if (one === undefined) return null;
  const { name, address } = one;
  return clean(address === undefined ? (name ?? '') : name ? `${name} <${address}>` : address).slice(0, 500);
}

function attachmentsOf(mail: Email): Attachment[] {
  return mail.attachments.map(({ filename, mimeType, content }) => {
    const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
    return {
      name: stated(filename, 500),
      type: clean(mimeType).slice(0, 200),
      size: data.length,
      sha256: sha256Of(data),
    };
  });
}

interface RawMessage {
  at: number;
  /** From its line `From …` on. */
  size: number;
  /** False where it is longer than the limit: then none of its bytes are given. */
  whole: boolean;
  /** Without that line. */
  bytes: Buffer;
}

const window = 1 << 20;
const separator = Buffer.from('\nFrom ');

/** The messages in their order. Memory is two messages of the limit at most. */
export async function* messagesOf(file: FileHandle, limit: number): AsyncGenerator<RawMessage> {
  let held = Buffer.alloc(0);
  // Where the held bytes begin in the file, where the message began, and how much of it was let go as too long.
  let position = 0;
  let start = 0;
  let dropped = false;
  let searched = 0;
  const message = (end: number): RawMessage => {
    const bytes = held.subarray(0, end);
    const line = bytes.indexOf(0x0a);
    const at = start;
    const size = position + end - start;
    const whole = !dropped;
    const body = dropped || line < 0 ? Buffer.alloc(0) : bytes.subarray(line + 1);
    held = held.subarray(end);
    position += end;
    start = position;
    dropped = false;
    searched = 0;
    return { at, size, whole, bytes: body };
  };
  for (;;) {
    const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(window), 0, window, position + held.length);
    held = Buffer.concat([held, buffer.subarray(0, bytesRead)]);
    for (let at = nextSeparator(held, searched); at >= 0; at = nextSeparator(held, searched)) yield message(at + 1);
    if (bytesRead === 0) break;
    searched = Math.max(0, held.length - separator.length - 2);
    if (held.length > limit) {
      const keep = separator.length + 2;
      position += held.length - keep;
      held = held.subarray(held.length - keep);
      dropped = true;
      searched = 0;
    }
  }
  if (held.length > 0) yield message(held.length);
}

/** Where the line end before `From ` stands, with an empty line before it. */
function nextSeparator(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(separator, from); at >= 0; at = bytes.indexOf(separator, at + 1)) {
    const before = bytes[at - 1];
    if (before === 0x0a || (before === 0x0d && bytes[at - 2] === 0x0a)) return at;
  }
  return -1;
}
