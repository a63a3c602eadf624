// The chapter on cameras: "one camera, no edits?" answered with what was computed, and with what weakens the answer.
import { nameOfBody, type Body, type BodyName } from '../case/authenticity.ts';
import type { Block, Column, Figure, Section, Span } from './content.ts';
import { complete, counted, Draft, given, number, say, share, term, text } from './content.ts';
import type { Counts } from './counts.ts';
import { all } from './counts.ts';
import type { DossierInput } from './dossier.ts';

/** Lines of a table in this chapter; the whole is in an annex. */
const rowsAtMost = 20;

const named = (body: BodyName): Span[] => [given(nameOfBody(body))];
const day = (time: string | null): Span[] => (time === null ? ['–'] : [term(time.slice(0, 10))]);

type FigureOf = (id: string, value: number, rule: string, denominator: number | null) => Figure;
type Sum = (of: (body: Body) => number) => number;

/** What every part of the chapter needs. */
interface Part {
  input: DossierInput;
  draft: Draft;
  counts: Counts;
  figure: FigureOf;
  /** Over all bodies. */
  sum: Sum;
}

/** Chapter 6. */
export function camerasChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { cameras } = input.authenticity;
  const { described } = counts.evidence;
  const part: Part = {
    input,
    draft,
    counts,
    figure: (id, value, rule, denominator) => draft.figure(`bodies.${id}`, value, all(rule, [described], denominator)),
    sum: (of) => cameras.bodies.reduce((total, body) => total + of(body), 0),
  };
  const blocks =
    cameras.bodies.length === 0
      ? [
          draft.passage(
            'bodies.none',
            [described],
            say`No picture names a camera, so nothing can be said of cameras, counters or clocks.`,
          ),
          thumbnails(part),
        ]
      : [bodyBlocks, counterBlocks, clockBlocks, satelliteBlocks, lookBlocks, limits].flatMap((blocksOf) =>
          blocksOf(part),
        );
  return { id: 'cameras', mark: '7', title: 'The cameras', blocks };
}

/** "One camera?" */
function bodyBlocks({ input, draft, counts, figure }: Part): Block[] {
  const { cameras } = input.authenticity;
  const { described } = counts.evidence;
  const names = figure('named', cameras.named, 'pictures that name a make or model', cameras.pictures);
  const serials = figure('serial', cameras.serial, "pictures that carry a body's serial number", cameras.named);
  const many = figure(
    'count',
    cameras.bodies.length,
    'distinct makes, models and serial numbers that pictures name',
    null,
  );
  const withoutSerial = cameras.bodies.filter(({ serial }) => serial === null).length;
  const answer =
    cameras.bodies.length > 1
      ? 'By what the files say, no'
      : withoutSerial > 0
        ? 'It cannot be told, because no picture carries a serial number'
        : 'By what the files say, yes';
  const blocks: Block[] = [
    draft.passage(
      'bodies.one',
      [described],
      say`Was it one camera? ${answer}: ${counted(many, 'camera is', 'cameras are')} named in ${counted(names, 'picture', 'pictures')} (${share(names)}) of ${counts.pictures}. A serial number stands in ${serials} of those (${share(serials)}).`,
    ),
  ];
  if (withoutSerial > 0) {
    const anonymous = figure(
      'anonymous',
      withoutSerial,
      'makes and models named without a serial number',
      cameras.bodies.length,
    );
    blocks.push(
      draft.passage(
        'bodies.anonymous',
        [described],
        say`No serial number stands in the pictures of ${counted(anonymous, 'camera', 'cameras')} among them. Several of one model may be behind such a name: it stands for at least one.`,
      ),
    );
  }
  const table = {
    id: 'bodies.table',
    caption: say`Cameras as the pictures name them`,
    rule: 'sealed pictures by make, model and serial number; times by the clock of the camera',
    denominator: cameras.pictures,
    interval: complete,
    columns: [text('Camera'), number('Pictures'), text('First', 0), text('Last', 0)],
    rows: cameras.bodies.map((body) => ({
      cells: [named(body), body.pictures, day(body.first), day(body.last)],
      cites: [],
    })),
    cites: [described],
  };
  return [...blocks, draft.table(table, rowsAtMost)];
}

