// dalil keys: what each key can do, lies where, and costs when stolen or lost; changing, revoking, protecting, holding
// open, backing up. No secret is taken from an argument or a variable, and no message repeats one.
import { open, readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { asFault, Fault } from '../../case/fault.ts';
import { backUpKeys, backupNeeds, restoreKeys } from '../../log/backup.ts';
import { keepIdentity, openIdentity, protectionOf, type Lock } from '../../log/identity.ts';
import { holdIdentity, letGo } from '../../log/unlocked.ts';
import { revokeKeys, rotateKeys } from '../../seal/keys.ts';
import { revocationReasons, type RevocationReason } from '../../seal/records.ts';
import { text, usage, whole, type Command, type Context, type Values } from '../command.ts';
import { backupLock, backupOpener, newPassphrase, openersOf, readNamed } from '../prompt.ts';
import { stampAtEnd } from './stamp.ts';

type Act = (context: Context, args: { positionals: string[]; values: Values }) => Promise<number>;

const acts: Readonly<Record<string, Act>> = { rotate, revoke, protect, unprotect, unlock, lock, backup, restore };

export const keysCommand: Command = {
  name: 'keys',
  usage: '[rotate | revoke NUMBER | protect | unprotect | unlock | lock | backup | restore FILE]',
  summary:
    'what each key can do, where it lies, and what its theft and its loss cost; change, protect and back them up',
  options: {
    reason: { type: 'string' },
    since: { type: 'string' },
    minutes: { type: 'string' },
    out: { type: 'string' },
    recipient: { type: 'string' },
    passphrase: { type: 'boolean' },
    'passphrase-file': { type: 'string' },
    identity: { type: 'string' },
  },
  help: [
    ['rotate [--reason TEXT]', 'new keys from the next record on; the old ones still verify what they signed'],
    ['revoke NUMBER --reason WHY', `${revocationReasons.join(', ')}; the keys in force are changed first`],
    ['  --since DATE', 'since when they were in other hands: 2026-11-01, or a moment in UTC'],
    ['protect', "ask for a passphrase before this home's keys open; again, to change it"],
    ['  --passphrase-file FILE', 'the new passphrase, instead of a terminal'],
    ['  --identity FILE', 'an age identity of your own instead of a passphrase'],
    ['unprotect', 'let them open without being asked, as at first'],
    [
      'unlock [--minutes N]',
      'hold them open for scripts and other commands (60 minutes); --passphrase-file, --identity',
    ],
    ['lock', 'end that now'],
    [
      'backup --out FILE',
      "this case's keys in one age file: --recipient age1…, --passphrase or --passphrase-file FILE",
    ],
    ['restore FILE', 'put them into this home; --passphrase-file FILE or --identity FILE opens the backup'],
  ],
  async run(context, { positionals, values }) {
    const [name, ...rest] = positionals;
    if (name === undefined) return (await import('./keys-table.ts')).showKeys(context);
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
    if (act === undefined) throw asked('Do what with the keys?', Object.keys(acts).join(', '), 'something else');
    return act(context, { positionals: rest, values });
  },
};

function asked(what: string, expected: string, got: string): Fault {
  return usage(what, expected, got, 'dalil keys --help');
}

function none(positionals: readonly string[]): void {
  if (positionals.length > 0) throw asked('There is more here than an option takes.', 'options only', 'other words');
}

async function rotate(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal, json } = context;
  const opened = await context.openCase({ write: true });
  const { n, from } = await rotateKeys(opened, text(values, 'reason') ?? null);
  await stampAtEnd(context, opened);
  if (json) terminal.out(JSON.stringify({ key: n, record: from - 1 }));
  else terminal.say(`${terminal.good('changed')}  keys ${n} sign from record ${from} on`);
  terminal.say('The earlier keys verify what they signed. A backup made before does not hold the new ones.');
  terminal.say('next: dalil keys backup --out FILE --passphrase');
  return 0;
}

async function revoke(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  const { terminal, json } = context;
  const [given, ...more] = positionals;
  none(more);
  if (given === undefined || !/^\d{1,9}$/.test(given))
    throw asked('Which keys?', 'a number, as `dalil keys` shows', given ?? 'nothing');
  const reason = text(values, 'reason');
  if (!revocationReasons.includes(reason as RevocationReason)) {
    throw asked('Why are they revoked?', `--reason ${revocationReasons.join('|')}`, reason ?? 'nothing');
  }
  const since = sinceOf(values);
  const opened = await context.openCase({ write: true });
  const { n } = await revokeKeys(opened, Number(given), { reason: reason as RevocationReason, since });
  await stampAtEnd(context, opened);
  const { current } = opened.log.history;
  if (json) terminal.out(JSON.stringify({ revoked: n, reason, since, current: current.n }));
  else terminal.say(`${terminal.good('revoked')}  keys ${n}; keys ${current.n} sign`);
  terminal.say('What of their time stands, and by what, is told by: dalil verify');
  terminal.say('next: dalil verify');
  return 0;
}

