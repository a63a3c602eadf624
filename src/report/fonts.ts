// The fonts of the dossier, all under the SIL Open Font License, and which characters each can show. PDF/A refuses a
// page with a character that no font has, so that what cannot be shown is known before a page is set.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

const files = {
  serif: [
    'source-serif-4/400Regular/SourceSerif4_400Regular',
    'source-serif-4/400Regular_Italic/SourceSerif4_400Regular_Italic',
    'source-serif-4/600SemiBold/SourceSerif4_600SemiBold',
  ],
  sans: ['source-sans-3/400Regular/SourceSans3_400Regular', 'source-sans-3/600SemiBold/SourceSans3_600SemiBold'],
  arabic: ['amiri/400Regular/Amiri_400Regular', 'amiri/700Bold/Amiri_700Bold'],
  mono: ['roboto-mono/400Regular/RobotoMono_400Regular'],
};

const fileOf = (name: string): string => require.resolve(`@expo-google-fonts/${name}.ttf`);

/** Paths of the font files. A font of the machine with the same name and weight yields to these. */
export function fontFiles(): string[] {
  return Object.values(files).flat().map(fileOf);
}

/** The code points that a TrueType font maps to a glyph (OpenType `cmap`, formats 4 and 12). Unreadable tables map none. */
export function coverageOf(font: Uint8Array): Set<number> {
  const view = new DataView(font.buffer, font.byteOffset, font.byteLength);
  const found = new Set<number>();
  try {
    const tables = view.getUint16(4);
    for (let index = 0; index < tables; index++) {
      const entry = 12 + 16 * index;
      if (view.getUint32(entry) === 0x636d6170) readCmap(view, view.getUint32(entry + 8), found);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return found;
}

function readCmap(view: DataView, start: number, found: Set<number>): void {
  const count = view.getUint16(start + 2);
  for (let index = 0; index < count; index++) {
    const table = start + view.getUint32(start + 4 + 8 * index + 4);
    const format = view.getUint16(table);
    if (format === 4) readFormat4(view, table, found);
    else if (format === 12) readFormat12(view, table, found);
  }
}

function readFormat4(view: DataView, table: number, found: Set<number>): void {
  const doubled = view.getUint16(table + 6);
  for (let offset = 0; offset < doubled; offset += 2) {
    const end = view.getUint16(table + 14 + offset);
    const first = view.getUint16(table + 16 + doubled + offset);
    const delta = view.getUint16(table + 16 + 2 * doubled + offset);
    const at = table + 16 + 3 * doubled + offset;
    const range = view.getUint16(at);
    for (let code = first; code <= end && code < 0xffff; code++) {
      const glyph = range === 0 ? code + delta : view.getUint16(at + range + 2 * (code - first));
      if ((glyph & 0xffff) !== 0) found.add(code);
    }
  }
}

function readFormat12(view: DataView, table: number, found: Set<number>): void {
  const groups = view.getUint32(table + 12);
  for (let index = 0; index < groups; index++) {
    const group = table + 16 + 12 * index;
    const [first, last] = [view.getUint32(group), Math.min(view.getUint32(group + 4), 0x10ffff)];
    for (let code = first; code <= last; code++) found.add(code);
  }
}

/** Which of the text faces have a character: bit 1 serif, bit 2 sans, bit 4 Arabic. */
export type Faces = (codePoint: number) => number;

let faces: Faces | undefined;

/** The coverage of the dossier's own fonts, read once. */
export function dossierFaces(): Faces {
  if (faces) return faces;
  const [serif, sans, arabic] = (['serif', 'sans', 'arabic'] as const).map((name) => {
    const all = files[name].map((file) => coverageOf(readFileSync(fileOf(file))));
    return new Set([...(all[0] ?? [])].filter((code) => all.every((each) => each.has(code))));
  }) as [Set<number>, Set<number>, Set<number>];
  faces = (code) => (serif.has(code) ? 1 : 0) | (sans.has(code) ? 2 : 0) | (arabic.has(code) ? 4 : 0);
  return faces;
}

/** Every page sets a string either in (serif, Arabic) or in (sans, Arabic): both must be able to show it. */
export const canShow = (mask: number): boolean => (mask & 4) !== 0 || (mask & 3) === 3;
