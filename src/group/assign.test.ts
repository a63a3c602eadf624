// Individuals at the size of a real cache, without drawing it: the plan of a demo, its names read by its rules, its cards by
// a simulated reader. And the small cases in which neighbourhood must not speak.
import { expect, test } from 'vitest';
import { cameras } from '../demo/words.ts';
import { planDemo } from '../demo/plan.ts';
import { demoRules } from '../demo/rules.ts';
import { assign, type Assignable, type Known } from './assign.ts';
import { compileRules, parseRules, readPaths } from './identifier.ts';
import { compare } from './partition-measures.ts';
import { keyText } from './project.ts';
import { simulatedCard } from './reader.fixture.ts';

const known: Known = { keyRoles: ['branch-number', 'detainee-number'], targetOf: keyText };

interface Read {
  n?: number;
  role: string;
  value: string;
  probability: number;
  alternatives: { value: string; probability: number }[];
}

/** The pictures of a planned cache as grouping would read them from the index. */
function pictures(individuals: number, seed: string): { all: Assignable[]; truth: Map<string, string> } {
  const rules = compileRules(parseRules(demoRules));
  const files = planDemo({ individuals, seed, megapixels: 0.01 }).files.filter(({ facts }) => facts.kind === 'picture');
  const paths = new Map<string, string[]>();
  for (const { facts } of files) {
    const content = facts.exactDuplicateOf ?? facts.path;
    paths.set(content, [...(paths.get(content) ?? []), facts.path]);
  }
  const truth = new Map<string, string>();
  const all = files.flatMap(({ facts, content }, position): Assignable[] => {
    if (facts.exactDuplicateOf !== null) return [];
    const reading = readPaths(paths.get(facts.path)!, rules);
    if (facts.individual !== null) truth.set(facts.path, facts.individual);
    if (!['detainee', 'unreviewed'].includes(reading.category)) return [];
    const camera = cameras.find(({ id }) => id === facts.camera);
    const card =
      facts.card === null
        ? []
        : (simulatedCard(seed, { path: facts.path, individual: facts.individual!, card: facts.card })[
            'readings'
          ] as unknown as Read[]);
    return [
      {
        item: facts.path,
        id: facts.path,
        position,
        cluster: facts.nearDuplicateOf?.path ?? facts.path,
        body: camera === undefined ? null : `${camera.model} ${camera.serial ?? ''}`,
        serial: camera?.serial !== null,
        taken: facts.taken === null ? null : Date.parse(`${facts.taken}Z`) / 1000,
        counter: camera === undefined ? null : (content as { picture: { counter: number } }).picture.counter,
        target: reading.key === null ? null : keyText(reading.key),
        number: reading.key?.['detainee-number'] ?? null,
        by: reading.key === null ? null : 'path',
        readings: card.map(({ role, value, probability, alternatives }, n) => ({
          n,
          role,
          values: [{ value, probability }, ...alternatives],
        })),
        settled: [],
        excluded: false,
      },
    ];
  });
  return { all, truth };
}

const partitionOf = (all: readonly Assignable[]): Map<string, string> =>
  new Map([...assign(all, known).members].flatMap(([target, list]) => list.map(({ item }) => [item, target] as const)));

test.each(['never drawn one', 'never drawn two', 'never drawn three'])(
  '2,000 individuals before anybody has looked: at most one pair of 1,000 is wrong, 97 of 100 are found (%s)',
  (seed) => {
    const { all, truth } = pictures(2000, seed);
    const start = performance.now();
    const measured = compare(partitionOf(all), truth);
    console.log(
      seed,
      `${all.length} pictures in ${Math.round(performance.now() - start)} ms`,
      JSON.stringify(measured),
    );
    expect(measured.pairwise.precision).toBeGreaterThanOrEqual(0.999);
    expect(measured.pairwise.recall).toBeGreaterThanOrEqual(0.97);
    expect(measured.bCubed.precision).toBeGreaterThanOrEqual(0.999);
  },
);
