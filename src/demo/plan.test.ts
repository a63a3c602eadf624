// The plan of the demo: proportions, planted traits, and nothing left to chance but the seed.
import { expect, test } from 'vitest';
import { planDemo, type DemoPlan } from './plan.ts';

const plan = (individuals: number, seed = 'a'): DemoPlan => planDemo({ individuals, seed, megapixels: 0.3 });
const pictures = (p: DemoPlan) => p.files.filter(({ facts }) => facts.kind === 'picture');
const originals = (p: DemoPlan) =>
  pictures(p).filter(({ facts }) => facts.exactDuplicateOf === null && facts.nearDuplicateOf === null);

test('the same seed plans the same cache, another seed another one', () => {
  expect(plan(30)).toEqual(plan(30));
  const paths = (seed: string) => plan(30, seed).files.map(({ facts }) => facts.path);
  expect(paths('a')).not.toEqual(paths('b'));
});

test('about 46 % of the pictures show no detainee', () => {
  for (const seed of ['1', '2', '3']) {
    const all = pictures(plan(200, seed));
    const share = all.filter(({ facts }) => facts.category !== 'detainee').length / all.length;
    expect(share).toBeGreaterThan(0.43);
    expect(share).toBeLessThan(0.49);
  }
});

test('an individual has from 3 to more than 20 pictures, 4.2 on average', () => {
  const p = plan(2000);
  const counts = new Map<string, number>();
  for (const { facts } of originals(p)) {
    if (facts.individual !== null) counts.set(facts.individual, (counts.get(facts.individual) ?? 0) + 1);
  }
  const sizes = [...counts.values()];
  expect(counts.size).toBe(2000);
  expect(Math.min(...sizes)).toBe(3);
  expect(Math.max(...sizes)).toBeGreaterThan(20);
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  expect(mean).toBeGreaterThan(4.1);
  expect(mean).toBeLessThan(4.35);
});

test('about one picture in ten lies where names say nothing', () => {
  const all = pictures(plan(1500));
  const share = all.filter(({ facts }) => !facts.toldByPath).length / all.length;
  expect(share).toBeGreaterThan(0.08);
  expect(share).toBeLessThan(0.14);
});

test('even a small cache holds every trait of a real one', () => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    const p = plan(16, seed);
    const problems = new Set(p.files.flatMap(({ facts }) => facts.problems));
    expect(problems).toEqual(new Set(['truncated', 'empty', 'extension-differs', 'foreign']));
    expect(new Set(p.files.map(({ content }) => content.type))).toEqual(
      new Set(['picture', 're-encoded', 'resized', 'truncated', 'png', 'text', 'binary', 'archive']),
    );
    const paths = p.files.map(({ facts }) => facts.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(paths.filter((path) => path.endsWith('names.csv') || path.startsWith('testimony/'))).toHaveLength(4);
    expect(new Set(p.files.map(({ container }) => container))).toEqual(
      new Set([null, 'archives/usb 2012.zip', 'archives/usb 2012.zip/older/first card.zip', 'archives/بطاقة ب.tar.gz']),
    );
    const copies = p.files.filter(({ facts }) => facts.exactDuplicateOf !== null);
    expect(copies.filter(({ container }) => container !== null)).toHaveLength(2);
    expect(copies.length).toBeGreaterThanOrEqual(5);
    // One base name in two folders, of different pictures.
    const keys = new Map<string, Set<string>>();
    for (const { facts, content } of originals(p)) {
      const name = facts.path.split('/').at(-1)!;
      if (content.type === 'picture') keys.set(name, (keys.get(name) ?? new Set()).add(content.picture.key));
    }
    expect([...keys.values()].some((set) => set.size > 1)).toBe(true);
  }
});

test('one number stands for two people, in two branches', () => {
  for (const seed of ['1', '2', '3']) {
    const { individuals } = plan(12, seed);
    const keys = new Set(individuals.map(({ key }) => key));
    const numbers = new Set(individuals.map(({ number }) => number));
    expect(keys.size).toBe(12);
    expect(numbers.size).toBeLessThan(12);
  }
});

test('a camera counts its pictures one by one, and its clock only goes forward', () => {
  const p = plan(300);
  const byCamera = new Map<string, Map<number, string>>();
  for (const { facts, content } of p.files) {
    if (!('picture' in content) || facts.camera === null) continue;
    const seen = byCamera.get(facts.camera) ?? new Map<number, string>();
    byCamera.set(facts.camera, seen.set(content.picture.counter, content.picture.taken));
  }
  expect(byCamera.size).toBe(6);
  for (const seen of byCamera.values()) {
    const inOrder = [...seen].toSorted(([a], [b]) => a - b).map(([, taken]) => taken);
    expect(inOrder).toEqual(inOrder.toSorted());
  }
});

test('a copy without EXIF is made of an upright picture, and no copy of a broken one', () => {
  const p = plan(400);
  const byPath = new Map(p.files.map((file) => [file.facts.path, file]));
  for (const { facts, content } of p.files) {
    const source = facts.exactDuplicateOf ?? facts.nearDuplicateOf?.path;
    if (source === undefined) continue;
    expect(byPath.get(source)!.facts.problems).toEqual([]);
    if (facts.orientation === null && 'picture' in content) expect(content.picture.orientation).toBe(1);
  }
});

test('6,786 individuals come with more than 53,000 pictures, as in the recount', () => {
  expect(pictures(plan(6786)).length).toBeGreaterThan(53_000);
});

test('mistakes are planted where they are asked for: a number written wrong, and the card of another, as the plan says', () => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    const plain = plan(20, seed);
    expect(plain.mistakes).toEqual([]);
    const p = planDemo({ individuals: 20, seed, megapixels: 0.3, mistakes: true });
    expect(p).toEqual(planDemo({ individuals: 20, seed, megapixels: 0.3, mistakes: true }));
    expect(p.individuals.map(({ key }) => key)).toEqual(plain.individuals.map(({ key }) => key));
    expect(p.mistakes.map(({ mistake }) => mistake)).toEqual(['written-wrong', 'wrong-card']);
    for (const { mistake, individual, cardSays } of p.mistakes) {
      const shown = originals(p).filter(
        ({ facts }) =>
          facts.individual === individual &&
          cardSays ===
            ['branch-number', 'detainee-number']
              .map((role) => facts.card?.lines.find((line) => line.role === role)?.value)
              .join('/'),
      );
      expect(shown.length).toBeGreaterThanOrEqual(2);
      expect(shown.some(({ facts }) => facts.toldByPath)).toBe(false);
      const own = originals(p).filter(({ facts }) => facts.individual === individual);
      // One body has pictures with its own number besides; of the other there are none.
      if (mistake === 'written-wrong')
        expect(own.some(({ facts }) => facts.toldByPath || !shown.some((one) => one.facts === facts))).toBe(true);
      else expect(own.every(({ facts }) => !facts.toldByPath)).toBe(true);
      expect(p.individuals.some(({ key }) => key === cardSays)).toBe(mistake === 'wrong-card');
    }
  }
});
