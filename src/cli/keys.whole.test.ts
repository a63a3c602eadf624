// dalil keys as people use it: processes of their own, a home that is protected, taken away, backed up, restored; and what
// can be done with a case whose keys are gone.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBundle, checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil, type Ran } from './dalil.fixture.ts';

const program = fileURLToPath(new URL('../../bin/dalil', import.meta.url));
const passphrase = 'mill river lantern seven';
let home: TestHome;
let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
const files = () => at('files');

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-keys-'));
  await mkdir(files());
  for (let i = 0; i < 5; i++) await writeFile(join(files(), `${i}.txt`), `letter ${i}`);
  await writeFile(at('passphrase'), `${passphrase}\n`);
  await writeFile(at('wrong'), 'mill river lantern eight\n');
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A home of its own on the same database, and the command line in it. */
function homeOf(name: string, more: Record<string, string> = {}) {
  const env: Record<string, string> = { ...home.env, DALIL_HOME: at(name), ...more };
  return { env, run: (...args: string[]): Promise<Ran> => runDalil(env, args) };
}

async function done(ran: Promise<Ran>, code = 0): Promise<Ran> {
  const result = await ran;
  expect(result.code, result.stderr).toBe(code);
  return result;
}

const sound = async (path: string): Promise<void> => {
  expect((await checkCase(nodeFiles(path))).problems).toEqual([]);
};

test('keys change and are revoked; case, bundle and a checkpoint kept before still verify', async () => {
  const { run } = homeOf('h1');
  const c = at('c1');
  await done(run('new', c, '--name', 'Keys'));
  await done(run('-C', c, 'intake', files(), '--source', 'S'));
  const { line } = (await done(run('-C', c, 'checkpoint', '--json'))).json<{ line: string }>();
  const { key } = (await done(run('-C', c, 'keys', 'rotate', '--reason', 'a year', '--json'))).json<{ key: number }>();
  expect(key).toBe(1);
  await done(run('-C', c, 'describe'));
  const revoked = ['keys', 'revoke', '1', '--reason', 'compromised', '--since', '2020-01-01', '--json'];
  expect((await done(run('-C', c, ...revoked))).json()).toMatchObject({ revoked: 1, current: 2 });
  await done(run('-C', c, 'group'));
  await done(run('-C', c, 'export', '--format', 'bundle', '--out', at('b1')));
  for (const path of [c, at('b1')]) {
    const { stdout, stderr } = await done(run('verify', path));
    expect(stdout + stderr).toContain('revoked key 1, which was stolen');
  }
  expect((await checkBundle(nodeFiles(at('b1')))).problems).toEqual([]);
  expect(await readdir(at('b1/data/keys'))).toEqual(['1', '2']);
  await done(run('verify', c, '--since', line));
  const view = (await done(run('-C', c, 'keys', '--json'))).json<{
    case: { writable: boolean; keys: { state: string }[] };
  }>();
  expect(view.case.writable).toBe(true);
  expect(view.case.keys.map(({ state }) => state)).toEqual(
    ['in force', 'revoked', 'retired'].flatMap((state) => [state, state]),
  );
  const table = (await done(run('-C', c, 'keys'))).stdout;
  for (const word of ['records 2', 'revoked: compromised 2020-01-01', 'stolen', 'lost', 'identity']) {
    expect(table).toContain(word);
  }
  // Everything again from the folder: the index knows of the changes what it knew.
  await done(run('-C', c, 'rebuild'));
  expect((await done(run('-C', c, 'keys', '--json'))).json()).toEqual(view);
});

