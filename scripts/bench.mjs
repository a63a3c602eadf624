// npm run bench: measures the program beside its peers. Plain JavaScript, so that it runs before anything is installed,
// and then starts the benchmarks, which are TypeScript.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!existsSync(join(root, 'node_modules', 'tsx'))) {
  console.error('Nothing is installed yet.\nnext: npm ci, then npm run bench');
  process.exit(1);
}
const main = join(root, 'bench', 'main.ts');
const child = spawn(process.execPath, ['--import', 'tsx', main, ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
// The child has heard Ctrl-C itself, and removes its folders before it ends.
process.on('SIGINT', () => {});
child.on('exit', (code) => process.exit(code ?? 130));
