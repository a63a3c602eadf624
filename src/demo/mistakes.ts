// Mistakes as people make them with cards, planted where they are asked for: the same body under two numbers, and two
// bodies under one. No rule and no reader can see them; a person has to, so the truth says where they are. Pure.
import { chanceOf } from './chance.ts';
import { arabicDigits } from './rules.ts';
import type { Card, PlannedIndividual, Scene } from './plan.ts';
import type { Shoot } from './shoots.ts';

/**
 * `written-wrong`: photographed again on the day after, with two digits of the number exchanged. `wrong-card`: photographed
 * with the card of the body before, from the first picture to the last. Names say nothing of these pictures.
 */
export interface PlantedMistake {
  mistake: 'written-wrong' | 'wrong-card';
  /** Whose body it is: "branch/number". */
  individual: string;
  /** What the card says instead. */
  cardSays: string;
}

/** Alters the shoots of three individuals, and keeps them in the order of time. None where there are too few. */
export function plantMistakes(shoots: Shoot[], individuals: PlannedIndividual[], seed: string): PlantedMistake[] {
  const chance = chanceOf(seed, 'mistakes');
  const withCard = chance.shuffled(
    shoots.filter(({ scenes }) => scenes.some((scene) => scene.kind === 'detainee' && scene.card?.carrier === 'card')),
  );
  const keys = new Set(individuals.map(({ key }) => key));
  const again = withCard.find(({ branch, number }) => !keys.has(`${branch}/${exchanged(number)}`));
  const [host, guest] = withCard.filter((shoot) => shoot !== again);
  if (again === undefined || host === undefined || guest === undefined) return [];

  const wrong = exchanged(again.number);
  const repeated = again.scenes.slice(0, 3).map((scene) => withNumber(scene, wrong));
  const later = { day: again.day + 1, second: again.second };
  shoots.push({ ...again, ...later, date: again.date, area: 'cards', strays: new Set(), scenes: repeated });

  const card = cardIn(host)!;
  const sameDay = { day: host.day, second: host.second + 1800, date: host.date };
  const scenes = guest.scenes.map((scene): Scene => (scene.kind !== 'detainee' ? scene : { ...scene, card }));
  Object.assign(guest, sameDay, { area: 'cards', strays: new Set(), scenes });
  individuals.find(({ key }) => key === guest.individual)!.date = host.date;

  shoots.sort((a, b) => a.day - b.day || a.second - b.second);
  return [
    { mistake: 'written-wrong', individual: again.individual!, cardSays: `${again.branch}/${wrong}` },
    { mistake: 'wrong-card', individual: guest.individual!, cardSays: host.individual! },
  ];
}

/** The number with two digits that differ exchanged, the last such; one more where all are the same. */
function exchanged(number: string): string {
  for (let i = number.length - 1; i > 0; i--)
    if (number[i] !== number[i - 1]) return number.slice(0, i - 1) + number[i]! + number[i - 1]! + number.slice(i + 1);
  return String(Number(number) + 1);
}

function withNumber(scene: Scene, number: string): Scene {
  if (scene.kind !== 'detainee' || scene.card === null) return scene;
  const written = scene.card.script === 'latin' ? number : arabicDigits(number);
  const lines = scene.card.lines.map((line) =>
    line.role === 'detainee-number' ? { ...line, value: number, written } : line,
  );
  return { ...scene, card: { ...scene.card, lines } };
}

function cardIn({ scenes }: Shoot): Card | null {
  for (const scene of scenes) if (scene.kind === 'detainee' && scene.card?.carrier === 'card') return scene.card;
  return null;
}
