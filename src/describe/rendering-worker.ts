// The module that a rendering thread runs: originals in, small pictures out.
import { serveWorker } from '../store/workers.ts';
import { renderOriginal } from './rendering.ts';

serveWorker(renderOriginal);
