// The module that a thread for other tools' claims runs.

import { serveWorker } from '../store/workers.ts';
import { refuseToFetch } from './c2pa.ts';
import { judgeClaim } from './provenance.ts';

refuseToFetch();
serveWorker(async (input: Parameters<typeof judgeClaim>[0]) => {
  try {
    return await judgeClaim(input);
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) process.exit(1);
    throw error;
  }
});
