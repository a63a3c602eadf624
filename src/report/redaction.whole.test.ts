// Redacting within a case: the copy is an exhibit of its own, its record leads to the original by its salted record, and
// says nothing by which somebody who has the original could recognise it.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCase, filesOf } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { receive } from '../intake/receive.ts';
import { newCase, type OpenCase } from '../log/case.ts';
import { dumpOf } from '../log/log.fixture.ts';
import type { LoggedRecord } from '../log/logged.ts';
import { projections } from '../stages.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { listRedactions, redact } from './redaction.ts';

let home: TestHome;
let folder: string;
let opened: OpenCase;
beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-redact-'));
  opened = await newCase(join(folder, 'case'), 'Test', {
    home: await openHome(home.home),
    env: home.env,
    projections,
    actor: { name: 'tester', tool: 'dalil', version: '1' },
    write: true,
  });
  const cache = join(folder, 'cache');
  await mkdir(cache);
  const raw = { raw: { width: 64, height: 48, channels: 3 as const } };
  await writeFile(
    join(cache, 'a.jpg'),
    await sharp(Buffer.alloc(64 * 48 * 3, 99), raw)
      .jpeg()
      .toBuffer(),
  );
  await writeFile(join(cache, 'b.txt'), 'no picture');
  await receive(opened, { roots: [cache], source: 'ORCHARD' });
});
afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

async function newest(): Promise<LoggedRecord> {
  const { size } = opened.log;
  for await (const record of opened.log.read(size - 1)) return record;
  throw new Error('an empty log');
}
const operation = { boxes: [{ x: 8, y: 8, width: 16, height: 16 }], width: 32 };

test('the record says what was done, by whom and to which item, and not the hash of the original', async () => {
  const made = await redact(opened, 'E-00001', operation);
  expect(made).toMatchObject({ handle: 'R-0001', item: 'E-00001', width: 32, height: 24 });
  const record = await newest();
  expect(record).toMatchObject({ kind: 'report.redaction', handle: 'R-0001', actor: { name: 'tester' } });
  expect(record.fields['operation']).toMatchObject(operation);
  const { rows } = await opened.index.pool.query<{ id: string; sha256: string }>(
    "select id, sha256 from item where handle = 'E-00001'",
  );
  expect(record.refs).toEqual({ item: rows[0]!.id });
  expect(JSON.stringify(record)).not.toContain(rows[0]!.sha256);
  const [file] = filesOf({ files: record.files });
  expect(file).toMatchObject({ store: 'derivatives', size: made.bytes });
  expect((await readFile(join(opened.folder.path, made.path))).length).toBe(made.bytes);
  expect((await checkCase(nodeFiles(opened.folder.path))).problems).toEqual([]);
});

test('the same again adds nothing; another operation is another copy; the list and a rebuilt index have both', async () => {
  const one = await redact(opened, 'E-00001', operation);
  const { size } = opened.log;
  expect(await redact(opened, 'E-00001', operation)).toEqual(one);
  expect(opened.log.size).toBe(size);
  const other = await redact(opened, 'E-00001', { boxes: [], width: null });
  expect(other.handle).toBe('R-0002');
  expect(await listRedactions(opened)).toEqual([one, other]);
  const before = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(before);
});

test('what there is not, what is no picture, and an original with other bytes than were sealed are refused', async () => {
  await expect(redact(opened, 'E-00009', operation)).rejects.toMatchObject({ code: 'usage' });
  await expect(redact(opened, 'E-00002', operation)).rejects.toMatchObject({ code: 'input-unreadable' });
  const { rows } = await opened.index.pool.query<{ sha256: string }>(
    "select sha256 from item where handle = 'E-00001'",
  );
  const hex = rows[0]!.sha256;
  const path = join(opened.folder.path, 'originals/sha256', hex.slice(0, 2), hex.slice(2, 4), hex);
  await rm(path);
  await expect(redact(opened, 'E-00001', operation)).rejects.toMatchObject({ code: 'case-damaged' });
  await expect(redact(opened, 'E-00001', operation)).rejects.toThrow(
    /^The original of E-00001 is not in the case folder.*dalil fixity restore --from <copy>/s,
  );
  await writeFile(path, 'other bytes');
  await expect(redact(opened, 'E-00001', operation)).rejects.toMatchObject({ code: 'case-damaged' });
  expect(await listRedactions(opened)).toEqual([]);
});
