// The chapter on the numbers in sequence: what was seen, what was not, and what a gap may say.
import type { Segment } from '../case/authenticity.ts';
import type { Block, Section, Span } from './content.ts';
import { complete, counted, Draft, given, number, say, share, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const rowsAtMost = 24;

const roleWords: Record<string, string> = {
  'detainee-number': 'Detainee number',
  'hospital-number': 'Examination number',
};

/** Chapter 7. */
export function sequenceChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { segments, shared } = input.authenticity.sequences;
  const { categories, individuals, described, settings } = counts.evidence;
  const cites = [categories, individuals];
  const section = (blocks: Block[]): Section => ({
    id: 'sequence',
    mark: '8',
    title: 'The numbers in sequence',
    blocks,
  });
  if (segments.length === 0) {
    return section([
      draft.passage(
        'sequence.none',
        cites,
        say`No number of a detainee or an examination was read, so no series is tested.`,
      ),
    ]);
  }
  const sum = (of: (segment: Segment) => number): number => segments.reduce((total, each) => total + of(each), 0);
  const range = sum(({ from, to }) => to - from + 1);
  const figure = (id: string, value: number, rule: string, denominator: number | null) =>
    draft.figure(`sequence.${id}`, value, all(rule, cites, denominator));
  const seen = figure(
    'seen',
    sum(({ numbers }) => numbers),
    'distinct numbers seen, each between the first and the last of its series',
    range,
  );
  const missing = figure(
    'missing',
    sum(({ missing: many }) => many),
    'numbers never seen between the first and the last of their series: a count, not an estimate',
    range,
  );
  const series = figure(
    'series',
    segments.length,
    'series: by role, branch and what follows the digits, cut where they begin again',
    null,
  );
  const violators = figure(
    'violators',
    sum(({ violators: many }) => many.length),
    'the fewest dated numbers to set aside so that all others rise with the date',
    sum(({ dated }) => dated),
  );
  const blocked = figure(
    'blocks',
    segments.filter(({ blocks }) => blocks).length,
    'series in which so few runs, or so long a gap, would come by chance in fewer than one of twenty',
    segments.length,
  );
  const conflicts = shared.filter(({ conflict }) => conflict).length;
  const twice = figure('conflicts', conflicts, 'numbers that two individuals carry in one series', null);
  const elsewhere = figure(
    'shared',
    shared.length - conflicts,
    'numbers that individuals of different branches carry, where each branch counts for itself',
    null,
  );
  const deaths = segments.some((each) => each.settings.issuedAtDeath);
  const months = segments.filter(({ rate }) => rate !== null);
  const listed = segments.toSorted((a, b) => b.numbers - a.numbers);
  const blocks: Block[] = [
    draft.passage(
      'sequence.seen',
      cites,
      say`The numbers on bodies are held against their order. ${counted(seen, 'number was', 'numbers were')} seen in ${counted(series, 'series', 'series')}; between the first and the last of each, ${missing} (${share(missing)}) were never seen.`,
    ),
    draft.passage(
      'sequence.gap',
      [settings],
      deaths
        ? say`A missing number is one that no picture shows. Only in a series that this case holds to have been given at death does it speak of a death; in every other it is an unobserved number, perhaps a living person.`
        : say`A missing number is one that no picture shows. No series of this case is held to have been given at death, so no gap here speaks of a death: it is an unobserved number, perhaps a living person.`,
      'limit',
    ),
    draft.table(
      {
        id: 'sequence.table',
        caption: say`Numbers seen and never seen, by series`,
        rule: 'distinct numbers from paths and keys of individuals, between the first and the last seen',
        denominator: range,
        interval: complete,
        columns: [
          text('Series'),
          text('Range', 0),
          number('Seen'),
          number('Never'),
          number('Longest gap'),
          number('Not in order'),
        ],
        rows: listed.map((each) => ({
          cells: [
            nameOf(each),
            [term(`${each.from}–${each.to}`)],
            each.numbers,
            each.missing,
            each.longest?.length ?? 0,
            each.violators.length,
          ],
          cites: [],
        })),
        cites,
      },
      rowsAtMost,
    ),
    draft.passage(
      'sequence.rising',
      [...cites, described],
      say`Do they rise with the dates? ${violators} of the dated numbers (${share(violators)}) must be set aside for all others to rise. What does not fit may be a date, by a clock or a folder, as well as a number, or a body photographed late.`,
    ),
    draft.passage(
      'sequence.blocks',
      cites,
      say`Is what is missing spread as by chance? In ${counted(blocked, 'series', 'series')} (${share(blocked)}) it lies in blocks, as a lost card or a lost day leaves it. Where it does not, that too is no proof that nothing was chosen. How many numbers lie before the first and after the last is not estimated here.`,
    ),
    draft.passage(
      'sequence.bodies',
      cites,
      say`One number, two bodies: ${counted(twice, 'number is', 'numbers are')} carried by two individuals in one series and must be looked at. ${counted(elsewhere, 'number is', 'numbers are')} carried by individuals of different branches, as is to be expected where each branch counts for itself.`,
    ),
  ];
  if (months.length > 0) {
    blocks.push(rates(months, draft, counts));
  }
  return section(blocks);
}

function rates(segments: readonly Segment[], draft: Draft, counts: Counts): Block {
  const { categories, individuals, described } = counts.evidence;
  const rounded = (value: number): number => Math.round(value * 100) / 100;
  return draft.table(
    {
      id: 'sequence.rate',
      caption: say`How fast numbers were given out, within the dated window alone`,
      rule: 'numbers between the first and the last in order of date, seen or not, in thirty days; each number taken to have been given once',
      denominator: null,
      interval: {
        none: 'each line has its own: ninety-five per cent by Poisson, exact (Garwood 1936), as if numbers were given one by one',
      },
      columns: [text('Series'), text('Window', 0), number('In thirty days'), number('Low'), number('High')],
      rows: segments
        .toSorted((a, b) => b.numbers - a.numbers)
        .map((each) => ({
          cells: [
            nameOf(each),
            [term(each.window!.join(' to '))],
            rounded(each.rate!.per30),
            rounded(each.rate!.interval[0]),
            rounded(each.rate!.interval[1]),
          ],
          cites: [],
        })),
      cites: [categories, individuals, described],
    },
    rowsAtMost,
  );
}

function nameOf({ role, branch, suffix, segment }: Segment): Span[] {
  return [
    roleWords[role] ?? role,
    ...(branch === null ? [] : [', branch ', given(branch)]),
    ...(suffix === null ? [] : [', ', given(suffix)]),
    ...(segment === 1 ? [] : [', part ', term(String(segment))]),
  ];
}
