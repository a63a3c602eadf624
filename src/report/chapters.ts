// The chapters that count: what was received, then the partition, then duplicates. Literal text carries
// no number; every number is a figure with its rule and its evidence.
import type { AccessionView, Reconciliation } from '../case/views.ts';
import { categories } from '../case/views.ts';
import { breakdownTable, linesInText } from './annexes.ts';
import type { Block, Citation, Row, Section, Span, Table } from './content.ts';
import { complete, counted, Draft, given, number, say, share, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all, categoryWords, receivedRule } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const accessionRow = (name: Span[], source: Span[], sum: Reconciliation, cites: Citation[]): Row => ({
  cells: [name, source, sum.received, sum.sealed, sum.duplicate, sum.quarantined],
  cites,
});

/** Chapters 1, 3 and 5; each is made once, in reading order. */
export function chaptersOf(input: DossierInput, draft: Draft, counts: Counts) {
  const { view, here, evidence, total, fromReconciliations, duplicate, pictures, byCategory, accepted, empty } = counts;

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

  return { received: receivedChapter, partition, duplicates };
}
