// What every reader of documents gives, and the text it gathers: clean, and no longer than the limit.
import { createHash } from 'node:crypto';
import type { DescribeProblemCode } from './description.ts';
import type { DocumentForm, DocumentRecord, DocumentSettings } from './document-set.ts';

export type Said = Omit<DocumentRecord, 'observation' | 'problems'>;
export type Attachment = DocumentRecord['attachments'][number];

/** What a reader works with: its limits, and where problems go. */
export interface Reading {
  settings: DocumentSettings;
  codes: Set<DescribeProblemCode>;
}

/** A document of a form, of which nothing is said yet. */
export function saidOf(form: DocumentForm, pages: number | null, text: GatheredText): Said {
  return {
    document: {
      form,
      pages,
      characters: text.text.length,
      cut: text.cut,
      pictures: null,
      messages: null,
      thumbnails: [],
    },
    text: text.text,
    mail: null,
    properties: { tags: {}, withheld: [] },
    attachments: [],
  };
}

/** Gathers text up to the limit; the first character beyond it is a problem of the document. */
export class GatheredText {
  readonly #reading: Reading;
  readonly #parts: string[] = [];
  #left: number;
  cut = false;

  constructor(reading: Reading) {
    this.#reading = reading;
    this.#left = reading.settings.textLimit;
  }

  add(text: string): void {
    if (text.length > this.#left) this.leaveOut();
    const kept = text.slice(0, this.#left);
    this.#left -= kept.length;
    if (kept !== '') this.#parts.push(kept);
  }

  /** Begins a page, a sheet, a message: a form feed, but for the first. */
  page(): void {
    if (this.#parts.length > 0) this.add('\n\f\n');
  }

  /** Says that a limit has left something out. */
  leaveOut(): void {
    this.cut = true;
    this.#reading.codes.add('document-cut');
  }

  get full(): boolean {
    return this.cut && this.#left === 0;
  }

  get text(): string {
    return clean(this.#parts.join(''));
  }
}

// PostgreSQL takes neither NUL nor half a surrogate pair in its text.
export const clean = (text: string): string => text.replaceAll('\0', '').replace(/\p{Surrogate}/gu, '\ufffd');

/** A text that a document states, clean and no longer than it may be; null where there is none. */
export const stated = (value: string | undefined | null, longest: number): string | null =>
  value === undefined || value === null ? null : clean(value).slice(0, longest);

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
