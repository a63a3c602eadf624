// The test of a series of numbers: do they rise with the dates, where are gaps, where does the series begin again? Pure.
// Whatever it shows is shown, with what must be true for it to mean anything.
import type { Month, Segment, SeriesName, SeriesNumber, SeriesSettings } from '../case/authenticity.ts';
import {
  findResets,
  knownStart,
  longestMissingRun,
  longestMissingRunChance,
  missingRuns,
  monotoneViolators,
  poissonInterval,
  runsTest,
  unknownStart,
} from '@dalil/statistics';

/** What is supposed of a role where the case says nothing: never that its numbers speak of deaths. */
export function seriesOf(
  role: string,
  said?: readonly { role: string; perBranch?: boolean; issuedAtDeath?: boolean; start?: number }[],
): SeriesSettings {
  const of = said?.find((each) => each.role === role);
  return {
    perBranch: of?.perBranch ?? role === 'detainee-number',
    issuedAtDeath: of?.issuedAtDeath ?? false,
    start: of?.start ?? null,
  };
}

const alike = 0.05;
const fewest = 10;

/** Cuts the numbers of one series where it begins again, and tests each part. Numbers are distinct. */
export function testSeries(name: SeriesName, settings: SeriesSettings, numbers: readonly SeriesNumber[]): Segment[] {
  const dated = numbers
    .filter(({ day }) => day !== null)
    .toSorted((a, b) => (a.day === b.day ? a.number - b.number : a.day! < b.day! ? -1 : 1));
  const cuts = findResets(dated.map(({ number }) => number));
  if (cuts.length === 0) return [testSegment(name, settings, numbers, 1, false)];
  // Numbers without a day cannot be given to a part: they are in none, and the caller counts them.
  return [0, ...cuts].map((from, i) =>
    testSegment(name, settings, dated.slice(from, [...cuts, dated.length][i]), i + 1, true),
  );
}

function testSegment(
  name: SeriesName,
  settings: SeriesSettings,
  unsorted: readonly SeriesNumber[],
  segment: number,
  cut: boolean,
): Segment {
  const numbers = unsorted.toSorted((a, b) => a.number - b.number);
  const values = numbers.map(({ number }) => number);
  const [from, to] = [values[0]!, values.at(-1)!];
  const missing = to - from + 1 - values.length;
  const runs = missing === 0 ? null : interiorRuns(values);
  const longest = longestMissingRun(values);
  // The first and the last are seen by definition: chance has only what lies between them.
  const chance =
    longest === null || to - from > 50_000
      ? null
      : longestMissingRunChance(to - from - 1, values.length - 2, longest.length);
  const blocks = (runs !== null && runs.fewer < alike) || (chance !== null && chance < alike);
  const dated = numbers.filter(({ day }) => day !== null);
  const aside = new Set(monotoneViolators(dated.map(({ day }) => Date.parse(day!))));
  const steady = dated.filter((_, i) => !aside.has(i));
  const days = steady.map(({ day }) => day!);
  return {
    ...name,
    segment,
    settings,
    numbers: values.length,
    pictures: numbers.reduce((sum, { pictures }) => sum + pictures, 0),
    individuals: new Set(numbers.flatMap(({ individuals }) => individuals)).size,
    from,
    to,
    missing,
    gaps: missingRuns(values).length,
    longest: longest === null ? null : { ...longest, chance },
    runs,
    blocks,
    dated: dated.length,
    window: days.length === 0 ? null : [days[0]!, days.at(-1)!],
    violators: [...aside].map((at) => ({
      ...dated[at]!,
      between: [
        steady.findLast(({ number }) => number < dated[at]!.number)?.day ?? null,
        steady.find(({ number }) => number > dated[at]!.number)?.day ?? null,
      ],
    })),
    months: monthsOf(values, steady),
    rate: rateOf(steady),
    length: lengthOf(values, settings, { blocks, cut }),
  };
}

function interiorRuns(values: readonly number[]): NonNullable<Segment['runs']> {
  const [from, to] = [values[0]!, values.at(-1)!];
  const open = (values[1]! - from > 1 ? 1 : 0) + (to - values.at(-2)! > 1 ? 1 : 0);
  const size = to - from - 1;
  const { runs, expected, z, fewer } = runsTest({
    seen: values.length - 2,
    missing: size - (values.length - 2),
    runs: 2 * missingRuns(values).length + 1 - open,
  });
  return { runs, expected, z, fewer };
}

function monthsOf(values: readonly number[], steady: readonly SeriesNumber[]): Month[] {
  const months = new Map<string, number[]>();
  for (const { day, number } of steady) {
    const month = day!.slice(0, 7);
    months.set(month, [...(months.get(month) ?? []), number]);
  }
  return [...months]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, seen]) => {
      const [from, to] = [seen[0]!, seen.at(-1)!];
      const within = values.filter((value) => value >= from && value <= to).length;
      return { month, numbers: seen.length, from, to, missing: to - from + 1 - within };
    });
}

function rateOf(steady: readonly SeriesNumber[]): Segment['rate'] {
  const [first, last] = [steady[0], steady.at(-1)];
  if (first === undefined || last === undefined) return null;
  const days = (Date.parse(last.day!) - Date.parse(first.day!)) / 86_400_000;
  if (days < 30) return null;
  const issued = last.number - first.number;
  const [low, high] = poissonInterval(issued);
  const per30 = (count: number): number => (30 * count) / days;
  return { issued, days, per30: per30(issued), interval: [per30(low), per30(high)] };
}

function lengthOf(
  values: readonly number[],
  { start }: SeriesSettings,
  { blocks, cut }: { blocks: boolean; cut: boolean },
): Segment['length'] {
  if (cut) return { none: 'the series begins again: where a part of it ends is not known by its numbers' };
  if (values.length < fewest) return { none: `fewer than ${fewest} numbers were seen` };
  if (blocks)
    return { none: 'what is missing lies in blocks, and the estimate supposes that each number is lost alike' };
  const [from, to] = [values[0]!, values.at(-1)!];
  if (start !== null && start <= from) {
    const { estimate, interval } = knownStart(to - start + 1, values.length);
    return { estimate, interval, method: `known start ${start}, Goodman 1952; 95 %, two-sided, exact` };
  }
  return {
    estimate: unknownStart(from, to, values.length),
    interval: null,
    method: 'start not known, from the range, Goodman 1952',
  };
}
