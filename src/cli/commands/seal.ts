// dalil timestamp, checkpoint: outside time over the log, and the checkpoint on paper.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { formatKept, toBase64 } from '@dalil/verify';
import { readCertificate } from '@dalil/verify/timestamp';
import { asFault, Fault } from '../../case/fault.ts';
import type { OpenCase } from '../../log/case.ts';
import { addAuthority, anchorsFromPem, authorities, withdrawAuthority } from '../../seal/authority.ts';
import { checkpointPage } from '../../seal/since.ts';
import { ageingTokens, requestTimestamps, waitingStamps, type Stamped, type Waiting } from '../../seal/timestamp.ts';
import { readText, text, texts, usage, type Command, type Context, type Values } from '../command.ts';
import { columns, printable, spanOf } from '../terminal.ts';

const forms = 'dalil timestamp [--authority NAME] [--force], or: dalil timestamp authority add|list|withdraw [NAME] …';

export const timestampCommand: Command = {
  name: 'timestamp',
  usage: '[--authority NAME] [--force] | authority add|list|withdraw [NAME]',
  summary: 'have the newest checkpoint stamped by the time authorities of the case; asks again what failed before',
  options: {
    authority: { type: 'string' },
    force: { type: 'boolean' },
    url: { type: 'string' },
    anchor: { type: 'string', multiple: true },
    policy: { type: 'string' },
    revocations: { type: 'string', multiple: true },
  },
  help: [
    ['--authority NAME', 'this one only'],
    ['--force', 'ask although nothing waits, or minutes after the last time'],
    ['authority add NAME', 'trust an authority (RFC 3161); there is no default one, and no request without one'],
    ['  --url URL', 'where it answers'],
    ['  --anchor FILE.pem', 'its root certificate, got in a way that you trust; may be given several times'],
    ['  --policy OID', 'the policy to ask for, and to demand'],
    ['  --revocations URL', 'a revocation list to fetch and keep with each token; may be given several times'],
    ['authority list', 'the authorities of the case, and what waits for them'],
    ['authority withdraw NAME', 'ask it no more; its tokens stand'],
  ],
  async run(context, { positionals, values }) {
    const [first, act, name, ...more] = positionals;
    if (first === undefined) return stamp(context, values);
    if (first === 'authority' && more.length === 0) {
      if (act === 'list' && name === undefined) return listAuthorities(context);
      if (act === 'add' && name !== undefined) return add(context, name, values);
      if (act === 'withdraw' && name !== undefined) return withdraw(context, name);
    }
    throw usage('What is to be done?', forms, positionals.join(' '));
  },
};

const outside = {
  fetch: globalThis.fetch,
  clock: () => new Date(),
  random: (n: number) => new Uint8Array(randomBytes(n)),
};

async function stamp(context: Context, values: Values): Promise<number> {
  const { terminal, json, signal } = context;
  const opened = await context.openCase({ write: true });
  const only = text(values, 'authority');
  if ((await authorities(opened)).length === 0) {
    throw new Fault('usage', {
      what: 'The case has no time authority, so nobody is asked.',
      next: 'dalil timestamp authority add NAME --url URL --anchor FILE.pem',
    });
  }
  const options = { ...outside, signal, force: values['force'] === true };
  const stamped = await requestTimestamps(opened, only === undefined ? options : { ...options, only: [only] });
  const waiting = await waitingStamps(opened);
  if (json) terminal.out(JSON.stringify({ stamped, waiting }));
  else sayStamped(context, stamped, waiting);
  await sayAgeing(context, opened);
  const failed = stamped.some(({ state }) => state === 'failed');
  terminal.say(`next: ${failed ? 'dalil timestamp' : 'dalil verify'}`);
  return failed ? 3 : 0;
}

/**
 * At the end of a command that has written: asks the authorities of the case, where it has any, at most every few
 * minutes, and says what waits for one that does not answer. Never fails the command.
 */
export async function stampAtEnd(context: Context, opened: OpenCase): Promise<void> {
  const { signal, terminal } = context;
  try {
    const stamped = await requestTimestamps(opened, { ...outside, signal, unasked: true, timeout: 5000 });
    const told = stamped.filter(({ state }) => state === 'stamped' || state === 'failed');
    if (told.length > 0) sayStamped(context, told, await waitingStamps(opened));
  } catch (error) {
    signal.throwIfAborted();
    terminal.say(terminal.bad(`no timestamp: ${(error as Error).message}`));
  }
}

/** What became of asking, and what waits: on stderr. */
function sayStamped({ terminal }: Context, stamped: readonly Stamped[], waiting: readonly Waiting[]): void {
  const { say, good, bad, dim } = terminal;
  for (const { authority, state, size, genTime, ahead, failure, revocations } of stamped) {
    const waits = waiting.find((one) => one.authority === authority);
    if (state === 'stamped') {
      say(`${good('timestamped')}  ${authority}: ${size.toLocaleString('en')} records at ${genTime}`);
      if (Math.abs(ahead ?? 0) > 300) {
        say(dim(`  its time and the clock of this machine differ by ${spanOf(Math.abs(ahead!))}`));
      }
      if (revocations.missing > 0) say(dim(`  ${revocations.missing} revocation lists could not be had`));
    } else if (state === 'failed') {
      say(`${bad(failure!.code)}  ${authority}: ${failure!.message}`);
      if (waits !== undefined) say(dim(`  ${sayWaiting(waits)}`));
    } else if (state === 'too-soon') {
      say(`${authority}: asked some minutes ago; --force asks again`);
    } else say(`${authority}: nothing new since ${waits?.genTime ?? ''}`);
  }
}

