// dalil vault: the identities of protected sources, and what can give them away. What is protected is read from files
// or standard input, never from an argument: a shell keeps those. No message repeats a path or a word of it.
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rm, rmdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { asFault, Fault } from '../../case/fault.ts';
import type { OpenCase } from '../../log/case.ts';
import { decryptShare, type Guardian, type Handover } from '../../protect/guardian.ts';
import { viewVault } from '../../protect/queries.ts';
import { keptKinds, type KeptKind } from '../../protect/records.ts';
import { textLimit } from '../../protect/sealed.ts';
import { addSource, keepInVault, makeVault, openVault, type OpenedVault, type Vault } from '../../protect/vault.ts';
import { syncFolder } from '../../store/folder.ts';
import { text, texts, usage, whole, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';

interface Args {
  positionals: string[];
  values: Values;
}

const acts: Readonly<Record<string, (context: Context, args: Args) => Promise<number>>> = {
  init,
  add,
  keep,
  share,
  open: openFor,
  rotate,
  status,
};

export const vaultCommand: Command = {
  name: 'vault',
  usage: `${Object.keys(acts).join('|')} …`,
  summary: 'identities of protected sources, and what can give them away: opened by M of N guardians, and on record',
  options: {
    threshold: { type: 'string' },
    guardian: { type: 'string', multiple: true },
    pseudonym: { type: 'string' },
    kind: { type: 'string' },
    file: { type: 'string' },
    share: { type: 'string' },
    identity: { type: 'string' },
    purpose: { type: 'string' },
    shares: { type: 'string', multiple: true },
    out: { type: 'string' },
  },
  help: [
    ['init --threshold M --guardian NAME=age1… …', 'make the vault; a share for each guardian, in --out DIR (here)'],
    ['add --pseudonym P [--file FILE]', 'seal who P is: any text, from standard input or a file'],
    ['keep --pseudonym P --kind K FILE', `seal a file that can give P away: ${keptKinds.join(', ')}`],
    ['share --share FILE --identity KEYFILE', 'a guardian opens their own share, on their own machine; prints it'],
    ['open --purpose TEXT --pseudonym P --shares FILE… --out DIR', 'open what is kept under P, into a new folder'],
    ['rotate --purpose TEXT --shares FILE… --threshold M --guardian …', 'a new key for other guardians'],
    ['status', 'guardians, pseudonyms, openings'],
    ['--purpose TEXT', 'why; it is written in the log, so without names'],
  ],
  async run(context, { positionals, values }) {
    const [name, ...rest] = positionals;
    const act = Object.hasOwn(acts, name ?? '') ? acts[name!] : undefined;
    if (act === undefined) throw asked('Do what with the vault?', Object.keys(acts).join(', '), 'something else');
    return act(context, { positionals: rest, values });
  },
};

/** A Fault('usage') that repeats nothing of what was typed. */
function asked(what: string, expected: string, got: string): Fault {
  return usage(what, expected, got, 'dalil vault --help');
}

function need(values: Values, name: string): string {
  const value = text(values, name);
  if (value === undefined) throw asked(`--${name} is needed.`, `--${name} VALUE`, 'nothing');
  return value;
}

function none({ positionals }: Args): void {
  if (positionals.length > 0) throw asked('There is more here than an option takes.', 'options only', 'other words');
}

/** Who is to hold shares, and how many of them open. */
function guardiansOf(values: Values): { threshold: number; guardians: Guardian[] } {
  const threshold = whole(values, 'threshold', 2, 255);
  if (threshold === undefined) throw asked('--threshold is needed.', '--threshold M', 'nothing');
  const guardians = texts(values, 'guardian').map((given) => {
    const at = given.indexOf('=');
    if (at < 1) throw asked('A guardian is a name and a recipient.', '--guardian NAME=age1…', 'something else');
    return { name: given.slice(0, at), recipient: given.slice(at + 1) };
  });
  return { threshold, guardians };
}

async function init(context: Context, args: Args): Promise<number> {
  none(args);
  const { threshold, guardians } = guardiansOf(args.values);
  const opened = await context.openCase({ write: true });
  const out = await placeOutside(context, opened, text(args.values, 'out') ?? '.');
  const vault = await makeVault(opened, { threshold, guardians, deliver: (files) => handOver(out, files) });
  sayVault(context, vault, out);
  return 0;
}

function sayVault({ terminal, json }: Context, vault: Vault, out: string): void {
  const names = vault.guardians.map(({ name }) => name);
  const files = names.map((name) => join(out, `guardian-${name}.age`));
  if (json) terminal.out(JSON.stringify({ recipient: vault.recipient, threshold: vault.threshold, shares: files }));
  else for (const file of files) terminal.say(`${terminal.good('made')}  ${printable(file)}`);
  terminal.say(
    [
      `${vault.threshold} of ${names.length} guardians open the vault. Bring each the file of their name, let each try`,
      '`dalil vault share` on it, and then remove the files here: no other copy exists, and whoever loses one',
      'cannot be replaced but by `dalil vault rotate`, while enough others still can open.',
    ].join('\n'),
  );
  terminal.say('next: dalil vault add --pseudonym P');
}

async function add(context: Context, args: Args): Promise<number> {
  none(args);
  const pseudonym = need(args.values, 'pseudonym');
  const file = text(args.values, 'file');
  const opened = await context.openCase({ write: true });
  const identity = file === undefined ? await readInput(context) : await readText(context, file);
  const { position } = await addSource(opened, { pseudonym, identity });
  if (context.json) context.terminal.out(JSON.stringify({ record: position }));
  else context.terminal.say(`${context.terminal.good('sealed')}  in the vault, record ${position}`);
  if (file !== undefined) context.terminal.say('The file still says it: destroy it, and its copies in backups.');
  context.terminal.say('next: dalil vault status');
  return 0;
}

async function keep(context: Context, { positionals, values }: Args): Promise<number> {
  const { terminal, json, cwd, signal } = context;
  const [file, ...more] = positionals;
  const pseudonym = need(values, 'pseudonym');
  const what = need(values, 'kind');
  if (!keptKinds.includes(what as KeptKind)) throw asked('There is no such kind.', keptKinds.join(', '), 'another');
  if (file === undefined || more.length > 0) throw asked('One file at a time.', 'one path', `${positionals.length}`);
  const opened = await context.openCase({ write: true });
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of createReadStream(resolve(cwd, file!), { highWaterMark: 1 << 20 })) {
        signal.throwIfAborted();
        bytes += (chunk as Buffer).length;
        terminal.progress({ stage: 'intake', done: 1, bytes });
        yield chunk as Buffer;
      }
    } catch (error) {
      throw error instanceof Fault ? error : unreadable();
    }
  }
  const record = await keepInVault(opened, {
    pseudonym,
    what: what as KeptKind,
    name: basename(file),
    chunks: chunks(),
  });
  terminal.clear();
  if (json) terminal.out(JSON.stringify({ record: record.position }));
  else terminal.say(`${terminal.good('sealed')}  in the vault, record ${record.position}`);
  terminal.say('The file itself lies where it was: destroy it when the vault is on a second disk as well.');
  terminal.say('next: dalil vault status');
  return 0;
}

