// `npm run bench`: the program measured beside its peers. See bench/main.ts; `npm run bench -- --help` says what there is.
import { join } from 'node:path';
import { install, root, run } from './install.mjs';

install();
process.exit(run(process.execPath, ['--import', 'tsx', join(root, 'bench/main.ts'), ...process.argv.slice(2)]));
