// dalil dossier, export: what leaves the case.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Fault } from '../../case/fault.ts';
import { readDossierInput } from '../../dossier-input.ts';
import { buildDossier, nextState } from '../../report/build.ts';
import { exportBundle } from '../../report/bundle.ts';
import { dossierContent } from '../../report/dossier.ts';
import type { Selection } from '../../report/selection.ts';
import { text, usage, type Command, type Context, type Values } from '../command.ts';
import { stampAtEnd } from './stamp.ts';

export const dossierCommand: Command = {
  name: 'dossier',
  usage: 'build|check <id> [--out FILE]',
  summary: 'the report; `check` says whether everything in it leads to its evidence',
  options: { out: { type: 'string' } },
  help: [['--out FILE', 'the PDF (beside the case: <case>-<id>.pdf)']],
  async run(context, { positionals, values }) {
    const { terminal, json, cwd } = context;
    const [act, name, ...more] = positionals;
    if ((act !== 'build' && act !== 'check') || name === undefined || more.length > 0 || !/^[\w-]{1,64}$/.test(name)) {
      throw usage(
        'Build or check which dossier?',
        'dalil dossier build|check <id>, the id of letters, digits, - and _',
        positionals.join(' '),
      );
    }
    const opened = await context.openCase({ write: act === 'build' });
    const input = await readDossierInput(opened, await nextState(opened, name));
    if (act === 'check') {
      const content = dossierContent(input);
      if (json) terminal.out(JSON.stringify({ ok: true, figures: content.figures.length }));
      else
        terminal.say(
          `${terminal.good('cited')}  ${content.figures.length} figures and every passage lead to records under checkpoint ${input.view.checkpoint.size}`,
        );
      return 0;
    }
    const beside = join(dirname(opened.folder.path), `${basename(opened.folder.path)}-${name}.pdf`);
    const out = text(values, 'out');
    terminal.say(`setting edition ${input.edition} at checkpoint ${input.view.checkpoint.size}`);
    const built = await buildDossier(opened, name, input, out === undefined ? beside : resolve(cwd, out));
    if (json) terminal.out(JSON.stringify(built));
    else for (const path of built.paths) terminal.say(`${terminal.good('built')}  ${path}`);
    terminal.say(`${built.pages} pages; it names paths and handles of the case, and is not for publication as it is`);
    await stampAtEnd(context, opened);
    terminal.say('next: dalil export --format bundle --out PATH');
    return 0;
  },
};

export const exportCommand: Command = {
  name: 'export',
  usage:
    '--format bundle --out PATH [--item E-00012 …|--items FILE] [--field NAME …|--without NAME …] [--originals] [--redacted] [--zip] [--recipient AGE1… …]',
  summary: 'a bundle that strangers can verify offline, of everything or of what is chosen',
  options: {
    format: { type: 'string' },
    out: { type: 'string' },
    item: { type: 'string', multiple: true },
    items: { type: 'string' },
    field: { type: 'string', multiple: true },
    without: { type: 'string', multiple: true },
    dossier: { type: 'boolean' },
    originals: { type: 'boolean' },
    redacted: { type: 'boolean' },
    zip: { type: 'boolean' },
    recipient: { type: 'string', multiple: true },
  },
  help: [
    ['--format bundle', 'a BagIt bag: records, proofs, checkpoint, dossier, and how to check them'],
    ['--out PATH', 'a folder that does not exist yet; a name that ends with .zip: one zip'],
    ['--item E-00012', 'disclose this item, and the records that speak of it alone; several times'],
    ['--items FILE', 'the same for a list of handles, one a line'],
    ['--field NAME', 'of what is chosen, show these fields alone (path, metadata, …); several times'],
    [
      '--without NAME',
      'show all fields but these; several times. `files` has the hash of the original, and whoever has the same file knows it by that; values too large for a record are shown together with `files`, or not at all',
    ],
    ['--dossier', 'carry the dossier although something was chosen; it speaks of all items'],
    ['--originals', 'carry the originals as well; without it they stay in the case, and are counted as withheld'],
    [
      '--redacted',
      'of items that have a redacted copy, carry it, and show nothing that tells or describes the original',
    ],
    ['--zip', 'one zip instead of a folder'],
    ['--recipient AGE1…', 'the zip encrypted to this age recipient (PATH.zip.age); several times'],
  ],
  async run(context, { values }) {
    const { terminal, json, cwd, signal } = context;
    const format = text(values, 'format') ?? 'bundle';
    const out = text(values, 'out');
    if (format !== 'bundle') throw usage('There is no such format.', 'bundle', format);
    if (out === undefined) throw usage('A bundle needs a place.', '--out PATH', 'nothing');
    const selection = await readSelection(context, values);
    const opened = await context.openCase({ write: true });
    const bundle = await exportBundle(opened, {
      out: resolve(cwd, out),
      selection,
      ...(values['dossier'] === true ? { dossier: true } : {}),
      originals: values['originals'] === true,
      zip: values['zip'] === true,
      recipients: ((values['recipient'] ?? []) as string[]).map(String),
      date: new Date().toISOString(),
      signal,
      progress: terminal.progress,
    });
    terminal.clear();
    if (json) terminal.out(JSON.stringify(bundle));
    else {
      const n = (count: number) => count.toLocaleString('en');
      const { disclosed, withheld } = bundle.items;
      terminal.say(`${terminal.good('packed')}  ${bundle.path}`);
      terminal.say(
        `${n(bundle.records)} records with their proofs, ${n(bundle.carried)} ${bundle.carried === 1 ? 'file' : 'files'} carried, ${n(bundle.withheld)} withheld`,
      );
      terminal.say(`${n(disclosed)} of ${n(disclosed + withheld)} items disclosed; the bundle says how many are not`);
    }
    await stampAtEnd(context, opened);
    const sealed = bundle.path.endsWith('.age');
    terminal.say(
      `next: ${sealed ? 'its recipient opens it with age -d -i KEY -o bundle.zip, and then: dalil verify bundle.zip' : `dalil verify ${relative(cwd, bundle.path)}`}`,
    );
    return 0;
  },
};

/** What the options choose. Fault('usage') where they contradict each other, ('input-unreadable') on a list. */
async function readSelection({ cwd }: Context, values: Values): Promise<Selection> {
  const many = (name: string): string[] | undefined => (values[name] as string[] | undefined)?.map(String);
  const [item, only, without] = [many('item'), many('field'), many('without')];
  const list = text(values, 'items');
  if (item !== undefined && list !== undefined) throw usage('Items are named twice.', '--item or --items', 'both');
  if (only !== undefined && without !== undefined) {
    throw usage('Fields are chosen twice.', '--field or --without', 'both');
  }
  const fields = only !== undefined ? { only } : without !== undefined ? { without } : undefined;
  const items = list === undefined ? item : await readHandles(resolve(cwd, list));
  return {
    ...(items === undefined ? {} : { items }),
    ...(fields === undefined ? {} : { fields }),
    ...(values['redacted'] === true ? { redacted: true } : {}),
  };
}

async function readHandles(path: string): Promise<string[]> {
  const lines = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Fault('input-unreadable', { what: 'The list of items cannot be read.', next: 'check its name', cause });
  });
  return lines
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
