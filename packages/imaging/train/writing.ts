// Lines of writing to learn from: digits, suffixes and words in open fonts and by a pen, drawn unsteadily, bent, turned,
// faded, soiled, blurred, noisy, compressed, with their neighbours on the card and its edges, and cut out as a detector
// would cut them. The same seed gives the same lines.
import type { TextBox } from '../src/cards/boxes.ts';
import type { Grey } from '../src/cards/line.ts';
import type { Dice } from './dice.ts';
import { fontOf, type Face } from './families.ts';
import { photographed } from './photograph.ts';
import { breadthOf, strokesOf, waysOf } from './strokes.ts';

/** What was drawn, and where. */
export interface Scene {
  grey: Grey;
  /** Signs as they stand from left to right: their middles, and half their breadth. Empty where no number was drawn. */
  signs: { sign: string; x: number; y: number; half: number }[];
  hand: boolean;
  /** Around the writing, without any ground. */
  box: TextBox;
  /** Height of a digit. */
  tall: number;
}

type Point = readonly [number, number];
interface Contour {
  points: Point[];
  /** Ends where it began: a filled outline of a font; else a stroke of a pen. */
  closed: boolean;
}
interface Drawn {
  sign: string;
  contours: Contour[];
}

/** Where the writing of one hand comes from: a font, with another for letters that it lacks, or a pen. */
interface Hand {
  font: Face | null;
  other: Face;
  hand: boolean;
  script: 'latin' | 'arabic-indic';
  /** How unsteady, 0 for print. */
  unsteady: number;
  slant: number;
  /** Ems between signs beyond their own. */
  spread: number;
  ways: Map<string, number>;
}

const letters = { latin: 'ABCDEFGHKLMNPRSTUVWXYZabcdefghkmnprstuvwxyz', 'arabic-indic': 'سشصضطظعغفقكلمنيةتث' };

function handOf(dice: Dice, from: readonly Face[], pens: boolean): Hand {
  const script = dice.happens(0.5) ? 'latin' : 'arabic-indic';
  const hand = dice.happens(0.6);
  const pen = hand && pens && dice.happens(script === 'latin' ? 0.2 : 0.4);
  const fitting = from.filter((face) => face.hand === hand && (script === 'latin' ? face.latin : face.arabic));
  const some = fitting.length > 0 ? fitting : from.filter((face) => (script === 'latin' ? face.latin : face.arabic));
  const font = pen ? null : dice.pick(some);
  const arabic = from.filter((face) => face.arabic);
  const alike = arabic.filter((face) => face.hand === hand);
  return {
    font,
    other: dice.pick(alike.length > 0 && dice.happens(0.7) ? alike : arabic),
    hand: pen || font!.hand,
    script,
    unsteady: pen || font!.hand ? dice.between(0.4, 1.8) : dice.happens(0.15) ? dice.between(0.3, 0.8) : 0,
    slant: pen || font!.hand ? dice.normal() * 0.17 : dice.normal() * 0.04,
    spread: pen || font!.hand ? dice.between(-0.07, 0.14) : dice.between(-0.04, 0.09),
    ways: new Map(),
  };
}

/** Text on a baseline at y = 0, a digit 1 high, from x = 0; its width. */
function lay(dice: Dice, hand: Hand, text: string): { drawn: Drawn[]; width: number } {
  const drawn: Drawn[] = [];
  const { unsteady, slant } = hand;
  let pen = 0;
  for (const sign of text) {
    const [angle, size, lift] = [
      dice.normal() * 0.05 * unsteady,
      1 + dice.normal() * 0.05 * unsteady,
      dice.normal() * 0.035 * unsteady,
    ];
    const [c, s] = [Math.cos(angle) * size, Math.sin(angle) * size];
    const move = (x: number, y: number): Point => [x * c - y * s - slant * (x * s + y * c) + pen, x * s + y * c + lift];
    if (hand.font === null) {
      // One hand writes a sign in one way, nearly always.
      const known = hand.ways.get(sign) ?? dice.whole(0, waysOf(sign) - 1);
      hand.ways.set(sign, known);
      const way = dice.happens(0.05) ? dice.whole(0, waysOf(sign) - 1) : known;
      const shaken = (): number => dice.normal() * 0.022 * (0.6 + unsteady);
      const broad = dice.between(0.85, 1.2);
      drawn.push({
        sign,
        contours: strokesOf(sign, way, shaken).map((points) => ({
          points: points.map(([x, y]) => move(x * broad, y - 1)),
          closed: false,
        })),
      });
      pen += breadthOf(sign) * broad * size + 0.16 + hand.spread;
      continue;
    }
    const face = fontOf(hand.font).charToGlyphIndex(sign) === 0 ? hand.other : hand.font;
    const font = fontOf(face);
    const em = 1 / digitHeight(face, hand.script);
    const glyph = font.charToGlyph(sign);
    const contours: Contour[] = [];
    for (const points of outlines(glyph.getPath(0, 0, em).commands)) {
      contours.push({ points: points.map(([x, y]) => move(x, y)), closed: true });
    }
    if (contours.length > 0) drawn.push({ sign, contours });
    pen += ((glyph.advanceWidth ?? 0) / font.unitsPerEm) * em * size + hand.spread * em;
  }
  return { drawn, width: pen };
}

