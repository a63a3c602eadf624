// Five hundred alterations of a case folder and of a bundle, one at a time, at random: `verify` finds each and names what
// was altered. DALIL_SEED repeats a run.
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkBundle, checkCase, decodeEntries, encodeEntries, formatManifest, type Report } from '@dalil/verify';
import { nodeFiles } from '@dalil/verify/node';
import { chanceOf } from '../demo/chance.ts';
import { makeDemo } from '../demo/demo.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { runDalil } from './dalil.fixture.ts';

const seed = process.env['DALIL_SEED'] ?? String(Date.now());
const chance = chanceOf('tamper', seed);

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  console.log(`DALIL_SEED=${seed}`);
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-tamper-'));
  await makeDemo({ directory: at('demo'), individuals: 8, seed: 'tamper', megapixels: 0.05 });
  const dalil = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await runDalil(home.env, ['-C', at('case'), ...args]);
    expect([0, 3], stderr).toContain(code);
  };
  await dalil('new', at('case'), '--name', 'Tampered with');
  await dalil('run', at('demo/cache'), '--source', 'S', '--rules', at('demo/rules.json'));
  // So many folders that the breakdown of their reconciliation is too large for a field, and becomes a file.
  for (let i = 0; i < 30; i++) {
    const deep = at(join('letters', `${'a long name '.repeat(12)}${i}`));
    await mkdir(deep, { recursive: true });
    await writeFile(join(deep, 'letter.txt'), `letter ${i}`);
  }
  await dalil('intake', at('letters'), '--source', 'S');
  await dalil('dossier', 'build', 'dossier', '--out', at('dossier.pdf'));
  await dalil('export', '--format', 'bundle', '--out', at('bundle'), '--originals');
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A tree's files by path. What is altered is written to the disk, and put back from here. */
type Tree = Map<string, Buffer>;

async function treeOf(root: string): Promise<Tree> {
  const tree: Tree = new Map();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    if (!/^(?:tmp|originals\/tmp)\//.test(path)) tree.set(path, await readFile(join(root, path)));
  }
  return tree;
}

/** What becomes of some files: new bytes, or null where one is removed. */
interface Alteration {
  what: string;
  files: Map<string, Buffer | null>;
  /** Each of these must be named, by one of its names: a path, alone or with `#n` for a record in it. */
  names: string[][];
}

async function place(root: string, files: ReadonlyMap<string, Buffer | null>): Promise<void> {
  for (const [path, bytes] of files) {
    // Originals are read-only: one is replaced, as whoever owns the folder can.
    await rm(join(root, path), { force: true });
    if (bytes !== null) await writeFile(join(root, path), bytes);
  }
}

const isNamed = ({ problems }: Report, path: string): boolean =>
  problems.some(({ where }) => where === path || where.startsWith(`${path}#`));

/** Alters, checks, puts back. Gives what is wrong with the report, or null. */
async function tryOut(
  root: string,
  tree: Tree,
  { what, files, names }: Alteration,
  check: typeof checkCase,
): Promise<string | null> {
  await place(root, files);
  try {
    const report = await check(nodeFiles(root));
    const named = names.every((some) => some.some((path) => isNamed(report, path)));
    if (!report.ok && named) return null;
    const said = report.problems.slice(0, 5).map(({ code, where }) => `${code} ${where}`);
    return `${what} of ${[...files.keys()].slice(0, 3).join(', ')}: ${said.length === 0 ? 'not found' : `only named ${said.join('; ')}`}`;
  } finally {
    await place(root, new Map([...files.keys()].map((path) => [path, tree.get(path) ?? null])));
  }
}

const one = (what: string, path: string, bytes: Buffer | null): Alteration => ({
  what,
  files: new Map([[path, bytes]]),
  names: [[path]],
});

