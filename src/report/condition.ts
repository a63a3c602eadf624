// The chapter on the condition of the files: formats, problems, cameras, times. What weakens the case stands beside
// what supports it.
import type { Block, Section, Table } from './content.ts';
import { complete, counted, Draft, given, number, say, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const rowsAtMost = 20;

/** Chapter 6. */
export function conditionChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { items, view } = input;
  const { sealed } = counts;
  const { described, received } = counts.evidence;
  const blocks: Block[] = [];
  const count = (
    id: string,
    title: string,
    first: string,
    rule: string,
    denominator: number,
    counts: Map<string, number>,
  ): Table => {
    const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return draft.table(
      {
        id,
        caption: say`${title}`,
        rule,
        denominator,
        interval: complete,
        columns: [text(first), number('Items'), { title: 'Share', kind: 'bar', width: 0.75 }],
        rows: sorted.map(([name, n]) => ({
          cells: [[given(name)], n, denominator === 0 ? null : n / denominator],
          cites: [],
        })),
        cites: [described],
      },
      rowsAtMost,
    );
  };

  const formats = tally(items, (item) => item.format ?? 'not recognised');
  if (formats.size > 0) {
    blocks.push(
      draft.passage(
        'condition.formats',
        [described],
        say`The format is told from the bytes of a file, never from its name.`,
      ),
      count(
        'condition.formats.table',
        'Formats of the sealed items',
        'Format',
        'sealed items by format',
        items.length,
        formats,
      ),
    );
  } else {
    blocks.push(draft.passage('condition.none', [described], say`No item is sealed, so there is none to describe.`));
  }

  const problems = view.problems.reduce((sum, each) => sum + each.count, 0);
  const found = draft.figure('problems', problems, {
    rule: "problems recorded by any stage; one item, or one row of another tool's table, can have several",
    denominator: null,
    interval: complete,
    cites: [described, received],
  });
  blocks.push(
    problems === 0
      ? draft.passage(
          'condition.problems',
          [described, received],
          say`No problem was recorded with any of ${counted(sealed, 'sealed item', 'sealed items')}.`,
        )
      : draft.passage(
          'condition.problems',
          [described, received],
          say`${counted(found, 'problem is', 'problems are')} recorded with ${counted(sealed, 'sealed item', 'sealed items')} with what could not be sealed, and with rows of tables that came from other tools. They are listed because they can weaken the case: a file cut off or mislabelled can be attacked, and is kept all the same.`,
        ),
  );
  if (view.problems.length > 0) {
    blocks.push({
      kind: 'table',
      id: 'condition.problems.table',
      caption: say`Problems by code`,
      rule: 'problems recorded, by code and by the stage that met them',
      denominator: problems,
      interval: complete,
      columns: [text('Problem'), text('Met by', 0.5), number('Count')],
      rows: view.problems.map((each) => ({ cells: [[term(each.code)], [term(each.stage)], each.count], cites: [] })),
      cites: [described, received],
    });
  }

  const pictures = items.filter((item) => item.category !== null);
  const named = pictures.filter((item) => item.make !== null || item.model !== null);
  const withCamera = draft.figure('cameras.named', named.length, {
    rule: 'pictures that name a camera make or model',
    denominator: pictures.length,
    interval: complete,
    cites: [described],
  });
  const timed = pictures.filter((item) => item.taken !== null);
  const withTime = draft.figure('taken', timed.length, {
    rule: 'pictures that carry a time of capture',
    denominator: pictures.length,
    interval: complete,
    cites: [described],
  });
  if (pictures.length > 0) {
    blocks.push(
      draft.passage(
        'condition.cameras',
        [described],
        say`${counted(withCamera, 'picture names', 'pictures name')} the camera that took it. A camera's name is written by the camera and can be changed without a trace.`,
      ),
    );
    if (named.length > 0) {
      const cameras = tally(named, (item) => [item.make, item.model].filter((part) => part !== null).join(' '));
      blocks.push(
        count(
          'condition.cameras.table',
          'Cameras named in pictures',
          'Make and model',
          'pictures by the camera they name',
          pictures.length,
          cameras,
        ),
      );
    }
    const times = timed.map((item) => item.taken as string).toSorted();
    const [first, last] = [times[0], times.at(-1)];
    blocks.push(
      first === undefined || last === undefined
        ? draft.passage('condition.times', [described], say`No picture carries a time of capture.`)
        : draft.passage(
            'condition.times',
            [described],
            say`${counted(withTime, 'picture carries', 'pictures carry')} a time of capture, from ${given(first)} to ${given(last)} by the clock of the camera, as written and not converted. A wrong clock is wrong in every picture of its camera; what each could be held against is in the chapter on cameras.`,
          ),
    );
  }
  return { id: 'condition', mark: '6', title: 'Condition of the files', blocks };
}

function tally<T>(all: readonly T[], nameOf: (each: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of all) counts.set(nameOf(each), (counts.get(nameOf(each)) ?? 0) + 1);
  return counts;
}
