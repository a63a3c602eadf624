// A small bundle for the check by a shell: a delivery of letters, two of them disclosed, with a token of openssl's own
// authority, a cosignature, and a destruction.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestAuthority } from '../../packages/verify/src/timestamp.fixture.ts';
import { citedPath } from '@dalil/verify';
import { runDalil } from '../cli/dalil.fixture.ts';
import { openCase } from '../log/case.ts';
import { blobOf } from '../seal/authority.ts';
import { makeWitness } from '../seal/witness.fixture.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome } from '../store/test-database.ts';

export interface ShellBundle {
  folder: string;
  /** The bundle, and one packed before it from the same case. */
  bundle: string;
  earlier: string;
  /** A bundle of another line of history that the same keys signed, and one of another case. */
  forked: string;
  other: string;
  close(): Promise<void>;
}

export async function openShellBundle(): Promise<ShellBundle> {
  const home = await openTestHome();
  const folder = await mkdtemp(join(tmpdir(), 'dalil-shell-'));
  const at = (name: string): string => join(folder, name);
  const dalil = async (name: string, ...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await runDalil(home.env, ['-C', at(name), ...args]);
    if (code !== 0 && code !== 3) throw new Error(stderr);
    return stdout;
  };
  const authority = new TestAuthority(at('authority'));
  await writeFile(at('root.pem'), authority.pem('root'));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await mkdir(at('letters'));
  for (let i = 0; i < 12; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i % 10}`);
  const pack = (name: string, out: string) =>
    dalil(
      name,
      'export',
      '--format',
      'bundle',
      '--item',
      'E-00002',
      '--item',
      'E-00005',
      '--without',
      'path',
      '--originals',
      '--out',
      at(out),
    );
  await dalil('other', 'new', at('other'), '--name', 'Another');
  await dalil('other', 'intake', at('letters'), '--source', 'S');
  await pack('other', 'other-bundle');
  await dalil('case', 'new', at('case'), '--name', 'Letters');
  await dalil('case', 'intake', at('letters'), '--source', 'S');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await dalil('case', 'timestamp', 'authority', 'add', 'outside', '--url', url, '--anchor', at('root.pem'));
  await dalil('case', 'describe');
  const witness = makeWitness('witness.example/w1');
  await dalil('case', 'checkpoint', 'witness', 'add', 'watcher', '--key', witness.vkey);
  const note = await dalil('case', 'checkpoint', '--signed');
  await writeFile(
    at('cosigned'),
    note.replace(/\n+$/, '\n') + witness.cosign(note.replace(/\n+$/, '\n'), 1_790_000_000),
  );
  await dalil('case', 'checkpoint', 'cosign', at('cosigned'));
  await destroyTwo(at('case'), home);
  await pack('case', 'earlier');
  await cp(at('case'), at('fork'), { recursive: true });
  await dalil('case', 'timestamp', '--force');
  await pack('case', 'bundle');
  // The index holds what the fork does not: it gets one of its own.
  await dalil('fork', 'rebuild');
  await dalil('fork', 'timestamp', '--force');
  await pack('fork', 'forked');
  server.closeAllConnections();
  server.close();
  return {
    folder,
    bundle: at('bundle'),
    earlier: at('earlier'),
    forked: at('forked'),
    other: at('other-bundle'),
    async close() {
      await rm(folder, { recursive: true, force: true });
      await home.close();
    },
  };
}

/** A record that two letters were destroyed, as a deaccession leaves it; nobody here signs it, which a bundle does not show. */
async function destroyTwo(path: string, home: Awaited<ReturnType<typeof openTestHome>>): Promise<void> {
  const actor = { name: 'tester', tool: 'dalil destroy', version: '1' };
  const opened = await openCase(path, {
    home: await openHome(home.home),
    env: home.env,
    projections,
    actor,
    write: true,
  });
  const { rows } = await opened.index.pool.query<{ id: string }>(
    `select id from record where kind = 'intake.item' order by position desc limit 2`,
  );
  const bytes = new TextEncoder().encode('what was approved\n');
  await opened.folder.write([{ path: citedPath(blobOf(bytes)), bytes }]);
  await opened.log.append(actor, (turn) => {
    turn.add({
      kind: 'seal.deaccession',
      reason: 'legal-order',
      count: 2,
      why: 'an order',
      approvals: [],
      remains: [],
      refs: { items: rows.map(({ id }) => id) },
      files: { text: blobOf(bytes) },
    });
  });
  await opened.close();
}