/** What may happen to any file. Null where it would change nothing. */
const anyFile: Record<string, (path: string, bytes: Buffer, tree: Tree) => Alteration | null> = {
  'a bit flipped': (path, bytes) => {
    if (bytes.length === 0) return null;
    const altered = Buffer.from(bytes);
    const i = chance.whole(0, bytes.length - 1);
    altered[i]! ^= 1 << chance.whole(0, 7);
    return one('a bit flipped', path, altered);
  },
  'a byte replaced': (path, bytes) => {
    if (bytes.length === 0) return null;
    const altered = Buffer.from(bytes);
    const i = chance.whole(0, bytes.length - 1);
    altered[i] = (altered[i]! + chance.whole(1, 255)) % 256;
    return one('a byte replaced', path, altered);
  },
  removed: (path) => one('removed', path, null),
  truncated: (path, bytes) =>
    bytes.length === 0 ? null : one('truncated', path, bytes.subarray(0, chance.whole(0, bytes.length - 1))),
  'its last byte cut off': (path, bytes) =>
    bytes.length === 0 ? null : one('its last byte cut off', path, bytes.subarray(0, -1)),
  'a byte appended': (path, bytes) =>
    one('a byte appended', path, Buffer.concat([bytes, Buffer.from([chance.pick([0, 10, 32, 126, 255])])])),
  'a byte order mark before it': (path, bytes) =>
    one('a byte order mark before it', path, Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])),
  'a line doubled': (path, bytes) => {
    const lines = bytes.toString('latin1').split('\n');
    const i = chance.whole(0, lines.length - 1);
    const altered = Buffer.from(lines.toSpliced(i, 0, lines[i]!).join('\n'), 'latin1');
    return one('a line doubled', path, altered);
  },
  'exchanged with another': (path, bytes, tree) => {
    const kind = kindOf(path);
    const others = [...tree.keys()].filter(
      (other) => other !== path && kindOf(other) === kind && !tree.get(other)!.equals(bytes),
    );
    if (others.length === 0) return null;
    const other = chance.pick(others);
    return {
      what: 'exchanged with another',
      files: new Map([
        [path, tree.get(other)!],
        [other, bytes],
      ]),
      // Where two trade places, either is the one concerned.
      names: [[path, other]],
    };
  },
};

/** Files of one kind are chosen as often as those of any other, so that four thousand originals do not hide the card. */
function kindOf(path: string): string {
  if (path.includes('/sha256/')) return path.replace(/\/sha256\/.*/, '');
  return path.replace(/^(log\/commits|log\/tile\/\w+|records|data\/records|data\/proofs|data\/dossier)\/.*/, '$1');
}

/** Two different places in a list. */
function twoOf(length: number): [number, number] {
  const first = chance.whole(0, length - 1);
  return [first, (first + chance.whole(1, length - 1)) % length];
}

const swap = <T>(list: readonly T[], a: number, b: number): T[] =>
  list.map((value, i) => (i === a ? list[b]! : i === b ? list[a]! : value));

const linesOf = (bytes: Buffer): string[] => bytes.toString().split('\n').slice(0, -1);
const asLines = (lines: readonly string[]): Buffer => Buffer.from(lines.map((line) => `${line}\n`).join(''));

/** What may happen to a log. */
const logs: Record<string, (tree: Tree) => Alteration> = {
  'two entries exchanged': (tree) => {
    const [path, bytes] = chance.pick([...tree].filter(([name]) => kindOf(name) === 'log/tile/entries'));
    const entries = decodeEntries(bytes);
    const [a, b] = twoOf(entries.length);
    return one('two entries exchanged', path, Buffer.from(encodeEntries(swap(entries, a, b))));
  },
  'an entry in the place of another': (tree) => {
    const [path, bytes] = chance.pick([...tree].filter(([name]) => kindOf(name) === 'log/tile/entries'));
    const entries = decodeEntries(bytes);
    const [a, b] = twoOf(entries.length);
    return one('an entry in the place of another', path, Buffer.from(encodeEntries(entries.with(a, entries[b]!))));
  },
  'two openings exchanged': (tree) => {
    const [path, bytes] = chance.pick([...tree].filter(([name]) => kindOf(name) === 'records'));
    const lines = linesOf(bytes);
    const [a, b] = twoOf(lines.length);
    return one('two openings exchanged', path, asLines(swap(lines, a, b)));
  },
  'two records exchanged, entries and openings': (tree) => {
    const [path, bytes] = chance.pick([...tree].filter(([name]) => kindOf(name) === 'log/tile/entries'));
    const beside = path.replace('log/tile/entries/', 'records/');
    const entries = decodeEntries(bytes);
    const [a, b] = twoOf(entries.length);
    return {
      what: 'two records exchanged',
      files: new Map([
        [path, Buffer.from(encodeEntries(swap(entries, a, b)))],
        [beside, asLines(swap(linesOf(tree.get(beside)!), a, b))],
      ]),
      names: [[path]],
    };
  },
  'two hashes exchanged': (tree) => {
    const [path, bytes] = chance.pick(
      [...tree].filter(([name, { length }]) => /^log\/tile\/\d/.test(name) && length > 32),
    );
    const hashes = Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
    const [a, b] = twoOf(hashes.length);
    return one('two hashes exchanged', path, Buffer.concat(swap(hashes, a, b)));
  },
  'a tile as it was before': (tree) => {
    const [path, bytes] = chance.pick(
      [...tree].filter(([name]) => /^(?:log\/tile\/(?:0|entries)|records)\/\d/.test(name)),
    );
    const width = chance.whole(1, 40);
    const older = path.startsWith('records/')
      ? asLines(linesOf(bytes).slice(0, -width))
      : path.startsWith('log/tile/0')
        ? bytes.subarray(0, -32 * width)
        : Buffer.from(encodeEntries(decodeEntries(bytes).slice(0, -width)));
    return one('a tile as it was before', path, older);
  },
  'an older checkpoint in place of the newest': (tree) => {
    const newest = tree.get('log/checkpoint')!;
    const older = [...tree].filter(([path, note]) => kindOf(path) === 'log/commits' && !note.equals(newest));
    return one('an older checkpoint', 'log/checkpoint', chance.pick(older)[1]);
  },
};