function digitHeight(face: Face, script: Hand['script']): number {
  const font = fontOf(face);
  const sign = script === 'arabic-indic' && face.arabic ? '\u0664' : face.latin ? '4' : '\u0664';
  const box = font.charToGlyph(sign).getBoundingBox();
  return Math.max(0.2, (box.y2 - box.y1) / font.unitsPerEm);
}

function outlines(commands: import('opentype.js').PathCommand[]): Point[][] {
  const out: Point[][] = [];
  let [x, y] = [0, 0];
  const steps = [0.25, 0.5, 0.75, 1];
  for (const command of commands) {
    if (command.type === 'Z') continue;
    if (command.type === 'M') out.push([[command.x, command.y]]);
    else if (command.type === 'L') out.at(-1)!.push([command.x, command.y]);
    else {
      for (const t of steps) {
        const u = 1 - t;
        if (command.type === 'Q')
          out
            .at(-1)!
            .push([
              u * u * x + 2 * u * t * command.x1 + t * t * command.x,
              u * u * y + 2 * u * t * command.y1 + t * t * command.y,
            ]);
        else
          out
            .at(-1)!
            .push([
              u * u * u * x + 3 * u * u * t * command.x1 + 3 * u * t * t * command.x2 + t * t * t * command.x,
              u * u * u * y + 3 * u * u * t * command.y1 + 3 * u * t * t * command.y2 + t * t * t * command.y,
            ]);
      }
    }
    [x, y] = [command.x, command.y];
  }
  return out;
}

function digitsText(dice: Dice, script: Hand['script']): string {
  const zero = script === 'latin' ? 0x30 : 0x660;
  const digits = Array.from({ length: dice.pick([1, 2, 3, 3, 3, 4, 4, 4, 5, 6]) }, () => dice.whole(0, 9));
  // A zero at an end, a dot, is what is overlooked most.
  if (dice.happens(0.15)) digits[digits.length - 1] = 0;
  if (dice.happens(0.05)) digits[0] = 0;
  return String.fromCharCode(...digits.map((digit) => zero + digit));
}

function numberText(dice: Dice, script: Hand['script']): string {
  const text = digitsText(dice, script);
  if (text.length > 4 || !dice.happens(0.4)) return text;
  return withSuffix(script, text, dice.pick([...'أأأببجد']));
}

const withSuffix = (script: Hand['script'], text: string, suffix: string): string =>
  script === 'latin' ? `${text}/${suffix}` : `${suffix}/${text}`;

function wordText(dice: Dice, script: Hand['script']): string {
  let text = '';
  for (let n = dice.whole(2, 7); n > 0; n--) text += dice.pick([...letters[script]]);
  return text;
}

const hex = (value: number): string =>
  Math.max(0, Math.min(255, Math.round(value)))
    .toString(16)
    .padStart(2, '0')
    .repeat(3);

