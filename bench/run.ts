// The whole machine's part at the pace of a real cache: `dalil run` over 5,500 pictures of 5 Mpx.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { against, megabytes, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import { processorTime } from './dalil.ts';
import { drawn } from './material.ts';

const pictures = { full: 5500, quick: 48 };
/** A cache of the size that was leaked, and the minutes it may take on two cores. */
const cache = 55_000;
const minutesLimit = 30;
const memoryLimit = 1.5e9;

export const run: Benchmark = {
  name: 'run',
  title: 'dalil run over 5,500 pictures of 5 Mpx, as a pace for 55,000',
  room: { full: 16e9, quick: 1e9 },
  run: measureRun,
};

async function measureRun(bench: Bench): Promise<Outcome> {
  const { size, folder, program } = bench;
  const count = pictures[size];
  const input = join(folder, 'pictures');
  await bench.material.manyPictures(input, count);
  const path = await program.newCase(join(folder, 'case'));
  bench.say(`dalil run over ${count.toLocaleString('en')} pictures`);
  const rules = await bench.material.rules();
  const measured = await program.dalil('-C', path, 'run', '--source', 'bench', '--rules', rules, input);
  await rm(path, { recursive: true });
  const minutes = (measured.wall / count / 60) * cache;
  const processor = processorTime(measured);
  const limit = (what: string, bytes: number | null): Figure[] =>
    bytes === null ? [] : [against(what, bytes, memoryLimit, megabytes, 'limit', 1)];
  return {
    figures: [
      against('55,000 at this pace', minutes, minutesLimit, (value) => `${value.toFixed(1)} min`, 'limit', 1),
      ...limit('peak memory', measured.peak),
      ...limit('the same with PostgreSQL', measured.peakWithDatabase),
    ],
    notes: [
      `\`dalil run --rules\`: intake, describe and group, from the start of Node to its end: ${measured.wall.toFixed(1)} s for ${count.toLocaleString('en')} pictures, ${(count / measured.wall).toFixed(1)} a second${processor === null ? '' : `, ${((processor * 1000) / count).toFixed(1)} ms of processor time each`}.`,
      `${drawn[size]} drawn pictures of 5 Mpx (about 1.1 MB), again and again as distinct files: each has a time of its own in its EXIF, so that none is a duplicate and the camera's word holds them apart as near-duplicates. Every file is copied, read and decoded in full like any other.`,
      'Memory: the highest resident size of the process; with PostgreSQL, pages that its processes share counted once.',
    ],
  };
}
