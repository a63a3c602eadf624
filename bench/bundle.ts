// What strangers get: a bundle packed against a plain archive of the same files with its list of hashes, and checked
// against tools that only compare hashes.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  against,
  median,
  megabytes,
  seconds,
  type Bench,
  type Benchmark,
  type Figure,
  type Outcome,
} from './benchmark.ts';
import { filesBelow } from './material.ts';
import type { Measured } from './measure.ts';

const pictures = { full: 5500, quick: 48 };
const rounds = { full: 3, quick: 1 };
const memoryLimit = 1.5e9;

export const bundle: Benchmark = {
  name: 'bundle',
  title: 'a bundle of 5,500 items with their originals: packed, and checked',
  room: { full: 32e9, quick: 1e9 },
  run: measureBundle,
};

async function measureBundle(bench: Bench): Promise<Outcome> {
  const { size, folder, program, measure, has, say } = bench;
  const count = pictures[size];
  const input = join(folder, 'pictures');
  await bench.material.manyPictures(input, count);
  const path = await program.newCase(join(folder, 'case'));
  say(`dalil run over ${count.toLocaleString('en')} pictures`);
  const rules = await bench.material.rules();
  await program.dalil('-C', path, 'run', '--source', 'bench', '--rules', rules, input);
  await rm(input, { recursive: true });

  const out = join(folder, 'bundle');
  const packed: Measured[] = [];
  const checked: Measured[] = [];
  const theirs = new Map<string, number[]>();
  const note = (tool: string, wall: number): unknown => theirs.set(tool, [...(theirs.get(tool) ?? []), wall]);
  const check = async (tool: string, args: string[]): Promise<unknown> =>
    has(tool) && note(tool, (await measure({ command: tool, args, cwd: out })).wall);
  for (let round = 0; round < rounds[size]; round++) {
    say(`round ${round + 1} of ${rounds[size]}`);
    await rm(out, { recursive: true, force: true });
    packed.push(await program.dalil('-C', path, 'export', '--originals', '--out', out));
    note('tar', (await archive(bench, out)).wall);
    if (has('borg')) note('borg', (await borgExport(bench, out)).wall);
    checked.push(await program.dalil('verify', out));
    await check('sha256sum', ['-c', '--quiet', 'manifest-sha256.txt', 'tagmanifest-sha256.txt']);
    await check('bagit.py', ['--validate', '.']);
  }
  const files = await filesBelow(out);
  const wall = (one: Measured): number => one.wall;
  const peer = (tool: string): number | null => (theirs.has(tool) ? median(theirs.get(tool)!) : null);
  const memory = (what: string, all: Measured[]): Figure[] =>
    all.some(({ peak }) => peak === null)
      ? []
      : [against(what, Math.max(...all.map(({ peak }) => peak!)), memoryLimit, megabytes, 'limit', 1)];
  const [pack, verify] = [median(packed.map(wall)), median(checked.map(wall))];
  return {
    figures: [
      against('export, by the clock', pack, peer('tar'), seconds, 'tar and sha256sum'),
      against('the same', pack, peer('borg'), seconds, 'borg export-tar'),
      ...memory('export, peak memory', packed),
      against('verify, by the clock', verify, peer('sha256sum'), seconds, 'sha256sum -c', 1.5),
      against('the same', verify, peer('bagit.py'), seconds, 'bagit.py'),
      ...memory('verify, peak memory', checked),
    ],
    notes: [
      `${count.toLocaleString('en')} pictures of 5 Mpx after \`dalil run\`, with every record and every original: ${files.length.toLocaleString('en')} files; the median of ${rounds[size]}, in turns.`,
      'Export: `dalil export --originals` into a folder, from the start of Node to its end, PostgreSQL included: every record with a proof of its own. `tar` and `sha256sum` write an archive of the finished bundle and a list of its hashes; `borg export-tar` writes one from a repository that holds it. Neither makes what it packs.',
      'Verify: `dalil verify` of the bundle: every hash, signature, disclosure, proof, citation and token. `sha256sum -c` and `bagit.py --validate` compare the hashes of the same files and no more, on one thread.',
    ],
  };
}

/** The same files as one archive, and their hashes in a list. */
async function archive({ folder, measure }: Bench, of: string): Promise<{ wall: number }> {
  const [to, list] = [join(folder, 'bundle.tar'), join(folder, 'list')];
  await writeFile(list, (await filesBelow(of)).join('\0'));
  const tar = await measure({ command: 'tar', args: ['-C', of, '-cf', to, '.'] });
  const hashes = await measure({ command: 'xargs', args: ['-0', '-a', list, 'sha256sum'] });
  await rm(to);
  return { wall: tar.wall + hashes.wall };
}

async function borgExport({ folder, measure }: Bench, of: string): Promise<Measured> {
  const [repository, to] = [join(folder, 'repository'), join(folder, 'borg.tar')];
  const env = { BORG_BASE_DIR: join(folder, 'borg'), BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' };
  await measure({ command: 'borg', args: ['init', '--encryption', 'none', repository], env });
  await measure({ command: 'borg', args: ['create', '--compression', 'none', `${repository}::one`, of], env });
  const measured = await measure({ command: 'borg', args: ['export-tar', `${repository}::one`, to], env });
  for (const made of [repository, to, join(folder, 'borg')]) await rm(made, { recursive: true });
  return measured;
}
