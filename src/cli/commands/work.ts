// dalil intake, describe, read, group, run: the machine stages.
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { Reconciliation } from '../../case/views.ts';
import { cardReader } from '../../describe/card-records.ts';
import { readCards } from '../../describe/cards.ts';
import { describe } from '../../describe/describe.ts';
import { describer } from '../../describe/description.ts';
import { describeDocuments } from '../../describe/document-pass.ts';
import { documentTool } from '../../describe/document-set.ts';
import { compareEmbeddedPictures } from '../../describe/embedded-pass.ts';
import { embeddedComparer } from '../../describe/embedded-records.ts';
import { describeRecordings } from '../../describe/media-pass.ts';
import { mediaTool, mostFrames } from '../../describe/media-set.ts';
import { readMetadataAgain } from '../../describe/metadata-pass.ts';
import { metadataTool } from '../../describe/metadata-set.ts';
import { judgeClaims } from '../../describe/provenance-pass.ts';
import { provenanceTool } from '../../describe/provenance-records.ts';
import { countRead, readLines } from '../../describe/queries.ts';
import { parseRules } from '../../group/identifier.ts';
import { group, settleRules } from '../../group/group.ts';
import { receive } from '../../intake/receive.ts';
import { systems, type System } from '../../intake/export-systems.ts';
import { importExport, proposeSystem } from '../../intake/import.ts';
import { judgeAgain } from '../../intake/import-again.ts';
import { listImports, type ImportView } from '../../intake/import-queries.ts';
import { closes } from '../../intake/queries.ts';
import type { OpenCase } from '../../log/case.ts';
import { readCase } from '../../overview.ts';
import { listProblems } from '../../problems.ts';
import { text, usage, whole, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { againHelp, againOptions, askedAgain, saidOf, type Asked } from './again.ts';
import { readRules } from './make.ts';
import { stampAtEnd } from './stamp.ts';

interface ProblemLine {
  path: string;
  code: string;
  message: string;
}

const intakeOptions = {
  source: { type: 'string' },
  accession: { type: 'string' },
  reread: { type: 'boolean' },
} as const;
const intakeHelp = [
  ['--source PSEUDONYM', 'who gave it, by a pseudonym, never a name ("unnamed source")'],
  ['--accession A-0001', 'go on with this delivery, from wherever its files lie now'],
  ['--reread', 'read again also what has not changed in size and time'],
] as const;

async function takeIn(context: Context, opened: OpenCase, positionals: string[], values: Values) {
  const source = text(values, 'source') ?? 'unnamed source';
  if (values['source'] === undefined)
    context.terminal.say('no --source given: the source is written down as "unnamed source"');
  const accession = text(values, 'accession');
  return receive(opened, {
    roots: positionals.map((path) => resolve(context.cwd, path)),
    source,
    reread: values['reread'] === true,
    signal: context.signal,
    progress: context.terminal.progress,
    ...(accession === undefined ? {} : { accession }),
  });
}

function sayReconciliation({ terminal }: Context, line: Reconciliation): void {
  const { received, sealed, duplicate, quarantined } = line;
  const n = (count: number) => count.toLocaleString('en');
  const sum = `received ${n(received)} = sealed ${n(sealed)} + duplicate ${n(duplicate)} + quarantined ${n(quarantined)}`;
  terminal.say(closes(line) ? `${sum}  ${terminal.good('closes')}` : `${sum}  ${terminal.bad('DOES NOT CLOSE')}`);
}

/** The first problems, and how to see the others. */
export function sayProblems(
  { terminal }: Context,
  problems: readonly ProblemLine[],
  more = 'dalil status --problems',
): void {
  if (problems.length === 0) return;
  const byCode = new Map<string, ProblemLine[]>();
  for (const problem of problems) byCode.set(problem.code, [...(byCode.get(problem.code) ?? []), problem]);
  terminal.say(terminal.bold(`${problems.length.toLocaleString('en')} problems`));
  const rows = [...byCode].map(([code, all]) => [all.length, code, all[0]!.message]);
  for (const line of columns(rows)) terminal.say(`  ${line}`);
  terminal.say(terminal.dim(`  each by its path, and how to do it again: ${more}`));
}

const publicProblem = ({ path, code, message }: ProblemLine) => ({ path, code, message });

function systemAsked(values: Values): System | null {
  const given = text(values, 'from');
  const system = systems.find((one) => one === given) ?? null;
  if (given !== undefined && system === null) throw usage('There is no such export.', systems.join(', '), given);
  return system;
}

const doesNotAddUp = ({ reconciliation }: ImportView): boolean =>
  reconciliation === null || reconciliation.problems.length > 0;

function importLines({ accession, system, path, reconciliation }: ImportView): string[] {
  const title = `${accession}  ${system}  ${printable(path)}`;
  if (reconciliation === null) return [`${title}  not read to its end`];
  const { rows, outcomes, unnamed, problems, again } = reconciliation;
  const n = (count: number) => count.toLocaleString('en');
  const sum = Object.entries(outcomes).map(([outcome, count]) => `${outcome} ${n(count)}`);
  return [
    again === 0 ? title : `${title}  rows judged again, whose files have come: ${n(again)}`,
    `  rows ${n(rows)} = ${sum.join(' + ') || '0'};  files that no row names ${n(unnamed)}`,
    ...problems.map(({ code, message }) => `  ${code}: ${message}`),
  ];
}

export const importsCommand: Command = {
  name: 'imports',
  usage: '',
  summary: 'exports of other tools that were received: each table, held against the files',
  async run(context) {
    const opened = await context.openCase({ write: false });
    for (const one of await listImports(opened.index.pool)) {
      if (context.json) context.terminal.out(JSON.stringify(one));
      else for (const line of importLines(one)) context.terminal.out(line);
    }
    return 0;
  },
};

export const intakeCommand: Command = {
  name: 'intake',
  usage: '<path…> --source PSEUDONYM [--from SYSTEM]',
  summary: 'receive folders, files and archives; resumable; safe to repeat',
  options: { ...intakeOptions, from: { type: 'string' }, names: { type: 'boolean' } },
  help: [
    ...intakeHelp,
    ['--from SYSTEM', 'it is an export of bayanat, uwazi or relativity: hold its table against the files'],
    ['--names', 'with --from: write down names of custodians, owners and users as well'],
  ],
  async run(context, { positionals, values }) {
    if (positionals.length === 0)
      throw usage('Nothing to receive.', 'dalil intake <path…> --source PSEUDONYM', 'no path');
    const system = systemAsked(values);
    const opened = await context.openCase({ write: true });
    const { accession, reconciliation, problems } = await takeIn(context, opened, positionals, values);
    const names = values['names'] === true;
    const asked = { accession, names, signal: context.signal };
    const imports =
      system === null ? await judgeAgain(opened, asked) : await importExport(opened, { ...asked, system });
    context.terminal.clear();
    if (context.json) {
      const imported = system === null && imports.length === 0 ? {} : { imports };
      context.terminal.out(
        JSON.stringify({ accession, reconciliation, problems: problems.map(publicProblem), ...imported }),
      );
    } else {
      context.terminal.say(context.terminal.bold(`${accession}`));
      sayReconciliation(context, reconciliation);
      sayProblems(context, problems);
    }
    for (const one of imports) for (const line of importLines(one)) context.terminal.say(line);
    const proposed = system === null ? await proposeSystem(opened, accession) : null;
    if (proposed !== null) {
      const how = `dalil intake <path…> --source PSEUDONYM --from ${proposed}`;
      context.terminal.say(`this looks like an export of ${proposed}; its table was not read. To read it: ${how}`);
    }
    await stampAtEnd(context, opened);
    context.terminal.say('next: dalil describe');
    return problems.length > 0 || imports.some(doesNotAddUp) ? 3 : 0;
  },
};

export const describeCommand: Command = {
  name: 'describe',
  usage: '[--again [--problem CODE | item…]] [--tool NAME]',
  summary: 'say of each file what it is: format, likeness, metadata; recordings and documents; claims of other tools',
  options: { ...againOptions, threads: { type: 'string' }, frames: { type: 'string' } },
  help: [
    ...againHelp,
    [
      '--tool NAME',
      `one pass only: ${describer.name}, ${metadataTool}, ${mediaTool}, ${documentTool} or ${embeddedComparer.name}`,
    ],
    ['--threads N', 'worker threads, and processes of exiftool (as many as processors)'],
    ['--frames N', 'key frames of each video, by the ffmpeg on PATH where there is one (6; 0 runs no ffmpeg)'],
  ],
  async run(context, args) {
    const opened = await context.openCase({ write: true });
    const threads = whole(args.values, 'threads', 1, 64);
    const frames = whole(args.values, 'frames', 0, mostFrames);
    const did = await describeBy(context, opened, await askedAgain(opened, 'describe', args), threads, frames);
    return finish(context, opened, 'describe', did);
  },
};

const everything: Asked = { choice: 'pending', by: () => true };

/** All passes of describing, or those asked for; gives in words what the first of them did. */
async function describeBy(
  context: Context,
  opened: OpenCase,
  { choice, by }: Asked = everything,
  threads = availableParallelism(),
  frames?: number,
): Promise<string> {
  const { signal, terminal } = context;
  const { progress, say } = terminal;
  const asked = { choice, signal, progress, threads };
  const nothing = { looked: 0, written: 0, withoutPerl: 0, withoutFfmpeg: 0 };
  const done = by(describer.name) ? await describe(opened, asked) : nothing;
  const again = by(metadataTool) ? await readMetadataAgain(opened, { ...asked, processes: threads }) : nothing;
  const recordings = by(mediaTool) ? await describeRecordings(opened, { ...asked, frames }) : nothing;
  const documents = by(documentTool) ? await describeDocuments(opened, asked) : nothing;
  const compared = by(embeddedComparer.name) ? await compareEmbeddedPictures(opened, asked) : nothing;
  // A claim has its files as a whole: it is pending where one of them is new, and cannot be chosen by item.
  const claims = by(provenanceTool) && choice === 'pending' ? await judgeClaims(opened, asked) : { judged: 0 };
  terminal.clear();
  const [did = 'nothing to look at', ...more] = [
    ...(by(describer.name) ? [saidOf('described', done, choice)] : []),
    ...(recordings.looked > 0 ? [saidOf('recordings read:', recordings, choice)] : []),
    ...(documents.looked > 0 ? [saidOf('documents read:', documents, choice)] : []),
    ...(compared.looked > 0 ? [saidOf('embedded thumbnails compared:', compared, choice)] : []),
    ...(again.looked > 0 ? [saidOf('metadata read in full:', again, choice)] : []),
  ];
  for (const line of more) say(line);
  if (recordings.looked + documents.looked > 0) {
    for (const line of readLines(await countRead(opened.index.pool))) say(line);
  }
  if (recordings.withoutFfmpeg > 0) {
    say(
      `key frames were not made of ${recordings.withoutFfmpeg.toLocaleString('en')} videos, since there is no ffmpeg here. They are made when "dalil describe" is repeated where there is one.`,
    );
  }
  if (claims.judged > 0) say(`claims of other tools judged: ${claims.judged.toLocaleString('en')}`);
  if (again.withoutPerl > 0) {
    say(
      `metadata not read in full: ${again.withoutPerl.toLocaleString('en')}, since there is no perl here to run exiftool with. Serial numbers and counters are mostly missing until it is installed and "dalil describe" is repeated.`,
    );
  }
  return did;
}

export const readCommand: Command = {
  name: 'read',
  usage: '[--again [--problem CODE | item…]]',
  summary: 'read the numbers on cards, tape and skin, each with the probability that it is right',
  options: { ...againOptions, threads: { type: 'string' } },
  help: [
    ...againHelp,
    ['--tool NAME', `${cardReader.name}, the one there is`],
    ['--threads N', 'worker threads (as many as processors)'],
  ],
  async run(context, args) {
    const opened = await context.openCase({ write: true });
    const threads = whole(args.values, 'threads', 1, 64);
    const { choice } = await askedAgain(opened, 'read', args);
    const did = await readCards(opened, {
      choice,
      signal: context.signal,
      progress: context.terminal.progress,
      ...(threads === undefined ? {} : { threads }),
    });
    return finish(context, opened, 'read', saidOf('pictures looked at for numbers:', did, choice));
  },
};

export const groupCommand: Command = {
  name: 'group',
  usage: '[--rules FILE]',
  summary: 'turn numbers into individuals: names by the rules of the case, near-duplicates',
  options: { rules: { type: 'string' } },
  help: [['--rules FILE', 'JSON with the patterns of this case; kept in the case until others are given']],
  async run(context, { values }) {
    const opened = await context.openCase({ write: true });
    await groupBy(context, opened, values);
    return finish(context, opened, 'group', 'grouped');
  },
};

async function groupBy(context: Context, opened: OpenCase, values: Values): Promise<void> {
  const path = text(values, 'rules');
  const rules = path === undefined ? undefined : parseRules(await readRules(resolve(context.cwd, path)));
  await group(opened, {
    signal: context.signal,
    progress: context.terminal.progress,
    ...(rules === undefined ? {} : { rules }),
  });
}

export const runCommand: Command = {
  name: 'run',
  usage: '[--source PSEUDONYM <path…>] [--rules FILE]',
  summary: 'intake and all machine stages in one; without a path, what is pending',
  options: { ...intakeOptions, rules: { type: 'string' } },
  help: [...intakeHelp, ['--rules FILE', 'JSON with the patterns of this case']],
  async run(context, { positionals, values }) {
    const opened = await context.openCase({ write: true });
    if (positionals.length > 0) await takeIn(context, opened, positionals, values);
    for (const one of await judgeAgain(opened, { signal: context.signal }))
      for (const line of importLines(one)) context.terminal.say(line);
    await describeBy(context, opened);
    // The reader takes its grammar from the rules in force: those given come first.
    const path = text(values, 'rules');
    if (path !== undefined) await settleRules(opened, parseRules(await readRules(resolve(context.cwd, path))));
    await readCards(opened, { signal: context.signal, progress: context.terminal.progress });
    await groupBy(context, opened, values);
    return finish(context, opened, null, 'run');
  },
};

/** What a machine stage ends with: its counts, its problems, what is next. */
async function finish(
  context: Context,
  opened: OpenCase,
  stage: 'describe' | 'read' | 'group' | null,
  did: string,
): Promise<number> {
  const { terminal } = context;
  terminal.clear();
  const view = await readCase(opened);
  const problems = await listProblems(opened, stage);
  const { stages, reconciliation, categories, individuals } = view;
  if (context.json) {
    terminal.out(
      JSON.stringify({ stages, reconciliation, categories, individuals, problems: problems.map(publicProblem) }),
    );
  } else {
    terminal.say(terminal.bold(did));
    if (stage === null) sayReconciliation(context, reconciliation);
    sayProblems(context, problems);
  }
  await stampAtEnd(context, opened);
  terminal.say(`next: ${view.next ?? 'dalil verify'}`);
  return problems.length > 0 ? 3 : 0;
}
