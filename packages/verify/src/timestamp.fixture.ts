// A time authority of our own for tests, of openssl's making: root, intermediate, and certificates good and bad.
// `node --import tsx packages/verify/src/timestamp.fixture.ts` writes the replies in fixtures/timestamps anew.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { timestampRequest } from './timestamp.ts';

/** Why tests with openssl are left out on this machine, or null where they can run. */
export function withoutOpenssl(): string | null {
  const { status, stdout } = spawnSync('openssl', ['version'], { encoding: 'utf8' });
  if (status !== 0) return 'openssl is not installed';
  return /^OpenSSL [3-9]/.test(stdout) ? null : `${stdout.trim()} is not OpenSSL 3`;
}

export const policies = { usual: '1.3.6.1.4.1.99999.1', other: '1.3.6.1.4.1.99999.2', unknown: '1.3.6.1.4.1.99999.9' };

const configuration = `
[ca]
default_ca = authority
[authority]
dir = .
database = $dir/index.txt
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir/issued
default_md = sha256
policy = any
unique_subject = no
default_crl_days = 3650
rand_serial = yes
[any]
organizationName = optional
commonName = supplied
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:true,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamps]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
[not-critical]
extendedKeyUsage = timeStamping
[two-uses]
extendedKeyUsage = critical,timeStamping,codeSigning
[another-use]
extendedKeyUsage = critical,codeSigning
[no-authority]
basicConstraints = critical,CA:false
[tsa]
serial = ./tsa-serial
crypto_device = builtin
signer_digest = sha256
default_policy = ${policies.usual}
other_policies = ${policies.other}
digests = sha1, sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
[req]
distinguished_name = dn
prompt = no
[dn]
commonName = unused
`;

/** An authority in a folder, made in a third of a second. Names of certificates are names of files. */
export class TestAuthority {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(join(folder, 'issued'), { recursive: true });
    writeFileSync(join(folder, 'openssl.cnf'), configuration);
    for (const name of ['serial', 'crlnumber', 'tsa-serial']) writeFileSync(join(folder, name), '01\n');
    writeFileSync(join(folder, 'index.txt'), '');
    this.issue('root', { by: null, from: '20200101000000Z', to: '20491231235959Z', as: 'root', key: 'rsa' });
    this.issue('intermediate', { by: 'root', from: '20200101000000Z', to: '20481231235959Z', as: 'intermediate' });
    this.issue('stamps', { by: 'intermediate', from: '20200101000000Z', to: '20451231235959Z', as: 'stamps' });
  }

  /** Runs one command of openssl in the folder; arguments have no spaces in them. */
  openssl(command: string, input?: Uint8Array): Buffer {
    return execFileSync('openssl', command.split(' '), {
      cwd: this.folder,
      env: { ...process.env, OPENSSL_CONF: 'openssl.cnf' },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(input === undefined ? {} : { input }),
    });
  }

  #write(name: string, bytes: Uint8Array | string): void {
    writeFileSync(join(this.folder, name), bytes);
  }

  /** Times as 20200101000000Z; `by` null for one that signs itself; `as` a section of the configuration. */
  issue(name: string, parts: { by: string | null; from: string; to: string; as: string; key?: 'rsa' | 'ec' }): void {
    const { by, from, to, as, key = 'ec' } = parts;
    const algorithm = key === 'rsa' ? 'rsa:2048' : 'ec -pkeyopt ec_paramgen_curve:P-256';
    this.openssl(
      `req -new -newkey ${algorithm} -nodes -keyout ${name}.key -out ${name}.csr -subj /O=Invented/CN=${name}`,
    );
    const signer = by === null ? `-selfsign -keyfile ${name}.key` : `-cert ${by}.pem -keyfile ${by}.key`;
    const dates = `-startdate ${from} -enddate ${to}`;
    this.openssl(`ca -batch -notext -preserveDN ${signer} ${dates} -extensions ${as} -in ${name}.csr -out ${name}.pem`);
    this.#write(`${name}.chain.pem`, by === null ? '' : this.pem(by) + this.pem(`${by}.chain`));
  }

  pem(name: string): string {
    return readFileSync(join(this.folder, `${name}.pem`), 'utf8');
  }

  der(name: string): Buffer {
    return this.openssl(`x509 -in ${name}.pem -outform DER`);
  }

  /** A request of openssl's own. */
  query(message: Uint8Array, options: string): Buffer {
    this.#write('message', message);
    return this.openssl(`ts -query -data message -cert ${options}`);
  }

  /** What `openssl ts` answers to a request. */
  reply(query: Uint8Array, name = 'stamps'): Buffer {
    this.#write('query.tsq', query);
    const signer = `-signer ${name}.pem -inkey ${name}.key -chain ${name}.chain.pem`;
    return this.openssl(`ts -reply -config openssl.cnf -section tsa -queryfile query.tsq ${signer}`);
  }

  /** A granted reply whose timestamp says `genTime` (20240101000000Z), signed with any certificate. */
  forge(reply: Uint8Array, { name, genTime, ess = true }: { name: string; genTime?: string; ess?: boolean }): Buffer {
    this.#write('reply.tsr', reply);
    const token = this.openssl('ts -reply -in reply.tsr -token_out');
    let info = this.openssl('cms -verify -noverify -binary -inform DER', token).toString('latin1');
    if (genTime !== undefined) info = info.replace(/\d{14}Z/, genTime);
    const signer = `-signer ${name}.pem -inkey ${name}.key -certfile ${name}.chain.pem${ess ? ' -cades' : ''}`;
    const type = '1.2.840.113549.1.9.16.1.4';
    const forged = this.openssl(
      `cms -sign -binary -nodetach -md sha256 -econtent_type ${type} ${signer} -outform DER`,
      Buffer.from(info, 'latin1'),
    );
    const body = Buffer.concat([Buffer.from('3003020100', 'hex'), forged]);
    return Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 255]), body]);
  }

  revoke(name: string, reason: string, by = 'intermediate'): void {
    this.openssl(`ca -revoke ${name}.pem -crl_reason ${reason} -cert ${by}.pem -keyfile ${by}.key`);
  }

  /** The list of what was revoked, DER. */
  revocations(by = 'intermediate'): Buffer {
    return this.openssl('crl -outform DER', this.openssl(`ca -gencrl -cert ${by}.pem -keyfile ${by}.key`));
  }

  /** Whether `openssl ts -verify` accepts a reply over this message, trusting `root` and nothing else. */
  accepts(reply: Uint8Array, message: Uint8Array, root = 'root'): boolean {
    this.#write('reply.tsr', reply);
    this.#write('message', message);
    const command = `ts -verify -in reply.tsr -data message -CAfile ${root}.pem`;
    return spawnSync('openssl', command.split(' '), { cwd: this.folder }).status === 0;
  }
}

