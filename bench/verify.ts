// The independent check against tools that only hash: whoever checks us must not wait much longer than for SHA-256 itself.
import { join } from 'node:path';
import { against, median, megabytes, seconds, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import { filesBelow } from './material.ts';

const files = { full: 1024, quick: 64 };
const rounds = { full: 5, quick: 1 };
/** Each on one thread. */
const hashers: Record<string, string[]> = {
  sha256sum: [],
  openssl: ['dgst', '-sha256'],
  hashdeep: ['-j0', '-c', 'sha256'],
};

export const verify: Benchmark = {
  name: 'verify',
  title: 'the check of a case of 2 GiB, against the fastest SHA-256 tool on one thread',
  room: { full: 6e9, quick: 1e9 },
  run: measureVerify,
};

async function measureVerify(bench: Bench): Promise<Outcome> {
  const { size, folder, measure, program, has, say } = bench;
  const path = await program.newCase(join(folder, 'case'));
  await program.dalil('-C', path, 'intake', '--source', 'bench', await bench.material.random(files[size]));
  const originals = await filesBelow(join(path, 'originals'));
  const ours: number[] = [];
  const theirs = new Map<string, number[]>();
  for (let round = 0; round < rounds[size]; round++) {
    say(`round ${round + 1} of ${rounds[size]}`);
    ours.push((await program.dalil('verify', path)).wall);
    for (const [tool, args] of Object.entries(hashers).filter(([name]) => has(name))) {
      const { wall } = await measure({ command: tool, args: [...args, ...originals] });
      theirs.set(tool, [...(theirs.get(tool) ?? []), wall]);
    }
  }
  const ranked = [...theirs]
    .map(([tool, walls]) => ({ tool, wall: median(walls) }))
    .toSorted((a, b) => a.wall - b.wall);
  const fastest = ranked[0];
  const time = median(ours);
  const bytes = files[size] * 2 ** 21;
  return {
    figures: [
      against('verify, by the clock', time, fastest?.wall ?? null, seconds, fastest?.tool ?? 'SHA-256 tools', 1.3),
      ...ranked.slice(1).map(({ tool, wall }) => against('the same', time, wall, seconds, tool)),
    ],
    notes: [
      `${megabytes(bytes)} in ${files[size]} originals; ${megabytes(bytes / time)} a second; the median of ${rounds[size]}, in turns.`,
      'Ours: `dalil verify` from the start of Node to its end: besides every original, all records, signatures, tiles, checkpoints and citations. The others hash the same originals, on one thread each.',
    ],
  };
}