/** One sentence: how much waits for a token, and for how long. */
export function sayWaiting({ records, since }: Waiting, now = new Date()): string {
  if (records === 0 || since === null) return 'nothing waits';
  return `${records.toLocaleString('en')} records wait for a timestamp, the oldest for ${spanOf((+now - Date.parse(since)) / 1000)}`;
}

async function sayAgeing({ terminal }: Context, opened: OpenCase): Promise<void> {
  const ageing = await ageingTokens(opened, new Date());
  if (ageing.length === 0) return;
  const first = ageing[0]!;
  terminal.say(
    `${ageing.length.toLocaleString('en')} tokens wait for renewal: the certificates of the first, of ${first.genTime}, end on ${first.validUntil.slice(0, 10)}`,
  );
}

async function add(context: Context, name: string, values: Values): Promise<number> {
  const { terminal, cwd } = context;
  const url = text(values, 'url');
  const files = texts(values, 'anchor');
  if (url === undefined || files.length === 0) {
    throw usage(
      'An authority needs an address and a certificate to trust.',
      'dalil timestamp authority add NAME --url URL --anchor FILE.pem [--policy OID]',
      `${url === undefined ? 'no --url' : 'a --url'}, ${files.length} --anchor`,
    );
  }
  const anchors: Uint8Array[] = [];
  for (const file of files) anchors.push(...anchorsFromPem(await readText(resolve(cwd, file))));
  const opened = await context.openCase({ write: true });
  const policy = text(values, 'policy') ?? null;
  await addAuthority(opened, { name, url, policy, revocations: texts(values, 'revocations'), anchors });
  for (const anchor of anchors) terminal.say(`trusted  ${printable(readCertificate(anchor).subject)}`);
  terminal.say(
    'From now on the newest checkpoint, and nothing else of the case, is sent there: it sees when, and how often.',
  );
  terminal.say('next: dalil timestamp');
  return 0;
}

async function withdraw(context: Context, name: string): Promise<number> {
  const opened = await context.openCase({ write: true });
  await withdrawAuthority(opened, name);
  context.terminal.say('It is asked no more. Its tokens stand.');
  context.terminal.say('next: dalil timestamp authority list');
  return 0;
}

async function listAuthorities(context: Context): Promise<number> {
  const { terminal, json } = context;
  const opened = await context.openCase({ write: false });
  const waiting = new Map((await waitingStamps(opened)).map((one) => [one.authority, one]));
  const rows: string[][] = [];
  for (const { name, url, policy, revocations, anchors } of await authorities(opened)) {
    const trusts = anchors.map((anchor) => readCertificate(anchor));
    const waits = waiting.get(name)!;
    if (json) terminal.out(JSON.stringify({ name, url, policy, revocations, anchors: trusts, ...waits }));
    rows.push([name, url, policy ?? 'any policy', waits.genTime ?? 'no token yet', sayWaiting(waits)]);
  }
  if (!json) for (const line of columns(rows)) terminal.out(printable(line));
  await sayAgeing(context, opened);
  terminal.say(
    `next: ${rows.length === 0 ? 'dalil timestamp authority add NAME --url URL --anchor FILE.pem' : 'dalil timestamp'}`,
  );
  return 0;
}

export const checkpointCommand: Command = {
  name: 'checkpoint',
  usage: '[--page FILE] [--signed] | request NAME | cosign FILE | witness add|list|withdraw [NAME]',
  summary: 'the newest checkpoint, to write down, print or have watched: later nothing before it can be changed unseen',
  options: {
    page: { type: 'string' },
    signed: { type: 'boolean' },
    key: { type: 'string' },
    old: { type: 'string' },
  },
  help: [
    ['--page FILE', 'a page for a safe, with a QR code: one HTML file, to be printed; nothing of the case is on it'],
    ['--signed', 'the whole signed note'],
    ['witness add NAME', 'know an outside witness of the log (C2SP tlog-witness)'],
    ['  --key KEY', 'its verifier key for cosignatures: <name>+<8 hex digits>+BA…'],
    ['witness list', 'the witnesses of the case, and what they have cosigned'],
    ['witness withdraw NAME', 'take nothing more from it; its cosignatures stand'],
    ['request NAME', 'what is sent to it, to be carried by you: nothing is sent from here'],
    ['  --old SIZE', 'the size that it says it has seen last, where the case knows of another'],
    [
      'cosign FILE',
      'check and keep what it answered: a checkpoint with its lines, or the request and the answer in one',
    ],
  ],
  async run(context, { positionals, values }) {
    const { terminal, json, cwd } = context;
    if (positionals.length > 0) {
      const { checkpointActs } = await import('./witness.ts');
      return checkpointActs(context, positionals, values);
    }
    const { log } = await context.openCase({ write: false });
    const { origin, size, root, note } = log.checkpoint!;
    const line = formatKept({ origin, size, root });
    const page = text(values, 'page');
    if (page !== undefined) {
      const html = checkpointPage({ checkpoint: { origin, size, root }, printedAt: new Date().toISOString() });
      await writeFile(resolve(cwd, page), html).catch((error: unknown) => {
        throw asFault(error, 'writing the page');
      });
      terminal.say(
        `${terminal.good('written')}  ${page}: print it, and keep it where the keeper of the case cannot reach it`,
      );
    }
    if (json) terminal.out(JSON.stringify({ origin, size, root: toBase64(root), line, note }));
    else terminal.out(values['signed'] === true ? note : line);
    terminal.say('next: dalil verify --since FILE-OR-LINE, at any later time');
    return 0;
  },
};
