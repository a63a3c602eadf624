import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkCase } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { newCase, type OpenCase } from '../log/case.ts';
import { describeProjection } from '../describe/project.ts';
import { groupProjection } from '../group/project.ts';
import { dumpSchema } from '../store/index-database.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { intakeProjection } from './project.ts';
import { receive } from './receive.ts';

let home: TestHome;
let folder: string;
let opened: OpenCase;
const actor = { name: 'tester', tool: 'test', version: '0' };

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-receive-'));
  const projections = [intakeProjection, describeProjection, groupProjection];
  opened = await newCase(join(folder, 'case'), 'Receiving', {
    home: await openHome(home.home),
    env: home.env,
    projections,
    actor,
    write: true,
  });
});
afterAll(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A folder to receive, filled by `fill`. */
function delivery(fill: (path: string) => void): string {
  const path = mkdtempSync(join(folder, 'in-'));
  fill(path);
  return path;
}
const take = (root: string, source: string) => receive(opened, { roots: [root], source });
const codes = (received: { problems: { code: string }[] }) => received.problems.map(({ code }) => code).toSorted();

test('links, fifos and names that are not UTF-8 are accounted for, however long the path', async () => {
  const root = delivery((path) => {
    symlinkSync(
      Buffer.from('/nowhere'),
      Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xff]), Buffer.from('-link')]),
    );
    execFileSync('mkfifo', [join(path, 'fifo')]);
    writeFileSync(
      Buffer.concat([Buffer.from(`${path}/`), Buffer.from([0xc7, 0xe1]), Buffer.from('.txt')]),
      'windows-1256 name',
    );
    // Deeper than a record's field holds, and not UTF-8 at its end: the field becomes a blob.
    let at = path;
    for (let i = 0; i < 18; i++) at = join(at, 'd'.repeat(200));
    mkdirSync(at, { recursive: true });
    symlinkSync('/nowhere', Buffer.concat([Buffer.from(`${at}/`), Buffer.from([0xfe]), Buffer.from('x'.repeat(200))]));
  });
  const received = await take(root, 'bytes');
  expect(received.reconciliation).toEqual({ received: 4, sealed: 1, duplicate: 0, quarantined: 3 });
  expect(codes(received)).toEqual(['link', 'link', 'special-file']);
  // The deep folder would be beyond what rm can name by its path on some systems.
  execFileSync('rm', ['-rf', root]);
});

test('a file that was in quarantine and can be had later is one file, not two', async () => {
  const root = delivery((path) => symlinkSync('/nowhere', join(path, 'a.txt')));
  expect((await take(root, 'later')).reconciliation).toEqual({ received: 1, sealed: 0, duplicate: 0, quarantined: 1 });
  rmSync(join(root, 'a.txt'));
  writeFileSync(join(root, 'a.txt'), 'now it is here');
  expect((await take(root, 'later')).reconciliation).toEqual({ received: 1, sealed: 1, duplicate: 0, quarantined: 0 });
});

test('a file that has changed at its place is a further file, and both are kept', async () => {
  const root = delivery((path) => writeFileSync(join(path, 'a.txt'), 'first'));
  await take(root, 'changing');
  writeFileSync(join(root, 'a.txt'), 'second, longer');
  expect((await take(root, 'changing')).reconciliation).toEqual({
    received: 2,
    sealed: 2,
    duplicate: 0,
    quarantined: 0,
  });
});

test('an archive is opened once, whoever brings it again, and one within one within one is sealed unopened', async () => {
  const root = delivery((path) => {
    const zip = (name: string, ...members: string[]) =>
      execFileSync('tar', ['-cf', join(path, name), '-C', path, ...members]);
    writeFileSync(join(path, 'leaf.txt'), 'leaf');
    zip('one.tar', 'leaf.txt');
    zip('two.tar', 'one.tar');
    zip('three.tar', 'two.tar');
    for (const name of ['leaf.txt', 'one.tar', 'two.tar']) rmSync(join(path, name));
  });
  const first = await take(root, 'nested');
  // three, two and one are sealed; one lies in two archives, so its leaf is not unpacked.
  expect(first.reconciliation).toEqual({ received: 3, sealed: 3, duplicate: 0, quarantined: 0 });
  expect(codes(first)).toEqual(['nested-too-deep']);
  const again = await take(root, 'nested again');
  expect(again.reconciliation).toEqual({ received: 1, sealed: 0, duplicate: 1, quarantined: 0 });
});

test('the case’s own folder cannot be received, nor one that holds it', async () => {
  await expect(take(folder, 'own')).rejects.toThrow(/into itself/);
  await expect(take(join(folder, 'case/originals'), 'own')).rejects.toThrow(/into itself/);
});

test('a root that is not there is refused before anything is written down', async () => {
  const before = opened.log.size;
  await expect(take(join(folder, 'nowhere'), 'mistyped')).rejects.toThrow(/cannot be read/);
  expect(opened.log.size).toBe(before);
});

test('after all of it the case verifies, and what the index says is what a rebuild says', async () => {
  const report = await checkCase(nodeFiles(opened.folder.path));
  expect(report.problems).toEqual([]);
  const dump = async (): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of dumpSchema(opened.index.pool, opened.index.schema)) lines.push(line);
    return lines;
  };
  const before = await dump();
  await opened.log.rebuild();
  expect(await dump()).toEqual(before);
});
