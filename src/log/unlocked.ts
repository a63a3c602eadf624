// A protected identity, held for a while: one small process of its own has it in memory and gives it to this user's
// programs over a Unix socket, so that scripts and long runs need not ask. It ends by itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Fault } from '../case/fault.ts';

/** What is asked of the process, a word a line. */
type Question = 'identity' | 'until' | 'lock';

/** sockaddr_un: 107 bytes and a zero on Linux, 103 on macOS. */
const longest = 103;

/**
 * The folder of the socket: in the home's own folder of keys, else, where that has too long a path, in /tmp. It depends on
 * the home alone, so that a script without the variables of a session finds it too. Pure.
 */
export function holdingFolder(home: string, uid: number): string {
  const near = join(home, 'keys', 'unlocked');
  if (Buffer.byteLength(join(near, 'socket')) <= longest) return near;
  const hash = createHash('sha256').update(home).digest('hex').slice(0, 16);
  return `/tmp/dalil-keys-${uid}-${hash}`;
}

const folderOf = (home: string): string => holdingFolder(home, process.getuid?.() ?? 0);

/**
 * Whether the folder is ours and nobody else can enter it: a name below /tmp can be foretold, and be taken by another
 * user to hand out an identity of theirs. Node shows no credentials of a peer, so the folder stands for them.
 */
async function isPrivate(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(() => null);
  return found?.isDirectory() === true && found.uid === (process.getuid?.() ?? found.uid) && (found.mode & 0o077) === 0;
}

/** Asks the process that holds this home's identity; null where there is none. */
async function ask(home: string, question: Question): Promise<string | null> {
  const folder = folderOf(home);
  if (!(await isPrivate(folder))) return null;
  return new Promise((resolve) => {
    const socket = connect(join(folder, 'socket'));
    let answer = '';
    socket.setTimeout(3000, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write(`${question}\n`));
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('error', () => resolve(null));
    socket.on('close', () => resolve(answer.endsWith('\n') ? answer.trim() : null));
  });
}

/** The home's identity, where a process holds it. */
export const heldIdentity = (home: string): Promise<string | null> => ask(home, 'identity');

/** Until when it is held, RFC 3339; null where it is not. */
export const heldUntil = (home: string): Promise<string | null> => ask(home, 'until');

/** Ends the process that holds it; false where there was none. */
export async function letGo(home: string): Promise<boolean> {
  return (await ask(home, 'lock')) !== null;
}

/** Starts a process that holds the identity for so many minutes, in place of one that does. Gives until when. */
export async function holdIdentity(home: string, identity: string, minutes: number): Promise<string> {
  if (process.platform === 'win32') {
    throw new Fault('usage', { what: 'Keys cannot be held open on this system.', next: 'set DALIL_PASSPHRASE_FILE' });
  }
  await letGo(home);
  const folder = folderOf(home);
  await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  if (!(await isPrivate(folder))) {
    throw new Fault('not-writable', {
      what: 'The folder for the socket is not private.',
      expected: `a folder of this user with mode 700 at ${folder}`,
      next: 'remove it, if nothing of yours is in it, and run the same command again',
    });
  }
  // What was left by one that was killed.
  await rm(join(folder, 'socket'), { force: true });
  const script = fileURLToPath(new URL('./unlocked-process.mjs', import.meta.url));
  // Neither an argument nor a variable: other users see those of every process.
  const child = spawn(process.execPath, [script], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const until = new Date(Date.now() + minutes * 60_000).toISOString();
  child.stdin.end(JSON.stringify({ folder, identity, until }));
  const ready = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true));
    child.once('close', () => resolve(false));
    child.once('error', () => resolve(false));
  });
  child.stdout.destroy();
  child.unref();
  if (!ready) {
    throw new Fault('fault', {
      what: 'The process that was to hold the keys open did not start.',
      next: 'set DALIL_PASSPHRASE_FILE instead',
    });
  }
  return until;
}

/** What that process does: reads from its input what it is to hold, listens, and ends when told or when the time is up. */
export async function hold(input: AsyncIterable<Uint8Array>, ready: () => void): Promise<void> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of input) chunks.push(chunk);
  const { folder, identity, until } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  process.umask(0o077);
  const path = join(folder!, 'socket');
  const server = answering({ identity: identity!, until: until! }, (socket) => void end(socket));
  const end = async (told?: Socket): Promise<void> => {
    server.close();
    await rm(folder!, { recursive: true, force: true });
    // Answered only now: whoever has the answer finds nothing that listens.
    if (told === undefined) process.exit(0);
    told.end('locked\n', () => process.exit(0));
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => void end());
  // Looked at every second, by the clock: a timer stands still while the machine sleeps.
  setInterval(() => {
    if (Date.now() >= Date.parse(until!)) void end();
  }, 1000);
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(path, done);
  });
  await chmod(path, 0o600);
  ready();
}

function answering(held: Record<'identity' | 'until', string>, end: (told: Socket) => void): Server {
  return createServer((socket) => {
    let asked = '';
    socket.setTimeout(3000, () => socket.destroy());
    socket.setEncoding('utf8');
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: string) => {
      asked += chunk;
      if (!asked.endsWith('\n') && asked.length < 16) return;
      const question = asked.trim();
      if (question === 'identity' || question === 'until') socket.end(`${held[question]}\n`);
      else if (question === 'lock') end(socket);
      else socket.destroy();
    });
  });
}
