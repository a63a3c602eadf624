// The module that a thread for documents runs: what a document says, or its first pages drawn.

import { serveWorker } from '../store/workers.ts';
import type { DocumentRecord } from './document-set.ts';
import { describeDocument, type DocumentInput } from './document.ts';
import { drawPages, type PagesInput, type PagesSaid } from './pdf-pages.ts';

export type DocumentJob = { document: DocumentInput } | { pages: PagesInput };
export type DocumentAnswer = { record: DocumentRecord } | { drawn: PagesSaid };

serveWorker<DocumentJob, DocumentAnswer>(async (job) =>
  'document' in job ? { record: await describeDocument(job.document) } : { drawn: await drawPages(job.pages) },
);
