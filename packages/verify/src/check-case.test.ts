import { expect, test } from 'vitest';
import { filesIn, originalOf, SampleCase, type Tree } from './case.fixture.ts';
import { checkCase } from './check-case.ts';
import { citedPath } from './record.ts';
import { decodeEntries, encodeEntries } from './tile.ts';

const sample = new SampleCase([1, 250, 20, 3], { withoutDeaccession: true });
const text = new TextDecoder('utf-8', { ignoreBOM: true });
const utf8 = new TextEncoder();

/** The case after so many turns, with something done to it. */
async function check(turns: number, alter: (tree: Tree) => unknown = () => {}, links: string[] = []) {
  const tree = sample.folder(turns);
  alter(tree);
  const { ok, problems, notes, checked, checkpoint } = await checkCase(filesIn(tree, links));
  expect(ok).toBe(problems.length === 0);
  return { problems: problems.map(({ code, where }) => `${code} ${where}`), notes, checked, checkpoint };
}

test('a whole case holds, and it is said what was checked', async () => {
  const { problems, notes, checked, checkpoint } = await check(4);
  expect({ problems, notes }).toEqual({ problems: [], notes: [] });
  expect(checked).toMatchObject({ records: 274, signatures: 274, files: 27, checkpoints: 5 });
  expect(checkpoint?.size).toBe(274);
});

test('a commit that a crash left unfinished is a note, before its tiles are written and after', async () => {
  const won = (tree: Tree) => tree.set(sample.commitPath(2), sample.commit(2));
  expect(await check(2, won)).toMatchObject({ problems: [], notes: [{ where: sample.commitPath(2) }] });
  const tiled = await check(2, (tree) => {
    won(tree);
    for (const [path, bytes] of sample.tiles(3)) tree.set(path, bytes);
  });
  expect(tiled.problems).toEqual([]);
  expect(tiled.notes.map(({ where }) => where)).toContain('log/tile/entries/001.p/15');
});

test('a carried commit that still holds its records is neither note nor problem, unless it holds others', async () => {
  const whole = await check(3, (tree) => tree.set(sample.commitPath(2), sample.commit(2)));
  expect(whole).toMatchObject({ problems: [], notes: [] });
  const other = new SampleCase([1, 250, 20], { withoutDeaccession: true });
  const forged = await check(3, (tree) => {
    const commit = text.decode(other.commit(2));
    const note = text.decode(sample.commit(2)).split('\n\n').slice(1).join('\n\n');
    tree.set(sample.commitPath(2), utf8.encode(`${commit.slice(0, commit.indexOf('\n\n'))}\n\n${note}`));
  });
  expect(forged.problems).toEqual([`commit-altered ${sample.commitPath(2)}`]);
});

test('an unfinished commit that nobody could carry on is a problem', async () => {
  const { problems } = await check(2, (tree) => {
    const commit = sample.commit(2);
    commit[200]! ^= 1;
    tree.set(sample.commitPath(2), commit);
  });
  expect(problems[0]).toContain(sample.commitPath(2));
});

test('commits beyond the checkpoint say that it was rolled back, also where a crash has left the last one unfinished', async () => {
  const older = (tree: Tree) => tree.set('log/checkpoint', utf8.encode(sample.notes[1]!));
  expect((await check(3, older)).problems[0]).toBe('checkpoint-rolled-back log/checkpoint');
  const unfinished = await check(3, (tree) => older(tree).set(sample.commitPath(3), sample.commit(3)));
  expect(unfinished.problems[0]).toBe('checkpoint-rolled-back log/checkpoint');
});

test('an older checkpoint is found even where the tiles are still those of its time', async () => {
  const { problems } = await check(2, (tree) => {
    for (const turn of [2, 3]) tree.set(sample.commitPath(turn), utf8.encode(sample.notes[turn]!));
  });
  expect(problems).toEqual(['checkpoint-rolled-back log/checkpoint']);
});

test('a shorter tile that a crash left is a note if it is a prefix, and a problem if it is not', async () => {
  const before = sample.tiles(3).get('records/001.p/15')!;
  const left = await check(4, (tree) => tree.set('records/001.p/15', before));
  expect(left).toMatchObject({ problems: [], notes: [{ where: 'records/001.p/15' }] });
  const altered = Uint8Array.from(before);
  altered[40]! ^= 1;
  expect((await check(4, (tree) => tree.set('records/001.p/15', altered))).problems).toEqual([
    'tile-altered records/001.p/15',
  ]);
});

test('where records and tiles part, the signed root says which is the altered one', async () => {
  const path = 'log/tile/entries/000';
  const swapped = await check(4, (tree) => {
    const entries = decodeEntries(tree.get(path)!);
    tree.set(path, encodeEntries(entries.with(7, entries[9]!).with(9, entries[7]!)));
  });
  expect(swapped.problems).toEqual(
    expect.arrayContaining([`tile-altered ${path}#7`, `tile-altered ${path}#9`, 'checkpoint-root log/checkpoint']),
  );
  expect(swapped.problems.some((problem) => problem.includes('log/tile/0/'))).toBe(false);
  const hashes = await check(4, (tree) => void (tree.get('log/tile/0/000')![33]! ^= 1));
  expect(hashes.problems).toEqual(['tile-altered log/tile/0/000']);
});

test('a missing bundle of entries hides nothing of what is wrong elsewhere', async () => {
  const lost = citedPath(originalOf(260).file);
  const { problems, notes } = await check(4, (tree) => {
    tree.delete('log/tile/entries/000');
    tree.delete(lost);
  });
  expect(problems).toEqual(['tile-missing log/tile/entries/000', `file-missing ${lost}`]);
  expect(notes).toEqual([]);
});

test('behind a missing commit the others are not called foreign', async () => {
  expect((await check(4, (tree) => tree.delete(sample.commitPath(1)))).problems).toEqual([
    `file-missing ${sample.commitPath(1)}`,
  ]);
});

test('a link in the place of a file is a problem, whatever it leads to', async () => {
  const path = 'log/tile/entries/000';
  expect((await check(4, () => {}, [path])).problems).toEqual([`file-unexpected ${path}`]);
});

test('nothing may stand before a signed text, not even a byte order mark', async () => {
  for (const path of ['case.json', 'log/checkpoint', sample.commitPath(1), 'records/000']) {
    const { problems } = await check(4, (tree) =>
      tree.set(path, new Uint8Array([0xef, 0xbb, 0xbf, ...tree.get(path)!])),
    );
    expect(problems.some((problem) => problem.includes(path))).toBe(true);
  }
});

test('what a crash left in the temporary folders is a note', async () => {
  const { problems, notes } = await check(4, (tree) => tree.set('tmp/12-ab', utf8.encode('half')));
  expect(problems).toEqual([]);
  expect(notes.map(({ where }) => where)).toEqual(['tmp/12-ab']);
});