/** What counters say: gaps, order, numbers that stand twice. */
function counterBlocks({ input, draft, counts, figure, sum }: Part): Block[] {
  const { described } = counts.evidence;
  const numbered = input.authenticity.cameras.bodies.filter(({ numbering }) => numbering !== null);
  if (numbered.length === 0) return [];
  const numbers = sum((body) => body.numbers);
  const gone = sum((body) => body.missing);
  const missing = figure(
    'missing',
    gone,
    'numbers between the first and the last of a body that no sealed picture has, over all bodies',
    numbers + gone,
  );
  const backwards = figure(
    'backwards',
    sum((body) => body.backwards),
    'exposures whose number is lower than that of the exposure before by the clock of the body',
    sum((body) => body.exposures),
  );
  const twice = figure(
    'twice',
    sum((body) => body.twice),
    'numbers of a body that exposures of different times carry',
    numbers,
  );
  const table = {
    id: 'bodies.counters.table',
    caption: say`Counters, by body`,
    rule: 'exposures with a time and a number: the shutter count, the number of the picture or that of the file in the metadata, else file names, whichever most pictures of the body carry; file numbers run on where they start again',
    denominator: sum((body) => body.exposures),
    interval: complete,
    columns: [
      text('Camera'),
      text('By', 0),
      text('Range', 0),
      ...['Exposures', 'Missing', 'Gaps', 'Backwards', 'Twice'].map(number),
    ],
    rows: numbered.map((body) => ({
      cells: [
        named(body),
        [body.numbering!],
        body.from === null ? [] : [term(`${body.from}–${body.to}`)],
        body.exposures,
        body.missing,
        body.gaps,
        body.backwards,
        body.twice,
      ],
      cites: [],
    })),
    cites: [described],
  };
  return [
    draft.passage(
      'bodies.counters',
      [described],
      say`A camera counts its pictures. Between the first and the last number of each body, ${counted(missing, 'number is', 'numbers are')} in no sealed picture (${share(missing)}). A missing number is a picture that is not here: it was deleted, kept back, never handed over, or is no file of this kind; of a shutter count it may be a release of which nothing was kept. It is no death.`,
    ),
    draft.passage(
      'bodies.order',
      [described],
      say`The counters and the clocks of the bodies ${backwards.value === 0 && twice.value === 0 ? 'agree' : 'do not agree everywhere'}: ${counted(backwards, 'exposure runs', 'exposures run')} backwards, and ${counted(twice, 'number stands', 'numbers stand')} at two times on one body. Either would be left by a clock that was set, by two bodies taken for one, or by a changed file; copies of one exposure are counted once.`,
    ),
    draft.table(table, rowsAtMost),
  ];
}

/** Clocks against folders, and against each other. */
function clockBlocks({ input, draft, counts }: Part): Block[] {
  const { folderClocks, pairClocks } = input.authenticity;
  const { described, individuals, categories } = counts.evidence;
  const dated = [described, categories];
  const blocks: Block[] = [];
  if (folderClocks.length === 0) {
    blocks.push(
      draft.passage(
        'bodies.clocks',
        dated,
        say`No timed picture lies in a folder that is named by a date, so no clock was held against one.`,
      ),
    );
  } else {
    const off = draft.figure(
      'bodies.clocks-off',
      folderClocks.filter(({ days }) => days !== 0).length,
      all('bodies whose day differs from that of the folder in the median picture', dated, folderClocks.length),
    );
    const table = {
      id: 'bodies.clocks.table',
      caption: say`Clocks against the dates of folders`,
      rule: "pictures with a time in folders with a date: the camera's day less the folder's, in the median",
      denominator: folderClocks.reduce((total, each) => total + each.pictures, 0),
      interval: complete,
      columns: [text('Camera'), number('Pictures'), number('Days off'), number('So far off')],
      rows: folderClocks.map((each) => ({ cells: [named(each), each.pictures, each.days, each.agreeing], cites: [] })),
      cites: dated,
    };
    blocks.push(
      draft.passage(
        'bodies.clocks',
        dated,
        say`Clocks were held against the dates that people gave to folders: ${counted(off, 'body is', 'bodies are')} off by a day or more in the median. A folder's date is a claim as well, and a day is the finest it can tell.`,
      ),
      draft.table(table, rowsAtMost),
    );
  }
  const pairs = draft.figure(
    'bodies.pairs',
    pairClocks.length,
    all('pairs of bodies that photographed the same individual', [described, individuals]),
  );
  blocks.push(
    draft.passage(
      'bodies.pairs',
      [described, individuals],
      pairs.value === 0
        ? say`No individual was photographed by two bodies, so no two clocks could be held against each other.`
        : say`${counted(pairs, 'pair of bodies', 'pairs of bodies')} photographed the same individual, by which their clocks can be held against each other.`,
    ),
  );
  return blocks;
}

