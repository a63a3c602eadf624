// dalil destroy: originals destroyed for one of the reasons that there are, when two registered holders have signed the
// same text with keys of their own.
import { resolve } from 'node:path';
import { deaccessionNamespace, destructionReasons, type DestructionReason } from '@dalil/verify';
import {
  approveDeaccession,
  consentExplanation,
  deaccessionBytes,
  membersOf,
  proposeDeaccession,
} from '../../seal/destruction.ts';
import { text, texts, usage, type Command, type Context, type Values } from '../command.ts';
import { readGiven, writeNew } from './custody.ts';
import { stampAtEnd } from './stamp.ts';

export const destroyCommand: Command = {
  name: 'destroy',
  usage: 'propose E-… --reason R --why TEXT | approve TEXT --signature FILE.sig …',
  summary: 'destroy originals, for five reasons only, with the signatures of two people; a record of it stays',
  options: {
    reason: { type: 'string' },
    why: { type: 'string' },
    out: { type: 'string' },
    signature: { type: 'string', multiple: true },
  },
  help: [
    ['propose E-00001 …', 'write the text that two registered holders sign; nothing is destroyed yet'],
    ['  --reason R', destructionReasons.join(', ')],
    ['  --why TEXT', 'one line, without names: it stays'],
    ['  --out FILE', 'the text (deaccession.txt)'],
    ['approve TEXT --signature FILE.sig …', 'destroy what the text names: its record is sealed, then the bytes go'],
  ],
  async run(context, { positionals, values }) {
    const [act, ...rest] = positionals;
    if (act === 'propose' && rest.length > 0) return propose(context, rest, values);
    if (act === 'approve' && rest.length === 1) return approve(context, rest[0]!, values);
    throw usage('What is to be done?', `dalil destroy ${destroyCommand.usage}`, positionals.join(' '));
  },
};

async function propose(context: Context, items: readonly string[], values: Values): Promise<number> {
  const { terminal, json, cwd } = context;
  const reason = text(values, 'reason') as DestructionReason | undefined;
  const why = text(values, 'why');
  if (reason === undefined || !destructionReasons.includes(reason)) {
    throw usage('There are five reasons to destroy.', destructionReasons.join(', '), reason ?? 'nothing');
  }
  if (why === undefined) throw usage('--why is needed.', '--why TEXT', 'nothing', 'dalil destroy --help');
  const opened = await context.openCase({ write: false });
  const deaccession = await proposeDeaccession(opened, { items, reason, why });
  const out = resolve(cwd, text(values, 'out') ?? 'deaccession.txt');
  await writeNew(out, deaccessionBytes(deaccession));
  if (json) terminal.out(JSON.stringify({ ...deaccession, path: out }));
  else terminal.say(`${terminal.good('written')}  ${out}: nothing is destroyed before two people have signed it`);
  if (reason === 'consent-withdrawn') terminal.say(consentExplanation);
  const { remains } = deaccession;
  if (remains.length > 0) {
    terminal.say(
      terminal.bad(`Their bytes stay within ${remains.join(', ')}: name these archives as well, or know it.`),
    );
  }
  const members = await membersOf(opened, items);
  if (members > 0) terminal.say(terminal.bad(`${members} items came out of these archives, and stay.`));
  terminal.say('Not erased: what records say of them (path, size, hash), and copies, backups and bundles elsewhere.');
  terminal.say(`Two registered holders, each: ssh-keygen -Y sign -n ${deaccessionNamespace} -f KEY ${out}`);
  terminal.say(`next: dalil destroy approve ${out} --signature ONE.sig --signature OTHER.sig`);
  return 0;
}

async function approve(context: Context, path: string, values: Values): Promise<number> {
  const { terminal, json } = context;
  const bytes = await readGiven(context, path);
  const signatures = await Promise.all(texts(values, 'signature').map((file) => readGiven(context, file)));
  const opened = await context.openCase({ write: true });
  const record = await approveDeaccession(
    opened,
    bytes,
    signatures.map((one) => one.toString('utf8')),
  );
  if (json) terminal.out(JSON.stringify({ record: record.position, id: record.id, destroyed: record.fields['count'] }));
  else
    terminal.say(
      `${terminal.good('destroyed')}  ${String(record.fields['count'])} originals; record ${record.position} stays`,
    );
  await stampAtEnd(context, opened);
  terminal.say('Copies, backups and bundles have them still: destroy them there as well.');
  terminal.say('next: dalil verify');
  return 0;
}
