// dalil cameras, sequence, chance: what cameras and numbers say, whatever it is, with what must be true for it to mean
// anything.
import { expectedMatches, type ChanceMatches } from '@dalil/statistics';
import { resolve } from 'node:path';
import { readClocks } from '../../authenticity.ts';
import { nameOfBody as plainName } from '../../case/authenticity.ts';
import type { Body, BodyName, Cameras, FolderClock, PairClock, Segment, Sequences } from '../../case/authenticity.ts';
import { shareText } from '../../case/share.ts';
import { identifierRoles } from '../../case/views.ts';
import { listOdd, listThumbnailQuestions, readCameras } from '../../describe/cameras.ts';
import { countCandidates, readSequences, seenRange } from '../../group/read-series.ts';
import { readText, text, usage, whole, type Command, type Context } from '../command.ts';
import { columns, hanging, printable } from '../terminal.ts';

const n = (count: number): string => count.toLocaleString('en');
const noun = (count: number, one: string, many = `${one}s`): string => `${n(count)} ${count === 1 ? one : many}`;
/** A chance: never printed as nothing, nor as certain. */
const chance = (p: number): string => {
  if (p < 0.0001) return 'below 0.01 %';
  if (p > 1 - 1e-9) return 'always';
  return p > 0.9999 ? 'above 99.99 %' : `${(100 * p).toFixed(p < 0.01 ? 2 : 1)} %`;
};

const nameOfBody = (body: BodyName): string => printable(plainName(body));

const part = ({ terminal }: Context, title: string, note: string): void => {
  terminal.out('');
  terminal.out(terminal.bold(title) + terminal.dim(`  ${note}`));
};

const supposed = ({ terminal }: Context, lines: readonly string[]): void => {
  terminal.out('');
  for (const line of hanging(
    lines.map((each, i) => [i === 0 ? 'supposed' : '', `· ${each}`] as const),
    terminal.width,
  ))
    terminal.out(terminal.dim(line));
};

export const camerasCommand: Command = {
  name: 'cameras',
  usage: '[--days | --odd | --thumbnails]',
  summary: 'the cameras that pictures name: bodies, counters, gaps, clocks, what their files look like',
  options: { days: { type: 'boolean' }, odd: { type: 'boolean' }, thumbnails: { type: 'boolean' } },
  help: [
    ['--days', 'every day of every body, a line each'],
    ['--odd', 'every picture that is made otherwise than most of its model, a line each'],
    ['--thumbnails', 'every picture whose embedded thumbnail was not found in it, or could not be compared'],
  ],
  async run(context, { values }) {
    const opened = await context.openCase({ write: false });
    if (values['odd'] === true) {
      for (const each of await listOdd(opened.index.pool)) {
        const { item, path, others, of, software } = each;
        context.terminal.out(
          context.json
            ? JSON.stringify(each)
            : `${item}\t${nameOfBody(each)}\tconsistent with ${n(others)} others of ${n(of)}\t${printable(software ?? '')}\t${printable(path)}`,
        );
      }
      return 0;
    }
    if (values['thumbnails'] === true) {
      for (const each of await listThumbnailQuestions(opened.index.pool)) {
        const { item, verdict, score, path } = each;
        const said = verdict === 'differs' ? 'was not found in it' : 'could not be compared';
        const aligned = score === null ? 'not aligned' : `correlation ${score.toFixed(2)}`;
        context.terminal.out(context.json ? JSON.stringify(each) : `${item}\t${said}\t${aligned}\t${printable(path)}`);
      }
      return 0;
    }
    const cameras = await readCameras(opened.index.pool);
    const clocks = await readClocks(opened);
    if (context.json) context.terminal.out(JSON.stringify({ ...cameras, ...clocks }));
    else if (values['days'] === true) sayDays(context, cameras);
    else sayCameras(context, cameras, clocks);
    return 0;
  },
};

