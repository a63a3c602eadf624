// Rows of a delimited table, as a stream: CSV (RFC 4180), and the load files of Concordance and Relativity, which have
// U+0014 between fields and þ (U+00FE) around them. A table is another tool's claim: what it writes is kept as it stands.

/** What stands between fields, and around those that hold it. */
export interface Dialect {
  separator: string;
  /** null: nothing is quoted. */
  quote: string | null;
}

export const comma: Dialect = { separator: ',', quote: '"' };
export const concordance: Dialect = { separator: '\u0014', quote: '\u00fe' };
/** Opticon lists of images: commas, and nothing quoted. */
export const opticon: Dialect = { separator: ',', quote: null };

export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** A table that cannot be read on from here: bytes that are not its encoding, or a row without an end. */
export class TableError extends Error {
  readonly code: 'bad-encoding' | 'row-too-long';
  constructor(code: TableError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** A row holds the text of a document at most; one longer than this is a quote that was never closed. In characters. */
export const rowLimit = 16 << 20;

/**
 * By the byte order mark; without one, a quote of one byte (0xFE) at the start is windows-1252, as older tools write it.
 * The rest is UTF-8, and refused later where it is not: nothing is guessed from letters.
 */
export function encodingOf(start: Uint8Array): TextEncoding {
  if (start[0] === 0xff && start[1] === 0xfe) return 'utf-16le';
  if (start[0] === 0xfe && start[1] === 0xff) return 'utf-16be';
  return start[0] === 0xfe ? 'windows-1252' : 'utf-8';
}

/** Text of bytes, in pieces. Throws TableError('bad-encoding'). */
export async function* decode(bytes: AsyncIterable<Uint8Array>, encoding: TextEncoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  const strictly = (read: () => string): string => {
    try {
      return read();
    } catch {
      throw new TableError('bad-encoding', `The table has bytes that are not ${encoding}: it was read up to there.`);
    }
  };
  for await (const piece of bytes) yield strictly(() => decoder.decode(piece, { stream: true }));
  yield strictly(() => decoder.decode());
}

/** The fields of each row; empty lines are no rows. Memory is one row. Throws TableError('row-too-long'). */
export async function* rowsOf(text: AsyncIterable<string>, { separator, quote }: Dialect): AsyncGenerator<string[]> {
  let fields: string[] = [];
  let field = '';
  let quoted = false;
  /** A quote inside a quoted field: its end, or the first half of a quote that is meant. */
  let pending = false;
  let length = 0;
  const ends = (): string[] | null => {
    const row = [...fields, field];
    fields = [];
    field = '';
    length = 0;
    return row.length === 1 && row[0] === '' ? null : row;
  };
  for await (const piece of text) {
    for (const char of piece) {
      if (++length > rowLimit) throw new TableError('row-too-long', 'A row has no end: a quote was never closed.');
      if (pending) {
        pending = false;
        if (char === quote) {
          field += char;
          continue;
        }
        quoted = false;
      }
      if (quoted) {
        if (char === quote) pending = true;
        else field += char;
      } else if (char === quote && field === '') quoted = true;
      else if (char === separator) {
        fields.push(field);
        field = '';
      } else if (char === '\n') {
        const row = ends();
        if (row !== null) yield row;
      } else if (char !== '\r') field += char;
    }
  }
  if (quoted && !pending) throw new TableError('row-too-long', 'The last row has no end: a quote was never closed.');
  const row = ends();
  if (row !== null) yield row;
}

/**
 * The objects of the first list in a JSON text, each as its own text, whatever stands between them: an exporter that
 * writes in batches forgets the comma between two. Memory is one object. Throws TableError('row-too-long').
 */
export async function* objectsOf(text: AsyncIterable<string>): AsyncGenerator<string> {
  let depth = 0;
  let inText = false;
  let escaped = false;
  let object = '';
  for await (const piece of text) {
    for (const char of piece) {
      if (depth >= 3) object += char;
      if (object.length > rowLimit) throw new TableError('row-too-long', 'An object of the list has no end.');
      if (inText) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inText = false;
      } else if (char === '"') inText = true;
      else if (char === '{' || char === '[') {
        if (++depth === 3) object = char;
      } else if (char === '}' || char === ']') {
        if (--depth === 2) {
          yield object;
          object = '';
        }
      }
    }
  }
  if (depth !== 0) throw new TableError('row-too-long', 'The list breaks off before its end.');
}
