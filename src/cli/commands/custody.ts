// dalil custody: who held what, before intake as claimed, and after it by receipts that both sides sign outside this
// program, with keys of their own.
import { readFile, writeFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { custodyEvents, receiptNamespace, type CustodyEvent } from '@dalil/verify';
import type { CustodyGap, CustodyLine, CustodyView } from '../../case/custody.ts';
import { asFault, Fault } from '../../case/fault.ts';
import { addHolder, claimCustody, proposeReceipt, receiptBytes, receiveReceipt } from '../../seal/custody.ts';
import { readCustody } from '../../seal/queries.ts';
import { readHolders } from '../../seal/signed.ts';
import { text, texts, usage, type Command, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';
import { stampAtEnd } from './stamp.ts';

const forms = 'dalil custody [holder add|list | claim | transfer | receive] …';

export const custodyCommand: Command = {
  name: 'custody',
  usage: '[holder add NAME --key FILE.pub | holder list | claim | transfer | receive RECEIPT]',
  summary: 'who held what, when and why, with the gaps; receipts that both sides sign with keys of their own',
  options: {
    key: { type: 'string' },
    note: { type: 'string' },
    accession: { type: 'string' },
    holder: { type: 'string' },
    from: { type: 'string' },
    to: { type: 'string' },
    by: { type: 'string' },
    how: { type: 'string' },
    what: { type: 'string', multiple: true },
    event: { type: 'string' },
    at: { type: 'string' },
    why: { type: 'string' },
    out: { type: 'string' },
    signature: { type: 'string', multiple: true },
  },
  help: [
    ['(nothing)', 'the custodians of each accession in order, copies included, and what the dates leave open'],
    ['holder add NAME --key FILE.pub', 'register who can hold it, by a working name and an SSH key; --note TEXT'],
    ['holder list', 'who is registered'],
    ['claim --accession A-0001 --holder TEXT --by WHO', 'who held it before intake, and who says so; --how TEXT'],
    ['  --from DATE --to DATE', '2013, 2013-08, 2013-08-21, 2013-08-21T09:30+03:00, or unknown'],
    ['transfer --what HANDLE|all --from NAME --to NAME', 'write the receipt of a hand-over, for both sides to sign'],
    ['  --at TIME --why TEXT', 'when, with an offset, and why; both stand in the receipt'],
    ['  --event NAME', `${custodyEvents.join(', ')}; a copy leaves custody where it is`],
    ['  --out FILE.txt', 'the receipt (receipt.txt); and FILE.pdf beside it'],
    ['receive RECEIPT --signature FILE.sig …', 'write down a hand-over that both have signed'],
  ],
  async run(context, { positionals, values }) {
    const [act, ...rest] = positionals;
    if (act === undefined) return show(context);
    if (act === 'holder' && rest[0] === 'list' && rest.length === 1) return listHolders(context);
    if (act === 'holder' && rest[0] === 'add' && rest.length === 2) return add(context, rest[1]!, values);
    if (act === 'claim' && rest.length === 0) return claim(context, values);
    if (act === 'transfer' && rest.length === 0) return transfer(context, values);
    if (act === 'receive' && rest.length === 1) return receive(context, rest[0]!, values);
    throw usage('What is to be done?', forms, positionals.join(' '), 'dalil custody --help');
  },
};

/** An option without which there is nothing to do. */
function need(values: Values, name: string, what: string): string {
  const value = text(values, name);
  if (value !== undefined) return value;
  throw usage(`--${name} is needed.`, `--${name} ${what}`, 'nothing', 'dalil custody --help');
}

async function show(context: Context): Promise<number> {
  const { terminal, json } = context;
  const views = await readCustody(await context.openCase({ write: false }), new Date().toISOString());
  for (const view of views) {
    if (json) terminal.out(JSON.stringify(view));
    else sayCustody(context, view);
  }
  if (views.length === 0) terminal.say('Nothing was received yet.');
  const claimed = views.every(({ lines }) => lines.some(({ event }) => event === 'claimed'));
  terminal.say(
    `next: ${claimed ? 'dalil custody transfer --what A-0001|all --from NAME --to NAME --at TIME --why TEXT' : 'dalil custody claim --accession A-0001 --holder TEXT --from DATE --to DATE --by WHO'}`,
  );
  return 0;
}

function sayCustody({ terminal }: Context, { accession, source, lines, gaps }: CustodyView): void {
  const { out, bold, dim, bad } = terminal;
  out(`${bold(accession)}  from ${printable(source)}`);
  for (const line of columns(lines.map(lineCells))) out(`  ${line}`);
  if (gaps.length === 0) out(dim('  these dates leave no time open'));
  for (const gap of gaps) out(`  ${bad(gap.kind.padEnd(7))}  ${sayGap(gap)}`);
  out('');
}

function lineCells(line: CustodyLine): string[] {
  const { event, holder, giver, from, to, by, covers, note, record } = line;
  const who =
    event === 'claimed'
      ? `${holder}, says ${by.join(' and ')}`
      : `${giver ?? ''}${holder === null ? '' : ` → ${holder}`}`;
  const time = event === 'claimed' ? `${from ?? 'unknown'} to ${to ?? 'unknown'}` : (from ?? '');
  const about = covers.length === 0 ? '' : covers.join(' ');
  return [time, event, printable(who), about, printable(note ?? ''), `[r ${record}]`];
}

function sayGap({ kind, from, to, holders, records }: CustodyGap): string {
  const who = holders.map(printable).join(' and ');
  const said = {
    gap: 'nobody is said to have held it',
    unknown: `the dates do not tell whether ${who} held it`,
    overlap: `both ${who} are said to have held it`,
  }[kind];
  const cites = records.length === 0 ? '' : `  [r ${records.join(', ')}]`;
  return `${from ?? 'from the beginning'} to ${to}: ${said}${cites}`;
}

async function listHolders(context: Context): Promise<number> {
  const { terminal, json } = context;
  const all = await readHolders(await context.openCase({ write: false }));
  const shown = all.map(({ name, key, note }) => ({ name, type: key.type, fingerprint: key.fingerprint, note }));
  if (json) for (const one of shown) terminal.out(JSON.stringify(one));
  else {
    const rows = shown.map(({ name, type, fingerprint, note }) => [printable(name), type, fingerprint, note ?? '']);
    for (const line of columns(rows)) terminal.out(printable(line));
  }
  terminal.say('next: dalil custody transfer, or: dalil custody holder add NAME --key FILE.pub');
  return 0;
}

async function add(context: Context, name: string, values: Values): Promise<number> {
  const publicKey = (await readGiven(context, need(values, 'key', 'FILE.pub'))).toString('utf8');
  const opened = await context.openCase({ write: true });
  const holder = await addHolder(opened, { name, publicKey, note: text(values, 'note') ?? null });
  context.terminal.say(
    `${context.terminal.good('registered')}  ${printable(name)}, ${holder.key.type} ${holder.key.fingerprint}`,
  );
  context.terminal.say('Compare the fingerprint with the one that they read out: ssh-keygen -lf FILE.pub');
  await stampAtEnd(context, opened);
  context.terminal.say('next: dalil custody transfer --what A-0001|all --from NAME --to NAME --at TIME --why TEXT');
  return 0;
}

async function claim(context: Context, values: Values): Promise<number> {
  const date = (name: string) => {
    const given = need(values, name, 'DATE, or unknown');
    return given === 'unknown' ? null : given;
  };
  const opened = await context.openCase({ write: true });
  const { position } = await claimCustody(opened, {
    accession: need(values, 'accession', 'A-0001'),
    holder: need(values, 'holder', 'TEXT'),
    from: date('from'),
    to: date('to'),
    by: need(values, 'by', 'WHO-SAYS-SO'),
    how: text(values, 'how') ?? null,
  });
  context.terminal.say(
    `${context.terminal.good('written down')}  as a claim, record ${position}: who says so is on record, that it was so is not.`,
  );
  await stampAtEnd(context, opened);
  context.terminal.say('next: dalil custody');
  return 0;
}

async function transfer(context: Context, values: Values): Promise<number> {
  const { terminal, json, cwd } = context;
  const event = text(values, 'event') ?? 'transfer';
  if (!custodyEvents.includes(event as CustodyEvent)) {
    throw usage('There is no such event.', custodyEvents.join(', '), event, 'dalil custody --help');
  }
  const what = texts(values, 'what');
  if (what.length === 0) throw usage('What is handed over?', '--what A-0001, E-00001, … or all', 'nothing');
  const opened = await context.openCase({ write: false });
  const handOver = {
    event: event as CustodyEvent,
    what: what.includes('all') ? [] : what,
    from: need(values, 'from', 'NAME'),
    to: need(values, 'to', 'NAME'),
    when: need(values, 'at', 'TIME'),
    why: need(values, 'why', 'TEXT'),
  };
  const receipt = await proposeReceipt(opened, handOver, new Date());
  const bytes = receiptBytes(receipt);
  const out = resolve(cwd, text(values, 'out') ?? 'receipt.txt');
  const { receiptPdf } = await import('../../report/receipt.ts');
  const paper = `${out.slice(0, out.length - extname(out).length)}.pdf`;
  const pdf = await receiptPdf(receipt);
  await writeNew(out, bytes);
  await writeNew(paper, pdf);
  if (json) terminal.out(JSON.stringify({ ...receipt, path: out, paper }));
  else {
    terminal.say(`${terminal.good('written')}  ${out}: nothing is recorded before both have signed it`);
    terminal.say(`${terminal.good('written')}  ${paper}: the same on paper`);
  }
  terminal.say(`Each side, on their own machine: ssh-keygen -Y sign -n ${receiptNamespace} -f KEY ${out}`);
  terminal.say(`next: dalil custody receive ${out} --signature FROM.sig --signature TO.sig`);
  return 0;
}

async function receive(context: Context, path: string, values: Values): Promise<number> {
  const bytes = await readGiven(context, path);
  const signatures = await Promise.all(texts(values, 'signature').map((file) => readGiven(context, file)));
  const opened = await context.openCase({ write: true });
  const record = await receiveReceipt(
    opened,
    bytes,
    signatures.map((one) => one.toString('utf8')),
  );
  if (context.json) context.terminal.out(JSON.stringify({ record: record.position, id: record.id }));
  else
    context.terminal.say(`${context.terminal.good('written down')}  both signatures hold; record ${record.position}`);
  await stampAtEnd(context, opened);
  context.terminal.say('next: dalil custody');
  return 0;
}

/** A small file that was named. */
export async function readGiven({ cwd }: Pick<Context, 'cwd'>, path: string): Promise<Buffer> {
  return readFile(resolve(cwd, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new Fault('input-unreadable', {
      what: 'A file that was named cannot be read.',
      got: cause.code ?? 'an error',
      next: 'check its name',
      cause,
    });
  });
}

/** Writes a file that is not there yet. */
export async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw asFault(error, 'writing the text to sign');
    throw usage('A file would be written over.', 'an --out that is not there yet', 'one that is');
  });
}
