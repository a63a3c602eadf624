// What a command of the CLI is, and what it is given.
import { readFile } from 'node:fs/promises';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Fault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import type { Home } from '../store/home.ts';
import type { Terminal } from './terminal.ts';

export interface Context {
  terminal: Terminal;
  env: Readonly<Record<string, string | undefined>>;
  /** Where the person stands. */
  cwd: string;
  /** Print data as JSON. */
  json: boolean;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** This machine's home, made on first use. */
  home(): Promise<Home>;
  /** The case at `at`, or meant by -C, DALIL_CASE or the folder one stands in; closed when the command ends. */
  openCase(options: { write: boolean; stale?: boolean; at?: string }): Promise<OpenCase>;
  /** The folder of that case. */
  casePath(): Promise<string>;
  /** Makes a case; closed when the command ends. */
  makeCase(path: string, title: string): Promise<OpenCase>;
}

/** Exit codes, shown by --help. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done',
  1: 'fault',
  2: 'usage',
  3: 'finished, with problems listed',
  4: 'verification failed',
  10: 'no case',
  11: 'locked',
  12: 'wrong key or no permission',
  130: 'cancelled',
};

export interface Command {
  name: string;
  /** Arguments as the help shows them. */
  usage: string;
  summary: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** A line for each option. */
  help?: readonly (readonly [string, string])[];
  /** Gives the exit code. */
  run(context: Context, args: { positionals: string[]; values: Values }): Promise<number>;
}

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** An option that takes a text; undefined where it was not given. */
export function text(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** An option that may be given several times. */
export function texts(values: Values, name: string): string[] {
  const value = values[name];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

/** An option that takes a whole number in a range. */
export function whole(values: Values, name: string, least: number, most: number): number | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (/^\d+$/.test(given) && number >= least && number <= most) return number;
  throw usage(`--${name} takes a whole number`, `${least} to ${most}`, given);
}

export function usage(what: string, expected: string, got: string, next = 'dalil --help'): Fault {
  return new Fault('usage', { what, expected, got, next });
}

/** Parses a command's own arguments; Fault('usage') on what it does not know. */
export function parseCommand(command: Command, args: string[]): { positionals: string[]; values: Values } {
  try {
    const { positionals, values } = parseArgs({
      args,
      options: command.options ?? {},
      allowPositionals: true,
      strict: true,
    });
    return { positionals, values: values as Values };
  } catch (error) {
    throw usage(
      `dalil ${command.name} does not understand this.`,
      `dalil ${command.name} ${command.usage}`,
      (error as Error).message,
      `dalil ${command.name} --help`,
    );
  }
}

/** A file that was named. Fault('input-unreadable') where it cannot be read. */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Fault('input-unreadable', {
      what: 'A file that was named cannot be read.',
      got: (cause as NodeJS.ErrnoException).code ?? 'an error',
      next: 'check its name',
      cause,
    });
  }
}
