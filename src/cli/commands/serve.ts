// dalil serve: the web application of one case, on this machine.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { categoryQueue, mergeQueue, numberQueue, type QueueName } from '../../group/queue.ts';
import type { OpenCase } from '../../log/case.ts';
import { listIndividuals, readCase, tablesOf } from '../../overview.ts';
import { anyAccount } from '../../protect/accounts.ts';
import { openAccounts, sweepHome, type Accounts } from '../../protect/home-schema.ts';
import { keep, type Kept } from '../../server/kept.ts';
import { checkPlace, loopback, type Place } from '../../server/place.ts';
import { createServer, type CaseServer } from '../../server/server.ts';
import type { QueueAnswer } from '../../server/schemas.ts';
import { newToken } from '../../server/session.ts';
import { readText, text, texts, usage, whole, type Command, type Context, type Values } from '../command.ts';

/** What `vite build` wrote. */
const webRoot = fileURLToPath(new URL('../../../dist/web', import.meta.url));
/** How often the folder is looked at for what other processes have written. */
const lookEvery = 2000;

export const serveCommand: Command = {
  name: 'serve',
  usage: '[--port N] [--listen ADDRESS --origin https://NAME …]',
  summary: 'the web application, on 127.0.0.1; until somebody has an account, opened by a one-time link',
  options: {
    port: { type: 'string' },
    listen: { type: 'string' },
    origin: { type: 'string' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'trusted-proxy': { type: 'string', multiple: true },
  },
  help: [
    ['--port N', 'the port (4780); 0 takes any free one'],
    ['--listen ADDRESS', 'of a network, instead of 127.0.0.1; only with TLS'],
    ['--origin https://NAME', 'under which people reach it'],
    ['--tls-cert FILE', 'the chain, PEM, with --tls-key FILE; read again on SIGHUP, when it was renewed'],
    ['--trusted-proxy ADDRESS', 'a proxy in front, whose X-Forwarded-For is believed; or a network; several times'],
  ],
  async run(context, { values }) {
    const files = await readTlsFiles(context, values);
    const place = checkPlace({
      host: text(values, 'listen') ?? loopback.host,
      origin: text(values, 'origin') ?? null,
      tls: files === null ? null : await files(),
      trustedProxies: texts(values, 'trusted-proxy'),
    });
    // To write, since whoever comes in is a record.
    const opened = await context.openCase({ write: true });
    await serve(context, opened, whole(values, 'port', 0, 65_535) ?? 4780, { place, renewed: files });
    return 0;
  },
};

/** What reads the certificate and its key; null where neither was named. */
async function readTlsFiles({ cwd }: Context, values: Values): Promise<(() => Promise<Tls>) | null> {
  const [cert, key] = [text(values, 'tls-cert'), text(values, 'tls-key')];
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) {
    throw usage(
      'A certificate and its key go together.',
      '--tls-cert FILE --tls-key FILE',
      'one',
      'dalil serve --help',
    );
  }
  return async () => ({ cert: await readText(resolve(cwd, cert)), key: await readText(resolve(cwd, key)) });
}

type Tls = NonNullable<Place['tls']>;

interface Standing {
  place: Place;
  /** Reads the certificate again. */
  renewed: (() => Promise<Tls>) | null;
}

/** Serves until Ctrl-C. */
export async function serve(
  context: Context,
  opened: OpenCase,
  port: number,
  standing: Standing = { place: loopback, renewed: null },
): Promise<void> {
  const { terminal, json, signal } = context;
  const accounts = await openAccounts({ home: opened.home, env: context.env });
  try {
    await serveTo(accounts, opened, port, standing, { terminal, json, signal });
  } finally {
    await accounts.close();
  }
}

async function serveTo(
  accounts: Accounts,
  opened: OpenCase,
  port: number,
  { place, renewed }: Standing,
  { terminal, json, signal }: Pick<Context, 'terminal' | 'json' | 'signal'>,
): Promise<void> {
  const token = newToken();
  // Counting all of 55,000 pictures takes a tenth of a second of the database; every open page asks after every commit.
  const view = keep(
    () => opened.log.size,
    () => readCase(opened),
  );
  const server: CaseServer = createServer({
    cases: {
      view: () => view.read(),
      individuals: (page) => listIndividuals(tablesOf(opened), page),
      queue: (name, limit) => readQueue(opened, name, limit),
      changes: (stop) => watch(opened, view, stop),
    },
    people: { accounts, opened },
    place,
    token,
    webRoot,
    clock: () => new Date(),
    report: (error) => terminal.say(terminal.bad(`A fault of the server: ${(error as Error).stack ?? String(error)}`)),
  });
  const { link, url, port: bound } = await server.listen(port);
  const first = !(await anyAccount(accounts));
  if (json) terminal.out(JSON.stringify({ ...(first ? { link } : { url }), port: bound }));
  else if (first) terminal.out(`open once: ${terminal.bold(link)}`);
  else terminal.out(`sign in at: ${terminal.bold(url)}`);
  terminal.say(
    `serving on ${place.host} until Ctrl-C; ${
      first
        ? 'the link opens one browser, run again for another'
        : 'who can no longer sign in: dalil accounts recover NAME'
    }`,
  );
  const renew = (): void => {
    renewed!()
      .then((tls) => (server.renew(tls), terminal.say('the certificate was read again')))
      .catch((error: Error) => terminal.say(terminal.bad(`the certificate stays as it was: ${error.message}`)));
  };
  if (renewed !== null) process.on('SIGHUP', renew);
  const sweep = setInterval(() => void sweepHome(accounts).catch(() => undefined), 3_600_000);
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
  clearInterval(sweep);
  process.off('SIGHUP', renew);
  await server.close();
}

async function readQueue(opened: OpenCase, name: QueueName, limit: number): Promise<QueueAnswer> {
  if (name === 'numbers') return { name, ...(await numberQueue(opened, limit)) };
  if (name === 'merges') return { name, ...(await mergeQueue(opened, limit)) };
  return { name, ...(await categoryQueue(opened, limit)) };
}

/** Catches up with what other processes have written, and tells of it; and of a view that has caught up with the log. */
async function* watch(
  opened: OpenCase,
  view: Pick<Kept<unknown>, 'caughtUp'>,
  stop: AbortSignal,
): AsyncGenerator<{ size: number }> {
  const state = (before = 0): string => `${opened.log.size} ${view.caughtUp(before)}`;
  // A page is there before it listens.
  for (let told = state(30_000); !stop.aborted;) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookEvery);
      stop.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
    await opened.log.catchUp();
    if (state() !== told) {
      told = state();
      yield { size: opened.log.size };
    }
  }
}
