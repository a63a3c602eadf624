// The floor of an HTTP answer on this machine: a bare node:http server in a process of its own that sends the same bytes,
// asks nobody who they are, validates nothing and reads no database.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Floor {
  port: number;
  /** What to send at this path from now on. */
  keep(path: string, body: string): Promise<void>;
  stop(): void;
}

/** Starts it. */
export async function openFloor(): Promise<Floor> {
  const child = fork(fileURLToPath(new URL('./floor-run.mjs', import.meta.url)), { execArgv: [] });
  const told = async <T>(): Promise<T> => new Promise((resolve) => child.once('message', (got) => resolve(got as T)));
  const port = await told<number>();
  return {
    port,
    async keep(path, body) {
      const kept = told();
      child.send({ path, body });
      await kept;
    },
    stop: () => void child.kill(),
  };
}
