// A stamped case from beginning to end: commands that write have it stamped, status says what waits, a bundle carries
// the proofs, and the check believes no token that was altered, moved or made by somebody else.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBundle, checkCase, type Report } from '@dalil/verify';
import { judgesTimestamps } from '@dalil/verify/check-timestamps';
import { nodeFiles } from '@dalil/verify/node';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import type { DossierContent } from '../report/content.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil } from './dalil.fixture.ts';

const skipped = withoutOpenssl();
if (skipped !== null) console.warn(`left out: the tests with a time authority (${skipped})`);
const whole = test.skipIf(skipped !== null);

let home: TestHome;
let folder: string;
let server: Server;
let asked = 0;
const at = (name: string): string => join(folder, name);

async function dalil(code: number, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const ran = await runDalil(home.env, ['-C', at('case'), ...args]);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  return ran;
}

beforeAll(async () => {
  if (skipped !== null) return;
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-stamped-'));
  const authority = new TestAuthority(at('authority'));
  authority.issue('other-root', { by: null, from: '20200101000000Z', to: '20450101000000Z', as: 'root' });
  for (const name of ['root', 'other-root']) await writeFile(at(`${name}.pem`), authority.pem(name));
  server = createServer((request, response) => {
    asked++;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => response.end(authority.reply(Buffer.concat(chunks))));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  await mkdir(at('letters'));
  for (let i = 0; i < 3; i++) await writeFile(at(`letters/${i}.txt`), `letter ${i}`);

  await dalil(0, 'new', at('case'), '--name', 'Stamped');
  await dalil(0, 'intake', at('letters'), '--source', 'S');
  expect(asked).toBe(0);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  await dalil(0, 'timestamp', 'authority', 'add', 'outside', '--url', url, '--anchor', at('root.pem'));
  expect((await dalil(0, 'status')).stdout).toMatch(/timestamps by outside: no token yet; \d+ records wait/);
  expect((await dalil(0, 'describe')).stderr).toMatch(/timestamped {2}outside: \d+ records at 20/);
  expect((await dalil(0, 'status')).stdout).toMatch(/timestamps by outside: \d+ records at 20\S+; nothing waits/);
  // Minutes have not passed: the authority is left in peace.
  await dalil(0, 'group');
  expect(asked).toBe(1);
  await dalil(0, 'timestamp', '--force');
  await dalil(0, 'timestamp', '--force');
  await dalil(0, 'export', '--format', 'bundle', '--out', at('bundle'));
}, 120_000);
afterAll(async () => {
  if (skipped !== null) return;
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

const check = (name: 'case' | 'bundle', judged = true): Promise<Report> =>
  (name === 'case' ? checkCase : checkBundle)(
    nodeFiles(at(name)),
    undefined,
    judged ? { timestamps: judgesTimestamps({ now: new Date() }) } : {},
  );
const filesIn = async (name: string): Promise<string[]> =>
  (await readdir(at(name), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
    .toSorted();
const codes = ({ problems }: Report): string[] => problems.map(({ code, where }) => `${code} ${where}`);

/** With these bytes, or none, in place of a file. */
async function altered<T>(path: string, bytes: Buffer | null, act: () => Promise<T>): Promise<T> {
  const before = await readFile(at(path)).catch(() => null);
  const place = async (content: Buffer | null): Promise<void> => {
    await rm(at(path), { force: true });
    await mkdir(dirname(at(path)), { recursive: true });
    if (content !== null) await writeFile(at(path), content);
  };
  await place(bytes);
  try {
    return await act();
  } finally {
    await place(before);
  }
}
function flipped(bytes: Buffer): Buffer {
  const other = Buffer.from(bytes);
  other[other.length - 3]! ^= 1;
  return other;
}

whole(
  'verify says since when the records are unchanged, and what that does not show',
  { timeout: 60_000 },
  async () => {
    for (const of of [[], [at('bundle')]]) {
      const { stdout } = await dalil(0, 'verify', ...of);
      expect(stdout).toMatch(
        /unchanged since 20\S+Z; this does not show where, when or by whom the pictures were taken\.\n3 timestamps hold, by O=Invented, CN=stamps\n/,
      );
      expect(stdout).toContain('the word of the case itself');
      const { stdout: trusted } = await dalil(0, 'verify', ...of, '--anchor', at('root.pem'));
      expect(trusted).toContain('unchanged since');
      expect(trusted).not.toContain('the word of the case itself');
      const { stdout: foreign } = await dalil(4, 'verify', ...of, '--anchor', at('other-root.pem'));
      expect(foreign).toContain('timestamp-untrusted');
      expect(foreign).not.toContain('unchanged since');
    }
  },
);

whole('verify --since compares with a checkpoint that was kept', { timeout: 60_000 }, async () => {
  const { stdout: line } = await dalil(0, 'checkpoint');
  expect((await dalil(0, 'verify', '--since', line)).stdout).toContain('unchanged  The first');
  const wrong = line
    .trim()
    .slice(0, -9)
    .replace(/ (\d+) (\S)/, (_, size, first) => ` ${size} ${first === 'A' ? 'B' : 'A'}`);
  expect((await dalil(4, 'verify', '--since', wrong)).stdout).toContain('rewritten');
  expect(JSON.parse((await dalil(0, 'verify', '--json', '--since', line)).stdout)).toMatchObject({
    ok: true,
    since: { code: 'extends' },
  });
});

whole('a case and its bundle hold, and without a reader of timestamps that is said', async () => {
  for (const name of ['case', 'bundle'] as const) {
    const report = await check(name);
    expect(codes(report)).toEqual([]);
    expect(report.timestamps?.tokens).toHaveLength(3);
    expect(report.timestamps?.unchangedSince?.size).toBe(report.timestamps?.tokens.at(-1)?.checkpoint.size);
    const bare = await check(name, false);
    expect(codes(bare)).toEqual([]);
    expect(bare.timestamps).toBeNull();
    expect(bare.notes.map(({ message }) => message)).toContain('3 timestamps, which this check cannot read');
  }
});

whole('whatever is altered of what was stamped is named', { timeout: 60_000 }, async () => {
  const paths = await filesIn('case');
  const published = paths.filter((path) => path.startsWith('log/checkpoints/'));
  expect(published).toHaveLength(6);
  for (const path of published) {
    const bytes = await readFile(at(`case/${path}`));
    const report = await altered(`case/${path}`, flipped(bytes), () => check('case'));
    expect(codes(report)).toEqual([`file-altered ${path}`]);
    // A copy: what it is a copy of is in the case.
    const without = await altered(`case/${path}`, null, () => check('case'));
    expect(without).toMatchObject({ ok: true, notes: [{ where: path }] });
    const moved = path.replace(/[^/]+$/, 'outside-9.tsr');
    expect(codes(await altered(`case/${moved}`, bytes, () => check('case')))).toEqual([`file-unexpected ${moved}`]);
    const other = published.find((one) => one !== path)!;
    const swapped = await altered(`case/${path}`, await readFile(at(`case/${other}`)), () => check('case'));
    expect(codes(swapped)).toContain(`file-altered ${path}`);
  }
  const { timestamps } = await check('case');
  const blobs = paths.filter((path) => path.startsWith('records/blobs/'));
  let named = 0;
  for (const path of blobs) {
    const report = await altered(`case/${path}`, flipped(await readFile(at(`case/${path}`))), () => check('case'));
    expect(codes(report)).toContain(`file-altered ${path}`);
    named += timestamps!.tokens.filter(({ record }) =>
      report.problems.some(({ code, where }) => code === 'citation-broken' && where.endsWith(`#${record}`)),
    ).length;
  }
  // A reply and a checkpoint each for three tokens, and the anchor for all of them.
  expect(named).toBe(9);
});

whole('a bundle shows that its stamped checkpoints lead to its own', async () => {
  const proofs = (await filesIn('bundle')).filter((path) => path.startsWith('data/checkpoints/'));
  expect(proofs.length).toBeGreaterThanOrEqual(3);
  for (const path of proofs) {
    const gone = await altered(`bundle/${path}`, null, () => check('bundle'));
    expect(codes(gone)).toContain(`proof-missing ${path}`);
    expect(
      gone.problems.some(({ code, where }) => code === 'checkpoint-root' && where.startsWith('data/records/')),
    ).toBe(true);
    const hash = Buffer.from(`${Buffer.alloc(32).toString('base64')}\n`);
    expect(codes(await altered(`bundle/${path}`, hash, () => check('bundle')))).toContain(`proof-altered ${path}`);
  }
});

whole(
  'the front page of a dossier says who signed, over how many records, and that the rest is not signed',
  async () => {
    await dalil(0, 'dossier', 'build', 'signed', '--out', at('signed.pdf'));
    const { front, meta, figures } = JSON.parse(await readFile(at('signed.json'), 'utf8')) as DossierContent;
    const words = JSON.stringify(front.find(({ id }) => id === 'front.what-sealed-does-not-mean')!.text);
    expect(words).toContain(' outside authority of time has');
    expect(words).toContain('{"given":"outside"}');
    const under = figures.find(({ id }) => id === 'outside.stamped')!;
    expect(under.denominator).toBe(meta.checkpoint.size);
    expect(under.value).toBeGreaterThan(0);
    expect(under.value).toBeLessThan(meta.checkpoint.size);
  },
);
