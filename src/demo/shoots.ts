// The days of the made-up archive: who or what was photographed when, how often, and with which numbers in the frame.
import { chanceOf, type Chance } from './chance.ts';
import { arabicDigits } from './rules.ts';
import { inventSoldier, places, type Camera, type Name } from './words.ts';
import type { Card, DemoCategory, Picture, PlannedIndividual, Scene } from './plan.ts';

/** Pictures taken one after the other of one subject. */
export interface Shoot {
  category: DemoCategory;
  /** Days since the first, and the second of the day. */
  day: number;
  second: number;
  /** YYYY-MM-DD. */
  date: string;
  individual: string | null;
  branch: string;
  number: string;
  /** The soldier or the place. */
  name: Name | null;
  /** Where its files lie: an area of the cache. */
  area: 'dated' | 'dated-arabic' | 'flat' | 'arabic' | 'latin' | 'cards';
  /** Places in the shoot whose pictures stayed on the memory card, where names say nothing. */
  strays: Set<number>;
  scenes: Scene[];
  /** Set when photographed. */
  camera: Camera | null;
  pictures: Picture[];
}

/** 4 May 2011, midnight: the first day. Times are the place's own, written as if they were UTC. */
export const day0 = Date.UTC(2011, 4, 4);
const days = 820;
const branches = [
  ['215', 30],
  ['227', 24],
  ['235', 14],
  ['248', 12],
  ['216', 10],
  ['251', 6],
  ['220', 4],
] as const;

/** All shoots in the order of time, and the individuals. About 46.1 % of pictures show none of them. */
export function planShoots(seed: string, count: number): { shoots: Shoot[]; individuals: PlannedIndividual[] } {
  const individuals = planIndividuals(seed, count);
  const shoots = individuals.map((individual, index) => detaineeShoot(seed, individual, index, count));
  const detainees = shoots.reduce((sum, shoot) => sum + shoot.scenes.length, 0);
  const others = Math.round((detainees * 0.4611) / 0.5389);
  const chance = chanceOf(seed, 'others');
  const add = (wanted: number, category: DemoCategory, most: number, least: number, scenes: SceneMaker): void => {
    for (let k = 0; wanted > 0; k++) {
      const size = Math.min(wanted, chance.whole(least, most));
      wanted -= size;
      shoots.push(otherShoot(chance, category, `${category} ${k}`, size, scenes));
    }
  };
  const force = Math.round(others * 0.6);
  const incident = Math.round(others * 0.28);
  add(force, 'force', 6, 1, (subject, name, latin) => ({
    kind: 'force',
    subject,
    name: latin ? name.latin : name.arabic,
    script: latin ? 'latin' : 'arabic',
  }));
  add(incident, 'incident', 15, 4, (subject) => ({ kind: 'incident', subject }));
  add(others - force - incident, 'other', 4, 1, (_subject, _name, latin) => ({
    kind: 'document',
    script: latin ? 'latin' : 'arabic',
  }));
  return { shoots: shoots.toSorted((a, b) => a.day - b.day || a.second - b.second), individuals };
}

type SceneMaker = (subject: string, name: Name, latin: boolean) => Scene;

function otherShoot(chance: Chance, category: DemoCategory, subject: string, size: number, scene: SceneMaker): Shoot {
  const day = chance.whole(0, days);
  const latin = chance.happens(0.5);
  const name = category === 'force' ? inventSoldier(chance) : chance.pick(places);
  return {
    category,
    ...moment(chance, day),
    individual: null,
    branch: '',
    number: '',
    name,
    area: chance.happens(0.08) ? 'cards' : latin ? 'latin' : 'arabic',
    strays: new Set(),
    scenes: Array.from({ length: size }, () => scene(subject, name, latin)),
    camera: null,
    pictures: [],
  };
}

const moment = (chance: Chance, day: number): { day: number; second: number; date: string } => ({
  day,
  second: chance.whole(8 * 3600, 17 * 3600),
  date: new Date(day0 + day * 86_400_000).toISOString().slice(0, 10),
});

