// A simulated reader of cards: readings as a calibrated one would give them, from what a card truly says and a seed.
// Mistakes are of digits that hands confuse, and pictures of one card share some of them.
import { createHash } from 'node:crypto';
import type { Json } from '../case/json.ts';
import type { DemoTruth } from '../demo/truth.ts';
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
  const { rows } = await opened.index.pool.query<{ id: string; sha256: string }>('select id, sha256 from item');
  const idOf = new Map(rows.map(({ id, sha256 }) => [sha256, id]));
  const once = new Map(truth.files.filter(({ card }) => card !== null).map((file) => [file.sha256, file]));
  const files = [...once.values()];
  for (let at = 0; at < files.length; at += 1000) {
    await opened.log.append(opened.actor, (turn) => {
      for (const { sha256, path, individual, card } of files.slice(at, at + 1000)) {
        const fields = simulatedCard(seed, { path, individual: individual!, card: card! });
        turn.add({ kind: 'describe.card', refs: { item: idOf.get(sha256)! }, ...fields });
      }
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
