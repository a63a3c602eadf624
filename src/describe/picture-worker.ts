// The module that a describing thread runs: files in, descriptions out.

import { serveWorker } from '../store/workers.ts';
import { describeFile } from './picture.ts';

serveWorker(describeFile);
