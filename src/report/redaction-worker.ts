// The module that a redacting thread runs: originals in, redacted copies out.
import { serveWorker } from '../store/workers.ts';
import { redactOriginal } from './redacted-picture.ts';

serveWorker(redactOriginal);
