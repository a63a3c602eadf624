// From columns of scores to numbers: connectionist temporal classification (Graves 2006), of which the probability of a
// spelling is the sum over all ways in which columns may show its signs, none between them, and each for some columns.
// Spellings that are no number are never followed.
import { none, signs, type Columns } from './network.ts';

export type Script = 'latin' | 'arabic-indic';
export const scripts: readonly Script[] = ['latin', 'arabic-indic'];

/** A number as it is written from left to right, and its probability. */
export interface Spelling {
  value: string;
  /** How many signs. */
  signs: number;
  probability: number;
}

/** Spellings followed side by side, and the least probability of a sign in a column that is looked at. */
const beam = 12;
const least = 1e-5;
/** A column that surely shows none is passed: what else it might show is not followed. */
const surelyNone = 0.9998;

const slash = signs.indexOf('/');
const letters = [slash + 1, slash + 2, slash + 3, slash + 4];
const kinds: Record<Script, Record<string, readonly number[]>> = {
  latin: { digit: Array.from({ length: 10 }, (_, k) => k), slash: [slash], letter: letters },
  'arabic-indic': { digit: Array.from({ length: 10 }, (_, k) => 10 + k), slash: [slash], letter: letters },
};
/**
 * What may follow what, as it is written from left to right: a number, then in Latin '/' and a letter; in Arabic, which
 * is read from the right, the letter and '/' stand before.
 */
const follows: Record<Script, Record<string, readonly string[]>> = {
  latin: { start: ['digit'], digit: ['digit', 'slash'], slash: ['letter'], letter: [] },
  'arabic-indic': { start: ['digit', 'letter'], letter: ['slash'], slash: ['digit'], digit: ['digit'] },
};
const ends: Record<Script, ReadonlySet<string>> = {
  latin: new Set(['digit', 'letter']),
  'arabic-indic': new Set(['digit']),
};

interface Way {
  path: readonly number[];
  state: string;
  /** Probability so far, where the last column was none, and where it was the last sign. */
  open: number;
  closed: number;
}

/** The likeliest numbers in one script, likeliest first; of at least `fewest` signs. */
export function spellings({ count, logs }: Columns, script: Script, fewest = 2): Spelling[] {
  const n = signs.length;
  let ways: Way[] = [{ path: [], state: 'start', open: 1, closed: 0 }];
  for (let t = 0; t < count; t++) {
    const nothing = Math.exp(logs[t * n + none]!);
    if (nothing > surelyNone) {
      ways = ways.map((way) => ({ ...way, open: (way.open + way.closed) * nothing, closed: 0 }));
      continue;
    }
    const here = Float64Array.from({ length: n }, (_, sign) => Math.exp(logs[t * n + sign]!));
    const next = new Map<string, Way>();
    const at = (path: readonly number[], state: string): Way => {
      const key = path.join(' ');
      let way = next.get(key);
      if (way === undefined) next.set(key, (way = { path, state, open: 0, closed: 0 }));
      return way;
    };
    for (const { path, state, open, closed } of ways) {
      const last = path.at(-1);
      const same = at(path, state);
      same.open += (open + closed) * nothing;
      if (last !== undefined) same.closed += closed * here[last]!;
      for (const kind of follows[script][state]!) {
        for (const sign of kinds[script][kind]!) {
          if (here[sign]! < least) continue;
          at([...path, sign], kind).closed += (sign === last ? open : open + closed) * here[sign]!;
        }
      }
    }
    ways = [...next.values()].toSorted((a, b) => b.open + b.closed - a.open - a.closed).slice(0, beam);
  }
  return ways
    .filter(({ path, state }) => ends[script].has(state) && path.length >= fewest)
    .map(({ path, open, closed }) => ({
      value: valueOf(path, script),
      signs: path.length,
      probability: Math.min(1, open + closed),
    }));
}

/** The value of signs as they are written: digits in Latin form, the suffix last. */
function valueOf(path: readonly number[], script: Script): string {
  const text = path.map((sign) => signs[sign >= 10 && sign < 20 ? sign - 10 : sign]!);
  if (script === 'latin' || !text.includes('/')) return text.join('');
  return [...text.slice(2), '/', text[0]!].join('');
}

/** The mean of what several looks say: each spelling's probability over all of them. */
export function together(looks: readonly (readonly Spelling[])[]): Spelling[] {
  const sums = new Map<string, Spelling>();
  for (const spelling of looks.flat()) {
    const known = sums.get(spelling.value);
    const probability = (known?.probability ?? 0) + spelling.probability / looks.length;
    sums.set(spelling.value, { ...spelling, probability });
  }
  return [...sums.values()].toSorted((a, b) => b.probability - a.probability || (a.value < b.value ? -1 : 1));
}
