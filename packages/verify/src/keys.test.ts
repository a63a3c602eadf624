import { expect, test } from 'vitest';
import { bagOf, filesIn, makeKey, SampleCase, type Tree } from './case.fixture.ts';
import { parseCaseFile } from './case-file.ts';
import { checkBundle } from './check-bundle.ts';
import { checkCase } from './check-case.ts';
import { formatCommit, parseCommit } from './commit.ts';
import type { TimestampJudge } from './files.ts';
import { formatKeyChange, KeyHistory } from './keys.ts';
import { checkpointText, cosignNote, noteKey, openCheckpoint, signNote } from './note.ts';
import { issueRecord, recordKey } from './record.ts';
import { decodeEntries, encodeEntries } from './tile.ts';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Records 0 to 20, the first change at 21, 22 to 41, the second at 42, 43 to 47. */
const sample = new SampleCase([1, 20, 1, 20, 1, 5], { changes: [2, 4], withoutDeaccession: true });
const card = () => parseCaseFile(text.decode(sample.folder(1).get('case.json')));

async function check(turns: number, alter: (tree: Tree) => unknown = () => {}, of = sample) {
  const tree = of.folder(turns);
  alter(tree);
  const { problems, notes } = await checkCase(filesIn(tree));
  return { problems: problems.map(({ code, where }) => `${code} ${where}`), notes: notes.map(({ where }) => where) };
}

test('a case whose keys were changed twice holds, and so does it at every point before', async () => {
  for (const turns of [1, 2, 3, 4, 5, 6]) expect(await check(turns)).toEqual({ problems: [], notes: [] });
});

test('the history tells who signed what, and every old checkpoint stays verifiable', () => {
  const history = new KeyHistory(card());
  for (const turn of [2, 4]) history.follow(sample.notes[turn]!);
  expect(history.periods.map(({ n, from }) => [n, from])).toEqual([
    [0, 0],
    [1, 22],
    [2, 43],
  ]);
  expect([0, 21, 22, 42, 43, 99].map((position) => history.at(position).n)).toEqual([0, 0, 1, 1, 2, 2]);
  for (const note of sample.notes) expect(openCheckpoint(note, history).note).toBe(note);
  expect(history.dueAt(22).signers.length).toBe(2);
  expect(history.dueAt(23)).toMatchObject({ extension: '' });
});

test('a change won and not carried on is a note, laid out already or not', async () => {
  const whole = sample.folder(3);
  const won = (tree: Tree) => tree.set(sample.commitPath(2), sample.commit(2));
  expect(await check(2, won)).toEqual({ problems: [], notes: [sample.commitPath(2)] });
  const laidOut = await check(2, (tree) => won(tree).set('log/keys/1', whole.get('log/keys/1')!));
  expect(laidOut.problems).toEqual([]);
});

test('a copy of a change that is missing, altered or exchanged is named, and nothing else is', async () => {
  const missing = (n: number) => (tree: Tree) => tree.delete(`log/keys/${n}`);
  expect((await check(6, missing(1))).problems).toEqual(['file-missing log/keys/1']);
  expect((await check(6, missing(2))).problems).toEqual(['file-missing log/keys/2']);
  const altered = await check(6, (tree) => void (tree.get('log/keys/1')![60]! ^= 1));
  expect(altered.problems.map((one) => one.split(' ')[1])).toEqual(['log/keys/1']);
  const first = sample.folder(6).get('log/keys/1')!;
  const second = sample.folder(6).get('log/keys/2')!;
  const swapped = await check(6, (tree) => tree.set('log/keys/1', second).set('log/keys/2', first));
  expect(new Set(swapped.problems.map((one) => one.split(' ')[1]))).toEqual(new Set(['log/keys/1', 'log/keys/2']));
  const more = await check(6, (tree) => tree.set('log/keys/3', second));
  expect(more.problems).toEqual(['key-change log/keys/3']);
  const witnessed = `${text.decode(first)}— witness.invalid AAAAAAAA\n`;
  expect((await check(6, (tree) => tree.set('log/keys/1', utf8.encode(witnessed)))).problems).toEqual([
    'file-altered log/keys/1',
  ]);
});

/** A change at the end of turn 2 to keys of a forger, signed as told. */
function forgedChange(signers: 'old' | 'new' | 'both'): string {
  const [oldKey, next, nextRecords] = [sample.keys[0]![1], makeKey(), makeKey()];
  const { origin, checkpoints } = card();
  const { root } = openCheckpoint(sample.notes[1]!, checkpoints);
  const signer = noteKey(origin, next.raw);
  const change = checkpointText(origin, 22, root, formatKeyChange(nextRecords.raw, signer));
  if (signers === 'old') return signNote(change, checkpoints, oldKey.sign);
  if (signers === 'new') return signNote(change, signer, next.sign);
  return cosignNote(signNote(change, checkpoints, oldKey.sign), signer, next.sign);
}

