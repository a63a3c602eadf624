// The open fonts that the reader learns from, and those that only measure it. Each is a package @expo-google-fonts/*.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import opentype from 'opentype.js';

export interface Face {
  family: string;
  path: string;
  hand: boolean;
  latin: boolean;
  arabic: boolean;
  font?: opentype.Font;
}

/** h by hand, p printed; l Latin digits, a Arabic-Indic ones. */
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
  'noto-kufi-arabic': 'pla',
  'reem-kufi': 'pla',
  'readex-pro': 'pla',
  'markazi-text': 'pla',
  'ibm-plex-sans-arabic': 'pla',
  'noto-sans-arabic': 'pla',
  'baloo-bhaijaan-2': 'pla',
  harmattan: 'pla',
  fustat: 'pla',
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
  'amatic-sc': 'hl',
  'just-another-hand': 'hl',
  'la-belle-aurore': 'hl',
  'marck-script': 'hl',
  'nothing-you-could-do': 'hl',
  'reenie-beanie': 'hl',
  'rock-salt': 'hl',
  'short-stack': 'hl',
  'aref-ruqaa': 'ha',
  'aref-ruqaa-ink': 'ha',
  marhey: 'ha',
  lemonada: 'ha',
  mirza: 'ha',
};

/** Never trained on: what the reader makes of writing it has not seen. */
const heldFamilies: Record<string, string> = {
  handlee: 'hl',
  'architects-daughter': 'hl',
  schoolbell: 'hl',
  almarai: 'pla',
  vazirmatn: 'pla',
  lalezar: 'pa',
};

const require = createRequire(import.meta.url);

function facesOf(list: Record<string, string>): Face[] {
  return Object.entries(list).flatMap(([family, kind]) => {
    const root = dirname(require.resolve(`@expo-google-fonts/${family}/package.json`));
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ttf') && !/Italic|Thin|ExtraLight|200|100/.test(file))
      .toSorted();
    // Two weights of each at most: the lightest of these and the boldest.
    const some = files.length > 2 ? [files[0]!, files.at(-1)!] : files;
    return some.map((file) => ({
      family,
      path: join(root, file),
      hand: kind.startsWith('h'),
      latin: kind.includes('l'),
      arabic: kind.includes('a'),
    }));
  });
}

export const faces = facesOf(families);
export const heldFaces = facesOf(heldFamilies);
export function fontOf(face: Face): opentype.Font {
  if (face.font === undefined) {
    const bytes = readFileSync(face.path);
    face.font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  }
  return face.font;
}
