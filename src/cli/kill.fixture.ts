// A command that is killed in the midst of its work, as a power cut would.
import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));

/** After a time in milliseconds, or so long after the n-th change among the commits. */
export type Moment = { after: number } | { commit: number; after: number };

/**
 * Starts a command and kills its process: after a time, or a few milliseconds after the n-th change among the commits,
 * which is where a crash could hurt most. False where the command was faster.
 */
export async function killed(
  env: Readonly<Record<string, string>>,
  path: string,
  args: readonly string[],
  moment: Moment,
): Promise<boolean> {
  await mkdir(join(path, 'log/commits'), { recursive: true });
  const child = spawn(process.execPath, [program, '-C', path, ...args], { env, stdio: 'ignore' });
  const ended = new Promise<boolean>((resolve) => child.on('close', (_, signal) => resolve(signal === 'SIGKILL')));
  let timer: NodeJS.Timeout | undefined;
  const kill = (): void => void (timer ??= setTimeout(() => child.kill('SIGKILL'), moment.after));
  let left = 'commit' in moment ? moment.commit : 0;
  const watcher = watch(join(path, 'log/commits'), () => {
    if (--left === 0) kill();
  });
  if (left === 0) kill();
  const died = await ended;
  clearTimeout(timer);
  watcher.close();
  return died;
}
