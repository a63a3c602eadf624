// The chapter on individuals: how many are named, by what, how far that can be wrong, and what speaks against it.
import type { Block, Chart, Citation, Section } from './content.ts';
import { complete, counted, Draft, given, number, say, share, shown, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';
import type { DossierConflict, DossierInput } from './dossier.ts';

const [id, mark, title] = ['individuals', '4', 'Individuals'];
const conflictsAtMost = 20;

/** Chapter 4. */
export function individualsChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { evidence, byCategory, people, individuals, withKey, withoutKey, unaccepted } = counts;
  const conflicts = conflictBlocks(input, draft, counts);
  if (people.denominator === 0 && people.count === 0) {
    const nobody = say`No picture is proposed as showing a detainee, so no individual is counted.`;
    return {
      id,
      mark,
      title,
      blocks: [draft.passage('individuals.none', [evidence.individuals], nobody), ...conflicts],
    };
  }
  const blocks: Block[] = [
    draft.passage(
      'individuals.count',
      [evidence.individuals],
      say`${counted(individuals, 'individual is', 'individuals are')} named by the numbers that paths give, or that a person has read, in ${counted(withKey, 'picture', 'pictures')}, out of ${counted(byCategory.detainee, 'picture', 'pictures')} proposed as detainee.`,
    ),
    draft.passage(
      'individuals.rule',
      [evidence.settings],
      say`The rule: ${given(people.rule)}. The number alone is not enough, because numbers are used again in another branch and are reset.`,
    ),
    draft.passage(
      'individuals.no-interval',
      [evidence.individuals],
      say`The count has no interval: ${given(people.interval)}. ${counted(withoutKey, 'picture', 'pictures')} proposed as detainee (${share(withoutKey)}) have no complete key and name nobody.`,
    ),
  ];
  if (unaccepted !== null) {
    blocks.push(
      draft.passage(
        'individuals.provisional',
        [evidence.individuals],
        say`Not counted here: ${counted(unaccepted.individuals, 'individual is', 'individuals are')} named by nothing but numbers that a machine has read on cards, and ${counted(unaccepted.pictures, 'picture is', 'pictures are')} put to an individual by such numbers or by neighbourhood alone. They are provisional until a person accepts them.`,
      ),
    );
  }
  if (input.individuals.length > 0) blocks.push(...spread(input, draft, counts));
  blocks.push(
    draft.passage(
      'individuals.too-many',
      [evidence.individuals],
      say`The number would be too high where one body was given two numbers, where a number was misspelt in a path${input.grouping.settled > 0 ? ' or misread by a person' : ''}, or where a picture filed under a number shows no body.`,
    ),
    draft.passage(
      'individuals.too-few',
      [evidence.individuals],
      [
        ...say`The number would be too low where a branch used a number twice and both bodies now share one key, where pictures without a complete key show bodies that no other picture shows, and `,
        ...unreadCards(counts),
      ],
    ),
    ...conflicts,
  );
  return { id, mark, title, blocks };
}

/** What the cards in the pictures may add to the count. */
function unreadCards({ looked, unlooked }: Counts) {
  if (looked === null) return say`because the cards in the pictures have not been read: only paths have.`;
  return unlooked === null
    ? say`because a number that the machine has read on a card counts only once a person has accepted it.`
    : say`because ${unlooked} of the pictures that can be read have not been looked into for numbers yet, and because a number that the machine has read on a card counts only once a person has accepted it.`;
}

const conflictWords: Record<string, string> = {
  'one-number-two-bodies': 'one number, two bodies',
  'one-body-two-numbers': 'one body, two numbers',
  'one-body-two-branches': 'one body, two branches',
  'one-picture-two-categories': 'one picture, two categories',
};