/** Clocks against the time by satellite, whatever it shows. */
function satelliteBlocks({ input, draft, counts, figure, sum }: Part): Block[] {
  const { satelliteClocks } = input.authenticity.cameras;
  const { described } = counts.evidence;
  const both = figure(
    'satellites',
    satelliteClocks.reduce((total, { pictures }) => total + pictures, 0),
    'pictures that state a time of capture and a time by satellite',
    sum((body) => body.timed),
  );
  if (both.value === 0) {
    return [
      draft.passage(
        'bodies.satellites',
        [described],
        say`A receiver of satellites would tell the time from outside. Of the pictures with a time, ${both} state such a time as well, so no clock was held against one.`,
      ),
    ];
  }
  const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;
  const table = {
    id: 'bodies.satellites.table',
    caption: say`Clocks against satellites, in seconds`,
    rule: "the camera's time less the satellites', in pictures that state both; where no zone is stated, the zone of the clock is in the difference",
    denominator: sum((body) => body.timed),
    interval: { none: 'a complete count, not a sample; the spread is that of the pictures' },
    columns: [
      text('Camera'),
      text('Zone', 0),
      ...['Pictures', 'Of', 'Least', 'Quarter', 'Median', 'Three quarters', 'Most'].map(number),
    ] satisfies Column[],
    rows: satelliteClocks.map((each) => ({
      cells: [
        named(each),
        [each.zoned ? 'stated' : 'not stated'],
        each.pictures,
        each.of,
        ...[each.range[0], each.middle[0], each.seconds, each.middle[1], each.range[1]].map(rounded),
      ],
      cites: [],
    })),
    cites: [described],
  };
  return [
    draft.passage(
      'bodies.satellites',
      [described],
      say`Clocks were held against satellites, the one time from outside that a picture can carry: ${counted(both, 'picture states', 'pictures state')} both (${share(both)} of those with a time). A difference that stays the same is a clock that was set wrong; one that changes is a clock that was set anew, a summer time, or one of the two times written by another hand.`,
    ),
    draft.table(table, rowsAtMost),
    draft.passage(
      'bodies.satellites.limit',
      [described],
      say`What this supposes: the time by satellite is that of the receiver's last fix, which may be minutes or days old where the sky could not be seen; some receivers run ahead by the leap seconds; and both times stand in the same file, so whoever could change one could change both.`,
      'limit',
    ),
  ];
}

