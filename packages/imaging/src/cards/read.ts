// Numbers read in a picture: lines of writing gathered into cards, each card turned until it reads, its script told from
// all of its lines together, its signs found by the best way through the atoms of a line.
import type { TextBox } from './boxes.ts';
import { calibrated, type Evidence } from './calibration.ts';
import { dividedLine, glyphOf, mayBeOne, rowBetween, splitAt, straightened, type Grey, type Line } from './line.ts';
import { judge, newPass, signs, type Weights } from './network.ts';

export type Script = 'latin' | 'arabic-indic';
export const scripts: readonly Script[] = ['latin', 'arabic-indic'];

export interface NumberReading {
  /** Digits in Latin form, and '/' with its letter where there is one. */
  value: string;
  script: Script;
  style: 'print' | 'hand';
  /** Corners in pixels of the picture given: top left first, clockwise as it is read. */
  quad: [number, number][];
  /** Calibrated: that `value` is right to the last digit. */
  probability: number;
  alternatives: { value: string; probability: number }[];
  /** Which card of the picture, and the height of the line in pixels of the picture. */
  card: number;
  height: number;
  evidence: Evidence;
}

/** Lines that the detector marks more weakly, or that are lower than this many pixels, are not looked at. */
const leastHeight = 7;
const leastProbability = 0.02;
const mostLines = 14;

/** Reads all numbers in a picture, given the lines of writing that a detector found in it; card by card, top to bottom. */
export function readNumbers(picture: Grey, boxes: readonly TextBox[], weights: Weights): NumberReading[] {
  const usable = boxes.filter(({ height }) => height >= leastHeight).slice(0, mostLines);
  return cardsOf(usable).flatMap((card, n) => readCard(picture, card, weights, n));
}

/** Boxes that lie together and are written in one direction, give or take a quarter turn, are of one card. */
function cardsOf(boxes: readonly TextBox[]): TextBox[][] {
  const cards: TextBox[][] = [];
  for (const box of boxes.toSorted((a, b) => b.height - a.height)) {
    const card = cards.find((lines) =>
      lines.some((line) => {
        const near = Math.hypot(line.x - box.x, line.y - box.y) < 2.1 * Math.max(line.height, box.height) + 6;
        return near && Math.abs(quarterOff(line.angle, box.angle)) < 0.3;
      }),
    );
    if (card === undefined) cards.push([box]);
    else card.push(box);
  }
  return cards.map(straightBy);
}

/** All lines of a card in the direction of its longest; one that is nearly square takes its very angle. */
function straightBy(card: TextBox[]): TextBox[] {
  const [first, ...others] = card.toSorted((a, b) => b.length / b.height - a.length / a.height);
  const rest = others.map((box) => {
    const like = alike(box, first!.angle);
    return box.length < box.height * 1.6 ? { ...like, angle: first!.angle } : like;
  });
  return [first!, ...rest];
}

/** The difference of two angles but for quarter turns, within an eighth of a turn. */
function quarterOff(a: number, b: number): number {
  const d = (a - b) / (Math.PI / 2);
  return (d - Math.round(d)) * (Math.PI / 2);
}

/** The box with its angle nearest to `angle`: its sides change places where that is a quarter turn away. */
function alike(box: TextBox, angle: number): TextBox {
  const quarters = Math.round((angle - box.angle) / (Math.PI / 2));
  return turned(box, quarters);
}

function turned(box: TextBox, quarters: number): TextBox {
  const swap = quarters % 2 !== 0;
  return {
    ...box,
    angle: box.angle + (quarters * Math.PI) / 2,
    length: swap ? box.height : box.length,
    height: swap ? box.length : box.height,
  };
}

interface Way {
  /** Indices of signs, as written from left to right. */
  path: { sign: number; from: number; to: number; logs: Float32Array }[];
  score: number;
  skipped: number;
}

interface Looked {
  box: TextBox;
  line: Line | null;
  ways: Record<Script, Way | null>;
  hand: number;
}

/** How much less likely a card lies turned a quarter, or upside down, than upright, as logarithms. */
const lying = [0, 2.2, 3.2, 2.2] as const;
const unread = -7;