function sayDays({ terminal }: Context, { days }: Cameras): void {
  const rows = days.map(({ body, day, exposures, from, to, missing }) => [
    day,
    nameOfBody(body),
    exposures,
    String(from),
    String(to),
    missing,
  ]);
  for (const line of columns([['day', 'body', 'exposures', 'first', 'last', 'missing between'], ...rows]))
    terminal.out(line);
}

function sayCameras(
  context: Context,
  cameras: Cameras,
  { folderClocks, pairClocks }: { folderClocks: FolderClock[]; pairClocks: PairClock[] },
): void {
  const { terminal } = context;
  const { bodies, pictures, named, serial, looks, rewritten } = cameras;
  terminal.out(
    terminal.bold(`${noun(bodies.length, 'camera')} named`) +
      ` in ${n(named)} of ${n(pictures)} sealed pictures; ${n(serial)} carry a body's serial number`,
  );
  for (const line of columns([
    ['', 'pictures', 'timed', 'first', 'last'],
    ...bodies.map((body) => [
      nameOfBody(body),
      body.pictures,
      body.timed,
      (body.first ?? '–').slice(0, 10),
      (body.last ?? '–').slice(0, 10),
    ]),
  ]))
    terminal.out(`  ${line}`);

  part(context, 'Counters', 'by each body, in the order of its own clock');
  const counted = bodies.filter(({ numbering }) => numbering !== null);
  for (const line of columns([
    ['', 'from', 'exposures', 'copies', 'numbers', 'range', 'missing', 'gaps', 'backwards', 'twice'],
    ...counted.map((body) => [
      nameOfBody(body),
      body.numbering!,
      body.exposures,
      body.copies,
      body.numbers,
      body.from === null ? '–' : `${body.from}–${body.to}`,
      body.missing,
      body.gaps,
      body.backwards,
      body.twice,
    ]),
  ]))
    terminal.out(`  ${line}`);
  for (const body of bodies.filter(({ numbering }) => numbering === null))
    terminal.out(`  ${nameOfBody(body)}: no counter in its metadata or file names`);
  sayGaps(context, bodies);

  part(context, 'Clocks', 'against dates of folders, against each other, and against satellites');
  for (const each of folderClocks) {
    const { pictures: many, days, agreeing } = each;
    const off = days === 0 ? 'the same day' : `${noun(Math.abs(days), 'day')} ${days < 0 ? 'behind' : 'ahead'}`;
    terminal.out(`  ${nameOfBody(each)}: ${off} in ${n(agreeing)} of ${noun(many, 'picture')} in dated folders`);
  }
  if (folderClocks.length === 0) terminal.out('  no timed picture lies in a folder with a date');
  for (const { a, b, individuals, seconds } of pairClocks)
    terminal.out(
      `  ${nameOfBody(a)} is ${n(Math.round(Math.abs(seconds)))} s ${seconds < 0 ? 'before' : 'after'} ${nameOfBody(b)}, in the median of ${noun(individuals, 'individual')} in both`,
    );
  if (pairClocks.length === 0)
    terminal.out('  no individual was photographed by two bodies, so no two clocks can be compared');
  saySatellites(context, cameras);

  part(context, 'How the files are made', 'tables of the JPEG and program named, by model');
  const models = [...new Set(looks.map(({ make, model }) => JSON.stringify([make, model])))];
  for (const key of models) {
    const own = looks.filter(({ make, model }) => JSON.stringify([make, model]) === key);
    const [usual] = own;
    const others = own.slice(1).reduce((sum, each) => sum + each.pictures, 0);
    terminal.out(
      `  ${nameOfBody({ ...usual!, serial: null })}: ${n(usual!.pictures)} of ${n(usual!.of)} look alike; ` +
        (others === 0 ? 'none differs' : `${n(others)} differ, in ${noun(own.length - 1, 'other way')}`),
    );
  }
  terminal.out(`  ${n(rewritten)} of ${n(named)} say that a program wrote them after they were taken`);
  sayThumbnails(context, cameras);
  supposed(context, [
    'Everything here was written by whoever held the files, and can be changed without a trace.',
    'A picture is consistent with others of its model where tables and program agree; that makes it no proof of one camera: one model uses many tables, and many models share one.',
    'Without serial numbers several bodies of one model are counted as one, and their counters seem to run backwards.',
    'File numbers run from 0001 to 9999; a fall of more than 5,000 is taken for a new start. One number in two bodies is normal.',
    'A shutter count counts releases of the shutter, also those of which no picture was kept.',
    'The time of a satellite is that of the last fix, which may be old; without a stated zone the difference holds the time zone, and a zone or a summer time that changes widens it.',
    'A small picture that differs is a question, since cameras and programs also crop, stamp dates and turn one of the two; that it shows the same scene does not say that nothing was changed.',
    'A missing number is a picture that is not in this case: deleted, kept back, of something else, or never taken.',
  ]);
}

