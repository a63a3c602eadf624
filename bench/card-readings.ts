// What the reader makes of the pictures of a made-up cache, beside what was drawn: for the benchmark, and, run by itself,
// for fitting probabilities and for seeing where numbers are lost:
// node --import tsx bench/card-readings.ts SEED… [--individuals N] > evidence.json
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { NumberReading } from '@dalil/imaging';
import { decodeUpright } from '../src/describe/crop.ts';
import { carriersOf, readColours } from '../src/describe/number.ts';
import { makeDemo } from '../src/demo/demo.ts';
import type { DemoTruth } from '../src/demo/truth.ts';

export interface PictureRead {
  path: string;
  card: DemoTruth['files'][number]['card'];
  readings: NumberReading[];
  /** What each card that was found is taken to be, by the number of the card. */
  carriers: ReadonlyMap<number, string>;
  /** The picture shows a document, whose numbers are not in the truth. */
  document: boolean;
}

/** Kinds of numbers, as accuracy is given by. */
export const kindOf = (card: NonNullable<PictureRead['card']>, role: string): string =>
  `${card.script === 'latin' ? 'Latin' : 'Arabic-Indic'}, ${
    role === 'hospital-number' ? 'with a suffix' : card.style === 'printed' ? 'printed' : 'by hand'
  }`;

/** Makes the cache in the folder, and reads every sound picture that lies there outside archives. */
export async function* readDemo(
  directory: string,
  seed: string,
  individuals: number,
  megapixels = 0.3,
): AsyncGenerator<PictureRead> {
  const truth = await makeDemo({ directory, individuals, seed, megapixels });
  for (const { card, category, container, kind, path, problems } of truth.files) {
    if (kind !== 'picture' || container !== null || problems.length > 0) continue;
    const colours = await decodeUpright(await readFile(join(directory, 'cache', path)), 60_000_000);
    const readings = await readColours(colours);
    yield { path, card, readings, carriers: carriersOf(colours, readings), document: category === 'other' };
  }
}

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { individuals: { type: 'string', default: '60' } },
  });
  const evidence: [NumberReading['evidence'], 0 | 1][] = [];
  for (const seed of positionals) {
    const directory = await mkdtemp(join(tmpdir(), 'dalil-readings-'));
    for await (const { path, card, readings, document } of readDemo(directory, seed, Number(values.individuals))) {
      const drawn = card?.lines ?? [];
      const missed = drawn.filter(({ value }) => !readings.some((one) => one.value === value));
      if (missed.length > 0) {
        const said = readings.map(({ value, probability }) => `${value} at ${probability}`).join(', ') || 'nothing';
        console.error(
          `${missed.map(({ value, role }) => `${value} (${kindOf(card!, role)}, on ${card!.carrier})`).join(', ')}: read ${said}; ${path}`,
        );
      }
      if (document) continue;
      for (const one of readings) evidence.push([one.evidence, drawn.some(({ value }) => value === one.value) ? 1 : 0]);
    }
    await rm(directory, { recursive: true });
  }
  console.log(JSON.stringify(evidence));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
