// A backup: the case folder as of one checkpoint, its keys in one age file, and a card that says which state this is. A
// repeat copies what is new. Restoring checks everything before it puts anything in place.
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { citedPath } from '@dalil/verify';
import { z } from 'zod';
import { asFault, Fault } from '../case/fault.ts';
import type { Progress } from '../case/progress.ts';
import { backUpKeys, restoreKeys, type BackupOpener } from '../log/backup.ts';
import type { OpenCase } from '../log/case.ts';
import { encryptFor, type Lock } from '../log/identity.ts';
import { openFolder } from '../store/folder.ts';
import { readCases, replaceFile, type Home } from '../store/home.ts';
import { mirror, prune, type Mirrored } from '../store/mirror.ts';

/** What lies in a backup. */
export const backupPaths = { card: 'backup.json', keys: 'keys.age', people: 'people.age', case: 'case' } as const;

const cardSchema = z.strictObject({
  format: z.literal('dalil-backup/1'),
  case: z.string().regex(/^[0-9a-f]{32}$/),
  /** The state that it holds: records, and the root of their tree (base64). */
  size: z.int().min(1),
  root: z.base64(),
  /** When it was made, by this machine's clock. */
  at: z.iso.datetime(),
  /** Whether the keys are in it, in an age file of their own. */
  keys: z.boolean(),
});

export type BackupCard = z.infer<typeof cardSchema>;

export interface BackedUp extends Mirrored {
  card: BackupCard;
  /** Originals that the case has destroyed since, removed here too; and files of the log that newer ones replaced. */
  removed: number;
}

export interface BackupOptions {
  /** A folder: new, empty, or an earlier backup of this case. */
  to: string;
  /** What encrypts the keys, and the people of the case (`backUpPeople`); null leaves both out. */
  keys: { identity: string; lock: Lock; people: string | null } | null;
  now: Date;
  signal?: AbortSignal;
  progress?: Progress;
}

const checkpointPath = 'log/checkpoint';
/** Small, and written beside the checkpoint: copied until none was signed meanwhile. */
const ofTheLog = (path: string): boolean => /^(?:log|records)(?:\/|$)/.test(path) && path !== checkpointPath;

/**
 * Backs the case up. Throws Fault('case-exists') where `to` holds something else, ('locked') where others wrote all the
 * time, ('cancelled'); then what was copied stays, and a repeat goes on from there.
 */
export async function backUpCase(opened: OpenCase, options: BackupOptions): Promise<BackedUp> {
  const { to, keys, now, signal, progress } = options;
  await claim(opened.id, to);
  const from = opened.folder.path;
  const copy = join(to, backupPaths.case);
  const told = ({ files, bytes }: Readonly<Mirrored>): void => progress?.({ stage: 'backup', done: files, bytes });
  try {
    const gone = await destroyedOriginals(opened);
    // Originals first: a record is signed only when what it cites is on the disk, so none can be missing afterwards.
    let before = await checkpointOf(opened);
    const rest = (path: string): boolean => path !== checkpointPath && !ofTheLog(path) && !gone.has(path);
    const so = await mirror(from, copy, { takes: rest, signal, told });
    let log: Mirrored;
    for (let attempt = 1; ; attempt++) {
      log = await mirror(from, copy, { takes: ofTheLog, signal });
      const after = await checkpointOf(opened);
      if (after === before) break;
      if (attempt === 20) {
        throw new Fault('locked', {
          what: 'Others are writing to this case all the time, and no one state of it could be copied.',
          got: `${attempt} attempts`,
          next: 'run the same command again when less is written',
        });
      }
      before = after;
      await mirror(from, copy, { takes: rest, signal });
    }
    let removed = await prune(from, copy, ofTheLog);
    for (const path of gone) if (await removeFrom(copy, path)) removed++;
    if (keys !== null) {
      const bytes = await backUpKeys(opened.home.path, opened.id, keys.identity, keys.lock);
      await openFolder(to).write([{ path: backupPaths.keys, bytes }]);
      if (keys.people !== null) {
        await openFolder(to).write([{ path: backupPaths.people, bytes: await encryptFor(keys.people, keys.lock) }]);
      }
    }
    // The commit point of the copy, as it is of the case.
    await openFolder(copy).write([{ path: checkpointPath, bytes: before }]);
    const { size, root } = stateOf(before);
    const hasKeys = keys !== null || (await stat(join(to, backupPaths.keys)).catch(() => null)) !== null;
    const card: BackupCard = {
      format: 'dalil-backup/1',
      case: opened.id,
      size,
      root,
      at: now.toISOString(),
      keys: hasKeys,
    };
    await replaceFile(join(to, backupPaths.card), `${JSON.stringify(card, null, 2)}\n`, 0o600);
    return {
      card,
      removed,
      files: so.files + log.files + 1,
      copied: so.copied + log.copied,
      bytes: so.bytes + log.bytes,
      altered: [...so.altered, ...log.altered].toSorted(),
    };
  } catch (error) {
    throw asFault(error, 'making the backup');
  }
}

/** The bytes of the checkpoint in force. */
async function checkpointOf({ folder }: OpenCase): Promise<string> {
  const bytes = await folder.read(checkpointPath);
  if (bytes !== null) return new TextDecoder().decode(bytes);
  throw new Fault('case-damaged', { what: 'The case has no checkpoint.', next: 'dalil verify' });
}

/** What a checkpoint says; whether it is signed is for the check of the copy. */
function stateOf(checkpoint: string): { size: number; root: string } {
  const [, size = '', root = ''] = checkpoint.split('\n');
  return { size: Number(size), root };
}

