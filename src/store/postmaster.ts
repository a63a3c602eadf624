// The file by which a PostgreSQL server says that it lives (postmaster.pid), read with distrust: after a crash the pid in
// it may be free, reused, or that of a zombie.

import { randomUUID } from 'node:crypto';
import { chown, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asFault } from '../case/fault.ts';
import type { ServerUser } from './postgres-binaries.ts';
import { lookUpProcess } from './process.ts';

/** A postmaster that lives. */
export interface Postmaster {
  pid: number;
  socketFolder: string;
  /** False while it starts, recovers or shuts down. */
  ready: boolean;
}

/** The living postmaster of a data folder. A postmaster.pid that a crash left behind counts as none. */
export async function findPostmaster(data: string): Promise<Postmaster | undefined> {
  const lines = await readPidFile(data);
  const pid = Number(lines[0]);
  const facts = await lookUpProcess(pid);
  if (facts === undefined || facts.zombie) return undefined;
  const known = facts.folder !== undefined || facts.command !== undefined;
  const folder = await realpath(data).catch(() => data);
  const ours = facts.folder === folder || facts.command?.includes(`-D ${data}`) === true;
  if (known && !ours) return undefined;
  return { pid, socketFolder: lines[4] ?? '', ready: lines[7]?.trim() === 'ready' };
}

/** Lines: pid, data folder, start time, port, socket folder, address, shared memory key, status. */
async function readPidFile(data: string): Promise<string[]> {
  try {
    return (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw asFault(error, `looking for the PostgreSQL of ${data}`);
  }
}

/** A fast shutdown: sessions are ended, everything is written, and the next start needs no recovery. */
export function signalStop(pid: number): void {
  try {
    process.kill(pid, 'SIGINT');
  } catch {
    // It is gone already.
  }
}

/** Stops a postmaster and waits until it is gone, for a minute at most. */
export async function stop(pid: number): Promise<void> {
  signalStop(pid);
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline && (await isAlive(pid))) await pause(10);
}

async function isAlive(pid: number): Promise<boolean> {
  const facts = await lookUpProcess(pid);
  return facts !== undefined && !facts.zombie;
}

/**
 * Gives a stale postmaster.pid to us. PostgreSQL takes a pid that is alive for a living server, also where it was reused
 * or is a zombie; its own parent's it knows to be stale. The file is not removed: the shared memory key in it is what
 * keeps a new server off backends that have outlived the old one.
 */
export async function disown(data: string, server: ServerUser): Promise<void> {
  const path = join(data, 'postmaster.pid');
  const [pid, ...rest] = await readPidFile(data);
  if (pid === undefined) return;
  if (!/^-?\d+$/.test(pid)) return rm(path); // cut off while it was written: no server got any further
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, [process.pid, ...rest].join('\n'), { mode: 0o600, flag: 'wx' });
  if (server !== undefined) await chown(temporary, server.uid, server.gid);
  await rename(temporary, path);
}
