// The thread in which Typst runs: one task in, one PDF out.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { NodeCompiler } from '@myriaddreamin/typst-ts-node-compiler';
import { Fault } from '../case/fault.ts';
import { serveWorker } from '../store/workers.ts';
import type { Compiled, CompileTask } from './typst.ts';

// A made-up root: the only files that the template can read are the two given here.
const root = resolve('/dalil-dossier-without-files');

serveWorker<CompileTask, Compiled>((task) => {
  const compiler = NodeCompiler.create({
    workspace: root,
    fontArgs: [{ fontBlobs: task.fonts.map((file) => readFileSync(file)) }],
  });
  compiler.mapShadow(resolve(root, 'content.json'), Buffer.from(task.json));
  const compiled = compiler.compile({ mainFileContent: task.source });
  const said = compiled.hasError() ? compiled.takeDiagnostics() : compiled.takeWarnings();
  const document = compiled.result;
  // An unknown font is only a warning to Typst: a page in another font is not the same page.
  if (said || !document) throw refused(JSON.stringify(said?.shortDiagnostics ?? 'no document'));
  try {
    const pdf = compiler.pdf(document, { pdfStandard: task.standard, creationTimestamp: task.createdAt });
    return { pdf: new Uint8Array(pdf), pages: document.numOfPages };
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error));
  } finally {
    // What Typst remembers is the process's and outlives this thread: volume after volume it would add up.
    compiler.evictCache(0);
  }
});

function refused(got: string): Fault {
  return new Fault('fault', { what: 'This could not be set into pages.', got });
}
