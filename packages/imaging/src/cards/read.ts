// Numbers read in a picture: lines of writing gathered into cards, found anew by their ink, each card turned until it
// reads, its script told from all of its lines together, and each line then looked at several times, cut out a little
// otherwise.
import type { TextBox } from './boxes.ts';
import { calibrated, type Evidence } from './calibration.ts';
import { cornersOf, halvesOf, lineOf, type Grey } from './line.ts';
import { layoutsOf } from './layout.ts';
import { judge, newPass, type Pass, type Weights } from './network.ts';
import { scripts, spellings, together, type Script, type Spelling } from './spell.ts';

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
/** The logarithm under which a first look is not followed by others. */
const leastFirst = -4;
/** The mean logarithm of what the lines of a card say above which no other layout is tried. */
const clear = -0.7;
/** How much better, as a logarithm for each line, boxes must read as they were marked: they may cut a number short. */
const cutThrough = 0.5;

/** Reads all numbers in a picture, given the lines of writing that a detector found in it; card by card, top to bottom. */
export function readNumbers(picture: Grey, boxes: readonly TextBox[], weights: Weights): NumberReading[] {
  const usable = boxes.filter(({ height }) => height >= leastHeight).slice(0, mostLines);
  const eye: Eye = { picture, weights, pass: newPass() };
  return cardsOf(usable).flatMap((card, n) => readCard(eye, card, n));
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
  return cards;
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

interface Looked {
  box: TextBox;
  spelt: Record<Script, Spelling[]>;
  hand: number;
  /** Height of the signs, in pixels of the picture. */
  tall: number;
}

/** How a line is cut out: the height of its signs, and how far it is drawn out along itself, of what is usual. */
interface Cut {
  size: number;
  stretch: number;
}

/** What it takes to look at a line. */
interface Eye {
  picture: Grey;
  weights: Weights;
  pass: Pass;
}

function look(
  { picture, weights, pass }: Eye,
  box: TextBox,
  { size, stretch }: Cut = { size: 1, stretch: 1 },
  only: readonly Script[] = scripts,
): Looked {
  const line = lineOf(picture, box, size, stretch);
  if (line === null) return { box, spelt: { latin: [], 'arabic-indic': [] }, hand: 0.5, tall: 0 };
  const columns = judge(weights, pass, line.ink, line.width);
  const spelt: Looked['spelt'] = { latin: [], 'arabic-indic': [] };
  for (const script of only) spelt[script] = spellings(columns, script);
  return { box, spelt, hand: columns.hand, tall: line.tall };
}

/** How much less likely a card lies turned a quarter, or upside down, than upright, as logarithms. */
const lying = [0, 2.2, 3.2, 2.2] as const;
const unread = -7;
/** The logarithm that a line says anything in a script. */
const scoreOf = ({ spelt }: Looked, script: Script): number =>
  Math.max(unread, Math.log(spelt[script][0]?.probability ?? 0));

/** One way in which a card may lie: its lines turned so, in one script. */
interface Option {
  script: Script;
  score: number;
  /** The mean of what its lines say, as a logarithm. */
  mean: number;
  lines: Looked[];
}

/** All ways in which these lines may lie; of lines told by their ink it is `known` along which they lie. */
function optionsOf(eye: Eye, card: TextBox[], count: number, known: boolean): Option[] {
  // Upright in the picture is the first guess; a line is longer than high, unless it is of one or two narrow signs.
  const upright = Math.round(card[0]!.angle / (Math.PI / 2));
  const squarish = !known && card.every(({ length, height }) => length < height * 1.9);
  const options: Option[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const quarters = turn - upright;
    if (!squarish && Math.abs(quarters) % 2 === 1) continue;
    const lines = card.flatMap((box) => linesIn(eye, turned(box, quarters), known ? 0 : 2));
    for (const script of scripts) {
      // Halves are more lines than the whole is: each counts by its share.
      const mean = lines.reduce((sum, line) => sum + scoreOf(line, script), 0) / lines.length;
      options.push({ script, score: mean * count - lying[turn]!, mean, lines });
    }
  }
  return options;
}

function readCard(eye: Eye, card: TextBox[], n: number): NumberReading[] {
  const options: Option[] = [];
  for (const lines of layoutsOf(eye.picture, card)) {
    if (lines.length === 0) continue;
    const apart = card.filter((box) => !lines.some((line) => within(line, box)));
    options.push(...optionsOf(eye, [...lines, ...apart.map((box) => alike(box, lines[0]!.angle))], card.length, true));
    if (options.some(({ mean }) => mean > clear)) break;
  }
  if (!options.some(({ mean }) => mean > clear)) {
    const asMarked = optionsOf(eye, straightBy(card), card.length, false);
    options.push(...asMarked.map((one) => ({ ...one, score: one.score - cutThrough * card.length })));
  }
  options.sort((a, b) => b.score - a.score);
  const best = options[0];
  if (best === undefined) return [];
  const otherWay = options.find(({ lines }) => lines !== best.lines);
  const otherScript = options.find(({ lines, script }) => lines === best.lines && script !== best.script);
  const margin = (other: typeof best | undefined): number =>
    Math.min(12, other === undefined ? 12 : best.score - other.score);
  const down = best.lines[0]!.box.angle;
  const context = { turn: margin(otherWay), script: margin(otherScript), lines: best.lines.length };
  return best.lines
    .toSorted((a, b) => along(a.box, down) - along(b.box, down))
    .flatMap((first) => {
      const reading = readingOf(eye, first, best.script, context, n);
      return reading === null || reading.probability < leastProbability ? [] : [reading];
    });
}

/** The middle of the second box lies in the first. */
function within({ x, y, length, height, angle }: TextBox, box: TextBox): boolean {
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const [dx, dy] = [box.x - x, box.y - y];
  return Math.abs(dx * c + dy * s) < length / 2 && Math.abs(dy * c - dx * s) < height / 2;
}

/** A box as one line, or as several where it reads better so: the detector may mark lines that lie close as one. */
function linesIn(eye: Eye, box: TextBox, depth: number): Looked[] {
  const whole = look(eye, box);
  if (depth === 0 || box.length > box.height * 2.6) return [whole];
  const halves = halvesOf(eye.picture, box).flatMap((half) => linesIn(eye, half, depth - 1));
  if (halves.length === 0) return [whole];
  const best = (one: Looked): number => Math.max(...scripts.map((script) => scoreOf(one, script)));
  return Math.min(...halves.map(best)) > Math.min(-1.5, best(whole)) ? halves : [whole];
}

const along = ({ x, y }: TextBox, angle: number): number => y * Math.cos(angle) - x * Math.sin(angle);

/** Other looks are drawn out along the line, which parts narrow signs: of 29 suffixes 28 were right so, instead of 26. */
const drawnOut = 1.2;
/** Further looks at a line: shifted along and across and by some angle, in heights of the box and radians; and its size. */
const otherLooks = [
  { u: 0.05, v: 0.05, angle: 0.03, size: 0.9 },
  { u: -0.05, v: -0.05, angle: -0.03, size: 1.1 },
  { u: 0.02, v: -0.03, angle: 0.05, size: 1.04 },
  { u: -0.02, v: 0.03, angle: -0.05, size: 0.96 },
] as const;

function lookAgain(eye: Eye, { box }: Looked, script: Script): Looked[] {
  const [c, s] = [Math.cos(box.angle), Math.sin(box.angle)];
  return otherLooks.map(({ u, v, angle, size }) => {
    const [du, dv] = [u * box.height, v * box.height];
    return look(
      eye,
      { ...box, x: box.x + du * c - dv * s, y: box.y + du * s + dv * c, angle: box.angle + angle },
      { size, stretch: drawnOut },
      [script],
    );
  });
}

function readingOf(
  eye: Eye,
  first: Looked,
  script: Script,
  card: { turn: number; script: number; lines: number },
  n: number,
): NumberReading | null {
  if (scoreOf(first, script) < leastFirst) return null;
  const looks = [first, ...lookAgain(eye, first, script)];
  const spelt = together(looks.map((one) => one.spelt[script]));
  const [best, ...others] = spelt as [Spelling, ...Spelling[]];
  const of = ({ spelt: said }: Looked): number =>
    said[script].find(({ value }) => value === best.value)?.probability ?? 0;
  const { box, tall } = first;
  const evidence: Evidence = {
    said: best.probability,
    least: Math.min(...looks.map(of)),
    agree: looks.filter(({ spelt: said }) => said[script][0]?.value === best.value).length / looks.length,
    doubt: others[0]?.probability ?? 0,
    signs: best.signs,
    tall,
    marked: box.score,
    ...card,
  };
  const probability = calibrated(evidence);
  const rest = others.reduce((sum, one) => sum + one.probability, 0) + 0.05;
  const hand = looks.reduce((sum, one) => sum + one.hand, 0) / looks.length;
  return {
    value: best.value,
    script,
    style: hand > 0.5 ? 'hand' : 'print',
    quad: cornersOf(box),
    probability,
    alternatives: others
      .slice(0, 4)
      .map((one) => ({ value: one.value, probability: ((1 - probability) * one.probability) / rest })),
    card: n,
    height: tall,
    evidence,
  };
}
