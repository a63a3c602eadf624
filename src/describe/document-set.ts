// The words of describing documents.
import { z } from 'zod';
import { rawSchema } from './metadata-set.ts';

const text = z.string().nullable();

export const documentSettingsSchema = z.object({
  /** Documents of more bytes are not read. */
  byteLimit: z.number().int().positive(),
  /** Pages that are read. */
  pageLimit: z.number().int().positive(),
  /** Characters of text that are kept. */
  textLimit: z.number().int().positive(),
});
export type DocumentSettings = z.infer<typeof documentSettingsSchema>;
export const defaultDocumentSettings: DocumentSettings = { byteLimit: 64 << 20, pageLimit: 2000, textLimit: 4_000_000 };

/** The name and version that observations carry. */
export const documentTool = 'dalil-document' as const;
export const documentVersion = '1';

/** `kind: describe.document`, `refs.item`. What a PDF, an e-mail or a text says. */
export const documentRecord = z.object({
  observation: z.object({ tool: z.literal(documentTool), version: z.string(), settings: documentSettingsSchema }),
  document: z.object({
    form: z.enum(['pdf', 'mail', 'text', 'html', 'none']),
    pages: z.number().int().nonnegative().nullable(),
    characters: z.number().int().nonnegative(),
    /** Whether a limit left something out. */
    cut: z.boolean(),
  }),
  /** Pages are apart by a form feed; of HTML, the source as it is; of e-mails the plain body, else the HTML one. */
  text: z.string(),
  /** The head of an e-mail as it states it; the date is as written. */
  mail: z
    .object({
      from: text,
      to: z.array(z.string()),
      cc: z.array(z.string()),
      subject: text,
      date: text,
      messageId: text,
    })
    .nullable(),
  /** What a PDF says of itself, without the names of people. */
  properties: rawSchema.pick({ tags: true, withheld: true }),
  /** Of an e-mail: listed with their hashes, not opened. */
  attachments: z.array(z.object({ name: text, type: z.string(), size: z.number().int(), sha256: z.string() })),
  problems: z.array(z.object({ code: z.string(), message: z.string() })),
});
export type DocumentRecord = z.infer<typeof documentRecord>;
