// A case as the tests of bundles need it: the sample, received and described; names that may not leave; a destruction;
// and, where openssl is, a time authority.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import {
  checkBundle,
  deaccessionNamespace,
  formatManifest,
  programs,
  receiptNamespace,
  type Report,
} from '@dalil/verify';
import { judgesTimestamps } from '@dalil/verify/check-timestamps';
import { nodeFiles } from '@dalil/verify/node';
import { makeSshKey, sshSign, withoutSshKeygen } from '../../packages/verify/src/sshsig.fixture.ts';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { runDalil } from '../cli/dalil.fixture.ts';
import { makeDemo } from '../demo/demo.ts';
import { openCase, type OpenCase } from '../log/case.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { bytesBelow } from '../protect/vault.fixture.ts';
import { addHolder, proposeReceipt, receiptBytes, receiveReceipt } from '../seal/custody.ts';
import { approveDeaccession, deaccessionBytes, proposeDeaccession } from '../seal/destruction.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome } from '../store/test-database.ts';
import { builtPrograms } from './bundle.ts';

export interface BundleCase {
  folder: string;
  path: string;
  env: Readonly<Record<string, string>>;
  /** Opens it once more, as another process would. */
  open(): Promise<OpenCase>;
  opened: OpenCase;
  /** Every record before any bundle. */
  records: LoggedRecord[];
  close(): Promise<void>;
}

/** What stands in the records of this case and nowhere by chance. */
export const secrets = {
  title: 'The Qalamoun deliveries',
  source: 'MULBERRY-TREE',
  folder: 'شهادات القلمون',
  holders: ["Amal's archive; rm -rf $HOME", 'أرشيف الشمال البعيد'] as [string, string],
  why: 'a second copy, kept abroad',
  order: 'ordered by the court of the northern district',
};

/** Makes the case; takes some fifteen seconds. */
export async function openBundleCase(): Promise<BundleCase> {
  const home = await openTestHome();
  const folder = await mkdtemp(join(tmpdir(), 'dalil-bundle-'));
  const at = (name: string): string => join(folder, name);
  const path = at('case');
  const dalil = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runDalil(home.env, ['-C', path, ...args]);
    if (code !== 0 && code !== 3) throw new Error(stderr);
  };
  await makeDemo({ directory: at('demo'), individuals: 8, seed: 'bundle', megapixels: 0.05 });
  // So many folders that the breakdown of their reconciliation is too large for a field, and becomes a file.
  for (let i = 0; i < 30; i++) {
    const deep = at(join('letters', secrets.folder, `${'a long name '.repeat(12)}${i}`));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, 'letter.txt'), `letter ${i % 25}`);
  }
  await symlink('nowhere', at('letters/a link'));
  await dalil('new', path, '--name', secrets.title);
  await dalil('run', at('demo/cache'), '--source', 'PHOTOGRAPHER', '--rules', at('demo/rules.json'));
  await dalil('run', at('letters'), '--source', secrets.source);
  const server = withoutOpenssl() === null ? await serveAuthority(at('authority'), at('root.pem')) : null;
  if (server !== null) {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    await dalil('timestamp', 'authority', 'add', 'outside', '--url', url, '--anchor', at('root.pem'));
    await dalil('timestamp', '--force');
  }
  await dalil('dossier', 'build', 'dossier', '--out', at('dossier.pdf'));
  const open = async (): Promise<OpenCase> =>
    openCase(path, {
      home: await openHome(home.home),
      env: home.env,
      projections,
      actor: { name: 'tester', tool: 'dalil export', version: '1' },
      write: true,
    });
  const opened = await open();
  if (withoutSshKeygen() === null) await handOver(opened, at);
  const records: LoggedRecord[] = [];
  for await (const record of opened.log.read(0)) records.push(record);
  await destroy(opened, records.filter(({ kind }) => kind === 'intake.item').slice(-2), at);
  for await (const record of opened.log.read(records.length)) records.push(record);
  return {
    folder,
    path,
    env: home.env,
    open,
    opened,
    records,
    async close() {
      server?.closeAllConnections();
      server?.close();
      await opened.close();
      await rm(folder, { recursive: true, force: true });
      await home.close();
    },
  };
}

