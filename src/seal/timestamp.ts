// Tokens of time over checkpoints (RFC 3161): what waits for one, asking for it, and writing it down only after every
// check has passed. No request is made but to the addresses in the case's own settings.
import { citedPath, stampedFolder, toBase64, toHex, type FileCitation } from '@dalil/verify';
import {
  checkTimestamp,
  readRevocations,
  replyLimit,
  TimestampError,
  timestampRequest,
  type Timestamp,
  type TimestampCode,
} from '@dalil/verify/timestamp';
import type { OpenCase } from '../log/case.ts';
import { readCases, updateCases } from '../store/home.ts';
import { authorities, blobOf, noAuthority, type Authority } from './authority.ts';
import type { SealTables } from './project.ts';

/** How an authority and the newest checkpoint stand to each other. */
export interface Waiting {
  authority: string;
  /** Records under its newest token, and that token's time; 0 and null where it gave none. */
  stamped: number;
  genTime: string | null;
  /** When its newest token was written down. */
  askedAt: string | null;
  /** Records without a token of this authority, and when the oldest of them was written. Records of tokens do not count. */
  records: number;
  since: string | null;
}

/** A token that ends soon, and that no newer one covers. */
export interface Ageing {
  authority: string;
  genTime: string;
  validUntil: string;
}

export interface StampOptions {
  fetch: typeof globalThis.fetch;
  clock: () => Date;
  random: (length: number) => Uint8Array;
  /** Names; all authorities of the case otherwise. */
  only?: readonly string[];
  /** Milliseconds for one authority to answer (15,000). */
  timeout?: number;
  /** Ask although nothing waits, and however short ago it was asked. */
  force?: boolean;
  /** Nobody is waiting for it: an authority that did not answer is left in peace for some minutes too. */
  unasked?: boolean;
  signal?: AbortSignal;
}

export type StampFailure = TimestampCode | 'unreachable' | 'too-slow' | 'http-status';

/** What became of asking one authority. */
export interface Stamped {
  authority: string;
  /** `nothing-new`: all is under its newest token. `too-soon`: its newest token, or attempt, is minutes old. */
  state: 'stamped' | 'nothing-new' | 'too-soon' | 'failed';
  /** Records under the checkpoint that was sent. */
  size: number;
  genTime: string | null;
  /** Revocation lists kept with the token, and those asked for that could not be had. */
  revocations: { kept: number; missing: number };
  /** Seconds by which the token's time is ahead of this machine's. */
  ahead: number | null;
  failure: { code: StampFailure; message: string } | null;
}

const pause = 5 * 60_000;
const renewBefore = 90 * 86_400_000;
const renewPause = 7 * 86_400_000;

/** What waits for each authority of the case, by name. */
export async function waitingStamps(opened: OpenCase): Promise<Waiting[]> {
  const waiting: Waiting[] = [];
  for (const { name } of await authorities(opened)) {
    const { rows } = await opened.index.pool.query<Omit<Waiting, 'authority'>>(
      `with newest as (select size, gen_time, at from token where authority = $1 order by size desc, position limit 1),
        late as (select position, at from record where position >= coalesce((select size from newest), 0) and kind <> 'seal.timestamp')
      select coalesce((select size from newest), 0) as stamped, (select gen_time from newest) as "genTime",
        (select max(at collate "C") from token where authority = $1) as "askedAt",
        (select count(*) from late) as records, (select at from late order by position limit 1) as since`,
      [name],
    );
    waiting.push({ authority: name, ...rows[0]! });
  }
  return waiting;
}

/** The tokens to renew: valid for less than 90 days more, and under no newer checkpoint with a token that lasts longer. */
export async function ageingTokens({ index }: OpenCase, now: Date): Promise<Ageing[]> {
  const { rows } = await index.pool.query<Ageing>(
    `select authority, gen_time as "genTime", valid_until as "validUntil" from token t
      where valid_until collate "C" < $1 and valid_until collate "C" >= $2 and not exists (select from token l where l.size > t.position
        and l.gen_time collate "C" <= t.valid_until and l.valid_until collate "C" > t.valid_until) order by position`,
    [new Date(+now + renewBefore).toISOString(), now.toISOString()],
  );
  return rows;
}

/**
 * Asks every authority that something waits for to stamp the newest checkpoint; what passes all checks is appended as
 * `seal.timestamp`. One that fails stops no other. Fault('usage') where `only` names none of the case's.
 */