function sinceOf(values: Values): string | null {
  const given = text(values, 'since');
  if (given === undefined) return null;
  const day = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,3})?Z)?$/.test(given);
  if (!day || !new Date(given).toJSON()?.startsWith(given.slice(0, 10))) {
    throw asked('--since takes a day, or a moment in UTC.', '2026-11-01, or 2026-11-01T09:30:00Z', given);
  }
  return given;
}

async function protect(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal } = context;
  const home = (await context.home()).path;
  const own = text(values, 'identity');
  const file = text(values, 'passphrase-file');
  if (own !== undefined && file !== undefined)
    throw asked('One of the two.', '--identity or --passphrase-file', 'both');
  const identity = await openIdentity(home, notHeld(context, home));
  const by: Lock =
    own === undefined
      ? { passphrase: await newPassphrase(context, file) }
      : { identity: await readNamed(context, own) };
  await keepIdentity(home, identity, by);
  await letGo(home);
  terminal.say(
    `${terminal.good('protected')}  the keys of this home open with ${own === undefined ? 'the passphrase' : 'your identity'} alone`,
  );
  terminal.say(
    'Copies of this home from before, backups among them, open without it: if there are any, dalil keys rotate.',
  );
  terminal.say('Forgotten or lost, nothing opens them: keep a backup elsewhere.');
  terminal.say('next: dalil keys backup --out FILE --passphrase');
  return 0;
}

/** What opens the identity when its protection changes: whoever finds the keys held open must not change it. */
const notHeld = (context: Context, home: string) => ({ ...openersOf(context, home), held: async () => null });

async function unprotect(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal } = context;
  const home = (await context.home()).path;
  const named = { identity: text(values, 'identity'), passphraseFile: text(values, 'passphrase-file') };
  const identity = await openIdentity(home, { ...openersOf(context, home, named), held: async () => null });
  await keepIdentity(home, identity, null);
  await letGo(home);
  terminal.say(`${terminal.good('open')}  whoever can read this home can sign`);
  terminal.say('next: dalil keys');
  return 0;
}

async function unlock(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal, json } = context;
  const home = (await context.home()).path;
  const minutes = whole(values, 'minutes', 1, 24 * 60) ?? 60;
  const how = await protectionOf(home);
  if (how === null || how === 'none') {
    throw asked(
      'There is nothing to unlock: the keys of this home open without being asked.',
      'protected keys',
      'open ones',
    );
  }
  const named = { identity: text(values, 'identity'), passphraseFile: text(values, 'passphrase-file') };
  const identity = await openIdentity(home, { ...openersOf(context, home, named), held: async () => null });
  const until = await holdIdentity(home, identity, minutes);
  if (json) terminal.out(JSON.stringify({ until }));
  else terminal.say(`${terminal.good('unlocked')}  until ${until}, for the programs of this user on this machine`);
  terminal.say('next: dalil keys lock, when the work is done');
  return 0;
}

async function lock(context: Context, { positionals }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal } = context;
  const home = (await context.home()).path;
  const held = await letGo(home);
  terminal.say(held ? `${terminal.good('locked')}  nothing holds the keys open` : 'Nothing held the keys open.');
  return 0;
}

async function backup(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  none(positionals);
  const { terminal, cwd } = context;
  const out = text(values, 'out');
  if (out === undefined) throw asked('A backup is written to a file.', '--out FILE', 'nothing');
  const lock = backupLock(values);
  const opened = await context.openCase({ write: false });
  const identity = await opened.identity();
  const by = await lock(context);
  await writeNew(resolve(cwd, out), await backUpKeys(opened.home.path, opened.id, identity, by));
  terminal.say(`${terminal.good('written')}  the keys of this case; whoever opens this file can sign`);
  terminal.say('Keep it apart from the case, and make it again after each change of keys.');
  terminal.say('next: dalil keys restore FILE, in another home, to see that it opens');
  return 0;
}

async function restore(context: Context, { positionals, values }: Parameters<Act>[1]): Promise<number> {
  const { terminal, json, cwd } = context;
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw asked('Which backup?', 'dalil keys restore FILE', 'something else');
  const home = await context.home();
  const bytes = await readFile(resolve(cwd, file)).catch((error: NodeJS.ErrnoException) => {
    throw new Fault('input-unreadable', { what: 'The backup cannot be read.', got: error.code ?? 'an error' });
  });
  const opener = await backupOpener(context, backupNeeds(bytes), values);
  const identity = () => openIdentity(home.path, openersOf(context, home.path));
  const restored = await restoreKeys(home.path, identity, bytes, opener);
  if (json) terminal.out(JSON.stringify(restored));
  else terminal.say(`${terminal.good('restored')}  ${restored.keys} keys of one case`);
  terminal.say('next: dalil -C <case> keys, to see whether they are those in force');
  return 0;
}

/** A new file that only its owner can read, durable before it is told that there is one. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw asked('A file would be written over.', '--out with a new file', 'one that is there');
    throw asFault(error, 'writing the backup');
  });
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw asFault(error, 'writing the backup');
  } finally {
    await file.close();
  }
}