/** "No edits?" */
function lookBlocks(part: Part): Block[] {
  const { input, draft, counts, figure } = part;
  const { cameras } = input.authenticity;
  const { described } = counts.evidence;
  const models = new Map<string, { most: number; of: number; ways: number; name: BodyName }>();
  for (const { make, model, pictures, of } of cameras.looks) {
    const key = JSON.stringify([make, model]);
    const known = models.get(key);
    if (known === undefined) models.set(key, { most: pictures, of, ways: 1, name: { make, model, serial: null } });
    else known.ways++;
  }
  const rows = [...models.values()].toSorted((a, b) => b.of - a.of);
  const [of, most] = [rows.reduce((n, each) => n + each.of, 0), rows.reduce((n, each) => n + each.most, 0)];
  const alike = figure(
    'alike',
    most,
    'pictures made as most of their model are: the same tables and the same program named',
    of,
  );
  const odd = figure('odd', of - most, 'pictures made otherwise than most of their model', of);
  const rewritten = figure(
    'rewritten',
    cameras.rewritten,
    'pictures that say a program wrote them after they were taken',
    cameras.named,
  );
  const blocks: Block[] = [
    draft.passage(
      'bodies.edits',
      [described],
      say`Were they edited? ${counted(alike, 'picture is', 'pictures are')} consistent with most others of the same model (${share(alike)}): the same compression tables, the same program named. ${odd} (${share(odd)}) are made otherwise, as a copy, a reduction or an edit would be. ${counted(rewritten, 'picture carries', 'pictures carry')} a time of writing that is later than the time of capture.`,
    ),
  ];
  if (rows.length > 0) {
    const table = {
      id: 'bodies.looks',
      caption: say`How the files of each model are made`,
      rule: 'pictures by compression tables and program named; the most frequent of a model, and how many ways there are',
      denominator: of,
      interval: complete,
      columns: [
        text('Model'),
        number('Pictures'),
        number('Alike'),
        number('Ways'),
        { title: 'Share alike', kind: 'bar' as const, width: 0.6 },
      ],
      rows: rows.map((each) => ({
        cells: [named(each.name), each.of, each.most, each.ways, each.most / each.of],
        cites: [],
      })),
      cites: [described],
    };
    blocks.push(draft.table(table, rowsAtMost));
  }
  return [...blocks, thumbnails(part)];
}

/** Small pictures inside, against the pictures they stand for. */
function thumbnails({ input, draft, counts, figure }: Part): Block {
  const { cameras } = input.authenticity;
  const { held, same, differs, undecided, waiting } = cameras.thumbnails;
  const { described } = counts.evidence;
  const inside = figure('embedded', held, 'pictures that hold a small picture of themselves', cameras.pictures);
  const agreeing = figure('embedded-same', same, 'small pictures inside that show the same scene as the picture', held);
  const other = figure('embedded-differs', differs, 'small pictures inside that were not found in the picture', held);
  const open = figure(
    'embedded-undecided',
    undecided,
    'small pictures inside of which it cannot be told: too plain, between the limits, or one of the two did not decode whole',
    held,
  );
  const pending =
    waiting === 0
      ? null
      : figure('embedded-waiting', waiting, 'small pictures inside that were not compared yet', held);
  return draft.passage(
    'bodies.embedded',
    [described],
    held === 0
      ? say`Cameras put a small picture inside the file, which an edit may forget. ${inside} of ${counts.pictures} hold one, so nothing could be compared.`
      : say`Cameras put a small picture inside the file, which an edit may forget. ${counted(inside, 'picture holds', 'pictures hold')} one: ${agreeing} of these (${share(agreeing)}) show the same scene as the picture, ${other} ${other.value === 1 ? 'was' : 'were'} not found in it, and ${open} could not be compared${pending === null ? '' : say`; ${pending} had not been compared when the checkpoint was signed`}. One that differs is a question for a person and no finding: cameras and programs also crop, turn and stamp one of the two. One that agrees does not say that nothing was changed: a small change is not seen at this size, and most programs make the small picture anew.`,
  );
}

/** What weakens the case stands with what supports it. */
function limits({ input, draft, counts, figure }: Part): Block[] {
  const { cameras } = input.authenticity;
  const { described } = counts.evidence;
  const located = figure(
    'located',
    cameras.located,
    'pictures that carry a position in their metadata',
    cameras.pictures,
  );
  return [
    draft.passage(
      'bodies.place',
      [described],
      say`Was it one place? Cameras do not tell. ${counted(located, 'picture carries', 'pictures carry')} a position (${share(located)}), written by the camera or by a later hand. Features of rooms and yards are for people to compare, each with a comparison that must fail.`,
    ),
    draft.passage(
      'bodies.consistent',
      [described],
      say`Consistent with is not the same as is. One model of camera uses many tables, several models share one, and programs exist that keep them. Makes, models, serial numbers, counters and times can all be written anew without a trace; that they agree with each other makes this laborious, not impossible.`,
      'limit',
    ),
  ];
}
