// The chapters that count: what was received, then the partition, then individuals, then duplicates. Literal text carries
// no number; every number is a figure with its rule and its evidence.
import type { AccessionView, Reconciliation } from '../case/views.ts';
import { categories } from '../case/views.ts';
import { breakdownTable, linesInText } from './annexes.ts';
import type { Block, Chart, Citation, Row, Section, Span, Table } from './content.ts';
import { complete, counted, Draft, given, number, say, share, shown, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all, categoryWords, receivedRule } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const accessionRow = (name: Span[], source: Span[], sum: Reconciliation, cites: Citation[]): Row => ({
  cells: [name, source, sum.received, sum.sealed, sum.duplicate, sum.quarantined],
  cites,
});

/** Chapters 1 and 3 to 5; each is made once, in reading order. */
export function chaptersOf(input: DossierInput, draft: Draft, counts: Counts) {
  const {
    view,
    here,
    evidence,
    total,
    fromReconciliations,
    duplicate,
    pictures,
    byCategory,
    accepted,
    people,
    individuals,
    withKey,
    withoutKey,
    unaccepted,
    empty,
  } = counts;

  const accessionBlocks = (accession: AccessionView): Block[] => {
    const cites: Citation[] = accession.record === null ? [evidence.received] : [draft.record(accession.record)];
    const id = `received.${accession.handle}`;
    const { reconciliation: sum } = accession;
    const blocks: Block[] = [];
    if (!accession.closes) {
      blocks.push(
        draft.passage(
          `${id}.open`,
          cites,
          say`The reconciliation of delivery ${term(accession.handle)} does not close: what was sealed, repeated and quarantined does not add up to what was received. Nothing may be built on its counts before that is explained.`,
          'warning',
        ),
      );
    }
    if (accession.record === null) {
      blocks.push(
        draft.passage(
          `${id}.unsigned`,
          cites,
          say`The reconciliation of delivery ${term(accession.handle)} had not been signed when the checkpoint was made.`,
          'warning',
        ),
      );
    }
    const reasons = Object.entries(accession.quarantinedBy).toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (reasons.length > 0) {
      blocks.push({
        kind: 'table',
        id: `${id}.quarantined`,
        caption: say`Delivery ${term(accession.handle)}: quarantined, by reason`,
        rule: 'files that could not be had whole, by reason',
        denominator: sum.quarantined,
        interval: complete,
        columns: [text('Reason'), number('Files')],
        rows: reasons.map(([code, count]) => ({ cells: [[term(code)], count], cites: [] })),
        cites,
      });
    }
    const lines = accession.breakdown;
    if (lines.length > 1) blocks.push(breakdownTable(accession, cites, linesInText));
    return blocks;
  };

  const receivedChapter = (): Section => {
    const blocks: Block[] = [];
    if (empty) {
      blocks.push(
        draft.passage(
          'received.none',
          [evidence.received],
          say`No delivery had been received when the checkpoint was signed. The chapters below stand empty, so that a later edition can be compared with this one.`,
        ),
      );
    } else {
      const deliveries = draft.figure(
        'accessions',
        view.accessions.length,
        all('deliveries received', [evidence.received]),
      );
      blocks.push(
        draft.passage(
          'received.closes',
          fromReconciliations,
          say`${counted(deliveries, 'delivery was', 'deliveries were')} received. Each is reconciled: every file in it is sealed, or recorded as a duplicate of a sealed file, or quarantined with a reason, and the three add up to what was received. A duplicate is not lost: its place is kept as additional provenance of the sealed file.`,
        ),
        draft.passage(
          'received.source',
          [evidence.received],
          say`A source is named by a pseudonym. Paths are kept from the folder that was handed over downwards, and nothing above it.`,
        ),
        accessionTable(),
        ...view.accessions.flatMap(accessionBlocks),
      );
    }
    return { id: 'received', mark: '1', title: 'What was received', blocks };
  };

  const accessionTable = (): Table => {
    const rows = view.accessions.map((each) =>
      accessionRow(
        [term(each.handle)],
        [given(each.source)],
        each.reconciliation,
        each.record === null ? [here] : [draft.record(each.record)],
      ),
    );
    if (rows.length > 1) rows.push({ ...accessionRow(['All'], [], total, []), total: true });
    return {
      kind: 'table',
      id: 'received.reconciliation',
      caption: say`Reconciliation: received = sealed + duplicate + quarantined`,
      rule: receivedRule('received'),
      denominator: total.received,
      interval: complete,
      columns: [
        text('Delivery', 0),
        text('Source'),
        number('Received'),
        number('Sealed'),
        number('Duplicate'),
        number('Quarantined'),
      ],
      rows,
      cites: fromReconciliations,
    };
  };

  const partition = (): Section => ({
    id: 'partition',
    mark: '3',
    title: 'What the pictures are of',
    blocks: view.pictures === 0 ? [nothingToSort()] : categoryBlocks(),
  });

  const nothingToSort = (): Block =>
    draft.passage(
      'partition.none',
      [evidence.categories],
      say`No picture is sealed under this checkpoint, so there is none to sort.`,
    );

  const categoryBlocks = (): Block[] => [
    draft.passage(
      'partition.first',
      [evidence.categories],
      say`Pictures are sorted into categories before anything is counted, because a picture that shows no detainee must not enter a count of detainees. The categories of all ${counted(pictures, 'picture', 'pictures')} add up to that number.`,
    ),
    draft.passage(
      'partition.proposed',
      [evidence.categories, evidence.settings],
      say`Each category is proposed by patterns over paths that this case configures, and stands until a person says another. A person has sorted ${accepted} of ${pictures}; ${byCategory.unreviewed} (${share(byCategory.unreviewed)}) match no pattern and remain unreviewed.`,
    ),
    {
      kind: 'table',
      id: 'partition.table',
      caption: say`Pictures by category`,
      rule: 'sealed pictures by the category that a person has given them, else by the one that the patterns of the case propose',
      denominator: view.pictures,
      interval: complete,
      columns: [
        text('Category', 0),
        text('What it means'),
        number('Pictures'),
        { title: 'Share', kind: 'bar', width: 0.75 },
      ],
      rows: [
        ...categories.map((name): Row => ({
          cells: [
            [categoryWords[name][0]],
            [categoryWords[name][1]],
            view.categories[name],
            view.pictures === 0 ? null : view.categories[name] / view.pictures,
          ],
          cites: [],
        })),
        { cells: [['All pictures'], [], view.pictures, view.pictures === 0 ? null : 1], cites: [], total: true },
      ],
      cites: [evidence.categories],
    },
  ];

  const individualsChapter = (): Section => {
    const [id, mark, title] = ['individuals', '4', 'Individuals'];
    if (people.denominator === 0 && people.count === 0) {
      const nobody = say`No picture is proposed as showing a detainee, so no individual is counted.`;
      return { id, mark, title, blocks: [draft.passage('individuals.none', [evidence.individuals], nobody)] };
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
    if (input.individuals.length > 0) blocks.push(...spread());
    blocks.push(
      draft.passage(
        'individuals.too-many',
        [evidence.individuals],
        say`The number would be too high where one body was given two numbers, where a number was misspelt in a path, or where a picture filed under a number shows no body.`,
      ),
      draft.passage(
        'individuals.too-few',
        [evidence.individuals],
        say`The number would be too low where a branch used a number twice and both bodies now share one key, where pictures without a complete key show bodies that no other picture shows, and because the cards in the pictures have not been read: only paths have.`,
      ),
    );
    input.conflicts.forEach((conflict, index) => {
      blocks.push(
        draft.passage(
          `individuals.conflict.${index + 1}`,
          conflict.records.length > 0 ? conflict.records.map((each) => draft.record(each)) : [evidence.individuals],
          say`The records disagree: ${given(conflict.what)}`,
          'warning',
        ),
      );
    });
    return { id, mark, title, blocks };
  };

  const spread = (): Block[] => {
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
  };

  const duplicates = (): Section => {
    const repeats = input.items.filter((item) => item.duplicateOf !== null && item.state !== 'duplicate');
    const near = draft.figure(
      'duplicates.near',
      repeats.length,
      all('sealed items that nearly repeat an earlier one', [evidence.duplicates], view.pictures),
    );
    const originals = draft.figure(
      'duplicates.originals',
      new Set(repeats.map((item) => item.duplicateOf)).size,
      all('sealed items that at least one other nearly repeats', [evidence.duplicates], view.pictures),
    );
    return {
      id: 'duplicates',
      mark: '5',
      title: 'Duplicates',
      blocks: [
        draft.passage(
          'duplicates.exact',
          fromReconciliations,
          say`Exact: ${counted(duplicate, 'file has', 'files have')} the same bytes as a sealed file. They are not sealed twice; each is recorded as one more place where those bytes were found.`,
        ),
        draft.passage(
          'duplicates.near',
          [evidence.duplicates],
          say`Near: ${counted(near, 'sealed picture nearly repeats', 'sealed pictures nearly repeat')} ${counted(originals, 'other picture', 'other pictures')}. The rule: ${given(input.nearRule)}. Both pictures are kept. That two pictures are near is a proposal: a re-encoded copy is near, and so can be two exposures a second apart.`,
        ),
      ],
    };
  };

  return { received: receivedChapter, partition, individuals: individualsChapter, duplicates };
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
