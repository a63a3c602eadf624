// Outside watchers of the log: asked, answered, kept, laid out and checked; two histories do not pass one of them.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  checkCase,
  checkpointText,
  citedPath,
  consistencyProof,
  formatNoteKey,
  leafHash,
  nodeHash,
  openCheckpoint,
  signNote,
  stampedFolder,
  toBase64,
  type Report,
} from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { newCase, type OpenCase } from '../log/case.ts';
import { keyRing } from '../log/keys.ts';
import { dumpOf, noteOptions, noteProjection } from '../log/log.fixture.ts';
import { subtreeRoots } from '../log/tiles.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { blobOf } from './authority.ts';
import { sealProjection } from './project.ts';
import { witnessed } from './queries.ts';
import { LiteWitness, makeWitness, withoutWitness } from './witness.fixture.ts';
import { addWitness, keepCosignatures, withdrawWitness, witnesses, witnessRequest } from './witness.ts';

let scratch: string;
let home: TestHome;
let opened: OpenCase;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'dalil-witness-'));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));
beforeEach(async () => {
  home = await openTestHome();
  opened = await newCase(
    await mkdtemp(join(scratch, 'case-')),
    'Watched',
    await noteOptions(home.env, { projections: [noteProjection, sealProjection] }),
  );
  await note('one');
});
afterEach(async () => {
  await opened.close();
  await home.close();
});

const note = (text: string, times = 1) =>
  opened.log.append(opened.actor, (turn) => {
    for (let i = 0; i < times; i++) turn.add({ kind: 'note', handle: turn.next('N'), writer: 'one', number: i, text });
  });
const newest = () => opened.log.checkpoint!.note;
const time = 1_790_000_000;
const said = '2026-09-21T14:13:20Z';
const check = async (): Promise<Report> => {
  await opened.log.settle();
  return checkCase(nodeFiles(opened.folder.path));
};
const codes = ({ problems }: Report) => problems.map(({ code }) => code);

test('a cosignature is kept once, laid out beside its checkpoint, and makes the records under it witnessed', async () => {
  const witness = makeWitness('witness.example/w1');
  await addWitness(opened, 'outside', witness.vkey);
  const checkpoint = newest();
  const { size } = openCheckpoint(checkpoint, opened.caseFile.checkpoints);
  const cosigned = checkpoint + witness.cosign(checkpoint, time);
  expect(await keepCosignatures(opened, cosigned)).toEqual([{ witness: 'outside', size, time: said, state: 'kept' }]);
  const after = opened.log.size;
  expect(await keepCosignatures(opened, cosigned)).toMatchObject([{ state: 'known' }]);
  expect(opened.log.size).toBe(after);
  expect(await witnessed(opened)).toEqual([{ witness: 'outside', size, time: said }]);
  const at = (name: string) => readFile(join(opened.folder.path, stampedFolder(size), name), 'utf8');
  // The two files, one after the other, are what C2SP calls a cosigned checkpoint.
  expect((await at('checkpoint')) + (await at('outside.cosignature'))).toBe(cosigned);
  const report = await check();
  expect(report.problems).toEqual([]);
  expect(report.witnessed).toEqual({ size, time: said });
  expect(report.cosignatures).toMatchObject([{ witness: 'outside', cosigner: 'witness.example/w1', time: said }]);
});

test('an index made again says the same of witnesses', async () => {
  const witness = makeWitness('witness.example/w1');
  await addWitness(opened, 'outside', witness.vkey);
  await keepCosignatures(opened, newest() + witness.cosign(newest(), time));
  const before = await dumpOf(opened);
  await opened.log.rebuild();
  expect(await dumpOf(opened)).toEqual(before);
});

test('what is not by a witness of the case, or not over this log, is not kept', async () => {
  const [witness, stranger] = [makeWitness('witness.example/w1'), makeWitness('witness.example/w1')];
  await addWitness(opened, 'outside', witness.vkey);
  const before = opened.log.size;
  const refused = (text: string) => expect(keepCosignatures(opened, text)).rejects;
  await refused(newest() + stranger.cosign(newest(), time)).toMatchObject({ code: 'usage' });
  await refused(newest()).toMatchObject({ code: 'usage' });
  await refused('hello').toMatchObject({ code: 'input-unreadable' });
  // Over another checkpoint than the one that it stands under.
  const earlier = newest();
  await note('two');
  await refused(newest() + witness.cosign(earlier, time)).toMatchObject({ code: 'input-unreadable' });
  const ring = keyRing(opened.home.path, opened.id, opened.identity);
  const keys = await ring(opened.log.history.current);
  const fork = signNote(
    checkpointText(opened.caseFile.origin, 2, nodeHash(leafHash(Buffer.of(1)), leafHash(Buffer.of(2)))),
    opened.caseFile.checkpoints,
    keys.checkpoints.sign,
  );
  await refused(fork + witness.cosign(fork, time)).toThrow('two histories');
  expect(opened.log.size).toBe(before + 1);
});