/** A difference of clocks: 3 s, 2:05 min, 3:00:07 h. */
function span(seconds: number): string {
  const whole = Math.abs(seconds);
  if (whole < 120) return `${Number(whole.toFixed(1))} s`;
  const two = (count: number): string => String(Math.floor(count)).padStart(2, '0');
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h === 0 ? `${m}:${two(s)} min` : `${n(h)}:${two(m)}:${two(s)} h`;
}

function saySatellites({ terminal }: Context, { satelliteClocks, bodies }: Cameras): void {
  const timed = bodies.reduce((sum, body) => sum + body.timed, 0);
  const both = satelliteClocks.reduce((sum, { pictures }) => sum + pictures, 0);
  terminal.out(`  ${n(both)} of ${noun(timed, 'timed picture')} state a time by satellite as well`);
  const signed = (seconds: number): string => `${seconds < 0 ? '-' : '+'}${span(seconds)}`;
  for (const each of satelliteClocks) {
    const { pictures, of, seconds, middle, range, zoned } = each;
    const off = seconds === 0 ? 'as the satellites' : `${span(seconds)} ${seconds < 0 ? 'behind' : 'ahead of'} them`;
    terminal.out(
      `  ${nameOfBody(each)}: ${off} in the median of ${n(pictures)} of ${n(of)}, ` +
        `half of them from ${signed(middle[0])} to ${signed(middle[1])}, all from ${signed(range[0])} to ${signed(range[1])}` +
        (zoned ? '' : '; its zone is not stated, so the zone is in it'),
    );
  }
}

function sayThumbnails({ terminal }: Context, { thumbnails, pictures }: Cameras): void {
  const { held, same, differs, undecided, waiting } = thumbnails;
  terminal.out(
    `  ${n(held)} of ${n(pictures)} sealed pictures hold a small picture of themselves: ${n(same)} show the same scene, ` +
      `${n(differs)} ${differs === 1 ? 'was' : 'were'} not found in the picture, ${n(undecided)} could not be compared` +
      (waiting === 0 ? '' : `, ${n(waiting)} wait for dalil describe`),
  );
  if (differs > 0) terminal.out('  which these are, for a person to look at: dalil cameras --thumbnails');
}

function sayGaps({ terminal }: Context, bodies: readonly Body[]): void {
  const rows = bodies.flatMap((body) =>
    body.longest
      .slice(0, 3)
      .map(({ before, after, missing }) => [
        nameOfBody(body),
        missing,
        `${before.item} ${before.number}`,
        before.taken.slice(0, 10),
        `${after.item} ${after.number}`,
        after.taken.slice(0, 10),
      ]),
  );
  if (rows.length === 0) return;
  terminal.out('');
  for (const line of columns([['longest gaps', 'missing', 'after', '', 'before', ''], ...rows]))
    terminal.out(`  ${line}`);
}

