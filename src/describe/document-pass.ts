// The pass over documents: PDFs and texts, among them e-mails, in worker threads.
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { OpenCase } from '../log/case.ts';
import { openWorkers, WorkerLost } from '../store/workers.ts';
import { lostCodes, problem } from './description.ts';
import { defaultDocumentSettings, documentTool, documentVersion, type DocumentRecord } from './document-set.ts';
import type { DocumentInput } from './document.ts';
import { countChosen, runPass, type Looked, type PassOptions } from './pass.ts';
import { documentPass } from './passes.ts';

/** Describes the documents that are chosen. Throws Fault('cancelled') with what was done kept. */
export async function describeDocuments(
  opened: OpenCase,
  { threads, ...options }: PassOptions & { threads: number },
): Promise<Looked> {
  if ((await countChosen(opened, documentPass, options.choice)) === 0) return { looked: 0, written: 0 };
  const settings = defaultDocumentSettings;
  const module = new URL('./document-worker.ts', import.meta.url);
  const workers = openWorkers<DocumentInput, DocumentRecord>(module, { threads });
  const look = async (sha256: string, size: number): Promise<DocumentRecord> => {
    const path = join(opened.folder.path, citedPath({ store: 'originals', sha256, size }));
    try {
      return await workers.run({ path, size, settings });
    } catch (error) {
      if (!(error instanceof WorkerLost) || error.reason === 'closed') throw error;
      return {
        observation: { tool: documentTool, version: documentVersion, settings },
        document: { form: 'none', pages: null, characters: 0, cut: false },
        text: '',
        mail: null,
        properties: { tags: {}, withheld: [] },
        attachments: [],
        problems: [problem(lostCodes[error.reason])],
      };
    }
  };
  try {
    return await runPass(
      opened,
      {
        ...documentPass,
        window: threads * 4,
        look: async ({ sha256, size }) => (await look(sha256, size)) as unknown as Record<string, Json>,
      },
      options,
    );
  } finally {
    await workers.close();
  }
}
