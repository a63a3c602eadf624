// The two texts that people sign with keys of their own: a receipt of custody, and a deaccession. Plain UTF-8, a line for
// each statement, one spelling for each content, so that what was signed can be read decades later without a program.
import { fromBase64, fromBase64url } from '#engine';
import { FormatError } from './problem.ts';

/** What SSHSIG signatures over them are for: one cannot be passed off as the other. */
export const receiptNamespace = 'custody@dalil';
export const deaccessionNamespace = 'deaccession@dalil';

/** PREMIS's names for handing over: the one copy, a further copy that stays in trust, a copy given away. */
export const custodyEvents = ['transfer', 'replication', 'dissemination'] as const;
export type CustodyEvent = (typeof custodyEvents)[number];

/** The only reasons for which an original is destroyed. */
export const destructionReasons = [
  'secret-leak',
  'personal-data-leak',
  'legal-order',
  'malicious-injection',
  'consent-withdrawn',
] as const;
export type DestructionReason = (typeof destructionReasons)[number];

/** A record by the name that can be said aloud, and by its id. */
export interface Named {
  handle: string;
  id: string;
}

/** The state of the case that is spoken of: whoever keeps the text keeps a checkpoint. */
interface State {
  /** The case's identifier. */
  case: string;
  /** Root in base64. */
  checkpoint: { size: number; root: string };
}

export interface Receipt extends State {
  event: CustodyEvent;
  /** Accessions and items; none for the whole case. */
  what: readonly Named[];
  from: Signatory;
  to: Signatory;
  /** When it was handed over: RFC 3339 with an offset. */
  when: string;
  why: string;
}

export interface Signatory {
  name: string;
  /** Fingerprint of their key: `SHA256:…`. */
  key: string;
}

export interface Deaccession extends State {
  reason: DestructionReason;
  why: string;
  items: readonly Named[];
  /** Handles of archives in which bytes of these items stay. */
  remains: readonly string[];
}

type Lines = [name: string, value: string][];

/** The text of a receipt. Throws FormatError('file-malformed') where a statement cannot be a line. */
export function formatReceipt(receipt: Receipt): string {
  const { event, what, from, to, when, why } = receipt;
  return format('dalil-receipt/1', [
    ...stateLines(receipt),
    ['event', event],
    ...(what.length === 0
      ? ([['what', 'the whole case']] as Lines)
      : what.map((one): Lines[number] => ['what', named(one)])),
    ['from', from.name],
    ['from-key', from.key],
    ['to', to.name],
    ['to-key', to.key],
    ['when', when],
    ['why', why],
  ]);
}

/** Reads a receipt; FormatError('file-malformed') on all but the one spelling. */
export function parseReceipt(text: string): Receipt {
  const lines = new Reading(text, 'dalil-receipt/1');
  const state = readState(lines);
  const event = lines.oneOf('event', custodyEvents);
  const what = lines.all('what');
  return same(text, formatReceipt, {
    ...state,
    event,
    what: what[0] === 'the whole case' ? [] : readNamed(what),
    from: { name: lines.one('from'), key: lines.one('from-key') },
    to: { name: lines.one('to'), key: lines.one('to-key') },
    when: lines.one('when'),
    why: lines.one('why'),
  });
}

/** The text of a deaccession. Throws FormatError('file-malformed') where a statement cannot be a line. */
export function formatDeaccession(deaccession: Deaccession): string {
  const { reason, why, items, remains } = deaccession;
  return format('dalil-deaccession/1', [
    ...stateLines(deaccession),
    ['reason', reason],
    ['why', why],
    ...items.map((one): Lines[number] => ['item', named(one)]),
    ...remains.map((handle): Lines[number] => ['remains-within', handle]),
  ]);
}

/** Reads a deaccession; FormatError('file-malformed') on all but the one spelling. */
export function parseDeaccession(text: string): Deaccession {
  const lines = new Reading(text, 'dalil-deaccession/1');
  const state = readState(lines);
  return same(text, formatDeaccession, {
    ...state,
    reason: lines.oneOf('reason', destructionReasons),
    why: lines.one('why'),
    items: readNamed(lines.all('item')),
    remains: lines.all('remains-within'),
  });
}

/**
 * Whether a text can be a name or a statement in what people sign: one line, composed (NFC), up to 500 characters, none of
 * them invisible or turning others around. What is signed must be what is seen.
 */
export function isStatement(text: string): boolean {
  const joined = text.replaceAll(/(?<=\p{Script=Arabic})[\u200c\u200d](?=\p{Script=Arabic})/gu, '');
  const seen = !/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.test(joined);
  return seen && text !== '' && text.length <= 500 && text.trim() === text && text.normalize('NFC') === text;
}

const named = ({ handle, id }: Named): string => `${handle} ${id}`;

function readNamed(values: readonly string[]): Named[] {
  if (new Set(values).size < values.length) throw malformed('a record is named twice');
  return values.map((value) => {
    const match = /^([A-Z]-\d{4,15}) ([A-Za-z0-9_-]{43})$/.exec(value);
    if (match === null || fromBase64url(match[2]!) === null) throw malformed('a line names no record');
    return { handle: match[1]!, id: match[2]! };
  });
}

function stateLines({ case: id, checkpoint: { size, root } }: State): Lines {
  return [
    ['case', id],
    ['checkpoint', `${size} ${root}`],
  ];
}

function readState(lines: Reading): State {
  const id = lines.one('case');
  const match = /^(\d{1,15}) ([A-Za-z0-9+/]{43}=)$/.exec(lines.one('checkpoint'));
  if (!/^[0-9a-f]{32}$/.test(id) || match === null || fromBase64(match[2]!) === null) {
    throw malformed('it names no state of a case');
  }
  return { case: id, checkpoint: { size: Number(match[1]), root: match[2]! } };
}

function format(header: string, lines: Lines): string {
  for (const [, value] of lines) {
    if (!isStatement(value)) throw malformed('a statement is empty, too long, or holds characters that cannot be seen');
  }
  return `${header}\n${lines.map(([name, value]) => `${name}: ${value}\n`).join('')}`;
}

/** What was read must give the very text again: nothing in it goes unread, and no content has two texts. */
function same<T>(text: string, write: (content: T) => string, content: T): T {
  if (write(content) !== text) throw malformed('it is not in its one spelling');
  return content;
}

class Reading {
  readonly #lines: Lines;
  constructor(text: string, header: string) {
    const [first, ...lines] = text.split('\n');
    if (first !== header || lines.pop() !== '') throw malformed(`not a text of ${header}`);
    this.#lines = lines.map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, Math.max(at, 0)), line.slice(at + 2)];
    });
  }
  all(name: string): string[] {
    return this.#lines.filter(([one]) => one === name).map(([, value]) => value);
  }
  one(name: string): string {
    const [value, ...more] = this.all(name);
    if (value === undefined || more.length > 0) throw malformed(`it must say \`${name}\` once`);
    return value;
  }
  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const said = this.one(name);
    const value = values.find((one) => one === said);
    if (value === undefined) throw malformed(`\`${name}\` has a value that it cannot have`);
    return value;
  }
}

function malformed(why: string): FormatError {
  return new FormatError('file-malformed', why);
}