export const sequenceCommand: Command = {
  name: 'sequence',
  usage: '[--months | --violators]',
  summary: 'the numbers on bodies in sequence: rising, gaps, new beginnings, one number with two bodies',
  options: { months: { type: 'boolean' }, violators: { type: 'boolean' } },
  help: [
    ['--months', 'every month of every series, a line each'],
    ['--violators', 'every number whose date does not fit, a line each'],
  ],
  async run(context, { values }) {
    const opened = await context.openCase({ write: false });
    const sequences = await readSequences(opened.index.pool);
    if (context.json) context.terminal.out(JSON.stringify(sequences));
    else if (values['months'] === true) sayMonths(context, sequences);
    else if (values['violators'] === true) sayViolators(context, sequences);
    else saySequences(context, sequences);
    return 0;
  },
};

const nameOfSegment = ({ role, branch, suffix, segment }: Segment, parts: number): string =>
  printable(
    `${role}${branch === null ? '' : `, branch ${branch}`}${suffix === null ? '' : `, ${suffix}`}${parts > 1 ? `, part ${segment}` : ''}`,
  );

function namer(segments: readonly Segment[]): (segment: Segment) => string {
  return (segment) =>
    nameOfSegment(
      segment,
      segments.filter(
        ({ role, branch, suffix }) => role === segment.role && branch === segment.branch && suffix === segment.suffix,
      ).length,
    );
}

function sayMonths({ terminal }: Context, { segments }: Sequences): void {
  const name = namer(segments);
  const rows = segments.flatMap((segment) =>
    segment.months.map(({ month, numbers, from, to, missing }) => [
      name(segment),
      month,
      numbers,
      String(from),
      String(to),
      missing,
    ]),
  );
  for (const line of columns([['series', 'month', 'numbers', 'first', 'last', 'missing between'], ...rows]))
    terminal.out(line);
}

function sayViolators({ terminal }: Context, { segments }: Sequences): void {
  const name = namer(segments);
  const rows = segments.flatMap((segment) =>
    segment.violators.map(({ number, day, datedBy, between, item, individuals }) => [
      name(segment),
      String(number),
      day ?? '',
      `by the ${datedBy}`,
      `${between[0] ?? '…'} to ${between[1] ?? '…'}`,
      item,
      individuals.join(' '),
    ]),
  );
  for (const line of columns([['series', 'number', 'dated', '', 'would lie', 'picture', 'individual'], ...rows]))
    terminal.out(line);
}

