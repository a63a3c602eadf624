// What a dossier says, as data: passages, figures and tables, each with the records it rests on. It is made before any
// page is set, so that "every sentence leads to its evidence" is a check on data and not on a layout.
import { shareText } from '../case/share.ts';
import { Fault } from '../case/fault.ts';

/** One record: its position in the log (from 0) and its id (RFC 6962 leaf hash, as the log writes it). */
export interface RecordCitation {
  record: number;
  id: string;
}

/** The sealed checkpoint itself, for what follows from all records under it or explains how to read them. */
export interface CheckpointCitation {
  checkpoint: number;
  root: string;
}

/** A set of records too long to list: said in words, counted, and reached through `cites`. `set` numbers it from 1. */
export interface SetCitation {
  set: number;
  computedFrom: string;
  count: number;
  cites: (RecordCitation | CheckpointCitation)[];
}

export type Citation = RecordCitation | CheckpointCitation | SetCitation;

/** An interval (level between 0 and 1), or the reason why there is none. */
export type Interval = { low: number; high: number; level: number; method: string } | { none: string };

/** A published number: what it counts (`rule`), out of what (`denominator`, null where it is itself the whole). */
export interface Figure {
  id: string;
  value: number;
  denominator: number | null;
  rule: string;
  interval: Interval;
  cites: Citation[];
}

/**
 * A piece of a sentence. A plain string is the dossier's own wording and carries no digit; a number is a `figure` with
 * its printed form; `given` and `path` come out of the case and are quoted as they are; a `term` is a fixed name
 * (SHA-256); a `command` is typed by the reader.
 */
export type Span =
  | string
  | { figure: string; text: string }
  | { given: string }
  | { path: string }
  | { term: string }
  | { command: string };

export interface Passage {
  kind: 'passage';
  id: string;
  text: Span[];
  cites: Citation[];
  /** `warning` is set apart, `limit` is a fixed limitation sentence. */
  tone?: 'warning' | 'limit';
}

export interface Column {
  title: string;
  kind: 'text' | 'number' | 'bar' | 'code';
  /** Share of the width that is left over; 0 means as narrow as the content. */
  width: number;
}

/** text and code: spans; number: a number or null; bar: a share from 0 to 1. */
export type Cell = Span[] | number | null;

export interface Row {
  cells: Cell[];
  /** Empty where the table's own citations cover the row. */
  cites: Citation[];
  total?: boolean;
}

/** Numbers in a table share one rule, one denominator and one interval. */
export interface Table {
  kind: 'table';
  id: string;
  caption: Span[];
  rule: string;
  denominator: number | null;
  interval: Interval;
  columns: Column[];
  rows: Row[];
  cites: Citation[];
  /** An annex of one row a thing: small type, and positions only in the citations. */
  dense?: boolean;
}

/** A bar for each value of something counted. `alt` says the same in words. */
export interface Chart {
  kind: 'chart';
  id: string;
  caption: Span[];
  alt: string;
  /** What a bar's label counts, and what its height counts. */
  axes: { label: string; value: string };
  bars: { label: string; value: number }[];
  rule: string;
  denominator: number | null;
  interval: Interval;
  cites: Citation[];
}

/** A framed group of passages under small titles. */
export interface Box {
  kind: 'box';
  parts: { title: string; passages: Passage[] }[];
}

/** The lists that the content itself implies: every figure, every set, every record cited by the text. */
export interface Register {
  kind: 'figures' | 'records';
}

export type Block = Passage | Table | Chart | Box | Register;

export interface Section {
  id: string;
  /** '1', 'A' … ; a letter is an annex. */
  mark: string;
  title: string;
  blocks: Block[];
  /** An annex of wide tables is set across the page. */
  wide?: boolean;
}

export interface Volume {
  number: number;
  title: string;
  sections: Section[];
}

/** Everything that is printed; plain JSON. A function of (checkpoint, edition, template version). */
export interface DossierContent {
  templateVersion: number;
  meta: {
    title: string;
    caseId: string;
    edition: number;
    checkpoint: { size: number; root: string; signedAt: string | null };
  };
  /** Passages of the title page. */
  front: Passage[];
  volumes: Volume[];
  figures: Figure[];
  sets: SetCitation[];
}

/** What a dossier may not be published with: `where` is the id of a passage, figure, table or chart. */
export interface Finding {
  code: 'not-cited' | 'number-without-figure' | 'unknown-figure' | 'figure-misprinted' | 'no-rule' | 'twice';
  where: string;
}