test('a change that the old or the new key alone has signed is refused, wherever it lies', async () => {
  const history = new KeyHistory(card());
  for (const signers of ['old', 'new'] as const) {
    expect(() => history.follow(forgedChange(signers))).toThrow('not signed, once');
    expect(history.periods.length).toBe(1);
    const laidOut = await check(6, (tree) => tree.set('log/keys/1', utf8.encode(forgedChange(signers))));
    expect(laidOut.problems).toEqual(['checkpoint-signature log/keys/1']);
    const committed = await check(2, (tree) => {
      const { entries, openings } = parseCommit(text.decode(sample.commit(2))) as {
        entries: string[];
        openings: string[];
      };
      const commit = { from: 21, entries, openings, note: forgedChange(signers) };
      tree.set(sample.commitPath(2), utf8.encode(formatCommit(commit)));
    });
    expect(committed.problems).toEqual([`checkpoint-signature ${sample.commitPath(2)}`]);
  }
  // With both the log is another one: no commit changes the keys so, and its root is not of these records.
  const fork = await check(6, (tree) => tree.set('log/keys/1', utf8.encode(forgedChange('both'))));
  expect(fork.problems.length).toBeGreaterThan(0);
});

test('an extension line anywhere but at a change is refused', async () => {
  const { origin, checkpoints } = card();
  const { root } = openCheckpoint(sample.notes[1]!, checkpoints);
  for (const line of [
    'note of a stranger\n',
    formatKeyChange(makeKey().raw, checkpoints).replace('dalil-', 'dalil_'),
  ]) {
    const note = signNote(checkpointText(origin, 21, root, line), checkpoints, sample.keys[0]![1].sign);
    const { problems } = await check(2, (tree) => tree.set('log/checkpoint', utf8.encode(note)));
    expect(problems).toContain('checkpoint-signature log/checkpoint');
  }
  // Nor may a change lose it, or have a second.
  const without = sample.notes[2]!.replace(/dalil-keys [^\n]+\n/, '');
  expect((await check(3, (tree) => tree.set('log/checkpoint', utf8.encode(without)))).problems).toContain(
    'checkpoint-signature log/checkpoint',
  );
});

test('a change never brings a key back, and none serves two purposes', () => {
  const { origin, checkpoints, records } = card();
  const { root } = openCheckpoint(sample.notes[1]!, checkpoints);
  const [, oldKey] = sample.keys[0]!;
  const fresh = makeKey();
  const change = (recordRaw: Uint8Array, key: ReturnType<typeof makeKey>) => {
    const signer = noteKey(origin, key.raw);
    const extended = checkpointText(origin, 22, root, formatKeyChange(recordRaw, signer));
    return cosignNote(signNote(extended, checkpoints, oldKey.sign), signer, key.sign);
  };
  const follow = (note: string) => () => new KeyHistory(card()).follow(note);
  expect(follow(change(records.raw, fresh))).toThrow('brings back a key');
  expect(follow(change(makeKey().raw, oldKey))).toThrow('brings back a key');
  expect(follow(change(fresh.raw, fresh))).toThrow('two purposes');
  expect(follow(change(makeKey().raw, fresh))).not.toThrow();
});

test('a record signed by the retired key after a change is found and named, and so is one by the later key before it', async () => {
  const forge =
    (position: number, [key]: (typeof sample.keys)[number]) =>
    (tree: Tree) => {
      const path = 'log/tile/entries/000.p/48';
      const entries = decodeEntries(tree.get(path)!);
      let seed = 0;
      const random = (length: number) => Uint8Array.from({ length }, () => seed++ & 255);
      const { entry } = issueRecord({ kind: 'note' }, recordKey(key.raw).kid, random, key.sign);
      tree.set(path, encodeEntries(entries.with(position, entry)));
    };
  const after = await check(6, forge(30, sample.keys[0]!));
  expect(after.problems).toContain('record-signature log/tile/entries/000.p/48#30');
  const before = await check(6, forge(10, sample.keys[2]!));
  expect(before.problems).toContain('record-signature log/tile/entries/000.p/48#10');
});

test('a checkpoint by the retired key after a change is found and named, alone or beside the right one', async () => {
  const history = new KeyHistory(card());
  for (const turn of [2, 4]) history.follow(sample.notes[turn]!);
  const { origin, root } = openCheckpoint(sample.notes[5]!, history);
  const [, old] = sample.keys[1]!;
  const retired = signNote(checkpointText(origin, 48, root), noteKey(origin, old.raw), old.sign);
  const beside = cosignNote(sample.notes[5]!, noteKey(origin, old.raw), old.sign);
  for (const note of [retired, beside]) {
    expect(() => openCheckpoint(note, history)).toThrow('not in force');
    for (const path of ['log/checkpoint', sample.commitPath(5)]) {
      expect((await check(6, (tree) => tree.set(path, utf8.encode(note)))).problems).toContain(
        `checkpoint-signature ${path}`,
      );
    }
  }
});