test('what cannot be is refused before anything is written', async () => {
  const { run } = homeOf('h1');
  const c = at('c1');
  const before = (await checkCase(nodeFiles(c))).checkpoint;
  for (const args of [
    ['revoke'],
    ['revoke', 'x', '--reason', 'lost'],
    ['revoke', '9', '--reason', 'lost'],
    ['revoke', '0'],
    ['revoke', '0', '--reason', 'bored'],
    ['revoke', '0', '--reason', 'lost', '--since', 'yesterday'],
    ['revoke', '0', '--reason', 'lost', '--since', '2026-02-31'],
    ['rotate', '--reason', 'x'.repeat(501)],
    ['rotate', 'more'],
    ['unlock'],
    ['unlock', '--minutes', '0'],
    ['backup', '--out', at('x')],
    ['backup', '--out', at('x'), '--recipient', 'age1nonsense'],
    ['shred'],
  ]) {
    const { code, stderr } = await run('-C', c, 'keys', ...args);
    expect(code, `${args.join(' ')}: ${stderr}`).toBe(2);
  }
  expect((await checkCase(nodeFiles(c))).checkpoint).toEqual(before);
});

test('a protected home: nothing is added without the passphrase; a file, or a process that holds it, opens it', async () => {
  const { run, env } = homeOf('h2');
  const c = at('c2');
  await done(run('new', c, '--name', 'Protected'));
  await done(run('keys', 'protect', '--passphrase-file', at('passphrase')));
  const rotate = ['-C', c, 'keys', 'rotate'];
  const refused = await done(run(...rotate), 12);
  expect(refused.stderr).toContain('protected by a passphrase');
  // Reading needs no key, and neither does the table.
  await done(run('-C', c, 'status'));
  await done(run('-C', c, 'verify'));
  expect((await done(run('-C', c, 'keys'))).stdout).toContain('a passphrase');
  const variable = await done(homeOf('h2', { DALIL_PASSPHRASE: passphrase }).run(...rotate), 2);
  expect(variable.stderr).toContain('not taken from a variable');
  const wrong = await done(homeOf('h2', { DALIL_PASSPHRASE_FILE: at('wrong') }).run(...rotate), 12);
  expect(wrong.stderr).toContain('not the passphrase');
  const absent = await done(homeOf('h2', { DALIL_PASSPHRASE_FILE: at('nowhere') }).run(...rotate), 1);
  for (const { stdout, stderr } of [refused, variable, wrong, absent]) {
    expect(stdout + stderr).not.toMatch(/mill river|AGE-SECRET|nowhere/);
  }
  await done(homeOf('h2', { DALIL_PASSPHRASE_FILE: at('passphrase') }).run(...rotate));
  await done(run('keys', 'unlock', '--passphrase-file', at('wrong')), 12);
  await done(run('keys', 'unlock', '--minutes', '5', '--passphrase-file', at('passphrase')));
  try {
    await done(run(...rotate));
    await done(run('-C', c, 'intake', files(), '--source', 'S'));
    expect((await done(run('-C', c, 'keys'))).stdout).toContain('held open until');
    // Whoever finds it held open does not change the protection.
    await done(run('keys', 'unprotect'), 12);
  } finally {
    await done(run('keys', 'lock'));
  }
  await done(run(...rotate), 12);
  await done(homeOf('h2', { DALIL_PASSPHRASE_FILE: at('passphrase') }).run('keys', 'unprotect'));
  await done(run(...rotate));
  await sound(c);
  expect(env['DALIL_HOME']).toBe(at('h2'));
});

