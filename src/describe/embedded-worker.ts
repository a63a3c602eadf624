// The module that a comparing thread runs: files in, what their small pictures show of them out.
import { serveWorker } from '../store/workers.ts';
import { compareEmbedded } from './embedded.ts';

serveWorker(compareEmbedded);