test('the record of a change must name the keys that its checkpoint brings', async () => {
  const other = new SampleCase([1, 1, 3], {
    withoutDeaccession: true,
    changes: [1],
    more: { 1: { recordKey: 'another' } },
  });
  expect((await check(3, () => {}, other)).problems).toEqual(['key-change records/000.p/5#1']);
  const silent = new SampleCase([1, 1, 3], { withoutDeaccession: true, changes: [1], more: { 1: { kind: 'note' } } });
  expect((await check(3, () => {}, silent)).problems).toEqual(['key-change records/000.p/5#1']);
  const idle = new SampleCase([1, 4], { withoutDeaccession: true, more: { 2: { kind: 'seal.keys' } } });
  expect((await check(2, () => {}, idle)).problems).toEqual(['key-change records/000.p/5#2']);
});

test('a bundle carries the changes, and is refused without one, with another, or where it does not lead on', async () => {
  const verify = async (alter: (payload: Tree) => unknown) => {
    const payload = await sample.payload();
    alter(payload);
    const { problems } = await checkBundle(filesIn(bagOf(payload, await sample.tagFiles())));
    return problems.map(({ code, where }) => `${code} ${where}`);
  };
  expect(await verify(() => {})).toEqual([]);
  expect(await verify((tree) => tree.delete('data/keys/1'))).toContain('checkpoint-signature data/checkpoint');
  expect(await verify((tree) => tree.delete('data/keys/2'))).toContain('checkpoint-signature data/checkpoint');
  expect(await verify((tree) => tree.delete('data/checkpoints/22.consistency'))).toContain(
    'proof-missing data/checkpoints/22.consistency',
  );
  expect(await verify((tree) => tree.set('data/keys/1', tree.get('data/keys/2')!))).toContain(
    'checkpoint-signature data/keys/1',
  );
  expect(await verify((tree) => tree.set('data/keys/1', utf8.encode(forgedChange('both'))))).not.toEqual([]);
});

const stolen = (since: string | null) =>
  new SampleCase([1, 20, 1, 5], {
    withoutDeaccession: true,
    changes: [2],
    more: { 24: { kind: 'seal.revocation', key: 0, reason: 'compromised', since } },
  });

/** Says that the checkpoint over ten records was stamped on that day. */
const stamped = (genTime: string): TimestampJudge => ({
  published: new Map(),
  see: () => {},
  judge: async () => {
    const checkpoint = { size: 10, root: '' };
    const timestamp = { authority: 'a', genTime, serial: '1', policy: '1.2', validUntil: '2030' };
    const one = { record: 11, authority: 'a', checkpoint, timestamp, problem: null, ended: false, coveredBy: null };
    return { judged: [one as never], unchangedSince: null };
  },
});

async function notesOf(of: SampleCase, timestamps?: TimestampJudge) {
  const report = await checkCase(filesIn(of.folder()), undefined, timestamps === undefined ? {} : { timestamps });
  expect(report.problems).toEqual([]);
  return report.notes.map(({ message }) => message).join('\n');
}

test('of a stolen key it is said which records a timestamp binds, which a later key, and which rest on it alone', async () => {
  const said = await notesOf(stolen('2026-02-01'), stamped('2026-01-15T00:00:00.000Z'));
  expect(said).toContain('22 records (0 to 21) are signed by the revoked key 0, which was stolen');
  expect(said).toContain('10 (0 to 9) are bound by a timestamp from before 2026-02-01');
  // The record of the change is of 2026-01-01.
  expect(said).toContain('12 (10 to 21) are bound by the later key');
  const earlier = await notesOf(stolen('2025-12-01'), stamped('2026-01-15T00:00:00.000Z'));
  expect(earlier).toContain('of 22 (0 to 21) nothing but the key itself shows');
  expect(await notesOf(stolen('2026-02-01'))).toContain('timestamps were not judged here');
  expect(await notesOf(stolen(null))).toContain('since when is not known');
});

test('a key that is still in force, or that never was, cannot be revoked', async () => {
  for (const key of [1, 7, 'x']) {
    const of = new SampleCase([1, 20, 1, 5], {
      withoutDeaccession: true,
      changes: [2],
      more: { 24: { kind: 'seal.revocation', key, reason: 'lost', since: null } },
    });
    expect((await check(4, () => {}, of)).problems).toEqual(['key-change records/000.p/27#24']);
  }
});
