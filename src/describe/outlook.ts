// Messages of Outlook (MS-OXMSG, in a compound file of MS-CFB), and what other compound files are: documents of Office before
// 2007, which nobody reads here, and encrypted newer ones.
import msgreader, { type FieldsData } from '@kenjiuno/msgreader';
import { formatOf, headLength } from '@dalil/imaging';
import { addressOf, listed } from './mail.ts';
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

// Written as CommonJS: what is the default there is one level down here, or is not, by who loads it.
const MsgReader = (msgreader as unknown as { default?: typeof msgreader }).default ?? msgreader;

const wide = (text: string): Buffer => Buffer.from(text, 'utf16le');
const messageMark = wide('__properties_version1.0');
const encryptedMark = wide('EncryptedPackage');
/** Streams of Word, Excel and PowerPoint before 2007. Other compound files, as Thumbs.db, are no documents and lack nothing. */
const oldMarks = ['WordDocument', 'Workbook', 'PowerPoint Document'].map(wide);

/** Describes a compound file; one that is no message has no text, and where it is a document the reason. Throws where a message is broken. */
export function describeCompound(bytes: Buffer, reading: Reading): Said {
  if (bytes.includes(messageMark)) return describeMessage(bytes, reading);
  if (bytes.includes(encryptedMark)) reading.codes.add('document-encrypted');
  else if (oldMarks.some((mark) => bytes.includes(mark))) reading.codes.add('document-no-reader');
  return saidOf('none', null, new GatheredText(reading));
}

function describeMessage(bytes: Buffer, reading: Reading): Said {
  const { reader, fields } = parse(bytes);
  const text = new GatheredText(reading);
  text.add(bodyOf(fields));
  const recipients = (type: string): string[] =>
    (fields.recipients ?? [])
      .filter(({ recipType }) => recipType === type)
      .slice(0, 200)
      .map((one) => addressOf(parts(one.name, one.smtpAddress ?? one.email)) ?? '');
  return {
    ...saidOf('outlook', null, text),
    mail: {
      from: addressOf(parts(fields.senderName, fields.senderSmtpAddress ?? fields.senderEmail)),
      to: recipients('to'),
      cc: recipients('cc'),
      subject: stated(fields.subject, 1000),
      date: stated(/^date:[ \t]*(.+)$/im.exec(fields.headers ?? '')?.[1]?.trim() ?? fields.clientSubmitTime, 100),
      messageId: stated(fields.messageId, 500),
    },
    attachments: listed(attachmentsOf(reader, fields), reading),
  };
}

/** Text that is not Unicode is in the code page that the message states. */
function parse(bytes: Buffer): { reader: InstanceType<typeof MsgReader>; fields: FieldsData } {
  for (let encoding: string | undefined; ;) {
    const reader = new MsgReader(
      bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer,
    );
    reader.parserConfig = encoding === undefined ? {} : { ansiEncoding: encoding };
    const fields = reader.getFileData();
    if (fields.error !== undefined) throw new Error('no message could be read in the compound file');
    const page = fields.messageCodepage ?? fields.internetCodepage;
    if (encoding !== undefined || page === undefined || page < 1250 || page > 1258) return { reader, fields };
    encoding = `cp${page}`;
  }
}

function bodyOf({ body, html, bodyHtml, internetCodepage }: FieldsData): string {
  if (body !== undefined && body !== '') return body;
  if (html === undefined) return bodyHtml ?? '';
  const charset =
    internetCodepage !== undefined && internetCodepage >= 1250 && internetCodepage <= 1258
      ? `windows-${internetCodepage}`
      : 'utf-8';
  return new TextDecoder(charset).decode(html);
}

function attachmentsOf(reader: InstanceType<typeof MsgReader>, fields: FieldsData): Attachment[] {
  return (fields.attachments ?? []).map((one) => {
    const content = Buffer.from(reader.getAttachment(one).content);
    const type = one.attachMimeTag ?? formatOf(content.subarray(0, headLength), content.length).type;
    return {
      name: stated(one.fileName ?? one.name ?? one.fileNameShort, 500),
      type: clean(type).slice(0, 200),
      size: content.length,
      sha256: sha256Of(content),
    };
  });
}

const parts = (name: string | undefined, address: string | undefined): { name?: string; address?: string } => ({
  ...(name === undefined ? {} : { name }),
  ...(address === undefined ? {} : { address }),
});
