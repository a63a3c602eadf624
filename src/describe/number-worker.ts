// The module that a reading thread runs: pictures in, numbers out.
import { serveWorker } from '../store/workers.ts';
import { readPicture } from './number.ts';

serveWorker(readPicture);