/** Two holders, one with a name that a shell would take apart, and a receipt that both have signed. */
async function handOver(opened: OpenCase, at: (name: string) => string): Promise<void> {
  const [from, to] = secrets.holders;
  for (const [i, name] of [from, to].entries()) {
    await addHolder(opened, { name, publicKey: makeSshKey(at(`holder-${i}`)), note: null });
  }
  const now = new Date();
  const what = ['E-00003'];
  const act = { event: 'replication', what, from, to, when: now.toISOString(), why: secrets.why } as const;
  const receipt = receiptBytes(await proposeReceipt(opened, act, now));
  await receiveReceipt(
    opened,
    receipt,
    [0, 1].map((i) => sshSign(at(`holder-${i}`), receipt, receiptNamespace)),
  );
}

/** Two items are destroyed, for two people's word; where there is no ssh-keygen, the record alone says so. */
async function destroy(opened: OpenCase, gone: LoggedRecord[], at: (name: string) => string): Promise<void> {
  const [reason, why] = ['legal-order', secrets.order] as const;
  if (withoutSshKeygen() !== null) {
    await opened.log.append(opened.actor, (turn) => {
      const refs = { items: gone.map(({ id }) => id) };
      turn.add({ kind: 'seal.deaccession', reason, why, count: gone.length, approvals: [], remains: [], refs });
    });
    return;
  }
  const items = gone.map(({ handle }) => handle!);
  const text = deaccessionBytes(await proposeDeaccession(opened, { items, reason, why }));
  await approveDeaccession(
    opened,
    text,
    [0, 1].map((i) => sshSign(at(`holder-${i}`), text, deaccessionNamespace)),
  );
}

async function serveAuthority(folder: string, anchor: string): Promise<Server> {
  const authority = new TestAuthority(folder);
  await writeFile(anchor, authority.pem('root'));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** A whole check, timestamps included. */
export function checked(path: string): Promise<Report> {
  return checkBundle(nodeFiles(path), undefined, { timestamps: judgesTimestamps({ now: new Date() }) });
}

export const problemsOf = ({ problems }: Report): string[] => problems.map(({ code, where }) => `${code} ${where}`);

/** Every file of a bundle that speaks of its case: the programs to check with are the same bytes in every bundle. */
export async function* caseBytesIn(bundle: string): AsyncGenerator<{ path: string; bytes: Buffer }> {
  for await (const file of bytesBelow(bundle)) {
    const name = relative(bundle, file.path);
    const built = (programs as readonly string[]).includes(name) ? await readFile(join(builtPrograms, name)) : null;
    if (built === null || !file.bytes.equals(built)) yield file;
  }
}

/** Packs the bag again around whatever lies in the folder: its manifests hold. */
export async function packAgain(path: string): Promise<void> {
  const hashes = new Map<string, string>();
  let bytesOfPayload = 0;
  for await (const { path: file, bytes } of bytesBelow(path)) {
    const below = file.slice(path.length + 1);
    if (bytes.length === 0 || below === 'tagmanifest-sha256.txt') continue;
    hashes.set(below, createHash('sha256').update(bytes).digest('hex'));
    if (below.startsWith('data/')) bytesOfPayload += bytes.length;
  }
  const payload = new Map([...hashes].filter(([file]) => file.startsWith('data/')));
  const tags = new Map([...hashes].filter(([file]) => !file.startsWith('data/')));
  const info = await readFile(join(path, 'bag-info.txt'), 'utf8');
  const put = async (name: string, content: string): Promise<void> => {
    await writeFile(join(path, name), content);
    tags.set(name, createHash('sha256').update(content).digest('hex'));
  };
  await put('bag-info.txt', info.replace(/Oxum: .*/, `Oxum: ${bytesOfPayload}.${payload.size}`));
  await put('manifest-sha256.txt', formatManifest(payload));
  await writeFile(join(path, 'tagmanifest-sha256.txt'), formatManifest(tags));
}