/** Draws one line in one of these faces, or by a pen where `pens`. */
export async function drawScene(dice: Dice, from: readonly Face[], pens = true): Promise<Scene> {
  const hand = handOf(dice, from, pens);
  const words = dice.happens(0.06);
  const usable = words && hand.font === null ? { ...hand, font: hand.other } : hand;
  const text = words ? wordText(dice, usable.script) : numberText(dice, usable.script);
  const tall = 8 * 5 ** dice.next();
  const line = lay(dice, usable, text);
  // The whole card: turned, seen aslant, and bent as paper and skin are.
  const turn = dice.normal() * 0.04;
  const [c0, s0] = [Math.cos(turn) * tall, Math.sin(turn) * tall];
  const [aslant, lean, wave, phase] = [
    dice.normal() * 0.02,
    dice.normal() * 0.02,
    dice.normal() * 0.03,
    dice.between(0, 6),
  ];
  const bend = dice.between(0.5, 1.8);
  const place = (x: number, y: number): Point => {
    const w = 1 + (aslant * x + lean * y) / 3;
    const [u, v] = [x / w + wave * Math.sin(bend * y + phase), y / w + wave * Math.sin(bend * x + phase)];
    return [u * c0 - v * s0, u * s0 + v * c0];
  };
  const placed = line.drawn.map(({ sign, contours }) => ({
    sign,
    contours: contours.map(({ points, closed }) => ({ points: points.map(([x, y]) => place(x, y)), closed })),
  }));
  const all = placed.flatMap(({ contours }) => contours.flatMap(({ points }) => points));
  const [x0, x1] = [Math.min(...all.map(([x]) => x)), Math.max(...all.map(([x]) => x))];
  const [y0, y1] = [Math.min(...all.map(([, y]) => y)), Math.max(...all.map(([, y]) => y))];
  const pad = Math.ceil(tall * 1.4 + 6);
  const [width, height] = [Math.ceil(x1 - x0) + 2 * pad, Math.ceil(y1 - y0) + 2 * pad];
  const onSkin = dice.happens(0.15);
  const ground = onSkin ? dice.between(90, 210) : dice.between(120, 252);
  const ink = Math.max(5, ground - (onSkin ? dice.between(45, 130) : dice.between(60, 230)));
  const [broad, thin] = [
    dice.happens(0.3) ? dice.between(0, 0.07) * tall : 0,
    dice.happens(0.2) ? dice.between(0, 0.05) * tall : 0,
  ];
  const nib = dice.between(0.05, 0.19) * tall;
  const show = ({ contours }: Drawn, level: number): string => {
    const d = ({ points, closed }: Contour): string =>
      `M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}${closed ? 'Z' : ''}`;
    const [outline, strokes] = [contours.filter(({ closed }) => closed), contours.filter(({ closed }) => !closed)];
    const color = `#${hex(level)}`;
    return (
      (outline.length === 0
        ? ''
        : `<path d="${outline.map(d).join('')}" fill="${color}" stroke="${color}" stroke-width="${broad.toFixed(2)}"/>` +
          (thin > 0.3 && broad === 0
            ? `<path d="${outline.map(d).join('')}" fill="none" stroke="#${hex(ground)}" stroke-width="${thin.toFixed(2)}"/>`
            : '')) +
      (strokes.length === 0
        ? ''
        : `<path d="${strokes.map(d).join('')}" fill="none" stroke="${color}" stroke-width="${nib.toFixed(2)}" stroke-linecap="round" stroke-linejoin="round"/>`)
    );
  };
  // Faint or pressed, sign by sign, as a pen is.
  const levels = placed.map(() =>
    usable.hand && dice.happens(0.2) ? ink + (ground - ink) * dice.between(0, 0.3) : ink,
  );
  const parts = placed.map((one, k) => show(one, levels[k]!));
  const others = [...neighbours(dice, from, usable, line.width), ...strayHamza(dice, usable, line.width)];
  parts.push(...others.map((one) => show(placedAt(one, place), ink)));
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="${width}" height="${height}" fill="#${hex(ground)}"/>` +
    `<g transform="translate(${(pad - x0).toFixed(2)} ${(pad - y0).toFixed(2)})">` +
    edges(dice, line.width, place, ground, tall) +
    parts.join('') +
    damage(dice, line.width, place, ground, ink, tall) +
    '</g></svg>';
  const grey = await photographed(dice, svg, [width, height], tall, ground - ink, onSkin);
  return {
    grey,
    hand: usable.hand,
    tall,
    signs: words
      ? []
      : placed.map(({ sign, contours }) => {
          const xs = contours.flatMap(({ points }) => points.map(([x]) => x));
          const ys = contours.flatMap(({ points }) => points.map(([, y]) => y));
          const [a, b] = [Math.min(...xs), Math.max(...xs)];
          return {
            sign,
            x: (a + b) / 2 - x0 + pad,
            y: (Math.min(...ys) + Math.max(...ys)) / 2 - y0 + pad,
            half: (b - a) / 2,
          };
        }),
    box: {
      x: pad + (x1 - x0) / 2,
      y: pad + (y1 - y0) / 2,
      length: x1 - x0,
      height: y1 - y0,
      angle: turn * dice.between(0, 1),
      score: 1,
    },
  };
}

function placedAt({ sign, contours }: Drawn, place: (x: number, y: number) => Point): Drawn {
  return { sign, contours: contours.map((one) => ({ ...one, points: one.points.map(([x, y]) => place(x, y)) })) };
}

/** A hamza beyond an end, lower or higher than a zero stands: the rest of an alef of another line. */
function strayHamza(dice: Dice, hand: Hand, width: number): Drawn[] {
  if (!dice.happens(0.1)) return [];
  const { drawn } = lay(dice, { ...hand, font: hand.font === null ? hand.other : hand.font }, 'ء');
  const size = dice.between(0.5, 1.1);
  const x = dice.happens(0.5) ? -dice.between(0.35, 0.9) * size : width + dice.between(-0.1, 0.5);
  const base = dice.happens(0.8) ? dice.between(0.15, 0.75) : -dice.between(0.85, 1.3);
  return drawn.map(({ sign, contours }) => ({
    sign,
    contours: contours.map((one) => ({
      ...one,
      points: one.points.map(([px, py]): Point => [px * size + x, py * size + base]),
    })),
  }));
}

/** The lines above and below, as a card has them: near, of another size. */
function neighbours(dice: Dice, from: readonly Face[], hand: Hand, width: number): Drawn[] {
  const out: Drawn[] = [];
  for (const side of [-1, 1]) {
    if (!dice.happens(0.4)) continue;
    const size = dice.between(0.6, 1.7);
    const gap = dice.between(0.08, 0.8);
    const other = dice.happens(0.1) ? handOf(dice, from, false) : hand;
    // An alef below, whose hamza stands beside the end of this line, is often there.
    const text =
      side > 0 && dice.happens(0.4)
        ? withSuffix(other.script, digitsText(dice, other.script), 'أ')
        : numberText(dice, other.script);
    const { drawn, width: across } = lay(dice, other, text);
    const start = width / 2 - (across * size) / 2 + dice.normal() * 0.3;
    const base = side < 0 ? -1 - gap : gap + size;
    for (const { sign, contours } of drawn) {
      out.push({
        sign,
        contours: contours.map((one) => ({
          ...one,
          points: one.points.map(([x, y]): Point => [x * size + start, y * size + base]),
        })),
      });
    }
  }
  return out;
}

const polygon = (points: readonly Point[], level: number, alpha = 1): string =>
  `<path d="M${points.map(([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}Z" fill="#${hex(level)}" fill-opacity="${alpha.toFixed(2)}"/>`;

/** Where the card ends, on some sides, and the frame printed on it. */
function edges(
  dice: Dice,
  width: number,
  place: (x: number, y: number) => Point,
  ground: number,
  tall: number,
): string {
  let out = '';
  const beyond = ground + (dice.happens(0.75) ? -dice.between(15, 140) : dice.between(10, 60));
  for (const [side, chance] of [
    ['left', 0.2],
    ['right', 0.2],
    ['above', 0.16],
    ['below', 0.16],
  ] as const) {
    if (!dice.happens(chance)) continue;
    const at = dice.between(0.25, 1.2);
    const lean = dice.normal() * 0.08;
    const framed = dice.happens(0.35);
    const far = framed ? at + dice.between(0.03, 0.1) : 9;
    const quad: Point[] =
      side === 'left'
        ? [
            [-at - lean, -4],
            [-at + lean, 4],
            [-far + lean, 4],
            [-far - lean, -4],
          ]
        : side === 'right'
          ? [
              [width + at - lean, -4],
              [width + at + lean, 4],
              [width + far + lean, 4],
              [width + far - lean, -4],
            ]
          : side === 'above'
            ? [
                [-4, -1 - at - lean],
                [width + 4, -1 - at + lean],
                [width + 4, -1 - far + lean],
                [-4, -1 - far - lean],
              ]
            : [
                [-4, at - lean],
                [width + 4, at + lean],
                [width + 4, far + lean],
                [-4, far - lean],
              ];
    out += polygon(
      quad.map(([x, y]) => place(x, y)),
      framed ? ground - dice.between(60, 200) : beyond,
    );
    // The shadow of an edge.
    if (!framed && dice.happens(0.4)) {
      const [[ax, ay], [bx, by]] = [place(...quad[0]!), place(...quad[1]!)];
      out += `<path d="M${ax.toFixed(1)} ${ay.toFixed(1)}L${bx.toFixed(1)} ${by.toFixed(1)}" stroke="#${hex(ground - 70)}" stroke-width="${(0.06 * tall).toFixed(2)}" stroke-opacity="0.5"/>`;
    }
  }
  return out;
}

/** Broken strokes, scratches, spots, folds. */
function damage(
  dice: Dice,
  width: number,
  place: (x: number, y: number) => Point,
  ground: number,
  ink: number,
  tall: number,
): string {
  let out = '';
  const scratch = (level: number, breadth: number, alpha: number): void => {
    const [x, y] = [dice.between(-0.3, width + 0.3), dice.between(-1.2, 0.2)];
    const [ax, ay] = place(x, y);
    const [bx, by] = place(x + dice.normal() * 0.7, y + dice.normal() * 0.5);
    out += `<path d="M${ax.toFixed(1)} ${ay.toFixed(1)}L${bx.toFixed(1)} ${by.toFixed(1)}" stroke="#${hex(level)}" stroke-width="${(breadth * tall).toFixed(2)}" stroke-opacity="${alpha.toFixed(2)}"/>`;
  };
  if (dice.happens(0.15))
    for (let n = dice.whole(1, 5); n > 0; n--) scratch(ground, dice.between(0.02, 0.07), dice.between(0.5, 1));
  if (dice.happens(0.12))
    for (let n = dice.whole(1, 3); n > 0; n--)
      scratch(dice.between(ink, ground), dice.between(0.02, 0.06), dice.between(0.3, 0.8));
  if (dice.happens(0.12)) {
    for (let n = dice.whole(1, 4); n > 0; n--) {
      const [x, y] = place(dice.between(-0.5, width + 0.5), dice.between(-1.4, 0.4));
      out += `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${(dice.between(0.02, 0.08) * tall).toFixed(2)}" fill="#${hex(dice.between(ink, ground))}"/>`;
    }
  }
  return out;
}

