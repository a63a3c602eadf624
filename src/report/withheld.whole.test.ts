// What was withheld cannot be learned from a bundle and the published log, however it is tried: not as text in any spelling,
// not by guessing and hashing, few though the possible values are, and not from any length or number.
import { createHash, hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeEntries, openDisclosure, openRecord, presentation, recordPath } from '@dalil/verify';
import type { LoggedRecord } from '../log/logged.ts';
import { readEntries, readOpenings } from '../log/tiles.ts';
import { bytesBelow, spellingsOf } from '../protect/vault.fixture.ts';
import { caseBytesIn, openBundleCase, secrets, type BundleCase } from './bundle.fixture.ts';
import { exportBundle } from './bundle.ts';
import { Haystack } from './haystack.fixture.ts';
import type { Selection } from './selection.ts';

let sample: BundleCase;
/** All that a stranger has: the bundle, and the log as it may be published. */
let outside: Haystack;
/** What the bundle says in so many words. */
let shown: string;
/** The salts that it discloses. */
let salts: string[];

beforeAll(async () => {
  sample = await openBundleCase();
  const items = sample.records.filter(({ kind }) => kind === 'intake.item').slice(3, 6);
  const path = await pack('bundle', {
    items: items.map(({ handle }) => handle!),
    fields: { without: ['path', 'source', 'files', 'metadata', 'pdq', 'identifiers', 'key', 'handle', 'at', 'actor'] },
  });
  outside = await everythingIn(path);
  const disclosures = await disclosuresIn(path);
  salts = disclosures.map(({ salt }) => salt);
  shown = [...disclosures.map(({ text }) => text), await readFile(join(path, 'VERIFY.txt'), 'utf8')].join('\n');
}, 240_000);
afterAll(() => sample.close());

async function pack(name: string, selection: Selection): Promise<string> {
  const out = join(sample.folder, name);
  await exportBundle(sample.opened, { out, selection, originals: false, date: '2026-01-02' });
  return out;
}

/** A bundle, and the published log beside it. */
async function everythingIn(bundle: string): Promise<Haystack> {
  const haystack = new Haystack();
  const published = new Set(['checkpoint', 'tile', 'checkpoints', 'keys']);
  for await (const { path, bytes } of caseBytesIn(bundle)) {
    haystack.add(Buffer.from(path.slice(bundle.length)));
    haystack.add(bytes);
  }
  for await (const { path, bytes } of bytesBelow(join(sample.path, 'log'))) {
    const below = path.slice(sample.path.length + '/log/'.length);
    if (!published.has(below.split('/')[0]!)) continue;
    haystack.add(Buffer.from(below));
    haystack.add(bytes);
  }
  return haystack;
}

async function disclosuresIn(bundle: string): Promise<{ salt: string; text: string }[]> {
  const all: { salt: string; text: string }[] = [];
  for await (const { path, bytes } of bytesBelow(join(bundle, 'data/records'))) {
    if (!path.endsWith('.sd-jwt')) continue;
    for (const opening of bytes.toString().split('~').slice(1, -1)) {
      const text = Buffer.from(opening, 'base64url').toString();
      all.push({ salt: (JSON.parse(text) as [string])[0], text });
    }
  }
  return all;
}

/** Every field of every record of the case, with its value. */
function* fieldsOf(records: readonly LoggedRecord[]): Generator<{ name: string; value: unknown }> {
  for (const { kind, at, actor, handle, files, fields } of records) {
    yield* Object.entries({ kind, at, actor, handle, files, ...fields }).map(([name, value]) => ({ name, value }));
  }
}

/** A value, and everything in it, members' names aside. */
function* partsOf(value: unknown): Generator<unknown> {
  yield value;
  if (typeof value === 'object' && value !== null) for (const part of Object.values(value)) yield* partsOf(part);
  // A path gives itself away by each of its names.
  if (typeof value === 'string' && value.includes('/')) yield* value.split('/');
}

/** What descriptions in the words of RO-Crate say of a bundle's own files, in every case alike. */
const vocabulary = new Set(['application', 'text/plain']);

/** The texts of the case that the bundle does not show; so long that they, or most of them in base64, stand nowhere by chance. */
function withheldTexts(): string[] {
  const texts = new Set<string>();
  for (const { value } of fieldsOf(sample.records)) {
    for (const part of partsOf(value)) if (typeof part === 'string') texts.add(part);
  }
  for (const text of Object.values(secrets).flat()) texts.add(text);
  return [...texts].filter((text) => Buffer.byteLength(text) >= 10 && !shown.includes(text) && !vocabulary.has(text));
}

