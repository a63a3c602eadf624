// The command line as a test uses it: a process of its own, as a person's would be.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
  /** stdout, one JSON value a line. */
  lines<T>(): T[];
  /** The first of them. */
  json<T>(): T;
}

/** Runs `bin/dalil` with these arguments and waits for its end. */
export function runDalil(env: Readonly<Record<string, string>>, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { ...env, NO_COLOR: '1' } });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      const stdout = Buffer.concat(out).toString();
      const lines = <T>(): T[] =>
        stdout
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => JSON.parse(line) as T);
      resolve({
        code: code ?? -1,
        stdout,
        stderr: Buffer.concat(err).toString(),
        lines,
        json: <T>() => lines<T>()[0]!,
      });
    });
  });
}
