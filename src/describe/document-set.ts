// The words of describing documents.
import { z } from 'zod';
import { rawSchema } from './metadata-set.ts';

const text = z.string().nullable();
const count = z.number().int().nonnegative();

const natural = z.number().int().positive();

const settingsShape = {
  /** Documents of more bytes are not read. */
  byteLimit: natural,
  /** Pages that are read. */
  pageLimit: natural,
  /** Characters of text that are kept. */
  textLimit: natural,
};
const newerShape = {
  /** Bytes of what is read in pieces: mailboxes, and office documents, which are zip files. */
  pieceLimit: natural,
  /** Bytes that one part of an office document, and all of them together, may unpack to; of one message, of a mailbox. */
  partLimit: natural,
  unpackLimit: natural,
  /** Messages of a mailbox that are read. */
  messageLimit: natural,
  /** Attachments, and pictures inside, that are listed. */
  attachmentLimit: natural,
  /** Pages of a PDF that are drawn as thumbnails, from the first on; and their longer side, in pixels. */
  drawnPages: z.number().int().nonnegative(),
  thumbnailSide: natural,
};
export const documentSettingsSchema = z.object({ ...settingsShape, ...newerShape });
export type DocumentSettings = z.infer<typeof documentSettingsSchema>;
export const defaultDocumentSettings: DocumentSettings = {
  byteLimit: 64 << 20,
  pageLimit: 2000,
  textLimit: 4_000_000,
  pieceLimit: 512 << 20,
  partLimit: 64 << 20,
  unpackLimit: 256 << 20,
  messageLimit: 10_000,
  attachmentLimit: 1000,
  drawnPages: 3,
  thumbnailSide: 320,
};

/** The name and version that observations carry. */
export const documentTool = 'dalil-document' as const;
export const documentVersion = '2';

/** The formats of documents, as a pattern for the index. */
export const documentFormats =
  '^(text/|application/(pdf|mbox|x-ole-storage|x-ooxml|vnd[.]openxmlformats-officedocument[.].*|vnd[.]oasis[.]opendocument[.].*)$)';

const headSchema = z.object({
  from: text,
  to: z.array(z.string()),
  cc: z.array(z.string()),
  subject: text,
  date: text,
  messageId: text,
});
export type MailHead = z.infer<typeof headSchema>;

const messageSchema = headSchema.extend({
  /** Where its first line, `From …`, stands in the mailbox, and how many bytes it has from there. */
  at: count,
  size: count,
  /** Of its bytes without that line: what it would be as a file of its own. */
  sha256: z.string(),
  /** Why nothing of it was read, where that is so. */
  problem: z.enum(['document-too-large', 'document-broken']).nullable(),
});
export type Message = z.infer<typeof messageSchema>;

const documentForms = [
  'pdf',
  'mail',
  'mailbox',
  'outlook',
  'text',
  'html',
  'docx',
  'xlsx',
  'pptx',
  'odt',
  'ods',
  'odp',
  'none',
] as const;
export type DocumentForm = (typeof documentForms)[number];

/** `kind: describe.document`, `refs.item`. What a document says: PDF, office document, mail or text. */
export const documentRecord = z.object({
  observation: z.object({
    tool: z.literal(documentTool),
    version: z.string(),
    /** Records of version 1 have the first three alone. */
    settings: z.object({ ...settingsShape, ...z.object(newerShape).partial().shape }),
  }),
  document: z.object({
    form: z.enum(documentForms),
    /** Of a PDF; slides, sheets. */
    pages: count.nullable(),
    characters: count,
    /** Whether a limit left something out. */
    cut: z.boolean(),
    /** Pictures inside an office document; null where none could be. Absent in version 1, as are the next two. */
    pictures: count.nullable().optional(),
    /** Messages of a mailbox, all of them, read or not. */
    messages: count.nullable().optional(),
    /** Pages of a PDF that were drawn. */
    thumbnails: z.array(z.object({ page: natural, width: count, height: count, bytes: count })).optional(),
  }),
  /**
   * Pages, slides, sheets, messages and what stands beside a text (notes, heads and feet, comments) are apart by a form
   * feed; of HTML, the source as it is; of e-mails the plain body, else the HTML one.
   */
  text: z.string(),
  /** The head of an e-mail, or of each message of a mailbox, as it states it; the date is as written. */
  mail: z.union([headSchema, z.array(messageSchema)]).nullable(),
  /** What a PDF or an office document says of itself, without the names of people. */
  properties: rawSchema.pick({ tags: true, withheld: true }),
  /** Of an e-mail, and pictures and objects inside an office document: listed with their hashes, not opened. */
  attachments: z.array(
    z.object({
      name: text,
      type: z.string(),
      size: count,
      sha256: z.string(),
      /** Of which message of a mailbox, from 0. */
      message: count.optional(),
    }),
  ),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type DocumentRecord = z.infer<typeof documentRecord>;