export async function requestTimestamps(opened: OpenCase, options: StampOptions): Promise<Stamped[]> {
  const all = await authorities(opened);
  if (options.only?.some((name) => !all.some((one) => one.name === name)) === true) throw noAuthority();
  const checkpoint = opened.log.checkpoint;
  const asked = all.filter(({ name }) => options.only?.includes(name) ?? true);
  if (asked.length === 0 || checkpoint === null) return [];
  await publishNewest(opened);
  const waiting = new Map((await waitingStamps(opened)).map((one) => [one.authority, one]));
  const ageing = (await ageingTokens(opened, options.clock())).length > 0;
  const attempts = await readAttempts(opened);
  const outcomes = await Promise.all(
    asked.map(async (authority): Promise<{ stamped: Stamped; answer: Answer | null }> => {
      const { name } = authority;
      const none: Stamped = {
        authority: name,
        state: 'nothing-new',
        size: checkpoint.size,
        genTime: null,
        revocations: { kept: 0, missing: 0 },
        ahead: null,
        failure: null,
      };
      const why = whyNot(waiting.get(name)!, ageing, attempts[name] ?? null, options);
      if (why !== null) return { stamped: { ...none, state: why }, answer: null };
      const sent = options.clock();
      try {
        const answer = await ask(authority, new TextEncoder().encode(checkpoint.note), options);
        const { genTime } = answer.timestamp;
        const ahead = Math.round((Date.parse(genTime) - +sent) / 1000);
        const revocations = { kept: answer.revocations.length, missing: answer.missing };
        return { stamped: { ...none, state: 'stamped', genTime, revocations, ahead }, answer };
      } catch (error) {
        if (!(error instanceof TimestampError || error instanceof Unanswered)) throw error;
        const { code, message } = error;
        return { stamped: { ...none, state: 'failed', failure: { code, message } }, answer: null };
      }
    }),
  );
  const failed = outcomes.filter(({ stamped }) => stamped.state === 'failed').map(({ stamped }) => stamped.authority);
  if (failed.length > 0) await rememberAttempts(opened, options.clock(), failed);
  const answers = outcomes.flatMap(({ answer }) => (answer === null ? [] : [answer]));
  if (answers.length > 0) await writeDown(opened, checkpoint, answers);
  return outcomes.map(({ stamped }) => stamped);
}

function whyNot(
  waiting: Waiting,
  ageing: boolean,
  attempt: string | null,
  options: StampOptions,
): 'nothing-new' | 'too-soon' | null {
  if (options.force === true) return null;
  const now = +options.clock();
  const age = waiting.askedAt === null ? Infinity : now - Date.parse(waiting.askedAt);
  // An authority whose own certificate is not renewed yet cannot renew a token: asked weekly until it can.
  if (waiting.records === 0 && !(ageing && age > renewPause)) return 'nothing-new';
  if (age < pause) return 'too-soon';
  return options.unasked === true && attempt !== null && now - Date.parse(attempt) < pause ? 'too-soon' : null;
}

/** The last failed attempts by authority, kept in the home: they are of this machine's network, not of the case. */
async function readAttempts({ home, id }: OpenCase): Promise<Record<string, string>> {
  return { ...((await readCases(home))[id]?.['timeAttempts'] as Record<string, string> | undefined) };
}

async function rememberAttempts(opened: OpenCase, now: Date, failed: readonly string[]): Promise<void> {
  const { home, id, folder } = opened;
  const attempts = await readAttempts(opened);
  for (const name of failed) attempts[name] = now.toISOString();
  await updateCases(home, (cases) => ({
    ...cases,
    [id]: { ...(cases[id] ?? { folder: folder.path }), timeAttempts: attempts },
  }));
}

interface Answer {
  authority: Authority;
  nonce: Uint8Array;
  reply: Uint8Array;
  revocations: Uint8Array[];
  missing: number;
  timestamp: Timestamp;
}

