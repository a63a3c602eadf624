// The chapter on cameras: "one camera, no edits?" answered with what was computed, and with what weakens the answer.
import { nameOfBody, type Body, type BodyName } from '../case/authenticity.ts';
import type { Block, Column, Section, Span } from './content.ts';
import { counted, Draft, given, say, share, term } from './content.ts';
import type { Counts } from './counts.ts';
import { all, complete } from './counts.ts';
import type { DossierInput } from './dossier.ts';

const number = (title: string): Column => ({ title, kind: 'number', width: 0 });
const text = (title: string, width = 1): Column => ({ title, kind: 'text', width });
const rowsAtMost = 20;

const named = (body: BodyName): Span[] => [given(nameOfBody(body))];

/** Chapter 6. */
export function camerasChapter(input: DossierInput, draft: Draft, counts: Counts): Section {
  const { cameras, folderClocks, pairClocks } = input.authenticity;
  const { pictures } = counts;
  const { described, individuals, categories } = counts.evidence;
  const section = (blocks: Block[]): Section => ({ id: 'cameras', mark: '7', title: 'The cameras', blocks });
  const figure = (id: string, value: number, rule: string, denominator: number | null) =>
    draft.figure(`bodies.${id}`, value, all(rule, [described], denominator));
  if (cameras.bodies.length === 0) {
    return section([
      draft.passage(
        'bodies.none',
        [described],
        say`No picture names a camera, so nothing can be said of cameras, counters or clocks.`,
      ),
    ]);
  }
  const bodies = cameras.bodies.slice(0, rowsAtMost);
  const names = figure('named', cameras.named, 'pictures that name a make or model', cameras.pictures);
  const serials = figure('serial', cameras.serial, "pictures that carry a body's serial number", cameras.named);
  const many = figure(
    'count',
    cameras.bodies.length,
    'distinct makes, models and serial numbers that pictures name',
    null,
  );
  const withoutSerial = cameras.bodies.filter(({ serial }) => serial === null).length;
  const anonymous = figure(
    'anonymous',
    withoutSerial,
    'makes and models named without a serial number',
    cameras.bodies.length,
  );
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
      say`Was it one camera? ${answer}: ${counted(many, 'camera is', 'cameras are')} named in ${counted(names, 'picture', 'pictures')} (${share(names)}) of ${pictures}. A serial number stands in ${serials} of those (${share(serials)}).`,
    ),
    ...(withoutSerial > 0
      ? [
          draft.passage(
            'bodies.anonymous',
            [described],
            say`No serial number stands in the pictures of ${counted(anonymous, 'camera', 'cameras')} among them. Several of one model may be behind such a name: it stands for at least one.`,
          ),
        ]
      : []),
    {
      kind: 'table',
      id: 'bodies.table',
      caption: say`Cameras as the pictures name them`,
      rule: 'sealed pictures by make, model and serial number; times by the clock of the camera',
      denominator: cameras.pictures,
      interval: complete,
      columns: [text('Camera'), number('Pictures'), text('First', 0), text('Last', 0)],
      rows: bodies.map((body) => ({
        cells: [named(body), body.pictures, day(body.first), day(body.last)],
        cites: [],
      })),
      cites: [described],
    },
  ];

  const numbered = bodies.filter(({ numbering }) => numbering !== null);
  const sum = (of: (body: Body) => number): number => cameras.bodies.reduce((total, body) => total + of(body), 0);
  if (numbered.length > 0) {
    const numbers = sum((body) => body.numbers);
    const missing = figure(
      'missing',
      sum((body) => body.missing),
      'numbers between the first and the last of a body that no sealed picture has, over all bodies',
      numbers + sum((body) => body.missing),
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
    blocks.push(
      draft.passage(
        'bodies.counters',
        [described],
        say`A camera counts its pictures. Between the first and the last number of each body, ${counted(missing, 'number is', 'numbers are')} in no sealed picture (${share(missing)}). A missing number is a picture that is not here: it was deleted, kept back, never handed over, or is no file of this kind. It is no death.`,
      ),
      draft.passage(
        'bodies.order',
        [described],
        say`The counters and the clocks of the bodies ${backwards.value === 0 && twice.value === 0 ? 'agree' : 'do not agree everywhere'}: ${counted(backwards, 'exposure runs', 'exposures run')} backwards, and ${counted(twice, 'number stands', 'numbers stand')} at two times on one body. Either would be left by a clock that was set, by two bodies taken for one, or by a changed file; copies of one exposure are counted once.`,
      ),
      {
        kind: 'table',
        id: 'bodies.counters.table',
        caption: say`Counters, by body`,
        rule: 'exposures with a time and a number, by the count in the metadata or by file names, run on where it starts again',
        denominator: sum((body) => body.exposures),
        interval: complete,
        columns: [
          text('Camera'),
          text('Range', 0),
          ...['Exposures', 'Missing', 'Gaps', 'Backwards', 'Twice'].map(number),
        ],
        rows: numbered.map((body) => ({
          cells: [
            named(body),
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
      },
    );
  }

  const clocks = folderClocks.slice(0, rowsAtMost);
  const off = draft.figure(
    'bodies.clocks-off',
    folderClocks.filter(({ days }) => days !== 0).length,
    all(
      'bodies whose day differs from that of the folder in the median picture',
      [described, categories],
      folderClocks.length,
    ),
  );
  blocks.push(
    folderClocks.length === 0
      ? draft.passage(
          'bodies.clocks',
          [described, categories],
          say`No timed picture lies in a folder that is named by a date, so no clock was held against one.`,
        )
      : draft.passage(
          'bodies.clocks',
          [described, categories],
          say`Clocks were held against the dates that people gave to folders: ${counted(off, 'body is', 'bodies are')} off by a day or more in the median. A folder's date is a claim as well, and a day is the finest it can tell.`,
        ),
  );
  if (clocks.length > 0) {
    blocks.push({
      kind: 'table',
      id: 'bodies.clocks.table',
      caption: say`Clocks against the dates of folders`,
      rule: "pictures with a time in folders with a date: the camera's day less the folder's, in the median",
      denominator: folderClocks.reduce((total, each) => total + each.pictures, 0),
      interval: complete,
      columns: [text('Camera'), number('Pictures'), number('Days off'), number('So far off')],
      rows: clocks.map((each) => ({ cells: [named(each), each.pictures, each.days, each.agreeing], cites: [] })),
      cites: [described, categories],
    });
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
        ? say`No individual was photographed by two bodies, so no two clocks could be held against each other, and none was held against a time from outside.`
        : say`${counted(pairs, 'pair of bodies', 'pairs of bodies')} photographed the same individual, by which their clocks can be held against each other. No clock was held against a time from outside.`,
    ),
  );
  return section([...blocks, ...lookBlocks(input, draft, counts), ...limits(input, draft, counts)]);
}

const day = (time: string | null): Span[] => (time === null ? ['–'] : [term(time.slice(0, 10))]);

/** "No edits?" */
function lookBlocks(input: DossierInput, draft: Draft, counts: Counts): Block[] {
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
  const alike = draft.figure(
    'bodies.alike',
    most,
    all('pictures made as most of their model are: the same tables and the same program named', [described], of),
  );
  const odd = draft.figure(
    'bodies.odd',
    of - most,
    all('pictures made otherwise than most of their model', [described], of),
  );
  const rewritten = draft.figure(
    'bodies.rewritten',
    cameras.rewritten,
    all('pictures that say a program wrote them after they were taken', [described], cameras.named),
  );
  const embedded = draft.figure(
    'bodies.embedded',
    cameras.embedded,
    all('pictures that name a camera and hold a small picture of themselves', [described], cameras.named),
  );
  return [
    draft.passage(
      'bodies.edits',
      [described],
      say`Were they edited? ${counted(alike, 'picture is', 'pictures are')} consistent with most others of the same model (${share(alike)}): the same compression tables, the same program named. ${odd} (${share(odd)}) are made otherwise, as a copy, a reduction or an edit would be. ${counted(rewritten, 'picture carries', 'pictures carry')} a time of writing that is later than the time of capture. ${counted(embedded, 'picture holds', 'pictures hold')} a small picture inside, as cameras make it; these were not compared with what they stand for.`,
    ),
    ...(rows.length === 0
      ? []
      : [
          {
            kind: 'table' as const,
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
            rows: rows.slice(0, rowsAtMost).map((each) => ({
              cells: [named(each.name), each.of, each.most, each.ways, each.most / each.of],
              cites: [],
            })),
            cites: [described],
          },
        ]),
  ];
}

/** What weakens the case stands with what supports it. */
function limits({ authenticity: { cameras } }: DossierInput, draft: Draft, counts: Counts): Block[] {
  const { described } = counts.evidence;
  const located = draft.figure(
    'bodies.located',
    cameras.located,
    all('pictures that carry a position in their metadata', [described], cameras.pictures),
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