async function share(context: Context, args: Args): Promise<number> {
  none(args);
  const sealed = await readWhole(context, need(args.values, 'share'));
  const keyFile = (await readWhole(context, need(args.values, 'identity'))).toString('utf8');
  // The data of this command, for a pipe or a file: whoever has enough of these opens the vault.
  context.terminal.out(await decryptShare(sealed, keyFile));
  context.terminal.say('Give it by a safe way to whoever opens the vault, once you know for what purpose.');
  return 0;
}

/** Opens the vault with the share files given by --shares, and the words after it. */
async function unlock(context: Context, opened: OpenCase, args: Args, pseudonym?: string): Promise<OpenedVault> {
  const files = [...texts(args.values, 'shares'), ...args.positionals];
  const shares = await Promise.all(files.map((file) => readText(context, file)));
  const opening = { shares, purpose: need(args.values, 'purpose') };
  return openVault(opened, pseudonym === undefined ? opening : { ...opening, pseudonym });
}

async function openFor(context: Context, args: Args): Promise<number> {
  const { terminal, json } = context;
  const pseudonym = need(args.values, 'pseudonym');
  const opened = await context.openCase({ write: true });
  const out = await placeOutside(context, opened, need(args.values, 'out'));
  // Before the opening is written down: one that could not be used would be on record for nothing.
  await mkdir(out, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST' && error.code !== 'ENOENT') throw asFault(error, 'making the folder of --out');
    throw asked('--out is a new folder, in one that is there.', 'a path that is not taken', 'another');
  });
  let vault: OpenedVault | null = null;
  try {
    vault = await unlock(context, opened, args, pseudonym);
    await bringOut(context, vault, out);
  } finally {
    vault?.close();
    // Only where nothing came out.
    await rmdir(out).catch(() => {});
  }
  const { length } = vault.things;
  if (json) terminal.out(JSON.stringify({ record: vault.record.position, out, things: length }));
  else terminal.say(`${terminal.good('opened')}  ${length} things; the opening is record ${vault.record.position}`);
  terminal.say('They lie in the clear there: use them on a machine without a network, and destroy them afterwards.');
  terminal.say('next: destroy the share texts you were given');
  return 0;
}

