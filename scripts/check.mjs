// `npm run check`: types, lint, format, layers and unit tests, in under a minute. All are run, whatever the first says.
import { spawn } from 'node:child_process';
import { install, root } from './install.mjs';

install();
const checks = [
  ['types', 'node_modules/typescript/bin/tsc', '--noEmit'],
  ['lint', 'node_modules/oxlint/bin/oxlint'],
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'],
  ['unit tests', 'node_modules/vitest/vitest.mjs', 'run', '--project', 'unit'],
];

/** Runs one check and gives what it printed, so that two at a time do not write into each other. */
function check([name, ...args]) {
  const began = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root });
    const printed = [];
    child.stdout.on('data', (chunk) => printed.push(chunk));
    child.stderr.on('data', (chunk) => printed.push(chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      resolve({ name, code, text: Buffer.concat(printed).toString(), seconds });
    });
  });
}

let failed = 0;
for (const pair of [checks.slice(0, 3), checks.slice(3)]) {
  for (const { name, code, text, seconds } of await Promise.all(pair.map(check))) {
    if (code !== 0 || name === 'unit tests') process.stdout.write(text);
    console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
    if (code !== 0) failed++;
  }
}
process.exit(failed === 0 ? 0 : 1);
