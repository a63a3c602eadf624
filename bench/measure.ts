// One child process run to its end: time by the clock, processor time of its whole tree, peak memory. Read from /proc
// (Linux), so that nothing runs between us and what is measured; elsewhere only the clock is known.
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Order {
  command: string;
  args: readonly string[];
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  /** The home whose PostgreSQL works for this command; it is no child of it, so it is counted apart. */
  home?: string;
  /** Exit codes that are no failure: 0 by default. */
  codes?: readonly number[];
}

export interface Measured {
  /** Seconds by the clock, from start to exit. */
  wall: number;
  /** Seconds of processor time, user and system, of the process and all that it waited for; null where unknown. */
  cpu: number | null;
  /** The same of the home's PostgreSQL while the command ran: up to a tenth of a second before it ended. */
  databaseCpu: number | null;
  /** Peak resident bytes of the process tree; null where unknown. */
  peak: number | null;
  /** Peak of the tree and the PostgreSQL's share together (pages shared among its processes counted once). */
  peakWithDatabase: number | null;
  stdout: string;
}

export type Measure = (order: Order) => Promise<Measured>;

const interval = 100;
/** USER_HZ: 100 on every Linux that Node runs on. */
const ticks = 100;

/** Runs it after everything written before is on the disk. Throws where it ends with a code that is not expected. */
export async function measure({ command, args, cwd, env, home, codes = [0] }: Order): Promise<Measured> {
  spawnSync('sync');
  const before = reaped();
  const databaseBefore = home === undefined ? null : databaseOf(home);
  const start = performance.now();
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: Buffer[] = [];
  let errors = '';
  child.stdout.on('data', (data: Buffer) => out.push(data));
  child.stderr.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-4000)));

  let peak: number | null = null;
  let together: number | null = null;
  const database = new Map<number, number>();
  const look = (): void => {
    const ours = child.pid === undefined ? null : memoryOf(child.pid);
    if (ours !== null) peak = Math.max(peak ?? 0, ours.peak);
    const theirs = home === undefined ? null : databaseOf(home);
    if (theirs === null) return;
    database.set(theirs.pid, theirs.cpu);
    if (ours !== null) together = Math.max(together ?? 0, ours.now + theirs.memory);
  };
  const timer = setInterval(look, interval);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  }).finally(() => clearInterval(timer));
  const wall = (performance.now() - start) / 1000;
  if (code === null || !codes.includes(code)) {
    throw new Error(`${command} ${args.slice(0, 4).join(' ')} ended with code ${code}:\n${errors}`);
  }
  const after = reaped();
  let databaseCpu: number | null = home === undefined || database.size === 0 ? null : 0;
  for (const [pid, cpu] of database) databaseCpu! += cpu - (pid === databaseBefore?.pid ? databaseBefore.cpu : 0);
  return {
    wall,
    cpu: before === null || after === null ? null : after - before,
    databaseCpu,
    peak,
    peakWithDatabase: together,
    stdout: Buffer.concat(out).toString(),
  };
}

/** Fields of /proc/<pid>/stat behind the command's name, from `state` on. */
function statOf(pid: number | 'self'): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Processor seconds of all children that have ended and were waited for, theirs included. */
function reaped(): number | null {
  const stat = statOf('self');
  return stat === null ? null : (Number(stat[13]) + Number(stat[14])) / ticks;
}

function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1').split(' ').filter(Boolean).map(Number),
    );
  } catch {
    return [];
  }
}

function field(path: string, name: string): number {
  try {
    const found = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(path, 'latin1'));
    return found === null ? 0 : Number(found[1]) * 1024;
  } catch {
    return 0;
  }
}

/** Resident bytes of a process and its descendants now, and the highest that the kernel has seen of the first alone. */
function memoryOf(pid: number): { now: number; peak: number } | null {
  if (process.platform !== 'linux') return null;
  const now = [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + field(`/proc/${one}/status`, 'VmRSS'), 0);
  return { now, peak: Math.max(now, field(`/proc/${pid}/status`, 'VmHWM')) };
}

function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The home's PostgreSQL: processor seconds so far, and its share of memory. */
function databaseOf(home: string): { pid: number; cpu: number; memory: number } | null {
  if (process.platform !== 'linux') return null;
  const pid = postmasterOf(home);
  const stat = pid === null ? null : statOf(pid);
  if (pid === null || stat === null) return null;
  let cpu = [11, 12, 13, 14].reduce((sum, at) => sum + Number(stat[at]), 0);
  let memory = field(`/proc/${pid}/smaps_rollup`, 'Pss');
  for (const child of childrenOf(pid)) {
    const its = statOf(child);
    if (its !== null) cpu += Number(its[11]) + Number(its[12]);
    memory += field(`/proc/${child}/smaps_rollup`, 'Pss');
  }
  return { pid, cpu: cpu / ticks, memory };
}

function postmasterOf(home: string): number | null {
  try {
    const folder = join(home, 'postgres');
    for (const name of readdirSync(folder).filter((one) => one.startsWith('data-'))) {
      const pid = Number(readFileSync(join(folder, name, 'postmaster.pid'), 'latin1').split('\n')[0]);
      if (pid > 0) return pid;
    }
  } catch {
    // It is not running.
  }
  return null;
}
