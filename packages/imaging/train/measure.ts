// How the reader reads drawn lines that it has not seen: node --import tsx packages/imaging/train/measure.ts [file] [count]
// In the fonts that it was trained on, and in families that it never saw, which is nearer to what writing it will meet.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TextBox } from '../src/cards/boxes.ts';
import type { Grey } from '../src/cards/line.ts';
import { unpackWeights, type Weights } from '../src/cards/network.ts';
import { readNumbers, type NumberReading } from '../src/cards/read.ts';
import { Dice } from './dice.ts';
import { faces, heldFaces, type Face } from './families.ts';
import { drawScene, markedBox, type Scene } from './writing.ts';

export interface DrawnLine {
  grey: Grey;
  box: TextBox;
  value: string;
  kind: string;
}

/** Numbers of two signs and more, at least 10 pixels high, and the right way up. */
export async function drawnLines(
  seed: number,
  count: number,
  from: readonly Face[],
  pens: boolean,
): Promise<DrawnLine[]> {
  const dice = new Dice(seed);
  const out: DrawnLine[] = [];
  while (out.length < count) {
    const scene = await drawScene(dice, from, pens);
    const { box, signs } = markedBox(dice, scene);
    if (signs === null || signs.length < 2 || scene.tall < 10) continue;
    out.push({ grey: scene.grey, box, ...textOf(scene) });
  }
  return out;
}

/** The number in Latin digits, its suffix last, and what kind of number it is. */
function textOf({ signs, hand }: Scene): Pick<DrawnLine, 'value' | 'kind'> {
  const text = signs.map(({ sign }) => sign);
  const arabic = text.some((sign) => /[\u0660-\u0669]/u.test(sign));
  const digits = text.map((sign) => sign.replace(/[\u0660-\u0669]/u, (one) => String(one.charCodeAt(0) - 0x660)));
  const suffix = text.includes('/');
  const kind = `${arabic ? 'Arabic-Indic' : 'Latin'}, ${suffix ? 'with a suffix' : hand ? 'by hand' : 'printed'}`;
  return { value: arabic && suffix ? [...digits.slice(2), '/', digits[0]].join('') : digits.join(''), kind };
}

/** What is read of this line, and not of those above and below it, which are found as well; at most one reading. */
export function readLine(grey: Grey, box: TextBox, weights: Weights): NumberReading[] {
  const away = ({ quad }: NumberReading): number =>
    Math.hypot((quad[0]![0] + quad[2]![0]) / 2 - box.x, (quad[0]![1] + quad[2]![1]) / 2 - box.y);
  return readNumbers(grey, [box], weights)
    .filter((one) => away(one) < box.height / 2)
    .toSorted((a, b) => away(a) - away(b))
    .slice(0, 1);
}

/** One line of text: exactly right by kind, and how many of those said to be sure are wrong. */
export function measured(lines: readonly DrawnLine[], weights: Weights): string {
  const kinds = new Map<string, [number, number]>();
  const sure = new Map([0.95, 0.98, 0.99].map((from) => [from, [0, 0] as [number, number]]));
  for (const { grey, box, value, kind } of lines) {
    const readings = readLine(grey, box, weights);
    for (const name of [kind, 'all']) {
      const [right, all] = kinds.get(name) ?? [0, 0];
      kinds.set(name, [right + (readings.some((one) => one.value === value) ? 1 : 0), all + 1]);
    }
    for (const one of readings) {
      for (const [from, count] of sure) {
        if (one.probability < from) continue;
        count[1]++;
        if (one.value !== value) count[0]++;
      }
    }
  }
  const exact = [...kinds].toSorted().map(([kind, [right, all]]) => `${kind} ${right} of ${all}`);
  const wrong = [...sure].map(([from, [some, all]]) => `at ${from} and more ${some} of ${all} wrong`);
  return [...exact, ...wrong].join('; ');
}

async function main(): Promise<void> {
  const [file = new URL('../src/cards/digits.bin', import.meta.url), count = '600'] = process.argv.slice(2);
  const weights = unpackWeights(readFileSync(file));
  console.log(
    `Fonts and pens of the training: ${measured(await drawnLines(1102, Number(count), faces, true), weights)}`,
  );
  console.log(`Fonts never seen: ${measured(await drawnLines(1103, Number(count), heldFaces, false), weights)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