function saySequences(context: Context, { segments, shared, unreadable, undated }: Sequences): void {
  const { terminal } = context;
  const name = namer(segments);
  if (segments.length === 0) {
    terminal.out('No number of a detainee or an examination has been read, so there is no series to test.');
    return;
  }
  terminal.out(terminal.bold('Series') + terminal.dim('  distinct numbers, between the first and the last seen'));
  for (const line of columns([
    ['', 'numbers', 'range', 'missing', '', 'longest gap', 'dated', 'do not fit'],
    ...segments.map((each) => [
      name(each),
      each.numbers,
      `${each.from}–${each.to}`,
      each.missing,
      shareText(each.missing, each.to - each.from + 1),
      each.longest === null ? '–' : `${each.longest.length} (${each.longest.from}–${each.longest.to})`,
      each.dated,
      each.violators.length,
    ]),
  ]))
    terminal.out(`  ${line}`);
  part(context, 'Is the loss like chance?', 'and what follows from it');
  const loss = segments.map(({ runs, longest, blocks, ...each }) =>
    runs === null || longest === null
      ? [name(each as Segment), '–', '', '–', '–', 'nothing is missing']
      : [
          name(each as Segment),
          runs.runs,
          runs.expected.toFixed(1),
          chance(runs.fewer),
          longest.chance === null ? 'not computed' : chance(longest.chance),
          blocks ? 'in blocks: not like chance' : 'not to be told from chance',
        ],
  );
  for (const line of columns([['', 'runs', 'expected', 'so few', 'so long a gap', ''], ...loss]))
    terminal.out(`  ${line}`);
  part(context, 'How fast were numbers given out?', 'within the dated window only, 95 % by Poisson');
  for (const each of segments) {
    const { rate, window } = each;
    terminal.out(
      rate === null
        ? `  ${name(each)}: no window of 30 days`
        : `  ${name(each)}: ${rate.per30.toFixed(1)} in 30 days (${rate.interval.map((end) => end.toFixed(1)).join(' to ')}), ${window!.join(' to ')}`,
    );
  }
  part(context, 'How long was the series?', 'numbers given out, seen or not');
  for (const each of segments) {
    const { length } = each;
    const said =
      'none' in length
        ? `no estimate: ${length.none}`
        : `${n(Math.round(length.estimate))}${length.interval === null ? '' : ` (${length.interval.map(n).join(' to ')})`}: ${length.method}`;
    terminal.out(`  ${name(each)}: ${said}`);
  }
  const conflicts = shared.filter(({ conflict }) => conflict);
  part(context, 'One number, two bodies', `${n(shared.length)} numbers are carried by more than one individual`);
  terminal.out(`  ${n(conflicts.length)} in one series: to be looked at`);
  terminal.out(`  ${n(shared.length - conflicts.length)} in different branches, where each counts for itself`);
  for (const { role, number, individuals } of shared.slice(0, 10))
    terminal.out(
      `  ${role} ${printable(number)}: ${individuals.map(({ handle, branch }) => `${handle}${branch === null ? '' : ` (${printable(branch)})`}`).join(', ')}`,
    );
  if (shared.length > 10) terminal.out(`  and ${n(shared.length - 10)} more (--json)`);
  const deaths = segments.filter(({ settings }) => settings.issuedAtDeath);
  supposed(context, [
    'A missing number was never seen. It is counted and not estimated, and is perhaps a living person.',
    deaths.length === 0
      ? 'No series of this case is set as issued at death, so no gap here speaks of a death.'
      : `Set as issued at death by the rules of the case: ${[...new Set(deaths.map(({ role }) => role))].join(', ')}. Only there does a missing number speak of a death that no picture shows.`,
    'Dates are those of folders, else of cameras, whose clocks may be wrong: what does not fit may be the date or the number.',
    `${noun(unreadable, 'number')} could not be read as digits; ${noun(undated, 'number')} without a date are in no part of a series that begins again.`,
    'An estimate of length supposes that each number was lost alike; the rate, that numbers were given one by one.',
  ]);
}

export const chanceCommand: Command = {
  name: 'chance',
  usage: '[<documents.csv>] --range N [--candidates N --documents N] [--role ROLE] [--within DAYS]',
  summary: 'how many documents would fit bodies by chance alone',
  options: {
    range: { type: 'string' },
    candidates: { type: 'string' },
    documents: { type: 'string' },
    role: { type: 'string' },
    within: { type: 'string' },
  },
  help: [
    ['<documents.csv>', 'a line for each document: number,YYYY-MM-DD[,branch]'],
    ['--range N', 'how many numbers a document could have had; of a case, else the range seen'],
    ['--candidates N', 'without a case: numbers of bodies within the dates of a document'],
    ['--documents N', 'without a case: how many documents'],
    ['--role ROLE', 'which numbers the documents carry (default detainee-number)'],
    ['--within DAYS', 'how far the dates of body and document may lie apart (default 30)'],
  ],
  async run(context, { positionals, values }) {
    const range = whole(values, 'range', 1, 1e9);
    const [file] = positionals;
    if (file === undefined) {
      const candidates = whole(values, 'candidates', 0, 1e9);
      const documents = whole(values, 'documents', 1, 5000);
      if (range === undefined || candidates === undefined || documents === undefined || candidates > range)
        throw usage(
          'There is nothing to compute from.',
          'a file of documents, or --candidates, --range and --documents, with at most as many candidates as the range',
          positionals.join(' ') || 'none of these',
          'dalil chance --help',
        );
      const matches = expectedMatches(Array.from({ length: documents }, () => ({ candidates, range })));
      sayChance(context, matches, null);
      return 0;
    }
    const role = text(values, 'role') ?? 'detainee-number';
    if (!(identifierRoles as readonly string[]).includes(role))
      throw usage('There is no such role.', identifierRoles.join(', '), role);
    const within = whole(values, 'within', 0, 36_500) ?? 30;
    const documents = parseDocuments(await readText(resolve(context.cwd, file)));
    const { pool } = (await context.openCase({ write: false })).index;
    const seen = await seenRange(pool, role);
    const numbers = range ?? (seen === null ? 1 : seen.to - seen.from + 1);
    const chances = [];
    let matched = 0;
    for (const { number, day, branch } of documents) {
      const found = await countCandidates(pool, { role, day, within, branch });
      chances.push({ candidates: Math.min(found.candidates, numbers), range: numbers });
      if (found.numbers.has(number)) matched++;
    }
    sayChance(context, expectedMatches(chances), { matched, range: numbers, given: range !== undefined, role, within });
    return 0;
  },
};