test('the check finds a cosignature that was altered, moved, or is by a key that the case did not name', async () => {
  const witness = makeWitness('witness.example/w1');
  await addWitness(opened, 'outside', witness.vkey);
  const { id } = (await witnesses(opened))[0]!;
  const good = newest();
  const { size, root } = openCheckpoint(good, opened.caseFile.checkpoints);
  await note('two');
  const claims = async (line: string, more: Record<string, unknown> = {}) => {
    const blobs = [Buffer.from(good), Buffer.from(line)];
    await opened.folder.write(blobs.map((bytes) => ({ path: citedPath(blobOf(bytes)), bytes })));
    await opened.log.append(opened.actor, (turn) => {
      turn.add({
        kind: 'seal.cosignature',
        witness: 'outside',
        checkpoint: { size, root: toBase64(root) },
        time: said,
        refs: { witness: id },
        files: { checkpoint: blobOf(blobs[0]!), cosignature: blobOf(blobs[1]!) },
        ...more,
      });
    });
    return codes(await check());
  };
  const found: string[] = [];
  const adds = async (line: string, more?: Record<string, unknown>) => {
    found.push(await claims(line, more).then((all) => all.at(-1) ?? 'none'));
  };
  await adds(witness.cosign(good, time));
  await adds(makeWitness('witness.example/w1').cosign(good, time));
  await adds(witness.cosign(newest(), time));
  await adds(witness.cosign(good, time + 1));
  await adds(witness.cosign(good, time), { checkpoint: { size: size + 1, root: toBase64(root) } });
  expect(found).toEqual([
    'none',
    'cosignature-malformed',
    'cosignature-signature',
    'record-malformed',
    'record-malformed',
  ]);
});

test('a copy for publishing that was altered is found, one that is gone is a note', async () => {
  const witness = makeWitness('witness.example/w1');
  await addWitness(opened, 'outside', witness.vkey);
  const checkpoint = newest();
  const { size } = openCheckpoint(checkpoint, opened.caseFile.checkpoints);
  await keepCosignatures(opened, checkpoint + witness.cosign(checkpoint, time));
  const path = `${stampedFolder(size)}/outside.cosignature`;
  await opened.folder.remove(path);
  const gone = await check();
  expect(gone.problems).toEqual([]);
  expect(gone.notes.map(({ where }) => where)).toContain(path);
  await opened.folder.create(path, witness.cosign(checkpoint, time + 1));
  expect(codes(await check())).toEqual(['file-altered']);
});

test('a witness that was withdrawn is asked no more, and what it signed stands', async () => {
  const witness = makeWitness('witness.example/w1');
  await addWitness(opened, 'outside', witness.vkey);
  await keepCosignatures(opened, newest() + witness.cosign(newest(), time));
  await withdrawWitness(opened, 'outside');
  expect(await witnesses(opened)).toEqual([]);
  await expect(witnessRequest(opened, 'outside')).rejects.toMatchObject({ code: 'usage' });
  await expect(withdrawWitness(opened, 'outside')).rejects.toMatchObject({ code: 'usage' });
  expect((await check()).witnessed?.time).toBe(said);
  await expect(addWitness(opened, 'outside', formatNoteKey(opened.caseFile.checkpoints))).rejects.toMatchObject({
    code: 'usage',
  });
});

test('somebody else’s witness follows the log as it grows, and refuses one that was rewritten', async (context) => {
  const why = withoutWitness();
  if (why !== null) {
    console.warn(`left out: the test with litewitness (${why})`);
    return context.skip(why);
  }
  const lite = new LiteWitness(await mkdtemp(join(scratch, 'lite-')));
  try {
    await lite.start(opened.caseFile.origin, formatNoteKey(opened.caseFile.checkpoints));
    await addWitness(opened, 'lite', lite.vkey);
    for (let round = 0; round < 3; round++) {
      const request = await witnessRequest(opened, 'lite');
      const { status, answer } = await lite.ask(request);
      expect([status, answer]).toEqual([200, expect.stringContaining('— witness.example/lite ')]);
      expect(await keepCosignatures(opened, request + answer)).toMatchObject([{ witness: 'lite', state: 'kept' }]);
      await note(`${round}`, 300 * round);
    }
    const report = await check();
    expect(report.problems).toEqual([]);
    expect(report.cosignatures).toHaveLength(3);
    // It knows how far it has seen.
    expect((await lite.ask(await witnessRequest(opened, 'lite', 0))).status).toBe(409);
    // The same key signs another history of the same length: one record in the middle is another.
    const { size } = opened.log.checkpoint!;
    const [seen] = (await witnesses(opened)).map(({ newest: last }) => last!.size) as [number];
    const roots = subtreeRoots(opened.folder, size);
    const other = leafHash(Buffer.from('another record'));
    const forked = async (from: number, to: number): Promise<Uint8Array> => {
      if (from > 1 || to <= 1) return roots(from, to);
      if (to - from === 1) return other;
      const half = 2 ** (Math.ceil(Math.log2(to - from)) - 1);
      return nodeHash(await forked(from, from + half), await forked(from + half, to));
    };
    const ring = keyRing(opened.home.path, opened.id, opened.identity);
    const keys = await ring(opened.log.history.current);
    const fork = signNote(
      checkpointText(opened.caseFile.origin, size, await forked(0, size)),
      opened.caseFile.checkpoints,
      keys.checkpoints.sign,
    );
    const proof = await consistencyProof(seen, size, forked);
    const { status } = await lite.ask([`old ${seen}`, ...proof.map(toBase64), '', fork].join('\n'));
    expect(status).toBe(422);
  } finally {
    lite.stop();
  }
});
