// `npm start`: the sample case from beginning to end, then the Case page. See src/cli/sample.ts.
import { install, root, run } from './install.mjs';
import { join } from 'node:path';

install();
process.exit(run(process.execPath, ['--import', 'tsx', join(root, 'scripts/sample.ts'), ...process.argv.slice(2)]));
