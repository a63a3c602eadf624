// What every worker thread runs first, in plain JavaScript: a thread inherits no loader that all Node versions agree on,
// so it registers its own before it imports the TypeScript module that does the work.

import { workerData } from 'node:worker_threads';
import { register } from 'tsx/esm/api';

register({ tsconfig: false });
await import(workerData.module);
