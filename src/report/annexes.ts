// The annexes of a dossier: individuals, items, figures and records, folders in full. A long item list is given volumes
// of its own, because the memory of one compilation grows with its pages.
import type { AccessionView, IdentifierView } from '../case/views.ts';
import type { Block, Citation, Row, Section, Span, Table, Volume } from './content.ts';
import { complete, Draft, given, number, path, say, term, text } from './content.ts';
import type { DossierIndividual, DossierInput, DossierItem } from './dossier.ts';

/** Lines of a breakdown that stand in the text; the rest are in the annex. */
export const linesInText = 12;
/** Items in one volume: setting as many takes about 1 GB. More than this leave the main volume. */
export const itemsInVolume = 3000;

/** The reconciliation of a delivery by folder and archive: the `atMost` largest, or all. */
export function breakdownTable(accession: AccessionView, cites: Citation[], atMost = Infinity): Table {
  const sorted = accession.breakdown.toSorted((a, b) => b.received - a.received || (a.path < b.path ? -1 : 1));
  const lines = atMost === Infinity ? accession.breakdown : sorted.slice(0, atMost);
  const cut = lines.length < accession.breakdown.length;
  const which = cut ? ' (the largest; all of them in the annex of folders)' : '';
  return {
    kind: 'table',
    id: `${atMost === Infinity ? 'folders' : 'received'}.${accession.handle}.breakdown`,
    caption: say`Delivery ${term(accession.handle)}: by folder and archive${which}`,
    rule: 'files directly in a folder, and members of an archive',
    denominator: accession.reconciliation.received,
    interval: complete,
    columns: [text('Folder or archive'), ...['Received', 'Sealed', 'Duplicate', 'Quarantined'].map(number)],
    rows: lines.map((line) => ({
      cells: [
        [line.path === '' ? 'the folder handed over' : path(line.path), ...(line.archive ? [' (archive)'] : [])],
        line.received,
        line.sealed,
        line.duplicate,
        line.quarantined,
      ],
      cites: [],
    })),
    cites,
  };
}

/** Annexes A to E of the main volume, made after the chapters; A to C say so where there is nothing in them. */
export function annexes(input: DossierInput, draft: Draft): Section[] {
  const { view } = input;
  const sections: Section[] = [
    { id: 'annex.individuals', mark: 'A', title: 'Individuals', blocks: individualsAnnex(input, draft) },
    {
      id: 'annex.items',
      mark: 'B',
      title: 'Items',
      wide: input.items.length > 0 && input.items.length <= itemsInVolume,
      blocks: itemsAnnex(input, draft),
    },
    {
      id: 'annex.records',
      mark: 'C',
      title: 'Figures and records',
      blocks: [
        draft.passage(
          'annex.records.how',
          [draft.checkpoint],
          say`Every number in a sentence of this dossier is listed here with its rule, its denominator, and its interval or the reason why it has none; a table states its own. Then follow the sets of records, and the id of every record that the text cites. The annexes of individuals and items cite by position alone.`,
        ),
        { kind: 'figures' },
        { kind: 'records' },
      ],
    },
  ];
  const long = view.accessions.filter((each) => each.breakdown.length > linesInText);
  if (long.length > 0) {
    sections.push({
      id: 'annex.folders',
      mark: 'D',
      title: 'Folders and archives in full',
      blocks: long.map((each) =>
        breakdownTable(each, [each.record === null ? draft.checkpoint : draft.record(each.record)]),
      ),
    });
  }
  if (draft.long.length > 0) {
    sections.push({
      id: 'annex.long',
      mark: long.length > 0 ? 'E' : 'D',
      title: 'Long tables in full',
      blocks: draft.long,
    });
  }
  return sections;
}

/** The volumes that hold the item list where it is too long for the main one. */
export function itemVolumes(input: DossierInput, draft: Draft): Volume[] {
  if (input.items.length <= itemsInVolume) return [];
  const count = Math.ceil(input.items.length / itemsInVolume);
  return Array.from({ length: count }, (_, index) => {
    const items = input.items.slice(index * itemsInVolume, (index + 1) * itemsInVolume);
    const id = `items.${index + 2}`;
    return {
      number: index + 2,
      title: 'Items',
      sections: [
        {
          id,
          mark: 'B',
          title: count === 1 ? 'Items' : `Items, part ${index + 1} of ${count}`,
          wide: true,
          blocks: [itemTable(id, items, input, draft)],
        },
      ],
    };
  });
}

