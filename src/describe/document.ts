// What a document says: the text and properties of PDFs and plain texts, and of e-mails their heads and attachments too.
// Runs in a worker thread. Nothing that a document refers to is fetched: the parsers are given its bytes alone.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import PostalMime from 'postal-mime';
import { getDocumentProxy } from 'unpdf';
import type { Json } from '../case/json.ts';
import { problem, type DescribeProblemCode } from './description.ts';
import { documentTool, documentVersion, type DocumentRecord, type DocumentSettings } from './document-set.ts';
import { withholdNames } from './metadata-names.ts';
import { plainJson } from './metadata.ts';

export interface DocumentInput {
  path: string;
  size: number;
  settings: DocumentSettings;
}

type Said = Omit<DocumentRecord, 'observation' | 'problems'>;

/** Describes a document; whatever the bytes are, the answer is a description with its problems. */
export async function describeDocument({ path, size, settings }: DocumentInput): Promise<DocumentRecord> {
  const observation = { tool: documentTool, version: documentVersion, settings };
  const empty: Said = {
    document: { form: 'none', pages: null, characters: 0, cut: false },
    text: '',
    mail: null,
    properties: { tags: {}, withheld: [] },
    attachments: [],
  };
  if (size > settings.byteLimit) return { observation, ...empty, problems: [problem('document-too-large')] };
  const bytes = await readFile(path);
  const codes = new Set<DescribeProblemCode>();
  let said = empty;
  try {
    const format = formatOf(bytes.subarray(0, headLength), bytes.length);
    if (format.type === 'application/pdf') said = await describePdf(bytes, settings, codes);
    else if (looksLikeMail(bytes)) said = await describeMail(bytes, settings, codes);
    else {
      const text = new TextDecoder(format.charset ?? 'utf-8').decode(bytes);
      said = { ...empty, ...textOf(format.type === 'text/html' ? 'html' : 'text', null, text, settings, codes) };
    }
  } catch (error) {
    codes.add((error as Error).name === 'PasswordException' ? 'document-encrypted' : 'document-broken');
  }
  return { observation, ...said, problems: [...codes].map(problem) };
}

async function describePdf(bytes: Buffer, settings: DocumentSettings, codes: Set<DescribeProblemCode>): Promise<Said> {
  // No eval, no fonts of the system, no character maps or fonts by address: there is none to give.
  const pdf = await getDocumentProxy(new Uint8Array(bytes), {
    isEvalSupported: false,
    useSystemFonts: false,
    disableFontFace: true,
    verbosity: 0,
  });
  try {
    const info = ((await pdf.getMetadata().catch(() => null))?.info ?? {}) as Record<string, unknown>;
    const parts: string[] = [];
    let characters = 0;
    for (let n = 1; n <= Math.min(pdf.numPages, settings.pageLimit) && characters <= settings.textLimit; n++) {
      const page = await pdf.getPage(n);
      const { items } = await page.getTextContent();
      const text = items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
      characters += text.length;
      parts.push(text);
      page.cleanup();
    }
    if (pdf.numPages > settings.pageLimit) codes.add('document-cut');
    const said = textOf('pdf', pdf.numPages, parts.join('\n\f\n'), settings, codes);
    const plain = plainJson(info, { left: 8192, cut: false }) as Record<string, Json>;
    return { ...said, mail: null, properties: withholdNames(plain), attachments: [] };
  } finally {
    await pdf.destroy();
  }
}

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

async function describeMail(bytes: Buffer, settings: DocumentSettings, codes: Set<DescribeProblemCode>): Promise<Said> {
  const mail = await PostalMime.parse(bytes, {
    maxNestingDepth: 20,
    maxHeadersSize: 1 << 20,
    attachmentEncoding: 'arraybuffer',
  });
  const named = (one: { name?: string; address?: string } | undefined): string | null =>
    one === undefined
      ? null
      : clean(
          one.address === undefined ? (one.name ?? '') : one.name ? `${one.name} <${one.address}>` : one.address,
        ).slice(0, 500);
  const body = mail.text ?? (mail.html === undefined ? '' : mail.html);
  return {
    ...textOf('mail', null, body, settings, codes),
    mail: {
      from: named(mail.from),
      to: (mail.to ?? []).slice(0, 200).map((one) => named(one) ?? ''),
      cc: (mail.cc ?? []).slice(0, 200).map((one) => named(one) ?? ''),
      subject: mail.subject === undefined ? null : clean(mail.subject).slice(0, 1000),
      date: mail.headers.find(({ key }) => key === 'date')?.value.slice(0, 100) ?? null,
      messageId: mail.messageId === undefined ? null : clean(mail.messageId).slice(0, 500),
    },
    properties: { tags: {}, withheld: [] },
    attachments: mail.attachments.slice(0, 1000).map(({ filename, mimeType, content }) => {
      const data = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
      return {
        name: filename === null ? null : clean(filename).slice(0, 500),
        type: clean(mimeType).slice(0, 200),
        size: data.length,
        sha256: createHash('sha256').update(data).digest('hex'),
      };
    }),
  };
}

function textOf(
  form: DocumentRecord['document']['form'],
  pages: number | null,
  text: string,
  { textLimit }: DocumentSettings,
  codes: Set<DescribeProblemCode>,
): Pick<Said, 'document' | 'text'> {
  const kept = clean(text.slice(0, textLimit));
  const cut = text.length > textLimit;
  if (cut) codes.add('document-cut');
  return { document: { form, pages, characters: kept.length, cut }, text: kept };
}

// PostgreSQL takes neither NUL nor half a surrogate pair in its text.
const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');
