// The module that a thread for documents runs.

import { serveWorker } from '../store/workers.ts';
import { describeDocument } from './document.ts';

serveWorker(describeDocument);