/** Paths of originals whose destruction is sealed. */
async function destroyedOriginals({ index }: OpenCase): Promise<Set<string>> {
  const { rows } = await index.pool.query<{ sha256: string; size: number }>(
    `select sha256, size from item i where destroyed is not null
     and not exists (select from item j where j.sha256 = i.sha256 and j.destroyed is null)`,
  );
  return new Set(rows.map(({ sha256, size }) => citedPath({ store: 'originals', sha256, size })));
}

async function removeFrom(copy: string, path: string): Promise<boolean> {
  if ((await stat(join(copy, path)).catch(() => null)) === null) return false;
  await rm(join(copy, path), { force: true });
  return true;
}

/** `to` is ours: new, empty, or an earlier backup of the same case. */
async function claim(id: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw asFault(error, 'making the folder of the backup');
  });
  const names = (await readdir(to)).filter(
    (name) => !['tmp', backupPaths.case, backupPaths.keys, backupPaths.people].includes(name),
  );
  const known = names.includes(backupPaths.card) ? await readBackupCard(to) : null;
  // An attempt that ended early has a case in it and no card yet.
  const begun = await readFile(join(to, backupPaths.case, 'case.json'), 'utf8').catch(() => null);
  const other = (known !== null && known.case !== id) || (begun !== null && !begun.includes(id));
  if (other || names.some((name) => name !== backupPaths.card)) {
    throw new Fault('case-exists', {
      what: 'The folder for the backup holds something else.',
      expected: 'a new or empty folder, or an earlier backup of this case',
      got: other ? 'a backup of another case' : 'other files',
      next: 'dalil backup --out ANOTHER-FOLDER',
    });
  }
}

/** The card of a backup. Fault('input-unreadable') where this is none. */
export async function readBackupCard(from: string): Promise<BackupCard> {
  const bytes = await readFile(join(from, backupPaths.card), 'utf8').catch(() => null);
  const card = cardSchema.safeParse(bytes === null ? null : asJson(bytes));
  if (card.success) return card.data;
  throw new Fault('input-unreadable', {
    what: 'There is no finished backup in this folder.',
    expected: `a folder with a ${backupPaths.card}, as dalil backup makes it`,
    got: bytes === null ? 'none' : 'one that cannot be read',
    next: 'check its name, or make the backup again: dalil backup --out FOLDER',
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export interface RestoreBackupOptions {
  home: Home;
  from: string;
  /** Where the case is to lie: a folder that is not there, or empty, or of an attempt that ended early. */
  to: string;
  card: BackupCard;
  /** What opens the keys; null leaves them in the backup. */
  keys: { identity: () => Promise<string>; opener: BackupOpener } | null;
  signal?: AbortSignal;
  progress?: Progress;
}

/**
 * Puts the case of a backup, which the caller has checked, in a folder, and its keys in this home. Gives how many keys.
 * Throws Fault('case-exists') where this home has the case already: two that both go on would be two histories.
 */
export async function restoreBackup(options: RestoreBackupOptions): Promise<{ files: number; keys: number }> {
  const { home, from, to, card, keys, signal, progress } = options;
  const copy = join(from, backupPaths.case);
  try {
    const live = (await readCases(home))[card.case]?.folder;
    if (live !== undefined && live !== to && (await stat(join(live, checkpointPath)).catch(() => null)) !== null) {
      throw new Fault('case-exists', {
        what: 'This home has this case already; two copies that both went on would be two histories.',
        next: 'move the folder of the other one away first, or set DALIL_HOME to another home',
      });
    }
    const names = await readdir(to).catch(() => []);
    if (names.some((name) => name !== 'tmp') && !(await isHalf(copy, to))) {
      throw new Fault('case-exists', {
        what: 'The folder for the case is not empty.',
        expected: 'a new folder',
        next: 'dalil restore BACKUP --to ANOTHER-FOLDER',
      });
    }
    // Before anything is copied: what opens them may be the wrong thing.
    const restored =
      keys === null
        ? 0
        : (await restoreKeys(home.path, keys.identity, await readFile(join(from, backupPaths.keys)), keys.opener)).keys;
    // First, so that an attempt that ends early is known for one.
    await openFolder(to).write([{ path: 'case.json', bytes: await readFile(join(copy, 'case.json')) }]);
    const told = ({ files, bytes }: Readonly<Mirrored>): void => progress?.({ stage: 'backup', done: files, bytes });
    const { files, altered } = await mirror(copy, to, { takes: (path) => path !== checkpointPath, signal, told });
    if (altered.length > 0) {
      throw new Fault('input-unreadable', {
        what: `The backup changed while it was read: ${altered.length} files are not what their names promise.`,
        next: 'dalil verify BACKUP/case, and use another copy for what it names',
      });
    }
    // Crash point: until now the folder is no case, and the same command goes on.
    await openFolder(to).write([{ path: checkpointPath, bytes: await readFile(join(copy, checkpointPath)) }]);
    return { files: files + 1, keys: restored };
  } catch (error) {
    throw asFault(error, 'restoring the backup');
  }
}

/** Whether a folder is what an attempt left that ended early: the same card, and no checkpoint yet. */
async function isHalf(copy: string, to: string): Promise<boolean> {
  const read = (root: string, path: string): Promise<string | null> =>
    readFile(join(root, path), 'utf8').catch(() => null);
  return (await read(to, checkpointPath)) === null && (await read(copy, 'case.json')) === (await read(to, 'case.json'));
}
