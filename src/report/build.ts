// Building a dossier: content from the state at one checkpoint, pages from the content, both kept as derivatives of the
// case, and afterwards the record that it was built.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { citedPath, sha256, toHex, type FileCitation } from '@dalil/verify';
import { asFault } from '../case/fault.ts';
import type { OpenCase } from '../log/case.ts';
import { dossierContent, templateVersion, type DossierInput } from './dossier.ts';
import { compileDossier } from './typst.ts';

export interface BuiltDossier {
  edition: number;
  pages: number;
  /** Where the volumes were written to: the first as asked, further ones beside it. */
  paths: string[];
  /** What it says, as data, with every citation. */
  contentPath: string;
}

/** The state that a dossier is built from: an edition, and the checkpoint it is a function of. */
export interface DossierState {
  edition: number;
  /** The last edition's checkpoint, where nothing but reports was written down since: the same state gives the same bytes. */
  checkpoint: { size: number; root: string } | null;
}

/** The last edition again where the case has not changed since, else the next one. */
export async function nextState({ index, log }: OpenCase, name: string): Promise<DossierState> {
  const { rows } = await index.pool.query<{ edition: number; size: number; root: string }>(
    'select edition, size, root from dossier where name = $1 order by position desc limit 1',
    [name],
  );
  const last = rows[0];
  if (last === undefined) return { edition: 1, checkpoint: null };
  const { rows: since } = await index.pool.query<{ n: number }>(
    "select count(*) as n from record where position >= $1 and kind not like 'report.%'",
    [last.size],
  );
  if (since[0]!.n > 0 || log.size < last.size) return { edition: last.edition + 1, checkpoint: null };
  return { edition: last.edition, checkpoint: { size: last.size, root: last.root } };
}

/** Compiles and writes the dossier, then writes down that it was built. Throws a Fault where anything in it is not cited. */
export async function buildDossier(
  opened: OpenCase,
  name: string,
  input: DossierInput,
  out: string,
): Promise<BuiltDossier> {
  const content = dossierContent(input);
  const json = new TextEncoder().encode(`${JSON.stringify(content)}\n`);
  const volumes: { pdf: Uint8Array; pages: number }[] = [];
  for (const { number } of content.volumes) volumes.push(await compileDossier(content, { volume: number }));
  const files: Record<string, FileCitation> = { content: derivative(json) };
  for (const [i, { pdf }] of volumes.entries()) files[`volume${i + 1}`] = derivative(pdf);
  const bytes = [json, ...volumes.map(({ pdf }) => pdf)];
  // Derivatives durable before the record that cites them.
  await opened.folder.write(Object.values(files).map((file, i) => ({ path: citedPath(file), bytes: bytes[i]! })));
  const pages = volumes.reduce((sum, volume) => sum + volume.pages, 0);
  const stem = out.slice(0, out.length - extname(out).length);
  const paths = volumes.map((_, i) => (i === 0 ? out : `${stem}-${i + 1}.pdf`));
  const contentPath = `${stem}.json`;
  try {
    await mkdir(dirname(out), { recursive: true });
    await Promise.all(volumes.map(({ pdf }, i) => writeFile(paths[i]!, pdf)));
    await writeFile(contentPath, json);
  } catch (error) {
    throw asFault(error, 'writing the dossier');
  }
  const { size, root } = input.view.checkpoint;
  await opened.log.append(opened.actor, async (turn) => {
    const { rows } = await opened.index.pool.query<{ files: Record<string, FileCitation> }>(
      'select files from dossier where name = $1 and edition = $2 order by position desc limit 1',
      [name, input.edition],
    );
    // Built again with the same bytes: nothing new to write down.
    if (
      rows[0] !== undefined &&
      Object.entries(files).every(([role, { sha256: hex }]) => rows[0]!.files[role]?.sha256 === hex)
    )
      return;
    turn.add({
      kind: 'report.dossier',
      dossier: name,
      edition: input.edition,
      template: templateVersion,
      checkpoint: { size, root },
      pages,
      files,
    });
  });
  return { edition: input.edition, pages, paths, contentPath };
}

function derivative(bytes: Uint8Array): FileCitation {
  return { store: 'derivatives', sha256: toHex(sha256(bytes)), size: bytes.length };
}
