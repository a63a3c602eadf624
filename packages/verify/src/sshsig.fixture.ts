// Keys and signatures of SSH for tests: by the real ssh-keygen, and, since no test machine has a hardware token, by a
// token made of software, whose signatures the real ssh-keygen must accept as well.
// `node --import tsx packages/verify/src/sshsig.fixture.ts` writes fixtures/sshsig anew.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Why tests with ssh-keygen are left out on this machine, or null where they can run. */
export function withoutSshKeygen(): string | null {
  const { error } = spawnSync('ssh-keygen', ['-?'], { stdio: 'ignore' });
  return error === undefined ? null : 'ssh-keygen is not installed';
}

export type SoftKind = 'ed25519' | 'ecdsa' | 'rsa';

/** Makes a key pair `path`, `path`.pub with ssh-keygen; gives the public line. */
export function makeSshKey(path: string, kind: SoftKind = 'ed25519', comment = 'test'): string {
  const bits = { ed25519: [], ecdsa: ['-b', '256'], rsa: ['-b', '2048'] }[kind];
  execFileSync('ssh-keygen', ['-q', '-t', kind, ...bits, '-N', '', '-C', comment, '-f', path]);
  return readFileSync(`${path}.pub`, 'utf8');
}

/** Signs as a person does: `ssh-keygen -Y sign`; gives the armoured signature. */
export function sshSign(key: string, message: string | Uint8Array, namespace: string, ...options: string[]): string {
  return execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', namespace, '-f', key, ...options], {
    input: message,
    stdio: ['pipe', 'pipe', 'ignore'],
  }).toString();
}

/** What ssh-keygen says of it. */
export function sshVerifies(line: string, message: Uint8Array | string, armoured: string, namespace: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'dalil-ssh-'));
  try {
    writeFileSync(join(folder, 'allowed'), `somebody ${line}`);
    writeFileSync(join(folder, 'sig'), armoured);
    const { status } = spawnSync(
      'ssh-keygen',
      ['-Y', 'verify', '-f', join(folder, 'allowed'), '-I', 'somebody', '-n', namespace, '-s', join(folder, 'sig')],
      { input: message },
    );
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
export const wireString = (value: string | Uint8Array): Buffer =>
  Buffer.concat([number(Buffer.byteLength(value)), Buffer.from(value as never)]);
const mpint = (bytes: Uint8Array): Buffer => {
  const at = bytes.findIndex((byte) => byte !== 0);
  const trimmed = bytes.subarray(at);
  return wireString(trimmed[0]! > 127 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
};
const hashOf = (name: string, bytes: Uint8Array): Buffer => createHash(name).update(bytes).digest();
export const armour = (bytes: Uint8Array): string =>
  `-----BEGIN SSH SIGNATURE-----\n${Buffer.from(bytes).toString('base64').replaceAll(/.{70}/g, '$&\n').trimEnd()}\n-----END SSH SIGNATURE-----\n`;

/** A FIDO token of software: signs over application, flags and counter, as OpenSSH's PROTOCOL.u2f has it. */
export class SoftToken {
  readonly #private: KeyObject;
  readonly #type: string;
  readonly #blob: Buffer;
  readonly line: string;

  constructor(kind: 'ed25519' | 'ecdsa') {
    const pair =
      kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const { x, y } = pair.publicKey.export({ format: 'jwk' }) as { x: string; y?: string };
    const raw = (text: string) => Buffer.from(text, 'base64url');
    this.#private = pair.privateKey;
    this.#type = kind === 'ed25519' ? 'sk-ssh-ed25519@openssh.com' : 'sk-ecdsa-sha2-nistp256@openssh.com';
    const point =
      kind === 'ed25519'
        ? [wireString(raw(x))]
        : [wireString('nistp256'), wireString(Buffer.concat([Buffer.of(4), raw(x), raw(y!)]))];
    this.#blob = Buffer.concat([wireString(this.#type), ...point, wireString('ssh:')]);
    this.line = `${this.#type} ${this.#blob.toString('base64')} token\n`;
  }

  sign(message: string | Uint8Array, namespace: string, flags = 5): string {
    const signed = Buffer.concat([
      Buffer.from('SSHSIG'),
      ...[namespace, '', 'sha512', hashOf('sha512', Buffer.from(message as never))].map(wireString),
    ]);
    const tail = Buffer.concat([Buffer.of(flags), number(7)]);
    const over = Buffer.concat([hashOf('sha256', Buffer.from('ssh:')), tail, hashOf('sha256', signed)]);
    let value: Buffer;
    if (this.#type.startsWith('sk-ssh')) value = sign(null, over, this.#private);
    else {
      const pair = sign('sha256', over, { key: this.#private, dsaEncoding: 'ieee-p1363' });
      value = Buffer.concat([mpint(pair.subarray(0, 32)), mpint(pair.subarray(32))]);
    }
    const inner = Buffer.concat([wireString(this.#type), wireString(value), tail]);
    return armour(
      Buffer.concat([
        Buffer.from('SSHSIG'),
        number(1),
        ...[this.#blob, Buffer.from(namespace), Buffer.from(''), Buffer.from('sha512'), inner].map(wireString),
      ]),
    );
  }
}

export const fixtureMessage = 'dalil-receipt/1\nfrom: بستان\n';
export const fixtureNamespace = 'custody@dalil';

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const out = fileURLToPath(new URL('./fixtures/sshsig', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'dalil-ssh-'));
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const write = (name: string, line: string, armoured: string): void => {
    writeFileSync(join(out, `${name}.pub`), line);
    writeFileSync(join(out, `${name}.sig`), armoured);
  };
  for (const kind of ['ed25519', 'ecdsa', 'rsa'] as const) {
    const line = makeSshKey(join(folder, kind), kind);
    write(kind, line, sshSign(join(folder, kind), fixtureMessage, fixtureNamespace));
  }
  const line = readFileSync(join(folder, 'ed25519.pub'), 'utf8');
  write(
    'ed25519-sha256',
    line,
    sshSign(join(folder, 'ed25519'), fixtureMessage, fixtureNamespace, '-O', 'hashalg=sha256'),
  );
  write('other-namespace', line, sshSign(join(folder, 'ed25519'), fixtureMessage, 'file'));
  for (const kind of ['ed25519', 'ecdsa'] as const) {
    const token = new SoftToken(kind);
    write(`sk-${kind}`, token.line, token.sign(fixtureMessage, fixtureNamespace));
  }
  rmSync(folder, { recursive: true, force: true });
}
