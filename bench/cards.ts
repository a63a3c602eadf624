// Reading numbers on cards: how many are exactly right, by kind, on a cache of a seed that nothing was developed or fitted
// on; how many numbers used unseen are wrong; what grouping finds by them; and processor time a picture, small and large.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { rolesOf, type NumberReading } from '@dalil/imaging';
import { wilson } from '@dalil/statistics';
import { seconds, type Bench, type Benchmark, type Figure, type Outcome } from './benchmark.ts';
import { demoRules } from '../src/demo/rules.ts';
import { provisionalFrom } from '../src/group/agreement.ts';
import { parseRules } from '../src/group/identifier.ts';
import type { PartitionMeasures } from '../src/group/partition-measures.ts';
import { agreedUnseen, answered, plannedPictures, type Read } from '../src/group/planned.fixture.ts';
import { kindOf, readDemo } from './card-readings.ts';

const individuals = { full: 60, quick: 10 };
const largeIndividuals = { full: 5, quick: 3 };
const seed = { full: 'unseen-2', quick: 'quick-1' };
/** From here a reading of one picture would be accepted unseen. */
const sure = 0.98;
/** The least share of numbers exactly right, in hundredths. */
const wanted: Record<string, number> = {
  'Latin, printed': 99,
  'Latin, by hand': 92,
  'Arabic-Indic, printed': 97,
  'Arabic-Indic, by hand': 88,
  'of all kinds': 95,
};

export const cards: Benchmark = {
  name: 'cards',
  title: 'numbers on cards of 60 individuals: exactly right, by kind, and seconds a picture',
  room: { full: 2e9, quick: 1e9 },
  run: measureCards,
};

async function measureCards({ size, folder, say }: Bench): Promise<Outcome> {
  const directory = join(folder, 'demo');
  const kinds = new Map<string, [number, number]>();
  const carriers = new Map<string, [number, number]>();
  const count = (map: typeof kinds, name: string, right: boolean): void => {
    const [r, n] = map.get(name) ?? [0, 0];
    map.set(name, [r + (right ? 1 : 0), n + 1]);
  };
  let [said, wrong] = [0, 0];
  const read = new Map<string, Read[]>();
  const small = await timed(readDemo(directory, seed[size], individuals[size]), ({ path, card, readings, ...seen }) => {
    const drawn = card?.lines ?? [];
    read.set(path, withRoles(readings));
    for (const { role, value } of drawn) {
      const found = readings.find((one) => one.value === value);
      for (const name of [kindOf(card!, role), 'of all kinds']) count(kinds, name, found !== undefined);
      if (found !== undefined) count(carriers, card!.carrier, seen.carriers.get(found.card) === card!.carrier);
    }
    if (seen.document) return;
    const certain = readings.filter(({ probability }) => probability >= sure);
    said += certain.length;
    wrong += certain.filter(({ value }) => !drawn.some((line) => line.value === value)).length;
  });
  await rm(directory, { recursive: true });
  const planned = plannedPictures(
    { individuals: individuals[size], seed: seed[size], megapixels: 0.3 },
    ({ path }) => read.get(path) ?? null,
  );
  const unseen = agreedUnseen(planned);
  const grouped = answered(planned, Math.max(1, Math.round(0.05 * individuals[size])));
  say('pictures of 5 Mpx');
  const large = await timed(readDemo(directory, `${seed[size]}-large`, largeIndividuals[size], 5), () => {});
  await rm(directory, { recursive: true });
  const [low, high] = unseen.sure === 0 ? [0, 1] : wilson(unseen.wrong, unseen.sure);
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  const figure = (what: string, ours: string, target: string | null, met: boolean | null): Figure => ({
    what,
    ours,
    peer: null,
    ratio: null,
    target,
    met,
  });
  const pairwise = (when: string, { pairwise: { precision, recall } }: PartitionMeasures, least: number): Figure[] => [
    figure(`pairs rightly together, ${when}`, percent(precision), 'at least 99.9 %', precision >= 0.999),
    figure(`pairs found, ${when}`, percent(recall), `at least ${percent(least)}`, recall >= least),
  ];
  const share = ([right, all]: [number, number]): string => `${right} of ${all} (${percent(right / all)})`;
  const exact = [...kinds]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, [right, all]]) => {
      const least = wanted[name];
      const target = least === undefined ? null : `at least ${least} %`;
      return figure(
        `exactly right: ${name}`,
        share([right, all]),
        target,
        least === undefined ? null : 100 * right >= least * all,
      );
    });
  return {
    figures: [
      ...exact,
      figure(
        `wrong of numbers used unseen, on which pictures agree at ${provisionalFrom} and more`,
        `${unseen.wrong} of ${unseen.sure}`,
        'at most 0.5 %',
        unseen.wrong <= 0.005 * unseen.sure,
      ),
      figure(`wrong of one picture's readings at ${sure} and more`, `${wrong} of ${said}`, null, null),
      ...pairwise('before any answer', grouped.before, 0.97),
      ...pairwise(`after ${grouped.answers} answers`, grouped.after, 0.995),
      figure('processor time, 0.3 Mpx', `${seconds(small.each)} a picture`, null, null),
      figure('processor time, 5 Mpx', `${seconds(large.each)} a picture`, null, null),
    ],
    notes: [
      `${small.pictures} pictures of 0.3 Mpx of seed ${seed[size]}, ${large.pictures} of 5 Mpx; decoding is in the time, drawing the cache is not.`,
      `Numbers of documents count neither way: the truth does not hold them. By so few agreements the share of wrong ones used unseen is between ${percent(low)} and ${percent(high)} (Wilson, 95 %); ${unseen.read} numbers of keys were read in all, once for each row of pictures.`,
      `Pairs: of ${grouped.before.pictures} pictures by their names, these readings and their neighbourhood; answers are the truth, to at most 5 % of ${individuals[size]} individuals, of ${grouped.queue} questions at first.`,
      `What the number is written on, of numbers read: ${[...carriers].map(([name, pair]) => `${name} ${share(pair)}`).join(', ')}.`,
      'The fonts of these cards are among those that the reader learned from: on real handwriting expect less (packages/imaging/src/cards/MODEL.md says how much less in fonts never seen).',
    ],
  };
}

/** Readings with the roles that the demo's grammar gives them; what has none says nothing of an individual. */
function withRoles(readings: readonly NumberReading[]): Read[] {
  return [...new Set(readings.map(({ card }) => card))].flatMap((card) => {
    const lines = readings.filter((one) => one.card === card);
    const roles = rolesOf(lines, parseRules(demoRules).numbers ?? []);
    return lines.flatMap(({ value, probability, alternatives }, k) =>
      roles[k] === null ? [] : [{ role: roles[k]!, value, probability, alternatives }],
    );
  });
}

/** Processor time of each picture, once the models are loaded and the cache is drawn. */
async function timed<T>(
  pictures: AsyncGenerator<T>,
  look: (picture: T) => void,
): Promise<{ pictures: number; each: number }> {
  let start: NodeJS.CpuUsage | null = null;
  let count = 0;
  for await (const picture of pictures) {
    look(picture);
    if (start === null) start = process.cpuUsage();
    else count++;
  }
  const { user, system } = process.cpuUsage(start ?? undefined);
  return { pictures: count, each: (user + system) / 1e6 / Math.max(1, count) };
}
