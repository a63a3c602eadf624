// Processes of their own for tests: a script that imports from this folder, run as a user of the system would run us.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface Script {
  child: ChildProcessWithoutNullStreams;
  /** The next line it prints; throws with what it said on stderr where it ends first. */
  line(): Promise<string>;
  /** Its exit code, or the signal that ended it. */
  ended: Promise<number | string>;
  /** Everything printed so far on stderr. */
  errors(): string;
}

/**
 * Runs an ES module in TypeScript. In it `store` is the URL of this folder, and `await held()` waits until its standard
 * input is closed.
 */
export function runScript(
  source: string,
  options: { env?: NodeJS.ProcessEnv; uid?: number; detached?: boolean } = {},
): Script {
  const folder = new URL('./', import.meta.url).href;
  const preamble = `const store = ${JSON.stringify(folder)};
    const held = () => new Promise((resolve) => { process.stdin.on('end', resolve).resume(); });`;
  const child = spawn(
    process.execPath,
    ['--import', import.meta.resolve('tsx'), '--input-type=module', '-e', `${preamble}\n${source}`],
    {
      env: options.env ?? process.env,
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
      detached: options.detached ?? false,
    },
  );
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += chunk));
  child.stdin.on('error', () => undefined); // it ended before we closed it
  const ended = once(child, 'close').then(([code, signal]) => (code as number | null) ?? (signal as string));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    ended,
    errors: () => errors,
    line: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error(`the script ended with ${await ended}\n${errors}`);
      return value as string;
    },
  };
}