function readCard(picture: Grey, card: TextBox[], weights: Weights, n: number): NumberReading[] {
  // Upright in the picture is the first guess; a line is longer than high, unless it is of one or two narrow signs.
  const upright = Math.round(card[0]!.angle / (Math.PI / 2));
  const squarish = card.every(({ length, height }) => length < height * 1.9);
  const options: { script: Script; score: number; lines: Looked[] }[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const quarters = turn - upright;
    if (!squarish && Math.abs(quarters) % 2 === 1) continue;
    const lines = card.flatMap((box) => looks(picture, turned(box, quarters), weights));
    for (const script of scripts) {
      const total = lines.reduce((sum, { ways }) => sum + Math.max(unread, ways[script]?.score ?? unread), 0);
      options.push({ script, score: total - lying[turn]!, lines });
    }
  }
  options.sort((a, b) => b.score - a.score);
  const best = options[0];
  if (best === undefined) return [];
  const otherWay = options.find(({ lines }) => lines !== best.lines);
  const otherScript = options.find(({ lines, script }) => lines === best.lines && script !== best.script);
  const margin = (other: typeof best | undefined): number =>
    Math.min(12, other === undefined ? 12 : best.score - other.score);
  const down = best.lines[0]!.box.angle;
  return best.lines
    .toSorted((a, b) => along(a.box, down) - along(b.box, down))
    .flatMap((looked) => {
      const way = looked.ways[best.script];
      if (way === null || way.path.length < 2) return [];
      const reading = readingOf(
        looked,
        way,
        best.script,
        { turn: margin(otherWay), script: margin(otherScript), lines: card.length },
        n,
      );
      return reading.probability < leastProbability ? [] : [reading];
    });
}

/** A box as one line, or as two where it reads better so: the detector may mark two that lie close as one. */
function looks(picture: Grey, box: TextBox, weights: Weights): Looked[] {
  const whole = look(picture, box, weights);
  if (box.length > box.height * 2.6) return [whole];
  const row = rowBetween(straightened(picture, box));
  if (row === null) return [whole];
  const halves = splitAt(box, row).map((half) => look(picture, half, weights));
  const scoreOf = ({ ways }: Looked): number =>
    Math.max(unread, ...scripts.map((script) => ways[script]?.score ?? unread));
  return Math.min(...halves.map(scoreOf)) > Math.min(-3, scoreOf(whole)) ? halves : [whole];
}

const along = ({ x, y }: TextBox, angle: number): number => y * Math.cos(angle) - x * Math.sin(angle);

const longestSpan = 3;

function look(picture: Grey, box: TextBox, weights: Weights): Looked {
  const line = dividedLine(straightened(picture, box));
  if (line === null || line.atoms.length > 24)
    return { box, line: null, ways: { latin: null, 'arabic-indic': null }, hand: 0.5 };
  const pass = newPass();
  const count = line.atoms.length;
  const spans: ({ logs: Float32Array; hand: number } | null)[][] = line.atoms.map((_, from) =>
    Array.from({ length: Math.min(longestSpan, count - from) }, (_unused, k) => {
      const some = line.atoms.slice(from, from + k + 1);
      const wide = Math.max(...some.map(({ right }) => right)) - Math.min(...some.map(({ left }) => left));
      if (k > 0 && (wide > line.tall * 1.6 || !mayBeOne(some))) return null;
      pass.input.set(glyphOf(line, from, from + k + 1));
      return judge(weights, pass);
    }),
  );
  const ways = { latin: bestWay(spans, 'latin'), 'arabic-indic': bestWay(spans, 'arabic-indic') };
  const hands = spans.map((row) => row[0]!.hand);
  return { box, line, ways, hand: hands.reduce((a, b) => a + b, 0) / count };
}

const none = signs.length - 1;
const slash = signs.indexOf('/');
const letters = [slash + 1, slash + 2, slash + 3, slash + 4];
const digitsOf: Record<Script, number[]> = {
  latin: Array.from({ length: 10 }, (_, k) => k),
  'arabic-indic': Array.from({ length: 10 }, (_, k) => 10 + k),
};

/**
 * What may follow what, as it is written from left to right: a number, then in Latin '/' and a letter; in Arabic, which
 * is read from the right, the letter and '/' stand before. States: what was last.
 */