function individualsAnnex({ individuals }: DossierInput, draft: Draft): Block[] {
  if (individuals.length === 0)
    return [
      draft.passage(
        'annex.individuals.none',
        [draft.checkpoint],
        say`No individual is named by the numbers in any path.`,
      ),
    ];
  return [
    draft.passage(
      'annex.individuals.how',
      [draft.checkpoint],
      say`One line for each individual. The numbers were read from paths by patterns and are proposals, except where accepted is written beside them.`,
    ),
    {
      kind: 'table',
      id: 'annex.individuals.table',
      caption: say`Individuals by key`,
      rule: 'pictures of each individual',
      denominator: null,
      interval: complete,
      dense: true,
      columns: [
        number('No.'),
        text('Handle', 0),
        text('Key', 0.7),
        number('Pictures'),
        text('Numbers and where they were read', 1.5),
      ],
      rows: individuals.map((each) => individualRow(each, draft)),
      cites: [draft.checkpoint],
    },
  ];
}

function individualRow(each: DossierIndividual, draft: Draft): Row {
  const key = Object.entries(each.key).flatMap(([name, part], index): Span[] => [
    index > 0 ? ' · ' : '',
    given(name),
    ' ',
    given(part),
  ]);
  return {
    cells: [each.number, [term(each.handle)], key, each.pictures, each.identifiers.flatMap(identifierSpans)],
    cites: each.records.map((position) => draft.record(position)),
  };
}

const identifierSpans = (each: IdentifierView, index: number): Span[] => [
  `${index > 0 ? '; ' : ''}${each.role.replaceAll('-', ' ')} `,
  given(each.value),
  ` (${each.carrier.replaceAll('-', ' ')}${each.accepted ? ', accepted' : ''})`,
];

function itemsAnnex(input: DossierInput, draft: Draft): Block[] {
  const { items } = input;
  if (items.length === 0)
    return [draft.passage('annex.items.none', [draft.checkpoint], say`No item is sealed under this checkpoint.`)];
  if (items.length > itemsInVolume)
    return [
      draft.passage(
        'annex.items.elsewhere',
        [draft.checkpoint],
        say`The list of items is long and is given in volumes of its own, made together with this one from the same checkpoint.`,
      ),
    ];
  return [itemTable('annex.items.table', items, input, draft)];
}

const quoted = (value: string | null): Span[] => (value === null ? [] : [given(value)]);

function itemTable(id: string, items: readonly DossierItem[], { individuals }: DossierInput, draft: Draft): Table {
  const numberOf = new Map(individuals.map((each) => [each.handle, each.number]));
  return {
    kind: 'table',
    id,
    caption: say`Sealed items, one a line`,
    rule: 'sealed items; size in bytes, dimensions in pixels, time of capture as the camera wrote it',
    denominator: null,
    interval: complete,
    dense: true,
    columns: [
      number('No.'),
      text('Handle', 0),
      text('Path'),
      text('Format', 0),
      number('Bytes'),
      text('Pixels', 0),
      text('Taken', 0),
      text('Category', 0),
      text('State', 0),
      number('Indiv.'),
      text('Near', 0),
    ],
    rows: items.map((item) => ({
      cells: [
        item.number,
        [term(item.handle)],
        [path(item.path)],
        quoted(item.format?.replace(/^image\//, '') ?? null),
        item.size,
        item.width === null || item.height === null ? [] : [term(`${item.width}×${item.height}`)],
        quoted(item.taken),
        item.category === null ? [] : [item.category],
        [item.state],
        item.individual === null ? null : (numberOf.get(item.individual) ?? null),
        item.duplicateOf === null ? [] : [term(item.duplicateOf)],
      ],
      cites: [draft.record(item.record)],
    })),
    cites: [draft.checkpoint],
  };
}