interface Document {
  number: number;
  day: string;
  branch: string | null;
}

/** number,YYYY-MM-DD[,branch], a line each; a first line without digits is a heading. */
export function parseDocuments(source: string): Document[] {
  const lines = source.replace(/^\ufeff/, '').split(/\r?\n/);
  const documents = lines.flatMap((line, i) => {
    if (line.trim() === '' || (i === 0 && !/\d/.test(line))) return [];
    const [number = '', day = '', branch = ''] = line.split(',').map((cell) => cell.trim());
    const real = /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toJSON()?.slice(0, 10) === day;
    if (!/^\d{1,9}$/.test(number) || !real)
      throw usage(
        'A line of documents cannot be read.',
        'number,YYYY-MM-DD[,branch]',
        `something else in line ${i + 1}`,
      );
    return [{ number: Number(number), day, branch: branch === '' ? null : branch }];
  });
  if (documents.length > 0) return documents;
  throw usage('The file has no documents.', 'at least one line: number,YYYY-MM-DD[,branch]', 'none');
}

function sayChance(
  context: Context,
  matches: ChanceMatches,
  found: { matched: number; range: number; given: boolean; role: string; within: number } | null,
): void {
  const { terminal } = context;
  if (context.json) {
    terminal.out(JSON.stringify({ ...matches, ...found }));
    return;
  }
  const { documents, expected, atLeast } = matches;
  terminal.out(
    terminal.bold(`${expected.toPrecision(3)} matches expected by chance`) +
      ` among ${noun(documents, 'document')}: ${shareText(expected, documents)} of each`,
  );
  if (found !== null) {
    terminal.out(
      `found: ${n(found.matched)} of ${n(documents)} match; by chance alone so many or more: ${found.matched === 0 ? 'always' : chance(atLeast[found.matched]!)}`,
    );
    terminal.out(
      terminal.dim(
        `by ${found.role}, dates at most ${noun(found.within, 'day')} apart, range of ${n(found.range)} numbers (${found.given ? 'given' : 'as seen in the case'})`,
      ),
    );
  }
  terminal.out('');
  const most = Math.min(documents, Math.max(found?.matched ?? 0, Math.ceil(expected) + 4));
  for (const line of columns([
    ['matches', 'so many or more by chance'],
    ...Array.from({ length: most }, (_, i) => [i + 1, chance(atLeast[i + 1]!)]),
  ]))
    terminal.out(`  ${line}`);
  supposed(context, [
    "A false document's number is supposed to lie anywhere in the range alike, and documents to be independent of each other. Numbers copied from one list of the dead are neither.",
    'A wider range makes chance matches rarer: it must be what the numbers could have been, not what suits.',
  ]);
}
