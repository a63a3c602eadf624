// The vault as people use it: the program in processes of its own, guardians with key files, and not a word of an
// identity on any screen.
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesBelow, found, makeGuardians, type TestGuardian } from '../../protect/vault.fixture.ts';
import { openTestHome, type TestHome } from '../../store/test-database.ts';

const program = fileURLToPath(new URL('../../../bin/dalil', import.meta.url));
const planted = ['Yusuf Ibrahim Haddad-Nasrallah', 'يوسف إبراهيم حداد نصر الله', 'interview-with-Haddad-at-Mersin'];
const screens: string[] = [];

let home: TestHome;
let folder: string;
let guardians: TestGuardian[];
beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-vault-'));
  guardians = await makeGuardians('anna', 'boris', 'dora');
  for (const { name, keyFile } of guardians) await writeFile(join(folder, `${name}.key`), keyFile);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** `dalil` on the case, standing in the test's folder, with this on its standard input. */
function dalil(args: readonly string[], input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, '-C', join(folder, 'case'), ...args], {
      env: { ...home.env, NO_COLOR: '1' },
      cwd: folder,
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.on('error', reject);
    // A command that does not read its input may have ended before it came.
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('close', (code) => {
      screens.push(stdout, stderr);
      resolve({ code: code ?? -1, stdout, stderr });
    });
  });
}
async function refused(code: number, args: readonly string[], input?: string): Promise<string> {
  const ran = await dalil(args, input);
  expect([ran.code, ran.stdout], ran.stderr).toEqual([code, '']);
  return ran.stderr;
}
async function done(args: readonly string[], input?: string): Promise<string> {
  const ran = await dalil(args, input);
  expect(ran.code, ran.stderr).toBe(0);
  return ran.stdout;
}

test(
  'from making the vault to opening it: each refusal says why, and no screen says who',
  { timeout: 120_000 },
  async () => {
    await done(['new', join(folder, 'case'), '--name', 'Vault']);
    const said = JSON.stringify({ name: planted[0], arabic: planted[1] });
    expect(await refused(2, ['vault', 'add', '--pseudonym', 'Caesar'], said)).toContain('no vault yet');
    const named = guardians.flatMap(({ name, recipient }) => ['--guardian', `${name}=${recipient}`]);
    const inside = ['vault', 'init', '--threshold', '2', ...named, '--out', 'case/shares'];
    expect(await refused(2, inside)).toContain('must not lie in the case');
    await done(['vault', 'init', '--threshold', '2', ...named, '--out', 'shares']);
    expect((await readdir(join(folder, 'shares'))).toSorted()).toEqual(
      ['anna', 'boris', 'dora'].map((name) => `guardian-${name}.age`),
    );

    await done(['vault', 'add', '--pseudonym', 'Caesar'], `${said}\n`);
    const recording = join(folder, `${planted[2]}.opus`);
    await writeFile(recording, planted[1]!.repeat(1000));
    await done(['vault', 'keep', '--pseudonym', 'Caesar', '--kind', 'recording', recording]);
    await refused(2, ['vault', 'keep', '--pseudonym', 'Caesar', '--kind', planted[0]!, recording]);
    await refused(1, ['vault', 'keep', '--pseudonym', 'Caesar', '--kind', 'recording', `${recording}.gone`]);
    await refused(1, ['vault', 'add', '--pseudonym', 'Caesar', '--file', `${planted[2]}.gone`]);
    await refused(2, ['vault', 'add', planted[0]!, '--pseudonym', 'Caesar'], said);
    await refused(2, ['vault', planted[0]!]);

    const shareOf = (name: string, key = name) =>
      ['vault', 'share', '--share', `shares/guardian-${name}.age`, '--identity', `${key}.key`] as const;
    await refused(12, shareOf('anna', 'boris'));
    await mkdir(join(folder, 'texts'));
    for (const { name } of guardians) await writeFile(join(folder, 'texts', name), await done(shareOf(name)));
    const corrupt = (await readFile(join(folder, 'texts/boris'), 'utf8')).replace(/salt ./, 'salt ');
    await writeFile(join(folder, 'texts/corrupt'), corrupt);

    const open = (...texts: string[]) =>
      [
        'vault',
        'open',
        '--purpose',
        'for the inquiry',
        '--pseudonym',
        'Caesar',
        '--out',
        'out',
        '--shares',
        ...texts,
      ] as const;
    expect(await refused(12, open('texts/anna'))).toContain('Too few guardians');
    expect(await refused(12, open('texts/anna', 'texts/corrupt'))).toContain('boris: the text is damaged');
    expect(JSON.parse(await done(['vault', 'status', '--json']))).toMatchObject({ openings: [] });
    expect(await readdir(folder)).not.toContain('out');
    await done(open('texts/dora', 'texts/anna'));

    const out = join(folder, 'out');
    const files = (await readdir(out)).toSorted();
    expect(files).toEqual(['2-identity.txt', `3-recording-${planted[2]}.opus`, 'things.json']);
    expect(await readFile(join(out, files[0]!), 'utf8')).toBe(`${said}\n`);
    expect(await readFile(join(out, files[1]!))).toEqual(await readFile(recording));
    expect((await stat(out)).mode & 0o777).toBe(0o700);
    for (const file of files) expect((await stat(join(out, file))).mode & 0o777).toBe(0o600);
    const again = await refused(2, open('texts/dora', 'texts/anna'));
    expect(again).toContain('--out is a new folder');

    await done([
      'vault',
      'rotate',
      '--purpose',
      'new guardians',
      '--threshold',
      '2',
      ...named,
      '--out',
      'new',
      '--shares',
      'texts/dora',
      'texts/boris',
    ]);
    const status = await done(['vault', 'status']);
    expect(status).toMatch(/^2 of 3 guardians open it: anna, boris, dora; since \d{4}-/);
    expect(status).toContain('Caesar  1 identity, 1 recording');
    expect(status).toContain('2 openings');
    expect(status).toMatch(/Caesar {2}operator with dora, anna: for the inquiry/);

    await done(['export', '--format', 'bundle', '--out', 'bundle']);
    await done(['verify', 'bundle']);
    await done(['verify']);
    await done(['rebuild']);
    expect(await done(['vault', 'status'])).toBe(status);

    const hits = found(planted, 'screen', Buffer.from(screens.join('\n')));
    for (const below of [join(folder, 'case'), join(folder, 'bundle'), home.home]) {
      for await (const { path, bytes } of bytesBelow(below)) hits.push(...found(planted, path, bytes));
    }
    expect(hits).toEqual([]);
  },
);