class Unanswered extends Error {
  readonly code: StampFailure;
  constructor(code: StampFailure, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

async function ask(authority: Authority, message: Uint8Array, options: StampOptions): Promise<Answer> {
  const nonce = options.random(8);
  const { policy, url, anchors } = authority;
  const body = timestampRequest({ message, nonce, ...(policy === null ? {} : { policy }) });
  const reply = await download(url, options, {
    method: 'POST',
    headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
    body: new Uint8Array(body),
  });
  const lists = await Promise.allSettled(
    authority.revocations.map(async (address) => {
      const list = await download(address, options, {});
      readRevocations(list);
      return list;
    }),
  );
  const revocations = lists.flatMap((list) => (list.status === 'fulfilled' ? [list.value] : []));
  const expected = { message, nonce, roots: anchors, revocations, ...(policy === null ? {} : { policy }) };
  const timestamp = await checkTimestamp(reply, expected);
  return { authority, nonce, reply, revocations, missing: lists.length - revocations.length, timestamp };
}

/** A whole answer of at most some megabytes. Throws Unanswered, or what the caller's signal was aborted with. */
async function download(url: string, options: StampOptions, init: RequestInit): Promise<Uint8Array> {
  const late = AbortSignal.timeout(options.timeout ?? 15_000);
  const signal = options.signal === undefined ? late : AbortSignal.any([late, options.signal]);
  try {
    // An address that sends us on to another would name hosts that nobody put into the settings.
    const response = await options.fetch(url, { ...init, redirect: 'error', signal });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      throw new Unanswered('http-status', `the authority answered with HTTP status ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > replyLimit) throw new Unanswered('timestamp-malformed', 'the answer is too long to be one');
      chunks.push(chunk);
    }
    return new Uint8Array(Buffer.concat(chunks));
  } catch (error) {
    options.signal?.throwIfAborted();
    if (late.aborted) throw new Unanswered('too-slow', 'the authority did not answer in time', error);
    // The one error that fetch has for every failure of the network.
    if (error instanceof TypeError) throw new Unanswered('unreachable', 'the authority cannot be reached', error);
    throw error;
  }
}

async function writeDown(
  opened: OpenCase,
  { size, root, note }: { size: number; root: Uint8Array; note: string },
  answers: readonly Answer[],
): Promise<void> {
  const blobs = new Map<string, Uint8Array>();
  const keep = (bytes: Uint8Array): FileCitation => {
    const file = blobOf(bytes);
    blobs.set(citedPath(file), bytes);
    return file;
  };
  const checkpoint = keep(new TextEncoder().encode(note));
  const drafts = answers.map(({ authority, nonce, reply, revocations, timestamp }) => {
    const { genTime, serial, policy, authority: subject, validUntil } = timestamp;
    const lists = revocations.map((list, i) => [`revocation${i + 1}`, keep(list)] as const);
    return {
      kind: 'seal.timestamp',
      authority: authority.name,
      checkpoint: { size, root: toBase64(root) },
      token: { genTime, serial, policy, nonce: toHex(nonce), subject, validUntil },
      refs: { authority: authority.id },
      files: { reply: keep(reply), checkpoint, ...Object.fromEntries(lists) },
    };
  });
  // Crash point: blobs that no record cites yet.
  await opened.folder.write([...blobs].map(([path, bytes]) => ({ path, bytes })));
  await opened.log.append(opened.actor, (turn) => {
    for (const draft of drafts) turn.add(draft);
  });
  // Crash point: sealed, and not yet laid out for publishing; the next request does that first.
  await publish(opened, size);
}

async function publishNewest(opened: OpenCase): Promise<void> {
  const { rows } = await opened.index.pool.query<{ size: number }>(
    'select size from token order by position desc limit 1',
  );
  if (rows[0] !== undefined) await publish(opened, rows[0].size);
}

/** Lays out a stamped checkpoint and the replies to it, where those who hold only the public log look for them. */
async function publish({ index, folder }: OpenCase, size: number): Promise<void> {
  const { rows } = await index.pool.query<Pick<SealTables['token'], 'authority' | 'files'> & { n: number }>(
    `select authority, files, row_number() over (partition by authority order by position) as n
      from token where size = $1 order by position`,
    [size],
  );
  const there = new Set(await folder.names(stampedFolder(size)));
  for (const { authority, files, n } of rows) {
    const parts: [string, FileCitation | undefined][] = [
      ['checkpoint', files['checkpoint']],
      [`${authority}-${n}.tsr`, files['reply']],
    ];
    for (const [name, file] of parts) {
      const bytes = file === undefined || there.has(name) ? null : await folder.read(citedPath(file));
      if (bytes !== null) await folder.create(`${stampedFolder(size)}/${name}`, bytes);
      there.add(name);
    }
  }
}
