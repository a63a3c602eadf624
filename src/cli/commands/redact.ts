// dalil redact: a copy of a picture with solid boxes over what may not be seen.
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { asFault } from '../../case/fault.ts';
import type { Box } from '../../report/redacted-picture.ts';
import { listRedactions, redact, type Redacted } from '../../report/redaction.ts';
import { text, usage, whole, type Command, type Context } from '../command.ts';
import { stampAtEnd } from './stamp.ts';

export const redactCommand: Command = {
  name: 'redact',
  usage: '[<item> [--box X,Y,W,H]… [--width N] [--out FILE]]',
  summary:
    'a copy of a picture without metadata, with solid boxes over what may not be seen; alone: the copies there are',
  options: { box: { type: 'string', multiple: true }, width: { type: 'string' }, out: { type: 'string' } },
  help: [
    ['--box X,Y,W,H', 'paint over: pixels of the picture as shown, upright and at full size; several times'],
    ['--width N', 'make it smaller: at most N pixels wide'],
    ['--out FILE', 'write the copy here too, to look at it'],
  ],
  async run(context, { positionals, values }) {
    const { terminal, json, cwd } = context;
    const [item, ...more] = positionals;
    if (more.length > 0) throw usage('One item at a time.', 'dalil redact E-00012', positionals.join(' '));
    if (item === undefined) return list(context);
    const boxes = Array.isArray(values['box']) ? values['box'].map((box) => parseBox(String(box))) : [];
    const width = whole(values, 'width', 1, 65_535) ?? null;
    const opened = await context.openCase({ write: true });
    const made = await redact(opened, item, { boxes, width });
    const out = text(values, 'out');
    if (out !== undefined) {
      const jpeg = await readFile(join(opened.folder.path, made.path));
      await writeFile(resolve(cwd, out), jpeg, { mode: 0o600 }).catch((error: unknown) => {
        throw asFault(error, 'writing the copy');
      });
    }
    if (json) terminal.out(JSON.stringify(made));
    else terminal.say(`${terminal.good('redacted')}  ${line(made)}`);
    await stampAtEnd(context, opened);
    terminal.say('next: look at the copy before it leaves; what the boxes do not cover is in it');
    return 0;
  },
};

async function list({ openCase, terminal, json }: Context): Promise<number> {
  for (const one of await listRedactions(await openCase({ write: false }))) {
    terminal.out(json ? JSON.stringify(one) : line(one));
  }
  return 0;
}

const line = ({ handle, item, width, height, bytes, path }: Redacted): string =>
  [handle, `of ${item}`, `${width} x ${height}`, `${bytes} bytes`, path].join('\t');

/** Four whole numbers; Fault('usage') on anything else. */
export function parseBox(given: string): Box {
  const [x, y, width, height] = given.split(',').map(Number);
  if (!/^\d{1,6},\d{1,6},[1-9]\d{0,5},[1-9]\d{0,5}$/.test(given)) {
    throw usage('A box is four whole numbers.', 'X,Y,WIDTH,HEIGHT in pixels, as 120,40,300,80', given);
  }
  return { x: x!, y: y!, width: width!, height: height! };
}
