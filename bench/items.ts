// What one item costs as a case grows: intake, describe and group at 1,000, 10,000 and 55,000 small pictures. A cost that
// rises with the number is a design that ends somewhere.
import { join } from 'node:path';
import { against, median, megabytes, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import type { Program } from './dalil.ts';
import type { Measured } from './measure.ts';
import type { StagesOrder, StagesSaid, StageTimes } from './stages-run.ts';

/** Pictures a part, and parts in a case. */
const each = { full: 1000, quick: 50 };
const small = 1;
const middle = { full: 10, quick: 4 };
const large = { full: 55, quick: 10 };
const repeats = { full: 5, quick: 2 };
const names = ['intake', 'describe', 'group'] as const;
const memoryLimit = 1.5e9;

export const items: Benchmark = {
  name: 'items',
  title: 'the cost of an item at 1,000, 10,000 and 55,000 small pictures',
  room: { full: 8e9, quick: 1e9 },
  run: measureItems,
};

interface Round {
  times: StageTimes;
  measured: Measured;
}

async function measureItems(bench: Bench): Promise<Outcome> {
  const { size, folder, program, say } = bench;
  const rules = await bench.material.rules();
  const parts = await bench.material.smallPictures(join(folder, 'small'), large[size], each[size]);
  let made = 0;
  const round = async (roots: string[]): Promise<Round> => {
    const path = await program.newCase(join(folder, `case-${made++}`));
    say(`${(roots.length * each[size]).toLocaleString('en')} pictures`);
    return stages(program, { home: program.home, folder: path, roots, rules });
  };
  const few: Round[] = [];
  for (let i = 0; i < repeats[size]; i++) few.push(await round(parts.slice(i * small, (i + 1) * small)));
  const some = await round(parts.slice(0, middle[size]));
  const all = await round(parts);

  const n = [small, middle[size], large[size]].map((count) => count * each[size]) as [number, number, number];
  const show = (ms: number): string => `${ms.toFixed(2)} ms`;
  const figures: Figure[] = names.flatMap((name) => {
    const base = median(few.map(({ times }) => (times[name].seconds * 1000) / n[0]));
    const at = (one: Round, count: number) => (one.times[name].seconds * 1000) / count;
    const label = (count: number) => `${name}, an item at ${count.toLocaleString('en')}`;
    return [
      against(label(n[1]), at(some, n[1]), base, show, `at ${n[0].toLocaleString('en')}:`, 1.15),
      against(label(n[2]), at(all, n[2]), base, show, `at ${n[0].toLocaleString('en')}:`, 1.15),
      ...marginal(name, all.times[name].marks, show),
    ];
  });
  const { peak, peakWithDatabase } = all.measured;
  if (peak !== null) {
    const limit = (what: string, bytes: number) => against(what, bytes, memoryLimit, megabytes, 'limit', 1);
    figures.push(limit(`peak memory over ${n[2].toLocaleString('en')}`, peak));
    if (peakWithDatabase !== null) figures.push(limit('the same with PostgreSQL', peakWithDatabase));
  }
  return {
    figures,
    notes: [
      `The stages of \`dalil run\`, one after the other in one process, timed each from its call to its end; the start of Node and the opening of the case are outside, the start of the threads is inside and nothing is subtracted. At ${n[0].toLocaleString('en')}: the median of ${repeats[size]} cases, each of other pictures; the larger once.`,
      'The start of the threads weighs more on the small case and so flatters the large one. The marginal cost does not: it is the pace of the last fifth of the largest run against that of its second fifth. Grouping tells its progress too coarsely for it.',
      'The pictures are windows of 480 x 360 (some 30 kB) out of the pictures of 5 Mpx at half size, each at a place of its own, with the EXIF of a camera and a time of its own; one in 40 is a near-duplicate; 54 in 100 lie in folders of individuals, four each. They all differ in content and likeness.',
      'Memory: the highest resident size of the process; with PostgreSQL, pages that its processes share counted once.',
    ],
  };
}

/** The pace late in a run against the pace early in it, from its own progress. */
function marginal(name: string, marks: readonly [number, number][], show: (ms: number) => string): Figure[] {
  const total = marks.at(-1)?.[0] ?? 0;
  const when = (done: number): [number, number] => marks.find(([count]) => count >= done) ?? marks.at(-1)!;
  if (marks.length < 10) return [];
  const pace = (from: number, to: number): number => {
    const [a, b] = [when(total * from), when(total * to)];
    return (b[1] - a[1]) / (b[0] - a[0]);
  };
  const [late, early] = [pace(0.8, 1), pace(0.2, 0.4)];
  // Marks too far apart fall on one point: then there is no pace to tell.
  if (!Number.isFinite(late) || !Number.isFinite(early)) return [];
  return [against(`${name}, marginal, last fifth`, late, early, show, 'second fifth:', 1.15)];
}

async function stages(program: Program, order: StagesOrder): Promise<Round> {
  const { measured, said } = await program.script<StagesSaid>('stages-run.ts', order);
  return { times: said.times, measured };
}
