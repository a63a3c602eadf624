// What a process id stands for at this moment. A pid in a file left by a crash may be free, reused by a stranger, or a
// zombie that nobody reaps, and only the process table tells these apart from the process that wrote it.

import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';

export interface ProcessFacts {
  /** Dead, but not yet reaped by its parent: `kill(pid, 0)` still succeeds. */
  zombie: boolean;
  /** Equal for one life of one process, and for no other on this machine; undefined where the system does not say. */
  started: string | undefined;
  /** Command line, arguments joined by a space; undefined where the system does not say. */
  command: string | undefined;
  /** Working directory, where we may see it. */
  folder: string | undefined;
}

/** The facts of a process, or undefined where there is none of this id. From /proc, else from `ps`, else from a signal. */
export async function lookUpProcess(pid: number): Promise<ProcessFacts | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  if (process.platform === 'linux') return processFromProc(pid);
  return processFromPs(pid);
}

async function processFromProc(pid: number): Promise<ProcessFacts | undefined> {
  try {
    const [stat, command, boot] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => ''),
    ]);
    // The command's name, in parentheses, may itself hold spaces and parentheses: fields are counted from the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return {
      zombie: fields[0] === 'Z' || fields[0] === 'X',
      started: `${boot.trim()} ${fields[19]}`,
      command: command.split('\0').join(' ').trim(),
      folder: await readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    };
  } catch {
    return undefined;
  }
}

/** The same from `ps`, for systems without /proc. Without `ps` as well, only whether the process answers a signal. */
export async function processFromPs(pid: number): Promise<ProcessFacts | undefined> {
  const listing = await new Promise<string | undefined>((resolve) => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C' };
    execFile('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)], { env }, (error, stdout) => {
      resolve(error !== null && typeof error.code !== 'number' ? undefined : stdout.trim());
    });
  });
  if (listing === undefined) {
    return answersSignal(pid)
      ? { zombie: false, started: undefined, command: undefined, folder: undefined }
      : undefined;
  }
  const [stat, day, month, date, time, year, ...command] = listing.split(/\s+/);
  if (year === undefined) return undefined;
  return {
    zombie: stat!.startsWith('Z'),
    started: [day, month, date, time, year].join(' '),
    command: command.join(' '),
    folder: undefined,
  };
}

function answersSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
