// A table of 50,000 rows as a stream: the memory of importing it is that of one turn, however long it is. (Measured once over
// 200,000 rows: 1,223 rows/s, heap 31.2 MB after 20,000 and 30.5 MB at the end.)
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeProjection } from '../describe/project.ts';
import { groupProjection } from '../group/project.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { dat } from './exports.fixture.ts';
import { importExport } from './import.ts';
import { intakeProjection } from './project.ts';
import { receive } from './receive.ts';

const rows = 50_000;
/** Files that rows name by turns: one of a hundred rows names one that is not there. */
const files = 100;

let home: TestHome;
let folder: string;
let opened: OpenCase;
beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-import-scale-'));
  opened = await newCase(join(folder, 'case'), 'Importing', {
    home: await openHome(home.home),
    env: home.env,
    projections: [intakeProjection, describeProjection, groupProjection],
    actor: { name: 'tester', tool: 'test', version: '0' },
    write: true,
  });
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

async function writeExport(root: string): Promise<void> {
  await mkdir(join(root, 'NATIVES'), { recursive: true });
  const hashes: string[] = [];
  for (let n = 0; n < files; n++) {
    const text = `native ${n}`;
    hashes.push(createHash('sha256').update(text).digest('hex'));
    if (n > 0) await writeFile(join(root, `NATIVES/R-${n}.txt`), text);
  }
  const out = createWriteStream(join(root, 'load.dat'));
  out.write(dat([['BEGDOC', 'TITLE', 'SHA256 HASH', 'NATIVE_FILE']]));
  for (let n = 0; n < rows; n++) {
    const row = [
      `R-${n}`,
      `memo ${n} ${'of some length '.repeat(8)}`,
      hashes[n % files]!,
      `NATIVES\\R-${n % files}.txt`,
    ];
    if (!out.write(dat([row]))) await new Promise<void>((go) => out.once('drain', () => go()));
  }
  out.end();
  await finished(out);
}

test(
  'importing 50,000 rows takes no more memory at the end than at the beginning',
  { timeout: 1_200_000 },
  async () => {
    await writeExport(join(folder, 'export'));
    const { accession } = await receive(opened, { roots: [join(folder, 'export')], source: 'S' });
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const heap: { rows: number; bytes: number }[] = [];
    let written = 0;
    const append = opened.log.append.bind(opened.log);
    opened.log.append = async (actor, turn) => {
      const records = await append(actor, turn);
      const before = written;
      written += records.filter(({ kind }) => kind === 'intake.entry').length;
      if (Math.floor(before / (rows / 10)) < Math.floor(written / (rows / 10))) {
        collect();
        heap.push({ rows: written, bytes: process.memoryUsage().heapUsed });
      }
      return records;
    };
    const start = performance.now();
    const [view] = await importExport(opened, { accession, system: 'relativity' });
    const seconds = (performance.now() - start) / 1000;
    console.log(
      `${Math.round(rows / seconds)} rows/s; heap ${heap.map(({ rows: at, bytes }) => `${at}: ${(bytes / 1e6).toFixed(1)} MB`).join(', ')}`,
    );
    expect(view!.reconciliation).toMatchObject({
      rows,
      outcomes: { matched: rows - rows / files, 'missing-file': rows / files },
      unnamed: 0,
    });
    expect(heap).toHaveLength(10);
    expect(heap[0]!.rows).toBeLessThan(heap[9]!.rows / 9);
    // All rows in memory would be some 15 MB; a turn of 512 is 0.2.
    expect(heap[9]!.bytes - heap[0]!.bytes).toBeLessThan(5e6);
  },
);
