// `npm test`: everything. First what `npm run check` does, then the tests that start databases, browsers and processes.
import { install, run } from './install.mjs';

install();
const vitest = ['node_modules/vitest/vitest.mjs', 'run'];
const code =
  run(process.execPath, ['scripts/check.mjs']) ||
  run(process.execPath, [...vitest, '--project', 'whole', ...process.argv.slice(2)]);
process.exit(code);