/** A whole number with thousands separators, any other with two decimals. Not by locale: the same bytes everywhere. */
export function shown(value: number): string {
  if (!Number.isInteger(value)) return value.toFixed(2);
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** An instant in words, in UTC: "23 November 2026, 05:35:12 UTC". */
export function instantInWords(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) throw new Fault('fault', { what: 'A time of the dossier is no time.', got: iso });
  const clock = at.toISOString().slice(11, 19);
  return `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ${clock} UTC`;
}

/** A figure as printed in a sentence: its value. */
export const value = (figure: Figure): Span => ({ figure: figure.id, text: shown(figure.value) });
/** A figure as printed in a sentence: its share of its denominator. */
export const share = (figure: Figure): Span => ({
  figure: figure.id,
  text: shareText(figure.value, figure.denominator),
});
/** A figure with its noun in the right number: "1 file", "2 files". */
export const counted = (figure: Figure, one: string, many: string): Span[] => [
  value(figure),
  ` ${figure.value === 1 ? one : many}`,
];
export const given = (text: string): Span => ({ given: text });
export const path = (text: string): Span => ({ path: text });
export const term = (text: string): Span => ({ term: text });
export const command = (text: string): Span => ({ command: text });

/** A column of numbers, as narrow as they are; and one of words, which takes a share of the width that is left. */
export const number = (title: string): Column => ({ title, kind: 'number', width: 0 });
export const text = (title: string, width = 1): Column => ({ title, kind: 'text', width });

/** Why a figure that counts everything has no interval. */
export const complete: Interval = { none: 'a complete count, not a sample' };

/** A sentence as a tagged template: the literal parts are the dossier's wording, the rest are spans or figures. */
export function say(parts: TemplateStringsArray, ...spans: (Span | Span[] | Figure)[]): Span[] {
  const text: Span[] = [];
  const add = (span: Span): void => {
    const last = text.at(-1);
    if (typeof span === 'string' && typeof last === 'string') text[text.length - 1] = last + span;
    else if (span !== '') text.push(span);
  };
  parts.forEach((part, index) => {
    add(part);
    const next = spans[index];
    if (next === undefined) return;
    if (Array.isArray(next)) next.forEach(add);
    else if (typeof next === 'object' && 'rule' in next) add(value(next));
    else add(next);
  });
  return text;
}

/** All blocks of the content with the passages inside boxes, in reading order. */
export function* blocksOf(content: DossierContent, volume?: number): Generator<Exclude<Block, Box>> {
  if (volume === undefined || volume === 1) yield* content.front;
  for (const each of content.volumes) {
    if (volume !== undefined && each.number !== volume) continue;
    for (const section of each.sections) {
      for (const block of section.blocks) {
        if (block.kind === 'box') for (const part of block.parts) yield* part.passages;
        else yield block;
      }
    }
  }
}

/** The records that the text cites (passages, figures, sets, charts, tables that are not dense), by position. */
export function citedRecords(content: DossierContent): RecordCitation[] {
  const found = new Map<number, RecordCitation>();
  const take = (cites: readonly Citation[]): void => {
    for (const cite of cites) {
      if ('record' in cite) found.set(cite.record, { record: cite.record, id: cite.id });
      else if ('set' in cite) take(cite.cites);
    }
  };
  for (const figure of content.figures) take(figure.cites);
  for (const set of content.sets) take(set.cites);
  for (const block of blocksOf(content)) {
    if (!('cites' in block)) continue;
    take(block.cites);
    if (block.kind === 'table' && !block.dense) for (const row of block.rows) take(row.cites);
  }
  return [...found.values()].toSorted((a, b) => a.record - b.record);
}

const leadsNowhere = (cites: readonly Citation[]): boolean =>
  cites.length === 0 || cites.some((cite) => 'set' in cite && cite.cites.length === 0);

