// Lines of writing to learn from: digits, suffixes and words in open fonts, drawn unsteadily, turned, blurred, noisy,
// compressed, and cut out as a detector would cut them. The same seed gives the same lines.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import opentype from 'opentype.js';
import sharp from 'sharp';
import { straightened, type Grey } from '../src/cards/line.ts';

type Face = { path: string; hand: boolean; latin: boolean; arabic: boolean; font?: opentype.Font };

/** Families of @expo-google-fonts: h by hand, p printed; l Latin digits, a Arabic-Indic ones. `held` measure only. */
const families: Record<string, string> = {
  'roboto-mono': 'pl',
  'source-sans-3': 'pl',
  'source-serif-4': 'pl',
  arimo: 'pl',
  lato: 'pl',
  oswald: 'pl',
  'pt-serif': 'pl',
  inconsolata: 'pl',
  'courier-prime': 'pl',
  anton: 'pl',
  cairo: 'pla',
  amiri: 'pla',
  tajawal: 'pla',
  changa: 'pla',
  'el-messiri': 'pla',
  lateef: 'pla',
  'scheherazade-new': 'pla',
  'noto-naskh-arabic': 'pla',
  'reem-kufi': 'pla',
  'markazi-text': 'pla',
  'ibm-plex-sans-arabic': 'pla',
  'noto-sans-arabic': 'pla',
  rakkas: 'pla',
  caveat: 'hl',
  'patrick-hand': 'hl',
  kalam: 'hl',
  'indie-flower': 'hl',
  'shadows-into-light': 'hl',
  'gloria-hallelujah': 'hl',
  'coming-soon': 'hl',
  'gochi-hand': 'hl',
  'permanent-marker': 'hl',
  neucha: 'hl',
  pangolin: 'hl',
  'covered-by-your-grace': 'hl',
  'aref-ruqaa': 'ha',
  'aref-ruqaa-ink': 'ha',
  marhey: 'ha',
  lemonada: 'ha',
  mirza: 'ha',
};
/** Never trained on: what the reader makes of writing it has not seen. */
const heldFamilies: Record<string, string> = { handlee: 'hl', 'architects-daughter': 'hl', almarai: 'pla' };

const require = createRequire(import.meta.url);

function facesOf(list: Record<string, string>): Face[] {
  return Object.entries(list).flatMap(([name, kind]) => {
    const root = dirname(require.resolve(`@expo-google-fonts/${name}/package.json`));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ttf') && !/Italic|Thin|ExtraLight|200|100/.test(file))
      .toSorted();
    // Two weights of each at most: the lightest of these and the boldest.
    const some = files.length > 2 ? [files[0]!, files.at(-1)!] : files;
    return some.map((file) => ({
      path: join(root, file),
      hand: kind.startsWith('h'),
      latin: kind.includes('l'),
      arabic: kind.includes('a'),
    }));
  });
}

export const faces = facesOf(families);
export const heldFaces = facesOf(heldFamilies);

