// truth.json: what every file of the demo is, and the totals that a run over it must find again.
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Quad } from './mannequin.ts';
import type { PlantedMistake } from './mistakes.ts';
import type { DemoCategory, DemoParameters, DemoPlan, FileFacts, FileKind, PlannedIndividual } from './plan.ts';
import type { Made } from './worker.ts';

export interface TruthFile extends FileFacts {
  /** The archive that holds it; null on the disk itself. */
  container: string | null;
  sha256: string;
  size: number;
  /** Of pictures, as stored (before orientation). */
  width: number | null;
  height: number | null;
  /** Corners of what carries the numbers, in pixels of the picture turned upright; null where none are shown. */
  quad: Quad | null;
}

export interface DemoTotals {
  /** `files` on the disk, `members` of archives that lie there, `nested` members of archives inside archives. */
  received: { files: number; members: number; nested: number; all: number };
  /** Expected of a reconciliation: one sealed for each content, the rest duplicates, nothing quarantined. */
  sealed: number;
  duplicate: number;
  kinds: Record<FileKind, number>;
  /** Pictures received, copies included, and those of distinct content. */
  pictures: number;
  distinctPictures: number;
  /** Pictures received, and of distinct content, by what they show. */
  categories: Record<DemoCategory, number>;
  distinctCategories: Record<DemoCategory, number>;
  /** Distinct pictures by what the shipped patterns can tell from any of their paths. */
  toldByPath: Record<DemoCategory | 'unreviewed', number>;
  individuals: number;
  /** Individuals of whom at least one path gives the key. */
  individualsToldByPath: number;
  nearDuplicates: number;
  /** Files by the problem planted in them. */
  problems: Record<string, number>;
}

export interface DemoTruth {
  /** The version of this format and of the drawing. */
  demo: 1;
  parameters: DemoParameters;
  totals: DemoTotals;
  individuals: PlannedIndividual[];
  /** Mistakes of people, where they were asked for. */
  mistakes?: PlantedMistake[];
  /** Paths of one content, where there are several. Whichever is walked first is sealed, the others are duplicates. */
  duplicateSets: string[][];
  files: TruthFile[];
}

/** Puts together what was planned and what became of it, in the order of the plan's files. */
export function truthOf(parameters: DemoParameters, plan: DemoPlan, made: readonly Made[]): DemoTruth {
  const files = plan.files.map(({ facts, container }, index): TruthFile => ({ ...facts, container, ...made[index]! }));
  const sets = new Map<string, TruthFile[]>();
  for (const file of files) sets.set(file.sha256, [...(sets.get(file.sha256) ?? []), file]);
  return {
    demo: 1,
    parameters,
    totals: totalsOf(files, sets, plan.individuals.length),
    individuals: plan.individuals,
    ...(parameters.mistakes === true && { mistakes: plan.mistakes }),
    duplicateSets: [...sets.values()].filter((set) => set.length > 1).map((set) => set.map(({ path }) => path)),
    files,
  };
}

function totalsOf(files: TruthFile[], sets: Map<string, TruthFile[]>, individuals: number): DemoTotals {
  const archives = new Map(files.filter(({ kind }) => kind === 'archive').map((file) => [file.path, file]));
  const depth = ({ container }: TruthFile): number => (container === null ? 0 : 1 + depth(archives.get(container)!));
  const depths = files.map(depth);
  const pictures = files.filter(({ kind }) => kind === 'picture');
  const distinct = [...sets.values()].filter(([first]) => first!.kind === 'picture');
  const told = (set: TruthFile[]): DemoCategory | 'unreviewed' =>
    (set.some(({ toldByPath }) => toldByPath) && set[0]!.category) || 'unreviewed';
  const keys = pictures.flatMap(({ individual, toldByPath }) =>
    individual !== null && toldByPath ? [individual] : [],
  );
  const none = { detainee: 0, force: 0, incident: 0, other: 0 };
  return {
    received: {
      files: depths.filter((d) => d === 0).length,
      members: depths.filter((d) => d === 1).length,
      nested: depths.filter((d) => d > 1).length,
      all: files.length,
    },
    sealed: sets.size,
    duplicate: files.length - sets.size,
    kinds: tally(
      { picture: 0, archive: 0, text: 0, foreign: 0 },
      files.map(({ kind }) => kind),
    ),
    pictures: pictures.length,
    distinctPictures: distinct.length,
    categories: tally(
      none,
      pictures.map(({ category }) => category!),
    ),
    distinctCategories: tally(
      none,
      distinct.map(([first]) => first!.category!),
    ),
    toldByPath: tally({ ...none, unreviewed: 0 }, distinct.map(told)),
    individuals,
    individualsToldByPath: new Set(keys).size,
    nearDuplicates: files.filter(({ nearDuplicateOf }) => nearDuplicateOf !== null).length,
    problems: tally(
      {},
      files.flatMap(({ problems }) => problems),
    ),
  };
}

function tally<K extends string>(zero: Record<K, number>, values: readonly K[]): Record<K, number> {
  const out = { ...zero };
  for (const value of values) out[value] = (out[value] ?? 0) + 1;
  return out;
}

/** Writes it with one file a line: at 55,000 files a text that tools can still page through. */
export async function writeTruth(path: string, { files, ...head }: DemoTruth): Promise<void> {
  await pipeline(function* () {
    yield `${JSON.stringify(head, null, 1).slice(0, -2)},\n "files": [\n`;
    for (let at = 0; at < files.length; at += 500) {
      const lines = files.slice(at, at + 500).map((file) => JSON.stringify(file));
      yield `${lines.join(',\n')}${at + 500 < files.length ? ',' : ''}\n`;
    }
    yield ' ]\n}\n';
  }, createWriteStream(path));
}
