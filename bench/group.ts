// Individuals out of names and cards by the whole program, as they stand before any person has looked, against the truth
// of made-up caches of seeds that nothing was developed or fitted on.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IndividualView } from '../src/case/views.ts';
import { makeDemo } from '../src/demo/demo.ts';
import { compare } from '../src/group/partition-measures.ts';
import type { Bench, Benchmark, Figure, Outcome } from './benchmark.ts';

const individuals = { full: 200, quick: 12 };
const seeds = { full: ['unseen-2', 'unseen-3', 'unseen-4'], quick: ['unseen-2'] };

export const group: Benchmark = {
  name: 'group',
  title: 'individuals of three caches of 200, by names and cards, before any person has looked',
  room: { full: 2e9, quick: 1e9 },
  run: measureGroup,
};

async function measureGroup({ size, folder, program, say }: Bench): Promise<Outcome> {
  const figures: Figure[] = [];
  const notes: string[] = [];
  for (const seed of seeds[size]) {
    const directory = join(folder, seed);
    say(`drawing ${individuals[size]} individuals of seed ${seed}`);
    const truth = await makeDemo({ directory, individuals: individuals[size], seed });
    const path = await program.newCase(join(folder, `case-${seed}`));
    say('dalil run');
    const rules = join(directory, 'rules.json');
    await program.dalil('-C', path, 'run', '--source', 'bench', '--rules', rules, join(directory, 'cache'));
    const { stdout } = await program.dalil('-C', path, 'individuals', '--json');
    const found = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as IndividualView);
    const bodyOf = new Map(truth.files.map((file) => [file.path, file]));
    /** Measured over contents: a copy is no second picture. */
    const whole = new Map<string, string>();
    for (const { sha256, individual } of truth.files) if (individual !== null) whole.set(sha256, individual);
    const partition = (wanted: (item: IndividualView['items'][number]) => boolean) =>
      new Map(
        found.flatMap(({ id, items }) =>
          items.filter(wanted).map((item) => [bodyOf.get(item.path)!.sha256, id] as const),
        ),
      );
    const all = compare(
      partition(() => true),
      whole,
    );
    const counted = compare(
      partition(({ provisional }) => !provisional),
      whole,
    );
    const share = (value: number) => value.toFixed(4);
    const figure = (what: string, value: number, least: number | null): Figure => ({
      what: `${seed}: ${what}`,
      ours: share(value),
      peer: null,
      ratio: null,
      target: least === null ? null : `at least ${least}`,
      met: least === null ? null : value >= least,
    });
    figures.push(
      figure('pairwise precision', all.pairwise.precision, 0.999),
      figure('pairwise recall', all.pairwise.recall, 0.97),
      figure('B-cubed precision', all.bCubed.precision, null),
      figure('B-cubed recall', all.bCubed.recall, null),
      figure('pairwise recall by names alone', counted.pairwise.recall, null),
    );
    const provisional = found.flatMap(({ items }) => items.filter((item) => item.provisional));
    notes.push(
      `${seed}: ${whole.size} pictures of ${truth.totals.individuals} individuals; ${provisional.length} provisional.`,
    );
    await rm(directory, { recursive: true });
    await rm(path, { recursive: true });
  }
  notes.push(
    'Provisional: what rests on numbers that the machine read on at least two pictures, or on neighbourhood; in no count.',
    'Pictures of 0.3 Mpx. The fonts of the cards are among those that the reader learned from: on real handwriting expect less.',
  );
  return { figures, notes };
}
