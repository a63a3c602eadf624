// `dalil serve` as a process of its own, until it is stopped as by Ctrl-C.
import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));

export interface Serving {
  child: ChildProcess;
  port: number;
  /** The one-time link, while nobody has an account. */
  link?: string;
  /** Where people sign in, afterwards. */
  url?: string;
  /** What it has said on stderr so far. */
  said(): string;
  /** Gives its exit code. */
  stop(): Promise<number | null>;
}

/** Serves the case at `path`; fails with what it said where it ends instead. */
export async function serveCase(
  env: Readonly<Record<string, string>>,
  path: string,
  args: readonly string[] = ['--port', '0'],
): Promise<Serving> {
  const child = spawn(process.execPath, [program, '-C', path, 'serve', '--json', ...args], { env });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | null>((done) => child.on('close', done));
  const shown = await new Promise<Pick<Serving, 'port' | 'link' | 'url'>>((done, fail) => {
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (out.includes('\n')) done(JSON.parse(out) as Pick<Serving, 'port' | 'link' | 'url'>);
    });
    void ended.then((code) => fail(new Error(`serve ended with ${String(code)}: ${out}${said}`)));
  });
  return { ...shown, child, said: () => said, stop: () => (child.kill('SIGINT'), ended) };
}
