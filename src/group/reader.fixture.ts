// A simulated reader of cards: readings as a calibrated one would give them, from what a card truly says and a seed.
// Mistakes are of digits that hands confuse, and pictures of one card share some of them.
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { citedPath } from '@dalil/verify';
import type { Json } from '../case/json.ts';
import type { Card } from '../demo/plan.ts';
import type { DemoTruth, TruthFile } from '../demo/truth.ts';
import { cropHash, cropPath, cutCrop, decodeUpright, keepCrop, type Quad } from '../describe/crop.ts';
import type { OpenCase } from '../log/case.ts';

/** Numbers in [0, 1) from a name: the same name gives the same ones. */
export function stream(...name: (string | number)[]): () => number {
  let state = createHash('sha256').update(name.join('\0')).digest().readUInt32LE(0);
  return () => {
    // mulberry32: quick and even enough to draw mistakes with.
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const confused: Record<string, string> = {
  0: '86',
  1: '74',
  2: '37',
  3: '82',
  4: '91',
  5: '63',
  6: '50',
  7: '12',
  8: '03',
  9: '47',
};

export interface SimulatedReading {
  value: string;
  probability: number;
  alternatives: { value: string; probability: number }[];
}

/**
 * One reading of `truth`, or null where nothing is found. `skill` is the mean probability of being right. With
 * probability `shared` a wrong reading is the one that every picture of `card` would give.
 */
export function simulateReading(
  truth: string,
  { card, picture, skill, shared = 0.3 }: { card: string; picture: string; skill: number; shared?: number },
): SimulatedReading | null {
  const draw = stream('reading', card, picture);
  if (draw() < 0.06) return null;
  // Most readings are nearly certain, a tail is not: u^(1/k) has the mean k / (k + 1).
  const k = skill / (1 - skill);
  const right = Math.max(0.05, draw() ** (1 / k));
  const wrong = (source: () => number): string => {
    const digits = [...truth].map((digit, i) => ({ digit, i })).filter(({ digit }) => digit in confused);
    const { digit, i } = digits[Math.floor(source() * digits.length)] ?? { digit: '1', i: 0 };
    const other = confused[digit]![source() < 0.5 ? 0 : 1]!;
    return truth.slice(0, i) + other + truth.slice(i + 1);
  };
  const mistake = draw() < shared ? wrong(stream('card', card)) : wrong(draw);
  const isRight = draw() < right;
  const [first, second] = isRight ? [truth, mistake] : [mistake, truth];
  const rest = (1 - right) * 0.8;
  return {
    value: first,
    probability: right,
    alternatives: [{ value: second, probability: rest }],
  };
}

/** How often a reader is right, by what it reads: hands less than print, Arabic-Indic digits less than Latin ones. */
const skills = { 'latin printed': 0.99, 'latin hand': 0.92, 'arabic-indic printed': 0.97, 'arabic-indic hand': 0.88 };

interface CardInPicture {
  carrier: 'card' | 'tape' | 'skin';
  style: 'printed' | 'hand';
  script: 'latin' | 'arabic-indic';
  lines: { role: string; value: string }[];
}

/** The fields of a `describe.card` record of one picture, as the simulated reader would have it. */
export function simulatedCard(
  seed: string,
  { path, individual, card }: { path: string; individual: string; card: CardInPicture },
): Record<string, Json> {
  const skill = skills[`${card.script} ${card.style}`];
  const readings = card.lines.flatMap(({ role, value }): Json[] => {
    const said = simulateReading(value, { card: `${seed} ${individual} ${role}`, picture: path, skill });
    if (said === null) return [];
    return [
      {
        ...said,
        script: card.script,
        style: card.style === 'printed' ? 'print' : 'hand',
        carrier: card.carrier,
        role,
        quad: [
          [0, 0],
          [90, 0],
          [90, 30],
          [0, 30],
        ],
        crop: createHash('sha256').update(`${path} ${role}`).digest('hex'),
      } as unknown as Json,
    ];
  });
  return {
    observation: { tool: 'simulated reader', version: '1', settings: { pixelLimit: 1, grammar: [] } },
    readings,
    problems: [],
  };
}

/** Writes a record for every picture of a demo that shows a card: what `dalil read` would leave behind. */
export async function readCards(opened: OpenCase, truth: DemoTruth, seed: string): Promise<number> {
  return writeCards(opened, truth, (file) => Promise.resolve(simulatedCard(seed, file)));
}

/**
 * The same, with what people are asked by: each number cut out of the sealed original where the demo has put its line, and
 * kept as the real reader keeps its crops. A second of work for a hundred pictures, where the real reader takes a minute.
 */
export async function readCardsWithCrops(opened: OpenCase, truth: DemoTruth, seed: string): Promise<number> {
  return writeCards(opened, truth, async (file) => {
    const fields = simulatedCard(seed, file);
    const readings = fields['readings'] as unknown as { role: string; quad: Quad; crop: string }[];
    if (readings.length === 0) return fields;
    const original = citedPath({ store: 'originals', sha256: file.sha256, size: file.size });
    const colours = await decodeUpright(await readFile(join(opened.folder.path, original)), 60_000_000);
    const path = cropPath(opened, file.sha256);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    for (const [n, reading] of readings.entries()) {
      const line = file.card.lines.findIndex(({ role }) => role === reading.role);
      reading.quad = lineOf(file.quad, line, file.card.lines.length);
      const crop = await cutCrop(colours, reading.quad);
      await keepCrop(path, n, crop);
      reading.crop = cropHash(crop);
    }
    return fields;
  });
}

/** The place of one of the lines that a card carries from its top to its foot. */
function lineOf(card: Quad, line: number, lines: number): number[][] {
  const [a, b, c, d] = card as [number[], number[], number[], number[]];
  const between = (from: number[], to: number[], share: number): number[] =>
    from.map((value, i) => Math.round(value + (to[i]! - value) * share));
  const [top, foot] = [line / lines, (line + 1) / lines];
  return [between(a, d, top), between(b, c, top), between(b, c, foot), between(a, d, foot)];
}

type WithCard = TruthFile & { individual: string; card: Card; quad: Quad };

async function writeCards(
  opened: OpenCase,
  truth: DemoTruth,
  read: (file: WithCard) => Promise<Record<string, Json>>,
): Promise<number> {
  const { rows } = await opened.index.pool.query<{ id: string; sha256: string }>('select id, sha256 from item');
  const idOf = new Map(rows.map(({ id, sha256 }) => [sha256, id]));
  const once = new Map(truth.files.filter(({ card }) => card !== null).map((file) => [file.sha256, file]));
  const files = [...once.values()] as WithCard[];
  for (let at = 0; at < files.length; at += 1000) {
    const some = files.slice(at, at + 1000);
    const fields = await Promise.all(some.map(read));
    await opened.log.append(opened.actor, (turn) => {
      for (const [i, { sha256 }] of some.entries())
        turn.add({ kind: 'describe.card', refs: { item: idOf.get(sha256)! }, ...fields[i]! });
    });
  }
  return files.length;
}

/** The true partition of the sealed pictures of detainees: item to individual. */
export async function truePartition(opened: OpenCase, truth: DemoTruth): Promise<Map<string, string>> {
  const { rows } = await opened.index.pool.query<{ handle: string; sha256: string }>('select handle, sha256 from item');
  const bodies = new Map(truth.files.map(({ sha256, individual }) => [sha256, individual]));
  return new Map(
    rows.flatMap(({ handle, sha256 }) => {
      const body = bodies.get(sha256);
      return body === null || body === undefined ? [] : [[handle, body] as const];
    }),
  );
}

/** Ours, as the index has it: item to individual. */
export async function ourPartition({ index }: OpenCase): Promise<Map<string, string>> {
  const { rows } = await index.pool.query<{ item: string; individual: string }>('select item, individual from member');
  return new Map(rows.map(({ item, individual }) => [item, individual]));
}