test('no text that was withheld stands anywhere, in any spelling', { timeout: 120_000 }, () => {
  const texts = withheldTexts();
  console.log(`${texts.length} withheld texts, ${new Set(sample.records.map(({ kind }) => kind)).size} kinds`);
  const { source, title, folder, holders, order } = secrets;
  const expected = [
    source,
    title,
    folder,
    ...holders,
    order,
    'intake.quarantine',
    'group.individual',
    'intake.accession',
  ];
  expect(expected.filter((text) => !texts.includes(text))).toEqual([]);
  // A hash of an original, and its bytes.
  const hashes = sample.records.flatMap(({ files }) => Object.values(files).map(({ sha256 }) => sha256));
  expect(hashes.slice(2, 5).filter((text) => !texts.includes(text))).toEqual([]);
  const spelt = (text: string): Uint8Array[] =>
    /^[0-9a-f]{64}$/.test(text) ? [Buffer.from(text, 'hex'), ...spellingsOf(text)] : spellingsOf(text);
  const stands = texts.filter((text) => spelt(text).some((one) => one.length >= 10 && outside.has(one)));
  expect(stands).toEqual([]);
});

/** How a careless program could commit to a value, or name a thing by it. */
function* waysOf(value: string, name: string): Generator<Uint8Array | string> {
  const json = JSON.stringify(value);
  const bare = /^(?:\d+|true|false|null|[[{].*)$/s.test(value) ? [json, value] : [json];
  yield value;
  yield `${value}\n`;
  yield Buffer.from(value).toString('base64url');
  yield Buffer.concat([Buffer.from([0]), Buffer.from(value)]);
  yield `${name}:${value}`;
  yield `${name}=${value}`;
  yield `${name}${value}`;
  for (const one of bare) {
    yield one;
    yield `{"${name}":${one}}`;
    for (const said of [
      `[${one}]`,
      `["${name}",${one}]`,
      `["","${name}",${one}]`,
      `["${zeroSalt}","${name}",${one}]`,
    ]) {
      yield said;
      // As a disclosure: an opening whose digest an entry holds.
      yield Buffer.from(said).toString('base64url');
    }
  }
}
const zeroSalt = Buffer.alloc(16).toString('base64url');

const sha256 = (value: Uint8Array | string): Uint8Array => hash('sha256', value as string, 'buffer');

/** Which of the values can be found by guessing them. */
function guessed(
  haystack: Haystack,
  values: Iterable<{ name: string; value: string }>,
): { found: string[]; tried: number } {
  const found: string[] = [];
  let tried = 0;
  for (const { name, value } of values) {
    for (const way of waysOf(value, name)) {
      const once = sha256(way);
      tried += 2;
      if (haystack.has(once) || haystack.has(sha256(once))) found.push(`${name} ${value.slice(0, 60)}`);
    }
    for (const other of ['md5', 'sha1', 'sha512']) {
      tried++;
      if (haystack.has(createHash(other).update(value).digest())) found.push(`${other} ${value.slice(0, 60)}`);
    }
  }
  return { found, tried };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every value of the case that is not shown, large ones whole; and everything that could be one, of the short ones. */
function* guesses(): Generator<{ name: string; value: string }> {
  const seen = new Set<string>();
  for (const { name, value } of fieldsOf(sample.records)) {
    for (const part of partsOf(value)) {
      const text = textOf(part);
      if (seen.has(`${name} ${text}`) || shown.includes(JSON.stringify(part))) continue;
      seen.add(`${name} ${text}`);
      yield { name, value: text };
    }
  }
  const names = [...new Set([...fieldsOf(sample.records)].map(({ name }) => name))];
  for (const value of ['true', 'false', 'null', '', '[]', '{}', '""']) for (const name of names) yield { name, value };
  // Numbers on bodies, of branches, of pages, and counts of anything: every one up to ten thousand.
  for (let n = 0; n < 10_000; n++) {
    for (const name of ['identifiers', 'key', 'items', 'count']) yield { name, value: String(n) };
  }
  for (let n = 0; n < 1000; n++) {
    for (const [prefix, width] of [
      ['E', 5],
      ['D', 5],
      ['Q', 4],
      ['I', 4],
      ['A', 4],
    ] as const) {
      yield { name: 'handle', value: `${prefix}-${String(n).padStart(width, '0')}` };
    }
  }
}

test(
  'no value that was withheld can be guessed: every hash of every possible one is nowhere',
  { timeout: 300_000 },
  () => {
    const { found, tried } = guessed(outside, guesses());
    console.log(`${tried.toLocaleString('en')} hashes tried`);
    expect(tried).toBeGreaterThan(1_000_000);
    expect(found).toEqual([]);
  },
);

test('no withheld field has a salt that another field shows', () => {
  const found: string[] = [];
  for (const { name, value } of fieldsOf(sample.records.slice(0, 200))) {
    const [json, nameJson] = [JSON.stringify(value), JSON.stringify(name)];
    if (value === undefined || value === null || shown.includes(`${nameJson},${json}]`)) continue;
    for (const salt of salts) {
      const digest = sha256(Buffer.from(`["${salt}",${nameJson},${json}]`).toString('base64url'));
      if (outside.has(digest)) found.push(name);
    }
  }
  expect(found).toEqual([]);
});

test('the same search finds what a careless bundle would give away', { timeout: 120_000 }, async () => {
  // One that shows everything: `files` has the hash of each original, and of a large value.
  const careless = await everythingIn(await pack('careless', {}));
  const { files } = sample.records.find(({ kind }) => kind === 'intake.item')!;
  expect(careless.has(Buffer.from(files['original']!.sha256, 'hex'))).toBe(true);
  const breakdowns = sample.records
    .filter(({ kind }) => kind === 'intake.reconciliation')
    .map(({ fields }) => fields['breakdown']);
  const large = breakdowns.map(textOf).filter(({ length }) => length > 4096);
  expect(
    guessed(
      careless,
      large.map((value) => ({ name: 'breakdown', value })),
    ).found,
  ).not.toEqual([]);
  // One that withholds the large value and shows `files`: the trap that a bundle must not fall into.
  const position = sample.records.find(({ fields }) => textOf(fields['breakdown'] ?? '').length > 4096)!.position;
  const [entry, openings] = await entryAt(position);
  const trap = new Haystack();
  trap.add(Buffer.from(presentation(entry, openings, (name) => name !== 'breakdown')));
  expect(
    guessed(
      trap,
      large.map((value) => ({ name: 'breakdown', value })),
    ).found,
  ).not.toEqual([]);

  for (const way of waysOf('5012', 'key')) {
    const digest = Buffer.from(sha256(way));
    for (const said of [
      digest.toString('hex'),
      `x${digest.toString('base64')}`,
      `{"_sd":["${digest.toString('base64url')}"]}`,
    ]) {
      const planted = new Haystack();
      planted.add(Buffer.from(`head.${Buffer.from(said).toString('base64url')}.tail`));
      planted.add(Buffer.from(said));
      expect(guessed(planted, [{ name: 'key', value: '5012' }]).found).not.toEqual([]);
    }
  }
  for (const spelling of spellingsOf(secrets.source)) {
    const planted = new Haystack();
    planted.add(Buffer.concat([Buffer.from('?'), spelling, Buffer.from('?')]));
    expect(spellingsOf(secrets.source).some((one) => planted.has(one))).toBe(true);
  }
});

async function entryAt(position: number): Promise<[string, string]> {
  const n = Math.floor(position / 256);
  const width = Math.min(256, sample.opened.log.size - n * 256);
  const [entries, openings] = [
    await readEntries(sample.opened.folder, n, width),
    await readOpenings(sample.opened.folder, n, width),
  ];
  return [Buffer.from(entries![position - n * 256]!).toString(), openings![position - n * 256]!];
}

test('every entry has the same length and the same number of digests, whatever its kind', async () => {
  const below = join(sample.path, 'log/tile/entries');
  const lengths = new Map<string, Set<string>>();
  let position = 0;
  for (const entry of (await readdir(below, { recursive: true, withFileTypes: true })).toSorted((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    if (!entry.isFile()) continue;
    for (const bytes of decodeEntries(await readFile(join(entry.parentPath, entry.name)))) {
      const payload = Buffer.from(Buffer.from(bytes).toString().split('.')[1]!, 'base64url').toString();
      const digests = (JSON.parse(payload) as { _sd: string[] })._sd.length;
      const kind = sample.records[position++]?.kind;
      if (kind === undefined) continue;
      const known = lengths.get(kind) ?? new Set();
      lengths.set(kind, known.add(`${bytes.length} bytes, ${digests} digests`));
    }
  }
  console.log([...lengths].map(([kind, all]) => `${kind}: ${[...all].join('; ')}`).join('\n'));
  expect(lengths.size).toBeGreaterThanOrEqual(12);
  for (const all of lengths.values()) expect([...all]).toEqual(['981 bytes, 12 digests']);
});

test('a record in the bundle has the entry of the log, and beyond it only what is shown', async () => {
  const bundle = join(sample.folder, 'bundle');
  const { records } = JSON.parse(await readFile(join(bundle, 'data/bundle.json'), 'utf8')) as { records: number[] };
  for (const position of records) {
    const [entry, openings] = await entryAt(position);
    const [jwt, ...disclosed] = (await readFile(join(bundle, recordPath(position)), 'utf8')).split('~').slice(0, -1);
    expect(jwt).toBe(entry);
    const names = disclosed.map((one) => openDisclosure(one)!.name);
    const { _sd } = JSON.parse(Buffer.from(jwt!.split('.')[1]!, 'base64url').toString()) as { _sd: string[] };
    expect(Object.keys(openRecord(_sd, openings.split('~'), true))).toEqual(expect.arrayContaining(names));
    for (const name of ['path', 'source', 'metadata', 'pdq', 'at', 'actor', 'title']) expect(names).not.toContain(name);
  }
});
