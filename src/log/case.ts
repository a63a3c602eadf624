// Making a case, finding one as git finds a repository, and opening one: folder, card, keys, index and log together.
import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import {
  FormatError,
  formatCaseFile,
  parseCaseFile,
  readKeyHistory,
  sha256,
  toHex,
  type CaseFile,
} from '@dalil/verify';
import { asFault, Fault } from '../case/fault.ts';
import { openFolder, type Folder } from '../store/folder.ts';
import { caseSchema, openIndex, type IndexDatabase } from '../store/index-database.ts';
import { readCases, updateCases, type Home } from '../store/home.ts';
import { noOpeners, openIdentity, type Openers } from './identity.ts';
import { keyRing, makeKeys } from './keys.ts';
import { CaseLog, type Actor } from './log.ts';
import type { Projection } from './projection.ts';

/** An open case: what every stage works on. */
export interface OpenCase {
  id: string;
  folder: Folder;
  caseFile: CaseFile;
  home: Home;
  index: IndexDatabase;
  log: CaseLog;
  actor: Actor;
  /** The home's identity, in the clear; asked for once. Throws Fault('wrong-key'). */
  identity(): Promise<string>;
  close(): Promise<void>;
}

export interface OpenOptions {
  home: Home;
  env: Readonly<Record<string, string | undefined>>;
  projections: readonly Projection[];
  actor: Actor;
  /** Open the keys as well; Fault('wrong-key') where this home has none. */
  write: boolean;
  /** What opens the home's identity where it is protected; nothing does where this is left out. */
  openers?: Openers;
  /** Do not touch the index yet: the caller rebuilds it. */
  stale?: boolean;
}

/** Makes a case in an empty or new folder: card, keys, and the first record, which holds the card's hash and the title. */
export async function newCase(path: string, title: string, options: OpenOptions): Promise<OpenCase> {
  const folder = openFolder(resolve(path));
  try {
    if ((await folder.read('log/checkpoint')) !== null || (await folder.read('log/commits/000')) !== null) {
      throw new Fault('case-exists', {
        what: 'There is a case in this folder already.',
        next: 'choose another folder, or go on with this one: dalil status',
      });
    }
    const others = (await folder.names('.')).filter((name) => name !== 'case.json' && name !== 'tmp');
    if (others.length > 0) {
      throw new Fault('case-exists', {
        what: 'This folder is not empty, and a case needs a folder of its own.',
        next: 'choose a new folder',
      });
    }
    const id = randomBytes(16).toString('hex');
    // Opened once for both: what opens it may have to be typed.
    const identity = await homeIdentity(options);
    const keys = await makeKeys(options.home.path, id, identity);
    // Crash point: a card without a log. Nothing was received under it, so the next attempt may replace it.
    const card = new TextEncoder().encode(formatCaseFile(id, keys.records.raw, keys.checkpoints.raw));
    await folder.write([{ path: 'case.json', bytes: card }]);
    const openers: Openers = { ...noOpeners, held: async () => identity };
    const opened = await openCase(folder.path, { ...options, openers });
    await opened.log.append(options.actor, (turn) => {
      turn.add({
        kind: 'case.opened',
        title,
        files: { case: { store: 'case', sha256: toHex(sha256(card)), size: card.length } },
      });
    });
    await opened.log.settle();
    return opened;
  } catch (error) {
    throw asFault(error, 'making the case folder');
  }
}

/** The home's identity, in the clear. Throws Fault('wrong-key') where it is protected and nothing opens it. */
export function homeIdentity({ home, openers }: Pick<OpenOptions, 'home' | 'openers'>): Promise<string> {
  return openIdentity(home.path, openers ?? noOpeners);
}

/** The case folder at or above `start`; Fault('no-case') when there is none. */
export async function findCase(start: string): Promise<string> {
  for (let at = resolve(start); ; at = dirname(at)) {
    const card = await stat(join(at, 'case.json')).catch(() => null);
    if (card?.isFile() === true) return at;
    if (dirname(at) === at) break;
  }
  throw new Fault('no-case', {
    what: 'There is no case here.',
    expected: 'a folder with a case.json, here or above',
    next: 'dalil new <folder> --name TITLE, or point to a case with -C <folder> or DALIL_CASE',
  });
}

/** Opens the case in exactly this folder, finishing what a crash left and bringing its index up to date. */
export async function openCase(path: string, options: OpenOptions): Promise<OpenCase> {
  const folder = openFolder(resolve(path));
  const caseFile = await readCaseFile(folder);
  let known: Promise<string> | null = null;
  const identity = (): Promise<string> => (known ??= homeIdentity(options));
  const keys = options.write ? keyRing(options.home.path, caseFile.id, identity) : undefined;
  // Before the database is started: without the keys in force nothing is to be done.
  await keys?.((await readKeyHistory((name) => folder.read(name), caseFile)).history.current);
  const schemas = (await readCases(options.home))[caseFile.id]?.['schemas'] as Record<string, string> | undefined;
  const schema = schemas?.[folder.path];
  const index = await openIndex({
    home: options.home,
    env: options.env,
    caseId: caseFile.id,
    ...(schema === undefined ? {} : { schema }),
  });
  const log = new CaseLog({
    folder,
    caseFile,
    index,
    projections: options.projections,
    ...(keys === undefined ? {} : { keys }),
  });
  try {
    if (options.stale !== true) await log.catchUp();
    await updateCases(options.home, (cases) => ({
      ...cases,
      [caseFile.id]: { ...cases[caseFile.id], folder: folder.path },
    }));
  } catch (error) {
    await index.close();
    throw error;
  }
  return {
    id: caseFile.id,
    folder,
    caseFile,
    home: options.home,
    index,
    log,
    actor: options.actor,
    identity,
    close: async () => {
      await log.settle();
      await index.close();
    },
  };
}

/**
 * Gives this folder an index of its own, from the next opening on: the one it had holds records that are not in the
 * folder (an older copy put back, or another line of history), and stays as it is. Remembered in the home.
 */
export async function indexApart({ home, id, folder }: OpenCase): Promise<void> {
  const schema = `${caseSchema(id)}_${randomBytes(4).toString('hex')}`;
  await updateCases(home, (cases) => {
    const entry = cases[id] ?? { folder: folder.path };
    const schemas = entry['schemas'] as Record<string, string> | undefined;
    return { ...cases, [id]: { ...entry, schemas: { ...schemas, [folder.path]: schema } } };
  });
}

export async function readCaseFile(folder: Folder): Promise<CaseFile> {
  const bytes = await folder.read('case.json');
  if (bytes === null) {
    throw new Fault('no-case', {
      what: 'There is no case here.',
      expected: 'a folder with a case.json',
      next: 'dalil new <folder> --name TITLE',
    });
  }
  try {
    return parseCaseFile(new TextDecoder().decode(bytes));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new Fault('case-damaged', {
      what: `The case cannot be read: ${error.message}.`,
      next: 'restore case.json from a copy of the case folder',
      cause: error,
    });
  }
}
