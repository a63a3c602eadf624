// The pass over documents (PDF, office, mail, text) in worker threads: what they say, then the first pages of PDFs drawn.
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { Fault } from '../case/fault.ts';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost, type Workers } from '../store/workers.ts';
import { lostCodes, problem } from './description.ts';
import {
  defaultDocumentSettings,
  documentTool,
  documentVersion,
  type DocumentRecord,
  type DocumentSettings,
} from './document-set.ts';
import { GatheredText, saidOf } from './document-text.ts';
import type { DocumentAnswer, DocumentJob } from './document-worker.ts';
import { countChosen, runPass, type Looked, type PassOptions, type Pending } from './pass.ts';
import { documentPass } from './passes.ts';

/** Describes the documents that are chosen. Throws Fault('cancelled') with what was done kept. */
export async function describeDocuments(
  opened: OpenCase,
  { threads, ...options }: PassOptions & { threads: number },
): Promise<Looked> {
  if ((await countChosen(opened, documentPass, options.choice)) === 0) return { looked: 0, written: 0 };
  const module = new URL('./document-worker.ts', import.meta.url);
  const workers = openWorkers<DocumentJob, DocumentAnswer>(module, { threads });
  try {
    return await runPass(
      opened,
      {
        ...documentPass,
        window: threads * 4,
        look: async (item) =>
          (await look(opened, workers, item, defaultDocumentSettings)) as unknown as Record<string, Json>,
      },
      options,
    );
  } finally {
    await workers.close();
  }
}

type Documents = Workers<DocumentJob, DocumentAnswer>;

async function look(
  { folder, home, id }: OpenCase,
  workers: Documents,
  { sha256, size }: Pending,
  settings: DocumentSettings,
): Promise<DocumentRecord> {
  const path = join(folder.path, citedPath({ store: 'originals', sha256, size }));
  const record = await read(workers, { path, size, settings });
  const { form, pages } = record.document;
  if (form !== 'pdf' || settings.drawnPages === 0) return record;
  // Drawing is apart: a page that ends its thread takes nothing of what the document says with it.
  const thumbnailStem = join(home.thumbnails, id, sha256.slice(0, 2), sha256);
  await mkdir(dirname(thumbnailStem), { recursive: true, mode: 0o700 });
  const wanted = Math.min(settings.drawnPages, pages ?? 0);
  const drawn = await draw(workers, { path, thumbnailStem, pages: wanted, side: settings.thumbnailSide });
  const problems = drawn.length < wanted ? [...record.problems, problem('page-not-drawn')] : record.problems;
  return { ...record, document: { ...record.document, thumbnails: drawn }, problems };
}

async function read(workers: Documents, document: { path: string; size: number; settings: DocumentSettings }) {
  const { settings } = document;
  try {
    const answer = await workers.run({ document });
    if ('record' in answer) return answer.record;
    throw new Error('a thread answered another question');
  } catch (error) {
    if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
    return {
      observation: { tool: documentTool, version: documentVersion, settings },
      ...saidOf('none', null, new GatheredText({ settings, codes: new Set() })),
      problems: [problem(lostCodes[error.reason])],
    };
  }
}

/** The pages that could be drawn; a full disk is no fault of the document, everything else is. */
async function draw(workers: Documents, pages: Extract<DocumentJob, { pages: unknown }>['pages']) {
  try {
    const answer = await workers.run({ pages });
    return 'drawn' in answer ? answer.drawn : [];
  } catch (error) {
    if (error instanceof Fault || (error instanceof WorkerLost && error.reason === 'closed')) throw error;
    return [];
  }
}
