// What every worker thread runs first: it loads the TypeScript module that does the work, as the program itself is loaded.
import { workerData } from 'node:worker_threads';
import { load } from '../load.mjs';

await load(workerData.module);