/** All that speaks against the grouping: how many, of how many individuals and pictures, and each in a line. */
function conflictBlocks({ conflicts, view }: DossierInput, draft: Draft, { evidence, unaccepted }: Counts): Block[] {
  if (conflicts.length === 0) return [];
  const subjects = (individual: boolean): number =>
    new Set(conflicts.flatMap(({ subject }) => (subject.startsWith('I-') === individual ? [subject] : []))).size;
  const cites = [evidence.individuals, evidence.categories];
  const total = draft.figure(
    'conflicts',
    conflicts.length,
    all('disagreements of numbers, branches, categories, likeness and what people said with the grouping', cites),
  );
  const ofIndividuals = draft.figure(
    'conflicts.individuals',
    subjects(true),
    all(
      'individuals, provisional ones included, of which something speaks against the grouping',
      cites,
      view.individuals.count + (unaccepted === null ? 0 : view.individuals.provisional.individuals),
    ),
  );
  const ofPictures = draft.figure(
    'conflicts.pictures',
    subjects(false),
    all('pictures of which, by themselves, something speaks against the grouping', cites, view.pictures),
  );
  const from = ({ records }: DossierConflict): Citation[] =>
    records.length === 0 ? [evidence.individuals] : records.map((each) => draft.record(each));
  return [
    draft.passage(
      'individuals.conflicts',
      cites,
      say`The records disagree in ${counted(total, 'place', 'places')}: over ${counted(ofIndividuals, 'individual', 'individuals')} (${share(ofIndividuals)}) and ${counted(ofPictures, 'single picture', 'single pictures')} (${share(ofPictures)}). The machine settles none of them. Each may be a mistake, or the truth: numbers were used again.`,
      'warning',
    ),
    {
      kind: 'table',
      id: 'individuals.conflicts.kinds',
      caption: say`What speaks against the grouping, by kind`,
      rule: 'disagreements, each of one individual or of one picture',
      denominator: conflicts.length,
      interval: complete,
      columns: [text('Kind'), number('Disagreements')],
      rows: Object.entries(conflictWords).map(([kind, words]) => ({
        cells: [[words], conflicts.filter((one) => one.kind === kind).length],
        cites: [],
      })),
      cites,
    },
    draft.table(
      {
        id: 'individuals.conflicts.list',
        caption: say`What speaks against the grouping`,
        rule: 'every disagreement, in the words of the case',
        denominator: conflicts.length,
        interval: complete,
        columns: [text('Kind', 0.6), text('Of', 0), text('What disagrees')],
        rows: conflicts.map((one) => ({
          cells: [[conflictWords[one.kind] ?? one.kind], [term(one.subject)], [given(one.what)]],
          cites: from(one),
        })),
        cites,
        dense: true,
      },
      conflictsAtMost,
    ),
  ];
}

function spread(input: DossierInput, draft: Draft, { evidence }: Counts): Block[] {
  const perIndividual = new Map<number, number>();
  for (const each of input.individuals) perIndividual.set(each.pictures, (perIndividual.get(each.pictures) ?? 0) + 1);
  const sum = input.individuals.reduce((total, each) => total + each.pictures, 0);
  const most = Math.max(...perIndividual.keys());
  const rule = 'pictures of an individual, duplicates counted as the rule of the count says';
  const mean = draft.figure(
    'individuals.mean',
    sum / input.individuals.length,
    all(`mean number of ${rule}`, [evidence.individuals], input.individuals.length),
  );
  const greatest = draft.figure(
    'individuals.most',
    most,
    all(`greatest number of ${rule}`, [evidence.individuals], input.individuals.length),
  );
  const single = draft.figure(
    'individuals.single',
    perIndividual.get(1) ?? 0,
    all('individuals with one picture only', [evidence.individuals], input.individuals.length),
  );
  const chart: Chart = {
    kind: 'chart',
    id: 'individuals.histogram',
    caption: say`Individuals by number of pictures`,
    alt: '',
    axes: { label: 'pictures of one individual', value: 'individuals' },
    bars: barsOf(perIndividual, most),
    rule,
    denominator: input.individuals.length,
    interval: complete,
    cites: [evidence.individuals],
  };
  chart.alt = `Bar chart. ${chart.bars.map((bar) => `${bar.label} pictures: ${shown(bar.value)} individuals`).join('; ')}.`;
  return [
    draft.passage(
      'individuals.mean',
      [evidence.individuals],
      say`An individual has ${counted(mean, 'picture', 'pictures')} on average and ${greatest} at most; ${single} have a single picture. The average is a result, computed from the count; it was not assumed in order to make the count.`,
    ),
    chart,
  ];
}

/** One bar for each number of pictures; above twenty they share one. */
function barsOf(perIndividual: ReadonlyMap<number, number>, most: number): Chart['bars'] {
  const last = Math.min(most, 20);
  const bars = Array.from({ length: last }, (_, index) => ({
    label: String(index + 1),
    value: perIndividual.get(index + 1) ?? 0,
  }));
  if (most > last) {
    const beyond = [...perIndividual].reduce((sum, [pictures, count]) => sum + (pictures > last ? count : 0), 0);
    bars.push({ label: `>${last}`, value: beyond });
  }
  return bars;
}
