// dalil serve: the web application of one case, on this machine.
import { fileURLToPath } from 'node:url';
import { categoryQueue, mergeQueue, numberQueue, type QueueName } from '../../group/queue.ts';
import type { OpenCase } from '../../log/case.ts';
import { listIndividuals, readCase, tablesOf } from '../../overview.ts';
import { anyAccount } from '../../protect/accounts.ts';
import { openAccounts, sweepHome, type Accounts } from '../../protect/home-schema.ts';
import { createServer, type CaseServer } from '../../server/server.ts';
import type { QueueAnswer } from '../../server/schemas.ts';
import { newToken } from '../../server/session.ts';
import { text, usage, whole, type Command, type Context, type Values } from '../command.ts';

/** What `vite build` wrote. */
const webRoot = fileURLToPath(new URL('../../../dist/web', import.meta.url));
/** How often the folder is looked at for what other processes have written. */
const lookEvery = 2000;

export const serveCommand: Command = {
  name: 'serve',
  usage: '[--port N] [--origin URL]',
  summary: 'the web application, on 127.0.0.1; until somebody has an account, opened by a one-time link',
  options: { port: { type: 'string' }, origin: { type: 'string' } },
  help: [
    ['--port N', 'the port (4780); 0 takes any free one'],
    ['--origin URL', 'the address under which people reach it through a proxy with TLS: https://case.example'],
  ],
  async run(context, { values }) {
    // To write, since whoever comes in is a record.
    const opened = await context.openCase({ write: true });
    const port = whole(values, 'port', 0, 65_535) ?? 4780;
    const origin = originOf(values);
    const accounts = await openAccounts({ home: opened.home, env: context.env });
    try {
      await serve(context, { opened, accounts, port, ...(origin !== undefined && { origin }) });
    } finally {
      await accounts.close();
    }
    return 0;
  },
};

/** An address without anything after its port. Passkeys and cookies are bound to it, so it has to have TLS. */
function originOf(values: Values): string | undefined {
  const given = text(values, 'origin');
  if (given === undefined) return undefined;
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url?.protocol === 'https:' && (given === url.origin || given === `${url.origin}/`)) return url.origin;
  throw usage('--origin takes an address with TLS, and nothing after its name.', 'https://case.example', given);
}

interface Serving {
  opened: OpenCase;
  accounts: Accounts;
  port: number;
  origin?: string;
}

/** Serves until Ctrl-C. */
async function serve({ terminal, json, signal }: Context, { opened, accounts, port, origin }: Serving): Promise<void> {
  const token = newToken();
  const server: CaseServer = createServer({
    cases: {
      view: () => readCase(opened),
      individuals: (page) => listIndividuals(tablesOf(opened), page),
      queue: (name, limit) => readQueue(opened, name, limit),
      changes: (stop) => watch(opened, stop),
    },
    people: { accounts, opened },
    ...(origin !== undefined && { origin }),
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
    first
      ? 'serving on 127.0.0.1 until Ctrl-C; the link opens one browser, run again for another'
      : 'serving on 127.0.0.1 until Ctrl-C; who can no longer sign in: dalil accounts recover NAME',
  );
  const sweep = setInterval(() => void sweepHome(accounts).catch(() => undefined), 3_600_000);
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  clearInterval(sweep);
  await server.close();
}

async function readQueue(opened: OpenCase, name: QueueName, limit: number): Promise<QueueAnswer> {
  if (name === 'numbers') return { name, ...(await numberQueue(opened, limit)) };
  if (name === 'merges') return { name, ...(await mergeQueue(opened, limit)) };
  return { name, ...(await categoryQueue(opened, limit)) };
}

/** Catches up with what other processes have written, and tells of it. */
async function* watch(opened: OpenCase, stop: AbortSignal): AsyncGenerator<{ size: number }> {
  for (let size = opened.log.size; !stop.aborted;) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, lookEvery);
      stop.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
    });
    await opened.log.catchUp();
    if (opened.log.size !== size) yield { size: (size = opened.log.size) };
  }
}
