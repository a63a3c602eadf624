// A watched case at the command line: the request that somebody carries, the answer that comes back, what status and verify
// say of it, and a bundle of one item that shows it to strangers.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBundle, consistencyPath } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { makeWitness } from '../seal/witness.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil } from './dalil.fixture.ts';

let home: TestHome;
let folder: string;
const witness = makeWitness('witness.example/w1');
const at = (name: string): string => join(folder, name);

async function dalil(code: number, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-witnessed-'));
  await mkdir(at('letters'));
  for (let i = 0; i < 3; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i}`);
  await dalil(0, 'new', at('case'), '--name', 'Watched');
  await dalil(0, 'intake', at('letters'), '--source', 'S');
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

test(
  'a request is carried out, the answer comes back, and the case and its bundle are witnessed',
  { timeout: 120_000 },
  async () => {
    await dalil(2, 'checkpoint', 'request', 'outside');
    await dalil(2, 'checkpoint', 'witness', 'add', 'outside', '--key', witness.vkey.replace('+B', '+A'));
    await dalil(0, 'checkpoint', 'witness', 'add', 'outside', '--key', witness.vkey);
    const { stdout: request } = await dalil(0, 'checkpoint', 'request', 'outside');
    expect(request).toMatch(/^old 0\n\ndalil\.invalid\/[0-9a-f]{32}\n\d+\n\S{44}\n\n— \S+ \S+\n$/u);
    const note = request.slice('old 0\n\n'.length);
    await writeFile(at('cosigned'), request + witness.cosign(note, 1_790_000_000));
    expect((await dalil(0, 'checkpoint', 'cosign', at('cosigned'))).stderr).toContain('witnessed  outside: ');
    expect((await dalil(0, 'status')).stdout).toMatch(/witnessed by outside: \d+ records at 2026-09-21T14:13:20Z/);
    expect((await dalil(0, 'checkpoint', 'witness', 'list')).stdout).toMatch(
      /^outside +witness\.example\/w1 +\d+ records at/,
    );
    await dalil(0, 'export', '--format', 'bundle', '--item', 'E-00002', '--out', at('bundle'));
    for (const of of [[], [at('bundle')]]) {
      expect((await dalil(0, 'verify', ...of)).stdout).toMatch(
        /The first \d+ records: witnessed at 2026-09-21T14:13:20Z, when no other history of this log was known; cosignatures by witness\.example\/w1/,
      );
    }
  },
);

test('a bundle must show that the witnessed checkpoint leads to its own', async () => {
  const { cosignatures } = await checkBundle(nodeFiles(at('bundle')));
  const proof = consistencyPath(cosignatures[0]!.checkpoint.size);
  await rename(join(at('bundle'), proof), at('proof'));
  const { problems } = await checkBundle(nodeFiles(at('bundle')));
  const codes = problems.map(({ code, where }) => `${code} ${where}`);
  expect(codes).toContain(`proof-missing ${proof}`);
  expect(codes.some((code) => code.startsWith('checkpoint-root data/records/'))).toBe(true);
  await rename(at('proof'), join(at('bundle'), proof));
});

test('what was cosigned for another checkpoint is not kept', async () => {
  const given = await readFile(at('cosigned'), 'utf8');
  const { stderr } = await dalil(1, 'checkpoint', 'cosign', at('cosigned-nowhere'));
  expect(stderr).toContain('cannot be read');
  await writeFile(at('moved'), given.replace(/\n— witness\.example\S* \S+\n$/u, `\n${witness.cosign('other\n\n', 1)}`));
  expect((await dalil(1, 'checkpoint', 'cosign', at('moved'))).stderr).toContain('This cannot be kept');
});