export const fixtures = new URL('./fixtures/timestamps/', import.meta.url);
/** What the kept replies stamp: a checkpoint as any other. */
export const stampedNote =
  'dalil.invalid/008ba6f2c8f0fffcfb351898b9234490\n1\n91WYp7ye330yVtxWT1M2ZcI4QxCrbVxURDUIkt61LIM=\n';
export const sentNonce = Buffer.from('00f1e2d3c4b5a697', 'hex');

function writeFixtures(): void {
  const folder = mkdtempSync(join(tmpdir(), 'dalil-authority-'));
  try {
    const authority = new TestAuthority(folder);
    const message = Buffer.from(stampedNote);
    const files = new Map<string, Uint8Array>();
    const always = { by: 'intermediate', from: '20200101000000Z', to: '20451231235959Z' };
    authority.issue('rsa', { ...always, as: 'stamps', key: 'rsa' });
    authority.issue('old', { ...always, to: '20210101000000Z', as: 'stamps' });
    authority.issue('later', { ...always, from: '20440101000000Z', as: 'stamps' });
    for (const as of ['not-critical', 'two-uses', 'another-use']) authority.issue(as, { ...always, as });
    authority.issue('no-authority', { ...always, by: 'root', as: 'no-authority' });
    authority.issue('below', { ...always, by: 'no-authority', as: 'stamps' });
    authority.issue('other-root', { ...always, by: null, as: 'root' });
    authority.issue('stranger', { ...always, by: 'other-root', as: 'stamps' });
    authority.issue('superseded', { ...always, as: 'stamps' });
    authority.issue('compromised', { ...always, as: 'stamps' });

    const query = (policy?: string): Uint8Array =>
      timestampRequest({ message, nonce: sentNonce, ...(policy === undefined ? {} : { policy }) });
    const good = authority.reply(query());
    const past = '20200601000000Z';
    files.set('good.tsr', good);
    files.set('good-rsa-sha512.tsr', authority.reply(authority.query(message, '-sha512 -no_nonce'), 'rsa'));
    files.set('other-policy.tsr', authority.reply(query(policies.other)));
    files.set('rejected.tsr', authority.reply(query(policies.unknown)));
    files.set('sha1-imprint.tsr', authority.reply(authority.query(message, '-sha1 -no_nonce')));
    files.set('expired-since.tsr', authority.forge(good, { name: 'old', genTime: past }));
    files.set('expired-before.tsr', authority.forge(good, { name: 'old', genTime: '20220601000000Z' }));
    files.set('not-yet-valid.tsr', authority.forge(good, { name: 'later' }));
    for (const name of ['not-critical', 'two-uses', 'another-use', 'below', 'stranger']) {
      files.set(`${name}.tsr`, authority.forge(good, { name }));
    }
    files.set('unnamed-signer.tsr', authority.forge(good, { name: 'stamps', ess: false }));
    for (const name of ['superseded', 'compromised']) {
      files.set(`${name}.tsr`, authority.forge(good, { name, genTime: past }));
    }
    files.set('none-revoked.crl', authority.revocations());
    authority.revoke('superseded', 'superseded');
    authority.revoke('compromised', 'keyCompromise');
    files.set('revoked.crl', authority.revocations());
    for (const name of ['root', 'other-root']) files.set(`${name}.der`, authority.der(name));

    const target = fileURLToPath(fixtures);
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(target)) rmSync(join(target, name));
    for (const [name, bytes] of files) writeFileSync(join(target, name), bytes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFixtures();
