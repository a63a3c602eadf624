// Asking for a passphrase: on a terminal only, and without an echo; else from a file that was named. Never from an argument
// or a variable, which other programs can see.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '../case/fault.ts';
import type { BackupOpener } from '../log/backup.ts';
import type { Lock, Openers } from '../log/identity.ts';
import { heldIdentity } from '../log/unlocked.ts';
import { text, usage, type Values } from './command.ts';

interface Asking {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
}

/** What was named for this command: paths of files. They go before the variables. */
export interface Named {
  identity?: string | undefined;
  passphraseFile?: string | undefined;
}

/** What opens the home's protected identity, asked for only where it is needed. */
export function openersOf(asking: Asking, home: string, named: Named = {}): Openers {
  const identity = named.identity ?? asking.env['DALIL_IDENTITY'];
  return {
    held: () => heldIdentity(home),
    ownIdentity: async () => (identity === undefined ? null : readNamed(asking, identity)),
    passphrase: () => passphraseOf(asking, named.passphraseFile, 'Passphrase of the keys: '),
  };
}

/** The passphrase in the file that was named, or typed; null where there is neither file nor terminal. */
export async function passphraseOf(asking: Asking, file: string | undefined, question: string): Promise<string | null> {
  const { env } = asking;
  if (env['DALIL_PASSPHRASE'] !== undefined) {
    throw usage(
      'A passphrase is not taken from a variable: every program that is started from here would see it.',
      'DALIL_PASSPHRASE_FILE, the path of a file that only you can read',
      'DALIL_PASSPHRASE',
      'unset DALIL_PASSPHRASE, and change the passphrase if others can see it: dalil keys protect',
    );
  }
  const path = file ?? env['DALIL_PASSPHRASE_FILE'];
  if (path !== undefined) return (await readNamed(asking, path)).replace(/\r?\n$/, '');
  return hasTerminal() ? typed(question) : null;
}

/** A new passphrase, typed twice, or from the file. Fault('usage') where it is too short, or typed differently. */
export async function newPassphrase(asking: Asking, file: string | undefined): Promise<string> {
  // The variable names the passphrase in use, so a new one is never taken from there.
  const env = { ...asking.env, DALIL_PASSPHRASE_FILE: undefined };
  const passphrase = await passphraseOf({ ...asking, env }, file, 'New passphrase: ');
  if (passphrase === null) {
    throw usage('A new passphrase is needed.', 'a terminal to ask on, or --passphrase-file FILE', 'neither');
  }
  if ([...passphrase].length < 10) {
    throw usage('This passphrase is too short.', 'at least 10 characters: several words', 'fewer');
  }
  if (file === undefined && (await typed('The same again: ')) !== passphrase) {
    throw usage('The two differ.', 'the same passphrase twice', 'two');
  }
  return passphrase;
}

/**
 * What a backup of keys is to be encrypted for, by --recipient, --passphrase or --passphrase-file; asked when it is called.
 * Fault('usage') at once unless it is just one of them.
 */
export function backupLock(values: Values): (asking: Asking) => Promise<Lock> {
  const recipient = text(values, 'recipient');
  const file = text(values, 'passphrase-file');
  if ((recipient !== undefined) === (values['passphrase'] === true || file !== undefined)) {
    throw usage(
      'A backup of keys is for a recipient or for a passphrase.',
      '--recipient age1…, or --passphrase, or --passphrase-file FILE',
      recipient === undefined ? 'neither' : 'both',
    );
  }
  return async (asking) =>
    recipient === undefined ? { passphrase: await newPassphrase(asking, file) } : { recipient };
}

/** What opens a backup of keys, as it was asked for by --identity or --passphrase-file, or typed. */
export async function backupOpener(
  asking: Asking,
  needs: 'passphrase' | 'identity',
  values: Values,
): Promise<BackupOpener> {
  if (needs === 'identity') {
    const path = text(values, 'identity');
    if (path === undefined) throw usage('This backup was made for a recipient.', '--identity FILE', 'nothing');
    return { identity: await readNamed(asking, path) };
  }
  // The variable names the passphrase of the home: a backup has its own.
  const env = { ...asking.env, DALIL_PASSPHRASE_FILE: undefined };
  const file = text(values, 'passphrase-file');
  const passphrase = await passphraseOf({ ...asking, env }, file, 'Passphrase of the backup: ');
  if (passphrase !== null) return { passphrase };
  throw usage('This backup was made for a passphrase.', 'a terminal to ask on, or --passphrase-file FILE', 'neither');
}

const hasTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY;

/** A line typed on the terminal, and not shown. */
function typed(question: string): Promise<string> {
  const { stdin, stderr } = process;
  // Before the question: what is typed at once would still be shown.
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.resume();
  stderr.write(question);
  return new Promise((done, fail) => {
    let line: string[] = [];
    const end = (settle: () => void): void => {
      stdin.off('data', read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write('\n');
      settle();
    };
    const read = (chunk: string): void => {
      for (const char of chunk) {
        if (char === '\r' || char === '\n') return end(() => done(line.join('')));
        // Ctrl-C and Ctrl-D: raw, so that no signal comes of them.
        if (char === '\u0003' || char === '\u0004') return end(() => fail(cancelled()));
        if (char === '\u007f' || char === '\b') line.pop();
        else if (char === '\u0015') line = [];
        else if (char >= ' ') line.push(char);
      }
    };
    stdin.on('data', read);
  });
}

function cancelled(): Fault {
  return new Fault('cancelled', { what: 'Cancelled. Nothing was changed.' });
}

/** A small file that was named. No message holds its path or anything of it. */
export async function readNamed({ cwd }: Pick<Asking, 'cwd'>, path: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    throw new Fault('input-unreadable', {
      what: 'The file that was named for a passphrase or an identity cannot be read.',
      got: (cause as NodeJS.ErrnoException).code ?? 'an error',
      next: 'check its name, in the command or in DALIL_PASSPHRASE_FILE and DALIL_IDENTITY',
    });
  }
}
