// dalil backup, restore: the whole case to another disk in one command, and back in one. Both end with the independent
// check of the copy: a backup that was not read back is a hope.
import { availableParallelism } from 'node:os';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { verdictLines } from '@dalil/verify';
import { backupNeeds, openBackup } from '../../log/backup.ts';
import { openIdentity } from '../../log/identity.ts';
import { openAccounts, type Accounts } from '../../protect/home-schema.ts';
import { backUpPeople, restorePeople } from '../../protect/people-backup.ts';
import { backUpCase, backupPaths, readBackupCard, restoreBackup, type BackupCard } from '../../seal/backup.ts';
import { text, usage, type Command, type Context } from '../command.ts';
import { backupLock, backupOpener, openersOf } from '../prompt.ts';
import { rebuildIndex } from './check.ts';

const n = (count: number): string => count.toLocaleString('en');

export const backupCommand: Command = {
  name: 'backup',
  usage: '--out FOLDER (--passphrase | --passphrase-file FILE | --recipient age1… | --without-keys)',
  summary: 'the whole case, its keys and its people in another folder; a repeat copies what is new',
  options: {
    out: { type: 'string' },
    passphrase: { type: 'boolean' },
    'passphrase-file': { type: 'string' },
    recipient: { type: 'string' },
    'without-keys': { type: 'boolean' },
    'without-check': { type: 'boolean' },
  },
  help: [
    ['--out FOLDER', 'new, or an earlier backup of this case; best on another disk'],
    ['--passphrase', 'asked for; encrypts keys and accounts, as --passphrase-file FILE or --recipient age1… do'],
    ['--without-keys', 'the case alone: restored, it can be read and verified, and not gone on with'],
    ['--without-check', 'do not read the copy again: dalil verify FOLDER/case does it later'],
  ],
  async run(context, { positionals, values }) {
    const { terminal, cwd, signal, json } = context;
    const out = text(values, 'out');
    if (out === undefined || positionals.length > 0) {
      throw usage('A backup is written to a folder.', '--out FOLDER', 'something else', 'dalil backup --help');
    }
    const lock = values['without-keys'] === true ? null : backupLock(values);
    const opened = await context.openCase({ write: false });
    const keys =
      lock === null
        ? null
        : {
            identity: await opened.identity(),
            people: await withAccounts(context, (accounts) => backUpPeople(accounts, opened.id)),
            lock: await lock(context),
          };
    const to = resolve(cwd, out);
    const done = await backUpCase(opened, { to, keys, now: new Date(), signal, progress: terminal.progress });
    terminal.clear();
    const ok = values['without-check'] === true || (await checkCopy(context, to));
    if (json) terminal.out(JSON.stringify({ ...done, ok }));
    else for (const path of done.altered) terminal.out(`${terminal.bad('altered')}  ${path}: not copied`);
    terminal.say(
      `${terminal.good('copied')}  ${n(done.copied)} of ${n(done.files)} files, ${(done.bytes / 1e6).toFixed(1)} MB; ${stateLine(done.card)}`,
    );
    terminal.say(
      'The originals and what the records say lie in it in the clear: keep it on an encrypted disk, and apart from this one.',
    );
    if (done.altered.length > 0) {
      terminal.say('next: dalil fixity, and dalil fixity restore --from ANOTHER-COPY');
      return 3;
    }
    terminal.say(`next: dalil restore ${out} --to FOLDER, in another home, to see that it comes back`);
    return ok ? 0 : 4;
  },
};

export const restoreCommand: Command = {
  name: 'restore',
  usage: 'BACKUP --to FOLDER [--passphrase-file FILE | --identity FILE | --without-keys]',
  summary: 'a case from its backup: checked, put in place, its keys in this home, its index made',
  options: {
    to: { type: 'string' },
    'passphrase-file': { type: 'string' },
    identity: { type: 'string' },
    'without-keys': { type: 'boolean' },
  },
  help: [
    ['--to FOLDER', 'where the case is to lie'],
    ['--passphrase-file FILE', 'opens the keys, instead of a terminal; or --identity FILE'],
    ['--without-keys', 'leave the keys in the backup: to read and verify only'],
  ],
  async run(context, { positionals, values }) {
    const { terminal, cwd, signal, json } = context;
    const [given, ...more] = positionals;
    const out = text(values, 'to');
    if (given === undefined || out === undefined || more.length > 0) {
      throw usage(
        'A backup and a folder for the case are needed.',
        'dalil restore BACKUP --to FOLDER',
        'something else',
      );
    }
    const [from, to] = [resolve(cwd, given), resolve(cwd, out)];
    const card = await readBackupCard(from);
    const withKeys = card.keys && values['without-keys'] !== true;
    const home = await context.home();
    const opener = withKeys
      ? await backupOpener(context, backupNeeds(await readFile(join(from, backupPaths.keys))), values)
      : null;
    if (!(await checkCopy(context, from))) {
      terminal.say('Nothing was restored: this backup does not hold.');
      terminal.say('next: another backup; or, to look at this one as it is, dalil verify BACKUP/case');
      return 4;
    }
    const keys =
      opener === null ? null : { identity: () => openIdentity(home.path, openersOf(context, home.path)), opener };
    const done = await restoreBackup({ home, from, to, card, keys, signal, progress: terminal.progress });
    terminal.clear();
    await rebuildIndex(context, to);
    const sealed = opener === null ? null : await readFile(join(from, backupPaths.people)).catch(() => null);
    if (sealed !== null) {
      const text = await openBackup(sealed, opener!);
      const people = await withAccounts(context, (accounts) => restorePeople(home, accounts, text));
      terminal.say(
        people === null
          ? 'This home has accounts of its own, and those of the backup were left out: dalil accounts invite'
          : `${terminal.good('restored')}  ${n(people)} accounts; they sign in again, by the same origin`,
      );
    }
    if (json) terminal.out(JSON.stringify({ ...done, card }));
    terminal.say(`${terminal.good('restored')}  ${n(done.files)} files and ${n(done.keys)} keys; ${stateLine(card)}`);
    terminal.say('What was written after that state is not in it: compare with a checkpoint that was kept elsewhere.');
    terminal.say(`next: dalil -C ${out} verify --since FILE-OR-LINE`);
    return 0;
  },
};

async function withAccounts<T>(context: Context, act: (accounts: Accounts) => Promise<T>): Promise<T> {
  const accounts = await openAccounts({ home: await context.home(), env: context.env });
  try {
    return await act(accounts);
  } finally {
    await accounts.close();
  }
}

const stateLine = ({ size, at }: BackupCard): string => `the state after ${n(size)} records, as of ${at}`;

/** The independent check of the case in a backup. What does not hold is printed. */
async function checkCopy({ terminal, signal }: Context, backup: string): Promise<boolean> {
  const { checkPath } = await import('@dalil/verify/node-check');
  const { ok, report } = await checkPath(join(backup, backupPaths.case), {
    threads: availableParallelism(),
    now: new Date(),
    progress: ({ files, records, bytes }) => {
      signal.throwIfAborted();
      terminal.progress({ stage: 'verify', done: files + records, bytes });
    },
  });
  terminal.clear();
  if (!ok) for (const line of verdictLines(report, terminal, false)) terminal.say(line);
  return ok;
}