function* alterations(
  tree: Tree,
  count: number,
  special: Record<string, (tree: Tree) => Alteration>,
): Generator<Alteration> {
  const kinds = [...new Set([...tree.keys()].map(kindOf))].toSorted();
  const acts = Object.values(anyFile);
  const specials = Object.values(special);
  for (let i = 0; i < count;) {
    // Every act on every kind in turn, on a file by chance; in between, those of the log.
    if (specials.length > 0 && i % 4 === 3) {
      yield specials[Math.floor(i / 4) % specials.length]!(tree);
      i++;
      continue;
    }
    const kind = chance.pick(kinds);
    const path = chance.pick([...tree.keys()].filter((name) => kindOf(name) === kind));
    const altered = chance.pick(acts)(path, tree.get(path)!, tree);
    if (altered === null || changesNothing(tree, altered)) continue;
    yield altered;
    i++;
  }
}

function changesNothing(tree: Tree, { files }: Alteration): boolean {
  return [...files].every(([path, bytes]) => bytes !== null && tree.get(path)?.equals(bytes) === true);
}

async function tryAll(
  name: string,
  root: string,
  tree: Tree,
  all: Iterable<Alteration>,
  check: typeof checkCase,
): Promise<void> {
  const missed: string[] = [];
  const tried = new Map<string, number>();
  const start = performance.now();
  for (const alteration of all) {
    tried.set(alteration.what, (tried.get(alteration.what) ?? 0) + 1);
    const wrong = await tryOut(root, tree, alteration, check);
    if (wrong !== null) missed.push(wrong);
  }
  const total = [...tried.values()].reduce((sum, n) => sum + n, 0);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${name}: ${total - missed.length} of ${total} found and named in ${seconds.toFixed(0)} s\n` +
      [...tried].map(([what, n]) => `  ${n}  ${what}`).join('\n'),
  );
  expect(missed).toEqual([]);
  expect((await check(nodeFiles(root))).problems).toEqual([]);
}

test('260 alterations of the case folder are found, each by its name', async () => {
  const tree = await treeOf(at('case'));
  expect([...new Set([...tree.keys()].map(kindOf))].toSorted()).toEqual([
    'case.json',
    'derivatives',
    'log/checkpoint',
    'log/commits',
    'log/tile/0',
    'log/tile/1',
    'log/tile/entries',
    'originals',
    'records',
    'records/blobs',
  ]);
  await tryAll('case', at('case'), tree, alterations(tree, 260, logs), checkCase);
});

test('140 alterations of a bundle are found, each by its name', async () => {
  const tree = await treeOf(at('bundle'));
  await tryAll('bundle', at('bundle'), tree, alterations(tree, 140, {}), checkBundle);
});

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The bag packed again around what was altered, with manifests that hold: what remains is what signatures bind. */
function packedAgain(tree: Tree, { what, files, names }: Alteration): Alteration {
  const payload = new Map([...tree].filter(([path]) => path.startsWith('data/')));
  for (const [path, bytes] of files) {
    if (bytes === null) payload.delete(path);
    else payload.set(path, bytes);
  }
  const size = [...payload.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  const info = tree
    .get('bag-info.txt')!
    .toString()
    .replace(/Oxum: .*/, `Oxum: ${size}.${payload.size}`);
  const tags = new Map<string, Buffer>([
    ...[...tree].filter(([path]) => !path.startsWith('data/') && path !== 'tagmanifest-sha256.txt'),
    ['bag-info.txt', Buffer.from(info)],
    ['manifest-sha256.txt', Buffer.from(formatManifest(new Map([...payload].map(([p, b]) => [p, sha256(b)]))))],
  ]);
  const tagManifest = Buffer.from(formatManifest(new Map([...tags].map(([path, bytes]) => [path, sha256(bytes)]))));
  return {
    what,
    files: new Map([...files, ...tags, ['tagmanifest-sha256.txt', tagManifest]]),
    // A record and both forms of its proof bear the same number: each names the record.
    names: names.map((some) => some.flatMap(ofTheSameRecord)),
  };
}

const proofOf = (path: string, ending: string): string =>
  path.replace('data/records/', 'data/proofs/').replace(/\.(?:sd-jwt|tlog-proof|spicy)$/, ending);

function ofTheSameRecord(path: string): string[] {
  return /\.(?:sd-jwt|tlog-proof|spicy)$/.test(path)
    ? [path, proofOf(path, '.tlog-proof'), proofOf(path, '.spicy')]
    : [path];
}

/** What the format allows: to disclose less of a record, and to carry no dossier. */
function isAllowed(tree: Tree, { files }: Alteration): boolean {
  return [...files].some(([path, bytes]) => {
    if (kindOf(path) === 'data/dossier') return bytes === null;
    if (kindOf(path) !== 'data/records' || bytes?.at(-1) !== 0x7e) return false;
    return tree.get(path)!.subarray(0, bytes.length).equals(bytes);
  });
}

test('100 alterations of a bundle that was packed again after them are found, each by its name', async () => {
  const tree = await treeOf(at('bundle'));
  const payload: Tree = new Map([...tree].filter(([path]) => path.startsWith('data/')));
  const older = [...(await treeOf(at('case')))].filter(([path]) => kindOf(path) === 'log/commits');
  const bundles: Record<string, (tree: Tree) => Alteration> = {
    'an older checkpoint': () => one('an older checkpoint', 'data/checkpoint', chance.pick(older.slice(0, -2))[1]),
    'two records exchanged, with their proofs': () => {
      const records = [...payload.keys()].filter((path) => kindOf(path) === 'data/records');
      const [a, b] = twoOf(records.length).map((i) => records[i]!) as [string, string];
      return {
        what: 'two records exchanged, with their proofs',
        files: new Map([
          [a, payload.get(b)!],
          [b, payload.get(a)!],
          ...['.tlog-proof', '.spicy'].flatMap((ending): [string, Buffer][] => [
            [proofOf(a, ending), payload.get(proofOf(b, ending))!],
            [proofOf(b, ending), payload.get(proofOf(a, ending))!],
          ]),
        ]),
        names: [[a], [b]],
      };
    },
  };
  function* all(): Generator<Alteration> {
    let left = 100;
    for (const alteration of alterations(payload, 1000, bundles)) {
      if (isAllowed(tree, alteration)) continue;
      yield packedAgain(tree, alteration);
      if (--left === 0) return;
    }
  }
  // Packed again around nothing, it holds: the manifests that this test writes are right.
  const unaltered = packedAgain(tree, { what: 'nothing', files: new Map(), names: [] });
  expect(await tryOut(at('bundle'), tree, unaltered, checkBundle)).toMatch(/not found$/);
  await tryAll('bundle packed again', at('bundle'), tree, all(), checkBundle);
});

test.each([
  ['case', 'log/tile/entries/000'],
  ['case', 'log/checkpoint'],
  ['case', 'case.json'],
  ['bundle', 'bagit.txt'],
  ['bundle', 'data/checkpoint'],
  ['bundle', 'data/bundle.json'],
])('without %s/%s the command ends with 4 and names it', async (name, path) => {
  const bytes = await readFile(join(at(name), path));
  await rm(join(at(name), path));
  const ran = await runDalil(home.env, ['verify', at(name)]);
  const json = await runDalil(home.env, ['verify', at(name), '--json']);
  await writeFile(join(at(name), path), bytes);
  expect(ran.code).toBe(4);
  expect(ran.stdout).toContain(path);
  expect(json.code).toBe(4);
  const { ok, problems } = json.json<Report>();
  expect(ok).toBe(false);
  expect(problems.map(({ where }) => where)).toContain(path);
});
