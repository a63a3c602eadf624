// The module that a thread for other tools' claims runs.

import { serveWorker } from '../store/workers.ts';
import { refuseToFetch } from './c2pa.ts';
import { judgeClaim } from './provenance.ts';

refuseToFetch();
serveWorker(judgeClaim);