/** Turned half round these are signs again, so they teach nothing of which way is up. */
const symmetric = new Set('01869٠١٥٧٨/');

/**
 * A box as the detector would mark this line, larger than its ink and a little off; upside down now and then. `signs` are
 * those to be read, or null where nobody can say.
 */
export function markedBox(dice: Dice, scene: Scene): { box: TextBox; signs: Scene['signs'] | null } {
  const { box, tall, signs } = scene;
  const flipped = dice.happens(0.08);
  const [before, behind] = [dice.between(0.05, 0.8) * tall, dice.between(0.05, 0.8) * tall];
  const marked = {
    ...box,
    x: box.x + ((behind - before) / 2) * Math.cos(box.angle) + dice.normal() * 0.03 * tall,
    y: box.y + ((behind - before) / 2) * Math.sin(box.angle) + dice.normal() * 0.06 * tall,
    length: box.length + before + behind,
    height: box.height + tall * 2 * dice.between(0.02, 0.5),
    angle: box.angle + dice.normal() * 0.025,
  };
  if (!flipped) {
    const squarish = marked.length < marked.height * 1.9 && signs.length > 1;
    if (!squarish || !dice.happens(0.12)) return { box: marked, signs };
    const lying = { ...marked, angle: marked.angle + (dice.happens(0.5) ? 1 : -1) * (Math.PI / 2) };
    return { box: { ...lying, length: marked.height, height: marked.length }, signs: [] };
  }
  const upside = { ...marked, angle: marked.angle + Math.PI };
  return { box: upside, signs: signs.length > 0 && signs.every(({ sign }) => symmetric.has(sign)) ? null : [] };
}
