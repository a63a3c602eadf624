// dalil checkpoint request, cosign, witness: outside watchers of the log, asked by a text that somebody carries.
import { resolve } from 'node:path';
import { formatNoteKey } from '@dalil/verify';
import {
  addWitness,
  keepCosignatures,
  withdrawWitness,
  witnesses,
  witnessRequest,
  type Witness,
} from '../../seal/witness.ts';
import { readText, text, usage, whole, type Context, type Values } from '../command.ts';
import { columns, printable } from '../terminal.ts';

export const witnessForms =
  'dalil checkpoint [--page FILE] [--signed], or: dalil checkpoint request NAME [--old SIZE] | cosign FILE | witness add|list|withdraw [NAME]';

/** What stands behind `dalil checkpoint`. Gives the exit code. */
export async function checkpointActs(
  context: Context,
  positionals: readonly string[],
  values: Values,
): Promise<number> {
  const [act, first, second, ...more] = positionals;
  if (act === 'request' && first !== undefined && second === undefined) return request(context, first, values);
  if (act === 'cosign' && first !== undefined && second === undefined) return cosign(context, first);
  if (act === 'witness' && more.length === 0) {
    if (first === 'list' && second === undefined) return list(context);
    if (first === 'add' && second !== undefined) return add(context, second, values);
    if (first === 'withdraw' && second !== undefined) return withdraw(context, second);
  }
  throw usage('What is to be done?', witnessForms, positionals.join(' '));
}

async function request(context: Context, name: string, values: Values): Promise<number> {
  const { terminal, json } = context;
  const opened = await context.openCase({ write: false });
  const body = await witnessRequest(opened, name, whole(values, 'old', 0, Number.MAX_SAFE_INTEGER));
  if (json) terminal.out(JSON.stringify({ witness: name, size: opened.log.size, request: body }));
  else terminal.out(body.trimEnd());
  terminal.say('It is the body of a POST to the address that the witness gave, with /add-checkpoint behind it.');
  terminal.say('next: cat REQUEST ANSWER > COSIGNED; dalil checkpoint cosign COSIGNED');
  return 0;
}

async function cosign(context: Context, file: string): Promise<number> {
  const { terminal, json, cwd } = context;
  const given = await readText(resolve(cwd, file));
  const cosigned = await keepCosignatures(await context.openCase({ write: true }), given);
  for (const one of cosigned) {
    const { witness, size, time, state } = one;
    if (json) terminal.out(JSON.stringify(one));
    else
      terminal.say(
        `${terminal.good('witnessed')}  ${witness}: ${size.toLocaleString('en')} records at ${time}${state === 'known' ? ', known before' : ''}`,
      );
  }
  terminal.say('next: dalil verify');
  return 0;
}

async function add(context: Context, name: string, values: Values): Promise<number> {
  const key = text(values, 'key');
  if (key === undefined) throw usage('A witness has a key.', 'dalil checkpoint witness add NAME --key KEY', 'no --key');
  await addWitness(await context.openCase({ write: true }), name, key);
  context.terminal.say(
    'Whoever watches this log sees how many records it has, and when it grows. It sees nothing else.',
  );
  context.terminal.say(`next: dalil checkpoint request ${name}`);
  return 0;
}

async function withdraw(context: Context, name: string): Promise<number> {
  await withdrawWitness(await context.openCase({ write: true }), name);
  context.terminal.say('Nothing more is taken from it. Its cosignatures stand.');
  context.terminal.say('next: dalil checkpoint witness list');
  return 0;
}

async function list(context: Context): Promise<number> {
  const { terminal, json } = context;
  const known = await witnesses(await context.openCase({ write: false }));
  if (json) {
    for (const { name, key, newest } of known) {
      terminal.out(JSON.stringify({ name, key: formatNoteKey(key), newest }));
    }
  } else {
    const rows = known.map((one) => [one.name, one.key.name, sayNewest(one)]);
    for (const line of columns(rows)) terminal.out(printable(line));
  }
  terminal.say(`next: dalil checkpoint ${known.length === 0 ? 'witness add NAME --key KEY' : 'request NAME'}`);
  return 0;
}

/** One sentence: what a witness has cosigned. */
export function sayNewest({ newest }: Pick<Witness, 'newest'>): string {
  return newest === null ? 'nothing cosigned yet' : `${newest.size.toLocaleString('en')} records at ${newest.time}`;
}
