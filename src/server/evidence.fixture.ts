// A real case for the tests of those who work on evidence: the made-up sample, received, described, read and grouped by
// the stages themselves, served to people who are signed in.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { makeDemo } from '../demo/demo.ts';
import type { DemoTruth } from '../demo/truth.ts';
import { readCards } from '../describe/cards.ts';
import { describe } from '../describe/describe.ts';
import { group, settleRules } from '../group/group.ts';
import { parseRules } from '../group/identifier.ts';
import { receive } from '../intake/receive.ts';
import type { OpenCase } from '../log/case.ts';
import type { Draft } from '../log/log.ts';
import { listIndividuals, readCase, tablesOf } from '../overview.ts';
import type { Person } from '../protect/accounts.ts';
import type { Role } from '../protect/roles.ts';
import { openPeople, type PeopleFixture } from './people.fixture.ts';
import { createServer, type Address, type CaseServer } from './server.ts';
import { newToken } from './session.ts';

export interface Answered<T> {
  status: number;
  headers: Headers;
  bytes: Buffer;
  json: T;
}

/** Somebody who is signed in. */
export interface Worker {
  person: Person;
  cookie: { name: string; value: string };
  ask<T>(method: string, path: string, body?: unknown): Promise<Answered<T>>;
}

export interface EvidenceFixture {
  people: PeopleFixture;
  opened: OpenCase;
  truth: DemoTruth;
  /** Where the sample lies. */
  demo: string;
  address: Address;
  worker(name: string, roles: readonly Role[]): Promise<Worker>;
  close(): Promise<void>;
}

export interface EvidenceOptions {
  /** The folder of the built application; a page of one line where there is none. */
  webRoot?: string;
  individuals?: number;
  seed?: string;
  /** No rule reads the names of files: all that is known of a body is what its cards say. */
  unnamed?: boolean;
  /** More files, by the path at which they are received. */
  files?: Record<string, string | Uint8Array>;
}

/** Some fifteen seconds of work for four individuals on a machine at rest: every number is read by the real reader. */
export async function openEvidence(options: EvidenceOptions = {}): Promise<EvidenceFixture> {
  const people = await openPeople();
  const opened = await people.makeCase('الشاشات — the screens');
  const demo = join(opened.folder.path, '..', 'demo');
  const truth = await makeDemo({
    directory: demo,
    individuals: options.individuals ?? 4,
    seed: options.seed ?? 'screens',
    megapixels: 0.3,
  });
  for (const [path, content] of Object.entries(options.files ?? {})) {
    await mkdir(join(demo, 'cache', path, '..'), { recursive: true });
    await writeFile(join(demo, 'cache', path), content);
  }
  await receive(opened, { roots: [join(demo, 'cache')], source: 'JUNIPER' });
  await describe(opened);
  const known = parseRules(JSON.parse(await readFile(join(demo, 'rules.json'), 'utf8')));
  const rules = options.unnamed === true ? { ...known, patterns: [] } : known;
  await settleRules(opened, rules);
  await readCards(opened);
  await group(opened, { rules });

  let webRoot = options.webRoot;
  const own = join(demo, 'web');
  if (webRoot === undefined) {
    await mkdir(own, { recursive: true });
    await writeFile(join(own, 'index.html'), '<!doctype html><title>shell</title>');
    webRoot = own;
  }
  const server: CaseServer = createServer({
    cases: {
      view: () => readCase(opened),
      individuals: (page) => listIndividuals(tablesOf(opened), page),
    },
    token: newToken(),
    webRoot,
    clock: people.accounts.clock,
    people: { accounts: people.accounts, opened },
    report: (error) => console.error(error),
  });
  const address = await server.listen(0);
  return {
    people,
    opened,
    truth,
    demo,
    address,
    async worker(name, roles) {
      const person = await people.person(opened, name, roles);
      const cookie = { name: `dalil-${String(address.port)}`, value: await people.session(opened, person) };
      return { person, cookie, ask: asking(address, cookie) };
    },
    async close() {
      await server.close();
      await rm(demo, { recursive: true });
      await people.close();
    },
  };
}

/**
 * Of one individual no reading fits the rules of the case any more, of another none was made: what the reader would write
 * of cards in an unknown hand. Grouped again; the queues are older than they may be.
 */
export async function forgetRoles({ opened, people, truth }: EvidenceFixture): Promise<void> {
  const [nameless, unread] = truth.individuals.map(({ key }) => key);
  const shown = new Map(truth.files.map(({ sha256, individual }) => [sha256, individual]));
  const { rows } = await opened.index.pool.query<{ id: string; sha256: string }>('select id, sha256 from item');
  const bodyOf = new Map(rows.map(({ id, sha256 }) => [id, shown.get(sha256)]));
  const drafts: Draft[] = [];
  for await (const { kind, refs, fields } of opened.log.read(0)) {
    if (kind !== 'describe.card') continue;
    const body = bodyOf.get(String(refs['item']));
    if (body !== nameless && body !== unread) continue;
    const readings = body === unread ? [] : (fields['readings'] as object[]).map((one) => ({ ...one, role: null }));
    drafts.push({ kind, refs, ...fields, readings } as Draft);
  }
  await opened.log.append(opened.actor, (turn) => {
    for (const draft of drafts) turn.add(draft);
  });
  await group(opened, {});
  people.now.at += 61_000;
}

const asking =
  (address: Address, cookie: Worker['cookie']): Worker['ask'] =>
  async <T>(method: string, path: string, body?: unknown): Promise<Answered<T>> => {
    const answer = await fetch(new URL(path, address.url), {
      method,
      headers: {
        cookie: `${cookie.name}=${cookie.value}`,
        origin: address.url.slice(0, -1),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isJson = (answer.headers.get('content-type') ?? '').includes('json');
    return {
      status: answer.status,
      headers: answer.headers,
      bytes,
      json: (isJson ? JSON.parse(bytes.toString()) : null) as T,
    };
  };
