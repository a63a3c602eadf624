// Every row of a case's index, as tests compare it: read as it stands, without bringing it up to date.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCaseFile } from '@dalil/verify';
import { openHome, readCases } from '../store/home.ts';
import { dumpSchema, openIndex } from '../store/index-database.ts';
import type { TestHome } from '../store/test-database.ts';

export async function dumpCase({ home: path, env }: TestHome, folder: string): Promise<string[]> {
  const home = await openHome(path);
  const { id } = parseCaseFile(await readFile(join(folder, 'case.json'), 'utf8'));
  const schemas = (await readCases(home))[id]?.['schemas'] as Record<string, string> | undefined;
  const schema = schemas?.[folder];
  const index = await openIndex({ home, env, caseId: id, ...(schema === undefined ? {} : { schema }) });
  try {
    const lines: string[] = [];
    for await (const line of dumpSchema(index.pool, index.schema)) lines.push(line);
    return lines;
  } finally {
    await index.close();
  }
}