const follows: Record<Script, Record<string, string[]>> = {
  latin: { start: ['digit'], digit: ['digit', 'slash'], slash: ['letter'], letter: [] },
  'arabic-indic': { start: ['digit', 'letter'], letter: ['slash'], slash: ['digit'], digit: ['digit'] },
};
const ends: Record<Script, string[]> = { latin: ['digit', 'letter'], 'arabic-indic': ['digit'] };
const kinds = (script: Script): Record<string, number[]> => ({
  digit: digitsOf[script],
  slash: [slash],
  letter: letters,
});

/** What it costs to pass over an atom as a stain. */
const stain = -2.5;

function bestWay(spans: ({ logs: Float32Array } | null)[][], script: Script): Way | null {
  const count = spans.length;
  const table: Map<string, Way>[] = Array.from({ length: count + 1 }, () => new Map<string, Way>());
  table[0]!.set('start', { path: [], score: 0, skipped: 0 });
  const classes = kinds(script);
  const offer = (at: number, state: string, way: Way): void => {
    const known = table[at]!.get(state);
    if (known === undefined || known.score < way.score) table[at]!.set(state, way);
  };
  for (let at = 0; at < count; at++) {
    for (const [state, way] of table[at]!) {
      const alone = spans[at]![0]!.logs[none]!;
      offer(at + 1, state, { ...way, score: way.score + alone + stain, skipped: way.skipped + 1 });
      spans[at]!.forEach((span, k) => {
        if (span === null) return;
        for (const next of follows[script][state]!) {
          let sign = -1;
          for (const one of classes[next]!) if (sign < 0 || span.logs[one]! > span.logs[sign]!) sign = one;
          // Weighted by atoms, so that ways through more spans are not at a disadvantage.
          const score = way.score + (k + 1) * span.logs[sign]!;
          offer(at + k + 1, next, {
            path: [...way.path, { sign, from: at, to: at + k + 1, logs: span.logs }],
            score,
            skipped: way.skipped,
          });
        }
      });
    }
  }
  return ends[script]
    .flatMap((state) => table[count]!.get(state) ?? [])
    .reduce<Way | null>((best, way) => (best === null || way.score > best.score ? way : best), null);
}

/** The value of signs as they are written: digits in Latin form, the suffix last. */
function valueOf(path: readonly { sign: number }[], script: Script): string {
  const text = path.map(({ sign }) => (sign >= 10 && sign < 20 ? signs[sign - 10]! : signs[sign]!));
  if (script === 'latin' || !text.includes('/')) return text.join('');
  return [...text.slice(2), '/', text[0]!].join('');
}

function readingOf(
  { box, line, hand }: Looked,
  way: Way,
  script: Script,
  card: { turn: number; script: number; lines: number },
  n: number,
): NumberReading {
  const logs = way.path.map(({ sign, logs: all }) => all[sign]!);
  const others = way.path
    .flatMap(({ sign, logs: all }, k) => {
      const list = digitsOf[script].includes(sign) ? digitsOf[script] : letters.includes(sign) ? letters : [];
      return list
        .filter((one) => one !== sign)
        .map((one) => ({
          value: valueOf(way.path.with(k, { ...way.path[k]!, sign: one }), script),
          weight: Math.exp(all[one]! - all[sign]!),
        }));
    })
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 4);
  const evidence: Evidence = {
    sum: logs.reduce((a, b) => a + b, 0),
    least: Math.min(...logs),
    turn: card.turn,
    script: card.script,
    skipped: way.skipped,
    signs: way.path.length,
    lines: card.lines,
    tall: (line!.tall * box.height) / line!.height,
    marked: box.score,
    doubt: others[0]?.weight ?? 0,
  };
  const probability = calibrated(evidence);
  const rest = others.reduce((sum, { weight }) => sum + weight, 0) + 0.05;
  const [c, s] = [Math.cos(box.angle), Math.sin(box.angle)];
  const [u, v] = [box.length / 2, box.height / 2];
  return {
    value: valueOf(way.path, script),
    script,
    style: hand > 0.5 ? 'hand' : 'print',
    quad: (
      [
        [-u, -v],
        [u, -v],
        [u, v],
        [-u, v],
      ] as const
    ).map(([a, b]) => [box.x + a * c - b * s, box.y + a * s + b * c]),
    probability,
    alternatives: others.map(({ value, weight }) => ({ value, probability: ((1 - probability) * weight) / rest })),
    card: n,
    height: evidence.tall,
    evidence,
  };
}
