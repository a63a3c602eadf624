// Lettering as polygons, from open-licensed fonts that came with the installation: no font of the machine is asked,
// so a machine without any draws the same bytes.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype from 'opentype.js';
import type { Chance } from './chance.ts';
import type { Shape } from './canvas.ts';

const files = {
  mono: 'roboto-mono/600SemiBold/RobotoMono_600SemiBold.ttf',
  sans: 'source-sans-3/600SemiBold/SourceSans3_600SemiBold.ttf',
  serif: 'source-serif-4/400Regular/SourceSerif4_400Regular.ttf',
  caveat: 'caveat/700Bold/Caveat_700Bold.ttf',
  patrick: 'patrick-hand/400Regular/PatrickHand_400Regular.ttf',
  cairo: 'cairo/600SemiBold/Cairo_600SemiBold.ttf',
  amiri: 'amiri/700Bold/Amiri_700Bold.ttf',
  ruqaa: 'aref-ruqaa/400Regular/ArefRuqaa_400Regular.ttf',
} as const;

export type FontName = keyof typeof files;

/** A run of letters: polygons on a baseline at y = 0, one unit an em, from x = 0 to `width`. */
export interface Lettering {
  shape: Shape;
  width: number;
}

const require = createRequire(import.meta.url);
const fonts = new Map<FontName, opentype.Font>();
const glyphs = new Map<string, Lettering>();

function fontOf(name: FontName): opentype.Font {
  let font = fonts.get(name);
  if (font === undefined) {
    const bytes = readFileSync(require.resolve(`@expo-google-fonts/${files[name]}`));
    font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    fonts.set(name, font);
  }
  return font;
}

function glyphOf(name: FontName, index: number): Lettering {
  const key = `${name} ${index}`;
  let known = glyphs.get(key);
  if (known === undefined) {
    const font = fontOf(name);
    const glyph = font.glyphs.get(index);
    known = {
      shape: flattened(glyph.getPath(0, 0, 1).commands),
      width: (glyph.advanceWidth ?? 0) / font.unitsPerEm,
    };
    glyphs.set(key, known);
  }
  return known;
}

function flattened(commands: opentype.PathCommand[]): Shape {
  const shape: Shape = [];
  let contour: number[] = [];
  let [x, y] = [0, 0];
  const steps = [0.2, 0.4, 0.6, 0.8, 1];
  for (const command of commands) {
    if (command.type === 'Z') continue;
    if (command.type === 'M') {
      contour = [];
      shape.push(contour);
      contour.push(command.x, command.y);
    } else if (command.type === 'L') {
      contour.push(command.x, command.y);
    } else if (command.type === 'Q') {
      for (const t of steps) {
        const s = 1 - t;
        contour.push(
          s * s * x + 2 * s * t * command.x1 + t * t * command.x,
          s * s * y + 2 * s * t * command.y1 + t * t * command.y,
        );
      }
    } else {
      for (const t of steps) {
        const s = 1 - t;
        const [p, q, r] = [3 * s * s * t, 3 * s * t * t, t * t * t];
        contour.push(
          s * s * s * x + p * command.x1 + q * command.x2 + r * command.x,
          s * s * s * y + p * command.y1 + q * command.y2 + r * command.y,
        );
      }
    }
    [x, y] = [command.x, command.y];
  }
  return shape;
}

const arabicLetter = /[\u0600-\u065f\u066e-\u06ef]/u;

/** Text in a font, in visual order: words of Arabic letters joined, right to left where `rightToLeft`. `unsteady` moves and
 *  turns each sign a little, as a hand does. A sign that the font lacks is taken from `fallback`. */
export function lettering(
  text: string,
  name: FontName,
  options: { rightToLeft?: boolean; fallback?: FontName; unsteady?: Chance } = {},
): Lettering {
  const runs = text.match(/[\u0621-\u064a]+|[^\u0621-\u064a]/gu) ?? [];
  const ordered = options.rightToLeft === true ? reordered(runs) : runs;
  const shape: Shape = [];
  let pen = 0;
  for (const run of ordered) {
    const font =
      options.fallback !== undefined && fontOf(name).charToGlyphIndex(run[0]!) === 0 ? options.fallback : name;
    for (const index of shaped(font, run)) {
      const glyph = glyphOf(font, index);
      const { unsteady } = options;
      const turn = unsteady === undefined ? 0 : unsteady.normal() * 0.05;
      const size = unsteady === undefined ? 1 : 1 + unsteady.normal() * 0.04;
      const lift = unsteady === undefined ? 0 : unsteady.normal() * 0.025;
      const [c, s] = [Math.cos(turn) * size, Math.sin(turn) * size];
      for (const contour of glyph.shape) {
        const out: number[] = [];
        for (let k = 0; k < contour.length; k += 2) {
          out.push(pen + contour[k]! * c - contour[k + 1]! * s, lift + contour[k]! * s + contour[k + 1]! * c);
        }
        shape.push(out);
      }
      pen += glyph.width * size;
    }
  }
  return { shape, width: pen };
}

/** Runs from left to right for a line that reads from the right: words reversed, digits of one number kept in order. */
function reordered(runs: string[]): string[] {
  const groups: string[][] = [];
  let number: string[] | undefined;
  for (const run of runs) {
    if (/^[\p{Nd}.-]$/u.test(run)) {
      if (number === undefined) groups.push((number = []));
      number.push(run);
    } else {
      number = undefined;
      groups.push([run]);
    }
  }
  return groups.toReversed().flat();
}

function shaped(name: FontName, run: string): number[] {
  const font = fontOf(name);
  // The shaper returns an Arabic word in visual order already; single signs need none.
  if (run.length > 1 && arabicLetter.test(run)) return font.stringToGlyphs(run).map((glyph) => glyph.index);
  return [...run].map((sign) => font.charToGlyphIndex(sign));
}
