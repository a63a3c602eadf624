// Brings this clone's own installation up to date: packages by the lock file, web application and verifiers by their
// sources. Plain Node without a dependency, because it runs before there is any. Does nothing where nothing has changed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Ends the process with a message that says what to do. */
export function fail(...lines) {
  console.error(lines.join('\n'));
  process.exit(1);
}

/** Runs a program in the clone with its output shown; gives its exit code. */
export function run(command, args, env = {}) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error !== undefined) fail(`${command} could not be started: ${error.message}`);
  return signal === null ? (status ?? 1) : signal === 'SIGINT' ? 130 : 1;
}

function demandNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major >= 24 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19)) return;
  fail(
    'This Node.js does not run Dalil.',
    '  expected: 20.19 or later, 22.12 or later, or 24',
    `  got: ${process.versions.node}`,
    '  next: install one of these (https://nodejs.org), and run the same command again',
  );
}

/** Runs `work` unless the stamp says that it was done for these very inputs, and its result is there. */
function once(stamp, inputs, work, result = stamp) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(input).update('\0');
  const wanted = hash.digest('hex');
  if (existsSync(result) && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

function filesBelow(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]))
    .toSorted();
}

/** A build, unless it was made for these very sources and is there. Each folder of sources, or file, is below the root. */
function built(name, sources, result, build) {
  const files = sources.flatMap((source) =>
    statSync(join(root, source)).isDirectory() ? filesBelow(source) : [source],
  );
  const contents = files.flatMap((file) => [file, readFileSync(join(root, file))]);
  once(join(root, 'node_modules/.dalil', name), contents, build, join(root, result));
}

/** Packages, web application and verifiers, up to date. `NODE_ENV` of the caller must not leave out what the build needs. */
export function install() {
  demandNode();
  const lock = readFileSync(join(root, 'package-lock.json'));
  const machine = `${process.versions.modules} ${process.platform} ${process.arch}`;
  once(join(root, 'node_modules/.dalil/packages'), [lock, machine], () => {
    console.error('installing packages (npm ci) …');
    const code = run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
    if (code !== 0) {
      fail(
        'The packages could not be installed.',
        '  expected: the npm registry, or a cache of it, within reach; and this folder writable',
        `  got: npm ci ended with ${code}; its own message stands above`,
        '  next: mend that, and run the same command again',
      );
    }
  });
  built('web', ['src/web', 'src/case', 'vite.config.ts', 'package-lock.json'], 'dist/web/index.html', () => {
    console.error('building the web application …');
    const code = run(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
      NODE_ENV: 'production',
    });
    if (code !== 0) fail('The web application could not be built; the message of vite stands above.');
  });
  const ofVerifiers = ['packages/verify', 'scripts/build-verify.mjs', 'package-lock.json'];
  built('verify', ofVerifiers, 'dist/verify/verify.html', () => {
    console.error('building the verifiers …');
    const code = run(process.execPath, ['scripts/build-verify.mjs']);
    if (code !== 0) fail('The verifiers could not be built; the message of esbuild stands above.');
  });
}