test('on a terminal the passphrase is asked for, and not shown', async (context) => {
  if (spawnSync('script', ['--version']).status !== 0) return context.skip('there is no `script` here');
  const { run, env } = homeOf('h3');
  const c = at('c3');
  await done(run('new', c, '--name', 'Typed'));
  /** Runs in a terminal of its own, and answers each question as it comes. */
  const typed = (args: string[], answers: string[]): Promise<{ code: number; screen: string }> =>
    new Promise((settle) => {
      const command = [process.execPath, program, '-C', c, ...args].map((word) => `'${word}'`).join(' ');
      const child = spawn('script', ['-qec', command, '/dev/null'], { env: { ...env, TERM: 'dumb' } });
      let screen = '';
      let asked = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        screen += String(chunk);
        while (asked < (screen.match(/(?:passphrase|keys|again): /gi) ?? []).length)
          child.stdin.write(answers[asked++] ?? '\u0003');
      });
      child.on('close', (code) => settle({ code: code ?? -1, screen }));
    });
  const different = await typed(['keys', 'protect'], [`${passphrase}\r`, 'another one\r']);
  expect(different).toMatchObject({ code: 2 });
  const kept = await typed(['keys', 'protect'], [`mill x\u007friver\u0015${passphrase}\r`, `${passphrase}\r`]);
  expect(kept.code, kept.screen).toBe(0);
  const right = await typed(['keys', 'rotate'], [`${passphrase}\r`]);
  expect(right.code, right.screen).toBe(0);
  const wrong = await typed(['keys', 'rotate'], ['something else\r']);
  expect(wrong.code, wrong.screen).toBe(12);
  const away = await typed(['keys', 'rotate'], ['mill\u0003']);
  expect(away.code, away.screen).toBe(130);
  for (const { screen } of [different, kept, right, wrong, away]) expect(screen).not.toMatch(/mill|something else/);
  expect((await checkCase(nodeFiles(c))).checkpoint?.size).toBe(2);
});

test("an age identity of one's own opens the home, and another does not", async () => {
  const { run } = homeOf('h4');
  const { generateX25519Identity } = await import('age-encryption');
  for (const name of ['own', 'other']) await writeFile(at(name), `# made today\n${await generateX25519Identity()}\n`);
  const c = at('c4');
  await done(run('new', c, '--name', 'Own identity'));
  await done(run('keys', 'protect', '--identity', at('own')));
  const told = await done(run('-C', c, 'keys', 'rotate'), 12);
  expect(told.stderr).toContain('an identity of your own');
  await done(homeOf('h4', { DALIL_IDENTITY: at('other') }).run('-C', c, 'keys', 'rotate'), 12);
  await done(homeOf('h4', { DALIL_IDENTITY: at('passphrase') }).run('-C', c, 'keys', 'rotate'), 2);
  await done(homeOf('h4', { DALIL_IDENTITY: at('own') }).run('-C', c, 'keys', 'rotate'));
  await sound(c);
});

test('a backup opens in another home, and by the tools age and openssl', async () => {
  const first = homeOf('h5');
  const c = at('c5');
  await done(first.run('new', c, '--name', 'Backed up'));
  await done(first.run('-C', c, 'keys', 'rotate'));
  const backup = ['-C', c, 'keys', 'backup', '--out'];
  await done(first.run(...backup, at('k5'), '--passphrase-file', at('passphrase')));
  await done(first.run(...backup, at('k5'), '--passphrase-file', at('passphrase')), 2);
  const second = homeOf('h6');
  await done(second.run('-C', c, 'keys', 'rotate'), 12);
  await done(second.run('keys', 'restore', at('k5'), '--passphrase-file', at('wrong')), 12);
  await done(second.run('keys', 'restore', at('passphrase'), '--passphrase-file', at('passphrase')), 1);
  await done(second.run('keys', 'restore', at('k5')), 2);
  await done(second.run('keys', 'restore', at('k5'), '--passphrase-file', at('passphrase')));
  await done(second.run('-C', c, 'keys', 'rotate'));
  // The first home does not have the keys that the second one made.
  const behind = await done(first.run('-C', c, 'intake', files(), '--source', 'S'), 12);
  expect(behind.stderr).toContain('were changed');
  const { generateX25519Identity, identityToRecipient } = await import('age-encryption');
  const own = await generateX25519Identity();
  await writeFile(at('keeper'), `${own}\n`);
  await done(second.run(...backup, at('k6'), '--recipient', await identityToRecipient(own)));
  await done(first.run('keys', 'restore', at('k6')), 2);
  await done(first.run('keys', 'restore', at('k6'), '--identity', at('keeper')));
  await done(first.run('-C', c, 'intake', files(), '--source', 'S'));
  await sound(c);
});

