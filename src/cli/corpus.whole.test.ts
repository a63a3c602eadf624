// Real cameras, broken pictures and articles, where the shared corpus is at hand beside the project.
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CaseView, ItemView, Reconciliation } from '../case/views.ts';
import type { PassLine } from '../describe/passes.ts';
import { hasPerl } from '../describe/perl.ts';
import type { ReadView } from '../describe/queries.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dumpCase } from './case-dump.fixture.ts';
import { runDalil } from './dalil.fixture.ts';

const shared = resolve(import.meta.dirname, '../../../shared');
const here = existsSync(join(shared, 'corpus')) && existsSync(join(shared, 'articles'));
if (!here) console.log('skipped: no corpus beside the project');

let home: TestHome;
let folder: string;

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-corpus-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** The rows of one table of the case. */
async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  const lines = (await dumpCase(home, join(folder, 'case'))).map((line) => JSON.parse(line) as Record<string, unknown>);
  const start = lines.findIndex((line) => line['table'] === table && Object.keys(line).length <= 2);
  const end = lines.findIndex((line, at) => at > start && 'table' in line);
  return lines.slice(start + 1, end < 0 ? undefined : end);
}

async function countFiles(path: string): Promise<number> {
  return (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => !entry.isDirectory()).length;
}

test.skipIf(!here)(
  '400 malformed and 100 real files are received and described: each accounted for, none crashes',
  async () => {
    const dalil = (...args: string[]) => runDalil(home.env, ['-C', join(folder, 'case'), ...args]);
    await runDalil(home.env, ['new', join(folder, 'case'), '--name', 'Corpus']);
    const intake = await dalil('intake', join(shared, 'corpus'), '--source', 'corpus', '--json');
    expect([0, 3]).toContain(intake.code);
    const { reconciliation } = intake.json<{ reconciliation: Reconciliation }>();
    expect(reconciliation.received).toBe(await countFiles(join(shared, 'corpus')));
    expect(reconciliation.received).toBe(reconciliation.sealed + reconciliation.duplicate + reconciliation.quarantined);

    const run = await dalil('run', '--json');
    expect(run.code).toBe(3);
    const view = (await dalil('status', '--json')).json<CaseView & { passes: PassLine[]; read: ReadView }>();
    // Of the malformed ones 140 are recordings.
    expect(view.read.recordings).toMatchObject({ of: 140, read: 140 });
    expect(view.read.documents.read).toBe(view.read.documents.of);
    expect(view.stages.find(({ name }) => name === 'describe')).toMatchObject({ pending: 0 });
    expect(view.passes[0]).toMatchObject({ tool: 'dalil-describe', done: reconciliation.sealed, pending: 0 });
    console.log(
      `corpus: ${JSON.stringify(reconciliation)}; problems ${view.problems.map(({ code, count }) => `${code} ${count}`).join(', ')}`,
    );

    const items = (await dalil('items', '--json')).lines<ItemView>();
    expect(items).toHaveLength(reconciliation.received);
    const listed = (await dalil('status', '--problems', '--json')).lines<{ item: string | null }>();
    const reasons = new Set(listed.map(({ item }) => item));
    for (const { id, path, state } of items) if (state === 'broken') expect(reasons.has(id), path).toBe(true);

    const articles = await dalil('intake', join(shared, 'articles'), '--source', 'press', '--json');
    expect(articles.json<{ reconciliation: Reconciliation }>().reconciliation.received).toBe(
      await countFiles(join(shared, 'articles')),
    );
    await dalil('run');
    const texts = (await dalil('items', '--json')).lines<ItemView>().filter(({ path }) => path.endsWith('.txt'));
    for (const text of texts) expect(text.format, text.path).toMatch(/^text\//);
    const rows = await rowsOf('document');
    const characters = new Map(rows.map(({ item, characters: n }) => [item, n]));
    expect(texts.length).toBeGreaterThan(0);
    for (const { id, path } of texts) expect(characters.get(id), path).toBeGreaterThan(1000);
    const metadata = await rowsOf('metadata');
    if (hasPerl()) {
      const media = /^(?:image\/|video\/|audio\/|application\/pdf$)/;
      const read = (await rowsOf('description')).filter(({ format }) => media.test(String(format)));
      expect(metadata.filter(({ second }) => second === true)).toHaveLength(read.length);
    }
    console.log(`metadata of ${metadata.length} items, ${rows.length} documents`);
    expect((await dalil('verify', '--json')).json<{ ok: boolean }>().ok).toBe(true);
  },
);