/** Every number and every sentence that does not lead to its evidence. Empty for content that may be published. */
export function findUncited(content: DossierContent): Finding[] {
  const findings: Finding[] = [];
  const figures = new Map(content.figures.map((figure) => [figure.id, figure]));
  const seen = new Set<string>();
  const note = (code: Finding['code'], where: string): void => void findings.push({ code, where });
  const once = (id: string): void => {
    if (seen.has(id)) note('twice', id);
    seen.add(id);
  };
  const read = (text: readonly Span[], where: string): void => {
    for (const span of text) {
      if (typeof span === 'string') {
        if (/\p{N}/u.test(span)) note('number-without-figure', where);
      } else if ('figure' in span) {
        const figure = figures.get(span.figure);
        if (!figure) note('unknown-figure', where);
        else if (span.text !== shown(figure.value) && span.text !== shareText(figure.value, figure.denominator))
          note('figure-misprinted', where);
      }
    }
  };
  const rest = (what: { rule: string; interval: Interval; cites: Citation[] }, where: string): void => {
    if (leadsNowhere(what.cites)) note('not-cited', where);
    if (what.rule === '' || ('none' in what.interval && what.interval.none === '')) note('no-rule', where);
  };
  for (const figure of content.figures) {
    once(`figure ${figure.id}`);
    rest(figure, figure.id);
  }
  for (const block of blocksOf(content)) {
    if (!('id' in block)) continue;
    once(block.id);
    if (block.kind === 'passage') {
      if (leadsNowhere(block.cites)) note('not-cited', block.id);
      read(block.text, block.id);
      continue;
    }
    rest(block, block.id);
    read(block.caption, block.id);
    if (block.kind === 'chart') continue;
    for (const row of block.rows) for (const cell of row.cells) if (Array.isArray(cell)) read(cell, block.id);
    if (block.dense && block.rows.some((row) => leadsNowhere(row.cites))) note('not-cited', block.id);
  }
  return findings;
}

/** A dossier while it is written: gives out figures and sets, and knows the ids of the records that may be cited. */
export class Draft {
  readonly figures: Figure[] = [];
  readonly sets: SetCitation[] = [];
  /** Tables that a chapter shows in part, whole: for the annex of long tables. */
  readonly long: Table[] = [];
  readonly checkpoint: CheckpointCitation;
  readonly #ids: ReadonlyMap<number, string>;

  constructor(checkpoint: CheckpointCitation, ids: ReadonlyMap<number, string>) {
    this.checkpoint = checkpoint;
    this.#ids = ids;
  }

  /** The record at a position. Throws a Fault where it does not lie under the checkpoint or its id is not known. */
  record(position: number): RecordCitation {
    const id = this.#ids.get(position);
    if (id === undefined || position >= this.checkpoint.checkpoint) {
      throw new Fault('fault', {
        what: 'The dossier cites a record that is not under its checkpoint.',
        expected: `a position below ${this.checkpoint.checkpoint} whose id was given`,
        got: String(position),
      });
    }
    return { record: position, id };
  }

  /** A set in words, led to by records, or by the checkpoint where none stands for it. */
  set(computedFrom: string, count: number, positions: readonly number[]): SetCitation {
    const cites = positions.length > 0 ? positions.map((position) => this.record(position)) : [this.checkpoint];
    const made = { set: this.sets.length + 1, computedFrom, count, cites };
    this.sets.push(made);
    return made;
  }

  figure(id: string, value: number, parts: Omit<Figure, 'id' | 'value'>): Figure {
    const made = { id, value, ...parts };
    this.figures.push(made);
    return made;
  }

  /**
   * A table of a chapter. Of more than `atMost` rows it has the first ones, says how many of how many they are, and
   * stands whole in the annex of long tables.
   */
  table(table: Omit<Table, 'kind'>, atMost: number): Table {
    const whole: Table = { kind: 'table', ...table };
    const { id, rows, cites, caption } = whole;
    if (rows.length <= atMost) return whole;
    this.long.push({ ...whole, id: `long.${id}` });
    const line = (name: string, value: number, rule: string, denominator: number | null) =>
      this.figure(`${id}.${name}`, value, { rule, denominator, interval: complete, cites });
    const all = line('lines', rows.length, 'lines of a table', null);
    const some = line('shown', atMost, 'lines of a table that stand in its chapter', rows.length);
    return {
      ...whole,
      rows: rows.slice(0, atMost),
      caption: say`${caption} (${some} of ${all} lines; all of them in the annex of long tables)`,
    };
  }

  passage(id: string, cites: Citation[], text: Span[], tone?: 'warning' | 'limit'): Passage {
    return { kind: 'passage', id, text, cites, ...(tone ? { tone } : {}) };
  }
}

/** Throws a Fault that names every passage and figure without its evidence; else returns the content. */
export function demandCited(content: DossierContent): DossierContent {
  const findings = findUncited(content);
  if (findings.length > 0) {
    throw new Fault('fault', {
      what: 'The dossier says something that does not lead to its evidence.',
      expected: 'a figure for every number, a citation for every figure and passage',
      got: findings.map(({ code, where }) => `${where}: ${code}`).join('; '),
    });
  }
  return content;
}
