// Witnesses for tests: one made by the formula of C2SP tlog-cosignature, and one by others, `litewitness` of
// torchwood (Debian's package of that name).
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fromBase64url, noteKey, formatNoteKey, formatSignature, splitNote, cosignedText } from '@dalil/verify';

/** Why the tests with somebody else's witness are left out on this machine, or null where they can run. */
export function withoutWitness(): string | null {
  const missing = ['litewitness', 'witnessctl', 'ssh-agent', 'ssh-add', 'ssh-keygen'].filter(
    (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status !== 0,
  );
  if (missing.length > 0) return `not installed: ${missing.join(', ')}`;
  // Torchwood's predecessor litetlog 0.4 has one too; as Debian builds it, it breaks off whatever it is asked.
  const { stderr } = spawnSync('litewitness', ['-h'], { encoding: 'utf8' });
  return stderr.includes('-obscurity') ? null : 'litewitness is older than torchwood 0.9';
}

/** A witness that signs whatever it is shown. */
export function makeWitness(name: string) {
  const { privateKey } = generateKeyPairSync('ed25519');
  const key = noteKey(name, fromBase64url(privateKey.export({ format: 'jwk' }).x!)!, 'cosignature');
  return {
    vkey: formatNoteKey(key),
    /** Its line under this checkpoint. */
    cosign(note: string, time: number): string {
      const stamp = Buffer.alloc(8);
      stamp.writeBigUInt64BE(BigInt(time));
      const signature = sign(null, Buffer.from(cosignedText(splitNote(note).text, time)), privateKey);
      return formatSignature({ ...key, signature: Buffer.concat([stamp, signature]) });
    },
  };
}

/** It says the port that it was told, not the one that it got: so it is told a free one. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A running litewitness: its key in an agent of its own, its memory in a file, listening on this machine alone. */
export class LiteWitness {
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];
  url = '';
  vkey = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  async start(origin: string, logKey: string): Promise<void> {
    const run = (command: string, ...args: string[]): string =>
      execFileSync(command, args, {
        cwd: this.#folder,
        encoding: 'utf8',
        env: { ...process.env, SSH_AUTH_SOCK: socket },
      });
    const socket = join(this.#folder, 'agent');
    const address = `127.0.0.1:${await freePort()}`;
    run('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', 'key');
    await this.#spawn('ssh-agent', ['-D', '-a', socket], /SSH_AUTH_SOCK/);
    run('ssh-add', '-q', 'key');
    run('witnessctl', 'add-log', '-db', 'memory.db', '-origin', origin);
    run('witnessctl', 'add-key', '-db', 'memory.db', '-origin', origin, '-key', logKey);
    const fingerprint = run('ssh-keygen', '-lf', 'key.pub').split(' ')[1]!;
    const said = await this.#spawn(
      'litewitness',
      [
        '-db',
        'memory.db',
        '-name',
        'witness.example/lite',
        '-key',
        fingerprint,
        '-ssh-agent',
        socket,
        '-listen',
        address,
      ],
      /msg=listening addr=\S+/,
    );
    this.vkey = /vkey=(\S+)/.exec(said)![1]!;
    this.url = `http://${address}`;
  }

  /** Starts a process and gives what it said until it said this. */
  #spawn(command: string, args: string[], until: RegExp): Promise<string> {
    const child = spawn(command, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#processes.push(child);
    return new Promise((resolve, reject) => {
      let said = '';
      const hear = (chunk: Buffer): void => {
        said += chunk.toString();
        if (until.test(said)) resolve(said);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', reject);
      child.on('exit', () => reject(new Error(`${command} ended: ${said}`)));
    });
  }

  async ask(request: string): Promise<{ status: number; answer: string }> {
    const response = await fetch(`${this.url}/add-checkpoint`, { method: 'POST', body: request });
    return { status: response.status, answer: await response.text() };
  }

  stop(): void {
    for (const child of this.#processes.toReversed()) child.kill();
  }
}
