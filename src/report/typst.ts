// Sets pages into PDF/A with Typst, in a worker thread: a compilation holds its thread for as long as it lasts. The
// content goes in as JSON and nothing else, so that no string of a case is ever read as markup.
import { readFileSync } from 'node:fs';
import { openWorkers } from '../store/workers.ts';
import type { DossierContent } from './content.ts';
import { dossierFaces, fontFiles } from './fonts.ts';
import { typeset } from './typeset.ts';

/** A-3a is published; UA-1 is exported by a test, because it fails on what a screen reader could not read. */
export type PdfStandard = 'a-3a' | 'ua-1';

export interface Compiled {
  pdf: Uint8Array;
  pages: number;
}

/** What the worker is asked. */
export interface CompileTask {
  /** The template, as Typst. */
  source: string;
  /** What it reads as content.json. */
  json: string;
  fonts: string[];
  /** Seconds since 1970, or 0 where the content has no time. */
  createdAt: number;
  standard: PdfStandard;
}

// The longest volume takes about a minute on a slow core; a compilation that takes ten hangs.
const timeLimit = 600_000;

/**
 * One volume of a dossier as a PDF: the same bytes for the same content, in any process, folder or time zone. Throws a
 * Fault with Typst's own words if the template fails or warns.
 */
export async function compileDossier(
  content: DossierContent,
  options: { volume?: number; standard?: PdfStandard; template?: URL } = {},
): Promise<Compiled> {
  const { signedAt } = content.meta.checkpoint;
  return compilePages({
    template: options.template ?? new URL('./templates/dossier.typ', import.meta.url),
    json: JSON.stringify(typeset(content, options.volume ?? 1, dossierFaces())),
    createdAt: signedAt === null ? 0 : Math.floor(Date.parse(signedAt) / 1000),
    ...(options.standard === undefined ? {} : { standard: options.standard }),
  });
}

/** Pages from a template and the JSON that it reads. Throws a Fault with Typst's own words if it fails or warns. */
export async function compilePages(pages: {
  template: URL;
  json: string;
  createdAt: number;
  standard?: PdfStandard;
}): Promise<Compiled> {
  const workers = openWorkers<CompileTask, Compiled>(new URL('./typst-worker.ts', import.meta.url), {
    threads: 1,
    timeLimit,
  });
  try {
    return await workers.run({
      source: readFileSync(pages.template, 'utf8'),
      json: pages.json,
      fonts: fontFiles(),
      createdAt: pages.createdAt,
      standard: pages.standard ?? 'a-3a',
    });
  } finally {
    await workers.close();
  }
}