test('what a backup holds, the tools age and openssl read', async (context) => {
  if (spawnSync('age', ['--version']).status !== 0) return context.skip('there is no `age` here');
  const run = promisify(execFile);
  const { stdout } = await run('age', ['-d', '-i', at('keeper'), at('k6')]);
  const { keys } = JSON.parse(stdout) as { keys: Record<string, string> };
  const [name, pem] = Object.entries(keys).find(([one]) => one.startsWith('checkpoints-'))!;
  await writeFile(at('pem'), pem);
  const der = await run('openssl', ['pkey', '-in', at('pem'), '-pubout', '-outform', 'DER'], { encoding: 'buffer' });
  expect(name).toBe(`checkpoints-${der.stdout.subarray(-32).toString('base64url')}.age`);
});

test('a case whose home is gone loses no evidence: it verifies, and goes on as evidence of a new case', async () => {
  const lost = homeOf('h7');
  const c = at('c7');
  await done(lost.run('new', c, '--name', 'Orphaned'));
  await done(lost.run('-C', c, 'intake', files(), '--source', 'S'));
  await rm(at('h7'), { recursive: true });
  const { run } = homeOf('h8');
  await done(run('-C', c, 'verify'));
  await done(run('-C', c, 'status'));
  const { line } = (await done(run('-C', c, 'checkpoint', '--json'))).json<{ line: string }>();
  // An export says in the log that it was made, which nobody can any more.
  for (const args of [
    ['export', '--format', 'bundle', '--out', at('b7')],
    ['intake', files(), '--source', 'S'],
  ]) {
    expect((await done(run('-C', c, ...args), 12)).stderr).toContain('dalil keys');
  }
  const told = await done(run('-C', c, 'keys'));
  for (const word of ['No evidence is lost', 'dalil keys restore', 'dalil new', 'dalil checkpoint']) {
    expect(told.stderr).toContain(word);
  }
  const next = at('c8');
  await done(run('new', next, '--name', 'Goes on'));
  await writeFile(at('checkpoint'), `${line}\n`);
  await done(run('-C', next, 'intake', c, at('checkpoint'), '--source', 'FIRST-CASE'));
  await sound(next);
  await done(run('-C', next, 'export', '--format', 'bundle', '--out', at('b8'), '--originals'));
  expect((await checkBundle(nodeFiles(at('b8')))).problems).toEqual([]);
  // The folder, whole, lies among the originals: the old log can be checked from there.
  const { stdout } = await done(run('-C', next, 'items', '--json'));
  for (const path of ['case.json', 'log/checkpoint', 'records/000.p/']) expect(stdout).toContain(path);
  await done(run('verify', c, '--since', line));
});

test('a change of keys killed at any moment leaves a case that verifies and can be written to', async () => {
  const { run, env } = homeOf('h9');
  const c = at('c9');
  await done(run('new', c, '--name', 'Killed'));
  const start = performance.now();
  await done(run('-C', c, 'keys', 'rotate'));
  const took = performance.now() - start;
  let died = 0;
  for (let i = 0; i < 14; i++) {
    const child = spawn(process.execPath, [program, '-C', c, 'keys', 'rotate'], { env, stdio: 'ignore' });
    const ended = new Promise<boolean>((settle) => child.on('close', (_, signal) => settle(signal === 'SIGKILL')));
    // From the first third on: before that nothing is written.
    const timer = setTimeout(() => child.kill('SIGKILL'), took * (0.35 + (0.65 * i) / 14));
    if (await ended) died++;
    clearTimeout(timer);
    await sound(c);
  }
  expect(died).toBeGreaterThan(3);
  await done(run('-C', c, 'keys', 'rotate'));
  await done(run('-C', c, 'intake', files(), '--source', 'S'));
  await sound(c);
});

test('nothing of a private key or a passphrase is in a case, and in the home only what is encrypted', async () => {
  await cp(at('c2'), at('copy'), { recursive: true });
  for (const root of [at('copy'), at('h4', 'keys')]) {
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name), 'latin1');
      expect(bytes, entry.name).not.toMatch(/PRIVATE KEY|AGE-SECRET-KEY|mill river/);
    }
  }
});
