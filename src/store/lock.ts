// A lock file between processes of one machine: created exclusively, naming its owner by pid and start time, so that
// the lock of a process that was killed is recognised and broken. For short work on this machine's own files.

import { randomUUID } from 'node:crypto';
import { open, readFile, stat, unlink } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { asFault, Fault } from '../case/fault.ts';
import { lookUpProcess } from './process.ts';

interface Owner {
  pid: number;
  started: string | null;
  token: string;
}

/** An owner writes its name right after creating the file; one that has not after this long, died in between. */
const unnamedIsDeadAfter = 5_000;

/**
 * Runs `act` while holding the lock file at `path`, and lets go of it whatever happens. Waits while a living process
 * holds it, up to `patience` milliseconds, then throws Fault `locked`. Not re-entrant.
 */
export async function withLock<T>(path: string, act: () => Promise<T>, patience = 60_000): Promise<T> {
  const facts = await lookUpProcess(process.pid);
  const owner: Owner = { pid: process.pid, started: facts?.started ?? null, token: randomUUID() };
  const deadline = Date.now() + patience;
  while (!(await tryCreate(path, JSON.stringify(owner)))) {
    const held = await readOwner(path);
    if (held === 'gone') continue;
    if (held === 'unnamed' ? await olderThan(path, unnamedIsDeadAfter) : !(await lives(held))) {
      await breakLock(path, held);
      continue;
    }
    if (Date.now() > deadline) {
      throw new Fault('locked', {
        what: `Another process holds ${path}.`,
        got: held === 'unnamed' ? 'an owner that has not given its name' : `process ${held.pid}, still running`,
        next: 'wait for it to end, or end it, and run the same command again',
      });
    }
    await pause(15);
  }
  try {
    return await act();
  } finally {
    const held = await readOwner(path);
    if (typeof held === 'object' && held.token === owner.token) await unlink(path).catch(() => undefined);
  }
}

/** Creates a file exclusively with this content: false where it exists already. */
async function tryCreate(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(content);
    } catch (error) {
      await unlink(path).catch(() => undefined);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw asFault(error, `locking ${path}`);
  }
}

async function readOwner(path: string): Promise<Owner | 'unnamed' | 'gone'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw asFault(error, `reading ${path}`);
  }
  try {
    const owner = JSON.parse(text) as Partial<Owner> | null;
    if (typeof owner?.pid === 'number' && typeof owner.token === 'string') return owner as Owner;
  } catch {
    // Cut off, or not ours: judged by its age.
  }
  return 'unnamed';
}

async function lives(owner: Owner): Promise<boolean> {
  const facts = await lookUpProcess(owner.pid);
  if (facts === undefined || facts.zombie) return false;
  return owner.started === null || facts.started === undefined || facts.started === owner.started;
}

async function olderThan(path: string, milliseconds: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && Date.now() - found.mtimeMs > milliseconds;
}

/**
 * Removes a dead owner's lock. Two breakers must not follow each other, or the second would remove the lock that a third
 * process took in between: breaking is guarded by a file of its own, and the lock is read once more under it.
 */
async function breakLock(path: string, dead: Owner | 'unnamed'): Promise<void> {
  const guard = `${path}.break`;
  if (!(await tryCreate(guard, ''))) {
    // A breaker that was killed between its three calls leaves the guard behind.
    if (await olderThan(guard, unnamedIsDeadAfter)) await unlink(guard).catch(() => undefined);
    await pause(5);
    return;
  }
  try {
    const now = await readOwner(path);
    const same =
      typeof now === 'object' && typeof dead === 'object'
        ? now.token === dead.token
        : now === 'unnamed' && dead === 'unnamed' && (await olderThan(path, unnamedIsDeadAfter));
    if (same) await unlink(path).catch(() => undefined);
  } finally {
    await unlink(guard).catch(() => undefined);
  }
}
