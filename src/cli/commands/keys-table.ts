// dalil keys, without another word: the table of all keys, and what each is worth to a thief and to its owner.
import { Fault } from '../../case/fault.ts';
import type { Protection } from '../../log/identity.ts';
import {
  keyMeanings,
  viewCaseKeys,
  viewHomeKeys,
  type CaseKeysView,
  type HomeKeysView,
  type KeyView,
} from '../../seal/key-view.ts';
import type { Context } from '../command.ts';
import { columns } from '../terminal.ts';

/** Shows the keys of the case, where there is one, and of the home. Asks for no passphrase. */
export async function showKeys(context: Context): Promise<number> {
  const { terminal, json } = context;
  const home = await context.home();
  const found = await context.casePath().catch((error: unknown) => {
    if (error instanceof Fault && error.code === 'no-case') return null;
    throw error;
  });
  const ofCase = found === null ? null : await viewCaseKeys(await context.openCase({ write: false }));
  const ofHome = await viewHomeKeys(home.path);
  if (json) {
    terminal.out(JSON.stringify({ case: ofCase, home: { path: home.path, ...ofHome }, meanings: keyMeanings }));
    return 0;
  }
  for (const line of tableOf(ofCase, ofHome)) terminal.out(line);
  terminal.out('');
  for (const line of meaningsFor(ofCase, terminal.width, terminal.bold)) terminal.out(line);
  terminal.say('');
  for (const line of adviceFor(ofCase, ofHome)) terminal.say(line);
  return 0;
}

const atRest: Readonly<Record<Protection, string>> = {
  none: 'the mode of its file alone',
  passphrase: 'a passphrase',
  identity: 'an identity of your own',
};

/** A row for each key: which, its state, the records under it, where it lies, and how it is protected there. */
function tableOf(ofCase: CaseKeysView | null, home: HomeKeysView): string[] {
  const rows: string[][] = [['key', 'state', 'records', 'in this home', 'protected by']];
  for (const key of ofCase?.keys ?? []) {
    const here = key.file !== null;
    rows.push([
      `${key.purpose} ${key.n}`,
      stateOf(key),
      recordsOf(key),
      here ? 'yes' : 'no',
      here ? 'the identity' : '',
    ]);
  }
  const held = home.heldUntil === null ? '' : `, held open until ${home.heldUntil.slice(0, 16).replace('T', ' ')} UTC`;
  rows.push([
    'identity',
    '',
    '',
    home.protection === null ? 'not yet' : 'yes',
    `${atRest[home.protection ?? 'none']}${held}`,
  ]);
  if (ofCase?.vault != null) {
    const { threshold, guardians } = ofCase.vault;
    rows.push(['vault', '', '', 'no', `${threshold} of ${guardians} guardians`]);
  }
  return columns(rows);
}

function stateOf({ state, revoked }: KeyView): string {
  if (revoked === null || state !== 'revoked') return state;
  return `revoked: ${revoked.reason}${revoked.since === null ? '' : ` ${revoked.since}`}`;
}

const recordsOf = ({ from, to, at }: KeyView): string =>
  to === null ? `from ${from}, ${at.slice(0, 10)}` : `${from} to ${to}`;

/** What each kind can do, and what its theft and its loss cost, of the kinds that there are. */
function meaningsFor(ofCase: CaseKeysView | null, width: number, bold: (text: string) => string): string[] {
  const there = new Set(['identity']);
  if (ofCase !== null) {
    there.add('records').add('checkpoints');
    if (ofCase.keys.length > 2) there.add('retired and revoked');
    if (ofCase.vault !== null) there.add('vault');
  }
  return keyMeanings
    .filter(({ kind }) => there.has(kind))
    .flatMap(({ kind, can, stolen, lost }) => [
      bold(kind),
      ...wrapped('can', can, width),
      ...wrapped('stolen', stolen, width),
      ...wrapped('lost', lost, width),
    ]);
}

/** A word, and beside it a sentence in lines of at most `width`. */
function wrapped(word: string, sentence: string, width: number): string[] {
  const lines: string[] = [''];
  for (const part of sentence.split(' ')) {
    const line = lines.at(-1)!;
    if (line !== '' && line.length + part.length + 1 > width - 10) lines.push(part);
    else lines[lines.length - 1] = line === '' ? part : `${line} ${part}`;
  }
  return lines.map((line, i) => `  ${(i === 0 ? word : '').padEnd(8)}${line}`);
}

/** What to do now; last the next command. */
function adviceFor(ofCase: CaseKeysView | null, home: HomeKeysView): string[] {
  if (ofCase !== null && !ofCase.writable) {
    return [
      'The keys in force are not in this home, so nothing can be added: no record, no dossier, no bundle.',
      'No evidence is lost: the folder verifies as it is, and can be copied and shown.',
      'From a backup, or in the home that has them:  dalil keys restore FILE',
      'Without either, a new case goes on from here: write down the last checkpoint of this one (dalil checkpoint),',
      'and receive its folder, whole, as evidence of the new one.',
      'next: dalil keys restore FILE, or: dalil new <folder> --name TITLE, and there: dalil intake <this folder> --source P',
    ];
  }
  if (home.protection === 'none') return ['next: dalil keys protect, so that a stolen disk or backup cannot sign'];
  return [`next: ${ofCase === null ? 'dalil new <folder> --name TITLE' : 'dalil keys backup --out FILE --passphrase'}`];
}
