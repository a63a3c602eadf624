// The command line: finds the command, opens what it needs, and turns what happened into an exit code.
import { resolve } from 'node:path';
import { asFault, Fault } from '../case/fault.ts';
import { findCase, newCase, openCase, type OpenCase, type OpenOptions } from '../log/case.ts';
import { projections, stages } from '../stages.ts';
import { openHome, resolveHome, type Home } from '../store/home.ts';
import { exitCodes, parseCommand, usage, type Command, type Context } from './command.ts';
import { allCommands, commands, findCommand, parts } from './commands.ts';
import { openersOf } from './prompt.ts';
import { columns, hanging, openTerminal } from './terminal.ts';
import { version } from '../version.ts';

interface Globals {
  json: boolean;
  help: boolean;
  version: boolean;
  folder: string | undefined;
  actor: string | undefined;
  rest: string[];
}

/** The options that any command takes, wherever they stand. */
function takeGlobals(args: readonly string[]): Globals {
  const globals: Globals = { json: false, help: false, version: false, folder: undefined, actor: undefined, rest: [] };
  const queue = [...args];
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === '--') {
      globals.rest.push(arg, ...queue.splice(0));
    } else if (arg === '--json') globals.json = true;
    else if (arg === '--help' || arg === '-h') globals.help = true;
    else if (arg === '--version') globals.version = true;
    else if (arg === '-C' || arg === '--as') {
      const value = queue.shift();
      if (value === undefined)
        throw usage(`${arg} takes a value.`, arg === '-C' ? '-C <folder>' : '--as NAME', 'nothing');
      if (arg === '-C') globals.folder = value;
      else globals.actor = value;
    } else globals.rest.push(arg);
  }
  return globals;
}

/** The help, of one command or of all, for a terminal of this many columns. */
async function help(command: Command | null, width: number): Promise<string> {
  const table = (rows: readonly (readonly [string, string])[]): string[] =>
    hanging(rows, width - 2).map((line) => `  ${line}`);
  if (command !== null) {
    const lines = [`dalil ${command.name} ${command.usage}`.trimEnd(), '', ...table([['', command.summary]])];
    if (command.help !== undefined) lines.push('', ...table(command.help));
    return lines.join('\n');
  }
  const all = new Map((await allCommands()).map((one) => [one.name, one.summary]));
  const sections: [string, string[]][] = [
    [
      'The stages of the work',
      columns(stages.map(({ title, command: typed }, i) => [`${i + 1}`, title, typed])).map((line) => `  ${line}`),
    ],
    ...parts.map(({ title, names }): [string, string[]] => [
      title,
      table(names.map((name) => [name.padEnd(12), all.get(name)!])),
    ]),
    [
      'Everywhere',
      table([
        ['-C <folder>', 'the case; else DALIL_CASE, else the folder one stands in or above'],
        ['--as NAME', 'your working name in the records of this case; else DALIL_ACTOR, else "operator"'],
        ['--json', 'data as JSON on stdout; talk stays on stderr'],
        ['DALIL_HOME', "this machine's folder for keys, index and thumbnails"],
        ['DALIL_PASSPHRASE_FILE', 'a file with the passphrase of the keys; DALIL_IDENTITY: your own age identity'],
        ['DATABASE_URL', 'a PostgreSQL 15 or later instead of the embedded one'],
      ]),
    ],
    ['Exit codes', table(Object.entries(exitCodes).map(([code, meaning]) => [code.padStart(3), meaning]))],
  ];
  return [
    'dalil: turns a leaked cache of photographs and testimonies into evidence that holds',
    ...sections.flatMap(([title, lines]) => ['', title, ...lines]),
    '',
    'How a command is called: dalil <command> --help',
  ].join('\n');
}

/** Runs one command and gives its exit code. Never throws. */
export async function main(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<number> {
  const terminal = openTerminal({ stdout: process.stdout, stderr: process.stderr, env, now: () => performance.now() });
  const cancel = new AbortController();
  const onSignal = (): void => {
    // A second Ctrl-C ends at once: what was sealed is sealed, and the next run cleans up.
    if (cancel.signal.aborted) process.exit(130);
    terminal.say('stopping; again to stop at once');
    cancel.abort(
      new Fault('cancelled', { what: 'Cancelled. What was done is kept.', next: 'the same command goes on from here' }),
    );
  };
  // `dalil items | head`: the reader has had enough, which is no fault of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const opened: OpenCase[] = [];
  let json = false;
  try {
    const globals = takeGlobals(args);
    json = globals.json;
    const [name, ...rest] = globals.rest;
    if (globals.version) {
      terminal.out(version);
      return 0;
    }
    const command = await findCommand(name);
    if (globals.help || name === undefined || name === 'help') {
      terminal.out(await help(command ?? (await findCommand(rest[0])), process.stdout.columns ?? 100));
      return 0;
    }
    if (command === null) throw usage('There is no such command.', [...commands.keys()].join(', '), name);
    const parsed = parseCommand(command, rest);
    const context = makeContext(globals, { env, cwd, terminal, signal: cancel.signal, opened });
    return await command.run(context, parsed);
  } catch (error) {
    const fault = asFault(error, 'working');
    terminal.clear();
    const known = fault instanceof Fault ? fault : null;
    if (json)
      terminal.out(
        JSON.stringify({ error: { code: known?.code ?? 'fault', message: String((fault as Error).message ?? fault) } }),
      );
    terminal.say(terminal.bad(known?.message ?? `A fault of the program: ${(error as Error).stack ?? String(error)}`));
    return known?.exitCode ?? 1;
  } finally {
    for (const one of opened) await one.close().catch(() => {});
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

function makeContext(
  globals: Globals,
  given: Pick<Context, 'env' | 'cwd' | 'terminal' | 'signal'> & { opened: OpenCase[] },
): Context {
  const { env, cwd, opened } = given;
  let home: Promise<Home> | null = null;
  const openOnce = () => (home ??= openHome(resolveHome({ ...env }, process.platform, process.getuid?.())));
  const options = async (write: boolean): Promise<OpenOptions> => ({
    home: await openOnce(),
    openers: openersOf(given, (await openOnce()).path),
    env,
    projections,
    actor: {
      name: globals.actor ?? env['DALIL_ACTOR'] ?? 'operator',
      tool: `dalil ${globals.rest[0] ?? ''}`.trim(),
      version,
    },
    write,
  });
  const casePath = () => findCase(resolve(cwd, globals.folder ?? env['DALIL_CASE'] ?? '.'));
  const keep = (one: OpenCase): OpenCase => {
    opened.push(one);
    return one;
  };
  return {
    ...given,
    json: globals.json,
    home: openOnce,
    casePath,
    openCase: async ({ write, stale, at }) => {
      const found = keep(
        await openCase(at ?? (await casePath()), { ...(await options(write)), ...(stale === true ? { stale } : {}) }),
      );
      // What was destroyed goes, also where a crash, or a copy put back, has left it.
      if (write) await (await import('../seal/removal.ts')).finishDestruction(found);
      return found;
    },
    makeCase: async (path, title) => keep(await newCase(path, title, await options(true))),
  };
}