/** Writes what is kept into files of one folder, and what each is into things.json. */
async function bringOut(context: Context, vault: OpenedVault, out: string): Promise<void> {
  const list: unknown[] = [];
  for (const { id, position, at, what } of vault.things) {
    context.signal.throwIfAborted();
    if (what === 'identity') {
      const file = `${position}-identity.txt`;
      const said = await vault.identity(id);
      await writeNew(join(out, file), [Buffer.from(`${said}\n`)]);
      list.push({ file, record: id, at, what });
    } else {
      const about = await vault.about(id);
      // The name was a stranger's: it chooses no folder, and no direction of writing.
      const safe = about.name.replaceAll(/[^\p{L}\p{M}\p{N}._-]/gu, '_').slice(-80);
      const file = `${position}-${what}-${safe}`;
      await writeNew(join(out, file), vault.contents(id));
      list.push({ file, record: id, at, what, ...about });
    }
  }
  await writeNew(join(out, 'things.json'), [Buffer.from(`${JSON.stringify(list, null, 2)}\n`)]);
}

async function rotate(context: Context, args: Args): Promise<number> {
  const { threshold, guardians } = guardiansOf(args.values);
  const opened = await context.openCase({ write: true });
  const out = await placeOutside(context, opened, text(args.values, 'out') ?? '.');
  const open = await unlock(context, opened, args);
  try {
    sayVault(context, await open.rotate({ threshold, guardians, deliver: (files) => handOver(out, files) }), out);
  } finally {
    open.close();
  }
  return 0;
}

async function status(context: Context, args: Args): Promise<number> {
  none(args);
  const { terminal, json } = context;
  const view = await viewVault(await context.openCase({ write: false }));
  if (json) {
    terminal.out(JSON.stringify(view));
    return 0;
  }
  const { vault, sources, openings } = view;
  if (vault === null) {
    terminal.out('no vault');
    terminal.say('next: dalil vault init --threshold M --guardian NAME=age1… (for each guardian)');
    return 0;
  }
  const { threshold, guardians, at } = vault;
  terminal.out(`${threshold} of ${guardians.length} guardians open it: ${guardians.join(', ')}; since ${at}`);
  const counts = (holds: Record<string, number>) => Object.entries(holds).map(([what, count]) => `${count} ${what}`);
  for (const line of columns(sources.map((one) => [printable(one.pseudonym), counts(one.holds).join(', ')])))
    terminal.out(line);
  terminal.out(terminal.bold(`${openings.length} openings`));
  for (const one of openings) {
    const by = `${printable(one.actor)} with ${one.guardians.join(', ')}`;
    terminal.out(`${one.at}  ${printable(one.pseudonym ?? 'no source')}  ${by}: ${printable(one.purpose)}`);
  }
  return 0;
}

/** A place for what must not lie in the case, which is copied, nor in the home. */
async function placeOutside(context: Context, opened: OpenCase, given: string): Promise<string> {
  const place = resolve(context.cwd, given);
  for (const folder of [opened.folder.path, opened.home.path]) {
    const way = relative(folder, place);
    if (way !== '..' && !way.startsWith(`..${'/'}`) && !way.startsWith('..\\')) {
      throw asked('This must not lie in the case or in the home.', '--out with a folder elsewhere', 'one within');
    }
  }
  return place;
}

/** Writes the guardians' files, durably: nobody but these files has the key. */
async function handOver(folder: string, files: Handover['files']): Promise<void> {
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (const { name, bytes } of files) {
      await writeNew(join(folder, name), [bytes]);
      written.push(name);
    }
    await syncFolder(folder);
  } catch (error) {
    for (const name of written) await rm(join(folder, name), { force: true });
    throw error;
  }
}

/** A new file that only its owner can read; gone again where it could not be written whole. */
async function writeNew(path: string, pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw asFault(error, 'writing to --out');
    throw asked('A file would be written over.', 'a folder without files of these names', 'one with them');
  });
  try {
    for await (const piece of pieces) await file.writeFile(piece);
    await file.sync();
  } catch (error) {
    await rm(path, { force: true });
    throw asFault(error, 'writing to --out');
  } finally {
    await file.close();
  }
}

async function readInput({ terminal }: Context): Promise<string> {
  if (process.stdin.isTTY) terminal.say('Type who this is, any text; end with Ctrl-D on a line of its own.');
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of process.stdin) {
    size += (piece as Buffer).length;
    // What is longer is refused by the vault; the rest need not be in memory.
    if (size <= 2 * textLimit) pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces).toString('utf8');
}

async function readText(context: Context, path: string): Promise<string> {
  return (await readWhole(context, path)).toString('utf8');
}

/** A small file. The message holds no path: names of files give people away too. */
async function readWhole({ cwd }: Context, path: string): Promise<Buffer> {
  try {
    return await readFile(resolve(cwd, path));
  } catch {
    throw unreadable();
  }
}

function unreadable(): Fault {
  return new Fault('input-unreadable', {
    what: 'A file that was given cannot be read.',
    next: 'check the paths given to the command',
  });
}