function fontOf(face: Face): opentype.Font {
  if (face.font === undefined) {
    const bytes = readFileSync(face.path);
    face.font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
  return face.font;
}

/** mulberry32 with what drawing needs. */
export class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  between = (a: number, b: number): number => a + (b - a) * this.next();
  whole = (a: number, b: number): number => Math.floor(this.between(a, b + 1));
  pick = <T>(list: readonly T[]): T => list[Math.floor(this.next() * list.length)]!;
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** A line cut out and straightened, and where its signs are: from and to, in its pixels. */
export interface Sample {
  grey: Grey;
  signs: { sign: string; left: number; right: number }[];
  script: 'latin' | 'arabic-indic' | null;
  hand: boolean;
  /** Turned upside down. */
  flipped: boolean;
}

const hex = (value: number): string =>
  Math.max(0, Math.min(255, Math.round(value)))
    .toString(16)
    .padStart(2, '0');

export async function drawLine(dice: Dice, from: readonly Face[]): Promise<Sample> {
  const script = dice.next() < 0.5 ? 'latin' : 'arabic-indic';
  const hand = dice.next() < 0.55;
  const words = dice.next() < 0.08;
  const fitting = from.filter((face) => face.hand === hand && (script === 'latin' ? face.latin : face.arabic));
  const face = dice.pick(
    fitting.length > 0 ? fitting : from.filter((one) => (script === 'latin' ? one.latin : one.arabic)),
  );
  const font = fontOf(face);
  const zero = script === 'latin' ? 0x30 : 0x660;
  let text = '';
  if (words) {
    const letters = script === 'latin' ? 'ABCDEFGHKLMNPRSTUVWXYZabcdefghkmnprstuvwxyz' : 'سشصضطظعغفقكلمنيةتث';
    for (let n = dice.whole(2, 7); n > 0; n--) text += dice.pick([...letters]);
  } else {
    for (let n = dice.whole(1, 6); n > 0; n--) text += String.fromCharCode(zero + dice.whole(0, 9));
    if (dice.next() < 0.25) {
      const suffix = dice.pick([...'أأأبجد']);
      text = script === 'latin' ? `${text}/${suffix}` : `${suffix}/${text}`;
    }
  }
  const tall = dice.between(11, 60);
  const steady = face.hand || dice.next() < 0.1 ? dice.between(0.5, 1.4) : 0;
  const slant = face.hand ? dice.normal() * 0.12 : dice.normal() * 0.02;
  const turn = dice.normal() * 0.035;
  const spread = dice.between(-0.03, 0.06);
  const reference = font.charToGlyph(String.fromCharCode(zero + 4)).getBoundingBox();
  const em = (tall / Math.max(1, reference.y2 - reference.y1)) * font.unitsPerEm;
  const [c0, s0] = [Math.cos(turn), Math.sin(turn)];
  const placed: { sign: string; d: string; left: number; right: number; top: number; bottom: number }[] = [];
  let pen = 0;
  let any = arabicFallback;
  for (const sign of text) {
    let used = font;
    if (used.charToGlyphIndex(sign) === 0)
      used = fontOf((any ??= arabicFallback = faces.find(({ path }) => path.includes('cairo'))!));
    const glyph = used.charToGlyph(sign);
    const [angle, size, lift] = [
      dice.normal() * 0.05 * steady,
      1 + dice.normal() * 0.04 * steady,
      dice.normal() * 0.025 * steady * em,
    ];
    const [c, s] = [Math.cos(angle) * size, Math.sin(angle) * size];
    const path = glyph.getPath(0, 0, em);
    const move = (x: number, y: number): [number, number] => {
      const [u, v] = [x * c - y * s - slant * (x * s + y * c) + pen, x * s + y * c + lift];
      return [u * c0 - v * s0, u * s0 + v * c0];
    };
    let d = '';
    let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
    const put = (x: number, y: number): string => {
      const [u, v] = move(x, y);
      [left, right, top, bottom] = [Math.min(left, u), Math.max(right, u), Math.min(top, v), Math.max(bottom, v)];
      return `${u.toFixed(2)} ${v.toFixed(2)} `;
    };
    for (const command of path.commands) {
      if (command.type === 'Z') d += 'Z';
      else if (command.type === 'Q') d += `Q${put(command.x1, command.y1)}${put(command.x, command.y)}`;
      else if (command.type === 'C')
        d += `C${put(command.x1, command.y1)}${put(command.x2, command.y2)}${put(command.x, command.y)}`;
      else d += `${command.type}${put(command.x, command.y)}`;
    }
    if (left < right) placed.push({ sign, d, left, right, top, bottom });
    pen += ((glyph.advanceWidth ?? 0) / used.unitsPerEm) * em * size + spread * em;
  }
  const edge = (of: 'left' | 'right' | 'top' | 'bottom'): number =>
    (of === 'left' || of === 'top' ? Math.min : Math.max)(...placed.map((one) => one[of]));
  const [x0, x1, y0, y1] = [edge('left'), edge('right'), edge('top'), edge('bottom')];
  const pad = Math.ceil(tall * 0.9 + 6);
  const [width, height] = [Math.ceil(x1 - x0) + 2 * pad, Math.ceil(y1 - y0) + 2 * pad];
  const ground = dice.between(120, 250);
  const ink = Math.max(8, ground - dice.between(70, 220));
  const bold = dice.next() < 0.3 ? dice.between(0, 0.05) * tall : 0;
  const [g, i] = [hex(ground).repeat(3), hex(ink).repeat(3)];
  const neighbour =
    dice.next() < 0.3
      ? `<rect x="0" y="${pad - tall * dice.between(0.5, 0.8)}" width="${width}" height="${Math.max(1, tall * 0.05)}" fill="#${i}"/>`
      : '';
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="${width}" height="${height}" fill="#${g}"/>${neighbour}<g transform="translate(${pad - x0} ${pad - y0})" fill="#${i}" stroke="#${i}" stroke-width="${bold.toFixed(2)}">${placed.map(({ d }) => `<path d="${d}"/>`).join('')}</g></svg>`;
  let image = sharp(Buffer.from(svg)).greyscale();
  const blur = dice.next() < 0.6 ? dice.between(0.3, 0.075 * tall) : 0;
  if (blur > 0.3) image = image.blur(Math.min(3, blur));
  const clean = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const noise = dice.between(0, 9);
  const slope = dice.normal() * 25;
  const { channels } = clean.info;
  const noisy = Buffer.alloc(width * height);
  for (let k = 0; k < noisy.length; k++) {
    const value = clean.data[k * channels]! + dice.normal() * noise + slope * ((k % width) / width - 0.5);
    noisy[k] = Math.max(0, Math.min(255, Math.round(value)));
  }
  const jpeg = await sharp(noisy, { raw: { width, height, channels: 1 } })
    .jpeg({ quality: dice.whole(55, 94) })
    .toBuffer();
  const decoded = await sharp(jpeg).greyscale().raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const data = new Uint8Array(width * height);
  for (let k = 0; k < data.length; k++) data[k] = decoded.data[k * decoded.info.channels]!;
  const flipped = !words && dice.next() < 0.1;
  const grow = tall * dice.between(0.0, 0.3);
  const length = x1 - x0 + grow + tall * dice.normal() * 0.05;
  const box = {
    x: pad + (x1 - x0) / 2 + dice.normal() * 0.03 * tall,
    y: pad + (y1 - y0) / 2 + dice.normal() * 0.05 * tall,
    length,
    height: (y1 - y0) * dice.between(0.95, 1.25) + 0.5 * grow,
    angle: (flipped ? Math.PI : 0) + turn * dice.between(0, 1) + dice.normal() * 0.015,
    score: 1,
  };
  const grey = straightened({ data, width, height }, box);
  // Where a sign's extent comes to lie: along the box, from its left end with the ground around it.
  const perPixel = grey.height / (box.height * 1.24);
  const start = box.length / 2 + 0.2 * box.height;
  const along = (x: number): number => ((x - x0 + pad - box.x) * (flipped ? -1 : 1) + start) * perPixel;
  return {
    grey,
    script: words ? null : script,
    hand: face.hand,
    flipped,
    signs: placed.map(({ sign, left, right }) => {
      const [a, b] = [along(left), along(right)];
      return { sign, left: Math.min(a, b), right: Math.max(a, b) };
    }),
  };
}
let arabicFallback: Face | undefined;
