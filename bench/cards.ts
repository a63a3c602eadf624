// Reading numbers on cards: processor time a picture, and how many numbers are exactly right, by kind, on caches of seeds
// that nothing was developed or fitted on.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { seconds, type Bench, type Benchmark, type Outcome } from './benchmark.ts';
import { numberGrammarSchema } from '../src/describe/card-records.ts';
import { readPicture } from '../src/describe/number.ts';
import { demoRules } from '../src/demo/rules.ts';
import { makeDemo } from '../src/demo/demo.ts';
import type { DemoTruth } from '../src/demo/truth.ts';

const individuals = { full: 60, quick: 6 };
/** Above this a reading would be accepted unseen. */
const sure = 0.98;

export const cards: Benchmark = {
  name: 'cards',
  title: 'numbers on cards of 60 individuals: exactly right, by kind, and seconds a picture',
  room: { full: 1e9, quick: 1e9 },
  run: measureCards,
};

async function measureCards({ size, folder }: Bench): Promise<Outcome> {
  const directory = join(folder, 'demo');
  await makeDemo({ directory, individuals: individuals[size], seed: 'unseen-1', megapixels: 0.3 });
  const truth = JSON.parse(await readFile(join(directory, 'truth.json'), 'utf8')) as DemoTruth;
  const grammar = numberGrammarSchema.parse(demoRules.numbers);
  const kinds = new Map<string, [number, number]>();
  let [pictures, said, wrong] = [0, 0, 0];
  const before = process.cpuUsage();
  for (const { card, category, container, kind, path, problems, size: bytes } of truth.files) {
    if (kind !== 'picture' || container !== null || problems.length > 0) continue;
    pictures++;
    const { readings } = await readPicture({
      path: join(directory, 'cache', path),
      size: bytes,
      pixelLimit: 60_000_000,
      grammar,
      cropPath: null,
    });
    const drawn = card?.lines ?? [];
    for (const { role, value } of drawn) {
      const name = `${card!.script}, ${role === 'hospital-number' ? 'with a suffix' : card!.style}`;
      const [right, all] = kinds.get(name) ?? [0, 0];
      kinds.set(name, [right + (readings.some((one) => one.value === value) ? 1 : 0), all + 1]);
    }
    // What documents say is not in the truth: their numbers count neither way.
    if (category === 'other') continue;
    const certain = readings.filter(({ probability }) => probability >= sure);
    said += certain.length;
    wrong += certain.filter(({ value }) => !drawn.some((line) => line.value === value)).length;
  }
  const { user, system } = process.cpuUsage(before);
  await rm(directory, { recursive: true });
  const each = [...kinds].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const [right, all] = each.reduce(([r, n], [, [a, b]]) => [r + a, n + b], [0, 0]);
  return {
    figures: [],
    notes: [
      `${pictures} pictures of 0.3 Mpx, seed unseen-1: ${seconds((user + system) / 1e6 / pictures)} of processor time each.`,
      `Exactly right ${right} of ${all} numbers; ${each.map(([name, [a, b]]) => `${name} ${a} of ${b}`).join('; ')}.`,
      `Of ${said} readings with a probability of ${sure} and more, ${wrong} wrong (pictures of documents left out: the truth does not hold their numbers).`,
    ],
  };
}
