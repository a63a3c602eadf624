// The shipped patterns against the truth of the plan: what they tell is what is true, and they tell it of every path
// that is marked as telling.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planDemo } from './plan.ts';
import { arabicDigits, demoRules, latinDigits } from './rules.ts';

const patterns = demoRules.patterns.map((pattern) => ({ ...pattern, match: new RegExp(pattern.match, 'u') }));

function told(path: string): { category: string | undefined; key: string | null; names: string[] } | null {
  for (const { match, identifiers, category } of patterns) {
    const groups = match.exec(path)?.groups;
    if (groups === undefined && !match.test(path)) continue;
    const byRole = new Map(
      Object.entries(identifiers).map(([group, { role }]) => [role, latinDigits(groups?.[group] ?? '')]),
    );
    const parts = demoRules.individualKey.map((role) => byRole.get(role));
    const key = parts.every((part) => part !== undefined && part !== '') ? parts.join('/') : null;
    return { category, key, names: Object.keys(groups ?? {}) };
  }
  return null;
}

test('the patterns tell category and individual of every picture whose path says them, and of no other', () => {
  const { files } = planDemo({ individuals: 300, seed: 'rules', megapixels: 0.3 });
  for (const { facts } of files) {
    if (facts.kind !== 'picture') continue;
    const found = told(facts.path);
    expect(found !== null, facts.path).toBe(facts.toldByPath);
    if (found === null) continue;
    expect(found.category, facts.path).toBe(facts.category);
    expect(found.key, facts.path).toBe(facts.individual);
  }
  const areas = files.flatMap(({ facts }) => patterns.find(({ match }) => match.test(facts.path))?.name ?? []);
  expect(new Set(areas)).toEqual(new Set(patterns.map(({ name }) => name)));
});

test('every group of a pattern is an identifier, and the rules survive JSON', () => {
  for (const { match, identifiers } of demoRules.patterns) {
    const groups = [...match.matchAll(/\(\?<(\w+)>/gu)].map(([, name]) => name);
    expect(groups.toSorted()).toEqual(Object.keys(identifiers).toSorted());
  }
  expect(JSON.parse(JSON.stringify(demoRules))).toEqual(demoRules);
});

test('digits go to the other script and back', () => {
  expect(arabicDigits('1132/ب')).toBe('١١٣٢/ب');
  fc.assert(fc.property(fc.nat(), (n) => latinDigits(arabicDigits(String(n))) === String(n)));
});