/** Numbers rise within a branch, with gaps; branches share a range, so one number may stand for two people. */
function planIndividuals(seed: string, count: number): PlannedIndividual[] {
  const chance = chanceOf(seed, 'individuals');
  const dates = Array.from({ length: count }, () => chance.whole(0, days)).toSorted((a, b) => a - b);
  const last = new Map<string, number>(branches.map(([branch]) => [branch, chance.whole(180, 3400)]));
  let examination = chance.whole(20, 400);
  const out = dates.map((day): PlannedIndividual => {
    const branch = chance.weighted(branches);
    const number = last.get(branch)! + chance.whole(1, 7);
    last.set(branch, number);
    examination += chance.whole(1, 3);
    // The hospital's own series began later, and counts to 5,000 under each letter.
    const hospital =
      day > 150 && chance.happens(0.85)
        ? `${((examination - 1) % 5000) + 1}/${['أ', 'ب', 'ج', 'د'][Math.floor((examination - 1) / 5000) % 4]!}`
        : null;
    return identified(branch, String(number), hospital, new Date(day0 + day * 86_400_000).toISOString().slice(0, 10));
  });
  // Even a small cache holds one number twice, in two branches.
  const first = out[0];
  const keys = new Set(out.map((individual) => individual.key));
  const twin = out.findIndex(
    ({ branch }) => first !== undefined && branch !== first.branch && !keys.has(`${branch}/${first.number}`),
  );
  if (first !== undefined && twin > 0) {
    const { branch, hospitalNumber, date } = out[twin]!;
    out[twin] = identified(branch, first.number, hospitalNumber, date);
  }
  return out;
}

const identified = (
  branch: string,
  number: string,
  hospitalNumber: string | null,
  date: string,
): PlannedIndividual => ({
  key: `${branch}/${number}`,
  branch,
  number,
  hospitalNumber,
  date,
});

/** At least 3 pictures, 4.2 on average, with a long tail past 20. */
function pictureCount(chance: Chance): number {
  if (chance.happens(0.02)) return 3 + chance.whole(6, 20);
  let size = 3;
  while (size < 12 && chance.happens(0.49)) size++;
  return size;
}

function detaineeShoot(seed: string, individual: PlannedIndividual, index: number, count: number): Shoot {
  const chance = chanceOf(seed, 'individual', index);
  // A sample of some size always shows the long tail: its middle one has more than 20.
  const size = count >= 40 && index === Math.floor(count / 2) ? 21 + chance.whole(0, 2) : pictureCount(chance);
  const card = cardOf(chance, individual);
  const views = ['card', 'whole', 'half'] as const;
  const scenes = Array.from({ length: size }, (_, place): Scene => {
    const view =
      views[place] ??
      chance.weighted([
        ['whole', 3],
        ['half', 4],
        ['card', 2],
        ['detail', 3],
      ] as const);
    const bare = place > 2 && chance.happens(view === 'detail' ? 0.5 : 0.12);
    // Numbers on the cloth itself are too small to be read from afar: a card lies there in wide views.
    const shown = card.carrier === 'skin' && view === 'whole' ? { ...card, carrier: 'card' as const } : card;
    const blur = chance.weighted([
      [0, 70],
      [0.6, 18],
      [1, 9],
      [1.6, view === 'card' ? 5 : 0],
    ] as const);
    return {
      kind: 'detainee',
      subject: individual.key,
      branch: individual.branch,
      view,
      card: bare ? null : shown,
      blur,
    };
  });
  const area = chance.weighted([
    ['dated', 42],
    ['dated-arabic', 14],
    ['flat', 20],
    ['arabic', 16],
    ['cards', 8],
  ] as const);
  const strays = new Set(area !== 'cards' && size > 3 && chance.happens(0.14) ? [chance.whole(0, size - 1)] : []);
  return {
    category: 'detainee',
    ...moment(chance, Math.round((Date.parse(individual.date) - day0) / 86_400_000)),
    individual: individual.key,
    branch: individual.branch,
    number: individual.number,
    name: null,
    area,
    strays,
    scenes,
    camera: null,
    pictures: [],
  };
}

function cardOf(chance: Chance, individual: PlannedIndividual): Card {
  const script = chance.happens(0.5) ? 'latin' : 'arabic-indic';
  const written = (value: string): string => (script === 'latin' ? value : arabicDigits(value));
  const carrier = chance.weighted([
    ['card', 70],
    ['tape', 18],
    ['skin', 12],
  ] as const);
  const lines: Card['lines'] = [
    { role: 'detainee-number', value: individual.number, written: written(individual.number) },
    { role: 'branch-number', value: individual.branch, written: written(individual.branch) },
  ];
  const { hospitalNumber } = individual;
  if (hospitalNumber !== null && carrier === 'card') {
    lines.push({ role: 'hospital-number', value: hospitalNumber, written: written(hospitalNumber) });
  }
  const style = carrier === 'card' && chance.happens(0.45) ? 'printed' : 'hand';
  return { carrier, style, script, lines };
}
