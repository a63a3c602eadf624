// dalil serve: the web application of one case, on this machine.
import { fileURLToPath } from 'node:url';
import { categoryQueue, mergeQueue, numberQueue, type QueueName } from '../../group/queue.ts';
import type { OpenCase } from '../../log/case.ts';
import { listIndividuals, readCase, tablesOf } from '../../overview.ts';
import { createServer, type CaseServer } from '../../server/server.ts';
import type { QueueAnswer } from '../../server/schemas.ts';
import { newToken } from '../../server/session.ts';
import { whole, type Command, type Context } from '../command.ts';

/** What `vite build` wrote. */
const webRoot = fileURLToPath(new URL('../../../dist/web', import.meta.url));
/** How often the folder is looked at for what other processes have written. */
const lookEvery = 2000;

export const serveCommand: Command = {
  name: 'serve',
  usage: '[--port N]',
  summary: 'the web application, on 127.0.0.1, opened by a one-time link',
  options: { port: { type: 'string' } },
  help: [['--port N', 'the port (4780); 0 takes any free one']],
  async run(context, { values }) {
    const opened = await context.openCase({ write: false });
    await serve(context, opened, whole(values, 'port', 0, 65_535) ?? 4780);
    return 0;
  },
};

/** Serves until Ctrl-C. */
export async function serve({ terminal, json, signal }: Context, opened: OpenCase, port: number): Promise<void> {
  const token = newToken();
  const server: CaseServer = createServer({
    cases: {
      view: () => readCase(opened),
      individuals: (page) => listIndividuals(tablesOf(opened), page),
      queue: (name, limit) => readQueue(opened, name, limit),
      changes: (stop) => watch(opened, stop),
    },
    token,
    webRoot,
    clock: () => new Date(),
    report: (error) => terminal.say(terminal.bad(`A fault of the server: ${(error as Error).stack ?? String(error)}`)),
  });
  const { link, port: bound } = await server.listen(port);
  if (json) terminal.out(JSON.stringify({ link, port: bound }));
  else terminal.out(`open once: ${terminal.bold(link)}`);
  terminal.say('serving on 127.0.0.1 until Ctrl-C; the link opens one browser, run again for another');
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
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
